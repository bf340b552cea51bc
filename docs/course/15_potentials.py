# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # 15. Potentials of atoms
#
# **The question.** Atoms move by forces, and forces are the slope of an energy that
# electrons make: $F_i = -\partial E / \partial r_i$. A quantum calculation of $E$ takes
# minutes, and a million steps need a million of them. Can a network learn the whole
# surface from some tens of configurations?
#
# **The idea.** Three laws are built in, and need not be learned
# ([Behler and Parrinello 2007](https://doi.org/10.1103/PhysRevLett.98.146401)):
#
# $$E = \sum_i \varepsilon(\text{neighbors of } i \text{ within } r_c), \qquad
# F_i = -\frac{\partial E}{\partial r_i}, \qquad E(R r) = E(r) .$$
#
# The first: the energy is a sum over atoms, so that what was learned of 32 atoms holds
# for ten thousand. The second: forces are a derivative, taken exactly, so that energy
# is conserved. The third: $\varepsilon$ sees its neighbors through numbers that no
# rotation, reflection or exchange of like atoms changes, here sums of products of
# *moments* $M_\ell = \sum_j f(r_{ij})\, \hat r_{ij} \otimes \cdots \otimes \hat r_{ij}$
# ([Shapeev 2016](https://arxiv.org/abs/1512.06054)).

# %%
import matplotlib.pyplot as plt
import numpy as np
from ase.build import bulk
from ase.calculators.emt import EMT
from scipy.spatial.transform import Rotation

from isinglass import approximate
from isinglass.course import Exercise, near
from isinglass.data.atoms import InteratomicCalculator, calculated

# %% [markdown]
# ## The experiment
#
# Copper, with the labels of effective-medium theory in place of the electrons: it is so
# fast that every claim can be checked. 60 cells of 32 atoms, shaken by up to 0.2 Å and
# of volumes within ±10 %; 40 more to test.

# %%
rng = np.random.default_rng(0)


def shaken(n):
    """Cells of 32 atoms, of random volume and temperature."""
    cells = []
    for _ in range(n):
        cell = bulk("Cu", cubic=True, a=3.6 * rng.uniform(0.97, 1.035)).repeat(2)
        cell.positions += rng.uniform(0.02, 0.2) * rng.normal(size=(32, 3))
        cells.append(cell)
    return cells


train, held_out = shaken(60), shaken(40)
result = approximate(
    0,
    calculated(train, EMT()),
    test=calculated(held_out, EMT()),
    model="moments",
    cutoff=5.0,
    batch=4,
    epochs=150,
    energy_weight=100.0,
)
print(result)

# %% [markdown]
# ## What it has learned
#
# Left: forces on atoms that were held out. Right: the energy of perfect copper over the
# length of its cube, of which the network has seen shaken cells only.

# %%
network = InteratomicCalculator(result.models["potential"])


def forces(calculator, cells):
    """F of all atoms, [n, 3]."""
    return np.concatenate([calculator.get_forces(cell) for cell in cells])


def energy(calculator, lengths):
    """E of an atom of perfect copper."""
    cells = [bulk("Cu", cubic=True, a=a) for a in lengths]
    return np.array([calculator.get_potential_energy(cell) / 4 for cell in cells])


F_true, F_learned = forces(EMT(), held_out), forces(network, held_out)
lengths = np.linspace(3.5, 3.72, 23)
E_true, E_learned = energy(EMT(), lengths), energy(network, lengths)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
left.plot(F_true.ravel(), F_learned.ravel(), ".", ms=2)
left.axline((0, 0), slope=1, color="k", lw=0.8)
left.set(xlabel="force of EMT (eV/Å)", ylabel="learned (eV/Å)")
right.plot(lengths, 1000 * E_true, "k", label="EMT")
right.plot(lengths, 1000 * E_learned, "o", ms=4, label="learned")
right.set(xlabel="lattice constant (Å)", ylabel="energy of an atom (meV)")
right.legend()
plt.show()

# %% [markdown]
# ## The exact check
#
# What is built in must hold to rounding, whatever the training did: the energy of a
# turned cell is the same, its forces are turned with it, all forces sum to zero, and
# they are the slope of the energy. What is learned holds to an error: the lattice
# constant, and the modulus $B = V\, d^2 E / dV^2$, which no frame of the training told.

# %%
cell = held_out[0]
turn = Rotation.from_euler("xyz", (0.3, 1.1, -0.7)).as_matrix()
turned = cell.copy()
turned.set_cell(cell.cell.array @ turn.T)
turned.positions = cell.positions @ turn.T
E, F = network.get_potential_energy(cell), network.get_forces(cell)
assert abs(network.get_potential_energy(turned) - E) < 1e-6 * abs(E)
assert np.abs(network.get_forces(turned) - F @ turn.T).max() < 1e-5
assert np.abs(F.sum(axis=0)).max() < 1e-4

step, ends = 1e-3, []
for sign in (1, -1):
    moved = cell.copy()
    moved.positions[5, 0] += sign * step
    ends.append(network.get_potential_energy(moved))
slope = (ends[0] - ends[1]) / (2 * step)
print(f"force {F[5, 0]:.4f} eV/Å, minus the slope of the energy {-slope:.4f} eV/Å")
assert abs(F[5, 0] + slope) < 0.02


