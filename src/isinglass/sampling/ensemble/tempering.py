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
    """What the next step needs."""

    inner: Any  # the state of the chains' own sampler
    step: Int[Array, ""]  # even steps pair temperatures (0,1), (2,3) ...; odd ones (1,2), (3,4) ...


class TemperingDiagnostics(NamedTuple):
    """What a person wants to know of a sweep."""

    exchange: Float[Array, " T"]  # share of the chains at T_i that exchanged with T_(i+1); of this step's pairs
    inner: Any  # the diagnostics of the sampler


class Tempering(AbstractEnsemble):
    """A sweep of `sampler` in each chain, then an exchange between neighbors in temperature.

    Accept with probability min(1, exp((beta_i - beta_j)(E_i - E_j))).  Law: detailed balance of the joint law
    Π_i exp(-beta_i E(x_i)); at each temperature the chains are correlated with those at others.
    Temperatures must be sorted.  Cost: that of the sampler, and one energy per sweep.
    `sampler` may be an ensemble that adapts itself, such as HMC.
    """

    sampler: AbstractSampler | AbstractExchangeable

    @property
    def adaptation(self) -> int:
        """Sweeps for which the sampler adapts itself."""
        return getattr(self.sampler, "adaptation", 0)

    def init(self, key, x: Shaped[Array, "T R *site"], system: AbstractSystem) -> TemperingState:
        """Start with the even pairs."""
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
        u = jax.random.uniform(key_swap, log_ratio.shape)[jnp.minimum(rank, partner)]  # one number for both of a pair
        swap = (jnp.log1p(-u) < log_ratio) & (partner != rank)[:, None]
        x = jnp.where(swap.reshape(*swap.shape, *(1,) * (x.ndim - 2)), x[partner], x)
        exchange = jnp.mean((swap & (partner > rank)[:, None]).astype(float), axis=1)
        return TemperingState(ensemble.place(inner, x, system), state.step + 1), TemperingDiagnostics(
            exchange, diagnostics
        )

    def configurations(self, state: TemperingState) -> Shaped[Array, "T R *site"]:
        """The configurations, each at its temperature."""
        return exchangeable(self.sampler).configurations(state.inner)
