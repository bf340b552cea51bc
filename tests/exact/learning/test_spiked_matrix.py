# SPDX-License-Identifier: Apache-2.0
"""The fixed points against the transition of Baik, Ben Arous and Péché, exact information, and each other."""

import numpy as np
import pytest

from isinglass.exact.learning.random_matrix import wigner_spike
from isinglass.exact.learning.scalar_prior import NormalPrior, SparseSigns
from isinglass.exact.learning.spiked_matrix import (
    SpikedWigner,
    bayes_overlap,
    fixed_points,
    message_passing_overlap,
    overlap_curve,
    spiked_potential,
    state_evolution,
)


@pytest.mark.parametrize("strength", [0.8, 1.2, 2.0])
def test_a_normal_spike_is_found_as_well_by_the_top_eigenvector(strength):
    model = SpikedWigner(NormalPrior(), strength)
    assert message_passing_overlap(model) == pytest.approx(wigner_spike(strength).overlap2, abs=1e-9)
    assert bayes_overlap(model) == pytest.approx(wigner_spike(strength).overlap2, abs=1e-9)


def test_signs_begin_to_be_found_at_one():
    """q = 2 (λ² - 1) near the transition: Q(s) = s - s² + ... for signs; corrections are of the next order."""
    assert fixed_points(SpikedWigner(SparseSigns(), 0.99)) == []
    for t, within in ((0.02, 0.05), (0.005, 0.02)):
        q = message_passing_overlap(SpikedWigner(SparseSigns(), (1 + t) ** 0.5))
        assert q / t == pytest.approx(1.0, abs=within)


def test_information_of_a_buried_and_of_a_strong_spike():
    """λ²/4 below the transition, as in the paramagnet of Sherrington and Kirkpatrick; ln 2 for strong signs."""
    model = SpikedWigner(SparseSigns(), 0.7)
    assert spiked_potential(model, bayes_overlap(model)) == pytest.approx(0.7**2 / 4, abs=1e-12)
    strong = SpikedWigner(SparseSigns(), 6.0)
    assert spiked_potential(strong, bayes_overlap(strong)) == pytest.approx(np.log(2), abs=1e-6)


def test_a_very_sparse_spike_is_hard():
    """Below λ = 1 Bayes finds what message passing and the eigenvector do not; arXiv:1701.00858: for ρ < 0.09."""
    hard = SpikedWigner(SparseSigns(0.03), 0.9)
    assert message_passing_overlap(hard) == 0.0
    assert bayes_overlap(hard) > 0.9
    assert fixed_points(SpikedWigner(SparseSigns(0.15), 0.97)) == []


def test_state_evolution_ends_at_the_fixed_point():
    model = SpikedWigner(SparseSigns(0.1), 1.5)
    q = state_evolution(model, 1 - 1 / 1.5**2, 60)
    assert (np.diff(q) > -1e-12).all()
    assert q[-1] == pytest.approx(message_passing_overlap(model), abs=1e-6)
    strength, overlap = overlap_curve(model.prior, np.array([1.5**2 * q[-1]]))
    assert (strength[0], overlap[0]) == pytest.approx((1.5, q[-1]), abs=1e-6)
