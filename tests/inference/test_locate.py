# SPDX-License-Identifier: Apache-2.0
"""Blind search against exactly known transitions; configurations by independent NumPy code."""

from dataclasses import replace

import jax
import numpy as np
import pytest
from tests.inference import lattices

from isinglass.errors import InputError
from isinglass.exact.lattice.critical import critical_temperature
from isinglass.inference.phases.confusion import Confusion
from isinglass.inference.phases.locate import Locate, canonical, locate
from isinglass.inference.phases.order_parameter import crossing, order_curves
from isinglass.inference.phases.readings import combine
from isinglass.result import Estimate

QUICK = Locate(confusion=Confusion(n_folds=2, repeats=1, steps=100, draws=50), draws=50)
EXACT = critical_temperature("ising").value


@pytest.fixture(scope="module")
def ising():
    return lattices.ising(0, 12, np.linspace(1.7, 3.1, 13), chains=100, sweeps=150)


@pytest.fixture(scope="module")
def found(ising):
    return locate(jax.random.key(0), ising, QUICK)


def test_square_ising(found):
    """Within 4 errors of Onsager, an error below 2 %; L = 12, 100 configurations a temperature."""
    estimate = found.estimates["critical_temperature"]
    assert abs(estimate.value - EXACT) < 4 * estimate.error
    assert estimate.error < 0.02 * EXACT
    methods = ("correlation_length", "moment_ratio", "confusion")
    assert {f"critical_temperature/{method}" for method in methods} <= set(found.estimates)
    assert found.verdict == "unknown"


def test_same_key_same_answer(ising, found):
    assert locate(jax.random.key(0), ising, QUICK).estimates == found.estimates


def test_a_wrong_scale_of_temperature_is_caught(ising):
    """Planted error: temperatures 8 % too high are not covered by the error bar."""
    estimate = locate(jax.random.key(0), replace(ising, parameter=1.08 * ising.parameter), QUICK).estimates
    assert abs(estimate["critical_temperature"].value - EXACT) > 4 * estimate["critical_temperature"].error


def test_any_scale_and_direction_of_the_parameter(ising, found):
    """T -> 5 - 300 T maps the estimate alike: networks see the same data, so only rounding and row order differ."""
    mapped = replace(ising, parameter=5 - 300 * ising.parameter, parameter_name="g")
    estimate = locate(jax.random.key(0), mapped, QUICK).estimates["critical_g/correlation_length"]
    before = found.estimates["critical_temperature/correlation_length"]
    assert estimate.value == pytest.approx(5 - 300 * before.value, abs=300 * before.error)


def test_row_order_changes_nothing(ising):
    a, b = canonical(ising), canonical(lattices.shuffled(1, ising))
    assert np.array_equal(a.x, b.x)
    assert np.array_equal(a.chain, b.chain)


def test_antiferromagnet_orders_at_the_edge_of_the_zone(ising):
    """Every other spin flipped: the same ξ/L at the wave (π, π), the same transition."""
    order, _ = order_curves(np.random.default_rng(0), lattices.antiferromagnet(ising), draws=20)
    same, _ = order_curves(np.random.default_rng(0), ising, draws=20)
    assert order.wave == (6, 6)
    assert np.allclose(order.curves.correlation_ratio, same.curves.correlation_ratio, rtol=1e-4)


@pytest.mark.parametrize(("low", "high", "status"), [(3.0, 5.0, "disordered"), (1.0, 1.7, "ordered")])
def test_one_phase_alone_shows_no_transition(low, high, status):
    """False alarm of the two ends: 1e-6, both three errors on wrong sides."""
    data = lattices.ising(1, 12, np.linspace(low, high, 9), chains=40, sweeps=60)
    result = locate(jax.random.key(0), data, QUICK)
    assert result.estimates == {}
    assert result.status == f"no transition seen: {status}"
    assert any(note.startswith("No transition") for note in result.notes)
    assert result.verdict == "unknown"


def test_kosterlitz_thouless():
    """ξ/L of angles within 10 % of T_BKT = 0.893, L = 10; networks need not be asked."""
    data = lattices.xy(0, 10, np.linspace(0.5, 1.5, 11), chains=80, sweeps=150)
    order, _ = order_curves(np.random.default_rng(0), data, draws=20)
    at = crossing(order.points, np.log(order.curves.correlation_ratio[0]), np.log(order.critical.xi[0]))
    assert at == pytest.approx(critical_temperature("xy").value, rel=0.1)


def test_gauge_fields_have_no_order_to_see():
    """Links: nothing in the two-point function; the convolution answers, or honestly nothing is reported."""
    settings = Locate(raw=Confusion(view="raw", n_folds=2, repeats=1, steps=40, draws=20), draws=20)
    result = locate(jax.random.key(0), lattices.gauge(0, 6, 40), settings)
    assert "critical_temperature/correlation_length" not in result.estimates
    assert result.notes


def test_few_points_are_refused(ising):
    rows = ising.parameter < ising.points[3]
    with pytest.raises(InputError, match="at least 5 values"):
        locate(jax.random.key(0), replace(ising, x=ising.x[rows], parameter=ising.parameter[rows], chain=None), QUICK)


def test_disagreeing_methods_widen_the_error():
    agree = combine({"a": Estimate(2.27, 0.01), "b": Estimate(2.27, 0.01)})
    differ = combine({"a": Estimate(2.2, 0.01), "b": Estimate(2.3, 0.01)})
    assert agree.error == pytest.approx(0.01 / 2**0.5)
    assert differ.error == pytest.approx(0.05, rel=0.01)


def test_crossing_of_a_noisy_line():
    x = np.linspace(0, 1, 25)
    y = 1 - 2 * x + 0.02 * np.random.default_rng(0).normal(size=25)
    assert crossing(x, y, 0.3) == pytest.approx(0.35, abs=0.03)
    assert np.isnan(crossing(x, y, 5.0))


@pytest.mark.slow
def test_error_bars_over_seeds():
    """χ² of six blind estimates about Onsager's value below its 1e-4 quantile, 27.9; none missed.

    Resolution: an error bar too small by a factor two, or a bias of three of them, is seen.
    """
    z = []
    for seed in range(6):
        data = lattices.ising(seed, 16, np.linspace(1.6, 3.2, 17), chains=100, sweeps=300)
        estimate = locate(jax.random.key(seed), data).estimates["critical_temperature"]
        z.append((estimate.value - EXACT) / estimate.error)
    assert np.sum(np.square(z)) < 27.9
