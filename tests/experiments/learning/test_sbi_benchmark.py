# SPDX-License-Identifier: Apache-2.0
"""The smoke preset keeps its claims; a posterior of another observation is told from the exact one."""

import jax
import numpy as np
import pytest
import xarray as xr

from isinglass.errors import InputError
from isinglass.experiments.learning import sbi_benchmark
from isinglass.experiments.learning.sbi_benchmark import PUBLISHED, SbiBenchmark
from isinglass.report.plots.posterior import c2st_table
from isinglass.run.progress import silent

SMALL = SbiBenchmark.presets["smoke"] | {"tasks": ("gaussian_linear",)}


@pytest.mark.slow
def test_the_claims_hold():
    found = SbiBenchmark(**SbiBenchmark.presets["smoke"]).run(jax.random.key(0))
    claims = [check for check in found.checks if check.law.startswith("C2ST")]
    assert [check.verdict for check in claims] == ["pass"]
    assert found.verdict != "fail"


@pytest.mark.slow
def test_a_posterior_that_is_off_is_refuted(monkeypatch):
    """Planted: exact samples of N(x/2, 0.05), moved by 2 widths of each of the ten parameters."""
    right = sbi_benchmark.exact_samples

    def moved(key, made, x, n):
        samples, checks = right(key, made, x, n)
        return samples + 2 * 0.05**0.5, checks

    monkeypatch.setattr(sbi_benchmark, "exact_samples", moved)
    found = SbiBenchmark(**SMALL).run(jax.random.key(0))
    (check,) = [check for check in found.checks if check.law.startswith("C2ST")]
    assert check.verdict == "fail"
    assert check.measured == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("task", PUBLISHED)
def test_every_task_has_observations(task, monkeypatch):
    """Finite ones, two that differ; exact samples are asked for at each."""
    monkeypatch.setattr(sbi_benchmark, "exact_samples", lambda key, made, x, n: (np.zeros((n, 1)), []))
    monkeypatch.setattr(sbi_benchmark, "labelled", lambda held, *_, **__: held)
    known = SbiBenchmark(tasks=(task,)).known(jax.random.key(0), task, silent)
    assert len(known.exact) == len(known.x) == 2
    assert np.isfinite(known.x[0]).all()
    assert (known.x[0] != known.x[1]).any()


def test_what_is_published_falls_with_simulations():
    for task in PUBLISHED.values():
        assert all(np.diff(row).max() < 0.02 for row in (task.npe, task.snpe))


def test_the_figure_has_a_row_for_each_task():
    arrays = xr.Dataset(
        {"c2st": (("task", "way", "observation"), np.array([[[0.5, 0.6]], [[0.7, 0.8]]])),
         "published": (("task", "kind"), np.array([[0.6, 0.55], [0.9, 0.8]]))},
        coords={"task": ["two_moons", "slcp"], "way": ["npe"], "kind": ["NPE", "SNPE"]},
    )  # fmt: skip
    (axes,) = c2st_table.draw(arrays, "").axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["two moons", "SLCP"]


@pytest.mark.parametrize("given", [{"tasks": ("two_suns",)}, {"ways": ("abc",)}])
def test_a_word_that_is_not_known(given):
    with pytest.raises(InputError, match="choose of them"):
        SbiBenchmark(**given)
