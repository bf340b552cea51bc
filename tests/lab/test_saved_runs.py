# SPDX-License-Identifier: Apache-2.0
"""Saved runs as the page shows them: the list, tables, curves, files; damaged ones cost one line."""

import numpy as np
import pytest
import xarray as xr

from isinglass.errors import InputError
from isinglass.lab import saved_runs
from isinglass.result import Check, Estimate, Result


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A folder with one run, and one that is damaged."""
    root = tmp_path_factory.mktemp("runs")
    T = np.linspace(1.0, 2.0, 5)
    arrays = xr.Dataset(
        {"energy": ("temperature", -T), "output": (("size", "temperature"), np.stack([T, T**2]) * [1, 1, np.nan, 1, 1]),
         "configurations": (("sample", "x", "y"), np.zeros((4, 2, 2)))},
        coords={"temperature": T, "size": [16, 32]},
    )  # fmt: skip
    result = Result(
        "phases", {"critical_temperature": Estimate(2.27, 0.01)}, [Check.within("T_c", 2.27, 2.269, 0.01)],
        arrays=arrays, metrics=[{"loss": 1.0}, {"loss": 0.5, "late": 2.0}],
    )  # fmt: skip
    (root / "phases").mkdir()
    folder = result.save(root / "phases" / "20270101T000000Z-aaaaaa", report=False)
    (folder / "report.html").write_text("<p>report</p>")
    (folder / "figures").mkdir()
    (folder / "figures" / "one.svg").write_text("<svg/>")
    (root / "phases" / "20270102T000000Z-bbbbbb").mkdir()
    (root / "phases" / "20270102T000000Z-bbbbbb" / "result.json").write_text("{")
    return root


@pytest.fixture
def folder(root):
    return saved_runs.run_folder(root, "phases", "20270101T000000Z-aaaaaa")


def test_the_list_has_the_latest_first_and_says_what_is_damaged(root):
    found = saved_runs.list_runs(root)
    assert [one["verdict"] for one in found] == ["unreadable", "pass"]
    assert saved_runs.list_runs(root / "nothing") == []


def test_a_run_is_what_show_prints(folder):
    found = saved_runs.show_run(folder)
    assert found["estimates"]["critical_temperature"]["value"] == 2.27
    assert found["curves"] == ["metrics/loss", "metrics/late", "energy", "output"]  # configurations are no curve
    assert found["report"]


def test_curves_are_the_numbers_of_the_arrays(folder):
    found = saved_runs.curves(folder, "output")
    assert found["x_label"] == "temperature"
    assert found["x"] == pytest.approx(np.linspace(1.0, 2.0, 5).tolist())
    assert [row["label"] for row in found["rows"]] == ["size = 16", "size = 32"]
    assert found["rows"][1]["y"][2] is None
    assert found["rows"][1]["y"][4] == pytest.approx(4.0)
    assert saved_runs.curves(folder, "metrics/late")["rows"][0]["y"] == [None, 2.0]


@pytest.mark.parametrize("name", ["", "nothing", "configurations", "metrics/nothing", "../energy"])
def test_another_curve_is_refused(folder, name):
    with pytest.raises(InputError, match="a curve of this run"):
        saved_runs.curves(folder, name)


@pytest.mark.parametrize(("name", "there"), [("report.html", True), ("one.svg", True), ("result.json", False),
                                             ("../one.svg", False), ("config.toml", False)])  # fmt: skip
def test_only_report_and_figures_are_files_of_the_page(folder, name, there):
    if there:
        assert saved_runs.run_file(folder, name).is_file()
    else:
        with pytest.raises(InputError, match="the report or a figure"):
            saved_runs.run_file(folder, name)


@pytest.mark.parametrize(("name", "number"), [("phases", "gone"), ("..", "x"), ("phases", "../.."), ("/etc", "x")])
def test_no_run_outside_of_the_folder(root, name, number):
    with pytest.raises(InputError, match="a run in"):
        saved_runs.run_folder(root, name, number)


def test_a_damaged_run_is_one_line(root):
    folder = saved_runs.run_folder(root, "phases", "20270102T000000Z-bbbbbb")
    with pytest.raises(InputError, match=r"whole result\.json|JSON"):
        saved_runs.show_run(folder)
