# SPDX-License-Identifier: Apache-2.0
"""Energy, specific heat and Binder's ratio of a run, against sums over all configurations and closed forms."""

import numpy as np
import pytest
import xarray as xr

from isinglass import sample
from isinglass.exact.lattice import kaufman, moments, onsager
from isinglass.report.figures import caption
from isinglass.result import Result
from isinglass.systems import XY, Ising, Potts, edwards_anderson
from isinglass.tasks.outcome.thermal_curves import CURVE, curve_names, exact, measured, side_by_side

FOUR = Ising((4, 4))


@pytest.fixture(scope="module")
def states():
    """E and m of all configurations of the 4 x 4 torus, by the definition."""
    s = 1 - 2 * ((np.arange(2**16)[:, None] >> np.arange(16)) & 1).reshape(-1, 4, 4)
    E = -(s * np.roll(s, 1, 1) + s * np.roll(s, 1, 2)).sum(axis=(1, 2))
    return E.astype(float), s.mean(axis=(1, 2))


def independent(states, T, chains, draws, seed=0):
    """Energies and magnetizations [T, chain, draw] of independent samples."""
    E, m = states
    rng, found = np.random.default_rng(seed), []
    for t in T:
        p = np.exp((E.min() - E) / t)
        found.append(rng.choice(len(E), (chains, draws), p=p / p.sum()))
    rows = np.array(found)
    return E[rows], m[rows]


def test_means_are_those_of_all_configurations(states):
    """Each within 5 errors: false alarm 3e-4 for 12 numbers with 31 degrees of freedom.  Resolution: 10 %."""
    T = np.array([1.8, 2.4, 3.0, 4.0])
    found = measured(*independent(states, T, 32, 400), T, FOUR)
    E, m = states
    for k, t in enumerate(T):
        p = np.exp((E.min() - E) / t)
        p /= p.sum()
        u, m2 = p @ E, p @ m**2
        known = u / 16, (p @ E**2 - u**2) / (16 * t**2), 1 - (p @ m**4) / (3 * m2**2)
        for name, value in zip(("energy_per_site", "specific_heat", "binder_ratio"), known, strict=True):
            off, error = found[name][1][k] - value, found[f"{name}_error"][1][k]
            assert abs(off) < 5 * error, (name, t)
            assert error < 0.04 * max(abs(value), 0.1)
        for name, planted in (("specific_heat", 1.1), ("binder_ratio", 1.1)):
            error = found[f"{name}_error"][1][k]
            assert t > 3 or abs((planted - 1) * found[name][1][k]) > 2 * error, name


def test_errors_are_calibrated(states):
    """Of 400 runs 63 to 74 % of U_4 and c are within one error (Student, 15 degrees of freedom: 67 %)."""
    T = np.full(400, 2.5)
    found = measured(*independent(states, T, 16, 100), T, FOUR)
    for name, value in (("specific_heat", kaufman.specific_heat(2.5, 4)),
                        ("binder_ratio", moments.magnetization_moments(2.5, 4).U4)):  # fmt: skip
        inside = np.mean(np.abs(found[name][1] - value) < found[f"{name}_error"][1])
        assert 0.58 < inside < 0.76, name  # 4 standard deviations of 400
        assert np.mean(np.abs(found[name][1] - value) < 0.7 * found[f"{name}_error"][1]) < 0.58  # planted


def test_chains_that_never_change_tell_no_error():
    T = np.array([0.1])
    found = measured(np.full((1, 8, 5), -32.0), np.ones((1, 8, 5)), T, FOUR)
    assert found["energy_per_site"][1] == [-2.0]
    assert np.isnan(found["energy_per_site_error"][1]).all()
    assert measured(np.full((1, 1, 5), -32.0), np.ones((1, 1, 5)), T, FOUR) == {}


