# SPDX-License-Identifier: Apache-2.0
"""Several results as one: nothing is lost, and the labels stand where figures and tables look for them."""

import numpy as np
import pytest
import xarray as xr

from isinglass.result import Check, Estimate, Result
from isinglass.tasks.cases import merged


def one(value: float, law: str = "law", **more) -> Result:
    arrays = xr.Dataset(
        {"curve": ("x", [value]), "curve_error": ("x", [0.1]), "curve_exact": ("x", [1.0])}, {"x": [0.0]}
    )
    check = Check.at_most(law, value, 1.5, of="height")
    return Result("one", {"height": Estimate(value, 0.1)}, [check], arrays, figures=["curve", "walk/up"], **more)


def test_labels_stand_where_they_are_looked_for():
    found = merged("both", {"": one(1.0), "wide": one(2.0)})
    assert {name: e.value for name, e in found.estimates.items()} == {"height": 1.0, "height/wide": 2.0}
    assert [check.law for check in found.checks] == ["law", "law (wide)"]
    assert [check.of for check in found.checks] == ["height", "height/wide"]
    assert found.figures == ["curve", "walk/up", "curve/wide", "walk/up_wide"]
    np.testing.assert_array_equal(found.arrays["curve_wide"], [2.0])
    assert {"curve_wide_error", "curve_wide_exact", "x_wide"} <= set(found.arrays.variables)
    assert found.arrays["curve_wide_error"].dims == ("x_wide",)


def test_the_worst_verdict_and_what_did_not_end_well_stay():
    bad = one(2.0, status="too short", notes=["look"], seconds=2.0)
    found = merged("both", {"a": one(1.0, seconds=1.0), "b": bad})
    assert (merged("good", {"a": one(1.0)}).verdict, found.verdict) == ("pass", "fail")
    assert (found.status, found.notes, found.seconds) == ("b: too short", ["b: look"], 3.0)


def test_without_labels_names_stay_and_those_that_contradict_each_other_are_refused():
    other = Result("other", {"width": Estimate(3.0)})
    assert list(merged("both", [one(1.0), other]).estimates) == ["height", "width"]
    with pytest.raises(xr.MergeError):
        merged("both", [one(1.0), one(2.0)])
