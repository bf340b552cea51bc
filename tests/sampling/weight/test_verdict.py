# SPDX-License-Identifier: Apache-2.0
"""The verdict on the same draws is the same, and exact for autoregressive chains and Gaussian weights."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.sampling.gaussians import Harmonic, Normal
from tests.stats.test_autocorrelation import ar1

from isinglass.result import Estimate
from isinglass.sampling.weight.importance import importance_sample
from isinglass.sampling.weight.independence import metropolize
from isinglass.sampling.weight.verdict import Cost, chain_verdict, weighted_verdict
from isinglass.stats.weights import acceptance_of_weights

NAMES = {"effective_sample_size", "effective_samples_per_second", "autocorrelation_time", "acceptance",
         "log_partition_function", "sampling_seconds", "training_seconds"}  # fmt: skip


def test_an_autoregressive_chain_has_its_exact_time(key):
    """x' = 0.8 x + noise: τ = (1 + 0.8)/(2 · 0.2) = 4.5 draws, 4 steps each; the worst observable counts."""
    x = np.asarray(ar1(key, 0.8, 5001, 8))
    z = np.asarray(jax.random.normal(key, x.shape))
    found = chain_verdict({"slow": x, "fast": z}, Cost(2.0, 10.0), thin=4)
    assert abs(found["autocorrelation_time"].value - 18.0) < 1.5
    assert found["effective_sample_size"].value == pytest.approx(x.size / 9, rel=0.08)
    assert found["effective_samples_per_second"].value == found["effective_sample_size"].value / 2
    assert found["training_seconds"].value == 10
    assert abs(found["autocorrelation_time"].value - 18.0) < 5 * found["autocorrelation_time"].error
    independent = chain_verdict({"fast": z}, Cost(1.0))
    assert independent["effective_sample_size"].value > 0.9 * z.size
    assert chain_verdict({"planted": np.repeat(z[:, ::4], 4, axis=1)}, Cost(1.0))["autocorrelation_time"].value > 1.5


@pytest.mark.slow
def test_weights_and_chains_have_the_same_names_and_agree(key):
    """p = N(0, 0.8²) from N(0, 1): ESS 0.8 √(2 - 0.64); acceptance of pairs of weights is that of the chains."""
    system, model = Harmonic(1 / 0.64), Normal((1,))
    weighted = importance_sample(key, model, system, 40_000)
    chains = metropolize(key, weighted, 40)
    by_weight = weighted_verdict(weighted, Cost(1.0))
    share = chains.accepted.mean(axis=1)
    measured = Estimate(float(share.mean()), float(share.std() / 40**0.5))
    by_chain = chain_verdict({"x": chains.x[..., 0]}, Cost(1.0), acceptance=measured, log_z=Estimate(system.log_z, 0.0))
    assert set(by_weight) >= NAMES
    assert set(by_chain) >= NAMES
    assert abs(by_weight["ess_fraction"].value - 0.8 * 1.36**0.5) < 4 * by_weight["ess_fraction"].error
    accepted = by_weight["acceptance"]
    assert abs(accepted.value - measured.value) < 4 * np.hypot(accepted.error, measured.error) < 0.05
    assert abs(by_weight["log_partition_function"].value - system.log_z) < 0.02
    assert by_chain["effective_sample_size"].value < by_weight["effective_sample_size"].value


def test_acceptance_of_weights_is_the_sum_over_pairs(key):
    log_w = jax.random.normal(key, (200,)).at[3].set(-jnp.inf)
    w = np.exp(np.asarray(log_w))
    pairs = np.minimum(w[:, None], w[None]).sum() / (200 * w.sum())
    assert float(acceptance_of_weights(log_w)) == pytest.approx(pairs, rel=1e-12)
    assert float(acceptance_of_weights(jnp.zeros(7))) == pytest.approx(1.0)


def test_effective_samples_of_an_observable(key):
    """An observable that lives where weights are large is known less well than the share says."""
    weighted = importance_sample(key, Normal((1,)), Harmonic(1 / 1.7), 40_000)
    plain = weighted_verdict(weighted, Cost(1.0))
    tail = weighted_verdict(weighted, Cost(1.0), {"x4": weighted.x[:, 0].astype(float) ** 4})
    assert tail["effective_sample_size"].value < plain["effective_sample_size"].value
