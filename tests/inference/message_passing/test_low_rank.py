# SPDX-License-Identifier: Apache-2.0
"""Message passing for a spike against its state evolution; Lanczos against LAPACK; Onsager's term is needed."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.exact.learning.scalar_prior import NormalPrior, SparseSigns
from isinglass.exact.learning.spiked_matrix import SpikedWigner, state_evolution
from isinglass.inference.message_passing.low_rank import SpikePassing, top_eigenpair

N, LAM, STEPS = 500, 2.0, 8


@pytest.fixture(scope="module")
def matrices():
    """24 matrices with a spike of signs."""
    rng = np.random.default_rng(11)
    x = rng.choice([-1.0, 1.0], (24, N))
    W = rng.normal(size=(24, N, N))
    return x, LAM / N * x[:, :, None] * x[:, None, :] + (W + W.transpose(0, 2, 1)) / (2 * N) ** 0.5


def overlaps(x, Y, passing, steps=STEPS):
    """m·x/N after each step [sample, step]."""

    def one(x, Y):
        v = jnp.linalg.eigh(Y)[1][:, -1]
        v = v * jnp.sign(v @ x)

        def step(state, _):
            state = passing.step(state, Y)
            return state, state.m @ x / N

        return jax.lax.scan(step, passing.init(v), length=steps)[1]

    return np.asarray(jax.jit(lambda x, Y: jax.lax.map(lambda a: one(*a), (x, Y)))(jnp.asarray(x), jnp.asarray(Y)))


def test_overlaps_follow_state_evolution(matrices):
    """Four standard errors and 1/N corrections of 1 %."""
    found = overlaps(*matrices, SpikePassing(SparseSigns(), LAM))
    exact = state_evolution(SpikedWigner(SparseSigns(), LAM), 1 - 1 / LAM**2, STEPS)
    error = found.std(axis=0, ddof=1) / len(found) ** 0.5
    assert (np.abs(found.mean(axis=0) - exact) < 4 * error + 0.01).all()


def test_a_normal_prior_stays_at_the_top_eigenvector(matrices):
    """The power method is a fixed point of it: the direction is v at every step."""
    x, Y = (a[:2] for a in matrices)
    v = np.linalg.eigh(Y)[1][:, :, -1]
    top = np.abs(np.einsum("si,si->s", v, x)) / N**0.5
    found = overlaps(x, Y, SpikePassing(NormalPrior(), LAM), 3)
    np.testing.assert_allclose(found[:, 0], top * (1 - 1 / LAM**2) ** 0.5, rtol=1e-9)
    np.testing.assert_allclose(found[:, 1], top * (1 - 1 / LAM**2) ** 0.5, rtol=0.08)  # a quarter without Onsager


def test_top_eigenpair(matrices):
    Y = matrices[1][0]
    value, v = top_eigenpair(jax.random.key(0), jnp.asarray(Y))
    exact, vectors = np.linalg.eigh(Y)
    assert float(value) == pytest.approx(exact[-1], abs=1e-10)
    assert abs(np.asarray(v) @ vectors[:, -1]) == pytest.approx(1.0, abs=1e-8)
