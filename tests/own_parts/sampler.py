# SPDX-License-Identifier: Apache-2.0
"""Barker 1965, doi:10.1071/PH650119."""

import jax
import jax.numpy as jnp

from isinglass.sampling.chain.sampler import AbstractSampler


class Barker(AbstractSampler):
    """Accept x_i -> y_i with probability 1 / (1 + exp(β ΔE)), color after color.  Law: detailed balance."""

    def step(self, key, x, system):
        def update(x, one):
            key, sites = one
            key_propose, key_accept = jax.random.split(key)
            old = x.reshape(-1).at[sites].get(mode="clip")
            new = system.propose(key_propose, old)
            dE = system.energy_changes(x, new, jnp.minimum(sites, x.size - 1))
            accept = jax.random.uniform(key_accept, sites.shape) < jax.nn.sigmoid(-system.beta * dE)
            return x.reshape(-1).at[sites].set(jnp.where(accept, new, old), mode="drop").reshape(x.shape), None

        colors = jnp.asarray(system.colors)
        return jax.lax.scan(update, x, (jax.random.split(key, len(colors)), colors))
