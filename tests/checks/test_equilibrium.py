# SPDX-License-Identifier: Apache-2.0
"""Equilibrium checks on a 3 x 3 Ising torus; planted: 5 % in beta, wrong acceptance, missing equilibration."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.checks.equilibrium import (
    all_spins,
    detailed_balance,
    flux_balance,
    reaches_equilibrium,
    stationarity,
    transition_matrix,
)

BETA, SHAPE = 0.3, (3, 3)
STATES = all_spins(SHAPE)
SITES = np.arange(9).reshape(SHAPE)
NEIGHBORS = np.stack([np.roll(SITES, s, a).ravel() for s in (1, -1) for a in (0, 1)], axis=1)


def energies(s):
    s = np.asarray(s, float)
    return -(s * (np.roll(s, 1, -1) + np.roll(s, 1, -2))).sum((-1, -2))


LOG_WEIGHT = -BETA * energies(STATES)


def metropolis(beta, acceptance=lambda dE, beta: jnp.exp(-beta * dE)):
    """(key, x) -> x' after one flip of a random site."""

    def step(key, x):
        where, accept = jax.random.split(key)
        i = jax.random.randint(where, (), 0, x.size)
        s = x.ravel().astype(float)
        dE = 2 * s[i] * s[jnp.asarray(NEIGHBORS)[i]].sum()
        flip = jax.random.uniform(accept) < acceptance(dE, beta)
        return jnp.where(flip, x.ravel().at[i].multiply(jnp.int8(-1)).reshape(x.shape), x)

    return step


@pytest.mark.slow
def test_metropolis_holds_the_law(key):
    """False alarms 1e-4 each."""
    assert stationarity(key, metropolis(BETA), STATES, LOG_WEIGHT).verdict == "pass"
    assert flux_balance(key, metropolis(BETA), STATES, LOG_WEIGHT).verdict == "pass"
    check = reaches_equilibrium(key, metropolis(BETA), STATES[0], STATES, LOG_WEIGHT, steps=300, chains=80_000)
    assert check.verdict == "pass"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("beta", "steps"), [(1.05 * BETA, 300), (BETA, 20)], ids=["5 % in beta", "missing equilibration"]
)
def test_final_states_show_what_is_wrong(key, beta, steps):
    check = reaches_equilibrium(key, metropolis(beta), STATES[0], STATES, LOG_WEIGHT, steps=steps, chains=80_000)
    assert check.verdict == "fail"


def test_wrong_acceptance_is_seen(key):
    """min(1, exp(-beta dE / 2)) is a sampler of another temperature."""
    wrong = metropolis(BETA, lambda dE, beta: jnp.exp(-beta * dE / 2))
    assert stationarity(key, wrong, STATES, LOG_WEIGHT).verdict == "fail"
    assert flux_balance(key, wrong, STATES, LOG_WEIGHT).verdict == "fail"


@pytest.mark.parametrize(("wrong", "verdict"), [(False, "pass"), (True, "fail")])
def test_exact_transition_matrix(wrong, verdict):
    def neighbors(i):
        return [(i ^ (1 << b), 1 / 9) for b in range(9)]

    def acceptance(i, j):
        ratio = np.exp(LOG_WEIGHT[j] - LOG_WEIGHT[i])
        return 0.5 * min(1, 2 * ratio) if wrong else min(1, ratio)

    P = transition_matrix(STATES, neighbors, acceptance)
    assert detailed_balance(P, LOG_WEIGHT).verdict == verdict
