# SPDX-License-Identifier: Apache-2.0
"""Laws of fields on exact draws: power, one-point law, residuals; thresholds and planted errors."""

import numpy as np
import pytest
from scipy.stats import norm

from isinglass.checks.field import one_point_laws_agree, power_agrees, residuals_are_noise
from isinglass.observables.curve import Curve


@pytest.mark.parametrize(("share", "verdict"), [(0.9, "pass"), (1.1, "fail")])
def test_the_threshold_of_power(share, verdict):
    error = np.array([0.01, 0.02])
    found = Curve(np.array([1.0, 1 + 3 * 0.02 + share * 0.05]), error)
    assert power_agrees(found, Curve(np.ones(2), np.zeros(2)), 0.05).verdict == verdict


def test_laws_of_one_site():
    """Normal draws: false alarm 1e-4; a shift of 0.2 in 4000 is seen, alone and against other draws."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 4000))
    assert one_point_laws_agree(x, norm.cdf).verdict == "pass"
    assert one_point_laws_agree(x, y).verdict == "pass"
    assert one_point_laws_agree(x + 0.2, norm.cdf).verdict == "fail"
    assert one_point_laws_agree(x + 0.2, y).verdict == "fail"


def posterior(noise, said=None, n=200, side=24):
    """Independent sites x ~ N(0, 1): y, mask and draws of the exact posterior for the noise that is believed."""
    rng, said = np.random.default_rng(1), said or noise
    truth, mask = rng.normal(size=(side, side)), np.ones((side, side))
    mask[:4] = 0
    y = mask * (truth + noise * rng.normal(size=truth.shape))
    gain = mask / (1 + said**2)
    spread = np.sqrt(np.where(mask == 1, said**2 / (1 + said**2), 1.0))
    return gain * y + spread * rng.normal(size=(n, side, side)), y, mask


def test_residuals_of_an_exact_posterior_are_noise():
    """480 sites: within 4.5 √(2/n) = 0.29; a posterior for four times the noise is seen."""
    assert residuals_are_noise(*posterior(0.5), 0.5).verdict == "pass"
    assert residuals_are_noise(*posterior(0.5, said=2.0), 2.0).verdict == "fail"


@pytest.mark.parametrize(("share", "verdict"), [(0.9, "pass"), (1.1, "fail")])
def test_the_threshold_of_residuals(share, verdict):
    y, mask = np.zeros((4, 8)), np.ones((4, 8))
    chi = 1 + share * 4.5 * (2 / 32) ** 0.5
    assert residuals_are_noise(np.full((1, 4, 8), np.sqrt(chi)), y, mask, 1.0).verdict == verdict
