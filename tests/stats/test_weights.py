# SPDX-License-Identifier: Apache-2.0
"""Weighted averages against closed forms for Gaussians, with errors that hold over seeds.

p = N(0, s²) drawn from q = N(0, 1): ESS/n = s √(2 - s²), ln Z = ln(s √2π), <x²> = s².  False alarm 1e-4 each.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.signal import lfilter

from isinglass.checks.calibration import coverage
from isinglass.stats import weights

SEEDS, N, S = 400, 2000, 0.8


def log_weight(x, s=S):
    """ln p̃ - ln q, p̃ = exp(-x²/2s²)."""
    return -0.5 * x**2 / s**2 + 0.5 * x**2 + 0.5 * np.log(2 * np.pi)


STATISTICS = {
    "log Z": (lambda x: weights.log_mean_weight(log_weight(x)), np.log(S * np.sqrt(2 * np.pi))),
    "ess": (lambda x: weights.ess_fraction(log_weight(x)), S * np.sqrt(2 - S**2)),
    "average": (lambda x: weights.self_normalized_mean(x * x, log_weight(x)), S**2),
    "forward ess": (
        lambda x: weights.forward_ess_fraction(log_weight(0.9 * x, 0.9).reshape(100, 20)),
        0.9 * np.sqrt(2 - 0.9**2),
    ),
}


@pytest.mark.parametrize("name", list(STATISTICS))
@pytest.mark.parametrize("planted", [1.0, 0.6])
def test_errors_cover_the_exact_value(key, name, planted):
    """Over 400 seeds; an error that is 0.6 of what it should be is seen."""
    statistic, exact = STATISTICS[name]
    x = jax.random.normal(key, (SEEDS, N))
    value, error = map(np.asarray, jax.jit(jax.vmap(statistic))(x))
    verdicts = [coverage(value, planted * error, exact, sigmas=sigmas).verdict for sigmas in (1, 2)]
    assert verdicts == (["pass"] * 2 if planted == 1.0 else ["fail"] * 2)


def test_correlated_draws_are_one_group_each(key):
    """Chains whose draws are all equal: the error is that of the number of chains, not of the draws.

    One after the other the draws are seen to be correlated; in a random order they are not, and the error is too small.
    """
    x = 0.9 * jax.random.normal(key, (SEEDS, 1000, 1))
    repeated = log_weight(jnp.broadcast_to(x, (SEEDS, 1000, 4)), 0.9)
    forward = jax.jit(jax.vmap(weights.forward_ess_fraction))
    value, error = map(np.asarray, forward(repeated))
    exact = 0.9 * np.sqrt(2 - 0.9**2)
    assert coverage(value, error, exact, sigmas=2).verdict == "pass"
    flat = repeated.reshape(SEEDS, 4000, 1)
    assert coverage(value, np.asarray(forward(flat)[1]), exact, sigmas=2).verdict == "pass"
    flat = jax.random.permutation(key, flat, axis=1)
    assert coverage(value, np.asarray(forward(flat)[1]), exact, sigmas=2).verdict == "fail"


def test_laws_of_weights(key):
    x = jax.random.normal(key, (500,))
    lw = log_weight(x)
    (a, error_a), (b, error_b) = weights.log_mean_weight(lw), weights.log_mean_weight(lw + 1e4)
    assert float(b - a) == pytest.approx(1e4, rel=1e-12)
    assert float(error_b) == pytest.approx(float(error_a), rel=1e-9)
    assert float(weights.ess_fraction(jnp.full(7, -3.0))[0]) == pytest.approx(1.0, abs=1e-12)
    one = jnp.full(10, -jnp.inf).at[3].set(0.0)
    assert float(weights.ess_fraction(one)[0]) == pytest.approx(0.1)
    assert float(weights.self_normalized_mean(jnp.full(500, 2.5), lw)[0]) == pytest.approx(2.5)


def test_no_weight_at_all_is_no_number_out_of_thin_air():
    with jax.debug_nans(False):  # noqa: FBT003
        nothing = jnp.full(10, -jnp.inf)
        assert float(weights.log_mean_weight(nothing)[0]) == -jnp.inf
        assert float(weights.ess_fraction(nothing)[0]) == 0


def test_forward_share_sees_a_lost_mode(key):
    """p = ½ N(-4, 1) + ½ N(4, 1), q = N(4, 1): reverse ESS 1, forward ESS about e^-32 · 2; the planted error."""
    log_p = lambda x: jnp.logaddexp(-0.5 * (x - 4) ** 2, -0.5 * (x + 4) ** 2)  # noqa: E731
    log_q = lambda x: -0.5 * (x - 4) ** 2  # noqa: E731
    z = jax.random.normal(key, (1000,))
    from_q, from_p = 4 + z, z + jnp.where(jnp.arange(1000) % 2 == 0, 4.0, -4.0)
    reverse = weights.ess_fraction(log_p(from_q) - log_q(from_q))[0]
    forward = weights.forward_ess_fraction((log_p(from_p) - log_q(from_p)).reshape(100, 10))[0]
    assert float(reverse) > 0.99
    assert float(forward) < 1e-3
    never = weights.forward_ess_fraction(jnp.zeros((10, 2)).at[0, 0].set(jnp.inf))
    assert float(never[0]) == 0


def test_the_bias_of_the_logarithm_is_removed(key):
    """40 000 sets of 20 draws: the mean of ln Z, whose own bias is -Var w / 2n = -0.0018, within 4 errors of 0.0003."""
    x = jax.random.normal(key, (40_000, 20))
    value, error = map(np.asarray, jax.jit(jax.vmap(STATISTICS["log Z"][0]))(x))
    allowed = 4 * value.std() / len(value) ** 0.5
    assert abs(value.mean() - STATISTICS["log Z"][1]) < allowed
    assert abs((value - error**2 / 2).mean() - STATISTICS["log Z"][1]) > allowed  # planted: not removed


@pytest.mark.parametrize("a", [0.0, 0.9])
def test_successive_samples_of_a_chain_have_their_error(a):
    """x_(i+1) = a x_i + noise, 2000 of them, 300 times: one error covers 0.60 to 0.76, where 0.19 were covered at
    a = 0.9 if each were independent.
    """
    rng = np.random.default_rng(0)
    x = lfilter([(1 - a * a) ** 0.5], [1, -a], rng.normal(size=(300, 2200)), axis=1)[:, 200:]
    mean, error = (
        np.asarray(v) for v in jax.jit(jax.vmap(lambda f: weights.self_normalized_mean(f, 0 * f)))(jnp.asarray(x))
    )
    assert 0.60 < np.mean(np.abs(mean) < error) < 0.76
    assert np.mean(np.abs(mean) < x.std() / 2000**0.5) < (0.3 if a else 0.76)  # planted: independent
