# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # 5. Fields and Hamiltonian Monte Carlo
#
# **The question.** A field has a real number at each site, $p(\varphi) \propto
# e^{-S(\varphi)}$. To change one at a time is slow. To change all at random is
# hopeless: a random step raises the action in proportion to the number of sites. How
# can all variables move far at once, and the move still be accepted?
#
# **The idea** of Duane, Kennedy, Pendleton and Roweth
# ([1987](https://doi.org/10.1016/0370-2693(87)91197-X)): do not propose, *fall*. Give
# each variable a momentum $\pi_x$ from a normal law, and follow Hamilton's equations of
#
# $$H(\varphi, \pi) = \tfrac12 \sum_x \pi_x^2 + S(\varphi) , \qquad \dot\varphi = \pi ,
# \quad \dot\pi = -\nabla S .$$
#
# $H$ is conserved, so that $e^{-H}$ is the same at the end. A computer takes steps
# $dt$ and conserves it nearly; accept with probability $\min(1, e^{-\Delta H})$, and
# the law is exact at any step size, if the integrator is reversible and preserves
# volume. Leapfrog is: half a kick, then drifts and kicks in turn, half a kick.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np

from isinglass import sample
from isinglass.course import Exercise, near
from isinglass.exact.field import free_field as exact_field
from isinglass.systems import Phi4, free_field

# %% [markdown]
# ## The step, in plain Python
#
# The free field, $S = \tfrac12 \sum_x \bigl[ \sum_\mu (\varphi_{x+\mu} - \varphi_x)^2 +
# m^2 \varphi_x^2 \bigr]$, is solved: a set of oscillators of frequencies $\omega_p^2 =
# m^2 + \sum_\mu 4 \sin^2(p_\mu / 2)$. Five hundred chains at once, as arrays.

# %%
rng = np.random.default_rng(0)
L, m2 = 8, 0.5
axes = (1, 2)


def action(phi):
    """S of each chain."""
    bonds = sum((np.roll(phi, -1, axis) - phi) ** 2 for axis in axes)
    return 0.5 * np.sum(bonds + m2 * phi**2, axis=axes)


def force(phi):
    """-dS/dφ."""
    neighbors = sum(np.roll(phi, by, axis) for by in (1, -1) for axis in axes)
    return neighbors - (4 + m2) * phi


def leapfrog(phi, pi, dt, steps):
    """Velocity Verlet."""
    pi = pi + 0.5 * dt * force(phi)
    for step in range(steps):
        phi = phi + dt * pi
        pi = pi + (dt if step < steps - 1 else 0.5 * dt) * force(phi)
    return phi, pi


def trajectory(phi, dt, steps):
    """One trajectory of each chain: where it ends, and ΔH."""
    pi = rng.normal(size=phi.shape)
    moved, moved_pi = leapfrog(phi, pi, dt, steps)
    kinetic = 0.5 * np.sum(moved_pi**2 - pi**2, axis=axes)
    return moved, kinetic + action(moved) - action(phi)


def hmc(phi, dt, steps):
    """One trajectory, accepted or not; ΔH."""
    moved, dH = trajectory(phi, dt, steps)
    accepted = np.log(rng.random(len(dH))) < -dH
    return np.where(accepted[:, None, None], moved, phi), dH


phi, phi2 = np.zeros((500, L, L)), []
for number in range(120):
    phi, _ = hmc(phi, dt=0.2, steps=rng.integers(4, 11))  # why not always 7: exercise 2
    if number >= 20:
        phi2.append(np.mean(phi**2, axis=axes))
by_chain = np.mean(phi2, axis=0)
value, error = by_chain.mean(), by_chain.std(ddof=1) / np.sqrt(500)
print(f"by hand:  <φ²> = {value:.4f} ± {error:.4f}")
print(f"exact:    <φ²> = {exact_field.phi_squared((L, L), m2):.4f}")

