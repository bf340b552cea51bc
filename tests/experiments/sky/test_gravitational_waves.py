# SPDX-License-Identifier: Apache-2.0
"""The claims of gravitational-waves, with the errors that they must see."""

import numpy as np
import pytest
import xarray as xr

from isinglass.exact.learning.signal_detection import known_signal_power
from isinglass.experiments.sky.gravitational_waves import (
    ADJUSTED,
    RANGES,
    TRUTH,
    GravitationalWaves,
    beside,
    detection_claims,
    posterior_claims,
    ranges,
    with_exact,
)
from isinglass.report.plots.posterior.corner import draw
from isinglass.result import Estimate, Result

N, SNR, ALARM = 40_000, 4.0, 0.01
BEST = known_signal_power(SNR, ALARM)


def detected(noise, seed=0):
    """A score z of a known signal that has so much noise more, beside the best; scores by chance are common to both."""
    rng, signal = np.random.default_rng(seed), np.arange(N) % 2 == 1
    z = rng.normal(size=N) + SNR * signal
    score = np.stack([z + noise * rng.normal(size=N), z])
    arrays = xr.Dataset(
        {"score": (("detector", "held_out"), score), "signal": ("held_out", signal)},
        {"detector": ["network", "likelihood_ratio"], "false_alarm": [ALARM]},
    )
    found = Result("detection", arrays=arrays)
    with_exact(found, known_signal_power, SNR, ALARM)
    return found


def test_what_is_common_by_chance_cancels():
    same = detected(0.0).estimates[ADJUSTED]
    assert same.value == pytest.approx(BEST, abs=1e-12)
    off = np.array([detected(0.2, seed).estimates[ADJUSTED].value for seed in range(12)])
    worse = known_signal_power(SNR / 1.04**0.5, ALARM)
    error = detected(0.2).estimates[ADJUSTED].error
    assert abs(off.mean() - worse) < 4 * off.std(ddof=1) / 12**0.5
    assert error == pytest.approx(off.std(ddof=1), rel=0.7)  # 12 values


@pytest.mark.parametrize(("behind", "verdicts"), [
    (0.0, ["pass", "pass"]), (0.9, ["pass", "pass"]), (1.6, ["fail", "pass"]), (-0.5, ["pass", "fail"]),
])  # fmt: skip
def test_a_network_far_below_the_matched_filter_or_above_it_is_seen(behind, verdicts):
    """Behind by parts of 2 %, known to 0.1 %."""
    found = detected(0.0)
    found.estimates[ADJUSTED] = Estimate(BEST * (1 - 0.02 * behind), 0.001)
    found.estimates |= {"detection_probability/likelihood_ratio": Estimate(BEST, 0.01),
                        "auc/likelihood_ratio": Estimate(0.997661, 1e-4)}  # fmt: skip
    claims = detection_claims("known", found, GravitationalWaves(), Estimate(1.0, 0.001))
    assert [c.verdict for c in claims[:2]] == verdicts
    assert [c.verdict for c in claims[2:]] == ["pass"] * 3


@pytest.mark.parametrize(("width", "shift", "verdicts"), [
    (1.0, 0.0, ["pass", "pass"]), (1.4, 0.0, ["fail", "pass"]), (0.7, 0.0, ["fail", "pass"]),
    (1.0, 0.6, ["pass", "fail"]), (1.15, 0.0, ["unknown", "pass"]),
])  # fmt: skip
def test_posteriors_of_another_width_or_place_are_seen(width, shift, verdicts):
    rng = np.random.default_rng(1)
    of = lambda a: Result("posterior", arrays=xr.Dataset({"time": ("sample", a)}, {"parameter": ["time"]}))  # noqa: E731
    neural, exact = of(width * rng.normal(size=10_000) + shift), of(rng.normal(size=4096))
    assert [c.verdict for c in posterior_claims(neural, exact)] == verdicts


def test_a_narrower_prior_is_about_the_trigger():
    np.testing.assert_allclose(ranges(1.0), RANGES)
    for (low, high), at, (least, most) in zip(ranges(0.5), TRUTH, RANGES, strict=True):
        assert least < low < at < high < most
        assert high - low == pytest.approx((most - least) / 2)


def test_the_corner_shows_the_exact_likelihood_and_the_truth():
    names, rng = ["chirp_mass", "mass_ratio", "distance", "time", "phase"], np.random.default_rng(0)

    def of(n):
        held = {name: ("sample", at + rng.normal(size=n)) for name, at in zip(names, TRUTH, strict=True)}
        return xr.Dataset(held, {"parameter": names})

    alone, both = of(500), beside(of(500), of(300))
    np.testing.assert_array_equal(both["truth"], TRUTH)
    assert both["exact_posterior"].shape == (5, 300)
    plain, known = draw(alone, "").axes, draw(both, "").axes
    assert sum(len(axes.lines) for axes in plain) == 0
    assert [len(axes.lines) for axes in known[:7]] == [1, 0, 0, 0, 0, 2, 1]
    assert len(known[0].patches) == 2
    assert len(known[5].collections) == len(plain[5].collections) + 1
    assert [axes.get_xlabel() for axes in known[-5:]] == [
        r"chirp mass ($M_\odot$)", "mass ratio", "distance (Mpc)", "time (s)", "phase (rad)",
    ]  # fmt: skip
