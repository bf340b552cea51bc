# SPDX-License-Identifier: Apache-2.0
"""Rows of a known dimension: tori, lattices, curved surfaces; each planted error is seen."""

from math import comb, exp

import numpy as np
import pytest
from scipy.spatial import cKDTree

from isinglass.errors import InputError
from isinglass.inference.dimension.lattice_counts import lattice_dimension, lattice_radii, log_ball, solved
from isinglass.inference.dimension.neighbors import NearestTwo, nearest_two
from isinglass.inference.dimension.two_nearest import apart, dimension_of, two_nearest


def hubs(rng, n):
    """Independent spins, reversed with a probability of 0 to 0.3 that is one of the row."""
    return np.where(rng.random((n, 400)) < 0.3 * rng.random((n, 1)), -1.0, 1.0)


def on_a_torus(rng, n, d):
    """The two nearest of uniform rows, around the torus."""
    r, first = cKDTree(X := rng.random((n, d)), boxsize=1).query(X, 3)
    return NearestTwo(r[:, 1], r[:, 2], first[:, 1])


@pytest.mark.parametrize("d", [1, 2, 5, 10])
def test_tori_have_their_dimension(d):
    """Mean of 20 tori within 4 errors, 2 % or less; r1 and r2 exchanged, or the row itself as its neighbor, is not."""
    rng = np.random.default_rng(d)
    found = [dimension_of(on_a_torus(rng, 1000, d)) for _ in range(20)]
    error = np.std(found, ddof=1) / 20**0.5
    assert abs(np.mean(found) - d) < 4 * error < 0.09 * d
    near = on_a_torus(rng, 1000, d)
    with pytest.raises(InputError, match="equally far"):
        dimension_of(near._replace(r1=near.r2, r2=near.r1))


@pytest.mark.parametrize(("d", "p"), [(1, 1), (2, 30), (3, 7)])
def test_cubes_in_more_columns(d, p):
    """Borders at this size are below the errors, which are honest: |z| < 4 and z² about 1 over 24 sets."""
    rng = np.random.default_rng(p)
    found = [two_nearest(rng, rng.random((800, d)) @ rng.normal(size=(d, p))) for _ in range(24)]
    z = np.array([(f.dimension - d) / f.error for f in found])
    assert abs(z).max() < 4.5
    assert 0.2 < np.mean(z**2) < 2.2
    assert all(f.ties == f.copies == 0 and f.hub < 0.02 for f in found)


def test_errors_are_those_of_hubs():
    """Spins of which a share is reversed that differs from row to row: the rows of least are the nearest of all.

    The spread of 16 sets is twice d/√n or more, and the error that is told is not below it (at most three times it).
    """
    rng = np.random.default_rng(5)
    found = [two_nearest(rng, hubs(rng, 800)) for _ in range(16)]
    spread, told = np.std([f.dimension for f in found], ddof=1), np.mean([f.error for f in found])
    assert np.mean([f.hub for f in found]) > 0.1
    assert spread > 2 * np.mean([f.dimension for f in found]) / 800**0.5
    assert spread / 1.4 < told < 3 * spread


def test_spins_are_counted_by_products_as_by_pairs():
    """Hamming distances of ±1 rows, two of them equal, against a loop; the copy is seen."""
    rng = np.random.default_rng(0)
    X = rng.choice([-1.0, 1.0], (700, 12))
    X[1] = X[0]
    near = nearest_two((X + 1) / 2)
    r = np.abs(X[:, None] - X[None]).sum(axis=2) / 2
    np.fill_diagonal(r, np.inf)
    r.sort(axis=1)
    np.testing.assert_array_equal(near.r1, r[:, 0])
    np.testing.assert_array_equal(near.r2, r[:, 1])
    np.testing.assert_array_equal(nearest_two(X).r1, 2 * r[:, 0])
    assert two_nearest(rng, X).copies >= 2 / 700


def test_ties_are_broken_without_bias():
    """Distances of a torus, in units that make them large whole numbers."""
    rng = np.random.default_rng(2)
    near = on_a_torus(rng, 4000, 2)
    rounded = near._replace(r1=np.rint(near.r1 * 500), r2=np.rint(near.r2 * 500))
    kept = rounded._replace(**{k: v[rounded.r1 > 0] for k, v in rounded._asdict().items()})
    assert np.mean(kept.r1 == kept.r2) > 0.05
    assert dimension_of(apart(rng, kept)) == pytest.approx(2.0, rel=0.08)


@pytest.mark.parametrize(("t", "d"), [(0, 3), (1, 1), (5, 2), (7, 5), (12, 30)])
def test_balls_of_lattices(t, d):
    """Against the sum, whose terms are whole numbers."""
    assert exp(log_ball(t, d)) == pytest.approx(sum(comb(d, k) * comb(t, k) * 2**k for k in range(min(d, t) + 1)))
    assert log_ball(t, 2.5) == pytest.approx((log_ball(t, 2) + log_ball(t, 3)) / 2, abs=0.1)


@pytest.mark.parametrize(("d", "side", "outer"), [(1, 2000, 9), (2, 60, 6), (5, 16, 7)])
def test_lattices_have_their_dimension(d, side, outer):
    """Counts around a torus; rows that are counted as their own neighbors are not within 4 errors."""
    rng, found, wrong = np.random.default_rng(d), [], []
    for _ in range(12):
        x = rng.integers(0, side, (1000, d))
        step = np.abs(x[:, None] - x[None])
        r = np.minimum(step, side - step).sum(axis=2)[~np.eye(1000, dtype=bool)]
        near, far = float((r <= outer - 2).sum()), float((r <= outer).sum())
        found.append(solved(near, far, outer - 2, outer))
        wrong.append(solved(near + 1000, far + 1000, outer - 2, outer))
    error = np.std(found, ddof=1) / 12**0.5
    assert abs(np.mean(found) - d) < 4 * error
    assert abs(np.mean(wrong) - d) > 4 * error


def test_a_ball_of_ten_dimensions():
    """Sites of Z^10 within 11, as often as they are: k coordinates, their sizes, their signs."""
    rng, d, outer, found = np.random.default_rng(0), 10, 11, []
    k = np.arange(d + 1)
    p = np.array([comb(d, i) * comb(outer, i) * 2.0**i for i in k])
    for _ in range(12):
        sizes = [rng.choice(outer, i, replace=False).max(initial=-1) + 1 for i in rng.choice(k, 2000, p=p / p.sum())]
        near = float(np.sum(np.array(sizes) <= 8))  # |x|_1 is the largest of k marks among 1 .. 11
        found.append(solved(near, 2000.0, 8, outer))
    error = np.std(found, ddof=1) / 12**0.5
    assert abs(np.mean(found) - d) < 4 * error < 1.0


def test_the_error_of_counts_is_honest():
    """Twelve sets on a wide lattice: deviations by the jackknife error have z² about 1, borders included."""
    rng = np.random.default_rng(3)
    z = []
    for _ in range(12):
        X = rng.integers(0, 3000, (800, 1)).astype(float)
        ((inner, outer),) = lattice_radii(X, (8,))
        found = lattice_dimension(X, inner, outer)
        z.append((found.dimension - 1) / found.error)
    assert 0.1 < np.mean(np.square(z)) < 2.5


def test_shares_that_no_dimension_has():
    assert solved(0.0, 10.0, 2, 3) == np.inf
    assert solved(10.0, 10.0, 2, 3) == 0.0
