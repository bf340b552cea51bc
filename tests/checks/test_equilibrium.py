# SPDX-License-Identifier: Apache-2.0
"""Equilibrium checks on a 3 x 3 Ising torus; planted: 5 % in beta, wrong acceptance, missing equilibration."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.checks.alarms import SHARES, fails, may_fail, must_fail

from isinglass.checks.equilibrium import (
    all_spins,
    chi_square,
    chi_square_check,
    detailed_balance,
    flux_balance,
    imbalance,
    reaches_equilibrium,
    stationarity,
    transition_matrix,
)
from isinglass.exact.lattice.enumeration import ising_energies

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


def test_states_are_numbered_as_the_conventions_say():
    """Σ_i x_i 2^i, site 0 fastest, s_i = 1 - 2 x_i: number 0 is all up; energies are in the order of `exact`."""
    assert (STATES[0] == 1).all()
    assert STATES[1].ravel().tolist() == [-1] + 8 * [1]
    assert STATES[2].ravel().tolist() == [1, -1] + 7 * [1]
    bonds = np.concatenate([np.stack([SITES.ravel(), np.roll(SITES, -1, a).ravel()], 1) for a in (0, 1)])
    np.testing.assert_array_equal(energies(STATES), np.concatenate(list(ising_energies(9, bonds, np.ones(len(bonds))))))


@SHARES
def test_thresholds(share, verdict):
    """χ² of 10 degrees of freedom exceeds 35.564 with probability 1e-4; round-off of a transition matrix is 1e-12."""
    assert chi_square_check("law", 10 + share * 25.564, 10).verdict == verdict
    off = share * 1e-12
    P = np.array([[0.5, 0.5 + off * 2], [0.5, 0.5]])
    assert detailed_balance(P / P.sum(axis=1, keepdims=True), np.zeros(2), tolerance=0.5e-12).verdict == verdict
    leaking = np.array([[0.5, 0.5 + off], [0.5 + off, 0.5]])
    assert detailed_balance(leaking, np.zeros(2)).verdict == verdict
    assert chi_square_check("law", 0.0, 0).verdict == "unknown"


def test_false_alarms_of_chi_square_and_of_counted_transitions():
    """Counts from the law itself, 1e-4 each.  Planted: a state too likely, a transition too rare."""
    rng, p = np.random.default_rng(0), np.full(20, 1 / 20)
    judge = lambda counts: chi_square("law", counts, 2000 * p)  # noqa: E731
    assert fails(map(judge, rng.multinomial(2000, p, 1000))) <= may_fail(1e-4, 1000)
    wrong = np.append(2 * p[0], np.full(19, (1 - 2 * p[0]) / 19))
    assert fails(map(judge, rng.multinomial(2000, wrong, 100))) >= must_fail(100, 0.05)

    def transitions(share):
        start = rng.integers(0, 6, 4000)
        end = rng.integers(0, 6, 4000)
        back = (start == 1) & (end == 0) & (rng.random(4000) > share)
        return chi_square_check("flux", *imbalance(start, np.where(back, 1, end), 6))

    assert fails(transitions(1.0) for _ in range(500)) <= may_fail(1e-4, 500)
    assert fails(transitions(0.1) for _ in range(100)) >= must_fail(100, 0.05)
