# SPDX-License-Identifier: Apache-2.0
"""Importance sampling: exact log Z and averages, errors that hold, any chunk, any number of devices."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import Mesh
from tests.sampling.gaussians import Coins, Harmonic, Normal

from isinglass.checks.calibration import coverage
from isinglass.exact.lattice import kaufman
from isinglass.sampling.weight import importance
from isinglass.sampling.weight.importance import (
    average,
    bytes_of_one,
    ess_fraction,
    importance_sample,
    log_partition_function,
    resample,
)
from isinglass.systems import Ising
from isinglass.systems.field.phi4 import free_field

FREE = {8: 3.5022668717}  # ln Z in one dimension, m² = 1 (B11)


def test_free_field_from_independent_normals(key):
    """8 sites: ln Z and <φ²> (B11) within 4 errors of at most 0.02; a wrong q (scale off by 2 %) is seen."""
    system, n = free_field((8,), m2=1.0), 200_000
    weighted = importance_sample(key, Normal((8,), scale=0.7), system, n)
    log_z, square = log_partition_function(weighted), average(lambda x: jnp.mean(x * x), weighted)
    assert abs(log_z.value - FREE[8]) < 4 * log_z.error < 0.08
    assert abs(square.value - 0.447619047619) < 4 * square.error < 0.02
    planted = weighted._replace(log_weight=weighted.log_weight + 8 * np.log(1.02))
    wrong = log_partition_function(planted)
    assert abs(wrong.value - FREE[8]) > 4 * wrong.error


def test_ising_from_coins(key):
    """4 x 4 at T = 4, all spins fair: ln Z is Kaufman's; energies are double, spins stay spins."""
    system = Ising((4, 4), temperature=4.0)
    weighted = importance_sample(key, Coins((4, 4), jnp.full((4, 4), 0.5, jnp.float32)), system, 100_000)
    assert weighted.x.dtype == np.int8
    assert weighted.log_weight.dtype == np.float64
    log_z = log_partition_function(weighted)
    assert abs(log_z.value - 16 * kaufman.log_partition_function(4.0, 4)) < 4 * log_z.error < 0.1


@pytest.mark.parametrize("planted", [1.0, 0.6])
def test_errors_hold_over_seeds(key, planted):
    system, model = Harmonic(1.6, d=3), Normal((3,))
    draws = [importance_sample(k, model, system, 1000) for k in jax.random.split(key, 150)]
    for exact, found in (
        (system.log_z, [log_partition_function(w) for w in draws]),
        (1 / 1.6, [average(mean_square, w) for w in draws]),
        ((1 / 1.6 * (2 - 1 / 1.6)) ** 1.5, [ess_fraction(w) for w in draws]),
    ):
        value, error = np.array([(e.value, e.error) for e in found]).T
        check = coverage(value, planted * error, exact)
        assert check.verdict == ("pass" if planted == 1.0 else "fail"), check


def mean_square(x):
    """(1/d) Σ x²."""
    return jnp.mean(x * x)


@pytest.mark.parametrize("chunk", [1, 300, 777, 5000])
def test_any_chunk_gives_the_same(key, chunk):
    system, model = free_field((4, 4), m2=1.0), Normal((4, 4), scale=0.5)
    n = 3 if chunk == 1 else 1000
    whole, parts = importance_sample(key, model, system, n), importance_sample(key, model, system, n, chunk=chunk)
    np.testing.assert_allclose(parts.x, whole.x, rtol=1e-6)
    np.testing.assert_allclose(parts.log_weight, whole.log_weight, atol=2e-5)  # float32 sums of 16 terms


@pytest.mark.parametrize("chunk", [None, 301])
def test_four_devices_give_the_same(key, chunk):
    system, model = free_field((4, 4), m2=1.0), Normal((4, 4), scale=0.5)
    assert len(jax.devices()) == 4
    mesh = Mesh(np.array(jax.devices()), ("anything",))
    one = importance_sample(key, model, system, 1001)
    four = importance_sample(key, model, system, 1001, mesh=mesh, chunk=chunk)
    np.testing.assert_allclose(four.x, one.x, rtol=1e-6)
    np.testing.assert_allclose(four.log_weight, one.log_weight, atol=2e-5)
    out = importance.weigh(key, jnp.uint32(0), model, system, importance.itself, 1000, tuple(mesh.devices.ravel()))
    assert len(out[1].sharding.device_set) == 4


def test_a_batch_too_large_is_chunked(key, monkeypatch):
    """Told of 20 kB, a run of 1000 draws is cut; nothing changes but the memory."""
    system, model = free_field((4, 4), m2=1.0), Normal((4, 4), scale=0.5)
    sizes = []
    weigh = importance.weigh
    monkeypatch.setattr(importance, "weigh", lambda *a: sizes.append(a[5]) or weigh(*a))
    whole = importance_sample(key, model, system, 1000)
    monkeypatch.setattr(importance, "MEMORY", 20_000)
    cut = importance_sample(key, model, system, 1000)
    assert sizes[0] == 1000
    assert max(sizes[1:]) * bytes_of_one(lambda: model.draw_with_log_prob(key)[0]) <= 20_000
    np.testing.assert_allclose(cut.log_weight, whole.log_weight, atol=2e-5)


def test_memory_of_one_evaluation_counts_inner_programs():
    scanned = lambda x: jax.lax.scan(lambda c, _: (c * 2.0, None), x, None, length=3)[0]  # noqa: E731
    assert bytes_of_one(scanned, jnp.zeros(100)) >= 2 * 800
    assert bytes_of_one(jax.jit(lambda x: x + 1.0), jnp.zeros(100)) >= 800


def test_only_a_few_numbers_of_each_configuration_are_kept(key):
    system, model = free_field((8,), m2=1.0), Normal((8,), scale=0.7)
    keep = lambda x: {"square": jnp.mean(x * x), "mean": jnp.mean(x)}  # noqa: E731
    few = importance_sample(key, model, system, 2000, keep=keep)
    assert few.x["square"].shape == (2000,)
    found = average(lambda kept: {"m2": kept["mean"] ** 2, "square": kept["square"]}, few)
    whole = average(lambda x: jnp.mean(x * x), importance_sample(key, model, system, 2000))
    assert found["square"].value == pytest.approx(whole.value, rel=1e-6)


def test_resampling_has_the_right_law(key):
    """Systematic: counts are n w_i / Σ w, rounded up or down; a planted zero weight is never chosen."""
    w = np.array([0.1, 0.0, 0.5, 0.4])
    with np.errstate(divide="ignore"):
        weighted = importance.Weighted(np.arange(4), np.log(w), np.zeros(4))
    counts = np.bincount(resample(key, weighted, 1000), minlength=4)
    np.testing.assert_allclose(counts, 1000 * w, atol=1)
    assert counts[1] == 0


def test_a_target_that_is_no_number_is_not_hidden(key):
    """ln Z of weights with a NaN is NaN, never a silent number."""
    with jax.debug_nans(False):  # noqa: FBT003
        weighted = importance.Weighted(np.zeros(3), np.array([0.0, np.nan, 0.0]), np.zeros(3))
        assert np.isnan(log_partition_function(weighted).value)
        assert np.isnan(ess_fraction(weighted).value)
