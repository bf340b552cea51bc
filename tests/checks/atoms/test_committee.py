# SPDX-License-Identifier: Apache-2.0
"""Standard errors that are right pass; planted: too small, too large, of other atoms, noise of labels, copies."""

import numpy as np
import pytest

from isinglass.checks.atoms.committee import (
    as_known,
    covered,
    deviations,
    honest,
    members_differ,
    ordered,
    quantiles,
    reliable,
    share_within,
)

FRAMES, ATOMS = 60, 12


def committee(members=4, seed=0, widths=(0.01, 0.2)):
    """Members whose errors are normal, of a width of its own for each atom: ΔF of another of them, their spread."""
    rng = np.random.default_rng(seed)
    n = FRAMES * ATOMS
    width = np.exp(rng.uniform(*np.log(widths), n))
    error = width[:, None] * rng.normal(size=(n, 3))
    drawn = width[:, None] * rng.normal(size=(members, n, 3))
    spread = np.sqrt(np.sum((drawn - drawn.mean(axis=0)) ** 2, axis=(0, 2)) / (3 * (members - 1)))
    c = np.sqrt(np.mean(np.mean(error**2, axis=1) / spread**2))
    return error, c * spread, np.repeat(np.arange(FRAMES), ATOMS)


def verdicts(error, sigma, frame, members=4):
    z, sigma, frame = deviations(error, sigma, frame)
    return {"within 1": covered(z, frame, members, 1).verdict, "within 2": covered(z, frame, members, 2).verdict,
            "size": honest(z, frame).verdict, "order": ordered(z, sigma, frame).verdict,
            "fifths": reliable(z, sigma, frame).verdict}  # fmt: skip


@pytest.mark.parametrize("members", [2, 3, 4, 8])
def test_what_is_right_passes(members):
    assert set(verdicts(*committee(members), members).values()) == {"pass"}


@pytest.mark.parametrize(("factor", "caught"), [(0.5, {"within 1", "within 2", "size"}), (2.0, {"within 1", "size"})])
def test_a_wrong_factor_fails(factor, caught):
    """Planted: overconfident, and underconfident, by a factor 2."""
    error, sigma, frame = committee()
    found = verdicts(error, factor * sigma, frame)
    assert {name for name in found if found[name] == "fail"} >= caught


@pytest.mark.parametrize(("factor", "verdict"), [(1.4, "pass"), (2.1, "fail"), (1 / 1.4, "pass"), (1 / 2.1, "fail")])
def test_the_bound_of_the_size_is_where_it_says(factor, verdict):
    """1.5 either way, and 4 standard errors."""
    z = factor * np.random.default_rng(1).normal(size=(2000, 3))
    assert honest(z, np.repeat(np.arange(200), 10)).verdict == verdict


def test_spread_of_other_atoms_is_seen():
    """Planted: the σ of each atom given to another: on average right, atom by atom not."""
    error, sigma, frame = committee()
    found = verdicts(error, np.random.default_rng(2).permutation(sigma), frame)
    assert found["order"] == "unknown"
    assert found["fifths"] == "fail"
    assert verdicts(error, 1 / sigma * np.mean(sigma) ** 2, frame)["order"] == "fail"


def test_noise_of_labels_is_seen():
    """Planted: noise that all members share, as wide as the middle of their spread, and calibrated to it."""
    error, sigma, frame = committee()
    error = error + 0.1 * np.random.default_rng(3).normal(size=error.shape)
    sigma = sigma * np.sqrt(np.mean(error**2 / sigma[:, None] ** 2))
    found = verdicts(error, sigma, frame)
    assert found["fifths"] == "fail"
    assert found["size"] == "pass"


def test_frames_whose_atoms_err_together_have_large_errors():
    """One error for all atoms of a frame: the standard error is that of frames, not of atoms."""
    rng = np.random.default_rng(4)
    z = np.repeat(rng.normal(size=(FRAMES, 3)), ATOMS, axis=0)
    frame = np.repeat(np.arange(FRAMES), ATOMS)
    together = honest(z, frame).error
    assert together == pytest.approx(honest(z[::ATOMS], frame[::ATOMS]).error, rel=1e-9)
    assert together > 2.5 * honest(rng.normal(size=z.shape), frame).error


