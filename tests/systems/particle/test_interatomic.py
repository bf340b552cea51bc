# SPDX-License-Identifier: Apache-2.0
"""Tables of neighbors, and forces and virials by the derivative with respect to the vectors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array, Float, Int

from isinglass.systems.particle.cell_list import NeighborList
from isinglass.systems.particle.interatomic import AbstractInteratomic, NeighborTable, forces, neighbor_table
from isinglass.systems.particle.neighbor_search import find_neighbors

CELL = np.array([[6.0, 0.3, 0.0], [0.5, 5.5, 0.2], [-0.4, 0.1, 6.5]])


class ThreeBody(AbstractInteratomic):
    """E_i = Σ_jk (r_ij · r_ik) w_j w_k + Σ_j w_j, w = (1 - r²/c²)³: no sum over pairs."""

    cutoff: float = 3.0
    numbers: tuple[int, ...] = (1,)

    def atom_energies(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        w = jnp.clip(1 - jnp.sum(r * r, -1) / self.cutoff**2, 0) ** 3
        pull = jnp.sum(w[..., None] * r, axis=1)
        seen = jnp.sum(jnp.sum(w * neighbors.sent(jnp.sum(w, axis=1)), axis=1))  # what neighbors see, as messages tell
        return jnp.sum(pull * pull, -1) + jnp.sum(w, axis=1) + seen / len(species)


def atoms(n=20, seed=0, pbc=(True, True, True)):
    x = np.random.default_rng(seed).uniform(size=(n, 3)) @ CELL
    found, _ = find_neighbors(x, CELL, np.array(pbc), 3.0)
    return jnp.asarray(x), found


@pytest.mark.parametrize("pbc", [(True, True, True), (True, False, True), (False, False, False)])
def test_a_table_holds_the_pairs_and_their_reverses(pbc):
    x, pairs = atoms(pbc=pbc)
    table = neighbor_table(pairs, len(x), 40)
    assert not table.overflow
    real = np.asarray(table.real)
    i, column = np.nonzero(real)
    listed = {(*row,) for row in np.c_[i, np.asarray(table.index)[real], np.asarray(table.shift)[real]].tolist()}
    number = int(pairs.number)
    expected = np.c_[np.asarray(pairs.i), np.asarray(pairs.j), np.asarray(pairs.shift)][:number]
    assert listed == {(*row,) for row in expected.tolist()}
    back = np.asarray(table.reverse)[real]
    j, S = np.asarray(table.index).reshape(-1), np.asarray(table.shift).reshape(-1, 3)
    np.testing.assert_array_equal(j[back], i)
    np.testing.assert_array_equal(back // 40, np.asarray(table.index)[real])
    np.testing.assert_array_equal(S[back], -np.asarray(table.shift)[real])


def test_an_atom_with_more_neighbors_than_columns_overflows():
    x, pairs = atoms()
    most = int(np.bincount(np.asarray(pairs.i)[: int(pairs.number)]).max())
    assert not neighbor_table(pairs, len(x), most).overflow
    assert neighbor_table(pairs, len(x), most - 1).overflow


def test_a_pair_without_its_reverse_is_an_overflow():
    """A list that holds (1, 0) of a triangle alone, and not (0, 1)."""
    i, j = np.array([[0, 2], [1, 0], [1, 2], [2, 0], [2, 1]]).T
    S = np.zeros((6, 3), int)
    pairs = NeighborList(*(jnp.asarray(a) for a in (i, j, S[1:], [3, 0, 4, 0, 2], 5, 1, False)))
    assert neighbor_table(pairs, 3, 2).overflow
    whole = NeighborList(*(jnp.asarray(a) for a in (np.r_[0, i], np.r_[1, j], S, [2, 4, 0, 5, 1, 3], 6, 1, False)))
    assert not neighbor_table(whole, 3, 2).overflow


def test_what_is_sent_is_returned():
    """<sent(h), f> = <h, returned(f)>, and the derivatives of both are each other's."""
    x, pairs = atoms()
    table = neighbor_table(pairs, len(x), 40)
    h, f = (jax.random.normal(jax.random.key(k), shape) for k, shape in ((0, (20, 2)), (1, (20, 40, 2))))
    inner = jnp.sum(table.sent(h) * f)
    assert float(inner) == pytest.approx(float(jnp.sum(h * table.returned(f))), rel=1e-12)
    np.testing.assert_allclose(jax.grad(lambda h: jnp.sum(table.sent(h) * f))(h), table.returned(f), rtol=1e-12)
    back = jax.grad(lambda f: jnp.sum(h * table.returned(f)))(f)
    np.testing.assert_allclose(back, table.sent(h), rtol=1e-12)


def test_forces_and_virial_are_derivatives_of_the_energy():
    """Of positions and of a strain, by differentiating the vectors of the table: round-off apart."""
    x, pairs = atoms()
    table, potential, species = neighbor_table(pairs, len(x), 40), ThreeBody(), jnp.zeros(20, int)

    def energy(x, strain):
        moved = jnp.eye(3) + strain
        return jnp.sum(
            potential.atom_energies(table.vectors(x @ moved.T, jnp.asarray(CELL) @ moved.T, 3.0), table, species)
        )

    found = forces(potential.atom_energies, table.vectors(x, jnp.asarray(CELL), 3.0), table, species)
    by_x, by_strain = jax.grad(energy, argnums=(0, 1))(x, jnp.zeros((3, 3)))
    np.testing.assert_allclose(found.forces, -by_x, atol=1e-10)
    np.testing.assert_allclose(jnp.sum(found.virials, 0), by_strain, atol=1e-10)
    assert float(jnp.abs(jnp.sum(found.forces, 0)).max()) < 1e-11
    h = 1e-5
    moved = (energy(x.at[3, 1].add(h), jnp.zeros((3, 3))) - energy(x.at[3, 1].add(-h), jnp.zeros((3, 3)))) / (2 * h)
    assert float(moved) == pytest.approx(-float(found.forces[3, 1]), rel=1e-7)
