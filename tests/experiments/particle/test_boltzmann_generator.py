# SPDX-License-Identifier: Apache-2.0
"""boltzmann-generator: how it judges; its objective against closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.experiments.particle.boltzmann_generator import BoltzmannGenerator, claims
from isinglass.nets.density import StandardNormal
from isinglass.result import Estimate
from isinglass.sampling.objective.boltzmann_generator import EnergyAndLikelihood
from isinglass.systems import GaussianMixture, MuellerBrown


@pytest.mark.parametrize(("share", "verdict"), [(0.9, "pass"), (1.1, "fail")])
def test_difference_and_ln_z_are_judged(share, verdict):
    problem = BoltzmannGenerator().double_well()
    found = {"free_energy_difference": Estimate(problem.free_energy.value + share * 0.02, 0.01),
             "log_partition_function": Estimate((problem.log_z or 0.0) + share * 0.04, 0.01)}  # fmt: skip
    assert [check.verdict for check in claims(problem, found)] == [verdict, verdict]


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
