# SPDX-License-Identifier: Apache-2.0
"""Saved runs of the working folder, as the page shows them: the list, one run with its figures, curves as numbers."""

from pathlib import Path
from typing import Any

import numpy as np

from isinglass.errors import InputError
from isinglass.lab.frame import finite
from isinglass.result import Result
from isinglass.run.document import read_json
from isinglass.run.netcdf import read_netcdf

__all__ = ["curves", "list_runs", "run_file", "run_folder", "show_run"]

MOST_RUNS = 200  # of the list, the latest
MOST_CURVES = 12  # of one variable
MOST_POINTS = 4000  # of one curve
MOST_BYTES = 1 << 30  # of arrays.nc


def list_runs(root: Path) -> list[dict[str, Any]]:
    """Name, id, verdict and time of the runs below root, the latest first; one that cannot be read says so."""
    found = sorted(root.glob("*/*/result.json"), key=lambda path: path.parent.name, reverse=True)[:MOST_RUNS]
    return [{"name": path.parent.parent.name, "id": path.parent.name, **headline(path)} for path in found]


def headline(path: Path) -> dict[str, Any]:
    """Verdict, preset and seconds from result.json."""
    try:
        record = read_json(path)
        return {key: finite(record[key]) for key in ("verdict", "preset", "seconds")}
    except (OSError, ValueError, KeyError, TypeError):
        return {"verdict": "unreadable", "preset": None, "seconds": None}


def run_folder(root: Path, name: str, number: str) -> Path:
    """The folder root/NAME/ID of a run.  Errors: InputError where there is none, or it lies outside of root."""
    folder = (root / name / number).resolve()
    if not folder.is_relative_to(root.resolve()) or not (folder / "result.json").is_file():
        raise InputError(f"a run in {root}", f"none named {name}/{number}", "choose one of the list")
    return folder


def run_file(folder: Path, name: str) -> Path:
    """A file of the page that a run may show: its report, or a figure.  Errors: InputError for any other."""
    shown = {"report.html": folder / "report.html"} | {path.name: path for path in folder.glob("figures/*.svg")}
    path = shown.get(name)
    if path is None or not path.is_file() or not path.resolve().is_relative_to(folder):
        raise InputError("the report or a figure of the run", f"no {name}", "choose one that the run has")
    return path


def show_run(folder: Path) -> dict[str, Any]:
    """What `isinglass show --json` prints, with the names of its figures and curves."""
    result = Result.load(folder, whole=False)
    stem = lambda name: name.replace("/", "-").replace("+", "-")  # noqa: E731
    figures = [{"name": name, "file": f"{stem(name)}.svg"} for name in result.figures]
    figures = [one for one in figures if (folder / "figures" / one["file"]).is_file()]
    report = (folder / "report.html").is_file()
    return result.to_json() | {"folder": str(folder), "drawn": figures, "report": report, "curves": curve_names(folder)}


def curve_names(folder: Path) -> list[str]:
    """The variables that `curves` draws: of metrics.csv, and of arrays.nc."""
    names = [f"metrics/{name}" for name in metric_columns(folder)]
    return names + [str(name) for name, variable in arrays(folder).items() if is_curve(variable)]


def is_curve(variable: Any) -> bool:
    """Is it a number along one axis, or a few such rows?"""
    if variable.dtype.kind not in "iuf" or not 1 <= variable.ndim <= 2 or variable.shape[-1] < 2:
        return False
    return variable.shape[-1] <= MOST_POINTS and (variable.ndim == 1 or variable.shape[0] <= MOST_CURVES)


def arrays(folder: Path) -> Any:
    """arrays.nc as a data set; empty where there is none.  Errors: InputError for one that is too large or damaged."""
    import xarray as xr

    path = folder / "arrays.nc"
    if not path.is_file():
        return xr.Dataset()
    if path.stat().st_size > MOST_BYTES:
        return xr.Dataset()
    try:
        return read_netcdf(path)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise InputError("a whole arrays.nc", f"one that cannot be read ({reason})", "copy the run again") from None


def metric_columns(folder: Path) -> dict[str, list[float]]:
    """The columns of metrics.csv, NaN where a row lacks a value."""
    if not (folder / "metrics.csv").is_file():
        return {}
    rows = Result.load(folder, whole=False).metrics[:MOST_POINTS]
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name, np.nan) for row in rows] for name in names} if len(rows) > 1 else {}


def curves(folder: Path, name: str) -> dict[str, Any]:
    """The curves of one variable: x with its label, and rows of y.  Errors: InputError for an unknown one."""
    if name not in curve_names(folder):
        raise InputError("a curve of this run", f"none named {name}", "choose one of the list")
    if name.startswith("metrics/"):
        y = metric_columns(folder)[name.removeprefix("metrics/")]
        return finite({"x": list(range(len(y))), "x_label": "row", "rows": [{"label": "", "y": y}]})
    variable = arrays(folder)[name]
    *rows, along = variable.dims
    axis = variable.coords.get(along)
    numeric = axis is not None and axis.ndim == 1 and axis.dtype.kind in "iuf"
    x = axis.to_numpy() if numeric else np.arange(variable.shape[-1])  # pyright: ignore[reportOptionalMemberAccess]
    values = np.atleast_2d(variable.to_numpy())
    names = variable.coords.get(rows[0]) if rows else None
    text = lambda k: "" if not rows else f"{rows[0]} = {names.to_numpy()[k] if names is not None else k}"  # noqa: E731
    drawn = [{"label": text(k), "y": row} for k, row in enumerate(values)]
    return finite({"x": x, "x_label": str(along), "rows": drawn})
