# SPDX-License-Identifier: Apache-2.0
"""Committees of potentials: their mean, their spread, what it is held against, and what dynamics says of it."""

import os
import signal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.tasks.atoms.test_approximate_potential import frames

from isinglass import approximate, data, sample
from isinglass.data.atoms.structure_file import atomic_structure
from isinglass.errors import InputError, Interrupted
from isinglass.nets.equivariant import CommitteePotential
from isinglass.run.model_file import load_model, save_model
from isinglass.sampling.dynamics.simulation import DynamicsPlan, simulate
from isinglass.sampling.dynamics.velocity_verlet import VelocityVerlet
from isinglass.systems.particle.structure import AtomsInPotential

ase = pytest.importorskip("ase")

HOW = {"model": "moments", "cutoff": 4.0, "channels": 4, "batch": 4, "energy_weight": 100.0}


def labelled(n, seed):
    from ase.calculators.emt import EMT

    return data.atoms.calculated(frames(n, seed), EMT())


@pytest.fixture(scope="module")
def sides():
    return {"valid": labelled(16, 1), "test": labelled(60, 2)}


@pytest.fixture(scope="module")
def result(sides):
    return approximate(0, labelled(24, 0), epochs=60, members=3, **HOW, **sides)


@pytest.fixture(scope="module")
def committee(result):
    return result.models["potential"]


def copper(size=(2, 2, 1), rattle=0.08):
    from ase.build import bulk

    atoms = bulk("Cu", "fcc", a=3.6, cubic=True).repeat(size)
    atoms.positions += rattle * np.random.default_rng(5).normal(size=atoms.positions.shape)
    return atoms


def of_members(committee, atoms):
    """Energies and forces of each network by a calculator of its own, as NumPy: an independent path."""
    found = []
    for k in range(committee.count):
        alone = jax.tree.map(lambda a, k=k: a[k] if eqx.is_array(a) else a, committee.members)
        other = atoms.copy()
        other.calc = data.atoms.InteratomicCalculator(alone)
        found.append((other.get_potential_energy(), other.get_forces(), other.get_stress()))
    return tuple(np.stack(part) for part in zip(*found, strict=True))


def test_the_calculator_gives_mean_and_spread(committee):
    """ASE's energy, forces and stress are the means of the members' own; `forces_std` their spread, calibrated."""
    atoms = copper()
    atoms.calc = data.atoms.InteratomicCalculator(committee)
    E, F, stress = of_members(committee, atoms)
    assert atoms.get_potential_energy() == pytest.approx(E.mean(), rel=1e-9)
    np.testing.assert_allclose(atoms.get_forces(), F.mean(axis=0), atol=1e-9)
    np.testing.assert_allclose(atoms.get_stress(), stress.mean(axis=0), atol=1e-9)
    sigma = float(committee.forces_factor) * np.sqrt(F.var(axis=0, ddof=1).mean(axis=1))
    np.testing.assert_allclose(atoms.calc.get_property("forces_std"), sigma, rtol=1e-6)
    assert atoms.calc.get_property("energy_std") == pytest.approx(
        float(committee.energy_factor) * E.std(ddof=1), rel=1e-5
    )
    assert sigma.min() > 1e-4


def test_the_mean_is_an_energy_whose_derivative_its_forces_are(result):
    """The laws of every potential hold for the committee, by the checks of the verdict."""
    laws = [c for c in result.checks if "forces are the derivative" in c.law or "turn with the frame" in c.law]
    assert [c.verdict for c in laws] == ["pass", "pass"]
    assert {"parity", "training_history", "committee"} == set(result.figures)
    assert result.plot()
    assert {"loss/0", "loss/2", "validation/1"} <= set(result.metrics[0])


def test_uncertainty_does_not_know_the_frame(committee):
    atoms = copper()
    Q = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    turned = atoms.copy()
    turned.set_cell(atoms.cell.array @ Q.T)
    turned.positions = atoms.positions @ Q.T
    found = []
    for one in (atoms, turned):
        one.calc = data.atoms.InteratomicCalculator(committee)
        one.get_forces()
        found.append(one.calc.results["forces_std"])
    np.testing.assert_allclose(found[1], found[0], rtol=1e-9)


