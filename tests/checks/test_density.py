# SPDX-License-Identifier: Apache-2.0
"""Checks of a learned density: true samples pass, planted ones (narrow, uncorrelated, copied) fail; thresholds."""

from types import SimpleNamespace

import numpy as np
import pytest

from isinglass.checks import density
from isinglass.result import Estimate

C = np.array([[1.0, 0.8], [0.8, 1.0]])


def rows(rng, n, scale=1.0, C=C):
    """Correlated normal rows."""
    return scale * rng.multivariate_normal([0, 0], C, n)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_samples_of_the_same_law_pass(rng):
    ours, held, trained = (rows(rng, n) for n in (2000, 1000, 2000))
    assert density.laws_agree(ours, held, rng, joint=False).verdict == "pass"
    assert density.laws_agree(ours, held, rng, joint=True).verdict == "pass"
    assert density.neighbors_mixed(ours, held, rng).verdict == "pass"
    assert density.no_copies(ours, held, trained).verdict == "pass"
    assert density.rows_independent(trained, 0.0, known=False).verdict == "pass"


def test_a_narrow_law_and_a_lost_correlation_are_seen(rng):
    """Planted: 0.6 of the width; no correlation, which the law of each entry cannot tell."""
    held = rows(rng, 1000)
    assert density.laws_agree(rows(rng, 2000, 0.6), held, rng, joint=False).verdict == "fail"
    apart = rows(rng, 2000, C=np.eye(2))
    assert density.laws_agree(apart, held, rng, joint=False).verdict == "pass"
    assert density.laws_agree(apart, held, rng, joint=True).verdict == "fail"
    assert density.neighbors_mixed(apart, held, rng).verdict == "fail"


def test_copies_are_seen(rng):
    """Planted: training rows with a little noise."""
    held, trained = rows(rng, 1000), rows(rng, 1000)
    copies = trained + 1e-3 * rng.normal(size=trained.shape)
    assert density.no_copies(copies, held, trained).verdict == "fail"
    assert density.laws_agree(copies, held, rng, joint=True).verdict == "pass"  # nothing else sees them


@pytest.mark.parametrize(("share", "verdict"), [(0.02, "pass"), (0.3, "fail")])
def test_some_copies_are_seen(share, verdict, rng):
    """Of samples of the same law a share is training rows."""
    ours, held, trained = (rows(rng, 2000) for _ in range(3))
    ours[: round(share * 2000)] = trained[: round(share * 2000)]
    assert density.no_copies(ours, held, trained).verdict == verdict


@pytest.mark.parametrize(("p", "verdict"), [(3e-3, "pass"), (3e-4, "unknown"), (3e-5, "unknown"), (3e-6, "fail")])
def test_a_p_value_is_shared_among_entries(p, verdict, rng, monkeypatch):
    """The worst of 10 entries has ten chances: 3e-2 passes, 3e-3 and 3e-4 are in doubt, 3e-5 is not the law."""
    monkeypatch.setattr(density, "ks_2samp", lambda a, b: SimpleNamespace(pvalue=p))
    check = density.laws_agree(rng.normal(size=(50, 10)), rng.normal(size=(50, 10)), rng, joint=False)
    assert (check.verdict, check.measured) == (verdict, pytest.approx(10 * p))


def test_rows_of_a_chain_and_repeated_rows_decide_nothing(rng):
    walk = np.cumsum(rng.normal(size=(1000, 2)), axis=0)
    assert density.rows_independent(walk, 0.0, known=False).verdict == "unknown"
    assert density.rows_independent(rows(rng, 1000), 0.02, known=False).verdict == "unknown"
    assert density.rows_independent(rows(rng, 1000), 0.005, known=False).verdict == "pass"


@pytest.mark.parametrize(("share", "verdict"), [(0.9, "unknown"), (1.1, "pass")])
def test_the_number_of_rows_is_pinned(share, verdict):
    assert density.rows_suffice(round(200 * share), 10_000, 2).verdict == verdict
    assert density.rows_suffice(10_000, round(40 * share), 2).verdict == verdict


@pytest.mark.parametrize(("times", "verdict"), [(0.9, "pass"), (1.1, "fail")])
def test_worse_than_a_gaussian_is_pinned(times, verdict):
    """At 0.02 an entry and 4 errors."""
    gain = Estimate(-times * (0.04 + 4 * 0.01), 0.01)
    assert density.better_than_gaussian(gain, 2).verdict == verdict