@pytest.mark.parametrize("J", [1.0, 2.0])
def test_exact_curves_are_the_closed_forms(J):
    """Enumeration, Kaufman and the transfer matrix agree; in units of J temperatures and energies scale."""
    T = np.array([1.6, 3.2]) * J
    known = {name: one[1] for name, one in exact(Ising((4, 4), J=J), T).items()}
    at = np.linspace(1.6, 3.2, CURVE)
    np.testing.assert_allclose(known["energy_per_site_exact"], J * np.asarray(kaufman.energy(at, 4)), rtol=1e-10)
    np.testing.assert_allclose(known["specific_heat_exact"], kaufman.specific_heat(at, 4), rtol=1e-10)
    binder = [moments.magnetization_moments(t, 4).U4 for t in at[::30]]
    np.testing.assert_allclose(known["binder_ratio_exact"][::30], binder, atol=1e-10)
    np.testing.assert_allclose(known["energy_per_site_infinite"], J * np.asarray(onsager.energy(at)), rtol=1e-10)
    assert set(known["binder_ratio_infinite"]) == {0.0, 2 / 3}


def test_a_small_lattice_of_any_kind_is_enumerated():
    known = exact(Ising((3, 3), lattice="triangular"), np.array([2.0, 5.0]))
    assert set(known) == {"energy_per_site_exact", "specific_heat_exact", "binder_ratio_exact"}
    by_hand = measured_by_hand(3, 2.0)
    assert known["energy_per_site_exact"][1][0] == pytest.approx(by_hand, rel=1e-10)


def measured_by_hand(L, T):
    """<E>/N of the L x L triangular torus, bonds along both axes and one diagonal."""
    s = 1 - 2 * ((np.arange(2 ** (L * L))[:, None] >> np.arange(L * L)) & 1).reshape(-1, L, L)
    pairs = sum(s * np.roll(s, shift, (1, 2)) for shift in ((1, 0), (0, 1), (1, 1)))
    E = -pairs.sum(axis=(1, 2)).astype(float)
    p = np.exp((E.min() - E) / T)
    return p @ E / p.sum() / L**2


@pytest.mark.parametrize("system", [
    Ising((4, 4), h=0.5), Ising((4, 4), J=-1.0), XY((4, 4)), Potts((4, 4), q=3), Ising((8, 8, 8)),
])  # fmt: skip
def test_what_is_not_known_is_not_drawn(system):
    assert exact(system, np.array([2.0, 3.0])) == {}


def test_a_glass_has_no_binder_ratio_of_the_magnetization():
    import jax

    T, E = np.array([2.0]), np.random.default_rng(0).normal(size=(1, 4, 9))
    assert "binder_ratio" not in measured(E, E, T, edwards_anderson(jax.random.key(0), (4, 4)))
    assert "binder_ratio" in measured(E, E, T, XY((4, 4)))


def test_a_run_brings_its_curves_and_several_sizes_stand_side_by_side():
    plan = {"samples": 32, "chains": 8, "thin": 1, "warmup": 10, "effective_samples": None, "configurations": False}
    runs = {L: sample(0, Ising((L, L)), [2.0, 2.5, 3.0], **plan) for L in (4, 6)}
    assert runs[4].figures == [f"thermal_curve/{n}" for n in ("energy_per_site", "specific_heat", "binder_ratio")]
    both = side_by_side(runs)
    assert both.attrs == {}
    assert curve_names(both) == runs[4].figures
    result = Result("both", arrays=both, figures=curve_names(both))
    assert "Kaufman 1949" in caption(result, "thermal_curve/specific_heat")
    assert "Dashed" not in caption(Result("x", arrays=both.drop_vars("specific_heat_infinite")), result.figures[1])
    for k, L in enumerate(runs):
        xr.testing.assert_equal(both["specific_heat"].isel(size_of_curve=k, drop=True), runs[L].arrays["specific_heat"])
    figure = result.plot("thermal_curve/specific_heat")["thermal_curve/specific_heat"]
    solid = [line for line in figure.axes[0].lines if "exact, $L$" in str(line.get_label())]
    assert len(solid) == 2