def test_factors_are_those_of_frames_to_validate(committee, sides):
    """c_F² = <ΔF²/s²>, c_E² = <ΔE²>/<s_E²> by the members' own calculators: never by frames to test."""
    ratio, off, wide = [], [], []
    for k in range(len(sides["valid"])):
        frame = sides["valid"].frame(k)
        atoms = ase.Atoms(frame.numbers, frame.positions, cell=frame.cell, pbc=frame.pbc)
        E, F, _ = of_members(committee, atoms)
        ratio.append(np.mean((F.mean(axis=0) - frame.forces) ** 2, axis=1) / F.var(axis=0, ddof=1).mean(axis=1))
        off.append((E.mean() - frame.energy) / len(atoms))
        wide.append(E.std(ddof=1) / len(atoms))
    assert float(committee.forces_factor) == pytest.approx(np.mean(np.concatenate(ratio)) ** 0.5, rel=1e-3)
    assert float(committee.energy_factor) == pytest.approx(np.sqrt(np.mean(np.square(off)) / np.mean(np.square(wide))),
                                                           rel=1e-3)  # fmt: skip


def test_a_saved_committee_is_the_same(committee, tmp_path):
    save_model(tmp_path / "m", {"potential": committee})
    again = load_model(tmp_path / "m")["potential"]
    assert eqx.tree_equal(again, committee)
    assert isinstance(again, CommitteePotential)
    assert again.count == 3


def test_held_out_errors_are_those_of_the_uncertainty(result):
    """By 60 frames that chose nothing; the mean errs no more than its members do."""
    found = {check.law: check.verdict for check in result.checks}
    assert found["share of force components whose error is within 1 σ"] == "pass"
    assert found["rank correlation of σ and the error of forces, atom by atom"] == "pass"
    assert result.estimates["forces_rmse"].value < result.estimates["forces_rmse_of_a_member"].value


def planted(committee, sides, change):
    """Verdicts of a committee that something is done to."""
    from isinglass.approximation.regression import rows_of_frames
    from isinglass.tasks.atoms.fitted_committee import FittedCommittee

    rows = rows_of_frames(sides["test"], sides["test"].n_atoms * float(committee.members.shift[0, 0]), (29,), 4.0)
    return {check.law: check.verdict for check in FittedCommittee(change(committee), rows).checks()}


def test_an_overconfident_committee_fails(committee, sides):
    """Planted: a factor three times too small."""
    small = lambda c: CommitteePotential(c.members, c.forces_factor / 3, c.energy_factor, c.known)  # noqa: E731
    assert planted(committee, sides, small)["share of force components whose error is within 1 σ"] == "fail"


def test_copies_of_one_network_fail(committee, sides):
    """Planted: three times the same weights: no spread, no factor, and a verdict that says so."""
    from isinglass.approximation.regression import calibrated, rows_of_frames

    def copies(c):
        same = jax.tree.map(lambda a: jnp.broadcast_to(a[:1], a.shape) if eqx.is_array(a) else a, c.members)
        rows = rows_of_frames(sides["valid"], np.zeros(len(sides["valid"])), (29,), 4.0)
        again = calibrated(CommitteePotential(same), rows)
        assert float(again.forces_factor) == 1.0
        assert float(again.known) == 0.0
        return again

    assert planted(committee, sides, copies) == {"spread of the members by the error of their mean": "fail"}


def moved(committee, atoms, **how):
    problem = AtomsInPotential(committee, atomic_structure(atoms))
    return sample(0, problem, **{"temperature": 300.0, "steps": 200, "friction": 20.0} | how)


def known(result):
    return next(c for c in result.checks if c.law.startswith("uncertainty of forces"))


