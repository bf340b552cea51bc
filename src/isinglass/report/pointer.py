# SPDX-License-Identifier: Apache-2.0
"""The values that a figure shows, read from it, for whoever points at it on the page."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter

from isinglass.report.number import with_error

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ShownSeries", "shown_values"]

MOST = 3000  # points of a figure
MOST_OF_ONE = 400  # points of one curve or cloud
WHOLE = 10_000  # the width and height of a figure in the units of `at`
SYMBOLS = {
    r"\alpha": "α", r"\beta": "β", r"\gamma": "γ", r"\lambda": "λ", r"\chi": "χ", r"\phi": "φ", r"\xi": "ξ",
    r"\nu": "ν", r"\tau": "τ", r"\sigma": "σ", r"\theta": "θ", r"\kappa": "κ", r"\langle": "⟨", r"\rangle": "⟩",
    r"\ln": "ln ", r"\Delta": "Δ", r"\mu": "μ", r"\psi": "ψ", r"\pi": "π", r"\epsilon": "ε", r"\omega": "ω",
    r"\infty": "∞", r"\cdot": "·", r"\times": "x", r"\,": " ", "{": "", "}": "", "$": "",
}  # fmt: skip


class ShownSeries(NamedTuple):
    """The points of one curve, from left to right."""

    label: str
    x: str  # labels of the axes
    y: str
    at: list[tuple[int, int]]  # from the left and from the top of the figure, in 1/10000
    values: list[tuple[str, str]]  # x and y as text, y with its error


class Points(NamedTuple):
    """What one artist of matplotlib shows, in data coordinates."""

    label: str
    x: Any
    y: Any
    texts: Callable[[int], tuple[str, str]]  # of the k-th: x and y in words, made of those alone that the page tells


def shown_values(figure: "Figure") -> list[ShownSeries]:
    """Each labelled or plotted series of a figure that has been drawn, thinned to a bounded number of points.

    Law: at most 3000 points; a value stands where the figure shows it.
    """
    found = [one for axes in figure.axes if axes.get_visible() for one in in_axes(figure, axes)]
    total = sum(len(one.at) for one in found)
    return [thinned(one, -(-len(one.at) * MOST // total)) if total > MOST else one for one in found]


def in_axes(figure: "Figure", axes: "Axes") -> Iterator[ShownSeries]:
    """The series of one panel that lie within it."""
    x_label, y_label = (plain_label(text) for text in (axes.get_xlabel(), axes.get_ylabel()))
    low, high = np.array([axes.bbox.min, axes.bbox.max]) + [[-2.0], [2.0]]  # markers on the edge are seen
    for one in artists(axes):
        place = axes.transData.transform(np.column_stack([one.x, one.y]).astype(float))
        rows = np.flatnonzero((np.isfinite(place) & (place >= low) & (place <= high)).all(axis=1))
        if len(rows):
            step, label = every(len(rows), MOST_OF_ONE, plain_label(one.label))
            rows = rows[np.argsort(place[rows, 0], kind="stable")][::step]
            left, top = place[rows, 0] / figure.bbox.width, 1 - place[rows, 1] / figure.bbox.height
            at = [(int(a), int(b)) for a, b in np.rint(np.stack([left, top], axis=1) * WHOLE)]
            yield ShownSeries(label, x_label, y_label, at, [one.texts(int(k)) for k in rows])


def artists(axes: "Axes") -> Iterator[Points]:
    """Curves, points with error bars, clouds, bars and outlines of histograms."""
    taken = set()
    for one in axes.containers:
        if isinstance(one, ErrorbarContainer) and one.lines[0] is not None:
            taken |= {one.lines[0], *one.lines[1]}
            yield with_bars(axes, one)
        elif isinstance(one, BarContainer):
            x = [bar.get_x() + bar.get_width() / 2 for bar in one.patches]
            y = [bar.get_y() + bar.get_height() for bar in one.patches]
            yield plain_points(axes, one.get_label(), x, y)
    for line in axes.lines:
        if line not in taken and line.get_visible():
            yield from curve(axes, line)
    for one in axes.collections:
        if isinstance(one, PathCollection):
            place = np.ma.getdata(one.get_offsets())
            yield plain_points(axes, one.get_label(), place[:, 0], place[:, 1])
    for patch in axes.patches:
        if hasattr(patch, "get_xy") and np.ndim(corners := patch.get_xy()) == 2:  # pyright: ignore
            level = np.flatnonzero(np.diff(corners[:, 1]) == 0)
            if len(level) > 2:
                middle = (corners[level, 0] + corners[level + 1, 0]) / 2
                yield plain_points(axes, patch.get_label(), middle, corners[level, 1])


def curve(axes: "Axes", line: Any) -> Iterator[Points]:
    """A curve; of a straight line across the panel its level, at places along it, if it has a name."""
    of_x, of_y = line.get_transform().contains_branch_seperately(axes.transData)
    x, y, name = *line.get_data(orig=False), label_of(line.get_label())
    if of_x and of_y:
        if len(x) > 2 or name or line.get_marker() not in ("None", "", None):
            yield plain_points(axes, name, x, y)
        return
    if not name or of_x == of_y:
        return
    along = np.linspace(0.02, 0.98, 25)
    across = axes.transData.inverted().transform(axes.transAxes.transform(np.stack([along, along], axis=1)))
    level = float(x[0] if of_x else y[0])
    place = np.full(len(along), level)
    told = number_text(level)
    if of_x:
        yield Points(name, place, across[:, 1], lambda _: (told, ""))
    else:
        yield Points(name, across[:, 0], place, lambda _: ("", told))


def with_bars(axes: "Axes", container: ErrorbarContainer) -> Points:
    """Markers with their error bars in x, y or both."""
    line, _, bars = container.lines
    x, y = (np.asarray(a, float) for a in line.get_data(orig=False))
    ends = [np.array([path.vertices for path in one.get_paths()]) for one in bars]
    ends = [one for one in ends if one.shape == (len(x), 2, 2)]
    x_bars = ends[0][:, :, 0] if container.has_xerr and ends else None
    y_bars = ends[-1][:, :, 1] if container.has_yerr and ends else None
    x_text = lambda k: with_ends(axes.xaxis, float(x[k]), None if x_bars is None else x_bars[k])  # noqa: E731
    y_text = lambda k: with_ends(axes.yaxis, float(y[k]), None if y_bars is None else y_bars[k])  # noqa: E731
    return Points(str(container.get_label() or ""), x, y, lambda k: (x_text(k), y_text(k)))


def with_ends(axis: Any, value: float, ends: Any) -> str:
    """value ± error, or value with the lower and the upper part of an error bar that has two."""
    if ends is None or not np.isfinite(ends).all():
        return axis_text(axis, value)
    down, up = value - float(ends[0]), float(ends[1]) - value
    if abs(up - down) <= 1e-6 * abs(up + down):
        return with_error(value, up)
    return f"{number_text(value)} - {down:.2g} + {up:.2g}"


def plain_points(axes: "Axes", label: Any, x: Any, y: Any) -> Points:
    """Points without errors."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    return Points(str(label or ""), x, y, lambda k: (axis_text(axes.xaxis, x[k]), axis_text(axes.yaxis, y[k])))


