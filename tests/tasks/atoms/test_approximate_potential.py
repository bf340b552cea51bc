# SPDX-License-Identifier: Apache-2.0
"""Potentials by the verb: what is learned, what is held against, what is refused."""

from types import SimpleNamespace

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass import approximate, data, sample
from isinglass.approximation.regression import ForceMatching, all_predicted, compared
from isinglass.approximation.regression.compared_frames import LabelledValues
from isinglass.approximation.regression.force_matching import PredictedFrames
from isinglass.approximation.regression.frame_layout import layout, packed, places
from isinglass.approximation.regression.packed_frames import rows_of_frames
from isinglass.errors import InputError
from isinglass.report.figures import draw
from isinglass.systems.particle.structure import AtomsInPotential
from isinglass.tasks.atoms.approximate_potential import normalized_steps, surroundings
from isinglass.tasks.atoms.fitted_potential import FittedPotential, mean, root_mean

ase = pytest.importorskip("ase")


def frames(n=40, seed=0, size=(2, 1, 1)):
    """Rattled, strained copper, 8 atoms, and every fourth frame 4."""
    from ase.build import bulk

    rng, found = np.random.default_rng(seed), []
    for k in range(n):
        cell = bulk("Cu", "fcc", a=3.6, cubic=True).repeat((1, 1, 1) if k % 4 == 0 else size)
        cell.set_cell(cell.cell.array @ (np.eye(3) + rng.uniform(-0.03, 0.03, (3, 3))), scale_atoms=True)
        cell.positions += 0.1 * rng.normal(size=cell.positions.shape)
        found.append(cell)
    return found


@pytest.fixture(scope="module")
def labelled():
    from ase.calculators.emt import EMT

    return data.atoms.calculated(frames(), EMT())


@pytest.fixture(scope="module")
def result(labelled):
    return approximate(0, labelled, model="moments", cutoff=4.0, channels=8, epochs=40, batch=4)


def test_forces_of_effective_medium_theory_are_learned(result, labelled):
    """Held-out frames: a tenth of the forces, by EMT's own labels; energies to 10 meV an atom."""
    size = 1000 * np.sqrt(np.mean(labelled.forces**2))
    assert result.verdict == "pass", [c for c in result.checks if c.verdict != "pass"]
    assert result.estimates["forces_rmse"].value < 0.1 * size
    assert result.estimates["energy_rmse"].value < 10


def test_short_trainings_take_longer_steps_and_shorter_means():
    """2/√n, at most 0.2; a mean over 50 steps, or a twentieth of the run."""
    assert normalized_steps(10_000) == pytest.approx((0.02, 0.98))
    assert normalized_steps(400) == pytest.approx((0.1, 0.95))
    assert normalized_steps(5) == pytest.approx((0.2, 0))


def test_muon_leaves_half_the_error_of_adam(labelled):
    """As many epochs; the labels are EMT's own."""
    how = {"model": "moments", "cutoff": 4.0, "channels": 8, "epochs": 40, "batch": 4, "progress": False}
    muon, adam = (approximate(0, labelled, optimizer=name, **how).estimates for name in ("muon", "adam"))
    assert muon["forces_rmse"].value < 0.6 * adam["forces_rmse"].value
    assert muon["virial_rmse"].value < 0.6 * adam["virial_rmse"].value


@pytest.fixture(scope="module")
def mixed():
    """Up to 16 atoms, and eight frames of four atoms in a third of the volume: three times as many neighbors."""
    from ase.calculators.emt import EMT

    dense = frames(8, seed=1, size=(1, 1, 1))
    for one in dense:
        one.set_cell(0.7 * one.cell.array, scale_atoms=True)
    return data.atoms.calculated(frames(10, size=(2, 2, 1)) + dense + frames(30, seed=2, size=(2, 2, 1)), EMT())


