# SPDX-License-Identifier: Apache-2.0
"""Annealing both ways against ln Z by enumeration: unbiased weights, honest errors, bounds on both sides."""

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import chisquare

from isinglass.sampling.weight.annealed_partition import annealed_partition, gibbs, independent_units
from isinglass.systems.lattice.boltzmann_machine import RestrictedBoltzmannMachine

RNG = np.random.default_rng(1)
STRONG = RestrictedBoltzmannMachine(1.2 * RNG.normal(size=(7, 4)), 0.3 * RNG.normal(size=7), 0.3 * RNG.normal(size=4),
                                    "binary", "spin", None, np.full(7, 0.5))  # fmt: skip
STATES = jnp.array(list(product((0.0, 1.0), repeat=7)))
LOG_P = -jax.vmap(STRONG.free_energy)(STATES) - STRONG.log_partition()


def exact_samples(key, n):
    return STATES[jax.random.categorical(key, LOG_P, shape=(n,))]


def merged(count, expected):
    """Rare states together."""
    rare = expected < 10
    both = [np.append(a[~rare], a[rare].sum()) if rare.any() else a for a in (count, expected)]
    return both[0], both[1] * both[0].sum() / both[1].sum()


def test_states_are_normalized():
    np.testing.assert_allclose(jnp.exp(LOG_P).sum(), 1.0, rtol=1e-12)


def test_block_gibbs_leaves_the_law_invariant(key):
    """Chi-square of 2^7 states, 100 000 walkers from the law: false alarm 1e-4; sees weights of 5 % more."""
    v = exact_samples(key, 100_000)
    place = 2.0 ** np.arange(6, -1, -1)

    def p_value(machine):
        moved = gibbs(jax.random.fold_in(key, 1), machine, v)
        count = np.bincount((np.asarray(moved) @ place).astype(int), minlength=128)
        expected = 100_000 * np.exp(np.asarray(LOG_P))
        return chisquare(*merged(count.astype(float), expected)).pvalue

    assert p_value(STRONG) > 1e-4
    assert p_value(STRONG.at_share(1.1)) < 1e-4


def test_ln_z_both_ways(key):
    """40 runs: deviations in stated errors have mean 0 and width 1, the means of ln w lie on their sides."""
    exact = float(STRONG.log_partition())

    def run(key):
        at, run = jax.random.split(key)
        return annealed_partition(run, STRONG, exact_samples(at, 300), steps=15)

    found = [run(k) for k in jax.random.split(key, 40)]
    z = np.array([[(e.value - exact) / e.error for e in one[:3]] for one in found])
    assert (np.abs(z.mean(axis=0)) < 4 / 40**0.5).all(), z.mean(axis=0)
    assert ((0.6 < z.std(axis=0)) & (z.std(axis=0) < 1.5)).all(), z.std(axis=0)
    below, above = (np.array([getattr(one, name).value for one in found]).mean() for name in ("below", "above"))
    assert below < exact < above
    assert above - below > 4 * np.mean([one.below.error for one in found]) / 40**0.5


@pytest.mark.parametrize(("visible", "hidden"), [("gaussian", "binary"), ("spin", "gaussian")])
def test_other_units(key, visible, hidden):
    rng = np.random.default_rng(2)
    machine = RestrictedBoltzmannMachine(
        0.4 * rng.normal(size=(5, 3)), 0.3 * rng.normal(size=5), np.zeros(3), visible, hidden
    )
    v = independent_units(key, machine, 2000)
    v = jax.lax.scan(lambda v, k: (gibbs(k, machine, v), None), v, jax.random.split(key, 50))[0]
    found = annealed_partition(key, machine, v, steps=50)
    exact = float(machine.log_partition())
    for e in found[:3]:
        assert abs(e.value - exact) < 4.5 * e.error
