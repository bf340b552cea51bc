# SPDX-License-Identifier: Apache-2.0
"""`relax` with hops: seven Lennard-Jones atoms to the database's minimum; who agrees; what is refused."""

import jax
import numpy as np
import pytest

from isinglass import approximate
from isinglass.approximation.harmonic.basin_hopping import Search, Walker
from isinglass.checks.atoms.crystal import walkers_agree
from isinglass.errors import InputError
from isinglass.result import Estimate, Result
from isinglass.systems.particle.potential.pair_lennard_jones import PairLennardJones
from isinglass.systems.particle.structure import AtomicStructure, AtomsInPotential
from isinglass.tasks.atoms.hopped import HoppedAtoms

UNCUT = PairLennardJones(epsilon=1.0, sigma=1.0, onset=15.0, cutoff=20.0)


def seven(pbc: bool = False) -> AtomsInPotential:  # noqa: FBT001, FBT002
    """Random atoms."""
    x = 1.5 * np.asarray(jax.random.ball(jax.random.key(3), 3, shape=(7,), dtype=float))
    x = x + 1.1 * np.arange(7)[:, None] * np.array([1.0, 0.0, 0.0])
    cell = 50 * np.eye(3) if pbc else np.zeros((3, 3))
    return AtomsInPotential(UNCUT, AtomicStructure(x, np.full(7, 18), cell, np.full(3, pbc), np.full(7, 39.95)))


def at_rest(energy: float) -> Result:
    """Seven atoms of this energy."""
    return Result("rest", estimates={"energy_per_atom": Estimate(energy / 7)})


@pytest.mark.slow
def test_seven_atoms_come_to_rest_in_the_deepest_minimum():
    found = approximate(0, seven(), hops=20, walkers=4, properties="none")
    assert 7 * found.estimates["energy_per_atom"].value == pytest.approx(-16.505384, abs=1e-6)  # doi:10.1021/jp970984n
    assert found.arrays["deepest_energy"].shape == (20, 4)
    assert "basin_hopping" in found.figures
    assert set(found.plot()) == {"basin_hopping"}
    (agreed,) = [check for check in found.checks if check.law.startswith("walkers")]
    assert agreed.verdict == "pass"


def test_what_the_atoms_had_is_not_lost():
    """From near the deepest minimum, by one hop of two walkers: one of them begins there, the other far away."""
    turn = 2 * np.pi * np.arange(5) / 5
    ring = 0.95 * np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=1)
    start = seven()
    deep = start.atoms._replace(positions=np.vstack([ring, [[0, 0, 0.55], [0, 0, -0.55]]]))
    found = approximate(0, AtomsInPotential(UNCUT, deep), hops=1, walkers=2, hop_length=3.0, properties="none")
    assert 7 * found.estimates["energy_per_atom"].value == pytest.approx(-16.505384, abs=1e-6)
    assert found.verdict == "unknown"  # nothing was found but the start


def test_periodic_atoms_are_refused():
    with pytest.raises(InputError, match="in the open"):
        approximate(0, seven(pbc=True), hops=2, cell="none")


def test_one_atom_has_nowhere_to_hop():
    alone = AtomicStructure(np.zeros((1, 3)), np.array([18]), np.zeros((3, 3)), np.zeros(3, bool), np.array([39.95]))
    with pytest.raises(InputError, match="two atoms or more"):
        approximate(0, AtomsInPotential(UNCUT, alone), hops=5)


def test_who_arrived_when():
    """Walker 0 after the second hop, walker 1 never; others begin there, and count as one."""
    deepest = np.array([[-1.0, -1.0], [-3.0, -2.0], [-3.00001, -2.0]])
    x = np.stack([np.zeros((7, 3)), np.ones((7, 3))])
    walkers = Walker(x, deepest[-1], x, deepest[-1], np.array([3, 0]))
    found = HoppedAtoms(seven(), Search(walkers, deepest, 0.01, np.array([-1.0, -1.0])))
    assert found.first(-3.0).tolist() == [2, 4]
    began = HoppedAtoms(seven(), Search(walkers, np.full((3, 2), -3.0), 0.01, np.array([-3.0, -3.0])))
    assert began.first(-3.0).tolist() == [0, 0]
    assert began.told(at_rest(-3.0)).verdict == "unknown"
    hopped = HoppedAtoms(seven(), Search(walkers, np.full((3, 2), -3.0), 0.01, np.array([-3.0, -1.0])))
    assert hopped.told(at_rest(-3.0)).verdict == "pass"
    assert np.array_equal(found.problem.atoms.positions, x[0])
    told = found.told(at_rest(-3.0))
    assert told.verdict == "unknown"
    assert "1 of 2 walkers" in told.notes[0]
    assert told.estimates["hop_temperature"].value == 0.01
    assert told.estimates["hop_acceptance"].value == 0.5


def test_a_saddle_is_no_minimum_that_walkers_found():
    """Both in a saddle at -3; at rest -4: no walker had been there."""
    x = np.zeros((2, 7, 3))
    walkers = Walker(x, np.full(2, -3.0), x, np.full(2, -3.0), np.array([1, 1]))
    told = HoppedAtoms(seven(), Search(walkers, np.full((1, 2), -3.0), 0.01, np.full(2, -1.0))).told(at_rest(-4.0))
    assert told.verdict == "unknown"
    assert told.estimates["hops_to_deepest"].value == 2
    assert told.notes[0].startswith("0 of 2 walkers")


def test_one_walker_alone_is_unknown():
    assert walkers_agree(1, 8).verdict == "unknown"
    assert walkers_agree(2, 8).verdict == "pass"