def test_dynamics_tells_its_uncertainty(committee):
    """Like the training: in the range.  The last row is that of ASE's calculator at the last positions."""
    result = moved(committee, copper())
    assert known(result).verdict == "pass"
    assert "doubt" in result.figures
    assert result.plot()
    assert result.metrics[0]["forces_uncertainty"] > 0
    atoms = copper()
    atoms.positions = result.arrays["final_positions"].to_numpy()
    atoms.calc = data.atoms.InteratomicCalculator(committee)
    atoms.get_forces()
    sigma = atoms.calc.results["forces_std"]
    last = {name: float(result.arrays[name][-1]) for name in result.arrays if "uncertain" in str(name) and
            result.arrays[name].ndim}  # fmt: skip
    assert last["largest_forces_uncertainty"] == pytest.approx(sigma.max(), rel=1e-6)
    assert last["forces_uncertainty"] == pytest.approx(np.sqrt(np.mean(sigma**2)), rel=1e-6)
    assert last["most_uncertain_atom"] == int(np.argmax(sigma))
    assert last["energy_uncertainty"] == pytest.approx(1000 * atoms.calc.results["energy_std"] / len(atoms), rel=1e-5)


def test_atoms_that_were_never_seen_are_named(committee):
    """Planted: 6000 K, where atoms come nearer than in any frame of the training."""
    found = known(moved(committee, copper(), temperature=6000.0))
    assert found.verdict != "pass"
    assert "left at step" in found.law
    assert ", Cu" in found.law


def test_atoms_at_rest_tell_their_uncertainty(committee):
    """By the calculator at the same place; second derivatives go through the members."""
    result = approximate(0, AtomsInPotential(committee, atomic_structure(copper((1, 1, 1)))), reach=3.0, cell="none")
    assert result.status == "done"
    assert known(result).verdict == "pass"
    atoms = copper((1, 1, 1))
    atoms.positions = result.arrays["positions"].to_numpy()
    atoms.calc = data.atoms.InteratomicCalculator(committee)
    sigma = atoms.calc.get_property("forces_std", atoms)
    assert result.estimates["largest_forces_uncertainty"].value == pytest.approx(1000 * sigma.max(), rel=1e-6)
    assert result.estimates["highest_frequency"].value > 1


def test_training_is_resumed_bit_for_bit(result, sides, tmp_path):
    """All members, after an end in the third of sixty epochs."""

    def stop(done, total, message):
        if done == 2:
            os.kill(os.getpid(), signal.SIGTERM)

    how = {"epochs": 60, "members": 3, "checkpoint": tmp_path} | HOW | sides
    with pytest.raises(Interrupted):
        approximate(0, labelled(24, 0), progress=stop, **how)
    again = approximate(0, labelled(24, 0), **how)
    assert eqx.tree_equal(again.models["potential"], result.models["potential"])


def test_dynamics_is_resumed_with_its_uncertainty(committee, tmp_path, monkeypatch):
    """Every bit, after an end in the second of twelve blocks."""
    monkeypatch.setattr("isinglass.sampling.dynamics.simulation.ATOM_STEPS", 800.0)
    atoms, said, plan = atomic_structure(copper()), [], DynamicsPlan(600, 10)
    run = lambda **how: simulate(jax.random.key(0), VelocityVerlet(1.0), committee, atoms, np.zeros(16, int),  # noqa: E731
                                 np.zeros((16, 3)), plan, **how)  # fmt: skip

    def stop(done, total, message):
        said.append(done)
        if len(said) == 2:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Interrupted):
        run(checkpoint=tmp_path, progress=stop)
    assert said[0] < plan.steps
    whole, again = run(), run(checkpoint=tmp_path)
    for a, b in zip(jax.tree.leaves(whole.rows), jax.tree.leaves(again.rows), strict=True):
        np.testing.assert_array_equal(a, b)
    assert whole.rows.uncertainty is not None
    assert (whole.rows.uncertainty.largest > 0).all()


def test_no_member_is_refused(sides):
    with pytest.raises(InputError, match="members"):
        approximate(0, sides["valid"], members=0, **HOW)
