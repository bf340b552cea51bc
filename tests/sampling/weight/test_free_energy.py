# SPDX-License-Identifier: Apache-2.0
"""Free-energy differences against closed forms, with errors that hold over seeds.  False alarm 1e-4 each.

Harmonic oscillators: beta ΔF = (d/2) ln(k_B / k_A), whatever their centers.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.sampling.gaussians import Harmonic, Normal, TwoNormals

from isinglass.checks.calibration import coverage
from isinglass.exact.surface import double_well
from isinglass.sampling.weight.free_energy import acceptance_ratio, bennett, targeted_work, zwanzig
from isinglass.sampling.weight.importance import average, importance_sample, log_partition_function
from isinglass.stats.weights import log_mean_weight
from isinglass.systems.surface.double_well import DoubleWell

A, B = Harmonic(1.0, d=2), Harmonic(3.0, a=0.5, d=2)
EXACT = np.log(3.0)


def draws(key, system, shape):
    """Exact draws [*shape, d]."""
    z = jax.random.normal(key, (*shape, system.d))
    return system.a + z / jnp.sqrt(system.k)


def halfway(x):
    """M(x) = 0.25 + 0.8 x."""
    return 0.25 + 0.8 * x, jnp.asarray(2 * np.log(0.8))


def perfect(x):
    """Carries A into B."""
    return 0.5 + x / 3.0**0.5, jnp.asarray(-np.log(3.0))


SEEDS = 300


def works(key, transport):
    """Work from A and from B, [seeds, 400]."""
    key_a, key_b = jax.random.split(key)
    x, y = draws(key_a, A, (SEEDS, 400)), draws(key_b, B, (SEEDS, 400))
    back = {halfway: lambda y: ((y - 0.25) / 0.8, jnp.asarray(-2 * np.log(0.8)))}.get(transport)
    plain = lambda x: (x, jnp.zeros(()))  # noqa: E731
    return targeted_work(x, A, B, transport or plain), targeted_work(y, B, A, back or plain)


@pytest.mark.parametrize("transport", [None, halfway], ids=["plain", "targeted"])
@pytest.mark.parametrize("planted", [1.0, 0.6])
def test_errors_hold_over_seeds(key, transport, planted):
    forward, reverse = works(key, transport)
    one_sided = jax.jit(jax.vmap(log_mean_weight))(-forward)
    both = jax.jit(jax.vmap(acceptance_ratio))(forward, reverse)
    for value, error in ((-one_sided[0], one_sided[1]), both):
        for sigmas in (1, 2):
            check = coverage(np.asarray(value), planted * np.asarray(error), EXACT, sigmas=sigmas)
            assert check.verdict == ("pass" if planted == 1.0 else "fail"), check


def test_both_ends_tell_more_than_one_and_a_map_more_still(key):
    plain, mapped = works(key, None), works(key, halfway)
    errors = [zwanzig(plain[0]).error, bennett(*plain).error, bennett(*mapped).error]
    assert errors[0] > errors[1] > errors[2]


def test_a_perfect_map_gives_the_answer_without_error(key):
    """Jarzynski 2002: Φ is constant; a wrong Jacobian is seen at once."""
    phi = targeted_work(draws(key, A, (100,)), A, B, perfect)
    found = zwanzig(phi)
    assert found.value == pytest.approx(EXACT, abs=1e-12)
    assert found.error < 1e-12
    wrong = zwanzig(targeted_work(draws(key, A, (100,)), A, B, lambda x: (perfect(x)[0], jnp.zeros(()))))
    assert abs(wrong.value - EXACT) > 1


def test_bennett_is_antisymmetric_and_unequal_numbers_are_right(key):
    key_a, key_b = jax.random.split(key)
    forward = targeted_work(draws(key_a, A, (6000,)), A, B)
    reverse = targeted_work(draws(key_b, B, (1500,)), B, A)
    there, back = bennett(forward, reverse), bennett(reverse, forward)
    assert there.value == pytest.approx(-back.value, abs=1e-9)
    assert abs(there.value - EXACT) < 4 * there.error < 0.15


def test_correlated_draws_widen_the_error(key):
    """Every draw repeated ten times: as groups the error stays, and about so where repeats follow one another; in a
    random order it shrinks by √10.
    """
    forward, reverse = works(key, None)
    repeated = [jnp.repeat(w[0][:, None], 10, axis=1) for w in (forward, reverse)]
    successive = [r.ravel() for r in repeated]
    honest, naive = bennett(*repeated), bennett(*(jax.random.permutation(key, r) for r in successive))
    assert bennett(*successive).error == pytest.approx(honest.error, rel=0.1)
    assert honest.error == pytest.approx(10**0.5 * naive.error, rel=0.01)
    assert honest.error == pytest.approx(bennett(forward[0], reverse[0]).error, rel=1e-6)


def test_a_density_is_one_end(key):
    """Z_A = 1 for a normalized density: ln Z_B by Bennett from both, tighter than by importance weights alone."""
    model = Normal((2,))
    x, log_q = jax.jit(lambda k: model.sample_with_log_prob(k, 2000))(key)
    log_p = jax.vmap(B.log_weight)
    forward = log_q.astype(float) - log_p(x.astype(float))
    y = draws(jax.random.fold_in(key, 1), B, (2000,))
    reverse = log_p(y) - jax.vmap(model.log_prob)(y.astype(jnp.float32)).astype(float)
    one, both = zwanzig(forward), bennett(forward, reverse)
    assert both.error < one.error
    assert abs(-both.value - B.log_z) < 4 * both.error


def one_well(key, left, n):
    """n exact draws of the double well on one side of x_1 = 0, by the inverse of its tabulated distribution."""
    x = np.linspace(-6.0, 0.0, 20_001) if left else np.linspace(0.0, 6.0, 20_001)
    law = np.exp(-double_well.potential(x) - 12)
    cumulative = np.concatenate([[0.0], np.cumsum((law[1:] + law[:-1]) / 2)])
    key_first, key_second = jax.random.split(key)
    first = np.interp(np.asarray(jax.random.uniform(key_first, (n,))), cumulative / cumulative[-1], x)
    return jnp.stack([jnp.asarray(first), jax.random.normal(key_second, (n,))], axis=1)


def test_double_well_free_energy_difference(key):
    """B17: ΔF = ln(P_L/P_R) = 4.7773 within 0.02, mapping one well onto the other; a draw that leaves has W = inf."""
    system = DoubleWell(2)
    left, right = one_well(key, True, 40_000), one_well(jax.random.fold_in(key, 1), False, 40_000)  # noqa: FBT003
    across = lambda x: (x * jnp.array([-0.93378, 1.0]), jnp.asarray(np.log(0.93378)))  # noqa: E731
    back = lambda x: (x / jnp.array([-0.93378, 1.0]), jnp.asarray(-np.log(0.93378)))  # noqa: E731
    forward, reverse = targeted_work(left, system, system, across), targeted_work(right, system, system, back)
    found = bennett(forward, reverse)
    assert abs(found.value - 4.7772741300) < 4 * found.error < 0.08
    assert abs(found.value - 4.7772741300) < 0.02
    assert zwanzig(forward).error > found.error
    forgotten = bennett(forward + np.log(0.93378), reverse - np.log(0.93378))  # the Jacobian of the map
    assert abs(forgotten.value - 4.7772741300) > 4 * forgotten.error
    outside = bennett(forward.at[:4].set(jnp.inf), reverse)
    assert np.isfinite(outside.value)
    assert abs(outside.value - found.value) < 0.01


def test_double_well_by_importance_weights(key):
    """The same from a density with two modes: ln P_L/P_R of self-normalized averages."""
    model = TwoNormals((2,), centers=(-2.53, 2.36), scale=0.5)
    weighted = importance_sample(key, model, DoubleWell(2), 200_000)
    share = average(lambda x: jnp.where(x[0] < 0, 1.0, 0.0), weighted)
    found, error = np.log(share.value / (1 - share.value)), share.error / (share.value * (1 - share.value))
    assert abs(found - 4.7772741300) < 4 * error < 0.08
    log_z = log_partition_function(weighted)
    assert abs(log_z.value - 12.0649289986) < 4 * log_z.error < 0.04


@pytest.mark.parametrize("n", [(400, 100), (100, 400)])
def test_unequal_numbers_do_not_shift_a_constant_work(n):
    """W = ΔF without scatter: Bennett's equation is solved by ΔF whatever n_A/n_B."""
    found = bennett(jnp.full(n[0], EXACT), jnp.full(n[1], -EXACT))
    assert found.value == pytest.approx(EXACT, abs=1e-9)
