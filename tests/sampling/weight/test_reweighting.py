# SPDX-License-Identifier: Apache-2.0
"""Multistage reweighting against closed forms and Kaufman; errors that hold over seeds."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.checks.calibration import coverage
from isinglass.checks.generative import overlap
from isinglass.exact.lattice import kaufman
from isinglass.sampling import HeatBath
from isinglass.sampling.chain.sampler import Independent
from isinglass.sampling.ensemble.driver import SamplingPlan, draw
from isinglass.sampling.ensemble.start import starts
from isinglass.sampling.weight.free_energy import bennett
from isinglass.sampling.weight.reweighting import average_at, log_weights_at, pool, pooled_free_energies, share_at
from isinglass.stats.weights import self_normalized_mean
from isinglass.systems import Ising, at_temperatures

K = jnp.array([1.0, 2.0, 4.0, 8.0])  # stiffness of oscillators in two dimensions: ln Z_k/Z_0 = -ln k


def oscillators(key, chains=20, draws=50):
    """½ x² in two dimensions at each k: exponential with mean 1/k, [J, R, M]."""
    return jax.random.exponential(key, (len(K), chains, draws)) / K[:, None, None]


@pytest.mark.slow
def test_ladder_of_oscillators_with_honest_errors(key):
    """-ln k over 120 seeds; an error halved is seen."""

    def one(key):
        log_z, error = pooled_free_energies(key, log_weights_at(K, oscillators(key)), resamples=40)
        return log_z[-1], error[-1]

    value, error = map(np.asarray, jax.jit(lambda keys: jax.lax.map(one, keys))(jax.random.split(key, 120)))
    assert coverage(value, error, -np.log(8.0)).verdict == "pass"
    assert coverage(value, 0.5 * error, -np.log(8.0)).verdict == "fail"


def test_the_solution_is_consistent_however_far_the_weights_are_from_one(key):
    """Z_j = Σ_n w_j/mixture to round-off, shifts of ln w_k shift ln Z_k, rows of the overlap sum to one."""
    log_weight = log_weights_at(K, oscillators(key))
    pooled = pool(log_weight)
    mixture = log_weight - pooled.log_mixture[None]
    again = jax.scipy.special.logsumexp(mixture.reshape(4, -1), axis=1) - np.log(pooled.log_mixture.size)
    np.testing.assert_allclose(again, pooled.log_z, atol=1e-8)
    np.testing.assert_allclose(pooled.overlap.sum(axis=1), 1.0, atol=1e-8)
    shift = jnp.array([0.0, 300.0, -7.0, 1e3])
    shifted = pool(log_weight + shift[:, None, None, None])
    np.testing.assert_allclose(shifted.log_z - shift, pooled.log_z, atol=1e-8)


def test_two_couplings_are_bennetts_ratio(key):
    x = oscillators(key)[:2]
    pooled = pool(log_weights_at(K[:2], x))
    two = bennett((K[1] - K[0]) * x[0], (K[0] - K[1]) * x[1])
    assert float(pooled.log_z[1]) == pytest.approx(-two.value, abs=1e-8)


def test_one_coupling_is_the_single_histogram(key):
    x = oscillators(key)[:1]
    target = -1.5 * x
    mean, log_z = average_at(key, x, target, log_weights_at(K[:1], x))
    assert mean.value == pytest.approx(float(self_normalized_mean(x[0], target[0] + x[0])[0]), rel=1e-9)
    assert abs(log_z.value + np.log(1.5)) < 4 * log_z.error < 0.2


def test_a_ladder_that_does_not_overlap_is_told(key):
    near = pool(log_weights_at(K, oscillators(key))).overlap
    assert overlap(np.asarray(near)).verdict == "pass"
    far = jnp.array([1.0, 3000.0])
    x = jax.random.exponential(key, (2, 20, 50)) / far[:, None, None]
    assert overlap(np.asarray(pool(log_weights_at(far, x)).overlap)).verdict == "fail"
    assert share_at(-80.0 * oscillators(key), pool(log_weights_at(K, oscillators(key)))).value < 0.2


@pytest.mark.slow
def test_ising_ladder_is_kaufmans(key):
    """6 x 6, four temperatures through T_c: ln Z ratios, and the energy at a temperature in between."""
    system, T = Ising((6, 6)), np.array([2.0, 2.2, 2.5, 2.9])
    x = starts(key, system, 4, 32, "uniform")
    plan = SamplingPlan(samples=32 * 64, chains=32, thin=8, warmup=100, configurations=False)
    energy = jnp.asarray(draw(key, Independent(HeatBath()), at_temperatures(system, T), x, plan).energy)
    log_weight = log_weights_at(jnp.asarray(1 / T), energy)
    log_z, error = map(np.asarray, pooled_free_energies(key, log_weight, resamples=40))
    exact = 36 * np.array([kaufman.log_partition_function(t, 6) for t in T])
    z = (log_z - (exact - exact[0]))[1:] / error[1:]
    assert np.abs(z).max() < 4.5
    assert error.max() < 0.1
    mean, between = average_at(key, energy, -energy / 2.3, log_weight, resamples=40)
    assert abs(mean.value - 36 * kaufman.energy(2.3, 6)) < 4 * mean.error < 1.0
    assert abs(between.value - (36 * kaufman.log_partition_function(2.3, 6) - exact[0])) < 4 * between.error
    wrong = log_weights_at(jnp.asarray(1 / T), 1.02 * energy)
    planted, error = map(np.asarray, pooled_free_energies(key, wrong, resamples=40))
    assert np.abs((planted - (exact - exact[0]))[1:] / error[1:]).max() > 4.5
