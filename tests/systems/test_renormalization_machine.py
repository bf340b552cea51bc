# SPDX-License-Identifier: Apache-2.0
"""Machines of renormalization by sums over every unit of both sides, one by one."""

from itertools import product

import numpy as np
import pytest

from isinglass.errors import InputError
from isinglass.exact.lattice.spin_thermodynamics import torus_bonds
from isinglass.systems.lattice.renormalization_machine import (
    block_log_weights,
    block_machine,
    every_state,
    sublattice_machine,
)

RING = np.array([(i, (i + 1) % 6) for i in range(6)])


def joint_weights(machine):
    """exp(-E) [v, h] of every state of both sides, by NumPy."""
    W = np.asarray(machine.weights)
    v, h = (np.array(list(product((1, -1), repeat=n))) for n in W.shape)
    return v, h, np.exp(v @ W @ h.T)


def test_every_state_by_number():
    assert every_state(3)[0b110].tolist() == [1, -1, -1]
    assert len(np.unique(every_state(4), axis=0)) == 16


def test_the_joint_law_of_a_sublattice_machine_is_that_of_all_spins():
    machine = sublattice_machine(RING, 0.6, [1, 3, 5])
    v, h, weight = joint_weights(machine)
    for (i, a), (j, b) in product(enumerate(v), enumerate(h)):
        s = [a[0], b[0], a[1], b[1], a[2], b[2]]
        assert weight[i, j] == pytest.approx(np.exp(0.6 * sum(s[k] * s[(k + 1) % 6] for k in range(6))))


def test_two_bonds_between_two_sites_add():
    """On a torus of side 2 each bond is there twice."""
    machine = sublattice_machine(torus_bonds(2), 0.3, [0, 3])
    np.testing.assert_allclose(machine.weights, 0.6)


@pytest.mark.parametrize(("blocks", "w"), [([[0], [2], [4]], 0.7), ([[0, 1, 2], [3, 4, 5]], 0.9), ([[0, 2, 5]], 2.0)])
def test_block_spins_by_every_state(blocks, w):
    """Σ_h exp(-E) is the weight of the ring, and given v a block spin is up with probability 1/(1 + exp(-2 w m))."""
    made = block_machine(RING, 0.5, blocks, w)
    v, h, weight = joint_weights(made.machine)
    ring = np.exp(0.5 * (v * np.roll(v, 1, axis=1)).sum(axis=1))
    np.testing.assert_allclose(weight.sum(axis=1) * np.exp(made.constant), ring, rtol=1e-12)
    for k, block in enumerate(blocks):
        up = weight[:, h[:, k] == 1].sum(axis=1) / weight.sum(axis=1)
        np.testing.assert_allclose(up, 1 / (1 + np.exp(-2 * w * v[:, block].sum(axis=1))), rtol=1e-10)
    number = (h[:, : len(blocks)] < 0) @ (1 << np.arange(len(blocks)))
    by_hand = np.log(np.bincount(number, weight.sum(axis=0)))
    np.testing.assert_allclose(block_log_weights(made), by_hand, rtol=1e-12)


def test_the_majority_at_a_large_weight():
    made = block_machine(RING, 0.5, [[0, 1, 2], [3, 4, 5]], 18.0)
    v = every_state(6)
    down = (v.reshape(-1, 2, 3).sum(axis=2) < 0) @ (1, 2)
    expected = np.log(np.bincount(down, np.exp(0.5 * (v * np.roll(v, 1, axis=1)).sum(axis=1))))
    np.testing.assert_allclose(block_log_weights(made) + made.constant, expected, atol=1e-11)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: sublattice_machine(RING, 1.0, [0, 1, 2]), "hidden and visible sites"),
        (lambda: block_machine(RING, 1.0, [[0, 1]], 1.0), "one or three sites"),
        (lambda: block_machine(RING, 1.0, [[0, 1, 2], [2, 3, 4]], 1.0), "1 sites twice"),
    ],
)
def test_what_is_no_machine(make, words):
    with pytest.raises(InputError, match=words):
        make()
