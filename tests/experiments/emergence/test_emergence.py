# SPDX-License-Identifier: Apache-2.0
"""Grokking and emergence: claims with few networks and samples; controls and wrong theories are seen."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.experiments import claims

from isinglass.errors import InputError
from isinglass.exact.emergence.modular_addition import Quadratic, fourier_solution
from isinglass.experiments.emergence.emergence import Emergence, error_at, grows, steepness
from isinglass.experiments.emergence.grokking import Grokking
from isinglass.experiments.emergence.modular_ensemble import (
    LearnedTables,
    QuadraticNetwork,
    TableLoss,
    learned_tables,
    sums,
)
from isinglass.experiments.emergence.planted_perceptron import Counted, answered
from isinglass.result import Estimate


@pytest.mark.slow
@pytest.mark.parametrize("experiment", [Grokking, Emergence], ids=lambda e: e.name)
def test_the_claims_hold(experiment):
    claims.hold(experiment)


def test_a_network_that_is_given_the_solution_is_right_everywhere():
    """The loss counts pairs seen and the others apart."""
    p = 7
    seen = jnp.arange(p * p) < 30
    weights = fourier_solution(p)
    net = QuadraticNetwork(jax.random.key(0), (jnp.asarray(sums(p), jnp.int32), seen), p=p, width=weights.U.shape[1])
    exact = tuple(jnp.asarray(w, jnp.float32) for w in weights)
    net = eqx.tree_at(lambda net: (net.U, net.V, net.O), net, exact)
    _, right = TableLoss()(jax.random.key(0), net, (jnp.arange(p * p, dtype=jnp.int32),))
    assert float(right["seen"]) == pytest.approx(30 / 49)
    assert float(right["unseen"]) == pytest.approx(19 / 49)


def test_members_see_other_pairs_and_no_others():
    """Untrained accuracies are shares; two members differ."""
    given = np.stack([sums(5)] * 2)
    found = learned_tables(jax.random.key(0), given, 5, width=8, share=0.6, decay=0.0, steps=2, rate=1e-3, block=1)
    assert found.seen.shape == (2, 2)
    assert set(np.round(found.seen.ravel() * 15, 3)) <= set(range(16))
    assert not np.allclose(found.weights[0].U, found.weights[1].U)


def learned(seen, unseen, weights=None, p=23):
    """Five networks of these accuracies at steps 10, 20, ...; the last has shuffled answers."""
    step = 10 * np.arange(1, len(seen) + 1)
    control = np.full(len(unseen), 1 / p)
    exact = weights or fourier_solution(p)
    rng = np.random.default_rng(0)
    random = Quadratic(*(rng.normal(size=w.shape) for w in exact))
    return LearnedTables(step, np.stack([seen] * 5), np.stack([unseen] * 4 + [control]), [exact] * 4 + [random])


ONCE, LATER = np.array([0.2, 1.0, 1, 1, 1, 1, 1, 1]), np.array([0.0, 0.0, 0, 0, 0.1, 0.5, 0.97, 1])
GROK = Grokking(**Grokking.presets["smoke"])


def failed(found):
    return [check.law for check in GROK.judged(found)[1] if check.verdict == "fail"]


def test_grokking_is_told_from_other_ways_to_learn():
    """At once, never, with shuffled answers that are understood (a leak), by unrelated weights."""
    assert failed(learned(ONCE, LATER)) == []
    assert any("known by heart" in law for law in failed(learned(ONCE, ONCE)))
    assert any("least of all" in law for law in failed(learned(ONCE, 0 * LATER)))
    leak = learned(ONCE, LATER)
    leak.unseen[4] = 0.5
    assert any("shuffled" in law for law in failed(leak))
    rng = np.random.default_rng(1)
    other = Quadratic(*(rng.normal(size=w.shape) for w in fourier_solution(23)))
    assert sum("φ" in law or "n + m - q" in law for law in failed(learned(ONCE, LATER, other))) == 2


def test_weight_decays_in_the_wrong_order():
    """The stronger the later: refuted."""
    late = np.array([0.0] * 7 + [1.0])
    of = lambda unseen: learned(ONCE, unseen)._replace(unseen=np.stack([unseen] * 5))  # noqa: E731
    assert GROK.judged_scan({0.0: of(0 * LATER), 1.0: of(LATER), 3.0: of(late)})[1][0].verdict == "fail"
    scan = {0.0: of(0 * LATER), 1.0: of(late), 3.0: of(LATER)}
    assert {check.verdict for check in GROK.judged_scan(scan)[1]} == {"pass"}


def test_answers_of_a_student_at_a_known_angle():
    """Share arccos(c)/π of wrong answers; series are powers. 16 x 4000 series, four standard errors."""
    cosine = np.full(16, 0.8)
    right = np.asarray(answered(jax.random.key(0), cosine, 4000, 5))
    p = 1 - np.arccos(0.8) / np.pi
    for k in (1, 5):
        each = right[:, k - 1]
        assert abs(each.mean() - p**k) < 4 * each.std() / 4


def counted(width, sizes=(9, 17, 33)):
    """Errors that fall from 0.5 to 0 at 1.245, within width(N)."""
    found = {}
    for N in sizes:
        load = np.arange(1, 2 * N + 1) / N
        noise = 1 + 0.01 * np.random.default_rng(N).normal(size=(50, 1))
        error = 0.25 * (1 - np.tanh((load - 1.245) / width(N))) * noise
        found[N] = Counted(np.ones((50, 2 * N), int), error)
    return found


def test_a_step_that_sharpens_and_one_that_does_not():
    """Width as 1/√N: slopes grow, curves cross at the transition; a width of its own: neither."""
    sharp = steepness(counted(lambda N: 1.5 / N**0.5), np.random.default_rng(0))
    assert grows(sharp.exponent).verdict == "pass"
    assert sharp.crossing.value == pytest.approx(1.245, abs=0.1)
    smooth = steepness(counted(lambda N: 0.7), np.random.default_rng(0))
    assert grows(smooth.exponent).verdict != "pass"
    assert grows(Estimate(0.3, 0.1)).verdict == "unknown"
    assert grows(Estimate(-0.3, 0.1)).verdict == "fail"


def test_errors_between_whole_numbers_of_points():
    count = Counted(np.ones((2, 4), int), np.array([[0.4, 0.3, 0.2, 0.1]] * 2))
    assert error_at(count, 2, np.array([0.25, 1.0, 1.25])) == pytest.approx([0.45, 0.3, 0.25])


def test_series_that_are_not_powers_are_refuted():
    """Answers that are right together: 0.9 of all series, whatever k."""
    experiment = Emergence(**Emergence.presets["smoke"])
    rng = np.random.default_rng(0)
    right = {a: 0.9 + 1e-3 * rng.normal(size=(24, 30)) for a in experiment.alphas}
    verdicts = [check.verdict for check in experiment.judged_series(right)[1] if "series of 30 that" in check.law]
    assert verdicts == ["fail"] * 4


BAD = [
    (Grokking(prime=4, networks=3), "a prime"), (Grokking(share=0.99), "share of pairs"),
    (Grokking(scan_decays=(2.0, 1.0)), "that grow"), (Grokking(networks=1), "three networks"),
    (Emergence(binary_sizes=(8, 10, 12)), "odd sizes"), (Emergence(alphas=(1.0, 2.0)), "three α"),
    (Emergence(alphas=(4.0, 2.0, 1.0)), "that grow"), (Emergence(binary_alphas=(1.5,)), "entropies"),
]  # fmt: skip


@pytest.mark.parametrize(("experiment", "word"), BAD)
def test_bad_requests(experiment, word):
    with pytest.raises(InputError, match=word):
        experiment.run(jax.random.key(0))
