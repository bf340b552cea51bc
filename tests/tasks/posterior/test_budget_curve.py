# SPDX-License-Identifier: Apache-2.0
"""Trainings with fewer pairs: what a doubling brings, and the doubt where that is much."""

import jax
import numpy as np
import pytest
import xarray as xr

from isinglass.cli import main
from isinglass.report.plots.posterior import budget_curve
from isinglass.result import Result
from isinglass.systems.simulator import GaussianLinear
from isinglass.tasks.posterior.budget_curve import BudgetCurve
from isinglass.tasks.posterior.infer_posterior import InferPosterior
from isinglass.verbs import infer

QUICK = {"simulations": 2000, "steps": 200, "samples": 500, "width": 16, "bins": 4, "progress": False}


def curve(gains):
    """Of 50 pairs, told by so much better in each halving."""
    base = np.random.default_rng(0).normal(size=50)
    levels = np.concatenate([[0.0], -np.cumsum(gains)])
    return BudgetCurve("log probability", np.array([400, 200, 100][: len(levels)]), base + levels[:, None])


def test_the_gain_is_that_of_the_same_pairs():
    """A shift by 0.3 nat of pairs that scatter by 1: no error."""
    found = curve([0.3, 0.7])
    assert found.gain.value == pytest.approx(0.3)
    assert found.gain.error == pytest.approx(0.0, abs=1e-12)
    assert [check.verdict for check in found.checks()] == ["pass"]


def test_much_gain_is_a_doubt():
    (check,) = curve([0.6, 1.5]).checks()
    assert (check.verdict, check.measured) == ("unknown", pytest.approx(0.6))


def test_the_curve_is_drawn():
    (axes,) = budget_curve.draw(xr.Dataset(curve([0.3, 0.7]).arrays()), "").axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["400", "200", "100"]


def test_one_training_tells_nothing():
    found = curve([])
    assert (found.estimates(), found.checks(), found.arrays(), found.figures()) == ({}, [], {}, [])


def test_of_a_normal_law_half_the_pairs_tell_as_much():
    """Linear regression is exact: n pairs lose d/(2n) (d + 1 numbers ...) or 0.01 nat; the trainings see fewer rows."""
    result = infer(0, GaussianLinear(dimension=2), observation=np.zeros(2), **QUICK)
    np.testing.assert_array_equal(result.arrays["budget"], [1620, 810, 405])
    gain = result.estimates["gain_of_doubling"]
    assert abs(gain.value) < 0.05 + 4 * gain.error
    exact = -0.5 * 2 * (np.log(2 * np.pi * 0.05) + 1)
    assert result.arrays["told"].to_numpy() == pytest.approx(exact, abs=0.2)
    assert "budget_curve" in result.figures


def test_trainings_see_fewer_pairs(monkeypatch):
    """A half and a quarter of them, each several times."""
    seen, fitted = [], InferPosterior.fitted_on

    def counted(self, keys, sides, *rest):
        seen.append((len(sides.trained), len(np.unique(sides.trained))))
        return fitted(self, keys, sides, *rest)

    monkeypatch.setattr(InferPosterior, "fitted_on", counted)
    infer(0, GaussianLinear(dimension=2), observation=np.zeros(2), **QUICK)
    assert seen == [(1620, 1620), (1620, 810), (1620, 405)]


def test_without_halvings():
    result = infer(0, GaussianLinear(dimension=2), observation=np.zeros(2), halvings=0, **QUICK)
    assert "gain_of_doubling" not in result.estimates
    assert "budget" not in result.arrays


def test_trainings_with_fewer_pairs_leave_the_posterior_as_it_is():
    made = [infer(jax.random.key(3), GaussianLinear(dimension=2), observation=np.zeros(2), halvings=k, **QUICK)
            for k in (0, 1)]  # fmt: skip
    np.testing.assert_array_equal(*(one.arrays["theta_0"] for one in made))


def test_a_command_takes_the_number_of_halvings(tmp_path, monkeypatch):
    """`isinglass posterior SIMS --observation OBS --halvings 1`: one training beside the full one."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    theta = rng.uniform(-1, 1, (600, 1))
    np.savez("sims.npz", theta=theta, x=theta + 0.3 * rng.normal(size=(600, 2)))
    np.save("seen.npy", np.zeros(2))
    with pytest.raises(SystemExit) as end:
        main(["posterior", "sims.npz", "--observation", "seen.npy", "--low", "-1", "--high", "1", "--halvings", "1",
              "--steps", "50", "--width", "8", "--bins", "4", "--out", "run"])  # fmt: skip
    assert end.value.code in (0, 1)
    assert len(Result.load("run").arrays["budget"]) == 2
