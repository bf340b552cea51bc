# SPDX-License-Identifier: Apache-2.0
"""The two protocols of sampling: a chain, and an ensemble of chains at many temperatures."""

from abc import abstractmethod
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Shaped

from isinglass.systems.system import AbstractSystem, over_temperature

__all__ = ["AbstractEnsemble", "AbstractSampler", "Independent"]


class AbstractSampler(eqx.Module):
    """One Markov chain at one temperature.  Law: `step` leaves exp(-beta E(x)) / Z invariant."""

    @abstractmethod
    def step(self, key, x: Shaped[Array, "*site"], system: Any) -> tuple[Shaped[Array, "*site"], Any]:
        """One sweep, x -> x', and what a person wants to know of it."""


class AbstractEnsemble(eqx.Module):
    """R chains at each of T temperatures, advanced together.  `system.beta` has shape [T]."""

    @abstractmethod
    def init(self, key, x: Shaped[Array, "T R *site"], system: AbstractSystem) -> Any:
        """The state that `step` advances: arrays only, so that it can be written to a file and read back."""

    @abstractmethod
    def step(self, key, state: Any, system: AbstractSystem) -> tuple[Any, Any]:
        """One sweep of every chain."""

    @abstractmethod
    def configurations(self, state: Any) -> Shaped[Array, "T R *site"]:
        """The configurations that the state stands for."""


class Independent(AbstractEnsemble):
    """Chains that know nothing of each other: the sampler, mapped over temperatures and chains."""

    sampler: AbstractSampler

    def init(self, key, x: Shaped[Array, "T R *site"], system: AbstractSystem) -> Shaped[Array, "T R *site"]:
        """The configurations themselves."""
        return x

    def step(self, key, state: Shaped[Array, "T R *site"], system: AbstractSystem):
        """One sweep of every chain; `Info` has leading axes [T, R]."""
        keys = jax.random.split(key, state.shape[:2])
        chains = jax.vmap(self.sampler.step, in_axes=(0, 0, None))
        return jax.vmap(chains, in_axes=(0, 0, over_temperature(system)))(keys, state, system)

    def configurations(self, state: Shaped[Array, "T R *site"]) -> Shaped[Array, "T R *site"]:
        """The state is the configurations."""
        return state


def energies(x: Shaped[Array, "T R *site"], system: AbstractSystem) -> Shaped[Array, "T R"]:
    """E of every chain; beta plays no part in it."""
    return jax.vmap(jax.vmap(eqx.tree_at(lambda s: s.beta, system, jnp.ones(())).energy))(x)