# %% [markdown]
# Now vary the step, at trajectories of length near one. Leapfrog errs by $dt^2$ in
# $H$ over a trajectory, and the mean of $e^{-\Delta H}$ is 1 at *any* step, in
# equilibrium: that is what volume preservation says (Creutz,
# [1988](https://doi.org/10.1103/PhysRevD.38.1228)).

# %%
steps = np.array([3, 4, 6, 8, 12, 20])
spread, identity, identity_error, acceptance = np.zeros((4, len(steps)))
for i, n in enumerate(steps):
    dH = []
    for _ in range(20):
        phi, one = hmc(phi, dt=1 / n, steps=int(n))
        dH.append(one)
    weight = np.exp(-np.array(dH))
    spread[i] = np.std(dH)
    identity[i] = weight.mean()
    identity_error[i] = weight.mean(axis=0).std(ddof=1) / np.sqrt(500)
    acceptance[i] = np.minimum(1, weight).mean()

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.5))
left.loglog(1 / steps, spread, "ko", label="spread of ΔH")
left.loglog(1 / steps, spread[-1] * (steps[-1] / steps) ** 2, label="∝ dt²")
left.set(xlabel="dt", ylabel="standard deviation of ΔH")
left.legend()
right.errorbar(1 / steps, identity, identity_error, fmt="ko", label="mean of exp(-ΔH)")
right.plot(1 / steps, acceptance, "C1s", label="acceptance")
right.axhline(1, color="gray", lw=0.5)
right.set(xlabel="dt")
right.legend()
plt.show()

# %% [markdown]
# (Above $dt = 2 / \omega_{\max}$, here 0.69, the fastest oscillator is unstable:
# $\Delta H$ grows exponentially with the number of steps.)
#
# ## The experiment
#
# `sample` adapts step and length of the trajectories during the warm-up, then holds
# them fixed, but for a random change of each length. First a free field, whose
# correlations are known at all distances.

# %%
free = sample(
    0, free_field((12, 12), m2=0.2), method="hmc", samples=2048, progress=False
)
print(free)

# %% [markdown]
# Now the field with a quartic term, $S = \sum_x \bigl[ \sum_\mu (\varphi_{x+\mu} -
# \varphi_x)^2 + m^2 \varphi_x^2 + \lambda \varphi_x^4 \bigr]$ with $m^2 < 0$: at each
# site two wells. At a temperature $T$ the weight is $e^{-S/T}$. Hot, the field is
# about zero on average; cold, it chooses a well.

# %%
temperatures = np.linspace(0.4, 1.6, 9)
quartic = sample(
    1,
    Phi4((10, 10), m2=-4, lam=5),
    temperatures,
    method="hmc",
    samples=512,
    progress=False,
)
print(quartic)

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.5))
order, error = (
    quartic.arrays[f"mean_absolute_order_parameter{of}"] for of in ("", "_error")
)
left.errorbar(temperatures, order, error, fmt="ko-")
left.set(xlabel="T", ylabel="mean of |field average|", ylim=(0, None))
mean_field = quartic.arrays["order_parameter"].to_numpy()
drawn_at = quartic.arrays["temperature"].to_numpy()
bins = np.linspace(-0.8, 0.8, 41)
for T in temperatures[[0, 3, 8]]:
    right.hist(mean_field[drawn_at == T], bins, histtype="step", label=f"T = {T:.2f}")
right.set(xlabel="field average", ylabel="configurations")
right.legend()
plt.show()

# %% [markdown]
# ## The exact check
#
# **The identity** $\langle e^{-\Delta H} \rangle = 1$, the **order** of leapfrog, and
# $\langle \varphi^2 \rangle$ of the program by hand.

