# SPDX-License-Identifier: Apache-2.0
"""Kernel regression and its table of runs: the claims hold for few data sets too, and a wrong theory is seen."""

import jax
import pytest

from isinglass.experiments.learning.scaling_laws import ScalingLaws

SMALL = {"modes": 1000, "examples": (16, 23, 32, 45, 64, 91, 128), "repeats": 4, "draws": 8}

pytestmark = pytest.mark.slow


def test_the_claims_hold():
    result = ScalingLaws(**SMALL).run(jax.random.key(0))
    assert result.verdict == "pass", [c for c in result.checks if c.verdict != "pass"]
    assert abs(result.estimates["exponent/examples"].value - 1) < 0.3


def test_theory_without_the_noise_that_is_fitted_is_refuted(monkeypatch):
    """Planted: E without the factor 1/(1 - γ), which is 2 for this spectrum."""
    from isinglass.experiments.learning import scaling_laws

    right = scaling_laws.kernel_error
    wrong = lambda *given: (found := right(*given))._replace(error=found.error * (1 - found.gamma))  # noqa: E731
    monkeypatch.setattr(scaling_laws, "kernel_error", wrong)
    assert ScalingLaws(**SMALL).run(jax.random.key(0)).verdict == "fail"
