# SPDX-License-Identifier: Apache-2.0
"""Order is not a mean: responses, drifts and growing noise give no number; points and labels are read as they are."""

from dataclasses import replace

import jax
import numpy as np
import pytest
import xarray as xr
from tests.inference import lattices

import isinglass
from isinglass.data.configurations import Configurations
from isinglass.inference.phases.decision import evidence, mean_share
from isinglass.inference.phases.locate import Locate, locate
from isinglass.inference.phases.order_parameter import Order, OrderCurves
from isinglass.inference.phases.points import at_points
from isinglass.inference.phases.symmetry_class import as_spins, torus_modulus
from isinglass.result import Estimate, Result
from isinglass.tasks.infer_phases import earned

QUICK = Locate(ask=False, draws=100)
L, N = 12, 60
P = np.linspace(0, 1, 11)


def table(make, points=P, kind="ising"):
    """Independent rows; five chains."""
    x = np.concatenate([make(np.random.default_rng(i), p) for i, p in enumerate(points)])
    return Configurations(x, np.repeat(points, N), kind, "p", chain=np.tile(np.arange(N) * 5 // N, len(points)))


def signs(rng, mean):
    return np.where(rng.random((N, L, L)) < (1 + mean) / 2, 1, -1).astype(np.int8)


def massive(rng, length):
    k = 2 * np.sin(np.pi * np.fft.fftfreq(L))
    power = 1 / (k[:, None] ** 2 + k**2 + length**-2)
    return np.fft.ifft2(np.fft.fft2(rng.normal(size=(N, L, L))) * np.sqrt(power / power.mean())).real


NO_ORDER = {
    "spins in a field": (lambda rng, p: signs(rng, np.tanh(p)), "ising"),
    "noise with a drifting mean": (lambda rng, p: rng.normal(p, 1, (N, L, L)), "real"),
    "noise with a drifting variance": (lambda rng, p: rng.normal(0, 0.5 + p, (N, L, L)), "real"),
    "a growing correlation length": (lambda rng, p: massive(rng, 0.5 * 60**p), "real"),
}


@pytest.mark.parametrize("name", NO_ORDER)
def test_no_order_no_number(name):
    make, kind = NO_ORDER[name]
    result = locate(jax.random.key(0), table(make, kind=kind), QUICK)
    assert result.estimates == {}, name
    assert result.status.startswith("no transition seen")


def test_domains_of_a_gaussian_field_do_not_pass():
    """ξ/L crosses and the mean is bimodal at one end, but no class has such moments where ξ/L is critical."""
    domains = table(lambda rng, p: np.sign(massive(rng, 0.5 * 60**p)).astype(np.int8))
    assert isinglass.infer(jax.random.key(0), domains, ask=False).verdict == "unknown"


def test_a_field_is_named():
    result = locate(jax.random.key(0), table(lambda rng, p: signs(rng, np.tanh(2 * p)), np.linspace(0, 1, 21)), QUICK)
    assert result.estimates == {}
    assert any("response to a field" in note or "only the mean changes" in note for note in result.notes)


def test_share_of_the_mean():
    """Without bias: 0 for a symmetric law, the planted share else.  Resolution: 0.1 with 5 groups at 8 points."""
    rng = np.random.default_rng(0)
    label, group = np.repeat(np.arange(8), 50), np.arange(400) // 10
    noise = rng.normal(size=(400, 1))
    used = np.ones(8, bool)
    none, planted = mean_share(noise, group, label, used), mean_share(noise + 0.7, group, label, used)
    assert abs(none.value) < 4 * none.error < 0.2
    assert planted.value == pytest.approx(0.49 / 1.49, abs=0.08)
    assert planted.value > 4 * planted.error
    assert np.isnan(mean_share(noise[:8], np.arange(8), np.arange(8), used).value)  # one group: nothing to compare


def test_vectors_of_three_components_do_not_order_in_the_plane():
    x = np.random.default_rng(0).normal(size=(8 * 20, 6, 6, 3))
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    data = Configurations(x, np.repeat(np.arange(8.0), 20), "vector", chain=np.tile(np.arange(20) // 4, 8))
    result = locate(jax.random.key(0), data, QUICK)
    assert result.status == "no transition seen: forbidden"
    assert "Mermin" in result.notes[-1]


def test_one_row_at_a_temperature_has_no_error():
    data = lattices.ising(0, 12, np.linspace(1.7, 3.1, 15), chains=4, sweeps=60)
    first = np.flatnonzero(data.chain == 0)
    data = replace(data, x=data.x[first], parameter=data.parameter[first], chain=None)
    result = locate(jax.random.key(0), data, QUICK)
    assert all(e.error is None for e in result.estimates.values())


def test_temperatures_equal_to_rounding_are_one():
    T = np.repeat([1.0, 2.0, 3.0], 40) * (1 + 1e-8 * np.tile(np.arange(40), 3))
    data = Configurations(np.ones((120, 4, 4), np.int8), T, "ising")
    assert len(at_points(data)[0].points) == 3


def test_a_continuum_of_temperatures_is_binned():
    T = np.random.default_rng(0).uniform(1, 3, 1500)
    data, said = at_points(Configurations(np.ones((1500, 4, 4), np.int8), T, "ising"))
    assert len(data.points) == 25
    assert "25 bins" in said[0]
    assert abs(data.parameter - T).max() < 0.15


def test_labels_are_read_by_their_neighbors():
    rng = np.random.default_rng(0)
    step = rng.integers(-1, 2, size=(50, 8, 8))
    walk = np.cumsum(step, axis=2) % 6  # neighbors along an axis are one step apart
    T = np.arange(50.0)
    assert as_spins(Configurations(walk.astype(np.int8), T, "potts"))[0].kind == "angle"
    states = rng.integers(6, size=(50, 8, 8)).astype(np.int8)
    assert as_spins(Configurations(states, T, "potts"))[0].kind == "potts"
    heights = rng.choice(3, size=(50, 8, 8), p=[0.2, 0.6, 0.2]).astype(np.int8)
    found = as_spins(Configurations(heights, T, "potts"))[0]
    assert found.kind == "real"
    assert set(np.unique(found.x)) == {-1.0, 0.0, 1.0}


@pytest.mark.parametrize(("cross", "tau"), [(0.0, 1j), (1.0, np.exp(2j * np.pi / 3)), (-1.0, np.exp(1j * np.pi / 3))])
def test_the_torus_from_the_structure_factor(cross, tau):
    """S(k) = 1/(k1² + k2² ± k1 k2 + m²) of a square or a sheared triangular lattice."""
    k = 2 * np.pi * np.fft.fftfreq(16)
    form = k[:, None] ** 2 + k**2 + cross * np.outer(k, k)
    structure = 1 / (form + np.array([0.1, 0.05, 0.02])[:, None, None])
    assert torus_modulus(structure, (16, 16), (0, 0)) == pytest.approx(tau, abs=1e-9)


@pytest.mark.parametrize(("boundary", "verdict"), [("open", "pass"), ("periodic", "fail")])
def test_a_free_surface_shifts_what_networks_see(boundary, verdict):
    """Only universal readings are compared on an open lattice."""
    readings = {"confusion": 2.09, "correlation_length": 2.27, "moment_ratio": 2.268}
    estimates = {f"critical_temperature/{k}": Estimate(v, 0.01) for k, v in readings.items()}
    result = Result("phases", estimates={"critical_temperature": Estimate(2.269, 0.01), **estimates})
    result.arrays = xr.Dataset(attrs={"universality": "Ising", "boundary": boundary})
    assert earned(result, "critical_temperature")[0].verdict == verdict


def test_order_is_judged_where_it_is_deep():
    """Moments 2 beside the transition, where phases of first order are mixed, and 1 beyond twice the critical ξ/L."""
    points = np.arange(6.0)
    rows = lambda *values: np.tile(values, (3, 1))  # noqa: E731
    curves = OrderCurves(*[rows(*np.full(6, 2.9))] * len(OrderCurves._fields))._replace(
        correlation_ratio=rows(5.0, 4.0, 1.0, 0.3, 0.2, 0.1), moment_ratio=rows(1.0, 1.0, 2.0, 3.0, 3.0, 3.0)
    )
    order = Order._make([None] * len(Order._fields))
    order = order._replace(curves=curves, points=points, field=np.ones((60, 1)), bonds=np.zeros(60))
    data = Configurations(np.ones((60, 4, 4), np.int8), np.repeat(points, 10), "ising", "p", chain=np.arange(60) % 5)
    assert evidence(order, data, at=2.5).moment_ordered.value == 1.0
