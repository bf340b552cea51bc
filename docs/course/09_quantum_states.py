# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # 9. Quantum states
#
# **The question.** The state of $N$ spins 1/2 is a table of $2^N$ numbers $\psi(x)$,
# $x_i = \pm 1$. For 40 spins it fills eight terabytes. The states that nature chooses
# at zero temperature are special; can a small network hold one?
#
# **The idea** of Carleo and Troyer
# ([2017](https://arxiv.org/abs/1606.02318)): let a restricted Boltzmann machine be
# the wavefunction,
#
# $$\ln \psi_\theta(x) = \sum_i a_i x_i + \sum_j \ln \cosh \Big( b_j + \sum_i W_{ij}
# x_i \Big),$$
#
# and lower its energy, which is an average over configurations drawn from $|\psi|^2$,
#
# $$\langle H \rangle = \sum_x \frac{|\psi(x)|^2}{\sum_y |\psi(y)|^2} \,
# E_\mathrm{loc}(x) \ge E_0, \qquad E_\mathrm{loc}(x) = \sum_{x'} H_{xx'}
# \frac{\psi(x')}{\psi(x)} .$$
#
# No table is needed: a Markov chain draws $x$, and $H$ joins $x$ with few $x'$.

# %%
import matplotlib.pyplot as plt
import numpy as np

from isinglass import approximate
from isinglass.approximation import OrbitSummation
from isinglass.course import Exercise, near
from isinglass.exact.quantum import heisenberg as bethe_ansatz
from isinglass.exact.quantum import transverse_field_ising as free_fermions
from isinglass.systems import (
    heisenberg,
    hypercubic,
    translations,
    transverse_field_ising,
)
from isinglass.systems.quantum.operator import X, Z

# %% [markdown]
# ## The local energy, by hand
#
# The Ising ring in a transverse field,
#
# $$H = -\sum_i Z_i Z_{i+1} - h \sum_i X_i ,$$
#
# turns from order to disorder at $h = 1$. A state with one number to vary,
# $\psi(x) = e^{v \sum_i x_i x_{i+1}}$, makes ten spins a matter of a few lines: $X_i$
# flips spin $i$, which multiplies $\psi$ by $e^{-2 v x_i (x_{i-1} + x_{i+1})}$.

# %%
n, h = 10, 1.0
x = 1 - 2 * (np.arange(2**n)[:, None] >> np.arange(n) & 1)  # all 1024 configurations
neighbors = np.roll(x, 1, axis=1) + np.roll(x, -1, axis=1)
bonds = (x * np.roll(x, 1, axis=1)).sum(axis=1)


def energy_and_variance(v):
    """<H> and Var H in exp(v sum x_i x_(i+1)), by the sum over all configurations."""
    p = np.exp(2 * v * bonds)
    p /= p.sum()
    local = -bonds - h * np.exp(-2 * v * x * neighbors).sum(axis=1)
    return p @ local, p @ local**2 - (p @ local) ** 2


print(f"exact E_0 (free fermions) = {free_fermions.ground_energy(n, h):.6f}")
for v in (0.0, 0.1, 0.2, 0.3):
    E, variance = energy_and_variance(v)
    print(f"v = {v}:  <H> = {E:.4f}   Var H = {variance:.4f}")

# %% [markdown]
# No $v$ goes below the exact energy: the variational principle. And the variance is
# small where the energy is low. For an eigenstate $E_\mathrm{loc}$ is the same number
# at each $x$, the variance is zero, and so is the noise of any average over samples.
#
# ## The experiment
#
# `approximate` follows the same energy downhill with samples of Markov chains. Its
# direction is the natural one, of *stochastic reconfiguration*: a step of imaginary
# time, $\psi \to (1 - \tau H) \psi$, as well as the network can follow it (chapter
# [11](11_time_evolution.py) does the same in real time).

# %%
N = 16
ring = hypercubic((N,))
magnetization = sum(X(i) for i in range(N)) / N
found = {}
for h in (0.5, 1.0, 1.5):
    found[h] = approximate(
        0,
        transverse_field_ising(ring, h),
        ansatz="rbm",
        steps=150,
        samples=256,
        observables={"x": magnetization},
        exact=free_fermions.ground_energy(N, h),
        exact_source="free fermions",
        lanczos_step=False,
        progress=False,
    )
print(found[1.0])

# %% [markdown]
# How wide must the network be? The antiferromagnet is a harder case,
#
# $$H = \sum_i \mathbf{S}_i \cdot \mathbf{S}_{i+1} ,$$
#
# whose ground state has signs. Marshall's rule
# ([1955](https://doi.org/10.1098/rspa.1955.0200)) knows them on a ring of an even
# number of spins: $\psi(x) = (-1)^{n(x)} |\psi(x)|$, $n$ the number of up spins on
# every second site. The library finds the rule and rotates these signs away, so that
# a real machine is enough. Here its weights are shared by all translations; to see
# the network alone, without noise, all configurations are summed, one of each orbit
# of translations.