def lattice(E):
    """The lattice constant (Å) and the bulk modulus (GPa), by a cubic in the volume."""
    V = lengths**3 / 4
    fit = np.polynomial.Polynomial.fit(V, E, 4)
    dense = np.linspace(V[0], V[-1], 20_001)
    V0 = dense[np.argmin(fit(dense))]
    return (4 * V0) ** (1 / 3), V0 * fit.deriv(2)(V0) * 160.2177


(a_true, B_true), (a_learned, B_learned) = lattice(E_true), lattice(E_learned)
error = np.sqrt(np.mean((F_learned - F_true) ** 2))
print(f"forces: {1000 * error:.1f} meV/Å of {1000 * F_true.std():.0f} meV/Å")
print(f"lattice constant {a_learned:.4f} Å, EMT {a_true:.4f} Å")
print(f"bulk modulus {B_learned:.1f} GPa, EMT {B_true:.1f} GPa")
assert error < 0.05 * F_true.std()
assert abs(a_learned / a_true - 1) < 0.003
assert abs(B_learned / B_true - 1) < 0.15
assert result.verdict != "fail"

# %% [markdown]
# The verdict looks at those laws too, and at frames that were held out. It cannot know
# what no frame shows: a surface, a melt, two atoms at 1 Å. There the network says
# anything, and [members](../potentials.md) that differ are how to see it.

# %% [markdown]
# ## Exercise 1: with pen and paper
#
# Two atoms with the Lennard-Jones energy
# $U(r) = 4 \epsilon [(\sigma/r)^{12} - (\sigma/r)^6]$. Give the spring constant $U''$
# at the minimum, in units of $\epsilon / \sigma^2$.

# %% tags=["grader"]
r = np.linspace(1.0, 1.3, 300_001)
U = 4 * (r**-12 - r**-6)
lowest = np.argmin(U)
spring = (U[lowest + 500] - 2 * U[lowest] + U[lowest - 500]) / (
    500 * (r[1] - r[0])
) ** 2
exercise_1 = Exercise(
    1,
    near(spring, 0.05),
    hint="the minimum is at 2^(1/6) σ; take the second derivative there.",
    wrong=(72.0, 57.15 / 2, 4 * (12 * 13 - 6 * 7)),
)

# %% tags=["answer"]
spring_constant = ...
exercise_1(spring_constant)

# %% tags=["solution"]
r0 = 2 ** (1 / 6)
exercise_1(4 * (12 * 13 * r0**-14 - 6 * 7 * r0**-8))

# %% [markdown]
# ## Exercise 2: a number that sees angles
#
# Write a function of the vectors to the neighbors, an array `[n, 3]`, that changes
# neither when all are turned or reflected nor when two are exchanged, and that tells a
# bent group of three from a straight one with the same three distances.


# %% tags=["grader"]
def invariant_and_sees_angles(f):
    """Turned, reflected and permuted at random; then bent."""
    seed = np.random.default_rng(1)
    for _ in range(20):
        v = seed.normal(size=(4, 3))
        Q = np.linalg.qr(seed.normal(size=(3, 3)))[0]
        for other in (v @ Q, v @ -Q, v[seed.permutation(4)]):
            if not np.isclose(f(other), f(v), rtol=1e-9):
                return False
    lengths = np.array([[1.0], [1.2], [0.8]])
    angle = np.array([0.0, np.pi, np.pi / 2])
    bent = lengths * np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
    straight = lengths * np.array([[1.0, 0, 0], [-1.0, 0, 0], [1.0, 0, 0]])
    return abs(f(bent) - f(straight)) > 1e-3


exercise_2 = Exercise(
    2,
    invariant_and_sees_angles,
    hint="products of two vectors, summed over all pairs.",
    wrong=(
        lambda v: np.sum(v**2),
        lambda v: np.sum(v[:, 0]),
        lambda v: (v[0] @ v[1]) ** 2,
    ),
)

# %% tags=["answer"]
f = ...
exercise_2(f)

# %% tags=["solution"]
exercise_2(lambda v: np.sum((v @ v.T) ** 2))

# %% [markdown]
# ## Exercise 3: what a frame tells
#
# Quantum calculations give forces at hardly any cost beyond the energy. How many
# *independent* numbers about the surface does one periodic cell of 32 atoms give, its
# energy and all forces? (Stresses are not given.)

# %% tags=["grader"]
cell = shaken(1)[0]
shift = np.tile(np.eye(3), (32, 1))  # all atoms by one vector: no energy changes
assert np.abs(shift.T @ EMT().get_forces(cell).ravel()).max() < 1e-9
directions = 96 - np.linalg.matrix_rank(shift)
exercise_3 = Exercise(
    3,
    near(1 + directions, 0.1),
    hint="what is the sum of all forces?",
    wrong=(97, 96, 91, 1),
)

# %% tags=["answer"]
numbers = ...
exercise_3(numbers)

# %% tags=["solution"]
exercise_3(1 + 3 * 32 - 3)

# %% [markdown]
# ## To go on
#
# [Potentials of atoms](../potentials.md): MACE and NequIP networks, error bars from
# several members, dynamics and relaxation; the experiments
# [`potential-copper`](../gallery/potential-copper.md),
# [`potential-silicon`](../gallery/potential-silicon.md) and
# [`molecule-pyscf`](../gallery/molecule-pyscf.md).
