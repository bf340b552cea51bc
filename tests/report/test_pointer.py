# SPDX-License-Identifier: Apache-2.0
"""The values under the pointer are those that were drawn, where the figure has them, and few enough."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from tests.report.example import FIGURES, example

from isinglass.report.figures import draw
from isinglass.report.pointer import WHOLE, shown_values
from isinglass.report.style import exact_line, new_figure, points


def drawn(figure):
    """The series of a figure once it has been laid out."""
    figure.draw_without_rendering()
    return shown_values(figure)


def place(axes, x, y):
    """From the left and the top of the figure, as the page counts."""
    box = axes.get_figure().bbox
    left, bottom = axes.transData.transform((x, y))
    return round(left / box.width * WHOLE), round((1 - bottom / box.height) * WHOLE)


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_points_with_error_bars_stand_where_they_are_drawn(scale):
    figure, (axes,) = new_figure()
    points(axes, [1.0, 2.0, 4.0], [10.0, 20.0, 15.0], [0.5, 1.0, 2.0], label="$L$ = 16")
    axes.set(xlabel="temperature $T$", ylabel="$\\xi/L$", xscale=scale)
    (one,) = drawn(figure)
    assert (one.label, one.x, one.y) == ("L = 16", "temperature T", "ξ/L")
    assert one.values == [("1", "10.00 ± 0.50"), ("2", "20.0 ± 1.0"), ("4", "15.0 ± 2.0")]
    assert one.at == [place(axes, x, y) for x, y in [(1.0, 10.0), (2.0, 20.0), (4.0, 15.0)]]
    assert one.at != [place(axes, x, 1.05 * y) for x, y in [(1.0, 10.0), (2.0, 20.0), (4.0, 15.0)]]  # 5 % is seen


def test_error_bars_in_x_and_of_two_lengths():
    figure, (axes,) = new_figure()
    axes.errorbar([1.0, 2.0], [3.0, 4.0], yerr=[[0.1, 0.1], [0.2, 0.2]], xerr=[0.25, np.nan], fmt="o")
    (one,) = drawn(figure)
    assert one.values == [("1.00 ± 0.25", "3 - 0.1 + 0.2"), ("2", "4 - 0.1 + 0.2")]


def test_what_is_not_seen_has_no_value():
    figure, (axes,) = new_figure()
    axes.plot([0.0, 1.0, 2.0, 3.0], [1.0, np.nan, 2.0, 1e6], label="curve")
    axes.plot([0.0, 3.0], [1.0, 2.0], "--")  # a guide to the eye
    axes.set(ylim=(0, 3))
    (one,) = drawn(figure)
    assert one.values == [("0", "1"), ("2", "2")]


def test_an_exact_level_tells_its_value_all_along():
    figure, (axes,) = new_figure()
    axes.plot([0.0, 1.0, 2.0], [1.0, 2.0, 3.0], ".")
    exact_line(axes, x=1.5, y=2.5)
    _, down, across = drawn(figure)
    assert set(down.values) == {("1.5", "")}
    assert set(across.values) == {("", "2.5")}
    assert len({left for left, _ in down.at}) == 1
    assert len({top for _, top in across.at}) == 1
    assert len(down.at) > 20


def test_words_at_ticks_bars_clouds_and_histograms():
    figure = Figure(layout="constrained")
    words, bars, cloud, steps = figure.subplots(1, 4)
    words.plot([0.5, 0.7], [0, 1], "o")
    words.set_yticks([0, 1], ["perceptron", "$\\chi$"])
    words.set_xticks([0.4, 0.8], ["0.4", "0.8"])
    bars.bar([0, 1, 2], [3.0, 4.0, 5.0])
    cloud.scatter([1.0, 2.0], [5.0, 6.0])
    steps.hist([0.5, 0.6, 1.5], bins=[0.0, 1.0, 2.0, 3.0], histtype="step")
    found = drawn(figure)
    assert found[0].values == [("0.5", "perceptron"), ("0.7", "χ")]
    assert found[1].values == [("0", "3"), ("1", "4"), ("2", "5")]
    assert found[2].values == [("1", "5"), ("2", "6")]
    assert ("0.5", "2") in found[3].values
    assert ("1.5", "1") in found[3].values


def test_of_many_points_a_bounded_number_is_told_and_it_says_so():
    rng = np.random.default_rng(0)
    figure, (axes,) = new_figure()
    axes.scatter(*rng.normal(size=(2, 100_000)), label="samples")
    for k in range(30):
        axes.plot(np.arange(10_000.0) / 1e4, rng.normal(size=10_000), label=f"curve {k}")
    found = drawn(figure)
    assert len(found) == 31
    assert sum(len(one.at) for one in found) <= 3200
    assert found[0].label.startswith("curve 0, one in ")


def test_every_figure_tells_values_or_is_a_picture():
    silent = {name.partition("/")[0] for name, figure in draw(example(60)).items() if not drawn(figure)}
    assert silent == {"samples"}
    assert len(FIGURES) > 10
