# SPDX-License-Identifier: Apache-2.0
"""Approximate message passing for y = P(·| X x/√N): the posterior mean of x, prior and output known.

    ω = F m - V g,  V = <v>,  F = X/√N;   g = ∂_ω ln P(y | ω, V),  s = -Σ_μ ∂_ω g_μ/N;
    m = mean(a, s), v = variance(a, s) of the prior, a = F^T g + s m

Law: the overlap of m and x follows q <- Q(α ψ(q)) (state evolution), N -> ∞.  Cost: 2 n N a step.
Ref: Rangan 2011, arXiv:1010.5141; Barbier et al. 2019, arXiv:1708.03395.
"""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from isinglass.exact.learning.generalized_linear import AbstractOutput
from isinglass.exact.learning.scalar_prior import AbstractScalarPrior

__all__ = ["GeneralizedPassing", "PassingState"]

SURE = 1e-6  # variance that is none: below it few rows decide


class PassingState(NamedTuple):
    """Between two steps."""

    m: Float[Array, " N"]  # posterior mean
    V: Float[Array, ""]  # mean of the posterior variances
    g: Float[Array, " n"]


class GeneralizedPassing(eqx.Module):
    """Knows the prior and what is seen."""

    prior: AbstractScalarPrior
    output: AbstractOutput

    def init(self, n: int, m: Float[Array, " N"], V=1.0) -> PassingState:
        """From the estimate m of variance V: zeros, or near the teacher to ask whether it is a fixed point."""
        return PassingState(m, jnp.asarray(V, m.dtype), jnp.zeros(n))

    def step(self, state: PassingState, F: Float[Array, "n N"], y: Float[Array, " n"]) -> PassingState:
        """Fields of the rows, their scores, fields of the unknowns, posterior means."""
        V = jnp.maximum(state.V, SURE)
        omega = F @ state.m - V * state.g
        g = self.output.score(y, omega, V)
        s = -jnp.sum(self.output.slope(y, omega, V)) / state.m.size
        a = F.T @ g + s * state.m
        return PassingState(self.prior.mean(a, s), jnp.mean(self.prior.variance(a, s)), g)
