# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# Parameters of a program

A program counts decays: it is told a rate, a background and a seed, and prints the counts in twelve intervals; at a
high rate it fails now and then.  It may be of any language: it is only started.  The posterior, from its prints
alone, is held against the one on a grid from the Poisson likelihood.
"""

# %%
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpyro import distributions as dist
from scipy.stats import poisson

from isinglass import infer
from isinglass.systems.simulator import ProgramSimulator

times = 0.25 * np.arange(12)
PROGRAM = """
import math, random, sys
rate, background, seed = float(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
random.seed(seed)
def poisson(mean):
    k, p = 0, random.random()
    while p > math.exp(-mean):
        k, p = k + 1, p * random.random()
    return k
if rate > 18 and random.random() < 0.1:
    sys.exit("the dead time is exceeded")
print(*(poisson(rate * math.exp(-0.25 * i) + background) for i in range(12)))
"""

# %% [markdown]
# Each simulation is a process of its own, on all cores.  What is printed is kept in a folder: stopped, the same call
# goes on from there, and with more `simulations` only the new ones are run.

# %%
prior = {"rate": dist.Uniform(2.0, 20.0), "background": dist.Uniform(0.0, 5.0)}
with tempfile.TemporaryDirectory() as folder:
    (Path(folder) / "decay.py").write_text(PROGRAM)
    program = ProgramSimulator([sys.executable, "-S", "decay.py", "{theta}", "{seed}"], folder=folder)
    observed = program.run(np.random.default_rng(1), np.array([10.0, 2.0]))
    result = infer(0, program, prior=prior, observation=observed, simulations=2000, steps=1500,
                   store=Path(folder) / "decays", time_limit=60.0)  # fmt: skip
print(result)
assert result.verdict == "unknown"  # for the simulations that failed, of which a note tells
assert "the dead time is exceeded" in result.notes[0]
assert {check.verdict for check in result.checks if "left out" not in check.law} == {"pass"}

# %% [markdown]
# The posterior on a grid, from the likelihood, of which the program says nothing.

# %%
rate, background = np.meshgrid(np.linspace(2, 20, 361), np.linspace(0, 5, 201), indexing="ij")
mean = rate[..., None] * np.exp(-times) + background[..., None]
log_p = poisson.logpmf(observed, mean).sum(axis=-1)
p = np.exp(log_p - log_p.max())
p /= p.sum()
for name, values in {"rate": rate, "background": background}.items():
    exact = float((p * values).sum())
    width = float((p * (values - exact) ** 2).sum()) ** 0.5
    found = result.estimates[name]
    print(f"{name}: {found}, on the grid {exact:.3f} ± {width:.3f}")
    assert found.error is not None
    assert abs(found.value - exact) < 0.5 * width
    assert 0.8 < found.error / width < 1.4
