# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # 1. Metropolis and the Ising model
#
# **The question.** Spins $s_i = \pm 1$ on a square lattice like to agree with their
# neighbors,
#
# $$E(s) = -\sum_{\langle ij \rangle} s_i s_j ,$$
#
# and heat disturbs them. There are $2^{N}$ configurations; which of them does nature
# show at temperature $T$, and how can we draw them when nobody can sum the $2^{N}$
# weights $e^{-E/T}$?
#
# **The idea** of Metropolis, Rosenbluth, Rosenbluth, Teller and Teller
# ([1953](https://doi.org/10.1063/1.1699114)): walk. Propose to flip one spin, which
# changes the energy by $\Delta E = 2 s_i \sum_{j \sim i} s_j$, and accept with
# probability $\min(1, e^{-\Delta E / T})$. Then $p(s)\,P(s \to s') = p(s')\,P(s' \to
# s)$ for each pair of configurations, so that the Boltzmann law stays as it is under
# the walk: *detailed balance*.

# %%
import matplotlib.pyplot as plt
import numpy as np

from isinglass import sample
from isinglass.course import Exercise, near
from isinglass.exact.lattice import enumeration, kaufman, onsager
from isinglass.systems import Ising

# %% [markdown]
# ## The step, in plain Python
#
# Short enough to check with pen and paper, and far too slow to be used.

# %%
rng = np.random.default_rng(0)


def sweep(s, T):
    """L x L attempts to flip a random spin of s, in place."""
    L = len(s)
    for i, j in rng.integers(0, L, (L * L, 2)):
        neighbors = s[(i + 1) % L, j] + s[i - 1, j] + s[i, (j + 1) % L] + s[i, j - 1]
        dE = 2 * s[i, j] * neighbors
        if rng.random() < np.exp(-dE / T):
            s[i, j] *= -1


def energy(s):
    """E per site."""
    return -np.mean(s * np.roll(s, 1, axis=0) + s * np.roll(s, 1, axis=1))


spins = rng.choice([-1, 1], (8, 8))
trace = []
for _ in range(4100):
    sweep(spins, T=2.5)
    trace.append(energy(spins))
blocks = np.reshape(trace[100:], (20, 200)).mean(axis=1)  # exercise 3 says why
error = blocks.std(ddof=1) / np.sqrt(20)
print(f"by hand, 8 x 8, T = 2.5: E / N = {blocks.mean():.3f} ± {error:.3f}")
print(f"exact (Kaufman):         E / N = {kaufman.energy(2.5, 8):.6f}")

# %% [markdown]
# ## The experiment
#
# `sample` runs the same walk, compiled, at many temperatures and in many chains at
# once; 64 spins of 64 chains share a machine word. Each result carries the *checks*
# that it was held against: the exact energy of this finite lattice, the agreement of
# the chains, their autocorrelation.

# %%
temperatures = np.linspace(1.6, 3.2, 17)
result = sample(
    0, Ising((16, 16)), temperatures, samples=256, chains=32, method="metropolis"
)
print(result)

# %%
figure, axes = plt.subplots(1, 4, figsize=(10, 2.7))
configurations = result.arrays["configurations"].to_numpy()
drawn_at = result.arrays["temperature"].to_numpy()
for axis, T in zip(axes, (1.6, 2.2, 2.3, 3.2), strict=True):
    here = configurations[np.isclose(drawn_at, T)]
    axis.imshow(here[0], cmap="gray", vmin=-1, vmax=1)
    axis.set(title=f"T = {T}", xticks=[], yticks=[])
plt.show()

# %% [markdown]
# ## The exact check
#
# Onsager ([1944](https://doi.org/10.1103/PhysRev.65.117)) solved the infinite
# lattice, Kaufman ([1949](https://doi.org/10.1103/PhysRev.76.1232)) every finite one
# with periodic boundaries. Points: what the chains measured, with an error bar that
# knows of the autocorrelation. Lines: no fit, no free number.

# %%
N = 16 * 16
energy_per_site, error = (
    result.arrays[name].to_numpy() / N for name in ("mean_energy", "mean_energy_error")
)
order = result.arrays["mean_absolute_order_parameter"].to_numpy()
T = np.linspace(1.6, 3.2, 200)
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.5))
left.plot(T, kaufman.energy(T, 16), label="Kaufman, 16 x 16")
left.plot(T, onsager.energy(T), "--", label="Onsager, infinite")
left.errorbar(temperatures, energy_per_site, error, fmt="k.", label="Metropolis")
left.set(xlabel="T", ylabel="E / N")
left.legend()
right.plot(T, onsager.magnetization(T), "C1--", label="Yang, infinite")
right.plot(temperatures, order, "k.", label="Metropolis, 16 x 16")
right.axvline(onsager.critical_temperature(), color="gray", lw=0.5)
right.set(xlabel="T", ylabel="mean of |m|")
right.legend()
plt.show()

