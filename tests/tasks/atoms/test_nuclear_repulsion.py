# SPDX-License-Identifier: Apache-2.0
"""Repulsion of nuclei beside a learned potential: nothing where frames show it, and atoms that collide come apart."""

import jax.numpy as jnp
import numpy as np
import pytest
from tests.tasks.atoms.test_committee_potential import HOW, labelled

from isinglass import approximate, data
from isinglass.approximation.regression import all_predicted, compared, residual, rows_of_frames
from isinglass.data.atoms.structure_file import atomic_structure
from isinglass.nets.equivariant import MomentPotential, ScaledPotential
from isinglass.run.model_file import load_model, save_model
from isinglass.sampling.dynamics.simulation import DynamicsPlan, simulate
from isinglass.sampling.dynamics.velocity_verlet import VelocityVerlet
from isinglass.systems.particle.potential.zbl import ZBL
from isinglass.tasks.atoms.nuclear_repulsion import Repulsion

ase = pytest.importorskip("ase")

CUTOFF = 4.0


@pytest.fixture(scope="module")
def atoms():
    return labelled(6, 0)


@pytest.fixture(scope="module")
def rows(atoms):
    return rows_of_frames(atoms, np.zeros(len(atoms)), (29,), CUTOFF)


def untrained(key, nearest=0.0):
    """A smooth network that knows nothing of short distances."""
    net = MomentPotential(key=key, numbers=(29,), cutoff=CUTOFF, average=40.0, channels=4)
    return ScaledPotential(net, 0.3, np.zeros(1), nearest=nearest)


def pair(potential, d):
    found = ase.Atoms("Cu2", [[0, 0, 0], [d, 0, 0]])
    found.calc = data.atoms.InteratomicCalculator(potential)
    return found.get_potential_energy(), found.get_forces()[1, 0]


def test_frames_of_the_training_are_as_without(rows, key):
    """It ends at the nearest distance that they have; half of that it is the bare formula."""
    repulsion = Repulsion.of((29,), CUTOFF, rows)
    nearest = float(np.linalg.norm(np.asarray(rows.near[0].r, float), axis=-1)[np.asarray(rows.near[0].real)].min())
    net = untrained(key)
    both = repulsion.added(net)
    assert pair(both, nearest + 1e-3) == pytest.approx(pair(net, nearest + 1e-3))
    assert pair(both, 0.9 * nearest)[0] > pair(net, 0.9 * nearest)[0] + 0.01
    alone = ZBL((29,), cutoff=nearest)
    assert pair(both, 0.6)[0] - pair(net, 0.6)[0] == pytest.approx(pair(alone, 0.6)[0], rel=1e-5)
    left = repulsion.taken_off(rows)
    for name in ("energy", "forces", "virial"):
        np.testing.assert_allclose(np.asarray(getattr(left, name)), np.asarray(getattr(rows, name)), atol=1e-5)


def test_what_is_taken_off_is_what_is_added(atoms, rows, key):
    """Errors of the network beside labels less the repulsion are those of both beside the labels: radii of 1.5 Å."""
    wide = Repulsion(ZBL((29,), cutoff=3.0, radii=(1.5,)))
    net = untrained(key)
    left = wide.taken_off(rows)
    assert np.abs(np.asarray(left.forces - rows.forces)).max() > 0.1
    one, both = compared(all_predicted(net, left), left), compared(all_predicted(wide.added(net), rows), rows)
    for name in ("energy", "forces", "virial"):
        np.testing.assert_allclose(getattr(one, name).error, getattr(both, name).error, rtol=1e-4, atol=1e-5)
    of = data.atoms.InteratomicCalculator(ZBL((29,), cutoff=3.0, radii=(1.5,)))  # an independent path: frame by frame
    energy = np.asarray(residual(rows, ScaledPotential(of.potential, 1.0, np.zeros(1))).energy)
    for k in range(len(atoms)):
        frame = atoms.frame(k)
        alone = ase.Atoms(frame.numbers, frame.positions, cell=frame.cell, pbc=frame.pbc, calculator=of)
        assert energy[np.asarray(rows.number) == k][0] == pytest.approx(
            frame.energy - alone.get_potential_energy(), abs=2e-4
        )


def test_labels_that_are_missing_stay_missing(rows):
    wide = Repulsion(ZBL((29,), cutoff=3.0, radii=(1.5,)))
    none = {f"with_{name}": jnp.zeros_like(getattr(rows, f"with_{name}")) for name in ("forces", "stress")}
    left = wide.taken_off(rows._replace(**none))
    assert float(jnp.abs(left.forces - rows.forces).max()) == 0.0
    assert float(jnp.abs(left.virial - rows.virial).max()) == 0.0


@pytest.mark.parametrize("repelled", [True, False])
def test_a_collision_does_not_end_in_one_place(repelled, rows, key):
    """Two atoms at 60 eV in the frame of their centre: with repulsion they turn back and keep their energy.

    Planted: without it they pass through each other, or explode.
    """
    net = untrained(key)
    potential = Repulsion.of((29,), CUTOFF, rows).added(net) if repelled else net
    start = atomic_structure(ase.Atoms("Cu2", [[0, 0, 0], [3.0, 0, 0]]))
    speed = np.sqrt(60.0 / 63.546)
    v = np.array([[speed, 0, 0], [-speed, 0, 0]])
    found = simulate(key, VelocityVerlet(0.05), potential, start, np.zeros(2, int), v, DynamicsPlan(1200, 2))
    x = np.asarray(found.frames.x)[:, 1, 0] - np.asarray(found.frames.x)[:, 0, 0]
    E = np.asarray(found.rows.conserved)
    turned = found.status == "done" and x.min() > 0.5 and x[-1] > 3.0 and np.ptp(E) < 0.1
    assert turned == repelled


def test_it_is_trained_with_and_saved(tmp_path):
    """By the setting; a pair at half an Å costs what nuclei say, to the share of the network."""
    how = {"epochs": 3, "repulsion": True, "valid": labelled(4, 1), "test": labelled(4, 2)} | HOW
    potential = approximate(0, labelled(12, 0), **how).models["potential"]
    save_model(tmp_path / "m", {"potential": potential})
    again = load_model(tmp_path / "m")["potential"]
    bare = 14.399645 * 29**2 / 0.5 * phi(0.5 * 2 * 29**0.23 / 0.4685)
    assert pair(again, 0.5)[0] == pytest.approx(bare, rel=0.02)
    assert pair(again, 0.5) == pair(potential, 0.5)


def phi(x):
    return (0.18175 * np.exp(-3.1998 * x) + 0.50986 * np.exp(-0.94229 * x) + 0.28022 * np.exp(-0.4029 * x)
            + 0.02817 * np.exp(-0.20162 * x))  # fmt: skip