# %%
n_spins = 14
antiferromagnet = heisenberg(hypercubic((n_spins,)))
bethe = bethe_ansatz.ground_energy(n_spins)
moves = translations(hypercubic((n_spins,))).sites
machines = {
    width: approximate(
        0,
        antiferromagnet,
        ansatz="symmetric-rbm",
        alpha=width,
        steps=100,
        sampler=OrbitSummation(antiferromagnet.space, moves),
        exact=bethe,
        exact_source="Bethe ansatz",
        lanczos_step=False,
        progress=False,
    )
    for width in (1, 2, 4)
}
print("amplitudes of the sector without magnetization:", antiferromagnet.space.size)
for width, result in machines.items():
    error = 1 - result.estimates["ground_state_energy"].value / bethe
    parameters = result.settings["parameters"]
    print(f"width {width}, {parameters} parameters: relative error {error:.1e}")

# %% [markdown]
# ## The exact check
#
# Free fermions solve the Ising ring (Pfeuty
# [1970](https://doi.org/10.1016/0003-4916(70)90270-8)), and Bethe
# ([1931](https://doi.org/10.1007/BF01341708)) the antiferromagnet. A second quantity
# comes free: $E_0$ depends on $h$ through $\langle X \rangle$ alone, $\langle X
# \rangle = -\frac1N \, \partial E_0 / \partial h$ (Hellmann and Feynman), while the
# machine's $\langle X \rangle$ is an average of its own.

# %%
field = np.linspace(0.3, 1.7, 100)
E_0 = np.array([free_fermions.ground_energy(N, h) for h in field])
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(11, 3.5))
left.plot(field, E_0 / N, label="free fermions")
middle.plot(field, -np.gradient(E_0, field) / N, label="free fermions")
for h, result in found.items():
    E, m = result.estimates["ground_state_energy"], result.estimates["x"]
    label = "machine" if h == 1.0 else None
    left.errorbar(h, E.value / N, E.error / N, fmt="k.", label=label)
    middle.errorbar(h, m.value, m.error, fmt="k.", label=label)
left.set(xlabel="h", ylabel="<H> / N", title="16 spins")
middle.set(xlabel="h", ylabel="<X>", title="16 spins")
for width, result in machines.items():
    path = result.arrays
    above = path["energy"].to_numpy() - bethe
    right.loglog(path["variance"], above, ".", ms=3, label=f"width {width}")
right.set(xlabel="Var H", ylabel="<H> - E_0", title="antiferromagnet of 14 spins")
for axis in (left, middle, right):
    axis.legend()
plt.tight_layout()
plt.show()

# %% [markdown]
# Right: each point is a step of the optimization. Energy above $E_0$ and variance
# fall together, nearly in proportion: the *zero-variance property*. Each path ends
# where its network can follow no further; the widest, with four filters, ends lowest.
#
# The variance even bounds the exact energy from below. With the first excited level
# $E_1$, no state has a negative $\langle (H - E_0)(H - E_1) \rangle$, so that
#
# $$\langle H \rangle - \frac{\mathrm{Var}\, H}{E_1 - \langle H \rangle} \le E_0 \le
# \langle H \rangle$$
#
# where $\langle H \rangle < E_1$: Temple's inequality.

# %%
for h, result in found.items():
    E, m = result.estimates["ground_state_energy"], result.estimates["x"]
    exact = free_fermions.ground_energy(N, h)
    up, down = (free_fermions.ground_energy(N, h + d) for d in (1e-4, -1e-4))
    exact_m = -(up - down) / 2e-4 / N
    print(f"h = {h}: <H> = {E}, exact {exact:.4f};  <X> = {m}, exact {exact_m:.4f}")
    assert abs(E.value - exact) < 1e-3 * abs(exact) + 4 * E.error
    assert abs(m.value - exact_m) < 0.01 + 4 * m.error

levels = approximate(0, antiferromagnet, ansatz="exact", states=2, progress=False)
E_1 = levels.arrays["energy"].to_numpy()[1]
for width, result in machines.items():
    E = result.estimates["ground_state_energy"].value
    below = E - result.estimates["energy_variance"].value / (E_1 - E)
    print(f"width {width}: {below:.6f} <= E_0 = {bethe:.6f} <= {E:.6f}")
    assert below <= bethe <= E
    assert result.verdict == "pass"
assert abs(levels.arrays["energy"].to_numpy()[0] - bethe) < 1e-8

# %% [markdown]
# Energies are better than anything else of the same state. A small admixture of
# excited states of weight $\epsilon^2$ raises the energy by order $\epsilon^2$, but
# shifts $\langle X \rangle$ by order $\epsilon$; and $X$ has no zero-variance
# property, so that its error bar is larger too.
#
# What is not shown: that it goes on like this. Sizes here are small, and both models
# have a ground state of known signs. Without a sign rule the signs must be learned,
# which is where machines of this kind still get stuck. That there may be one exact
# number to compare with is a luxury too; without it the variance is what tells.

# %% [markdown]
# ## Exercise 1: a product of spins
#
# Give each spin of the Ising ring the same state $\cos\frac\theta2 |{\uparrow}\rangle
# + \sin\frac\theta2 |{\downarrow}\rangle$: then $\langle H \rangle / N = -\cos^2
# \theta - h \sin \theta$. Write `mean_field(h)`, the least of it, for every $h \ge 0$.


