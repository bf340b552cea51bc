# SPDX-License-Identifier: Apache-2.0
"""Parallel tempering: chains at neighboring temperatures exchange their configurations.

Refs: Swendsen and Wang 1986, doi:10.1103/PhysRevLett.57.2607; Hukushima and Nemoto 1996, doi:10.1143/JPSJ.65.1604.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Shaped

from isinglass.sampling.chain.sampler import (
    AbstractEnsemble,
    AbstractExchangeable,
    AbstractSampler,
    energies,
    exchangeable,
)
from isinglass.systems.system import AbstractSystem

__all__ = ["Tempering", "TemperingDiagnostics", "TemperingState"]


class TemperingState(NamedTuple):
    """The state of all chains between two steps."""

    inner: Any  # the state of the sampler
    step: Int[Array, ""]  # even steps pair temperatures (0,1), (2,3) ...; odd ones (1,2), (3,4) ...


class TemperingDiagnostics(NamedTuple):
    """Diagnostics of a sweep."""

    exchange: Float[
        Array, " T"
    ]  # fraction of the chains at T_i that exchanged with T_(i+1), for the pairs of this step
    inner: Any  # the diagnostics of the sampler


class Tempering(AbstractEnsemble):
    """A sweep of `sampler` in each chain, then an exchange between neighbors in temperature.

    Accept with probability min(1, exp((beta_i - beta_j)(E_i - E_j))).  Law: detailed balance of the joint density
    Π_i exp(-beta_i E(x_i)); the chains at different temperatures are correlated.
    Temperatures must be sorted.  Cost: that of the sampler, and one energy per sweep.
    `sampler` may be an adaptive ensemble, such as HMC.
    """

    sampler: AbstractSampler | AbstractExchangeable

    @property
    def adaptation(self) -> int:
        """Sweeps of the warm-up in which the sampler adapts."""
        return getattr(self.sampler, "adaptation", 0)

    def init(self, key, x: Shaped[Array, "T R *site"], system: AbstractSystem) -> TemperingState:
        """The initial state, with even pairs of temperatures first."""
        return TemperingState(exchangeable(self.sampler).init(key, x, system), jnp.zeros((), jnp.int32))

    def step(self, key, state: TemperingState, system: AbstractSystem) -> tuple[TemperingState, TemperingDiagnostics]:
        """One sweep and one round of exchanges."""
        key_sweep, key_swap = jax.random.split(key)
        ensemble = exchangeable(self.sampler)
        inner, diagnostics = ensemble.step(key_sweep, state.inner, system)
        x = ensemble.configurations(inner)
        n = len(x)
        rank = jnp.arange(n, dtype=jnp.int32)
        partner = rank + jnp.where((rank + state.step) % 2 == 0, 1, -1)
        partner = jnp.where((partner < 0) | (partner >= n), rank, partner)
        E = energies(x, system)
        log_ratio = (system.beta - system.beta[partner])[:, None] * (E - E[partner])
        u = jax.random.uniform(key_swap, log_ratio.shape)[jnp.minimum(rank, partner)]  # one number per pair
        swap = (jnp.log1p(-u) < log_ratio) & (partner != rank)[:, None]
        x = jnp.where(swap.reshape(*swap.shape, *(1,) * (x.ndim - 2)), x[partner], x)
        exchange = jnp.mean((swap & (partner > rank)[:, None]).astype(float), axis=1)
        return TemperingState(ensemble.place(inner, x, system), state.step + 1), TemperingDiagnostics(
            exchange, diagnostics
        )

    def configurations(self, state: TemperingState) -> Shaped[Array, "T R *site"]:
        return exchangeable(self.sampler).configurations(state.inner)
