# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # 12. Fermions
#
# **The question.** Exchange two electrons, and the wavefunction changes its sign. A
# network does not know that. How do we build one that cannot but obey, and which then
# learns what electrons do when they repel each other?
#
# **The idea.** A determinant changes its sign when two of its rows are exchanged
# (Slater [1929](https://doi.org/10.1103/PhysRev.34.1293)). With orbitals
# $\varphi_p(r)$ alone it describes electrons that do not see each other. Luo and
# Clark ([2019](https://arxiv.org/abs/1807.10770)) let a network change the orbitals
# according to where all electrons are (*backflow*), and multiply by a symmetric
# factor of pairs (Jastrow [1955](https://doi.org/10.1103/PhysRev.98.1479)):
#
# $$\psi(n) = e^{\sum_{a<b} v_{ab} n_a n_b} \prod_{\sigma = \uparrow, \downarrow} \det
# \big[ \varphi^\sigma_p(r_q) + f^\sigma_p(r_q; n) \big] .$$
#
# The first factor and $f$ see the set $n$ of occupied sites, not the order of the
# electrons, so that the sign is that of the determinant.

# %%
import jax
import matplotlib.pyplot as plt
import numpy as np

from isinglass import approximate, checks, nets
from isinglass.approximation import dense
from isinglass.course import Exercise, near
from isinglass.exact.quantum.hartree_fock import hartree_fock
from isinglass.exact.quantum.hubbard import energy_per_site, free_energy_of_hopping
from isinglass.nets.wavefunction import (
    Jastrow,
    ProductState,
    SlaterDeterminant,
    filled,
)
from isinglass.symmetry import Permutation
from isinglass.systems import hubbard, hypercubic
from isinglass.systems.quantum.operator import n

# %% [markdown]
# ## The sign, by hand
#
# Electrons of one spin hop on a lattice, $H = -\sum (c^\dagger_i c_j +
# \mathrm{h.c.})$ over neighbors. As a function of the places $r_1, r_2 \ldots$ of the
# electrons, in any order, $H$ moves one of them by one site. No rule for signs is
# needed: the determinant knows when an electron has walked around another. Five
# electrons on 4 x 5 sites, with periodic boundaries:


# %%
def hopping_on(graph):
    """-1 for each pair of neighbors: the Hamiltonian of one electron."""
    matrix = np.zeros((graph.n_sites, graph.n_sites))
    for i, j in graph.bonds:
        matrix[i, j] = matrix[j, i] = -1.0
    return matrix


lattice = hopping_on(hypercubic((4, 5)))
levels, orbitals = np.linalg.eigh(lattice)


def psi(r):
    """The determinant of the lowest orbitals at the sites r."""
    return np.linalg.det(orbitals[r, : len(r)])


def local_energy(psi, r):
    """(H psi)(r) / psi(r): each electron may move to a neighbor."""
    moves = [
        [*r[:p], there, *r[p + 1 :]]
        for p in range(len(r))
        for there in np.flatnonzero(lattice[r[p]])
    ]
    return -sum(psi(moved) for moved in moves) / psi(r)


places = ([15, 12, 1, 8, 4], [18, 16, 14, 17, 9], [18, 6, 17, 0, 13], [1, 11, 9, 4, 5])
print(f"psi at {places[0]}: {psi(places[0]):+.4f}")
print(f"two electrons exchanged:   {psi([12, 15, 1, 8, 4]):+.4f}")
print(f"two electrons at one site: {abs(psi([15, 15, 1, 8, 4])):.4f}")
print(f"sum of the five lowest levels: {levels[:5].sum():.4f}")
fermions = [local_energy(psi, r) for r in places]
unsigned = [local_energy(lambda r: abs(psi(r)), r) for r in places]
print("E_loc:        ", np.round(fermions, 4))
print("without signs:", np.round(unsigned, 4))
assert np.ptp(fermions) < 1e-9 < np.ptp(unsigned)

# %% [markdown]
# The local energy is the sum of the levels wherever the electrons are: an eigenstate,
# without variance. In the last row the sign is taken away: bosons, and no eigenstate.
#
# A network in place of the orbitals: a row of the table of
# [priors](../priors.md). `checks.equivariance` exchanges its inputs and looks.

# %%
network = nets.net_for(jax.random.key(0), Permutation(3), (3, 1), output="sign")
somewhere = jax.random.normal(jax.random.key(1), (20, 3, 1))
exchanged = checks.equivariance(network, Permutation(3), somewhere, output="sign")
absolute = checks.equivariance(
    lambda x: abs(network(x)), Permutation(3), somewhere, output="sign"
)
print(f"determinant of a network: violation {exchanged.measured:.0e}")
print(f"its absolute value:       violation {absolute.measured:.0e}")
assert (exchanged.verdict, absolute.verdict) == ("pass", "fail")