# %% tags=["grader"]
def is_least(mean_field):
    """The least energy over all angles; never below the exact one."""
    theta = np.linspace(-np.pi, np.pi, 20_001)
    return all(
        abs(mean_field(h) - np.min(-(np.cos(theta) ** 2) - h * np.sin(theta))) < 1e-6
        and mean_field(h) >= free_fermions.energy_per_site(h)
        for h in (0.1, 0.5, 1.0, 1.9, 2.5, 4.0)
    )


exercise_1 = Exercise(
    1,
    is_least,
    hint="a sine is at most 1; what happens at h = 2?",
    wrong=(
        lambda h: -1 - h**2 / 4,  # for large h below the exact energy
        lambda h: -max(1.0, h),
        lambda h: free_fermions.energy_per_site(h),
    ),
)

# %% tags=["answer"]
mean_field = ...
exercise_1(mean_field)

# %% tags=["solution"]
# sin(theta) = h / 2 as long as that is possible, else all spins along the field
exercise_1(lambda h: -1 - h**2 / 4 if h < 2 else -h)

# %% [markdown]
# ## Exercise 2: measure something else
#
# What is $\langle Z_i Z_{i+1} \rangle$ of neighbors in the ground state of the ring
# of 8 spins at $h = 0.8$? Ask `approximate` for it as an observable; left to itself
# it sums over all states of a ring this small. The grader knows the answer from free
# fermions, to be met within 0.005.

# %% tags=["grader"]
more, less = (free_fermions.ground_energy(8, h=0.8, J=1 + d) for d in (1e-4, -1e-4))
exact_bond = -(more - less) / 2e-4 / 8  # Hellmann and Feynman: dE_0 / dJ = -N <Z Z>
exercise_2 = Exercise(
    2,
    near(exact_bond, 0.005),
    hint="observables={'bond': Z(0) @ Z(1)}; sites are counted from 0.",
    wrong=(
        -free_fermions.ground_energy(8, 0.8) / 8,  # all of the energy
        (1 - 0.8**2) ** 0.25,  # m² of the infinite chain: spins that are far apart
        1.0,
    ),
)

# %% tags=["answer"]
bond = ...
exercise_2(bond)

# %% tags=["solution"]
small = transverse_field_ising(hypercubic((8,)), 0.8)
ground = approximate(
    0, small, steps=100, observables={"bond": Z(0) @ Z(1)}, progress=False
)
exercise_2(ground.estimates["bond"].value)

# %% [markdown]
# ## Exercise 3: no variance, and wrong
#
# Zero variance means an eigenstate, not the ground state. Write `psi(x)` for
# configurations `x` of eight spins of the antiferromagnet, four of them up, which is
# not zero everywhere, has no variance, and is not the ground state. (What does a
# network with all its weights at zero represent? What would its gradient be?)


# %% tags=["grader"]
def is_excited(psi):
    """H psi = E psi, psi not zero, E above the ground state's energy."""
    code = np.arange(256)[:, None] >> np.arange(8) & 1
    basis = [tuple(x) for x in 1 - 2 * code if x.sum() == 0]
    place = {x: k for k, x in enumerate(basis)}
    H = np.zeros((len(basis), len(basis)))
    for k, x in enumerate(basis):
        for i in range(8):
            j = (i + 1) % 8
            H[k, k] += x[i] * x[j] / 4
            if x[i] != x[j]:
                flipped = list(x)
                flipped[i], flipped[j] = x[j], x[i]
                H[place[tuple(flipped)], k] += 1 / 2
    v = np.array([psi(np.array(x)) for x in basis], complex)
    v /= np.linalg.norm(v)
    E = np.vdot(v, H @ v).real
    still = np.linalg.norm(H @ v - E * v) < 1e-8
    return still and E > bethe_ansatz.ground_energy(8) + 1e-6


exercise_3 = Exercise(
    3,
    is_excited,
    hint="an exchange of two spins gives the same configuration or another one, and "
    "if psi is the same everywhere, who can tell?",
    wrong=(
        lambda x: (-1.0) ** np.sum(x[::2] == 1),  # Marshall's signs, no eigenstate
        lambda x: float(np.all(x[::2] == 1)),  # the Néel state
        lambda x: 0.0,
    ),
)

# %% tags=["answer"]
psi = ...
exercise_3(psi)

# %% tags=["solution"]
# All amplitudes equal: the ferromagnet, total spin N/2, of the highest energy, N/4
exercise_3(lambda x: 1.0)

# %% [markdown]
# ## To go on
#
# [Ground states](../ground_states.md), and a
# [Hamiltonian of your own](../hamiltonian.md) in a file; chapter
# [10](10_symmetry.py): what a symmetry adds; the experiments
# [`tfim-ground-state`](../gallery/tfim-ground-state.md), to 64 spins, and
# [`heisenberg-rbm`](../gallery/heisenberg-rbm.md), on the square lattice too.
