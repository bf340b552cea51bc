# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # 4. Critical slowing down and clusters
#
# **The question.** At $T_c$ the walk of [the first chapter](01_metropolis.py) is at its
# worst: regions as large as the lattice must turn, and it flips one spin at a time. The
# number of sweeps after which it has forgotten where it was grows as
#
# $$\tau \propto L^z .$$
#
# Is that physics, or only a bad choice of moves?
#
# **The idea** of Swendsen and Wang ([1987](https://doi.org/10.1103/PhysRevLett.58.86))
# and Wolff ([1989](https://doi.org/10.1103/PhysRevLett.62.361)): flip the right regions
# at once. Start at a random spin, and add each neighbor that agrees with probability
#
# $$p = 1 - e^{-2/T} ,$$
#
# then its neighbors, and so on. Flip all of them; reject nothing. Where the border of
# the cluster had $m$ agreeing bonds it now has $n$: the weight changes by
# $e^{2(n - m)/T}$, and the chance that growth stops just there by $(1 - p)^{n - m}$.
# The two cancel.

# %%
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

from isinglass import sample
from isinglass.course import Exercise, near
from isinglass.exact.lattice import kaufman, moments, onsager
from isinglass.stats.autocorrelation import autocorrelation, integrated_time
from isinglass.stats.fitting import power_law_fit
from isinglass.systems import Ising

T_c = onsager.critical_temperature()

# %% [markdown]
# ## The step, in plain Python

# %%
rng = np.random.default_rng(0)


def flip_cluster(s, p):
    """Flip one cluster of s, in place; its number of spins."""
    L = len(s)
    start = tuple(rng.integers(0, L, 2))
    sign, cluster, border = s[start], {start}, [start]
    while border:
        i, j = border.pop()
        for site in (
            ((i + 1) % L, j),
            ((i - 1) % L, j),
            (i, (j + 1) % L),
            (i, (j - 1) % L),
        ):
            if site not in cluster and s[site] == sign and rng.random() < p:
                cluster.add(site)
                border.append(site)
    for site in cluster:
        s[site] *= -1
    return len(cluster)


def mean_and_error(series):
    """Of a series, by 20 blocks."""
    blocks = np.reshape(series, (20, -1)).mean(axis=1)
    return blocks.mean(), blocks.std(ddof=1) / np.sqrt(20)


spins = rng.choice([-1, 1], (8, 8))
sizes = [flip_cluster(spins, 1 - np.exp(-2 / T_c)) for _ in range(6100)][100:]
size, size_error = mean_and_error(sizes)
print(f"mean cluster of 8 x 8 spins at T_c: {size:.2f} ± {size_error:.2f}")

# %% [markdown]
# ## The experiment
#
# The magnetization $m$ of independent chains at $T_c$, by single flips and by clusters.
# What single flips change last is its sign; clusters change the sign in each step, and
# what is left is $|m|$. A fair clock counts the spins that are flipped or tried: a
# sweep of single flips is $N$ of them, a cluster is $\langle |C| \rangle = N \langle
# m^2 \rangle$ (below).

# %%
lattices = (8, 16, 32)
runs = {
    "metropolis": {"chains": 64, "draws": 3000},
    "wolff": {"chains": 32, "draws": 500},
}
series, tau, tau_error, energy = {}, {}, {}, {}
for method, run in runs.items():
    for L in lattices:
        thin = L**2 // 16 if method == "metropolis" else 1  # about a twentieth of tau
        result = sample(
            L,
            Ising((L, L)),
            T_c,
            method=method,
            samples=run["chains"] * run["draws"],
            chains=run["chains"],
            thin=thin,
            warmup=100 * thin,
            configurations=False,
            effective_samples=None,
            progress=False,
        )
        assert result.verdict == "pass", result
        m = result.arrays["order_parameter"].to_numpy().reshape(run["draws"], -1).T
        sweeps = thin if method == "metropolis" else np.mean(m**2)
        x = jnp.asarray(m if method == "metropolis" else np.abs(m))
        each = sweeps * np.asarray(jax.vmap(integrated_time)(x).tau)
        series[method, L] = (
            sweeps,
            np.asarray(jax.vmap(autocorrelation)(x)).mean(axis=0),
        )
        tau[method, L] = each.mean()
        tau_error[method, L] = each.std(ddof=1) / np.sqrt(run["chains"])
        energy[method, L] = [
            float(result.arrays[f"mean_energy{of}"][0]) / L**2 for of in ("", "_error")
        ]
        told = f"{each.mean():7.2f} ± {tau_error[method, L]:.2f} sweeps"
        print(f"{method:10} L = {L:2}: τ = {told}")