# %% [markdown]
# ## The experiment
#
# The Hubbard model at half filling: three electrons of each spin on a ring of six
# sites, and a cost $U$ for two on one site,
#
# $$H = -\sum_{\langle ij \rangle \sigma} (c^\dagger_{i\sigma} c_{j\sigma} +
# \mathrm{h.c.}) + U \sum_i n_{i\uparrow} n_{i\downarrow} .$$
#
# The best determinant alone is that of Hartree and Fock. Two states begin from the
# free electrons in a weak random field: one has a Jastrow factor, the other backflow
# with eight hidden units as well. The space of 400 states is summed, so that what is
# left of the energy is the fault of the state.

# %%
N, particles = 6, (3, 3)
hopping = hopping_on(hypercubic((N,)))
double = sum(n(i) @ n(N + i) for i in range(N)) / N  # modes: up, then down


def untrained(hidden, key):
    """Determinants with `hidden` units of backflow, times a Jastrow factor."""
    weak = 0.1 * np.diag(np.asarray(jax.random.normal(key, (N,))))
    determinant = SlaterDeterminant(
        key=key, n_sites=N, particles=particles, hidden=hidden, scale=0.05
    )
    pairs = Jastrow(key=key, n_sites=2 * N)
    return ProductState((filled(determinant, hopping + weak), pairs))


kinds = {"Jastrow": (0, 1.0), "backflow": (8, 1e-3)}  # hidden units, stated accuracy
U = 6.0
results = {
    name: approximate(
        0,
        hubbard(hypercubic((N,)), U, particles),
        ansatz=untrained(hidden, jax.random.key(1)),
        sampler="full-sum",
        steps=100,
        accuracy=accuracy,
        signs="none",
        observables={"double": double},
        lanczos_step=False,
        progress=False,
    )
    for name, (hidden, accuracy) in kinds.items()
}
print(results["backflow"])

# %% [markdown]
# ## The exact check
#
# 400 states are a matrix, $H = H_0 + U D$, whose lowest eigenvalue is exact. Its
# slope is the number of doubly occupied sites, $\langle D \rangle = dE_0 / dU$, which
# the networks give as an average of their own. For the infinite ring Lieb and Wu
# ([1968](https://doi.org/10.1103/PhysRevLett.20.1445)) have the energy.

# %%
H_0, H_1 = (dense(hubbard(hypercubic((N,)), u, particles)) for u in (0.0, 1.0))
D = H_1 - H_0


def exactly(u):
    """E_0 and the share of doubly occupied sites, of all 400 states."""
    energies, states = np.linalg.eigh(H_0 + u * D)
    return energies[0], states[:, 0] @ D @ states[:, 0] / N


grid = np.linspace(0, 9, 13)
exact, occupied = np.array([exactly(u) for u in grid]).T
fock = np.array([hartree_fock(hopping, u, particles).energy for u in grid])
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8))
left.plot(grid, exact / N, "k", label="exact, 6 sites")
left.plot(grid, [energy_per_site(u) for u in grid], "k:", label="Lieb and Wu, infinite")
left.plot(grid, fock / N, "C0--", label="Hartree and Fock")
left.plot(grid, -8 / N + grid / 4, "C1-.", label="free electrons' determinant")
right.plot(grid, occupied, "k", label="exact, 6 sites")
right.axhline(1 / 4, color="C1", ls="-.", label="free electrons' determinant")
for name, mark, size in (("Jastrow", "C2s", 5), ("backflow", "rx", 8)):
    found = results[name].estimates
    E, d = found["ground_state_energy"].value / N, found["double"].value
    left.plot(U, E, mark, ms=size, label=name)
    right.plot(U, d, mark, ms=size, label=name)
left.set(xlabel="U", ylabel="energy / N", ylim=(-1.4, 0.2))
right.set(xlabel="U", ylabel="doubly occupied sites / N", ylim=(0, 0.27))
left.legend(fontsize=8)
right.legend(fontsize=8)
plt.tight_layout()
plt.show()

# %% [markdown]
# The free electrons' determinant has each site doubly occupied in a quarter of the
# cases and pays $U/4$ for each. Above $U \approx 2.3$ Hartree and Fock avoid it at the
# price of a magnet that is not there: up spins on every second site, down spins on
# the others, in a model whose ground state on this ring has no such order. The
# Jastrow factor keeps the electrons apart; backflow repairs the rest.

# %%
E_0, exact_double = exactly(U)
E = {"Hartree-Fock": hartree_fock(hopping, U, particles).energy}
E |= {name: of.estimates["ground_state_energy"].value for name, of in results.items()}
for name, value in E.items():
    print(f"{name:12} above E_0 = {E_0:.5f} by {value - E_0:.1e}")
backflow = results["backflow"]
share = backflow.estimates["double"].value
print(f"doubly occupied, of all sites: backflow {share:.5f}, exact {exact_double:.5f}")
assert E_0 - 1e-9 < E["backflow"] < E["Jastrow"] < E["Hartree-Fock"]
assert abs(E["backflow"] - E_0) < 1e-3 * abs(E_0)
assert abs(share - exact_double) < 1e-3
assert backflow.verdict == "pass"

