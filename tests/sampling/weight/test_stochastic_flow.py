# SPDX-License-Identifier: Apache-2.0
"""Stochastic flows: path weights give ln Z and averages, whatever the layers; a wrong ΔS is caught.

Random tests: fixed keys; the bounds of 4 standard errors would be passed by chance in all but 1e-4 of the runs.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import pytest

from isinglass.exact.surface import double_well
from isinglass.nets.density import StandardNormal
from isinglass.nets.flow.affine_coupling import real_nvp
from isinglass.run.model_file import load_model, save_model
from isinglass.sampling.chain.langevin import MALA
from isinglass.sampling.weight.importance import average, ess_fraction, log_partition_function
from isinglass.sampling.weight.stochastic_flow import (
    LangevinStage,
    MonteCarloStage,
    PathKL,
    StochasticFlow,
    interleave,
    path_sample,
)
from isinglass.systems import DoubleWell
from isinglass.training.fit import fit
from isinglass.training.setting import Training

SYSTEM = DoubleWell(2, b=2.0)
LOG_Z = double_well.log_partition_function(b=2.0, harmonic=(1.0,))
RIGHT = double_well.average(lambda x: (x > 0) * 1.0, b=2.0)
SHARES = (0.25, 0.5, 0.75, 1.0)
LAYERS = {
    "Metropolis": [MonteCarloStage(MALA(0.1), share, 4) for share in SHARES],
    "Langevin": [LangevinStage(share, 0.1, 4) for share in SHARES],
}


def shaken_bijection(key):
    """A flow that has learned nothing: the weights must put it right."""
    flow = real_nvp(key, (2,), couplings=2, hidden=(8,), z2=False)
    arrays, rest = eqx.partition(flow.bijection, eqx.is_inexact_array)
    arrays = jax.tree.map(lambda a: a + 0.1 * jax.random.normal(key, a.shape, a.dtype), arrays)
    return eqx.combine(arrays, rest)


def deviations(layers, key, n=20_000):
    """ln Z and P(x > 0), each less the exact one in standard errors."""
    weighted = path_sample(key, StochasticFlow(StandardNormal((2,)), tuple(layers)), SYSTEM, n)
    log_z = log_partition_function(weighted)
    right = average(lambda x: (x[0] > 0).astype(float), weighted)
    return abs(log_z.value - LOG_Z) / log_z.error, abs(right.value - RIGHT) / right.error


@pytest.mark.slow
@pytest.mark.parametrize("kind", LAYERS)
def test_weights_of_paths_are_exact_for_any_layers(kind, key):
    assert max(deviations([shaken_bijection(key), *LAYERS[kind]], key)) < 4


class Forgetful(LangevinStage):
    """Planted: the way back is taken to be as likely as the way there."""

    stage: LangevinStage = LangevinStage(0.5)

    def walk(self, key, x, base, system):
        y, _ = self.stage.walk(key, x, base, system)
        return y, jnp.zeros((), x.dtype)


def test_a_forgotten_path_weight_is_caught(key):
    assert max(deviations([Forgetful(0.5, stage=stage) for stage in LAYERS["Langevin"]], key)) > 8


def test_random_layers_raise_the_share_of_effective_draws(key):
    plain = path_sample(key, StochasticFlow(StandardNormal((2,)), ()), SYSTEM, 4000)
    walked = path_sample(key, StochasticFlow(StandardNormal((2,)), tuple(LAYERS["Metropolis"])), SYSTEM, 4000)
    assert ess_fraction(walked).value > ess_fraction(plain).value + 0.1


def test_the_same_for_any_chunk(key):
    flow = StochasticFlow(StandardNormal((2,)), tuple(LAYERS["Langevin"][:1]))
    whole, parts = path_sample(key, flow, SYSTEM, 64), path_sample(key, flow, SYSTEM, 64, chunk=10)
    assert abs(whole.log_weight - parts.log_weight).max() < 1e-5


@pytest.mark.slow
def test_training_by_path_energy_lowers_the_bound_and_keeps_it_above(key):
    """L >= -ln Z; after 200 steps it has come nearer, and the parts survive the disk."""
    bijections = tuple(real_nvp(k, (2,), couplings=2, hidden=(16,), z2=False).bijection for k in jax.random.split(key))
    flow = interleave(StandardNormal((2,)), bijections, (LangevinStage(0.5, 0.05, 2), LangevinStage(1.0, 0.05, 2)))
    trained = fit(key, flow, PathKL(SYSTEM, 128), None, settings=Training(steps=200, block=50))
    first, last = trained.history.loss[0], trained.history.loss[-1]
    assert last < first
    weighted = path_sample(key, trained.model, SYSTEM, 4000)
    assert float(-weighted.log_weight.mean()) > -LOG_Z - 0.02
    assert abs(log_partition_function(weighted).value - LOG_Z) < 0.1


@pytest.mark.slow
def test_parts_are_saved_and_the_flow_put_together_again(key, tmp_path):
    bijection = shaken_bijection(key)
    save_model(tmp_path, {"0": bijection})
    again = load_model(tmp_path)["0"]
    stages = tuple(LAYERS["Langevin"][:1])
    old, new = (
        path_sample(key, interleave(StandardNormal((2,)), (b,), stages), SYSTEM, 16) for b in (bijection, again)
    )
    assert (old.log_weight == new.log_weight).all()
    with pytest.raises(ValueError, match="as many stages"):
        interleave(StandardNormal((2,)), (bijection,), ())
