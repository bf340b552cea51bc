# SPDX-License-Identifier: Apache-2.0
"""Metropolis sampling: leaves exp(-beta E(x)) invariant.  Metropolis et al. 1953, doi:10.1063/1.1699114."""

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Shaped

from isinglass.sampling.chain.reach import proposals_reach_all, symmetric_proposals
from isinglass.sampling.chain.requirement import single_changes
from isinglass.sampling.chain.sampler import AbstractSampler
from isinglass.systems.system import AbstractLatticeSystem

__all__ = ["Metropolis", "MetropolisDiagnostics", "acceptance", "decide"]


REST = 1 / 64  # probability that a site is left as it is


class MetropolisDiagnostics(NamedTuple):
    """Diagnostics of a sweep."""

    acceptance: Float[Array, ""]  # fraction of the proposals accepted


class Metropolis(AbstractSampler):
    """Accept x_i -> y_i with probability A = min(1, exp(-beta ΔE)), color after color, in random order, 63 of 64 times.

    If each site took every move with ΔE <= 0, states in which all sites do (pairs of equal spins on a ring, stripes on
    2 x 2) would be left by no sweep for others, and be reached by none: each proposal rests with probability 1/64.
    In a fixed order defects would move in parallel without annihilating.

    Law: detailed balance at each site, since sites of one color do not interact and the proposal is symmetric.
    Cost: N z per sweep.
    """

    requires: ClassVar = (single_changes, symmetric_proposals)
    ergodic: ClassVar = staticmethod(proposals_reach_all)

    def step(
        self, key, x: Shaped[Array, "*site"], system: AbstractLatticeSystem
    ) -> tuple[Shaped[Array, "*site"], MetropolisDiagnostics]:
        """One sweep: one proposal for every variable."""
        key, key_order = jax.random.split(key)
        colors = jax.random.permutation(key_order, jnp.asarray(system.colors))
        x, accepted = jax.lax.scan(
            lambda x, color: self.update(color[0], x, color[1], system), x, (jax.random.split(key, len(colors)), colors)
        )
        return x, MetropolisDiagnostics(jnp.sum(accepted) / x.size)

    def update(self, key, x, sites, system: AbstractLatticeSystem):
        """One proposal for each site of one color, all at once."""
        key_propose, key_accept = jax.random.split(key)
        inside = sites < x.size  # the table is padded with N, which is not a site
        old = x.reshape(-1).at[sites].get(mode="clip")
        new = system.propose(key_propose, old)
        dE = system.energy_changes(x, new, jnp.minimum(sites, x.size - 1))
        accept = jax.random.uniform(key_accept, sites.shape) < (1 - REST) * acceptance(system.beta, dE)
        x = x.reshape(-1).at[sites].set(jnp.where(accept, new, old), mode="drop").reshape(x.shape)
        return x, jnp.sum(accept & inside)


def acceptance(beta: Float[Array, ""], dE: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """A = min(1, exp(-beta ΔE)).  Law: A(ΔE) / A(-ΔE) = exp(-beta ΔE), which is detailed balance."""
    return jnp.exp(-beta * jnp.maximum(dE, 0.0))


def decide(key, log_ratio: Float[Array, "*n"]) -> tuple[Bool[Array, "*n"], Float[Array, "*n"]]:
    """Accept with probability A = min(1, exp(log_ratio)), for moves of all variables at once.  Returns (accepted, A).

    Where log_ratio is nan (the energy of the proposal is undefined), it is rejected.
    """
    A = jnp.where(jnp.isnan(log_ratio), 0.0, jnp.exp(jnp.minimum(log_ratio, 0.0)))
    return jax.random.uniform(key, log_ratio.shape, A.dtype) < A, A
