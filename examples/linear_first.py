# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# The first thing to try: a line, with errors that are tested

A pendulum's period is measured for 400 lengths and masses.  The logarithm of the period is linear in those of the two:
T = 2π √(l/g) has the exponents ½ and 0.  Then a relation that is not linear, which the checks must refute.
"""

# %%
import numpy as np

from isinglass import infer
from isinglass.inference.linear import TargetTable

rng = np.random.default_rng(0)
length, mass = rng.uniform(0.05, 2.0, 400), rng.uniform(0.1, 1.0, 400)
period = 2 * np.pi * np.sqrt(length / 9.81) * np.exp(0.02 * rng.normal(size=400))
X = np.log(np.stack([length, mass], axis=1))

result = infer(0, TargetTable(X, np.log(period), ("length", "mass")))
print(result)
assert result.verdict == "pass"
for name, exponent in (("length", 0.5), ("mass", 0.0)):
    found = result.estimates[f"coefficient/{name}"]
    assert found.error is not None
    assert abs(found.value - exponent) < 4 * found.error
g = 4 * np.pi**2 * np.exp(-2 * result.estimates["intercept"].value)
print(f"g = {g:.2f} m/s²")

# %% [markdown]
# The period itself is no linear function of the length: a small error, but the held-out rows show the curvature.

# %%
wrong = infer(0, TargetTable(np.stack([length, mass], axis=1), period, ("length", "mass")))
print(wrong)
assert wrong.verdict == "fail"
assert any("curvature" in check.law and check.verdict == "fail" for check in wrong.checks)

# %% [markdown]
# More columns than rows: ridge is the posterior under a prior whose width the data choose.

# %%
many = rng.normal(size=(150, 200))
w = rng.normal(size=200)
ridge = infer(0, TargetTable(many, many @ w + rng.normal(size=150)))
off = (ridge.arrays["coefficient"].to_numpy() - w) / ridge.arrays["coefficient_error"].to_numpy()
print(f"ridge: {np.mean(np.abs(off) < 1):.0%} of the coefficients within one error")
assert 0.5 < np.mean(np.abs(off) < 1) < 0.85
