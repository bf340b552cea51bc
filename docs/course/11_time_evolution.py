# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # 11. Time evolution
#
# **The question.** Take the ground state of a ring of spins in a field, and change
# the field at once: a *quench*. The state moves by Schrödinger's equation through all
# of its $2^N$ dimensions. Can a network with a few numbers follow, and how do we know
# when it no longer does?
#
# **The idea** of the time-dependent variational principle (Carleo, Becca, Schiró and
# Fabrizio [2012](https://doi.org/10.1038/srep00243), Carleo and Troyer
# [2017](https://arxiv.org/abs/1606.02318)): the network cannot move as $\dot\psi = -i
# H \psi$ demands, but it can move as nearly so as its parameters allow. With $O_k =
# \partial \ln \psi / \partial \theta_k$, the local energy $E$ and $\Delta$ for what
# is left without the mean,
#
# $$\dot\theta = \operatorname{argmin} \big\langle |\Delta O\, \dot\theta + i \Delta
# E|^2 \big\rangle, \qquad S \dot\theta = -i F, \quad S = \langle \Delta O^\dagger
# \Delta O \rangle, \quad F = \langle \Delta O^\dagger \Delta E \rangle ,$$
#
# one system of linear equations at each instant (here $\psi$ is holomorphic in
# complex parameters). With $-1$ in place of $-i$ the same equation is imaginary time,
# which ends in the ground state: chapter [9](09_quantum_states.py).

# %%
import jax
import matplotlib.pyplot as plt
import numpy as np

from isinglass import approximate
from isinglass.course import Exercise, near
from isinglass.exact.quantum import transverse_field_ising as free_fermions
from isinglass.nets.wavefunction import (
    RBM,
    CharacterProjection,
    Jastrow,
    ProductState,
)
from isinglass.systems import (
    InitialValueProblem,
    hypercubic,
    space_group,
    transverse_field_ising,
)
from isinglass.systems.quantum.operator import X, Z

N, before, after = 10, 2.0, 1.0
times = np.linspace(0, 2, 51)

# %% [markdown]
# ## The exact motion, by hand
#
# Ten spins are a vector of 1024 numbers, and the levels of $H = -\sum_i Z_i Z_{i+1} -
# h \sum_i X_i$ are had within a second: expand the old ground state in the new levels
# and let each turn with its energy. With 20 spins the matrix has $10^{12}$ entries.

# %%
code = np.arange(2**N)
x = 1 - 2 * (code[:, None] >> np.arange(N) & 1)
bonds = (x * np.roll(x, 1, axis=1)).sum(axis=1)


def hamiltonian(h):
    """H as a matrix; X_i flips bit i."""
    H = np.diag(-bonds.astype(float))
    for i in range(N):
        H[code ^ 1 << i, code] -= h
    return H


