# SPDX-License-Identifier: Apache-2.0
"""The entropy floor: what leaks falls below it, what has not learned stays above it, wrong entropies are seen."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.errors import InputError
from isinglass.exact.sequence import dirichlet_chain, markov_chain
from isinglass.experiments.sequence.entropy_floor import EntropyFloor, induction, known_sources, worst_symbol
from isinglass.experiments.sequence.predictor import causal, floor_checks, measured, over_sequences
from isinglass.nets.autoregressive.causal_transformer import CausalTransformer
from isinglass.result import Estimate
from isinglass.systems.sequence.dirichlet_chains import DirichletChains

N = 8
KNOWN = known_sources(N)["two symbols"]
P = jnp.array([[0.9, 0.1], [0.3, 0.7]])
PI = jnp.array([0.75, 0.25])


class Told(eqx.Module):
    """A predictor of given rules: the source's own, one that looks `ahead`, or one that knows sequences by heart."""

    logits_of: Callable = eqx.field(static=True)
    values: tuple = eqx.field(static=True, default=(0, 1))

    def logits(self, x):
        """[N, 2]."""
        return self.logits_of(x)


def by_chain(x):
    """ln P, and ln π for the first symbol."""
    return jnp.log(jnp.concatenate([PI[None], P[x[:-1]]]))


def one_symbol_too_far(x):
    """A mask that is off by one: 0.99 on the symbol that is to be predicted."""
    return jnp.log(0.01 + 0.98 * jax.nn.one_hot(x, 2, dtype=float))


def verdicts(logits, floor=None, n=4000, key=3):
    source = KNOWN.source
    x = source.samples(jax.random.key(key), n, N)
    found = measured(Told(logits), source, x)
    floor = float(KNOWN.entropy[1:].mean()) if floor is None else floor
    checks = floor_checks("a source", "loss", floor, found.excess(1), over_sequences(found.surprisal[:, 1:]), "")
    return [check.verdict for check in checks]


def test_the_source_itself_passes():
    assert verdicts(by_chain) == ["pass"] * 3


def test_a_mask_off_by_one_falls_below_the_floor():
    """And is seen by the exact check of causality, which a causal transformer passes."""
    assert verdicts(one_symbol_too_far)[1] == "fail"
    x = KNOWN.source.samples(jax.random.key(0), 2, N)
    assert causal(Told(one_symbol_too_far), x, "a leak").verdict == "fail"
    model = CausalTransformer(key=jax.random.key(0), shape=(N,), values=(0, 1), width=8, layers=1)
    model = eqx.tree_at(lambda m: m.out, model, jnp.ones_like(model.out) * jnp.arange(2, dtype=jnp.float32)[:, None])
    assert causal(model, x, "a transformer").verdict == "pass"


def test_test_sequences_in_training_fall_below_the_floor():
    """Frequencies of words in 100 sequences, asked of the same 100."""
    x = np.asarray(KNOWN.source.samples(jax.random.key(3), 100, N))

    def by_heart(one):
        same = jnp.cumprod((jnp.asarray(x) == one[None]).astype(float), axis=1)
        before = jnp.concatenate([jnp.ones((100, 1)), same[:, :-1]], axis=1)
        return jnp.log(jnp.stack([(before * jnp.asarray(x == a, float)).sum(axis=0) + 1e-3 for a in (0, 1)], axis=1))

    assert verdicts(by_heart, n=100)[1] == "fail"
    assert verdicts(by_heart, key=4)[0] == "fail"  # new ones: far above


def test_what_has_not_learned_is_above():
    assert verdicts(lambda x: jnp.zeros((N, 2)))[0] == "fail"


def test_a_wrong_stationary_distribution_is_seen():
    """Entropy by uniform weights of the rows instead of π: 4000 sequences tell."""
    wrong = float(-(P * jnp.log(P)).sum(axis=1).mean())
    assert verdicts(by_chain, floor=wrong)[2] == "fail"
    assert markov_chain.entropy_rate(np.asarray(P)) < wrong


@pytest.mark.parametrize(("a", "held"), [(1.0, True), (1e-3, False)])
def test_a_missing_pseudo_count_is_seen(a, held):
    """n_ij/n_i, almost, in place of (n_ij + 1)/(n_i + k)."""
    source, n = DirichletChains(2), 16
    x = source.samples(jax.random.key(1), 2000, n)
    p = jax.vmap(lambda x: dirichlet_chain.predictions(x, 2))(x)
    found = measured(Told(lambda x: jnp.log(dirichlet_chain.predictions(x, 2, a))), source, x, p)
    assert (worst_symbol(dirichlet_chain.bayes_losses(n, 2), found).verdict == "pass") == held


def test_a_reader_of_single_symbols_shows_no_induction():
    assert induction(Estimate(0.02, 0.01)).verdict == "fail"
    assert induction(Estimate(0.98, 0.01)).verdict == "pass"
    assert induction(Estimate(0.88, 0.02)).verdict == "unknown"


def test_entropies_of_all_sources():
    """From the second symbol on they do not grow, and come down to the rate."""
    for known in known_sources(12).values():
        assert (np.diff(known.entropy) < 1e-12).all()
        assert known.entropy[-1] == pytest.approx(known.rate.value, abs=2e-4)


@pytest.mark.parametrize(
    ("settings", "word"),
    [({"sources": ("English",)}, "sources among"), ({"length": 2}, "4 symbols"), ({"context_length": 64}, "at most 40"),
     ({"width": 18}, "four heads"), ({"test": 20}, "100 test"), ({"sources": ()}, "source")],
)  # fmt: skip
def test_bad_requests(settings, word):
    with pytest.raises(InputError, match=word):
        EntropyFloor(**settings).run(jax.random.key(0))


@pytest.mark.slow
def test_the_claims_hold():
    result = EntropyFloor.preset("smoke").run(jax.random.key(1))
    assert result.verdict == "pass", result.checks
    assert list(result.plot()) == result.figures
