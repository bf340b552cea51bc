# SPDX-License-Identifier: Apache-2.0
"""Errors by the number of frames, on copper by EMT."""

import numpy as np
import pytest
from tests.tasks.atoms.test_approximate_potential import frames

from isinglass import approximate, data
from isinglass.approximation.regression import rows_of_frames
from isinglass.report.figures import draw
from isinglass.result import Estimate
from isinglass.tasks.atoms.learning_curve import FrameCurve, count, fewer_rows, learning_curve

ase = pytest.importorskip("ase")

SETTINGS = {"model": "moments", "cutoff": 4.0, "channels": 8, "batch": 4, "progress": False, "optimizer": "adam"}


@pytest.fixture(scope="module")
def labelled():
    from ase.calculators.emt import EMT

    return data.atoms.calculated(frames(60), EMT())


@pytest.fixture(scope="module")
def result(labelled):
    return approximate(0, labelled, epochs=60, halvings=2, **SETTINGS)


def test_fewer_rows_have_the_shape_of_all(labelled):
    rows = rows_of_frames(labelled, np.zeros(60), (29,), 4.0)
    half, quarter = fewer_rows(rows, 2), fewer_rows(rows, 4)
    assert half.near[0].r.shape == quarter.near[0].r.shape == rows.near[0].r.shape
    assert count(rows) == 60
    assert 0.4 < count(half) / 60 < 0.6
    assert 0.15 < count(quarter) / 60 < 0.35


def test_the_exponent_is_as_sure_as_points_and_line_are():
    """error = 40 n^-0.5 (1 ± 5 %): exact points have the error of least squares; those that scatter, a larger one."""
    n, of = np.array([50, 100, 200, 400]), lambda y: tuple(Estimate(v, 0.05 * v, "meV/Å") for v in y)
    x = np.log(n)
    stated = 0.05 / np.sqrt(np.sum((x - x.mean()) ** 2))
    exact = FrameCurve(tuple(n.tolist()), of(40 * n**-0.5)).estimates()["learning_exponent"]
    assert (exact.value, exact.error) == (pytest.approx(0.5, abs=1e-5), pytest.approx(stated, rel=1e-4))
    rough = FrameCurve(tuple(n.tolist()), of(np.array([1.2, 0.8, 1.2, 0.8]) * 40 * n**-0.5)).estimates()
    off = rough["learning_exponent"]
    assert abs(off.value - 0.5) < 2 * off.error
    assert off.error > 2 * stated
    two = FrameCurve((50, 100), of(40 * n[:2] ** -0.5)).estimates()["learning_exponent"]
    assert two.error == pytest.approx(0.05 * 2**0.5 / np.log(2), rel=1e-4)


def test_fewer_halvings_than_asked_for_are_told():
    found = FrameCurve((12, 24), (Estimate(2.0), Estimate(1.0)))
    assert found.notes(1) == []
    (note,) = found.notes(3)
    assert note.startswith("halvings: 1 of 3")


def test_one_training_has_no_curve():
    found = FrameCurve((50,), (Estimate(3.0),))
    assert (found.estimates(), found.figures(), len(found.arrays())) == ({}, [], 0)


def test_halving_ends_at_eight_frames(labelled):
    """60, 30, 15: a further half is too few to tell."""
    rows = rows_of_frames(labelled, np.zeros(60), (29,), 4.0)
    found = learning_curve(9, rows, Estimate(1.0), lambda few, n: Estimate(float(n)))
    assert min(found.frames) >= 8
    assert found.frames[-1] == 60
    assert [e.value for e in found.errors[:-1]] == list(found.frames[:-1])


def test_more_frames_err_less(result):
    """48 frames, about 24, about 12: the error falls, and the figures show it."""
    n, error = result.arrays["frames"].to_numpy(), result.arrays["test_error"].to_numpy()
    assert n[-1] == 48
    assert (np.diff(n) > 0).all()
    assert error[0] > error[-1]
    assert result.estimates["learning_exponent"].value > 0
    assert error[-1] == pytest.approx(result.estimates["forces_rmse"].value)
    drawn = draw(result)
    assert {"parity", "learning_curve"} <= set(drawn)
    assert [t.get_text() for t in drawn["learning_curve"].axes[0].get_xticklabels()] == [str(k) for k in n]