# %%
assert abs(value - exact_field.phi_squared((L, L), m2)) < 4 * by_chain.std() / 500**0.5
deviation = (identity - 1) / identity_error
print("exp(-ΔH), deviation from 1 in standard errors:", np.round(deviation, 1))
assert np.all(np.abs(deviation) < 4.5)
slope = np.log(spread[-3] / spread[-1]) / np.log(steps[-1] / steps[-3])
print(f"spread of ΔH ∝ dt^{slope:.2f}")
assert abs(slope - 2) < 0.15

# %% [markdown]
# **The propagator** of the free field, $G(x) = \langle \varphi_0 \varphi_x \rangle =
# \frac{1}{V} \sum_p e^{ipx} / \omega_p^2$; $G(0)$ is $\langle \varphi^2 \rangle$.

# %%
fields = free.arrays["configurations"].to_numpy().astype(float)
chains = free.arrays["chain"].to_numpy()
power = np.abs(np.fft.fft2(fields)) ** 2 / fields[0].size
each = np.fft.ifft2(power).real[:, 0, :7]  # φ_0 φ_x of a configuration, over all places
by_chain = np.array([each[chains == c].mean(axis=0) for c in np.unique(chains)])
G, G_error = by_chain.mean(axis=0), by_chain.std(axis=0, ddof=1) / len(by_chain) ** 0.5
exact_G = exact_field.propagator((12, 12), 0.2)[0, :7]
figure, axis = plt.subplots(figsize=(6, 3.5))
axis.plot(exact_G, label="exact")
axis.errorbar(range(7), G, G_error, fmt="k.", label="HMC")
axis.set(xlabel="x", ylabel="G(x)", yscale="log")
axis.legend()
plt.show()
print("deviations in standard errors:", np.round((G - exact_G) / G_error, 1))
assert np.all(np.abs(G - exact_G) < 5 * G_error)
assert free.verdict == quartic.verdict == "pass"

# %% [markdown]
# **With the quartic term** a torus of 4 x 4 sites is solved by a transfer operator.
# (For the larger one above the verdict rests on the virial theorem, $\langle \sum_x
# \varphi_x\, \partial S / \partial \varphi_x \rangle = V T$, and on chains that agree.)

# %%
small = Phi4((4, 4), m2=-4, lam=5)
drawn = sample(2, small, method="hmc", samples=4096, chains=64, progress=False).arrays
square = np.mean(drawn["configurations"].to_numpy() ** 2, axis=axes)
chains = drawn["chain"].to_numpy()
by_chain = np.array([square[chains == c].mean() for c in range(64)])
measured, error = by_chain.mean(), by_chain.std(ddof=1) / 8
known = small.exact_moments().phi2
print(f"4 x 4: <φ²> = {measured:.4f} ± {error:.4f}, exact {known:.4f}")
assert abs(measured - known) < 4 * error

# %% [markdown]
# What is *not* shown: that a cold field crosses between its wells. Each chain has
# chosen one at the start, and a trajectory follows the force, back into the well. The
# two peaks of the coldest histogram are there since there are many chains; a single one
# would show one of them.

# %% [markdown]
# ## Exercise 1: how much is accepted
#
# For many sites $\Delta H$ is a sum of many small errors, hence normal, with standard
# deviation $\sigma$. Which mean must it have, if $\langle e^{-\Delta H} \rangle = 1$?
# Write the acceptance as a function of $\sigma$. (`math.erfc` is the complementary
# error function.)


# %% tags=["grader"]
def accepts(acceptance):
    """The mean of min(1, exp(-x)) over a normal law in which that of exp(-x) is 1."""
    u = np.linspace(-12, 12, 100_001)
    normal = np.exp(-(u**2) / 2) / np.sum(np.exp(-(u**2) / 2))
    return all(
        np.isclose(
            acceptance(sigma),
            normal @ np.minimum(1, np.exp(-(sigma**2 / 2 + sigma * u))),
            atol=1e-3,
        )
        for sigma in (0.1, 0.5, 1.0, 2.0)
    )


