# SPDX-License-Identifier: Apache-2.0
"""Entropies of sources against sums over all words, written out with paths and Γ functions."""

import itertools
from math import gamma, log

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import entr

from isinglass.exact.sequence import dirichlet_chain, hidden_markov, markov_chain

P = np.array([[0.9, 0.1], [0.3, 0.7]])
A = np.array([[0.9, 0.1], [0.2, 0.8]])
B = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])


def words(k, n):
    return itertools.product(range(k), repeat=n)


def test_two_states_in_closed_form():
    """π = (b, a)/(a + b) for leaving with a and b; h = π_0 H(a) + π_1 H(b)."""
    a, b = P[0, 1], P[1, 0]
    binary = lambda x: -x * log(x) - (1 - x) * log(1 - x)  # noqa: E731
    assert markov_chain.stationary_distribution(P) == pytest.approx([b / (a + b), a / (a + b)], abs=1e-14)
    assert markov_chain.entropy_rate(P) == pytest.approx((b * binary(a) + a * binary(b)) / (a + b), abs=1e-14)


def test_blocks_of_a_chain_are_sums_over_words():
    pi = markov_chain.stationary_distribution(P)
    p = [pi[w[0]] * np.prod([P[i, j] for i, j in itertools.pairwise(w)]) for w in words(2, 5)]
    assert markov_chain.block_entropy(P, 5) == pytest.approx(entr(p).sum(), abs=1e-12)


def test_independent_symbols_and_a_cycle():
    """h = H(p) of equal rows; 0 of a permutation, whose power never settles."""
    p = np.array([0.5, 0.3, 0.2])
    assert markov_chain.entropy_rate(np.tile(p, (3, 1))) == pytest.approx(entr(p).sum(), abs=1e-14)
    assert markov_chain.entropy_rate(np.roll(np.eye(4), 1, axis=1)) == pytest.approx(0.0, abs=1e-14)


@pytest.mark.parametrize("wrong", [np.array([[0.9, 0.2], [0.3, 0.7]]), np.array([[1.1, -0.1], [0.3, 0.7]]), np.eye(2)])
def test_rows_that_are_none_and_classes_that_are_never_left(wrong):
    with pytest.raises(ValueError, match=r"rows of P|one stationary"):
        markov_chain.stationary_distribution(wrong)


def test_blocks_of_a_hidden_chain_are_sums_over_paths():
    pi = markov_chain.stationary_distribution(A)
    of_path = lambda s, w: pi[s[0]] * np.prod([A[i, j] for i, j in itertools.pairwise(s)]) * np.prod(B[list(s), w])  # noqa: E731
    p = [sum(of_path(s, list(w)) for s in words(2, 4)) for w in words(3, 4)]
    assert hidden_markov.block_entropies(A, B, 4)[-1] == pytest.approx(entr(p).sum(), abs=1e-12)


def test_a_hidden_chain_that_shows_its_states():
    assert hidden_markov.entropy_bounds(P, np.eye(2), 3) == pytest.approx([markov_chain.entropy_rate(P)] * 2, abs=1e-12)


def test_bounds_of_the_rate_close():
    """From both sides; increments of the block entropy fall."""
    bounds = np.array([hidden_markov.entropy_bounds(A, B, n) for n in (2, 4, 6, 8)])
    assert (np.diff(bounds[:, 0]) > 0).all()
    assert (np.diff(bounds[:, 1]) < 0).all()
    assert bounds[-1, 1] - bounds[-1, 0] < 1e-4
    with pytest.raises(ValueError, match=r"2\^24"):
        hidden_markov.block_entropies(A, B, 16)


def evidence(w, k, a):
    """p(w) by Γ functions, x_1 uniform."""
    n = np.zeros((k, k))
    for i, j in itertools.pairwise(w):
        n[i, j] += 1
    rows = [gamma(k * a) / gamma(k * a + row.sum()) * np.prod([gamma(a + m) / gamma(a) for m in row]) for row in n]
    return np.prod(rows) / k


@pytest.mark.parametrize(("k", "a"), [(2, 1.0), (3, 0.5)])
def test_bayes_losses_are_sums_over_words(k, a):
    """Differences of block entropies of the marginal law; the predictions multiply to it."""
    blocks = [entr([evidence(w, k, a) for w in words(k, n)]).sum() for n in range(1, 6)]
    assert dirichlet_chain.bayes_losses(5, k, a) == pytest.approx(np.diff(blocks, prepend=0), abs=1e-12)
    w = np.array([0, 1, 1, 0, 1])
    q = np.asarray(dirichlet_chain.predictions(jnp.asarray(w), k, a))
    assert np.prod(q[np.arange(5), w]) == pytest.approx(evidence(w, k, a), abs=1e-14)
    n = np.histogram2d(w[:-1], w[1:], bins=k, range=[[-0.5, k - 0.5]] * 2)[0]
    assert dirichlet_chain.log_evidence(n, a) == pytest.approx(log(evidence(w, k, a) * k), abs=1e-12)


def test_the_loss_of_who_knows_the_chain():
    """Two symbols, uniform p: ∫ H(p) dp = 1/2; Bayes comes near it, and is above."""
    assert dirichlet_chain.true_rate(2) == pytest.approx(quad(lambda p: entr(p) + entr(1 - p), 0, 1)[0], abs=1e-10)
    losses = dirichlet_chain.bayes_losses(30, 2)
    assert (np.diff(losses) < 1e-12).all()
    assert 0.5 < losses[-1] < 0.515


def test_single_symbols_are_counted_without_their_neighbors():
    """(n_j + a)/(n + ka)."""
    q = np.asarray(dirichlet_chain.single_symbol_predictions(jnp.asarray([0, 0, 1]), 2))
    assert q == pytest.approx(np.array([[1 / 2, 1 / 2], [2 / 3, 1 / 3], [3 / 4, 1 / 4]]), abs=1e-14)


def test_predictions_of_many_sequences():
    """`vmap` gives them one by one."""
    x = jax.random.randint(jax.random.key(0), (3, 6), 0, 2, jnp.int32)
    many = jax.vmap(lambda x: dirichlet_chain.predictions(x, 2))(x)
    assert np.asarray(many[1]) == pytest.approx(np.asarray(dirichlet_chain.predictions(x[1], 2)), abs=0)
