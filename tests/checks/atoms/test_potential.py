# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a potential is seen: a leaked frame, a jump at the cutoff, forces that are no derivative."""

from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array, Float, Int

from isinglass.checks.potential import AtomsSeen, forces_error, laws
from isinglass.systems.particle.interatomic import AbstractInteratomic, NeighborTable, neighbor_table
from isinglass.systems.particle.neighbor_search import find_neighbors


class Planted(AbstractInteratomic):
    """Σ_j (1 - r²/c²)³, and one thing wrong with it, a ten-thousandth of it."""

    wrong: Literal["nothing", "frame", "jump", "not conservative"]
    cutoff: float = 3.0
    numbers: tuple[int, ...] = (1,)

    def atom_energies(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        del species
        square = jnp.sum(r * r, -1)
        w = jnp.where(neighbors.real, jnp.clip(1 - square / self.cutoff**2, 0) ** 3, 0)
        if self.wrong == "frame":
            w = w * (1 + 1e-4 * r[..., 0])
        if self.wrong == "jump":
            w = w + jnp.where(neighbors.real & (square < self.cutoff**2), 1e-4, 0)
        if self.wrong == "not conservative":  # a part of the energy that forces do not know
            w = w + 1e-4 * jax.lax.stop_gradient(w * jnp.sqrt(square))
        return jnp.sum(w, axis=1)


def seen():
    cell = np.eye(3) * 6.0
    x = np.random.default_rng(0).uniform(size=(24, 3)) @ cell
    pairs, _ = find_neighbors(x, cell, np.ones(3, bool), 3.0)
    table = neighbor_table(pairs, 24, 48)
    assert not table.overflow
    return AtomsSeen(table.vectors(jnp.asarray(x), jnp.asarray(cell), 3.0), table, jnp.zeros(24, int))


@pytest.mark.parametrize(
    ("wrong", "law"),
    [("nothing", ""), ("frame", "turn with the frame"), ("jump", "no jump"), ("not conservative", "derivative")],
)
def test_each_error_is_seen_by_its_law(wrong, law):
    failed = [check.law for check in laws(jax.random.key(0), Planted(wrong), seen()) if check.verdict != "pass"]
    assert [law in one for one in failed] == ([True] if law else [])


def test_a_table_whose_reverse_places_are_wrong_is_seen():
    """What one atom feels the other does not: forces are no derivative then."""
    at = seen()
    wrong = at._replace(table=at.table._replace(reverse=jnp.roll(at.table.reverse, 1, axis=0)))
    verdicts = {check.law: check.verdict for check in laws(jax.random.key(0), Planted("nothing"), wrong)}
    assert verdicts["forces are the derivative of the energy"] == "fail"


@pytest.mark.parametrize(("rmse", "verdict"), [(0.09, "pass"), (0.11, "fail")])
def test_an_error_of_forces_is_held_against_a_tenth_of_them(rmse, verdict):
    assert forces_error(rmse, 0.001, 1.0, None).verdict == verdict
    assert forces_error(rmse, 0.001, 5.0, 0.1).verdict == verdict
