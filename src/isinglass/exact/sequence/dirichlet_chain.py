# SPDX-License-Identifier: Apache-2.0
"""Chains whose transition matrix is not known: every row Dirichlet(a, ..., a), the first symbol uniform.  Nats.

    p(x_(t+1) = j | x_1 ... x_t) = (n_ij + a)/(n_i + k a),  i = x_t, n_ij transitions i -> j so far

is the best prediction (Bayes): the matrix is learned while the sequence is read.
Ref: Krichevsky & Trofimov 1981, doi:10.1109/TIT.1981.1056331; transformers that do it: Edelman et al. 2024,
arXiv:2402.11004.
"""

from collections import defaultdict

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from scipy.special import digamma, entr

__all__ = ["bayes_losses", "log_evidence", "predictions", "single_symbol_predictions", "true_rate"]


def predictions(x: Int[Array, " N"], k: int, a: float = 1.0) -> Float[Array, "N k"]:
    """Row t: the best prediction of x_t from those before it."""

    def step(count, pair):
        i, j = pair
        row = count[i] + a
        return count.at[i, j].add(1.0), row / row.sum()

    _, later = jax.lax.scan(step, jnp.zeros((k, k)), (x[:-1], x[1:]))
    return jnp.concatenate([jnp.full((1, k), 1 / k), later])


def single_symbol_predictions(x: Int[Array, " N"], k: int, a: float = 1.0) -> Float[Array, "N k"]:
    """(n_j + a)/(n + k a), n_j occurrences of j so far: of a reader who does not look at pairs."""
    count = jnp.cumsum(jax.nn.one_hot(x, k, dtype=float), axis=0)
    before = jnp.concatenate([jnp.zeros((1, k)), count[:-1]]) + a
    return before / before.sum(axis=1, keepdims=True)


def log_evidence(n: Float[np.ndarray, "k k"], a: float = 1.0) -> float:
    """ln p(x_2 ... x_N | x_1) = Σ_i [ln Γ(ka)/Γ(n_i + ka) + Σ_j ln Γ(n_ij + a)/Γ(a)], by the transitions n_ij.

    Law: the sum of the logarithms of all predictions.
    """
    from scipy.special import gammaln

    k = len(n)
    rows = gammaln(k * a) - gammaln(n.sum(axis=1) + k * a)
    return float(rows.sum() + (gammaln(n + a) - gammaln(a)).sum())


def bayes_losses(N: int, k: int, a: float = 1.0) -> Float[np.ndarray, " N"]:
    """<-ln p(x_t | x_1 ... x_(t-1))>, t = 1 ... N, exactly: over all counts and last symbols that are reached.

    Law: does not grow, and tends to the mean entropy rate weighed by the start.  Cost: as N^(k²); two symbols: N <= 40.
    """
    zero = (0,) * (k * k)
    weight: dict = {(i, zero): 1 / k for i in range(k)}
    losses = [np.log(k)]
    for _ in range(N - 1):
        later: dict = defaultdict(float)
        loss = 0.0
        for (i, count), p in weight.items():
            row = np.array(count[i * k : (i + 1) * k]) + a
            q = row / row.sum()
            loss += p * entr(q).sum()
            for j in range(k):
                more = list(count)
                more[i * k + j] += 1
                later[j, tuple(more)] += p * q[j]
        losses.append(loss)
        weight = later
    return np.array(losses)


def true_rate(k: int, a: float = 1.0) -> float:
    """Mean entropy of a row, ψ(ka + 1) - ψ(a + 1): the loss of who knows the matrix, at every transition from x_1."""
    return float(digamma(k * a + 1) - digamma(a + 1))