# %%
deviation = (energy_per_site - kaufman.energy(temperatures, 16)) / error
print("deviations from Kaufman in standard errors:", np.round(deviation, 1))
assert np.max(np.abs(deviation)) < 5
assert result.verdict == "pass"

# %% [markdown]
# The right figure shows what a finite lattice does: below $T_c = 2 / \ln(1 + \sqrt 2)
# = 2.269$ the points lie on Yang's curve
# ([1952](https://doi.org/10.1103/PhysRev.85.808)), above it $|m|$ does not vanish:
# the mean of an absolute value of a fluctuation of size $N^{-1/2}$. It is not order.

# %% [markdown]
# ## Exercise 1: another rule
#
# Metropolis is not the only rule that keeps detailed balance. Write an acceptance
# probability `A(dE, T)` that keeps it too and accepts *half* of the moves that cost
# nothing.


# %% tags=["grader"]
def keeps_balance(A):
    """0 <= A <= 1, A(dE) / A(-dE) = exp(-dE / T), A(0) = 1/2."""
    balanced = [
        0 <= A(dE, T) <= 1 and np.isclose(A(dE, T), A(-dE, T) * np.exp(-dE / T))
        for dE in (-8, -4, 0, 4, 8)
        for T in (1, 2.5)
    ]
    return all(balanced) and np.isclose(A(0, 1.0), 0.5)


exercise_1 = Exercise(
    1,
    keeps_balance,
    hint="A = w' / (w + w') with the weights w before and w' after the move.",
    wrong=(
        lambda dE, T: min(1.0, np.exp(-dE / T)),
        lambda dE, T: 0.5 * np.exp(-dE / T),
        lambda dE, T: 1 / (1 + np.exp(-dE / T)),
    ),
)

# %% tags=["answer"]
A = ...
exercise_1(A)

# %% tags=["solution"]
# The heat bath (Glauber): w' / (w + w') with w' / w = exp(-dE / T)
exercise_1(lambda dE, T: 1 / (1 + np.exp(dE / T)))

# %% [markdown]
# ## Exercise 2: sixteen states
#
# The 2 x 2 lattice with periodic boundaries has eight bonds, each pair of neighbors
# being joined twice. Compute its exact mean energy per site at $T = 2.5$ from all
# sixteen configurations.

# %% tags=["grader"]
pairs = np.array([(0, 1), (0, 1), (2, 3), (2, 3), (0, 2), (0, 2), (1, 3), (1, 3)])
exact_energy = (
    enumeration.boltzmann(
        enumeration.ising_energies(4, pairs), beta=1 / 2.5
    ).mean_energy
    / 4
)
exercise_2 = Exercise(
    2,
    near(exact_energy, 1e-4),
    hint="two states have E = -8, two have E = 8, all others E = 0.",
    wrong=(4 * exact_energy, -exact_energy, -2 * np.tanh(2 / 2.5)),
)

# %% tags=["answer"]
mean_energy = ...
exercise_2(mean_energy)

# %% tags=["solution"]
levels, states = np.array([-8, 0, 8]), np.array([2, 12, 2])
weights = states * np.exp(-levels / 2.5)
exercise_2(np.sum(levels * weights) / np.sum(weights) / 4)

# %% [markdown]
# ## Exercise 3: an honest error bar
#
# `series` is a chain of 20,000 steps with mean 0 and variance 1 whose steps are
# correlated, $\langle x_t x_{t+k} \rangle = 0.9^k$. Estimate the standard error of
# its mean, from the series alone. (What would you get if the steps were independent?)

# %%
noise = np.random.default_rng(1).normal(size=20_000)
series = np.empty_like(noise)
series[0] = noise[0]
for t in range(1, len(series)):
    series[t] = 0.9 * series[t - 1] + np.sqrt(1 - 0.9**2) * noise[t]

# %% tags=["grader"]
exact_error = np.sqrt(
    (1 + 0.9) / (1 - 0.9) / len(series)
)  # the sum over all correlations
exercise_3 = Exercise(
    3,
    near(exact_error, 0.2 * exact_error),
    hint="the means of blocks much longer than ten steps are independent.",
    wrong=(series.std() / np.sqrt(len(series)), series.std(), exact_error**2),
)

# %% tags=["answer"]
standard_error = ...
exercise_3(standard_error)

# %% tags=["solution"]
means = series.reshape(100, 200).mean(axis=1)
exercise_3(means.std(ddof=1) / np.sqrt(len(means)))

# %% [markdown]
# ## To go on
#
# [A sampler of your own](../howto/own_sampler.md) and how a mistake in it is found;
# [critical slowing down](04_clusters.py): why the walk gets stuck where it is most
# interesting; the experiment [`ising-phases`](../gallery/ising-phases.md).
