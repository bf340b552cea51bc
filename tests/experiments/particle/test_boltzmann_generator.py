# SPDX-License-Identifier: Apache-2.0
"""Free-energy differences from weights against the exact one; planted: forgotten weights, a lost state, bias."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.exact.surface import double_well
from isinglass.experiments.particle.boltzmann_generator import (
    BoltzmannGenerator,
    checks_of,
    free_energy_difference,
    short_chains,
)
from isinglass.nets.density import StandardNormal
from isinglass.result import Estimate
from isinglass.run.progress import silent
from isinglass.sampling.objective.boltzmann_generator import EnergyAndLikelihood
from isinglass.sampling.weight.importance import importance_sample, log_partition_function
from isinglass.systems import DoubleWell, GaussianMixture, MuellerBrown


def test_difference_of_free_energies_and_its_verdict(key):
    """A normal law reweighted to a shallow double well: exact within 4.5 errors; unweighted it is not, and fails."""
    system = DoubleWell(2, b=2.0, c=0.5)
    weighted = importance_sample(key, StandardNormal((2,)), system, 50_000)
    exact = double_well.free_energy_difference(b=2.0, c=0.5)
    found = free_energy_difference(weighted, weighted.x[:, 0] < 0)
    assert abs(found.value - exact) < 4.5 * found.error
    assert found.error < 0.05
    log_z = log_partition_function(weighted)
    problem = BoltzmannGenerator().double_well()._replace(free_energy=Estimate(exact), log_z=None, tolerance=0.2)
    assert [check.verdict for check in checks_of(problem, found, log_z)] == ["pass"]
    forgotten = free_energy_difference(weighted._replace(log_weight=0 * weighted.log_weight), weighted.x[:, 0] < 0)
    assert [check.verdict for check in checks_of(problem, forgotten, log_z)] == ["fail"]
    assert abs(forgotten.value - exact) > 4.5 * forgotten.error


@pytest.mark.slow
def test_short_chains_are_in_both_states_in_equal_shares(key):
    """Though 99 % of the weight is on the left; and each side has the mean of its well, within 0.05."""
    data = np.asarray(short_chains(key, BoltzmannGenerator().double_well(), silent, None))
    left = data[:, 0] < 0
    assert left.mean() == 0.5
    assert abs(data[left, 0].mean() + 2.50) < 0.05
    assert abs(data[~left, 0].mean() - 2.33) < 0.08


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_energy_and_likelihood_is_the_sum_of_both(share, key):
    """q = p = N(0, 1): both parts are known, the entropy ½ ln 2πe per variable, and -ln Z = 0."""
    p, q = GaussianMixture(np.zeros((1, 2))), StandardNormal((2,))
    x = jax.random.normal(key, (50_000, 2), jnp.float32)
    loss, metrics = EnergyAndLikelihood(p, share, 4096)(key, q, (x,))
    assert abs(float(loss) - (1 - share) * np.log(2 * np.pi * np.e)) < 0.03
    assert float(metrics["ess"]) > 0.999


def test_walls_of_infinite_energy_do_not_stop_training(key):
    loss, _ = EnergyAndLikelihood(MuellerBrown(), 1.0, 512, cap=50.0)(
        key, StandardNormal((2,)), (jnp.zeros((1, 2), jnp.float32),)
    )
    assert np.isfinite(float(loss))