exercise_1 = Exercise(
    1,
    accepts,
    hint="the mean is sigma^2 / 2; ΔH < 0 and ΔH > 0 contribute the same, by balance.",
    wrong=(
        lambda sigma: np.exp(-(sigma**2) / 2),
        lambda sigma: np.exp(-sigma),
        lambda sigma: 0.5,
        lambda sigma: 1 - sigma / np.sqrt(2 * np.pi),
    ),
)

# %% tags=["answer"]
acceptance_of = ...
exercise_1(acceptance_of)

# %% tags=["solution"]
# 2 P(ΔH < 0) of a normal law with mean sigma^2 / 2. Since sigma^2 grows as V dt^4, the
# step needs to shrink only as V^(-1/4): steps that take all sites at once are cheap.
exercise_1(lambda sigma: math.erfc(sigma / 2**1.5))

# %% [markdown]
# ## Exercise 2: how far to go
#
# A trajectory that is too short is a random walk. One that is too long may come back.
# For $m^2 = 0.5$ and small steps, how long must it be, at least, for the mean field
# $\bar\varphi$ at its end to be *independent* of that at its start? (Measure the
# correlation with `trajectory`, or solve the motion of $\bar\varphi$.)

# %% tags=["grader"]
# The mean field is an oscillator of frequency m: cos(m t) = 0 for the first time
quarter = np.pi / 2 / np.sqrt(exact_field.spectrum((L, L), m2)[0, 0])
exercise_2 = Exercise(
    2,
    near(quarter, 0.05 * quarter),
    hint="all forces between neighbors cancel in the mean: what remains of dπ/dt?",
    wrong=(4 * quarter, 2 * quarter, np.pi / 2, np.pi / 2 / m2),
)

# %% tags=["answer"]
length = ...
exercise_2(length)

# %% tags=["solution"]
# A quarter of a period. After half of one every chain is at minus its start, after a
# whole one it has not moved. Some wave has such a period at any fixed length: with 7
# steps always, the program above started from 0 finds <φ²> = 0.29, too small. This is
# why it draws the number of steps at random, as `sample` does.
exercise_2(np.pi / 2 / np.sqrt(0.5))

# %% [markdown]
# ## Exercise 3: "the step is small enough"
#
# A friend accepts everything: "at $dt = 0.2$ nine of ten trajectories are accepted
# anyway". Which $\langle \varphi^2 \rangle$ does that program measure, in the free
# field of $8 \times 8$ sites with $m^2 = 0.5$? (Run it; or find what leapfrog conserves
# for one oscillator.)

# %% tags=["grader"]
# Leapfrog of one oscillator conserves π² + ω² (1 - ω² dt² / 4) φ²
omega2 = exact_field.spectrum((L, L), m2)
biased = np.mean(1 / (omega2 * (1 - omega2 * 0.2**2 / 4)))
unbiased = exact_field.phi_squared((L, L), m2)
exercise_3 = Exercise(
    3,
    near(biased, 0.25 * (biased - unbiased)),
    hint="take `trajectory` in place of `hmc`, with lengths that vary.",
    wrong=(
        unbiased,
        np.mean((1 - omega2 * 0.2**2 / 4) / omega2),
        2 * unbiased - biased,
    ),
)

# %% tags=["answer"]
phi_squared = ...
exercise_3(phi_squared)

# %% tags=["solution"]
# Fast oscillators are too wide, slow ones right; nothing in the run looks wrong.
careless, total = phi, []
for _ in range(220):
    careless, _ = trajectory(careless, dt=0.2, steps=rng.integers(4, 11))
    total.append(np.mean(careless**2))
exercise_3(np.mean(total[20:]))

# %% [markdown]
# ## To go on
#
# A flow that learns to draw the same field without a walk: the experiment
# [`phi4-flow`](../gallery/phi4-flow.md); [a field of your own](../howto/own_system.md);
# [Clusters](04_clusters.py), which do cross between wells;
# [how far to trust a result](../howto/trust.md).
