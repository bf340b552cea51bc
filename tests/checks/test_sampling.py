# SPDX-License-Identifier: Apache-2.0
"""Convergence and exact energies of a run; planted: a shift by the bound, chains that scatter."""

import jax
import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import expon, norm, pareto
from scipy.stats import t as student
from tests.checks.alarms import SHARES, fails, may_fail, must_fail

from isinglass.checks.sampling import (
    chains_move,
    convergence_checks,
    energy_checks,
    finite_draws,
    identity_check,
    light_tails,
    mean_over_temperatures,
)
from isinglass.stats.convergence import agreement, largest_by_chance

EXACT = np.array([-1.9, -1.4, -0.8])


def chains_with(z, R=16):
    """[T, R, 2] energies whose means are z errors from the exact ones: chain means ±1, error 1/√(R - 1)."""
    means = np.where(np.arange(R) % 2, 1.0, -1.0) + np.asarray(z)[:, None] / (R - 1) ** 0.5
    return np.stack([means + 0.5, means - 0.5], axis=2) + EXACT[:, None, None]


@SHARES
def test_the_worst_temperature_decides(share, verdict):
    """1e-4, shared by three temperatures, two sides, Student's law of 15 degrees of freedom: 5.83 errors."""
    bound = student.isf(1e-4 / 6, 15)
    assert bound == pytest.approx(5.827, abs=1e-3)
    for sign in (1, -1):
        (check,) = energy_checks(chains_with([0, sign * share * bound, 0]), EXACT)
        assert check.verdict == verdict
        assert check.measured == pytest.approx(share * bound)


def test_false_alarms_and_resolution():
    """Normal means of 16 chains at three temperatures, 1e-4; a shift by 5.9 + 5 errors is seen."""
    rng = np.random.default_rng(0)
    draw = lambda shift: EXACT[:, None, None] + rng.normal(size=(3, 16, 1)) + shift  # noqa: E731
    assert fails(energy_checks(draw(0.0), EXACT)[0] for _ in range(2000)) <= may_fail(1e-4, 2000)
    assert fails(energy_checks(draw(11 / 4), EXACT)[0] for _ in range(500)) >= must_fail(500, 5e-3)


def test_few_chains_or_nothing_exact_make_no_check():
    assert energy_checks(chains_with([0, 0, 0], 6), EXACT) == []
    assert energy_checks(chains_with([0, 0, 0]), None) == []


@SHARES
def test_the_worst_group_of_temperatures_decides(share, verdict):
    """1e-4, shared by four groups and two sides: 4.21 errors, wherever the group is, in any order of the rows."""
    T, z = np.linspace(1.0, 2.0, 512), np.zeros(512)
    bound = norm.isf(1e-4 / 8)
    assert bound == pytest.approx(4.214, abs=1e-3)
    for group, sign in ((0, 1), (3, -1)):
        z[:] = 0
        z[128 * group : 128 * (group + 1)] = sign * share * bound / 128**0.5
        order = np.random.default_rng(0).permutation(512)
        check = mean_over_temperatures(-T[order] + 0.3 * z[order], -T[order], np.full(512, 0.3), T[order], "energy")
        assert check.verdict == verdict
        assert check.measured == pytest.approx(share * bound)


def test_false_alarms_of_groups_of_temperatures():
    """1000 normal values with their exact law, 1e-4; a shift of 0.8 deviations in a seventh of them is seen."""
    rng, T = np.random.default_rng(0), np.linspace(1.0, 2.0, 1000)
    one = lambda shift: mean_over_temperatures(rng.normal(size=1000) + shift, 0 * T, 0 * T + 1, T, "energy")  # noqa: E731
    assert fails(one(0.0) for _ in range(2000)) <= may_fail(1e-4, 2000)
    assert fails(one(0.8 * (T < 1.143)) for _ in range(500)) >= must_fail(500, 5e-3)


def converged(r_hat, bound, size=(300.0,), wanted=None, *, enough=True, rare=False):
    """The checks of one quantity at these temperatures."""
    r_hat = np.atleast_1d(r_hat)[None]
    flag = lambda value: np.broadcast_to(value, r_hat.shape)  # noqa: E731
    return convergence_checks(("x",), r_hat, flag(bound), flag(enough), flag(rare), np.array(size), wanted)


@SHARES
def test_r_hat_and_effective_samples(share, verdict):
    """The bound at the worst temperature, and as many effective samples as were asked for at the poorest."""
    size = 100 * (2 - share)
    r_hat, samples = converged([1.0, 1.05 * share**0.5], 1.05, (300.0, size), 100.0)
    assert [r_hat.verdict, samples.verdict] == [verdict] * 2
    assert [r_hat.of, samples.of] == ["r_hat", "effective_sample_size"]
    assert len(converged(1.0, 1.05)) == 1


def test_too_few_draws_are_unknown_and_rare_events_are_not_judged():
    """Of two quantities one too short: unknown; a third that is above its bound still fails."""
    assert converged(3.0, 1.05, enough=False)[0].verdict == "unknown"
    assert converged(3.0, 1.05, rare=True) == []
    assert converged(np.inf, 1.05)[0].verdict != "pass"
    r_hat, enough = np.array([[1.2], [3.0]]), np.array([[True], [False]])
    checks = convergence_checks(("a", "b"), r_hat, np.full((2, 1), 1.05), enough, ~enough & False, np.ones(1), None)
    assert checks[0].verdict == "fail"


def test_the_quantity_farthest_above_its_bound_is_judged():
    """1.2 above 1.14 beside 1.0 below 1.0005."""
    r_hat, bound, true = np.array([[1.2], [1.0]]), np.array([[1.14], [1.0005]]), np.full((2, 1), fill_value=True)
    assert convergence_checks(("a", "b"), r_hat, bound, true, ~true, np.ones(1), None)[0].verdict == "fail"