@pytest.mark.parametrize(("which", "parts"), [("labelled", 1), ("mixed", 2)])
def test_rows_hold_every_frame_once_and_as_it_was(which, parts, request):
    """Atoms, labels, vectors: the energies of rows are those of frames; fewer than 15 % of places are empty."""
    labelled = request.getfixturevalue(which)
    rows = rows_of_frames(labelled, np.zeros(len(labelled)), (29,), 4.0)
    number = np.asarray(rows.number)
    assert sorted(number[number >= 0].tolist()) == list(range(len(labelled)))
    np.testing.assert_allclose(np.asarray(rows.energy)[number >= 0], labelled.energy[number[number >= 0]], rtol=1e-6)
    if parts == 1:
        assert (np.asarray(rows.frame) == rows.size.shape[1]).mean() < 0.15
    for k in (3, 12):
        row, s = np.argwhere(number == k)[0]
        here = np.asarray(rows.frame)[row] == s
        np.testing.assert_allclose(np.asarray(rows.forces)[row, here], labelled.frame(k).forces, rtol=1e-5, atol=1e-5)
    assert len(rows.seen) == parts
    for r, table, _ in rows.seen:
        real, r = np.asarray(table.real).ravel(), np.asarray(r).reshape(-1, 3)
        assert real.any()
        np.testing.assert_allclose(r[np.asarray(table.reverse).ravel()][real], -r[real], atol=1e-5)


def test_a_few_dense_frames_do_not_widen_all():
    """300 frames of 40 neighbors, ten of 160, some of 20: a third of the places that one table would need, or fewer.

    Frames that need about as many columns share one part: a second costs a second program.
    """
    rng = np.random.default_rng(0)
    sizes, columns = rng.integers(4, 60, 400), np.r_[np.full(300, 40), np.full(10, 160), np.full(90, 20)]
    narrow, wide = layout(sizes, columns)
    frames = [[k for row in part.frames for k in row] for part in (narrow, wide)]
    assert sorted(frames[0] + frames[1]) == list(range(400))
    assert sorted(frames[1]) == list(range(300, 310))
    for part in (narrow, wide):
        assert max(sum(sizes[k] for k in row) for row in part.frames) <= part.room
    computed = sum(part.room * part.columns * sum(map(bool, part.frames)) for part in (narrow, wide))
    assert computed < 160 * sizes.sum() / 3
    alike = layout(np.r_[np.full(300, 60), np.full(100, 4)], np.r_[np.full(300, 40), np.full(100, 45)])
    large = layout(np.r_[np.full(500, 9), np.full(5, 900)], np.r_[np.full(500, 8), np.full(5, 60)])
    assert len(alike) == len(large) == 1  # a second program for a tenth; 500 rows that would not fit into memory
    three_atoms = layout(np.r_[np.full(50, 64), 1, 1, 1], np.r_[np.full(50, 50), 1, 1, 1])
    assert max(len(row) for part in three_atoms for row in part.frames) <= 4  # not all in the row of the three


@pytest.mark.parametrize("seed", range(20))
def test_layouts_of_any_frames(seed):
    """Each frame once, no atom of one on another's, and no more memory than one part has."""
    rng = np.random.default_rng(seed)
    F, dense = int(rng.integers(1, 200)), rng.random() * 0.3
    sizes, columns = rng.integers(1, 100, F), np.where(rng.random(F) < dense, 200, 1) + rng.integers(0, 30, F)
    parts, (one,) = layout(sizes, columns), layout(sizes, np.full(F, columns.max()))
    assert sorted(k for part in parts for row in part.frames for k in row) == list(range(F))
    assert sum(p.room * p.columns for p in parts) * len(parts[0].frames) <= one.room * one.columns * len(one.frames)
    taken = {(part, row, first + a) for k, row, _, part, first in places(parts, sizes) for a in range(sizes[k])}
    assert len(taken) == sizes.sum()
    assert all(atom < parts[part].room for part, _, atom in taken)
    assert all(columns[k] <= part.columns for part in parts for row in part.frames for k in row)


def test_a_part_for_dense_frames_changes_nothing_that_is_learned(mixed, result):
    """Losses of all frames and their slopes in the weights, beside rows of one part."""
    both = [rows_of_frames(mixed, np.zeros(len(mixed)), (29,), 4.0, apart=apart) for apart in (True, False)]
    assert [len(rows.near) for rows in both] == [2, 1]
    loss = eqx.filter_jit(eqx.filter_value_and_grad(lambda model, rows: ForceMatching()(None, model, rows)[0]))
    (one, slopes), (other, others) = (loss(result.models["potential"], rows) for rows in both)
    assert float(one) == pytest.approx(float(other), rel=1e-5)
    for a, b in zip(jax.tree.leaves(slopes), jax.tree.leaves(others), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4 * float(jnp.abs(b).max()))


