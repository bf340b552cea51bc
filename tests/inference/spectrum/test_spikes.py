# SPDX-License-Identifier: Apache-2.0
"""Spikes in simulated matrices: found, with honest errors; noise gives none, and its second moment is as told."""

import numpy as np
import pytest
from scipy.stats import chi2

from isinglass.inference.spectrum.data_matrix import DataMatrix, eigensystem
from isinglass.inference.spectrum.spikes import find_spikes

REPEATS = 160


def spiked(rng, n, p, strengths, noise=1.0):
    """Normal rows of covariance σ² (1 + Σ ℓ v v^T), and the directions."""
    V = np.linalg.qr(rng.normal(size=(p, max(len(strengths), 1))))[0][:, : len(strengths)]
    return noise**0.5 * (rng.normal(size=(n, p)) + (rng.normal(size=(n, len(strengths))) * np.sqrt(strengths)) @ V.T), V


def found(X, *, standardized=False):
    of = eigensystem(DataMatrix(X), centered=True, standardized=standardized)
    return of, find_spikes(of, standardized=standardized)


def assert_standard(z):
    """Mean 0 within 4 errors and 0.3, spread at most 1 by chi-square (false alarm 1e-4) and 10 %."""
    assert abs(z.mean()) < 4 / len(z) ** 0.5 + 0.3
    assert z.var(ddof=1) * (len(z) - 1) < 1.21 * chi2.ppf(1 - 1e-4, len(z) - 1)


@pytest.mark.parametrize(("n", "p", "strengths"), [(200, 100, (6.0, 2.5)), (100, 200, (16.0, 8.0))])
def test_strengths_noise_and_overlaps_have_honest_errors(n, p, strengths):
    rng = np.random.default_rng(3)
    z, bulk, more = [], [], 0
    for _ in range(REPEATS):
        X, V = spiked(rng, n, p, strengths, noise=4.0)
        of, s = found(X)
        assert len(s.strength) >= 2
        more += len(s.strength) - 2
        overlap2 = np.einsum("kp,pk->k", of.direction[:2], V) ** 2
        off = np.concatenate([s.strength[:2] - strengths, s.overlap2[:2] - overlap2])
        error = np.concatenate([s.strength_error[:2], s.overlap2_error[:2]])
        z.append([(s.noise - 4) / s.noise_error, *off / error])
        bulk.append(s.bulk)
    for column in np.array(z).T:
        assert_standard(column)
    assert_standard(np.array(bulk))
    assert more <= 3  # one in a thousand matrices


@pytest.mark.parametrize(
    ("draw", "standardized"),
    [(lambda rng, shape: rng.normal(size=shape), False), (lambda rng, shape: rng.normal(size=shape), True),
     (lambda rng, shape: rng.choice([-1.0, 1.0], shape), False), (lambda rng, shape: rng.laplace(size=shape), False)],
    ids=["normal", "standardized", "signs", "laplace"],
)  # fmt: skip
def test_noise_has_no_spike_and_the_second_moment_that_is_told(draw, standardized):
    rng = np.random.default_rng(5)
    each = [found(draw(rng, (150, 60)), standardized=standardized)[1] for _ in range(REPEATS // 2)]
    assert sum(len(s.strength) for s in each) <= 1
    assert_standard(np.array([s.bulk for s in each]))


def test_correlated_noise_is_seen():
    """Columns that follow one another with ρ = 0.3; rows of unequal size."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(300, 100))
    Y = X.copy()
    for j in range(1, 100):
        Y[:, j] = 0.3 * Y[:, j - 1] + (1 - 0.09) ** 0.5 * X[:, j]
    assert found(Y)[1].bulk > 8
    assert found(X * rng.uniform(0.5, 1.5, (300, 1)))[1].bulk > 8
    assert abs(found(X)[1].bulk) < 4


def test_columns_of_other_units_are_mended_by_their_spread():
    rng = np.random.default_rng(4)
    X = spiked(rng, 300, 100, (8.0,))[0] * np.geomspace(1, 100, 100)
    assert abs(found(X)[1].bulk) > 8
    s = found(X, standardized=True)[1]
    assert abs(s.bulk) < 4
    assert len(s.strength) == 1
    assert abs(s.strength[0] - 8) < 4 * s.strength_error[0]


@pytest.mark.parametrize("shape", [(90, 30), (30, 90)])
def test_directions_and_weights_are_singular_vectors(shape):
    X = np.random.default_rng(0).normal(size=shape)
    of = eigensystem(DataMatrix(X), centered=False, standardized=False)
    u, d, vt = np.linalg.svd(X, full_matrices=False)
    np.testing.assert_allclose(of.eigenvalue[:30], d**2 / shape[0], rtol=1e-9)
    assert of.eigenvalue.shape == (shape[1],)
    np.testing.assert_allclose(np.abs(of.direction[:3] @ vt[:3].T), np.eye(3), atol=1e-7)
    np.testing.assert_allclose(np.abs(of.weight[:3] @ u[:, :3]), np.eye(3), atol=1e-7)
