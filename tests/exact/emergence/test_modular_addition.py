# SPDX-License-Identifier: Apache-2.0
"""Addition mod p by Fourier weights: every pair, and how few neurons do it."""

import numpy as np
import pytest

from isinglass.exact.emergence import modular_addition as law


@pytest.mark.parametrize("p", [3, 9, 23])
def test_all_pairs_are_added(p):
    """f is (p - 1)/2 for the sum and -1/2 elsewhere, for odd p, prime or not."""
    f, n = law.answers(law.fourier_solution(p)), np.arange(p)
    right = (n[:, None] + n) % p
    assert (f.argmax(axis=2) == right).all()
    assert f == pytest.approx(np.where(right[..., None] == n, (p - 1) / 2, -0.5), abs=1e-10)


@pytest.mark.parametrize(("phases", "factor", "exact"), [(6, 4, True), (7, 3, True), (6, 3, False), (5, 3, False)])
def test_six_phases_cancel_what_is_not_wanted_and_fewer_do_not(monkeypatch, phases, factor, exact):
    monkeypatch.setattr(law, "PHASES", phases)
    monkeypatch.setattr(law, "FACTOR", factor)
    f = law.answers(law.fourier_solution(5))
    assert (np.abs(f[1, 2] - np.where(np.arange(5) == 3, 2.0, -0.5)).max() < 1e-10) == exact


def test_no_fewer_phases_do():
    """With J < 6 some phase of an unwanted term is 0 mod J for every factor, so that it does not cancel."""
    unwanted = lambda r: (1 - r, 3 + r, 1 + 3 * r, 1 + r, 2 * (1 + r), 2 * r, 2)  # noqa: E731
    works = {J for J in range(1, 12) for r in range(J) if all(m % J for m in unwanted(r))}
    assert min(works) == law.PHASES


def test_shares_of_frequencies():
    """1 for waves, 4/(p + 1) for normal numbers."""
    p = 23
    assert law.frequency_shares(law.fourier_solution(p).U) == pytest.approx(1, abs=1e-12)
    normal = np.random.default_rng(0).normal(size=(p, 4000))
    assert law.frequency_shares(normal).mean() == pytest.approx(4 / (p + 1), rel=0.02)


def test_measures_of_the_solution_and_of_others():
    """Phases and shift share: 1 for the solution, about 0 for weights that are unrelated."""
    exact = law.fourier_solution(11)
    assert law.phase_sums(exact) == pytest.approx(1, abs=1e-12)
    assert law.shift_share(exact) == pytest.approx(1, abs=1e-12)
    rng = np.random.default_rng(1)
    other = law.Quadratic(*(rng.normal(size=a.shape) for a in exact))
    assert abs(law.phase_sums(other).mean()) < 4 * 0.71 / exact.U.shape[1] ** 0.5
    assert law.shift_share(other) < 0.05


@pytest.mark.parametrize("p", [1, 4])
def test_even_moduli(p):
    with pytest.raises(ValueError, match="an odd p"):
        law.fourier_solution(p)