def test_energies_weigh_most_in_the_end(result, labelled):
    """L(s) of its own parts, at the begin, half way and at the end of a run; g = 1 is the loss without a schedule."""
    model, rows = result.models["potential"], rows_of_frames(labelled, np.zeros(len(labelled)), (29,), 4.0)
    _, part = ForceMatching()(None, model, rows)
    E, F, W = (float(part[name]) for name in ("energy", "forces", "virial"))
    for share, less in ((0.0, 0.01), (0.5, 0.1), (1.0, 1.0)):
        found, _ = ForceMatching(300.0, 20.0, 7.0, growth=100.0).at(jnp.float32(share))(None, model, rows)
        assert float(found) == pytest.approx(less * (300 * E + 7 * W) + 20 * F, rel=1e-5)
    assert float(ForceMatching(3.0).at(jnp.float32(0.1)).energy) == 3.0


@pytest.mark.slow
def test_a_schedule_ends_at_lower_energies(labelled):
    """Beside the same weights all along: energies are the better, forces no more than a tenth the worse."""
    how = {"model": "moments", "cutoff": 4.0, "channels": 8, "epochs": 20, "batch": 4, "energy_weight": 1.0,
           "optimizer": "adam"}  # fmt: skip
    plain, grown = (approximate(0, labelled, weight_growth=g, **how).estimates for g in (1.0, 100.0))
    assert grown["energy_rmse"].value < plain["energy_rmse"].value
    assert grown["forces_rmse"].value < 1.1 * plain["forces_rmse"].value


def test_no_row_has_more_atoms_than_room():
    sizes = np.random.default_rng(0).integers(3, 40, 100)
    rows = packed(sizes, 64)
    assert max(sum(sizes[k] for k in row) for row in rows) <= 64
    assert sorted(k for row in rows for k in row) == list(range(100))


def test_labels_that_are_no_derivative_are_not_passed(labelled):
    """Planted: forces of other frames. Nothing that is learned of them holds for held-out ones."""
    from dataclasses import replace

    rng = np.random.default_rng(3)
    wrong = replace(labelled, forces=rng.permutation(labelled.forces))
    found = approximate(0, wrong, model="moments", cutoff=4.0, channels=4, epochs=5)
    assert found.verdict != "pass"


def test_what_cannot_be_trained_on_is_refused(labelled):
    with pytest.raises(InputError, match="three frames"):
        approximate(0, labelled.kept(np.arange(2)), model="moments")
    with pytest.raises(InputError, match="Al"):
        approximate(0, labelled, valid=of_aluminium(), model="moments")
    with pytest.raises(InputError, match="the cutoff, 0.5 Å; found none in the frames"):
        approximate(0, labelled, model="moments", cutoff=0.5)
    with pytest.raises(InputError, match="waves of schnet"):
        approximate(0, labelled, model="schnet", waves=12)


def test_a_network_has_the_waves_that_are_asked_for(labelled):
    found = approximate(0, labelled, model="moments", cutoff=4.0, channels=4, waves=11, epochs=1)
    assert found.models["potential"].net.radial.shape == (1, 11, 4)


def of_aluminium():
    from ase.build import bulk
    from ase.calculators.emt import EMT

    return data.atoms.calculated([bulk("Al", "fcc", a=4.0, cubic=True)] * 3, EMT())


def test_a_file_is_trained_on_by_the_command(tmp_path, capsys, labelled):
    """Extended XYZ in, a model out that is read again with the same energies."""
    import json

    from ase.calculators.emt import EMT
    from ase.calculators.singlepoint import SinglePointCalculator
    from ase.io import write

    from isinglass.cli import main
    from isinglass.result import Result

    written = []
    for frame in frames(12):
        frame.calc = EMT()
        frame.calc = SinglePointCalculator(frame, energy=frame.get_potential_energy(), forces=frame.get_forces())
        written.append(frame)
    write(tmp_path / "train.extxyz", written)
    words = ["potential", str(tmp_path / "train.extxyz"), "--model", "moments", "--epochs", "2", "--channels", "4",
             "--cutoff", "4.0", "--out", str(tmp_path / "run"), "--json"]  # fmt: skip
    try:
        code = main(words)
    except SystemExit as error:
        code = error.code
    assert code in (0, 1)  # after two epochs its error may be too large
    assert "forces_rmse" in json.loads(capsys.readouterr().out)["estimates"]
    model = Result.load(tmp_path / "run").models["potential"]
    assert model.numbers == (29,)


