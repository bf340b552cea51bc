# SPDX-License-Identifier: Apache-2.0
"""Threshold functions against their published counts, two planes against products, the reduction against all splits."""

import numpy as np
import pytest

from isinglass.exact.learning.three_node import (
    corners,
    fit_three_nodes,
    set_splitting_examples,
    splits,
    three_node_functions,
    threshold_functions,
)

FANO = [(0, 1, 2), (0, 3, 4), (0, 5, 6), (1, 3, 5), (1, 4, 6), (2, 3, 6), (2, 4, 5)]  # the smallest that has no split


@pytest.mark.parametrize(("n", "count"), [(1, 4), (2, 14), (3, 104), (4, 1882)])
def test_numbers_of_threshold_functions(n, count):
    """OEIS A000609."""
    assert len(threshold_functions(n)) == count


def test_three_nodes_compute_every_function_of_two_bits():
    """Exclusive or among them, which one plane does not."""
    assert len(three_node_functions(2)) == 16
    with pytest.raises(ValueError, match="1 to 4 inputs; got 5"):
        threshold_functions(5)


def test_planes_are_found_where_a_product_of_threshold_functions_is():
    known, X = {tuple(row) for row in three_node_functions(3)}, corners(3).astype(float)
    for number in range(0, 256, 3):
        y = (number >> np.arange(8) & 1).astype(bool)
        found = fit_three_nodes(X, y)
        assert (found.planes is not None) == (tuple(y) in known)
        if found.planes is not None:
            np.testing.assert_array_equal(found(X), y)


def test_the_plane_of_fano_has_no_split():
    """No two colors of its 7 points leave every line with both; without one line they do."""
    assert list(splits(FANO, 7)) == []
    X, y = set_splitting_examples(FANO, 7)
    assert X.shape == (15, 7)
    assert y.sum() == 8
    found = fit_three_nodes(X, y)
    assert found.planes is None
    with pytest.raises(ValueError, match="there is none"):
        found(X)
    X, y = set_splitting_examples(FANO[1:], 7)
    found = fit_three_nodes(X, y)
    np.testing.assert_array_equal(found(X), y)
    assert found.planes is not None
    cut = found.planes[0, :-1] + found.planes[0, -1] < 0
    assert any(np.array_equal(cut, A) or np.array_equal(cut, ~A) for A in splits(FANO[1:], 7))