# %%
fits = {
    method: power_law_fit(
        jnp.asarray(lattices, float),
        jnp.asarray([tau[method, L] for L in lattices]),
        jnp.asarray([tau_error[method, L] for L in lattices]),
    )
    for method in runs
}
z, z_error = (
    {method: float(getattr(fit, of)[1]) for method, fit in fits.items()}
    for of in ("coefficients", "errors")
)
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.5))
for method, mark in zip(runs, ("o", "s"), strict=True):
    sweeps, rho = series[method, 32]
    left.plot(sweeps * np.arange(1, 200), rho[1:200], label=method)
    each = [tau[method, L] for L in lattices]
    error = [tau_error[method, L] for L in lattices]
    label = f"{method}: z = {z[method]:.2f} ± {z_error[method]:.2f}"
    line = right.errorbar(lattices, each, error, fmt=mark, label=label)
    fitted = np.exp(float(fits[method].coefficients[0])) * np.power(lattices, z[method])
    right.plot(lattices, fitted, color=line[0].get_color())
left.axhline(0, color="gray", lw=0.5)
left.set(xscale="log", xlabel="sweeps, L = 32", ylabel="autocorrelation")
left.legend()
right.set(xscale="log", yscale="log", xlabel="L", ylabel="τ in sweeps")
right.set_xticks(lattices, map(str, lattices), minor=False)
right.minorticks_off()
right.legend()
plt.show()

# %% [markdown]
# Four times the side costs single flips nearly twenty times as many sweeps, of sixteen
# times as many spins. For clusters hardly anything changes. That $m$ fluctuates so much
# at $T_c$ is physics, and both walks show it; to be slow about it is a choice of moves.
#
# ## The exact check
#
# **Both walks have the same law**, that of Kaufman's finite lattice
# ([1949](https://doi.org/10.1103/PhysRev.76.1232)).

# %%
for (method, L), (value, error) in energy.items():
    exact = kaufman.energy(T_c, L)
    print(
        f"{method:10} L = {L:2}: E / N = {value:.5f} ± {error:.5f}, exact {exact:.5f}"
    )
    assert abs(value - exact) < 5 * error

# %% [markdown]
# **The mean cluster is the susceptibility.** Two spins are as correlated as they are
# likely to be in one cluster, $\langle s_i s_j \rangle = P(i \leftrightarrow j)$
# (Fortuin and Kasteleyn, [1972](https://doi.org/10.1016/0031-8914(72)90045-6)), so that
# $\langle |C| \rangle = N \langle m^2 \rangle$: known exactly for $L = 8$, by transfer
# matrix.

# %%
exact = 64 * moments.magnetization_moments(T_c, 8).m2
print(f"mean cluster {size:.2f} ± {size_error:.2f}, exact N <m²> = {exact:.3f}")
assert abs(size - exact) < 4 * size_error

# %% [markdown]
# **The exponents.** That of single flips is known by another method: $z = 2.1665 \pm
# 0.0012$ (Nightingale and Blöte,
# [1996](https://doi.org/10.1103/PhysRevLett.76.4548)).

# %%
for method in runs:
    print(f"z of {method} = {z[method]:.3f} ± {z_error[method]:.3f}")
assert abs(z["metropolis"] - 2.1665) < 0.15 + 3 * z_error["metropolis"]
assert z["wolff"] + 3 * z_error["wolff"] < 0.5

# %% [markdown]
# What is *not* shown: the asymptotic exponents. Lattices up to 32 are small, and the
# error of a fit knows nothing of corrections to scaling: single flips come out a
# little below the known value. Whether Wolff's $\tau$ is a small power of $L$ or a
# logarithm is a question of far larger lattices. And clusters are no universal cure: in
# frustrated magnets they span the lattice long before it is critical, and to flip all
# spins is to flip none.