start = np.linalg.eigh(hamiltonian(before))[1][:, 0]
levels, states = np.linalg.eigh(hamiltonian(after))
motion = states @ (np.exp(-1j * np.outer(levels, times)) * (states.T @ start)[:, None])
probability = np.abs(motion) ** 2  # [configuration, time]
distances = range(1, N // 2 + 1)
exact_zz = {
    r: (x * np.roll(x, r, axis=1)).mean(axis=1) @ probability for r in distances
}

# %% [markdown]
# ## The experiment
#
# The network is a Jastrow factor, one complex number for each pair of spins, times a
# machine with one hidden unit, summed over the symmetries of the ring. A second one
# is the Jastrow factor alone, with the symmetry inside: one number for each distance,
# and so five of them and one for the field. Both are brought to the ground state at
# $h = 2$ in imaginary time; then the field is 1.

# %%
ring = hypercubic((N,))
moves = space_group(ring).sites
settings = {"n_sites": N, "dtype": "complex128", "scale": 0.1}
key_pair, key_hidden = jax.random.split(jax.random.key(0))
machine = ProductState(
    (Jastrow(key=key_pair, **settings), RBM(key=key_hidden, alpha=1 / N, **settings))
)
untrained = {
    "network": CharacterProjection(machine, moves, parity=1),
    "six numbers": Jastrow(key=key_pair, perms=moves, **settings),
}
observables = {"x": sum(X(i) for i in range(N)) / N} | {
    f"zz_{r}": sum(Z(i) @ Z((i + r) % N) for i in range(N)) / N for r in distances
}
quenches = {}
for name, state in untrained.items():
    relaxation = InitialValueProblem(
        transverse_field_ising(ring, before),
        state,
        np.linspace(0, 2.5, 51),
        imaginary=True,
    )
    prepared = approximate(
        0, relaxation, symmetry=moves, solver="heun", cutoff=1e-6, progress=False
    )
    E = prepared.estimates["energy"].value
    error = 1 - E / free_fermions.ground_energy(N, before)
    print(f"{name}: ground state at h = 2 with a relative error of {error:.1e}")
    quenches[name] = approximate(
        0,
        InitialValueProblem(
            transverse_field_ising(ring, after), prepared.models["state"], times
        ),
        symmetry=moves,
        cutoff=1e-7,
        observables=observables,
        progress=False,
    )
print(quenches["network"])

# %%
infinite = free_fermions.magnetization_after_quench(times, 1000, before, after)
finite = free_fermions.magnetization_after_quench(times, N, before, after)
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8))
left.plot(times, finite, label="free fermions, 10 spins")
left.plot(times, infinite, "--", label="free fermions, infinite")
for name, mark in (("network", "k."), ("six numbers", "rx")):
    path = quenches[name].arrays
    left.plot(times[::2], path["x"].to_numpy()[::2], mark, ms=4, label=name)
left.set(xlabel="t", ylabel="<X>")
left.legend()
network = quenches["network"].arrays
for r in distances:
    (line,) = right.plot(times, exact_zz[r], label=f"r = {r}")
    shown = network[f"zz_{r}"].to_numpy()[::2]
    right.plot(times[::2], shown, ".", ms=4, color=line.get_color())
    right.axvline(r / 4, color=line.get_color(), lw=0.5, ls=":")
right.set(xlabel="t", ylabel="<Z(i) Z(i + r)>", xlim=(0, 2.6))
right.legend(loc="right")
plt.tight_layout()
plt.show()

# %% [markdown]
# Right: lines are the exact vector, points the network. A correlation at distance $r$
# waits before it grows, for longer the larger $r$ is: a *light cone* (Calabrese and
# Cardy [2006](https://arxiv.org/abs/cond-mat/0601225)). The quench makes pairs of
# particles that fly apart; the fastest have the velocity $2 \min(1, h) = 2$, so that
# a pair joins sites $r$ apart at $t = r / 4$ (dotted): near there the growth is
# steepest, until the ring closes. The edge is smooth; a lattice has no sharp wave
# fronts. Left: ten spins show what an infinite chain shows until the first pairs meet
# at the other side of the ring. The six numbers leave the exact curve earlier.

