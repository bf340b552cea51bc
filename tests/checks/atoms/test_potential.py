# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a potential is seen: a leaked frame, a jump at the cutoff, forces that are no derivative."""

from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array, Float, Int

from isinglass.checks.atoms.potential import (
    all_tested,
    each_element,
    energies_error,
    forces_error,
    independent,
    laws,
    virials_error,
)
from isinglass.data.atoms.labelled_atoms import LabelledAtoms
from isinglass.data.atoms.likeness import nearness
from isinglass.systems.particle.interatomic import AbstractInteratomic, AtomsSeen, NeighborTable, neighbor_table
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


@pytest.mark.parametrize(("rmse", "verdict"), [(0.28, "pass"), (0.32, "fail")])
def test_an_error_of_one_element_is_held_against_its_own_forces(rmse, verdict):
    assert each_element("H", rmse, 0.001, 1.0, None).verdict == verdict
    assert each_element("H", rmse, 0.001, 5.0, 0.1).verdict == verdict


def test_one_frame_and_elements_without_a_frame_prove_nothing():
    assert forces_error(0.05, None, 1.0, None).verdict == "unknown"
    assert forces_error(0.2, None, 1.0, None).verdict == "fail"
    assert all_tested("") == []
    (missing,) = all_tested("Al")
    assert missing.verdict == "unknown"
    assert "Al" in missing.law


@pytest.mark.parametrize(("rmse", "verdict"), [(0.45, "pass"), (0.55, "fail")])
def test_an_error_of_energies_is_held_against_half_of_their_spread(rmse, verdict):
    assert energies_error(rmse, 0.01, 1.0, 4).verdict == verdict
    assert energies_error(rmse, 0.01, 0.0, 4).verdict == "unknown"
    assert virials_error(rmse, 0.01, 1.0, 4).verdict == verdict
    assert {f(rmse, 0.01, 1.0, 3).verdict for f in (energies_error, virials_error)} == {"unknown"}


def test_stresses_of_the_other_sign_are_seen():
    """x beside -x errs by twice its spread."""
    x = np.random.default_rng(0).normal(size=(50, 3, 3))
    assert virials_error(float(np.sqrt(np.mean((2 * x) ** 2))), 0.05, float(x.std(axis=0).mean()), 50).verdict == "fail"


def walk(step, n=200, seed=0):
    """Frames of eight atoms: a walk of small steps around one place, or independent ones."""
    rng = np.random.default_rng(seed)
    x, found = rng.normal(size=(8, 3)), []
    for _ in range(n):
        x = np.sqrt(1 - step**2) * x + step * rng.normal(size=(8, 3))
        found.append(10 * np.arange(8)[:, None] + x)
    n_atoms, forces = np.full(n, 8), np.zeros((8 * n, 3))
    elements, cell, pbc = np.ones(8 * n, int), np.zeros((n, 3, 3)), np.zeros((n, 3), bool)
    return LabelledAtoms(
        n_atoms, np.concatenate(found), elements, cell, pbc, np.zeros(n), forces, np.full((n, 3, 3), np.nan),
        np.ones(n), ("",) * n,
    )  # fmt: skip


def test_frames_of_one_trajectory_and_copies_are_no_test():
    """Every tenth frame held out: of a slow walk, of independent frames, of copies."""
    held, rest = np.arange(0, 200, 10), np.setdiff1d(np.arange(200), np.arange(0, 200, 10))
    slow, free = walk(0.1), walk(1.0)
    assert [check.verdict for check in independent(nearness(slow.kept(held), slow.kept(rest)))] == ["unknown"]
    assert [check.verdict for check in independent(nearness(free.kept(held), free.kept(rest)))] == ["pass"]
    assert independent(nearness(free.kept(held), free))[0].verdict == "unknown"
    assert independent(np.zeros(0)) == []
