# SPDX-License-Identifier: Apache-2.0
"""Hopfield networks and dense memories: energies by hand, stored patterns, what is kept through flips, bad input."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.errors import InputError
from isinglass.systems import DenseMemory, HopfieldNetwork
from isinglass.systems.lattice.associative_memory import random_patterns

MADE = {
    "hebb": HopfieldNetwork,
    "pseudo-inverse": lambda x: HopfieldNetwork(x, rule="pseudo-inverse"),
    "cubic": DenseMemory,
    "quartic": lambda x: DenseMemory(x, power=4),
    "exponential": lambda x: DenseMemory(x, power=None),
}


def test_energies_by_hand():
    """Two patterns of four neurons: J_12 = J_34 = 2/4, all others 0, so E = -1 where both pairs agree."""
    patterns = [[1, 1, 1, 1], [1, 1, -1, -1]]
    hebb = HopfieldNetwork(patterns)
    J = np.array([[0, 2, 0, 0], [2, 0, 0, 0], [0, 0, 0, 2], [0, 0, 2, 0]])
    np.testing.assert_array_equal(hebb.products, J)
    states = jnp.array([[1, 1, 1, 1], [1, -1, 1, 1], [1, -1, 1, -1]], jnp.int8)
    np.testing.assert_array_equal(jax.vmap(hebb.energy)(states), [-1, 0, 1])
    overlaps = np.array([[4, 0], [2, -2], [0, 0]])
    np.testing.assert_allclose(jax.vmap(DenseMemory(patterns).energy)(states), -(overlaps**3).sum(axis=1) / (3 * 16))
    np.testing.assert_allclose(
        jax.vmap(DenseMemory(patterns, power=None).energy)(states), -np.log(np.exp(overlaps).sum(axis=1))
    )


def test_the_square_is_hebbs_rule(key):
    """-Σ M²/2N = E - P/2: what the diagonal would give."""
    patterns = random_patterns(key, 5, 20)
    s = random_patterns(jax.random.fold_in(key, 1), 8, 20)
    off = jax.vmap(DenseMemory(patterns, power=2).energy)(s) - jax.vmap(HopfieldNetwork(patterns).energy)(s)
    np.testing.assert_allclose(off, -5 / 2, atol=1e-6)


@pytest.mark.parametrize("name", MADE)
def test_what_is_kept_through_flips_is_that_of_the_state(key, name):
    memory = MADE[name](random_patterns(key, 6, 15))
    s = memory.random_configuration(jax.random.fold_in(key, 1))
    state = memory.begin(s)
    for i in (3, 7, 3, 14, 0):
        rise = memory.rises(state, s)[i]
        state, before, s = memory.flipped(state, s, i), memory.energy(s), s.at[i].multiply(-1)
        np.testing.assert_allclose(memory.energy(s) - before, rise, atol=1e-9)
        np.testing.assert_allclose(state, memory.begin(s), atol=1e-9)


def test_the_pseudo_inverse_holds_more_patterns_than_hebbs_rule(key):
    """Every one of 0.9 N is stable, J ξ = (1 - J_ii) ξ exactly; by Hebb's rule none is."""
    patterns = random_patterns(key, 90, 100)

    def stable(memory):
        return jnp.array([memory.rises(memory.begin(s), s).min() >= 0 for s in patterns[:20]])

    assert stable(HopfieldNetwork(patterns, rule="pseudo-inverse")).all()
    assert not stable(HopfieldNetwork(patterns)).any()


def test_attention_is_the_derivative_of_the_energy(key):
    memory = DenseMemory(random_patterns(key, 6, 15), power=None)
    s = memory.random_configuration(jax.random.fold_in(key, 1))
    x = memory.patterns.astype(float)
    slope = jax.grad(lambda s: jax.nn.logsumexp(x @ s))(s.astype(float))
    np.testing.assert_allclose(memory.attention(s), slope, atol=1e-12)


GOOD = np.array([[1, -1, 1], [1, 1, -1]])
WRONG = {
    "0 and 1": ((GOOD + 1) // 2, "numbers ±1; found 0 among them; give 2.x - 1"),
    "reals": (GOOD * 0.5, "found 0.5 among them; take the sign"),
    "NaN": (np.where(GOOD > 0, np.nan, GOOD), "found NaN"),
    "booleans": (GOOD > 0, r"found an array \[2, 3\] of bool; .*2.x - 1"),
    "words": ([["a", "b"]], "found an array"),
    "one row": (GOOD[0], r"patterns \[pattern, neuron\].*found an array \[3\]"),
    "none": (np.zeros((0, 3)), r"found an array \[0, 3\]"),
    "ragged": ([[1, -1], [1]], "rows that differ"),
    "one neuron": ([[1], [-1]], "two neurons or more; found 1"),
    "nothing": (None, "found an array"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("system", [HopfieldNetwork, DenseMemory])
def test_other_patterns_are_refused_in_one_line(name, system):
    patterns, message = WRONG[name]
    with pytest.raises(InputError, match=f"^expected .*{message}") as caught:
        system(patterns)
    assert "\n" not in str(caught.value)


def test_other_settings_are_refused():
    for make, message in (
        (lambda: HopfieldNetwork(GOOD, rule="hebbian"), "rule among hebb, pseudo-inverse"),
        (lambda: HopfieldNetwork(np.stack([GOOD[0], -GOOD[0]]), rule="pseudo-inverse"), "2 independent patterns.*1"),
        (lambda: HopfieldNetwork(GOOD, temperature=0), "positive, finite temperature"),
        (lambda: DenseMemory(GOOD, power=1), "power, a whole number from 2"),
        (lambda: DenseMemory(GOOD, power=2.5), "power, a whole number"),
    ):
        with pytest.raises(InputError, match=message):
            make()