def test_few_frames_do_not_pass():
    error, sigma, _ = committee()
    z, sigma, frame = deviations(error[:12], sigma[:12], np.zeros(12, int))
    assert covered(z, frame, 4, 1).verdict == honest(z, frame).verdict == ordered(z, sigma, frame).verdict == "unknown"
    assert reliable(z, sigma, frame).verdict == "unknown"


def test_a_share_that_is_right_by_luck_does_not_pass():
    """Two frames of 50 % and of 93 %: 71 % as it should be, but not known to 10 %; a hundred of them are."""
    within = np.concatenate([np.arange(100) < 50, np.arange(100) < 93])
    z, frame = np.repeat(np.where(within, 0.5, 1.5)[:, None], 3, axis=1), np.repeat(np.arange(2), 100)
    assert covered(z, frame, 4, 1).measured == pytest.approx(0.715)
    assert covered(z, frame, 4, 1).verdict == "unknown"
    assert covered(np.tile(z, (50, 1)), np.repeat(np.arange(100), 100), 4, 1).verdict == "pass"


def test_copies_of_one_network_fail():
    error, sigma, _ = committee()
    assert members_differ(sigma, error).verdict == "pass"
    assert members_differ(np.zeros_like(sigma), error).verdict == "fail"
    assert members_differ(1e-7 * sigma, error).verdict == "fail"


def test_forces_that_symmetry_fixes_count_not():
    """No error and no spread tell nothing; no spread beside an error does."""
    error, sigma, frame = committee()
    both = deviations(np.r_[error, np.zeros((50, 3))], np.r_[sigma, np.zeros(50)], np.r_[frame, np.zeros(50, int)])
    np.testing.assert_array_equal(both[0], deviations(error, sigma, frame)[0])
    sigma[::4] = 0.0
    assert verdicts(error, sigma, frame)["size"] == "fail"


@pytest.mark.parametrize("members", [2, 4])
def test_shares_are_those_of_drawn_members(members):
    """Law of z from its definition; 20 000 draws: 4 standard errors are 0.013."""
    rng = np.random.default_rng(5)
    drawn = rng.normal(size=(members, 20_000, 3))
    spread = np.sqrt(np.sum((drawn - drawn.mean(axis=0)) ** 2, axis=(0, 2)) / (3 * (members - 1)))
    nu = 3 * (members - 1)
    z = rng.normal(size=20_000) / spread / np.sqrt(nu / (nu - 2))
    for k in (1, 2):
        assert abs(np.mean(np.abs(z) <= k) - share_within(members, k)) < 0.013
    assert quantiles(members, np.array([share_within(members, 1)]))[0] == pytest.approx(1.0)
    assert share_within(400, 1) == pytest.approx(0.6827, abs=1e-3)  # of many members: normal


def test_a_trajectory_that_leaves_what_is_known():
    """0.9 of twice the held-out value passes, 1.1 is unknown, 11 times fails; the first atom beyond is named."""
    step, atom, names = np.array([10, 20, 30, 40]), np.array([0, 1, 5, 1]), ["Cu", "Al", "Cu", "Al"]
    of = lambda *largest: as_known(0.2 * np.array(largest), atom, 0.1, step, names)  # noqa: E731
    assert of(0.1, 0.2, 0.9, 0.3).verdict == "pass"
    left = of(0.1, 1.1, 1.2, 0.3)
    assert left.verdict == "unknown"
    assert "step 20 by atom 1, Al" in left.law
    assert "at step 30, atom 5, Cu" in left.law
    assert of(0.1, 0.2, 11.0, 0.3).verdict == "fail"
    assert as_known(np.array([0.1]), atom[:1], 0.0, step[:1], names[:1]).verdict == "unknown"


@pytest.mark.parametrize("members", [2, 4])
def test_one_in_a_million_of_the_known_is_not_flagged(members):
    """10⁶ spreads of members that err alike stay below twice the value of 99 %."""
    drawn = np.random.default_rng(6).chisquare(3 * (members - 1), 1_000_000) ** 0.5
    assert drawn.max() < 2 * np.quantile(drawn, 0.99)