# %% [markdown]
# What is not shown: sizes at which this is of use. For 400 states no network is
# needed. On larger lattices the averages are taken over samples, and how wide the
# backflow must be there, above all away from half filling, where several kinds of
# order compete, is an open question of the field.

# %% [markdown]
# ## Exercise 1: fill the levels
#
# What is the energy of free electrons ($U = 0$, hopping 1) on a ring of ten sites, five
# of each spin? With pen and paper, to 0.001.

# %% tags=["grader"]
free = 2 * free_energy_of_hopping(hopping_on(hypercubic((10,))), 5)
exercise_1 = Exercise(
    1,
    near(free, 1e-3),
    hint="levels -2 cos k, k = 2 pi m / 10, at most one electron of each spin in one.",
    wrong=(-20.0, free / 2, -10 * 4 / np.pi),  # bosons, one spin, the infinite ring
)

# %% tags=["answer"]
free_energy = ...
exercise_1(free_energy)

# %% tags=["solution"]
exercise_1(2 * (-2 - 4 * np.cos(2 * np.pi / 10) - 4 * np.cos(4 * np.pi / 10)))

# %% [markdown]
# ## Exercise 2: how bad is the Fermi sea?
#
# Change the experiment: take free electrons' orbitals without backflow and without
# Jastrow factor, and do not train, on the ring of six at $U = 10$. Which energy has
# it, to 0.01? (`steps=0` measures a state as it is. Would no hopping at all, one
# electron on each site, be better?)

# %% tags=["grader"]
sea = -8 + 10 * N / 4  # <n_up n_down> = 1/2 1/2 where up and down are independent
exercise_2 = Exercise(
    2,
    near(sea, 0.01),
    hint="filled(SlaterDeterminant(..., hidden=0), hopping) is the state; by thought: "
    "how often are two independent electrons on the same site?",
    wrong=(-8 + 10 * N, hartree_fock(hopping, 10.0, particles).energy, 0.0),
)

# %% tags=["answer"]
sea_energy = ...
exercise_2(sea_energy)

# %% tags=["solution"]
fermi_sea = filled(
    SlaterDeterminant(key=jax.random.key(0), n_sites=N, particles=particles, hidden=0),
    hopping,
)
measured = approximate(
    0,
    hubbard(hypercubic((N,)), 10.0, particles),
    ansatz=fermi_sea,
    sampler="full-sum",
    steps=0,
    signs="none",
    lanczos_step=False,
    progress=False,
)
exercise_2(measured.estimates["ground_state_energy"].value)

# %% [markdown]
# ## Exercise 3: three in a trap
#
# Three fermions on a line in a harmonic trap, $H = \sum_p \frac12 (p_p^2 + r_p^2)$
# with $\hbar = 1$, do not repel each other. Write `trapped(r)`, their ground state at
# the places `r`, an array of three numbers, up to a factor. It must be antisymmetric
# and have the local energy $\frac12 + \frac32 + \frac52$ everywhere.


# %% tags=["grader"]
def is_ground_state(trapped):
    """Changes its sign under exchange; -1/2 Laplacian / psi + r²/2 = 9/2."""
    rng, step = np.random.default_rng(0), 1e-3
    for r in rng.normal(size=(6, 3)):
        here = trapped(r)
        swapped = [trapped(r[list(order)]) for order in ((1, 0, 2), (0, 2, 1))]
        if not np.allclose(swapped, -here, rtol=1e-9, atol=0):
            return False
        bent = sum(trapped(r + e) + trapped(r - e) - 2 * here for e in step * np.eye(3))
        if abs(-0.5 * bent / step**2 / here + 0.5 * (r @ r) - 4.5) > 1e-3:
            return False
    return True


def bosons(r):
    return np.exp(-0.5 * (r @ r))


def differences(r):
    return (r[1] - r[0]) * (r[2] - r[0]) * (r[2] - r[1])


exercise_3 = Exercise(
    3,
    is_ground_state,
    hint="the determinant of 1, r, r², times the Gaussian of all three.",
    wrong=(
        bosons,
        lambda r: abs(differences(r)) * bosons(r),  # right energy everywhere, no sign
        lambda r: np.sign(differences(r)) * bosons(r),
        differences,
    ),
)

# %% tags=["answer"]
trapped = ...
exercise_3(trapped)

# %% tags=["solution"]
# Vandermonde: det of the rows (1, r, r²) is the product of all differences. Its
# absolute value has the same energy: bosons that cannot pass each other (Girardeau)
exercise_3(lambda r: np.linalg.det(np.vander(r)) * np.exp(-0.5 * (r @ r)))

# %% [markdown]
# ## To go on
#
# The experiment [`hubbard`](../gallery/hubbard.md): with samples, and a ladder; a
# [Hamiltonian of your own](../hamiltonian.md) with fermions; chapter
# [9](09_quantum_states.py): the same with spins.
