# SPDX-License-Identifier: Apache-2.0
"""Message passing for rows against the exact posterior mean and state evolution; the hard phase holds it."""

import jax
import numpy as np
import pytest

from isinglass.exact.learning.generalized_linear import LinearOutput, SignOutput, Teacher, overlaps
from isinglass.exact.learning.scalar_prior import NormalPrior, SparseSigns
from isinglass.inference.message_passing.generalized import GeneralizedPassing

N = 600


def passed(keys, prior, output, alpha, start=0.0, steps=25):
    """Teachers, F, y and the estimates after each step, of each sample."""
    n, passing = round(alpha * N), GeneralizedPassing(prior, output)

    def one(key):
        key_x, key_F, key_y = jax.random.split(key, 3)
        x = prior.samples(key_x, N)
        F = jax.random.normal(key_F, (n, N)) / N**0.5
        y = output.seen(key_y, F @ x)

        def step(state, _):
            state = passing.step(state, F, y)
            return state, state.m

        return x, F, y, jax.lax.scan(step, passing.init(n, start * x, 1 - start**2), length=steps)[1]

    found = jax.jit(lambda keys: jax.lax.map(one, keys))(jax.random.split(jax.random.key(0), keys))
    return tuple(np.asarray(a) for a in found)


def test_normal_unknowns_have_the_posterior_mean_of_ridge_regression():
    """Of it within 1/√N, and exact for each at a fixed point as N -> ∞; a wrong Onsager term is off by 0.1."""
    noise = 0.2
    _, F, y, m = (a[0] for a in passed(1, NormalPrior(), LinearOutput(noise), 1.5))
    exact = np.linalg.solve(F.T @ F + noise * np.eye(N), F.T @ y)
    assert np.mean((m[-1] - exact) ** 2) < 2e-3 * np.mean(exact**2)


@pytest.mark.parametrize("alpha", [0.8, 2.0])
def test_overlaps_of_a_perceptron_follow_state_evolution(alpha):
    """Mean of 12 samples, four standard errors and 1 %."""
    output, prior = SignOutput(), NormalPrior()
    q, exact = 0.0, []
    for _ in range(25):
        q = prior.overlap(alpha * output.gain(q))
        exact.append(q)
    x, _, _, m = passed(12, prior, output, alpha)
    each = np.einsum("kti,ki->kt", m, x) / N
    error = each.std(axis=0, ddof=1) / len(each) ** 0.5
    assert (np.abs(each.mean(axis=0) - exact) < 4 * error + 0.01).all()
    assert q == pytest.approx(overlaps(Teacher(prior, output), alpha)[0], abs=0.01)


def test_a_binary_teacher_in_the_hard_phase():
    """α = 1.35: from nothing it stops at 0.756, from near the teacher it finds it."""
    found = {}
    for start in (0.0, 0.99):
        x, _, _, m = passed(6, SparseSigns(), SignOutput(), 1.35, start, 40)
        found[start] = np.mean(m[:, -1] * x, axis=1)
    assert np.median(found[0.0]) == pytest.approx(overlaps(Teacher(SparseSigns(), SignOutput()), 1.35)[0], abs=0.06)
    assert np.median(found[0.99]) > 0.999