def test_r_hat_of_good_chains_and_of_chains_that_scatter():
    """The bound by chance on 1,000 runs of independent and of correlated draws, 1e-4; planted: means at ±½ standard
    deviation, and one chain of 32 elsewhere.
    """
    rng, many = np.random.default_rng(0), jax.jit(jax.vmap(agreement))

    def judge(x):
        found = many(x)
        bound = largest_by_chance(np.asarray(found.own_draws), *x.shape[1:], 1e-4 / 2)
        r_hat, own = np.asarray(found.r_hat), np.asarray(found.own_draws)
        judged = (bound.max(axis=1) <= 1.1) & (own.min(axis=1) >= 8)
        checks = [converged(r, b, (300.0, 300.0))[0] for r, b in zip(r_hat[judged], bound[judged], strict=True)]
        return fails(checks), int(judged.sum())

    for a in (0.0, 0.5):
        x = lfilter([(1 - a * a) ** 0.5], [1, -a], rng.normal(size=(500, 32, 170)), axis=-1)[..., -128:]
        failed, judged = judge(x)
        assert judged == 500
        assert failed <= may_fail(2e-4, 500)
        assert judge(x[:50] + rng.choice([-0.5, 0.5], (50, 32, 1)))[0] == 50
        assert judge(x[:50] + 3.0 * (np.arange(32) == 0)[:, None])[0] == 50


@SHARES
def test_an_identity_holds_within_its_bound(share, verdict):
    """Student's law of 15 degrees of freedom at three temperatures: 5.83 errors.  Three chains cannot tell."""
    bound = student.isf(1e-4 / 6, 15)
    off = chains_with([0, share * bound, 0]) - EXACT[:, None, None]
    assert identity_check(off, "law", 0.0).verdict == verdict
    assert identity_check(off[:, :3], "law", 0.0).verdict == "unknown"


def test_false_alarms_of_an_identity():
    rng = np.random.default_rng(0)
    draw = lambda shift: identity_check(rng.normal(size=(3, 32, 4)) + shift, "law", 0.0)  # noqa: E731
    assert fails(draw(0.0) for _ in range(1000)) <= may_fail(1e-4, 1000)
    assert fails(draw(10 / 128**0.5) for _ in range(200)) >= must_fail(200, 5e-3)


def test_events_too_rare_to_be_seen_are_no_contradiction():
    """No event among 2240 draws where 0.06 are expected; planted: 40 are expected, or the error is taken as zero."""
    calm, n = np.full((1, 32, 70), -2.0), 32 * 70
    jump = np.array([8 / 256])
    few, many = (np.array([-2.0 + events * jump[0] / n]) for events in (0.06, 40.0))
    assert energy_checks(calm, few, jump)[0].verdict == "pass"
    assert energy_checks(calm, many, jump)[0].verdict == "fail"
    assert energy_checks(calm, few)[0].verdict == "fail"


def test_chains_that_stand_still():
    """Real variables must move; spins may rest, but then no error is known unless the exact energy decides."""
    no, yes, known = np.zeros(2, bool), np.array([False, True]), np.array([0.5, 0.5])
    verdicts = lambda *a, **k: [c.verdict for c in chains_move(*a, **k)]  # noqa: E731
    assert verdicts(no, known, continuous=True) == ["pass"]
    assert verdicts(yes, known, continuous=True) == ["fail"]
    assert verdicts(no, np.array([0.5, 0.9e-3]), continuous=True) == ["fail"]
    assert verdicts(no, np.array([0.5, 1.1e-3]), continuous=True) == ["pass"]
    assert verdicts(yes, known, continuous=False) == ["unknown"]
    assert verdicts(yes, known, continuous=False, known=True) == []


def test_draws_that_are_not_finite_fail():
    assert finite_draws(("energy", "x_0"), np.array([[True], [False]])).verdict == "fail"
    assert "x_0" in finite_draws(("energy", "x_0"), np.array([[True], [False]])).law
    assert finite_draws(("energy",), np.ones((1, 1), bool)).verdict == "pass"
    assert finite_draws(("energy",), np.ones((1, 1), bool), configurations=False).verdict == "fail"


@pytest.mark.parametrize(
    ("law", "verdict"),
    [(norm, "pass"), (expon, "pass"), (student(4), "pass"), (student(1), "unknown"), (student(0.5), "unknown")],
)
def test_means_of_heavy_tails(law, verdict):
    """Student's law of ν degrees has a mean for ν > 1: of 20 tries of 4096 draws all but one are as they should be."""
    rng = np.random.default_rng(0)
    found = [light_tails({"x": law.rvs(size=(4096, 1), random_state=rng)})[0].verdict for _ in range(20)]
    assert found.count(verdict) >= 19


@pytest.mark.parametrize("side", [-1, 1])
def test_a_tail_on_one_side_is_enough(side):
    """Pareto's law of exponent 0.7 has no mean, wherever its tail lies."""
    x = side * pareto(0.7).rvs(size=(4096, 1), random_state=2)
    assert light_tails({"x": x})[0].verdict == "unknown"


def test_the_heaviest_column_is_named():
    columns = {
        "light": np.random.default_rng(1).normal(size=(512, 3)),
        "heavy": student(0.7).rvs(size=(512, 2), random_state=1),
    }
    (check,) = light_tails(columns)
    assert (check.verdict, "tails of heavy are heavy" in check.law) == ("unknown", True)
    assert light_tails({"few": np.zeros((99, 1))}) == []
