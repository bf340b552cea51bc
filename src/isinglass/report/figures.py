# SPDX-License-Identifier: Apache-2.0
"""The figures of a result by name, `KIND` or `KIND/OF`, plotted by plots/KIND.py from the arrays alone."""

import html
import importlib
import io
import pkgutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from isinglass.errors import InputError
from isinglass.report import plots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from isinglass.report.pointer import ShownSeries
    from isinglass.result import Result

__all__ = ["SavedFigure", "draw", "kinds", "save_figure", "save_figures", "show_in_cell"]


class SavedFigure(NamedTuple):
    """The files and caption of a figure on disk."""

    name: str
    caption: str
    svg: Path
    png: Path
    width: float = 5.6  # inches
    values: "Sequence[ShownSeries]" = ()  # what it shows, for whoever points at it


def kinds() -> dict[str, str]:
    """Kind of figure -> its module, from the files below plots/."""
    found = pkgutil.walk_packages(plots.__path__, f"{plots.__name__}.")
    return {module.name.rpartition(".")[2]: module.name for module in found if not module.ispkg}


def draw(result: "Result", names: Sequence[str] = ()) -> "dict[str, Figure]":
    """Name -> figure, for every name in `result.figures`, or for those given."""
    from isinglass.report.style import house_style

    with house_style():
        return {name: draw_one(result, name) for name in names or result.figures}


def show_in_cell(result: "Result", figures: "dict[str, Figure]") -> None:
    """Show figures and captions in the output of the cell of a notebook."""
    from IPython.display import display

    for name, figure in figures.items():
        image, text = io.BytesIO(), caption(result, name)
        figure.savefig(image, format="png", dpi=110)
        display({"image/png": image.getvalue(), "text/plain": f"{name}: {text}"}, raw=True)
        display({"text/html": f"<i>{html.escape(text)}</i>", "text/plain": text}, raw=True)


def caption(result: "Result", name: str) -> str:
    """The sentence below a figure: of what it shows, where that depends on the arrays."""
    kind, _, of = name.partition("/")
    module = plot(kind)
    return module.caption(arrays_of(result, kind), of) if hasattr(module, "caption") else module.CAPTION


def draw_one(result: "Result", name: str) -> "Figure":
    """One figure, in the current style.  Errors: InputError where the result has no arrays."""
    kind, _, of = name.partition("/")
    arrays = arrays_of(result, kind)
    if not arrays.variables:
        raise InputError(f"arrays to draw {name!r} from", "a result without", "draw a result that kept its arrays")
    return plot(kind).draw(arrays, of)


def arrays_of(result: "Result", kind: str) -> xr.Dataset:
    """What a kind of figure draws: the metrics for the training history, else the arrays."""
    return history(result) if kind == "training_history" else result.arrays


def plot(kind: str):
    """The module of a kind of figure.  Errors: InputError for an unknown kind."""
    if kind not in kinds():
        raise InputError(f"a figure among {', '.join(kinds())}", repr(kind), "name one of them, or KIND/OF")
    return importlib.import_module(kinds()[kind])


def history(result: "Result") -> xr.Dataset:
    """The metrics as arrays over rows, NaN where a row lacks a value."""
    names = dict.fromkeys(name for row in result.metrics for name in row)
    columns = {name: ("row", np.array([row.get(name, np.nan) for row in result.metrics])) for name in names}
    return xr.Dataset(columns)


def save_figures(result: "Result", folder: Path) -> list[SavedFigure]:
    """Write every figure as SVG and PNG into a folder."""
    return [save_figure(result, name, folder) for name in result.figures]


def save_figure(result: "Result", name: str, folder: Path) -> SavedFigure:
    """Write one figure as SVG and PNG, and read its values."""
    from isinglass.report.pointer import shown_values
    from isinglass.report.style import house_style

    with house_style():
        figure = draw_one(result, name)
        folder.mkdir(exist_ok=True)
        stem = name.replace("/", "-").replace("+", "-")
        paths = folder / f"{stem}.svg", folder / f"{stem}.png"
        for path in reversed(paths):  # the drawing last: the values are where it has them
            figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
        return SavedFigure(name, caption(result, name), *paths, float(figure.get_figwidth()), shown_values(figure))
