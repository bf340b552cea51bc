# SPDX-License-Identifier: Apache-2.0
"""Retrieval against a loop over neurons in NumPy, and the law that E falls with every flip."""

import jax
import numpy as np
import pytest

from isinglass.inference.memory.recall import recall
from isinglass.systems import DenseMemory, HopfieldNetwork
from isinglass.systems.lattice.associative_memory import random_patterns

N = 60


def visited_in_turns(place, s, rise):
    """Sweeps over all neurons in their order, one at a time, until none flips; the energies on the way."""
    order, changes, last = np.argsort(place), [], -1
    while len(changes) != last:
        last = len(changes)
        for i in order:
            if (change := rise(s, i)) < -1e-9:
                s[i] *= -1
                changes.append(change)
    return s, changes


@pytest.mark.parametrize("P", [3, 8, 30])
def test_a_descent_is_that_of_a_loop_over_neurons(key, P):
    """By integers: ΔE_i = 2 s_i h_i, N h = Σ_μ ξ^μ (ξ^μ·s) - P s."""
    patterns = random_patterns(key, P, N)
    start = random_patterns(jax.random.fold_in(key, 1), 1, N)[0]
    found = recall(key, HopfieldNetwork(patterns), start)
    x = np.asarray(patterns, int)
    s, changes = visited_in_turns(np.asarray(jax.random.permutation(key, N)), np.array(start, int),
                                  lambda s, i: 2 * s[i] * (x[:, i] @ (x @ s) - P * s[i]) / N)  # fmt: skip
    np.testing.assert_array_equal(found.s, s)
    assert (found.flips, bool(found.stable)) == (len(changes), True)
    np.testing.assert_allclose(found.rise, max(changes), rtol=1e-6)


@pytest.mark.parametrize("power", [3, 4, None])
def test_a_dense_memory_descends_as_a_loop_by_its_energy(key, power):
    patterns = random_patterns(key, 40, 24)
    start = random_patterns(jax.random.fold_in(key, 1), 1, 24)[0]
    found = recall(key, DenseMemory(patterns, power=power), start)
    x = np.asarray(patterns, float)

    def energy(s):
        M = x @ s
        return -np.log(np.exp(M).sum()) if power is None else -np.sum(M**power) / (power * 24.0 ** (power - 1))

    def rise(s, i):
        flipped = s.copy()
        flipped[i] *= -1
        return energy(flipped) - energy(s)

    s, changes = visited_in_turns(np.asarray(jax.random.permutation(key, 24)), np.array(start, float), rise)
    np.testing.assert_array_equal(found.s, s)
    assert found.flips == len(changes)


def test_no_step_raises_the_energy_and_the_end_is_a_minimum(key):
    """Far above the capacity, where descents are longest; couplings in single precision stay whole numbers."""
    patterns = random_patterns(key, 200, 500)
    memory = HopfieldNetwork(patterns)
    starts = random_patterns(jax.random.fold_in(key, 1), 4, 500)
    found = jax.jit(jax.vmap(lambda s: recall(key, memory, s)))(starts)
    x, s = np.asarray(patterns, np.int64), np.asarray(found.s, np.int64)
    fields = (s @ x.T) @ x - 200 * s
    assert (s * fields >= 0).all()
    assert (found.rise < 0).all()
    assert (jax.vmap(memory.energy)(found.s) < jax.vmap(memory.energy)(starts)).all()
