# SPDX-License-Identifier: Apache-2.0
"""Does a sampler's step leave the Boltzmann law invariant?  On systems small enough to enumerate.

The sampler enters as a function (key, x) -> x'; only final states of independent chains are counted, so that the
chi-square is valid.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int, Shaped
from scipy.special import logsumexp
from scipy.stats import chi2

from isinglass.exact.lattice.enumeration import configurations, spins
from isinglass.result import Check

__all__ = ["all_spins", "detailed_balance", "flux_balance", "reaches_equilibrium", "stationarity", "transition_matrix"]

FALSE_ALARM = 1e-4


def boltzmann(log_weight: Float[np.ndarray, " states"]) -> Float[np.ndarray, " states"]:
    """π_i = w_i / Σ w."""
    return np.exp(log_weight - logsumexp(log_weight))


def index_of(states: Shaped[np.ndarray, "states *site"], x: Shaped[np.ndarray, "n *site"]) -> Int[np.ndarray, " n"]:
    """Which of the states each x is."""
    number = {row.tobytes(): i for i, row in enumerate(np.ascontiguousarray(states))}
    return np.array([number[row.tobytes()] for row in np.ascontiguousarray(np.asarray(x, states.dtype))])


def detailed_balance(
    P: Float[np.ndarray, "states states"], log_weight: Float[np.ndarray, " states"], *, tolerance: float = 1e-12
) -> Check:
    """max |π_i P_ij - π_j P_ji| = 0, and rows of P sum to one, for a transition matrix known exactly.

    Deterministic: no false alarm but round-off.  Resolution: any violation above the tolerance.
    """
    flux = boltzmann(log_weight)[:, None] * P
    worst = max(float(np.abs(flux - flux.T).max()), float(np.abs(P.sum(axis=1) - 1).max()))
    return Check.at_most(
        "detailed balance, exact transition matrix", worst, 0.0, tolerance=tolerance, source="π P = Pᵀ π"
    )


def transition_matrix(
    states: Shaped[np.ndarray, "states *site"],
    proposals: Callable[[int], list[tuple[int, float]]],
    acceptance: Callable[[int, int], float],
) -> Float[np.ndarray, "states states"]:
    """P_ij = q_ij a_ij, P_ii = 1 - Σ, from the (j, q_ij) that `proposals(i)` lists and acceptance(i, j)."""
    P = np.zeros((len(states), len(states)))
    for i in range(len(states)):
        for j, q in proposals(i):
            P[i, j] += q * acceptance(i, j)
        P[i, i] += 1 - P[i].sum()
    return P


def stationarity(
    key,
    step: Callable,
    states: Shaped[np.ndarray, "states *site"],
    log_weight: Float[np.ndarray, " states"],
    *,
    chains=40_000,
) -> Check:
    """Chains that start from the exact law are still in it after a step.  False alarm 1e-4.

    Resolution at 40 000 chains: changes of the law with Σ (π' - π)²/π >= 0.02 on 512 states.
    """
    start, end, expected = run_from_law(key, step, states, log_weight, chains)
    return chi_square("a step leaves the Boltzmann law invariant", np.bincount(end, minlength=len(states)), expected)


def reaches_equilibrium(
    key,
    step: Callable,
    start: Shaped[np.ndarray, "*site"],
    states: Shaped[np.ndarray, "states *site"],
    log_weight: Float[np.ndarray, " states"],
    *,
    steps: int,
    chains: int = 40_000,
) -> Check:
    """Chains from one state follow the exact law after `steps` steps.  False alarm 1e-4; detects 5 % in β on 3 x 3."""

    def chain(key):
        body = lambda x, k: (step(k, x), None)  # noqa: E731
        return jax.lax.scan(body, jnp.asarray(start), jax.random.split(key, steps))[0]

    x = jax.jit(jax.vmap(chain))(jax.random.split(key, chains))
    counts = np.bincount(index_of(states, np.asarray(x)), minlength=len(states))
    law = f"{steps} steps from one state reach the Boltzmann law"
    return chi_square(law, counts, chains * boltzmann(log_weight))


def flux_balance(
    key,
    step: Callable,
    states: Shaped[np.ndarray, "states *site"],
    log_weight: Float[np.ndarray, " states"],
    *,
    chains=40_000,
) -> Check:
    """In equilibrium as many chains step from i to j as from j to i: Σ (n_ij - n_ji)²/(n_ij + n_ji).  False alarm 1e-4.

    Pairs with fewer than ten steps are left out.  A sweep in fixed order fails this and passes `stationarity`: both
    are valid samplers, only one is reversible.
    """
    start, end, _ = run_from_law(key, step, states, log_weight, chains)
    return chi_square_check("detailed balance, counted transitions", *imbalance(start, end, len(states)))


def imbalance(start: Int[np.ndarray, " n"], end: Int[np.ndarray, " n"], n_states: int) -> tuple[float, int]:
    """Σ (n_ij - n_ji)²/(n_ij + n_ji) over the pairs that occur ten times or more, and their number."""
    flux = np.zeros((n_states, n_states))
    np.add.at(flux, (start, end), 1)
    i, j = np.triu_indices(n_states, 1)
    both = flux[i, j] + flux[j, i]
    rows = both >= 10
    return float(np.sum((flux[i, j] - flux[j, i])[rows] ** 2 / both[rows])), int(rows.sum())


def run_from_law(key, step, states, log_weight, chains: int):
    """Start and end states of one step from exact samples, and the expected counts."""
    key_start, key_step = jax.random.split(key)
    p = boltzmann(log_weight)
    start = np.asarray(jax.random.choice(key_start, len(states), (chains,), p=jnp.asarray(p)))
    x = jax.jit(jax.vmap(step))(jax.random.split(key_step, chains), jnp.asarray(states)[start])
    return start, index_of(states, np.asarray(x)), chains * p


def chi_square(law: str, counts: Int[np.ndarray, " states"], expected: Float[np.ndarray, " states"]) -> Check:
    """Pearson's test; states expected fewer than five times are pooled.  False alarm 1e-4 for many counts."""
    rare = expected < 5
    observed, model = counts[~rare].astype(float), expected[~rare]
    if rare.any():
        observed, model = np.append(observed, counts[rare].sum()), np.append(model, expected[rare].sum())
    statistic = float(np.sum((observed - model) ** 2 / model))
    return chi_square_check(law, statistic, len(model) - 1)


def chi_square_check(law: str, statistic: float, freedom: int) -> Check:
    """χ² at most its 1 - 1e-4 quantile."""
    if freedom < 1:
        return Check(f"{law} (too few counts)", statistic, None, None, "unknown", relation="<=")
    bound = float(chi2.isf(FALSE_ALARM, freedom))
    source = f"chi-square with {freedom} degrees of freedom, false alarm 1e-4"
    return Check.at_most(law, statistic, float(freedom), tolerance=bound - freedom, source=source)


def all_spins(shape: tuple[int, ...]) -> Int[np.ndarray, "states *site"]:
    """Every configuration of ±1 on the lattice, [2^N, *shape], by state number: s_i = 1 - 2 x_i, number 0 all up."""
    return spins(np.concatenate(list(configurations(int(np.prod(shape)))))).reshape(-1, *shape)
