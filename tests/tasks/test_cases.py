# SPDX-License-Identifier: Apache-2.0
"""Several cases by one verb: keys of their own, names by label, arrays side by side."""

import jax
import numpy as np
import xarray as xr

from isinglass.result import Check, Estimate, Result
from isinglass.tasks.cases import Case, join, solve


def made(key, problem, *, steps, progress, checkpoint):
    """A verb that gives back what it was given."""
    progress(1, 1, "done")
    draw = float(jax.random.normal(key, ()))
    return Result(
        "made",
        estimates={"energy": Estimate(problem, 0.1), "draw": Estimate(draw), "energy/other": Estimate(0.0)},
        checks=[Check.within("law", problem, 1.0, 0.5)],
        arrays=xr.Dataset({"draw": ("step", np.arange(steps, dtype=float)), "exact": ((), 1.0)},
                          coords={"step": np.arange(steps)}),
        models={"state": problem},
        notes=["a note"] if problem > 1 else [],
        status="done",
        settings={"checkpoint": checkpoint},
    )  # fmt: skip


CASES = {"ring_4": Case(1.0, {"steps": 2}), "ring_6": Case(2.0, {"steps": 3})}


def test_cases_become_one_result(key, tmp_path):
    told = []
    found = solve(made, key, CASES, progress=lambda *a: told.append(a[2]), checkpoint=tmp_path)
    assert told == ["ring, N = 4: done", "ring, N = 6: done"]
    assert [r.settings["checkpoint"] for r in found.values()] == [tmp_path / "ring_4", tmp_path / "ring_6"]
    result = join("both", found, settings={"steps": 3}, figures=["ground_states"])
    assert result.estimates["energy/ring_6"] == Estimate(2.0, 0.1)
    assert "energy/other/ring_4" in result.estimates
    assert [(c.law, c.verdict) for c in result.checks] == [("law (ring, N = 4)", "pass"), ("law (ring, N = 6)", "fail")]
    assert result.models == {"ring_4": 1.0, "ring_6": 2.0}
    assert (result.notes, result.status) == (["ring, N = 6: a note"], "done")
    np.testing.assert_array_equal(result.arrays["energy"], [1.0, 2.0])  # estimates that all have
    np.testing.assert_array_equal(result.arrays["energy_error"], [0.1, 0.1])
    np.testing.assert_array_equal(result.arrays["draw"], [[0, 1, np.nan], [0, 1, 2]])  # an array of that name stays
    np.testing.assert_array_equal(result.arrays["exact"], [1.0, 1.0])


def test_each_case_has_a_key_of_its_own(key):
    """Planted: the same one for both."""
    found = solve(made, key, CASES)
    draws = [r.estimates["draw"].value for r in found.values()]
    same = [made(key, 1.0, steps=1, progress=lambda *a: None, checkpoint=None).estimates["draw"].value] * 2
    assert draws[0] != draws[1]
    assert same[0] == same[1]
