# SPDX-License-Identifier: Apache-2.0
"""Free-energy differences of two states against quadrature; planted: forgotten weights, a lost state."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.checks.generative import both_states
from isinglass.errors import InputError
from isinglass.exact.surface import double_well
from isinglass.nets.density import StandardNormal
from isinglass.run.progress import silent
from isinglass.sampling.chain.langevin import MALA
from isinglass.sampling.weight.importance import estimate, importance_sample
from isinglass.stats.weights import log_odds
from isinglass.systems import DoubleWell
from isinglass.systems.two_states import TwoStates
from isinglass.tasks.sample_two_states import SampleTwoStates
from isinglass.verbs import sample

STATES = TwoStates(DoubleWell(2), lambda x: x < 0)


def test_difference_by_weights(key):
    """A normal law reweighted to a shallow double well: exact within 4.5 errors; unweighted it is not."""
    weighted = importance_sample(key, StandardNormal((2,)), DoubleWell(2, b=2.0, c=0.5), 50_000)
    exact, first = double_well.free_energy_difference(b=2.0, c=0.5), (weighted.x[:, 0] < 0).astype(float)
    found = estimate(log_odds, first, weighted.log_weight)
    assert abs(found.value - exact) < 4.5 * (found.error or 0)
    assert (found.error or 1) < 0.05
    swapped = estimate(log_odds, 1 - first, weighted.log_weight)
    assert swapped.value == pytest.approx(-found.value)
    forgotten = estimate(log_odds, first, 0 * weighted.log_weight)
    assert abs(forgotten.value - exact) > 4.5 * (forgotten.error or 0)


@pytest.mark.slow
def test_short_chains_are_in_both_states_in_equal_shares(key):
    """Though 99 % of the weight is on the left; and each side has the mean of its well, within 0.05."""
    data = np.asarray(SampleTwoStates(sampler=MALA(0.05)).short_chains(key, STATES, silent, None))
    left = data[:, 0] < 0
    assert left.mean() == 0.5
    assert abs(data[left, 0].mean() + 2.50) < 0.05
    assert abs(data[~left, 0].mean() - 2.33) < 0.08


@pytest.mark.slow
def test_a_double_well_as_a_user_gives_it(key):
    """ΔF and ln Z within 4.5 errors of quadrature, and a verdict; from the preset alone."""
    result = sample(key, STATES, preset="smoke", sampler=MALA(0.05), draws=10_000)
    found = result.estimates["free_energy_difference"]
    assert abs(found.value - double_well.free_energy_difference()) < 4.5 * (found.error or 0)
    assert (found.error or 1) < 0.3
    log_z = result.estimates["log_partition_function"]
    assert abs(log_z.value - double_well.log_partition_function(harmonic=(1.0,))) < 4.5 * (log_z.error or 0)
    assert any("effective samples in the state" in check.law for check in result.checks)


@pytest.mark.parametrize(("share", "verdict"), [(1.1, "pass"), (0.9, "fail")])
def test_the_threshold_of_effective_draws(share, verdict):
    first = np.zeros(1000)
    first[: int(share * 50)] = 1
    assert both_states(first, np.zeros(1000)).verdict == verdict
    assert both_states(first, np.full(1000, -np.inf)).verdict == "unknown"


def test_chains_in_one_state_are_refused(key):
    one = TwoStates(DoubleWell(2), lambda x: x < 100)
    task = SampleTwoStates(sampler=MALA(0.05), samples=64, chains=64, thin=1, warmup=600)
    with pytest.raises(InputError, match="both states"):
        task.short_chains(key, one, silent, None)


def test_difference_of_a_share():
    """ln p/(1-p), by the delta method; a state that was never seen has no error."""
    assert TwoStates.difference(0.2, 0.016) == pytest.approx((np.log(0.25), 0.1))
    assert TwoStates.difference(1.0, 0.0) == (np.inf, np.inf)


def test_the_first_state_is_told_by_the_order_parameter():
    x = jnp.array([[-2.0, 0.0], [2.0, 0.0]])
    assert jax.vmap(partial(STATES.in_first))(x).tolist() == [1.0, 0.0]
