# SPDX-License-Identifier: Apache-2.0
"""One law, all sources: samples are of the law that surprisals tell, word by word."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import chisquare

from isinglass.systems.sequence.dirichlet_chains import DirichletChains
from isinglass.systems.sequence.hidden_markov_source import HiddenMarkovSource
from isinglass.systems.sequence.markov_source import MarkovSource

P = np.array([[0.1, 0.6, 0.3], [0.5, 0.2, 0.3], [0.25, 0.25, 0.5]])
A, B = np.array([[0.9, 0.1], [0.3, 0.7]]), np.array([[0.8, 0.2], [0.1, 0.9]])
SOURCES = {"chain": MarkovSource(P), "hidden": HiddenMarkovSource(A, B), "unknown": DirichletChains(2)}
N = 4


def word_law(source):
    """All words and their probabilities."""
    words = np.array(list(itertools.product(range(source.symbols), repeat=N)), np.int32)
    return words, np.exp(-np.asarray(jax.vmap(source.surprisals)(jnp.asarray(words))).sum(axis=1))


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_words_are_as_frequent_as_said(source):
    """Chi-square over all words, 20000 samples; false alarm 1e-4; sees a transition that is off by a tenth."""
    words, p = word_law(source)
    assert p.sum() == pytest.approx(1, abs=1e-12)
    x = np.asarray(source.samples(jax.random.key(5), 20_000, N))
    number = x @ source.symbols ** np.arange(N)[::-1]
    count = np.bincount(number, minlength=len(words))
    assert chisquare(count, p * count.sum()).pvalue > 1e-4
    other = np.roll(p, 1)
    assert chisquare(count, other * count.sum()).pvalue < 1e-4  # planted: another law


def test_stationary_from_the_first_symbol_on():
    """Marginals of the first and of the last symbol are π."""
    source = SOURCES["chain"]
    x = np.asarray(source.samples(jax.random.key(2), 20_000, N))
    for t in (0, N - 1):
        assert np.bincount(x[:, t]) / len(x) == pytest.approx(np.asarray(source.pi), abs=4 * 0.5 / len(x) ** 0.5)


def test_sources_that_are_none():
    with pytest.raises(ValueError, match="rows of P"):
        MarkovSource([[0.5, 0.6], [0.5, 0.5]])
    with pytest.raises(ValueError, match="a row of B"):
        HiddenMarkovSource(A, [[0.5, 0.6], [0.5, 0.5]])
    with pytest.raises(ValueError, match="two symbols"):
        DirichletChains(1)
