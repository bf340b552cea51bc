# SPDX-License-Identifier: Apache-2.0
"""The Markov chain of a lattice that a tab watches: compiled once for each model, side and method."""

from functools import cache, partial
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Shaped

from isinglass.lab.picture import picture_of
from isinglass.sampling.chain.cluster import SwendsenWang, Wolff
from isinglass.sampling.chain.metropolis import Metropolis
from isinglass.sampling.ensemble.multispin import WIDE_VECTORS
from isinglass.sampling.ensemble.strips import Strips, StripsState
from isinglass.systems.lattice.ising import Ising
from isinglass.systems.lattice.potts import Potts
from isinglass.systems.lattice.xy import XY

__all__ = ["LatticeChain", "SweptBlock"]

MOST = 256  # sweeps of one call
METHODS = {"metropolis": Metropolis, "wolff": Wolff, "swendsen-wang": SwendsenWang}


class SweptBlock(NamedTuple):
    """Some sweeps of a chain."""

    picture: Shaped[np.ndarray, " bytes"]  # as `picture_of` packs it
    order: Float[np.ndarray, " n"]  # order parameter after each sweep
    energy: Float[np.ndarray, " n"]  # energy per site after each sweep
    flips: float  # proposed single changes, or sites that clusters reflected


@partial(jax.jit, compiler_options=WIDE_VECTORS)
def swept_strips(state: StripsState, beta, n):
    """n sweeps of the packed lattice."""
    kernel = Strips()
    state, series = kernel.step(state, beta, n, MOST)
    return state, kernel.configuration(state), series.magnetization, series.energy


@eqx.filter_jit
def swept(key, x, system: Any, sampler: Any, beta, n):
    """n sweeps of any sampler; the number of sites that a cluster update reflects beside."""
    system = eqx.tree_at(lambda s: s.beta, system, beta)

    def sweep(i, carry):
        x, m, e, changed = carry
        x, diagnostics = sampler.step(jax.random.fold_in(key, i), x, system)
        part = getattr(diagnostics, "reflected", jnp.ones(()))
        m, e = m.at[i].set(system.order_parameter(x)), e.at[i].set(system.energy(x) / x.size)
        return x, m, e, changed + part * x.size

    return jax.lax.fori_loop(0, n, sweep, (x, jnp.zeros(MOST), jnp.zeros(MOST), jnp.zeros(())))


@cache
def system_of(model: str, side: int) -> Any:
    """The system, whose tables take a while: once for all tabs."""
    return {"ising": Ising, "potts": Potts, "xy": XY}[model]((side, side))


class LatticeChain:
    """One chain.  Metropolis of Ising spins is bit-packed; everything else is the library's plain sampler."""

    def __init__(self, model: str, method: str, x: Shaped[np.ndarray, "L L"], seed: int):
        """Start from x."""
        self.model, self.key, self.blocks = model, jax.random.key(seed), 0
        self.packed = (model, method) == ("ising", "metropolis")
        if self.packed:
            self.state = Strips().init(self.key, jnp.asarray(x))
        else:
            self.system, self.sampler = system_of(model, len(x)), METHODS[method]()
            self.state = jnp.asarray(x)
        self.sites = x.size

    def advance(self, temperature: float, n: int) -> SweptBlock:
        """n sweeps, at most 256."""
        n = min(n, MOST)
        beta = jnp.asarray(1.0 / temperature)
        if self.packed:
            self.state, x, m, e = swept_strips(self.state, beta, n)
            flips = float(n * self.sites)
        else:
            key = jax.random.fold_in(self.key, self.blocks)
            x, m, e, changed = swept(key, self.state, self.system, self.sampler, beta, n)
            self.state, flips = x, float(changed)
        self.blocks += 1
        return SweptBlock(picture_of(self.model, np.asarray(x)), np.asarray(m)[:n], np.asarray(e)[:n], flips)