# %% [markdown]
# ## The exact check
#
# Free fermions give $\langle X \rangle$ at any time and size (Barouch, McCoy and
# Dresden [1970](https://doi.org/10.1103/PhysRevA.2.1075)). The energy must stay what
# it was: $\langle H \rangle$ is conserved by this equation of motion, whatever the
# holomorphic network. And the equation knows what it misses: the residual $r^2$, the
# share of $\langle |\Delta E|^2 \rangle = \mathrm{Var}\, H$ that no $\dot\theta$
# reproduces, bounds how far the state has gone astray since the start (Martinazzo and
# Burghardt
# [2020](https://doi.org/10.1103/PhysRevLett.124.150601)),
#
# $$\| \psi_\theta(t) - e^{-iHt} \psi_\theta(0) \| \le \int_0^t \sqrt{r^2 \,
# \mathrm{Var}\, H} \, ds .$$

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.3))
for (name, quench), color in zip(quenches.items(), ("k", "r"), strict=True):
    path = quench.arrays
    off = np.abs(path[f"zz_{N // 2}"].to_numpy() - exact_zz[N // 2])
    E = path["energy"].to_numpy()
    left.semilogy(times[1:], off[1:], color, label=f"{name}: <Z Z> across the ring")
    left.semilogy(times[1:], np.abs(E - E[0])[1:] / N, color + ":", label="energy / N")
    right.semilogy(times[1:], path["distance_bound"].to_numpy()[1:], color, label=name)
left.set(xlabel="t", ylabel="error")
left.legend(fontsize=8)
right.set(xlabel="t", ylabel="bound of the distance")
right.legend()
plt.tight_layout()
plt.show()

# %%
good, poor = quenches["network"].arrays, quenches["six numbers"].arrays
errors = {
    name: np.abs(path[f"zz_{N // 2}"].to_numpy() - exact_zz[N // 2]).max()
    for name, path in (("network", good), ("six numbers", poor))
}
magnetization_off = np.abs(good["x"].to_numpy() - finite).max()
energy = free_fermions.ground_energy(N, before) + (before - after) * N * finite[0]
print(f"network, <X> by free fermions: off by at most {magnetization_off:.1e}")
print(
    f"energy after the quench: {good['energy'].to_numpy()[0]:.5f}, exact {energy:.5f}"
)
for name, quench in quenches.items():
    drift = quench.estimates["energy_drift"].value
    far, verdict = errors[name], quench.verdict
    print(f"{name}: energy drifts by {drift:.0e}, <Z Z> off by {far:.1e}: {verdict}")
assert magnetization_off < 1e-3
assert abs(good["energy"].to_numpy()[0] - energy) < 1e-4
assert quenches["network"].verdict == "pass"
assert quenches["six numbers"].verdict == "fail"  # it keeps the energy and is wrong
assert quenches["six numbers"].estimates["energy_drift"].value < 1e-3

# %% [markdown]
# Six numbers keep the energy to five digits and are wrong about a correlation by more
# than 0.25. *A conserved energy is no sign of accuracy*: it holds for every network
# of this kind and tells of the time step alone. The residual does tell: for six
# numbers the bound reaches 1, which is no bound worth having.
#
# What is not shown: long times. Entanglement grows in proportion to the time after a
# quench, and the network that is enough for $t = 2$ is not for $t = 20$. Here all
# configurations were summed; with samples, noise in $S$ is the next enemy (Schmitt
# and Heyl [2020](https://arxiv.org/abs/1912.08828)).

# %% [markdown]
# ## Exercise 1: one spin
#
# In the exact solution each pair of modes is one spin that precesses. Take a single
# spin, $H = -h X$, which points up at $t = 0$, $\langle Z \rangle = 1$. Write
# `z(h, t)`, its $\langle Z \rangle$ at time $t$.


# %% tags=["grader"]
def precesses(z):
    """<psi| exp(iHt) Z exp(-iHt) |psi> by the two levels -h and h."""
    for h in (0.3, 1.0, 2.5):
        for t in (0.0, 0.4, 1.7):
            level, state = np.linalg.eigh(-h * np.array([[0, 1], [1, 0]]))
            psi = state @ (np.exp(-1j * level * t) * state[0])
            if abs(z(h, t) - (abs(psi[0]) ** 2 - abs(psi[1]) ** 2)) > 1e-9:
                return False
    return True


exercise_1 = Exercise(
    1,
    precesses,
    hint="the two levels differ by 2h, and only differences of energy can be seen.",
    wrong=(
        lambda h, t: np.cos(h * t),
        lambda h, t: np.cos(h * t) ** 2,
        lambda h, t: np.exp(-2 * h * t),
    ),
)

# %% tags=["answer"]
z = ...
exercise_1(z)

# %% tags=["solution"]
exercise_1(lambda h, t: np.cos(2 * h * t))

# %% [markdown]
# ## Exercise 2: when does a ring feel its size?
#
# Say that a ring feels its size at the time when its $\langle X \rangle$ first
# differs from that of the infinite chain by 0.01. Change the quench: from $h = 2$ to
# $1/2$. How much later does a ring of 80 spins feel its size than one of 40? Answer
# within 1, by thought or with `free_fermions.magnetization_after_quench`, for which
# 2000 spins are infinite.


# %% tags=["grader"]
def feels(n):
    """The first time at which a ring of n spins is not the infinite chain."""
    s = np.linspace(0, n / 2, 1000)
    small, large = (
        free_fermions.magnetization_after_quench(s, size, 2.0, 0.5)
        for size in (n, 2000)
    )
    return s[np.argmax(np.abs(small - large) > 0.01)]


later = feels(80) - feels(40)
exercise_2 = Exercise(
    2,
    near(later, 1.0),
    hint="pairs meet again at the other side; at h < 1 their velocity is at most 2h.",
    wrong=((80 - 40) / 4, 80 - 40, feels(40)),
)

# %% tags=["answer"]
delay = ...
exercise_2(delay)

# %% tags=["solution"]
# Each particle of a pair, of velocity 2h = 1, has 20 sites more to go
exercise_2((80 - 40) / 2 / 1.0)

# %% [markdown]
# ## Exercise 3: a step that can be undone
#
# Euler's step $\psi \to (1 - i H \tau) \psi$ makes every state longer, and no small
# $\tau$ cures it. Write `step(H, psi, tau)` for a Hermitian matrix `H`: it must keep
# the norm and the energy to rounding, be undone by `step(H, psi, -tau)`, and be right
# to $O(\tau^2)$ in each step at least, without the eigenvalues of `H`.


# %% tags=["grader"]
def is_unitary(step):
    """Norm and energy kept, undone by -tau, and near exp(-i H tau)."""
    rng = np.random.default_rng(0)
    A, (a, b) = rng.normal(size=(6, 6)), rng.normal(size=(2, 6))
    H, psi = (A + A.T) / 2, (a + 1j * b) / np.linalg.norm(a + 1j * b)
    level, state = np.linalg.eigh(H)
    there = step(H, psi, 0.1)
    exact = state @ (np.exp(-0.1j * level) * (state.T @ psi))
    kept = abs(np.linalg.norm(there) - 1) < 1e-10
    same = abs(np.vdot(there, H @ there) - np.vdot(psi, H @ psi)) < 1e-10
    undone = np.linalg.norm(step(H, there, -0.1) - psi) < 1e-10
    return kept and same and undone and np.linalg.norm(there - exact) < 0.02


def euler(H, psi, tau):
    return psi - 1j * tau * H @ psi


def scaled(H, psi, tau):
    return euler(H, psi, tau) / np.linalg.norm(euler(H, psi, tau))


exercise_3 = Exercise(
    3,
    is_unitary,
    hint="half a step forward from the start must be half a step backward from the "
    "end: (1 + i H tau/2) new = (1 - i H tau/2) old.",
    wrong=(euler, scaled, lambda H, psi, tau: psi),
)

# %% tags=["answer"]
step = ...
exercise_3(step)


# %% tags=["solution"]
def crank_nicolson(H, psi, tau):
    """Cayley's form of the exponential: adjoint above and below, commuting with H."""
    half = 0.5j * tau * H
    one = np.eye(len(H))
    return np.linalg.solve(one + half, (one - half) @ psi)


exercise_3(crank_nicolson)

# %% [markdown]
# ## To go on
#
# The experiment [`quench`](../gallery/quench.md): four quenches of twelve spins;
# chapter [10](10_symmetry.py): why the network was summed over symmetries;
# [the lab](../lab.md), where a quench runs live in the browser.