@pytest.mark.parametrize("which", ["labelled", "mixed"])
def test_predictions_are_those_of_the_calculator(which, result, request):
    """Frame by frame through ASE: energies, forces and virials in the order given."""
    model = result.models["potential"]
    few = request.getfixturevalue(which).kept(np.arange(8, 14))
    references = np.asarray(model.shift)[0] * few.n_atoms
    rows = rows_of_frames(few, references, (29,), 4.0)
    seen = compared(all_predicted(model, rows), rows)
    assert seen.frame.tolist() == few.frame_of.tolist()
    calculator = data.atoms.InteratomicCalculator(model)
    for k in range(6):
        frame = few.frame(k)
        atoms = ase.Atoms(frame.numbers, frame.positions, cell=frame.cell, pbc=True, calculator=calculator)
        n = len(atoms)
        assert seen.energy.found[k] * n + references[k] == pytest.approx(atoms.get_potential_energy(), abs=1e-3)
        np.testing.assert_allclose(seen.forces.found[seen.frame == k], atoms.get_forces(), atol=1e-4)
        np.testing.assert_allclose(seen.forces.label[seen.frame == k], frame.forces, atol=1e-5)
        virial = atoms.get_stress(voigt=False) * atoms.get_volume() / n
        np.testing.assert_allclose(seen.virial.found[k], virial, atol=1e-4)


def test_errors_of_stress_are_told_where_there_are_labels(result):
    """EMT gives stresses: their errors are below half of their spread; the figure is drawn."""
    check, shear = [check for check in result.checks if "stresses of held-out frames" in check.law]
    assert 0 < check.measured < check.expected
    assert 0 < shear.measured < shear.expected
    off = (result.arrays["virial_predicted"] - result.arrays["virial"]).to_numpy()
    assert check.measured == pytest.approx(np.sqrt(np.mean(np.einsum("fii->fi", off) ** 2)))
    assert shear.measured == pytest.approx(np.sqrt(np.mean(off[:, [0, 0, 1], [1, 2, 2]] ** 2)))
    assert result.estimates["virial_rmse"].value == pytest.approx(1000 * np.sqrt(np.mean(off**2)))
    assert "parity" in draw(result, ["parity"])


def of_errors(labels, found):
    """What is said of virials by those that are found."""
    errors = LabelledValues(labels, found)
    fitted = FittedPotential(None, None, None, None, None, np.zeros(0))
    fitted.__dict__["seen"] = SimpleNamespace(virial=errors)
    return {check.law.split()[0]: check.verdict for check in fitted.virial_checks()}


def test_shear_in_another_order_is_seen_though_it_is_small():
    """Planted: xy for yz, at a tenth of the diagonal, which hides it from the mean of all; none without shear."""
    rng = np.random.default_rng(0)
    labels = np.zeros((20, 3, 3))
    labels[:, [0, 1, 2], [0, 1, 2]] = rng.normal(size=(20, 3))
    assert of_errors(labels, labels + 0.01) == {"stresses": "pass"}
    i, j = [1, 0, 0], [2, 2, 1]
    shear = 0.1 * rng.normal(size=(20, 3))
    labels[:, i, j] = labels[:, j, i] = shear
    found = labels.copy()
    assert of_errors(labels, found + 0.01) == {"stresses": "pass", "shear": "pass"}
    found[:, i, j] = found[:, j, i] = shear[:, [2, 0, 1]]
    assert np.sqrt(np.mean((found - labels) ** 2)) < labels.std(axis=0).mean() / 2
    assert of_errors(labels, found) == {"stresses": "pass", "shear": "fail"}


def test_a_rare_element_is_not_hidden_by_the_others(labelled):
    """Planted: forces of one aluminium atom among copper that are twice too large; by hand, frame by frame."""
    few = labelled.kept(np.arange(8))
    few.numbers[few.start[:-1]] = 13
    rows = rows_of_frames(few, np.zeros(8), (13, 29), 4.0)
    seen = compared(PredictedFrames(rows.energy, rows.forces, rows.virial), rows)
    first = few.start[:-1]
    seen.forces.found[first] *= 2
    fitted = FittedPotential(None, few, None, None, None, np.zeros(0))
    fitted.__dict__["seen"] = seen
    (al, wrong, error, size), (cu, right, _, _) = fitted.elements()
    assert (al, cu) == ("Al", "Cu")
    assert wrong == pytest.approx(size) == pytest.approx(np.sqrt(np.mean(few.forces[first] ** 2)))
    assert error == pytest.approx(np.std(np.mean(few.forces[first] ** 2, axis=1), ddof=1) / np.sqrt(8) / (2 * wrong))
    assert right == 0.0
    (worst,) = fitted.worst_element()
    assert "Al the worst" in worst.law
    assert worst.verdict == "fail"