def axis_text(axis: Any, value: float) -> str:
    """A number, or the word that stands at its tick."""
    locator, formatter = axis.get_major_locator(), axis.get_major_formatter()
    if isinstance(locator, FixedLocator) and isinstance(formatter, FixedFormatter | FuncFormatter):
        ticks = np.asarray(axis.get_majorticklocs(), float)
        near = int(np.argmin(np.abs(ticks - value))) if len(ticks) else 0
        word = plain_label(formatter(ticks[near], near)) if len(ticks) and abs(ticks[near] - value) < 0.45 else ""
        if re.search(r"[^\d.,\s-]", word):  # not a number: that of the tick may be another
            return word
    return number_text(value)


def number_text(value: float) -> str:
    """Six significant digits."""
    return f"{float(value):.6g}"


def thinned(series: ShownSeries, most: int) -> ShownSeries:
    """Every k-th point, and the label says so."""
    step, label = every(len(series.at), most, series.label)
    return series._replace(label=label, at=series.at[::step], values=series.values[::step])


def every(n: int, most: int, label: str) -> tuple[int, str]:
    """The step that leaves at most so many of n points, and the label with it."""
    step = -(-n // max(1, most))
    return step, label if step == 1 else f"{label or 'points'}, one in {step}"


def label_of(label: Any) -> str:
    """A label, that of a curve which is not in the legend too; none where matplotlib made it up."""
    text = str(label or "")
    return "" if re.match(r"_(child|container|nolegend)", text) else text.removeprefix("_")


def plain_label(text: str) -> str:
    """A label without TeX: `temperature $T$` is "temperature T"."""
    return " ".join(re.sub(r"\$(.+?)\$", lambda found: symbols(found[1]), label_of(text)).split())


def symbols(mathematics: str) -> str:
    """TeX as letters."""
    text = re.sub(r"\\(?:mathrm|text|rm|mathbf)\b", "", mathematics)
    for name, letter in SYMBOLS.items():
        text = text.replace(name, letter)
    for sign, digits in (("^", "⁰¹²³⁴⁵⁶⁷⁸⁹"), ("_", "₀₁₂₃₄₅₆₇₈₉")):
        text = re.sub(rf"\{sign}(\d)", lambda found, digits=digits: digits[int(found[1])], text)
    return text
