# SPDX-License-Identifier: Apache-2.0
"""The law of a block and the far spins against enumeration, and inequalities of information."""

import numpy as np
import pytest

from isinglass.exact.lattice.block_information import (
    STATES,
    best_rule,
    block_and_far_law,
    decimation_rule,
    information,
    kept_information,
    majority_rule,
)
from isinglass.exact.lattice.enumeration import configurations, ising_energies, spins
from isinglass.systems import Ising

T = 2.3


@pytest.fixture(scope="module")
def law():
    return block_and_far_law(T)


def test_correlations_of_the_law_are_those_of_enumeration(law):
    """<s_0 s_10> of a corner of the block and one of the far block, by the library's enumeration."""
    graph = Ising((4, 4)).graph
    E = np.concatenate(list(ising_energies(16, np.asarray(graph.bonds, int))))
    p = np.exp(-(E - E.min()) / T)
    p /= p.sum()
    s = np.concatenate([spins(x) for x in configurations(16)]).astype(float)
    exact = float(p @ (s[:, 0] * s[:, 10]))
    assert float(STATES[:, 0] @ law @ STATES[:, 0]) == pytest.approx(exact, abs=1e-12)
    assert law.sum() == pytest.approx(1.0, abs=1e-12)


def test_no_rule_keeps_more_than_the_block(law):
    """I(h; E) <= I(A; E), and the best rule is not below any other, also not below ones that draw lots."""
    best = best_rule(law)
    assert best.information <= information(law)
    rng = np.random.default_rng(0)
    others = [decimation_rule(), majority_rule(), *rng.random((200, 16))]
    assert max(kept_information(law, rule) for rule in others) <= best.information
    assert kept_information(law, decimation_rule()) < kept_information(law, majority_rule())


def test_limits():
    """Cold: one bit is shared, ln 2.  Hot: nothing.  A rule that does not look keeps nothing."""
    assert information(block_and_far_law(0.3)) == pytest.approx(np.log(2), abs=1e-6)
    assert information(block_and_far_law(1e4)) == pytest.approx(0.0, abs=1e-6)
    assert kept_information(block_and_far_law(T), np.full(16, 0.5)) == pytest.approx(0.0, abs=1e-12)