def test_frames_to_test_that_also_validate_are_said(labelled):
    """Planted: the same frames choose the epoch and are tested on."""
    test = labelled.kept(np.arange(20, 40))
    train = labelled.kept(np.arange(20))
    how = {"model": "moments", "cutoff": 4.0, "channels": 4, "epochs": 1}
    law = "held-out frames are no neighbors of those trained on"
    of = lambda found: next(check.verdict for check in found.checks if check.law.startswith(law))  # noqa: E731
    assert of(approximate(0, train, valid=test, test=test, **how)) == "unknown"
    assert of(approximate(0, train, valid=test.kept(np.arange(10)), test=test.kept(np.arange(10, 20)), **how)) == "pass"


def test_errors_are_those_of_independent_frames():
    """Of the mean of four squares: s/√4 of the sample, as of the same estimate by leaving one out; of one none."""
    square, ones = np.array([1.0, 2.0, 4.0, 5.0]), np.ones(4)
    left = np.array([np.delete(square, k).mean() for k in range(4)])
    jackknife = np.sqrt(3 * np.var(left))
    assert root_mean(square, ones, "").error == pytest.approx(1000 * jackknife / (2 * np.sqrt(3.0)))
    assert mean(square, "").error == pytest.approx(1000 * jackknife)
    assert root_mean(square[:1], ones[:1], "").error is None
    assert mean(square[:1], "").error is None


def test_an_element_that_no_held_out_frame_has_is_named(labelled):
    """Planted: one aluminium atom in one frame to train on."""
    alloy = labelled.kept(np.arange(12))
    alloy.numbers[5] = 13
    test = labelled.kept(np.arange(12, 24))
    result = approximate(0, alloy, valid=test, test=test, model="moments", cutoff=4.0, channels=4, epochs=1)
    (check,) = [check for check in result.checks if "every element" in check.law]
    assert check.verdict == "unknown"
    assert "none has Al" in check.law


def test_the_potential_keeps_how_lonely_its_atoms_were(result, labelled):
    """Σ_j (1 - r²/R²)² by ASE's neighbors, the least of the frames to train on, which are among all."""
    from ase.neighborlist import neighbor_list

    least = []
    for k in range(len(labelled)):
        frame = labelled.frame(k)
        atoms = ase.Atoms(frame.numbers, frame.positions, cell=frame.cell, pbc=True)
        i, d = neighbor_list("id", atoms, 4.0)
        least.append(np.bincount(i, (1 - (d / 4.0) ** 2) ** 2).min())
    assert min(abs(np.array(least) - float(result.models["potential"].coordination))) < 1e-5


def test_empty_places_of_rows_are_not_lonely_atoms():
    """A row of three atoms at 1 and 2 Å along a line and one empty place, of a cutoff of 4 Å."""
    r = np.zeros((1, 4, 2, 3))
    r[0, :3, :, 0] = [[1, 3], [-1, 2], [-2, -3]]
    real = np.arange(4)[None, :, None] < np.full((1, 1, 2), 3)
    near = SimpleNamespace(r=r, real=real)
    rows = SimpleNamespace(near=(near,), frame=np.array([[0, 0, 0, 1]]), size=np.array([[3.0]]))
    assert surroundings(rows, 4.0) == (1.0, pytest.approx((1 - 4 / 16) ** 2 + (1 - 9 / 16) ** 2))


def test_a_potential_of_bulk_does_not_pass_for_molecules(result):
    """Two copper atoms at rest, in motion, and as many as the training had: what was never seen is unknown."""
    from ase.build import bulk

    dimer = ase.Atoms("Cu2", [[0, 0, 0], [0, 0, 2.4]])
    at = lambda atoms: AtomsInPotential(result.models["potential"], data.atoms.atomic_structure(atoms))  # noqa: E731
    law = "coordination of atoms is among those that the potential was trained on"
    of = lambda found: {check.law: check.verdict for check in found.checks}[law]  # noqa: E731
    assert of(approximate(0, at(dimer), properties="none")) == "unknown"
    assert of(sample(0, at(dimer), steps=20)) == "unknown"
    crystal = at(bulk("Cu", a=3.6, cubic=True))
    assert of(approximate(0, crystal, cell="none", properties="none")) == "pass"
    moved = sample(0, crystal, steps=25)
    assert of(moved) == "pass"
    assert "20 steps: a multiple of every" in moved.notes
