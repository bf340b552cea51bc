# SPDX-License-Identifier: Apache-2.0
"""The house style of all figures: a palette safe for color-blind readers, error bars, dashed lines for exact values."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = [
    "EXACT",
    "PALETTE",
    "band",
    "color",
    "exact_line",
    "house_style",
    "legend",
    "named",
    "new_figure",
    "parameter_of",
    "points",
    "sample_parameter",
    "scalar",
    "select",
    "series",
]

# Okabe and Ito 2008, https://jfly.uni-koeln.de/color/; ordered so that neighbors differ in lightness too.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5A5A5A")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
EXACT = "#222222"
HOUSE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.labelsize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "legend.title_fontsize": 10,
    "lines.linewidth": 1.5,
    "lines.markersize": 4.5,
    "errorbar.capsize": 2.0,
    "figure.facecolor": "white",
    "savefig.dpi": 160,
    "svg.hashsalt": "isinglass",
    "image.cmap": "cividis",
}


def house_style():
    """A context with the style of all figures."""
    return rc_context(HOUSE)


def new_figure(columns: int = 1, *, width: float | None = None, height: float = 3.6) -> tuple[Figure, list[Axes]]:
    """A figure with `columns` panels side by side; without window or global state."""
    figure = Figure(figsize=(width or (5.6 if columns == 1 else 4.4 * columns), height), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False)
    if height > 3:
        figure.get_layout_engine().set(wspace=0.08)  # pyright: ignore[reportOptionalMemberAccess, reportCallIssue]
    return figure, list(axes[0])


def color(i: int) -> str:
    """The i-th color of the palette, cyclically."""
    return PALETTE[i % len(PALETTE)]


def legend(axes: Axes, **options: Any) -> None:
    """A legend above the axes, where it hides no curve, with their title above it; none without labels."""
    handles, labels = axes.get_legend_handles_labels()
    if labels:
        columns = min(len(labels), 2 if max(map(len, labels)) > 14 else 3)
        place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1.0), "borderaxespad": 0.2}
        look = {"ncols": columns, "columnspacing": 1.2, "handlelength": 1.6}
        axes.legend(handles, labels, title=axes.get_title(), alignment="left", **place | look | options)
        axes.set_title("")


def band(axes: Axes, center: Any, error: Any, i: int, label: str | None) -> None:
    """A value of x with its standard error as a shaded band; none if it is not known."""
    if center is not None and error is not None and np.isfinite(center):
        low, high = float(center - error), float(center + error)
        axes.axvspan(low, high, color=color(i), alpha=0.15, linewidth=0, label=label)
        axes.axvline(float(center), color=color(i), linewidth=0.7)


def points(axes: Axes, x: Any, y: Any, error: Any = None, i: int = 0, label: str | None = None, *, line=True) -> None:
    """Markers with error bars, joined by a thin line if `line`."""
    style: dict[str, Any] = {"color": color(i), "marker": MARKERS[i % len(MARKERS)], "label": label}
    axes.errorbar(x, y, yerr=error, linestyle="-" if line else "none", linewidth=1.0, elinewidth=1.0, **style)


def exact_line(axes: Axes, *, x: float | None = None, y: float | None = None, label: str = "exact") -> None:
    """A dashed line at an exact value of x or y, none if it is not finite."""
    if x is not None and np.isfinite(x):
        axes.axvline(x, color=EXACT, linestyle="--", linewidth=1.1, label=label, zorder=1.5)
    if y is not None and np.isfinite(y):
        axes.axhline(y, color=EXACT, linestyle="--", linewidth=1.1, label=label, zorder=1.5)


def named(base: str, of: str) -> str:
    """The name of a variable of a figure: BASE, or BASE_OF where a result has several of a kind."""
    return f"{base}_{of}" if of else base


def series(variable: xr.DataArray, along: str = "size") -> list[tuple[str, dict[str, int]]]:
    """(label, selection) for each value along a dimension; a single one without label if there is no such dimension."""
    if along not in variable.dims:
        return [("", {})]
    values = variable[along].to_numpy()
    letter = "$L$ = " if along.startswith("size") else ""
    texts = [f"{letter}{v:g}" if np.issubdtype(values.dtype, np.number) else f"{letter}{v}" for v in values]
    return [(text, {along: k}) for k, text in enumerate(texts)]


def select(arrays: xr.Dataset, name: str, selection: dict[str, int]) -> Any:
    """The part of a variable that belongs to one series; None without such a variable."""
    if name not in arrays:
        return None
    return arrays[name].isel(selection, missing_dims="ignore").to_numpy()


def scalar(arrays: xr.Dataset, name: str) -> float:
    """A number among the variables or attributes; nan if missing."""
    return float(arrays[name] if name in arrays else arrays.attrs.get(name, np.nan))


def parameter_of(arrays: xr.Dataset) -> tuple[str, str]:
    """The name of the control parameter, and the label of its axis."""
    name = str(arrays.attrs.get("parameter", "temperature"))
    return name, "temperature $T$" if name == "temperature" else name


def sample_parameter(arrays: xr.Dataset) -> np.ndarray:
    """The parameter of each sample: `sample_parameter`, else the parameter itself."""
    name = "sample_parameter" if "sample_parameter" in arrays else parameter_of(arrays)[0]
    return arrays[name].to_numpy()
