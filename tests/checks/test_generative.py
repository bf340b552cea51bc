# SPDX-License-Identifier: Apache-2.0
"""Every trap of a learned sampler, sprung on purpose: a check passes where all is well and sees its planted error."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.checks import generative as checks
from isinglass.checks.equilibrium import all_spins
from isinglass.result import Estimate


def normal(key, n=4000):
    return np.asarray(jax.random.normal(key, (n,)), float)


def test_heavy_weights_fail_and_light_ones_pass(key):
    """Gaussians: q narrower than p by 2 has k = 3/4 at least; false alarm at k = 0.2: 4 standard errors."""
    z = normal(key)
    light, heavy = -0.1 * z**2, 0.5 * z**2 * (1 - 1 / 9)  # p wider than q by 3: k = 1 - 1/9
    assert checks.light_weights(light).verdict == "pass"
    found = checks.light_weights(heavy)
    assert found.verdict == "fail"
    assert "heavy" in found.law
    assert checks.light_weights(light[:10]).verdict == "unknown"
    assert checks.light_weights(np.full(100, 3.0)).verdict == "pass"
    assert checks.light_weights(np.append(light, np.nan)).verdict == "unknown"


def mixture_weights(x, lost):
    """Target ½ N(-4, 1) + ½ N(4, 1); q the same with modes ½ ½, or only the right one."""
    log_p = np.logaddexp(-0.5 * (x - 4) ** 2, -0.5 * (x + 4) ** 2) - np.log(2)
    log_q = -0.5 * (x - 4) ** 2 if lost else np.logaddexp(-0.5 * (x - 4) ** 2, -0.5 * (x + 4.2) ** 2) - np.log(2)
    return log_p - log_q


@pytest.mark.parametrize(("lost", "verdict"), [(False, "pass"), (True, "fail")])
def test_a_lost_mode_is_seen_from_a_few_draws_of_the_target(key, lost, verdict):
    """40 draws of p suffice; the reverse share of the density that lost one is 1."""
    z = normal(key)
    from_q = z + (4 if lost else np.where(np.arange(4000) % 2, 4.0, -4.2))
    from_p = normal(jax.random.fold_in(key, 1), 40) + np.where(np.arange(40) % 2, 4.0, -4.0)
    reverse = mixture_weights(from_q, lost)
    w = np.exp(reverse - reverse.max())
    assert w.sum() ** 2 / (w**2).sum() / 4000 > 0.9
    found = checks.modes_kept(reverse, mixture_weights(from_p, lost).reshape(20, 2))
    assert found.verdict == verdict, found
    assert ("lost part" in found.law) == lost


def test_modes_cannot_be_told_from_what_is_not_there(key):
    z = normal(key, 100)
    assert checks.modes_kept(0.1 * z, np.array([np.nan, 0.0])).verdict == "unknown"
    assert checks.modes_kept(0.1 * z, 0.1 * z[:1]).verdict == "unknown"
    assert checks.modes_kept(0.1 * z, np.array([np.inf, 0.0, 0.1])).verdict == "fail"


def test_a_target_that_is_no_number_is_named_and_counted():
    assert checks.target_finite(np.array([0.0, -np.inf, 1.0])).verdict == "pass"
    found = checks.target_finite(np.array([0.0, np.nan, 1.0, np.inf]))
    assert (found.verdict, found.measured) == ("fail", 2.0)
    assert "2 of 4 weights are not finite, the first at draw 1" in found.law


def test_support_that_is_left_is_named_and_counted():
    assert checks.inside_support(np.zeros(10)).verdict == "pass"
    found = checks.inside_support(np.array([0.0, -np.inf, -np.inf, 0.0]))
    assert found.verdict == "fail"
    assert "50.0% have infinite energy" in found.law
    assert checks.inside_support(np.array([0.0, -np.inf]), at_most=0.6).verdict == "pass"


def test_a_density_without_weight_on_the_data_fails():
    assert checks.density_of_data(np.array([-3.0, -700.0])).verdict == "pass"
    found = checks.density_of_data(np.array([-3.0, -np.inf, np.nan]))
    assert (found.verdict, found.measured) == ("fail", 2.0)


def test_acceptance_against_a_bound(key):
    accepted = np.asarray(jax.random.bernoulli(key, 0.6, (20, 100)))
    assert checks.accepted_share(accepted, 0.5).verdict == "pass"
    assert checks.accepted_share(accepted, 0.7).verdict == "fail"


@pytest.mark.parametrize(
    ("value", "error", "verdict"),
    [(2.41, 0.01, "pass"), (2.4 - np.log(2), 0.01, "fail"), (2.4, 0.5, "unknown"), (2.4, None, "unknown")],
)
def test_log_z_agreement_sees_half_the_weight_lost(value, error, verdict):
    assert checks.log_z_agrees(Estimate(value, error), 2.4).verdict == verdict
    assert checks.log_z_agrees(Estimate(value, error), Estimate(2.4, 0.001)).verdict == verdict


def test_symmetry_of_a_density(key):
    x = np.asarray(jax.random.normal(key, (50, 4)), np.float32)
    flip = [lambda x: -x]
    even = checks.symmetric_density(lambda x: -jnp.sum(x**2), x, flip, name="reflection")
    odd = checks.symmetric_density(lambda x: -jnp.sum(x**2) + 0.01 * jnp.sum(x), x, flip, name="reflection")
    assert (even.verdict, odd.verdict) == ("pass", "fail")


def test_normalization_by_enumeration():
    """65 536 states of 4 x 4 spins; a factor of 1.001 is seen."""
    states = all_spins((4, 4))
    fair = lambda x: jnp.asarray(-16 * np.log(2), jnp.float32) + 0.0 * jnp.sum(x).astype(jnp.float32)  # noqa: E731
    assert checks.normalized_by_enumeration(fair, states).verdict == "pass"
    wrong = lambda x: fair(x) + jnp.float32(1e-3)  # noqa: E731
    assert checks.normalized_by_enumeration(wrong, states).verdict == "fail"


def test_normalization_by_quadrature():
    """A Gaussian squeezed by 2 whose Jacobian was forgotten, or is 1 % off."""
    log_q = lambda x: -0.5 * jnp.sum((2 * x) ** 2) - jnp.float32(np.log(2 * np.pi))  # noqa: E731
    box = ((-6.0, 6.0), (-6.0, 6.0))
    right = lambda x: log_q(x) + jnp.float32(2 * np.log(2))  # noqa: E731
    slightly = lambda x: right(x) + jnp.float32(0.01)  # noqa: E731
    verdicts = [checks.normalized_by_quadrature(f, box).verdict for f in (right, log_q, slightly)]
    assert verdicts == ["pass", "fail", "fail"]


def test_overlap_names_the_gap():
    ladder = np.array([[0.8, 0.2, 0.0], [0.2, 0.79, 0.01], [0.0, 0.01, 0.99]])
    found = checks.overlap(ladder)
    assert found.verdict == "fail"
    assert "numbers 1 and 2" in found.law
    assert checks.overlap(ladder[:2, :2]).verdict == "pass"
