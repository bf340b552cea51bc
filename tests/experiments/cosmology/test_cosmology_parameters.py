# SPDX-License-Identifier: Apache-2.0
"""The checks of cosmology-parameters, with the errors that they must see, and its figure."""

import numpy as np
import pytest
import xarray as xr

from isinglass.experiments.cosmology.cosmology_parameters import agreement, bound_checks, width_ratio
from isinglass.report.plots.posterior.fisher_bound import draw, ellipse
from isinglass.result import Estimate, Result


def of_width(width, n=300):
    """Posteriors of this width in units of the bound, varying by a tenth, and the two verdicts."""
    rng = np.random.default_rng(0)
    each = width * (1 + 0.1 * rng.normal(size=(n, 1)))
    ratio = width_ratio(0.3 * each * rng.normal(size=(n, 500)), 0.3)
    return ratio, [check.verdict for check in bound_checks("field_n", ratio, 0.1)]


def test_a_width_is_measured_with_its_error():
    ratio, _ = of_width(1.05)
    assert ratio.value == pytest.approx(1.05 * 1.005, abs=4 * ratio.error)
    assert ratio.error == pytest.approx(1.05 * 0.1 / 300**0.5, rel=0.3)


@pytest.mark.parametrize(
    ("width", "verdicts"),
    [(1.0, ["pass", "pass"]), (1.08, ["pass", "pass"]), (1.2, ["fail", "pass"]), (0.94, ["pass", "fail"]),
     (0.7, ["pass", "fail"])],
)  # fmt: skip
def test_widths_off_the_bound_are_seen(width, verdicts):
    """Planted: a posterior 20 % too wide, one that knows 6 % more than the data, and one of width x 0.7."""
    assert of_width(width)[1] == verdicts


def test_few_fields_refute_no_width():
    assert of_width(1.12, n=5)[1][0] == "unknown"


@pytest.mark.parametrize(("off", "verdict"), [(0.9 * 0.3, "pass"), (1.1 * 0.3, "fail")])
def test_a_neural_mean_off_the_exact_one(off, verdict):
    exact, neural = (Result("posterior", {"Omega_m": Estimate(m, 0.02)}) for m in (0.3, 0.3 + 0.02 * off))
    assert agreement(neural, exact, "Omega_m", 0.1).verdict == verdict


def test_the_ellipse_holds_its_share():
    """68 % and 95 % of a normal law with this covariance."""
    C, center = np.array([[0.04, 0.01], [0.01, 0.09]]), np.array([1.0, 2.0])
    x = np.random.default_rng(0).multivariate_normal(center, C, 20_000)
    for level in (0.68, 0.95):
        rim = ellipse(center, C, level) - center[:, None]
        radius = (rim * np.linalg.solve(C, rim)).sum(axis=0)
        np.testing.assert_allclose(radius, radius[0])
        off = x - center
        assert ((off * np.linalg.solve(C, off.T).T).sum(axis=1) < radius[0]).mean() == pytest.approx(level, abs=0.015)


def test_the_figure_has_a_panel_for_each_method():
    rng = np.random.default_rng(0)
    arrays = xr.Dataset(
        {"field_posterior": (("method", "parameter", "draw"), rng.normal(size=(3, 2, 50))),
         "bound": (("parameter", "parameter_"), np.eye(2)), "truth": ("parameter", np.zeros(2))},
        {"method": ["field", "spectrum", "likelihood"], "parameter": ["log_amplitude", "n"]},
    )  # fmt: skip
    figure = draw(arrays, "")
    assert [axes.get_title() for axes in figure.axes] == ["field", "spectrum", "likelihood"]
    assert all(len(axes.lines) == 4 for axes in figure.axes)
