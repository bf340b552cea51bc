# SPDX-License-Identifier: Apache-2.0
"""ln Z of machines against sums over every state written out, and integrals; its gradient against moments."""

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad

from isinglass.exact.learning import boltzmann_machine as exact

RNG = np.random.default_rng(0)
W, a, b = RNG.normal(size=(5, 3)), RNG.normal(size=5), RNG.normal(size=3)
VALUES = {"binary": (0, 1), "spin": (-1, 1)}


def every_state(visible, hidden):
    """All v, all h and exp(-E) of each pair, by NumPy."""
    v = np.array(list(product(VALUES[visible], repeat=5)))
    h = np.array(list(product(VALUES[hidden], repeat=3)))
    return v, h, np.exp((v @ a)[:, None] + (h @ b)[None] + v @ W @ h.T)


@pytest.mark.parametrize(("visible", "hidden"), list(product(VALUES, VALUES)))
def test_ln_z_is_the_sum_over_all_states(visible, hidden):
    weight = every_state(visible, hidden)[2]
    for found in (exact.log_partition(W, a, b, visible, hidden), exact.log_partition(W.T, b, a, hidden, visible)):
        np.testing.assert_allclose(found, np.log(weight.sum()), rtol=1e-13)


def test_a_gaussian_unit_is_an_integral():
    w, c, d = 0.7, 0.3, -0.4
    whole = sum(quad(lambda x, s=s: np.exp(c * x + d * s + w * x * s - x * x / 2), -20, 20)[0] for s in (-1, 1))
    found = exact.log_partition(jnp.array([[w]]), jnp.array([c]), jnp.array([d]), "gaussian", "spin")
    np.testing.assert_allclose(found, np.log(whole), rtol=1e-10)


def test_the_gradient_is_the_moments():
    v, h, weight = every_state("binary", "spin")
    p = weight / weight.sum()
    moments = jax.grad(lambda *x: exact.log_partition(*x, "binary", "spin"), argnums=(0, 1, 2))(
        *map(jnp.asarray, (W, a, b))
    )
    for found, by_sum in zip(moments, (v.T @ p @ h, p.sum(axis=1) @ v, p.sum(axis=0) @ h), strict=True):
        np.testing.assert_allclose(found, by_sum, atol=1e-12)


def test_chunks_and_large_fields():
    """More states than a chunk: independent units, whose Z is a product; fields that overflow exp."""
    c = jnp.linspace(-900.0, 900.0, 14)
    alone = float(jnp.logaddexp(0.0, c).sum() + 20 * jnp.log(2.0))
    np.testing.assert_allclose(exact.log_partition(jnp.zeros((20, 14)), jnp.zeros(20), c), alone, rtol=1e-13)
    with pytest.raises(ValueError, match="at most 24 units"):
        exact.log_partition(jnp.zeros((30, 30)), jnp.zeros(30), jnp.zeros(30))
