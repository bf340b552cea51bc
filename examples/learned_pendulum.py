# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# A pendulum from what was seen of it

Angles and momenta of forty swings, nothing else.  A Hamiltonian network learns H(θ, p), so that its energy cannot
drift; its period at each amplitude is held against the elliptic integral.
"""

# %%
import numpy as np

from isinglass import approximate
from isinglass.approximation.mechanics.rollout import mean_period, measured_along, rollout
from isinglass.exact.mechanics import pendulum
from isinglass.systems import Trajectories

rng = np.random.default_rng(0)
t = np.linspace(0.0, 7.0, 36)
starts = zip(rng.uniform(0.3, 2.5, 40), rng.uniform(0.0, 10.0, 40), strict=True)
swings = np.array([pendulum.motion(t + begin, amplitude) for amplitude, begin in starts])

result = approximate(0, Trajectories(t, swings, angles=(0,)), steps=4000, duration=100.0)
print(result)
assert result.verdict == "pass"

# %% [markdown]
# The learned equation is a function of the state; `rollout` follows it by symplectic steps.

# %%
motion = result.models["motion"]
print("amplitude   period   exact")
for amplitude in (0.5, 1.0, 2.0):
    exact = pendulum.period(amplitude)
    s = np.linspace(0.0, 4 * exact, 401)
    y = rollout(motion, np.array([[amplitude, 0.0]]), float(s[1]), len(s), 4)
    found = mean_period(s, y[0, :, 0], measured_along(motion, y)[0, :, 0])
    print(f"{amplitude:9}   {found:.4f}   {exact:.4f}")
    assert abs(found / exact - 1) < 0.01

# %% [markdown]
# Friction has no Hamiltonian: the held-out swings do not conserve what the network learned.

# %%
damped = swings * np.exp(-0.05 * t)[None, :, None]
wrong = approximate(0, Trajectories(t, damped, angles=(0,)), steps=2000, duration=20.0)
print(wrong)
assert wrong.verdict == "fail"
