# SPDX-License-Identifier: Apache-2.0
"""The thermometer's cases: exact posteriors cover, exact information is the variance that is sampled."""

import jax
import numpy as np
import pytest
import xarray as xr

from isinglass.experiments.lattice.coupling_case import FieldCoupling, IsingTemperature
from isinglass.experiments.lattice.ising_thermometer import by_exact
from isinglass.report.plots.posterior.thermometer import draw

CASES = [IsingTemperature(8, 1.5, 3.3), FieldCoupling(16, 0.3, 3.0)]


@pytest.fixture(scope="module", params=CASES, ids=["ising", "ring"])
def drawn(request):
    """θ spread over the prior, and one configuration of a chain of its own at each."""
    case, rng = request.param, np.random.default_rng(0)
    theta = case.low + (case.high - case.low) * (np.arange(320) + rng.random(320)) / 320
    x, exact = case.draw(jax.random.key(0), theta)
    return case, theta, x[:, 0], exact


def test_the_exact_posterior_covers(drawn):
    """(θ - mean)/width has mean 0 and variance 1 over the prior; 320 configurations, 4 errors."""
    case, theta, x, exact = drawn
    assert exact.verdict == "pass"
    mean, width = case.posterior(x)
    z = (theta - mean) / width
    assert abs(z.mean()) < 4 / len(z) ** 0.5
    assert z.var() == pytest.approx(1.0, abs=4 * (2 / len(z)) ** 0.5)
    off = lambda factor: np.mean((theta - mean - factor * width) ** 2)  # noqa: E731
    assert off(0.0) < min(off(0.3), off(-0.3))


def test_chains_at_neighboring_parameters_are_independent(drawn):
    """Else pairs on both sides of a split would be alike.  Resolution: a correlation of 0.27."""
    case, theta, x, _ = drawn
    mean, deviation = case.exact(theta)
    z = (x[:, 0] - mean) / deviation
    for apart in (1, 2, 32):
        assert abs(np.corrcoef(z[apart:], z[:-apart])[0, 1]) < 4 / len(z) ** 0.5 + 0.05


@pytest.mark.parametrize(("case", "theta"), [(CASES[0], 2.0), (CASES[1], 1.0)], ids=["ising", "ring"])
def test_information_is_the_variance_of_what_is_sufficient(case, theta):
    """Var(E)/T⁴, Var(Σ φ⁴): of 1000 chains, to 4 errors, 18 %."""
    x, exact = case.draw(jax.random.key(1), np.array([theta]), 1000)
    assert x.shape == (1, 1000, 2)
    assert exact.verdict == "pass"
    N = case.size**2 if case is CASES[0] else case.size
    variance = np.var(N * x[0, :, 0]) / (theta**4 if case is CASES[0] else 1.0)
    assert variance == pytest.approx(case.information(theta), rel=0.18)
    assert case.exact(np.array([theta]))[1] == pytest.approx(x[0, :, 0].std(), rel=0.09)


def test_a_summary_with_noise_has_less_information_than_the_exact_one():
    rng = np.random.default_rng(0)
    exact = rng.normal(size=(3, 2000)) + np.array([[-0.5], [0.0], [0.5]])
    same = by_exact(2 * exact + 1, exact)
    assert same.value == pytest.approx(1.0)
    noisy = by_exact(exact + rng.normal(size=(3, 2000)), exact)
    assert noisy.value == pytest.approx(0.5, abs=4 * noisy.error)  # pyright: ignore


def test_the_figure_shows_means_and_widths_beside_the_exact_ones():
    one = lambda value: ("test", np.full(5, value), {"parameter": "temperature", "truth": 2.0})  # noqa: E731
    arrays = {f"{what}_{case}": one(value) for case in ("square_8_T_2", "square_8_T_3")
              for what, value in (("mean", 2.0), ("exact", 2.1), ("width", 1.3))}  # fmt: skip
    figure = draw(xr.Dataset(arrays), "")
    assert [axes.get_title() for axes in figure.axes[:2]] == ["square, L = 8, T = 2", "square, L = 8, T = 3"]
    below = figure.axes[2]
    assert [float(np.asarray(line.get_ydata())[0]) for line in below.lines] == [1.0, 1.1, 1.3]
    assert below.get_ylim()[1] > 1.3
    assert below.get_xlabel() == "exact posterior mean of $T$ ($J/k_B$)"
