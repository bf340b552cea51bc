# SPDX-License-Identifier: Apache-2.0
"""Blocks by hand, and sums of products by loops over sites."""

from itertools import product

import numpy as np
import pytest

from isinglass.inference.renormalization.block_spins import block_spins, blocked, even_products, odd_products


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_blocks_by_hand(rng):
    x = np.array([[[1, 1, -1, -1], [1, -1, -1, -1], [1, 1, 1, -1], [-1, -1, 1, 1]]], np.int8)
    found = block_spins(rng, x)
    assert found[0, 0].tolist() == [1, -1]
    assert found[0, 1, 1] == 1
    coins = block_spins(rng, np.repeat(x, 4000, axis=0))[:, 1, 0]
    assert abs(coins.mean()) < 4 / 4000**0.5


def test_levels_end_at_sides_of_four(rng):
    x = rng.choice([-1, 1], (3, 24, 24)).astype(np.int8)
    assert [level.shape[1] for level in blocked(rng, x)] == [24, 12, 6]
    assert [level.shape[1] for level in blocked(rng, x, 3)] == [24, 8]
    assert [level.shape[1:] for level in blocked(rng, x[:, :8, :8].reshape(3, 8, 8))] == [(8, 8), (4, 4)]


def test_products_of_a_plane_by_loops(rng):
    L = 5
    x = rng.choice([-1, 1], (2, L, L)).astype(np.int8)
    s = lambda row, i, j: int(row[i % L, j % L])  # noqa: E731
    for row, even, odd in zip(x, even_products(x), odd_products(x), strict=True):
        sites = list(product(range(L), repeat=2))
        here = [s(row, i, j) for i, j in sites]
        assert even[0] == sum(h * (s(row, i + 1, j) + s(row, i, j + 1)) for h, (i, j) in zip(here, sites, strict=True))
        assert even[1] == sum(
            h * (s(row, i + 1, j + 1) + s(row, i + 1, j - 1)) for h, (i, j) in zip(here, sites, strict=True)
        )
        assert even[2] == sum(h * (s(row, i + 2, j) + s(row, i, j + 2)) for h, (i, j) in zip(here, sites, strict=True))
        assert even[3] == sum(h * s(row, i + 1, j) * s(row, i, j + 1) * s(row, i + 1, j + 1)
                              for h, (i, j) in zip(here, sites, strict=True))  # fmt: skip
        assert odd[0] == sum(here)
        assert odd[1] == sum(h * s(row, i + a, j) * s(row, i, j + b)
                             for h, (i, j) in zip(here, sites, strict=True)
                             for a, b in product((1, -1), repeat=2))  # fmt: skip
        assert odd[2] == sum(h * (s(row, i + 1, j) * s(row, i - 1, j) + s(row, i, j + 1) * s(row, i, j - 1))
                             for h, (i, j) in zip(here, sites, strict=True))  # fmt: skip


def test_products_of_a_cube_have_its_symmetry(rng):
    """Axes may be exchanged; a flip of all spins changes the odd ones alone."""
    x = rng.choice([-1, 1], (4, 4, 4, 4)).astype(np.int8)
    for products, sign in ((even_products, 1), (odd_products, -1)):
        np.testing.assert_array_equal(products(x), products(np.moveaxis(x, 1, 3)))
        np.testing.assert_array_equal(products(-x), sign * products(x))
    assert even_products(np.ones((1, 4, 4, 4), np.int8))[0].tolist() == [3 * 64, 6 * 64, 3 * 64, 3 * 64]