# %% [markdown]
# ## Exercise 1: any other probability
#
# Somebody grows clusters with a bond probability $p$ of their own. It can be repaired
# by accepting the flip with probability $A$. Write `A(m, n, p, T)`, as large as
# possible, for a border with $m$ agreeing bonds before the flip and $n$ after it.


# %% tags=["grader"]
def balances(A):
    """0 <= A <= 1; flow there = flow back; the larger of the two is 1."""
    right = []
    for m, n in ((0, 4), (3, 3), (5, 1), (7, 9)):
        for p, T in ((0.2, 2.0), (0.7, 3.0), (1 - np.exp(-2 / 2.5), 2.5)):
            there, back = A(m, n, p, T), A(n, m, p, T)
            flow = (1 - p) ** m * there, (1 - p) ** n * np.exp(2 * (n - m) / T) * back
            right.append(np.isclose(*flow) and np.isclose(max(there, back), 1))
    return all(right)


exercise_1 = Exercise(
    1,
    balances,
    hint="the weight of the new state against the old is exp(2 (n - m) / T); growing "
    "this cluster from the new state takes a factor (1 - p)^n in place of (1 - p)^m.",
    wrong=(
        lambda m, n, p, T: 1.0,
        lambda m, n, p, T: min(1.0, np.exp(2 * (n - m) / T)),
        lambda m, n, p, T: min(1.0, ((1 - p) * np.exp(2 / T)) ** (m - n)),
    ),
)

# %% tags=["answer"]
A = ...
exercise_1(A)

# %% tags=["solution"]
# p = 0 is Metropolis (n - m = -dE / 2 of one spin), p = 1 - exp(-2/T) is Wolff: A = 1.
exercise_1(lambda m, n, p, T: min(1.0, ((1 - p) * np.exp(2 / T)) ** (n - m)))

# %% [markdown]
# ## Exercise 2: where clusters do not pay
#
# How many Wolff steps are needed on average to flip as many spins as there are, at $T =
# 4$ on 8 x 8 spins? Measure with `flip_cluster`, or find it without.

# %% tags=["grader"]
steps = 1 / moments.magnetization_moments(4.0, 8).m2  # N / <|C|>
exercise_2 = Exercise(
    2,
    near(steps, 0.05 * steps),
    hint="N divided by the mean cluster.",
    wrong=(1.0, 64.0, 64 / steps),
)

# %% tags=["answer"]
wolff_steps = ...
exercise_2(wolff_steps)

# %% tags=["solution"]
# Where nothing is correlated a cluster is one spin: a slow kind of Metropolis. Its
# time in *steps* is then long however quickly it forgets in spins flipped.
hot = rng.choice([-1, 1], (8, 8))
clusters = [flip_cluster(hot, 1 - np.exp(-2 / 4)) for _ in range(10_000)]
exercise_2(64 / np.mean(clusters))

# %% [markdown]
# ## Exercise 3: a forgotten factor of two
#
# A friend writes $p = 1 - e^{-1/T}$, runs it at $T = 1.2$ on 8 x 8 spins, accepts every
# cluster, and finds good error bars and chains that agree. Which energy per site does
# the program measure?

# %% tags=["grader"]
exact_energy = kaufman.energy(2.4, 8)
exercise_3 = Exercise(
    3,
    near(exact_energy, 0.02),
    hint="for which temperature would this p be right? (Or run it.)",
    wrong=(kaufman.energy(1.2, 8), kaufman.energy(0.6, 8), 2 * exact_energy),
)

# %% tags=["answer"]
measured_energy = ...
exercise_3(measured_energy)

# %% tags=["solution"]
# 1 - exp(-1/T) = 1 - exp(-2/T') at T' = 2 T = 2.4: detailed balance of another
# temperature. Nothing inside the run can tell; an exact energy can.
exercise_3(kaufman.energy(2.4, 8))

# %% [markdown]
# ## To go on
#
# The experiment
# [`critical-slowing-down`](../gallery/critical-slowing-down.md), with five sizes;
# [how far to trust a result](../howto/trust.md).
