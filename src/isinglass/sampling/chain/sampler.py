# SPDX-License-Identifier: Apache-2.0
"""The two protocols of sampling: a chain, and an ensemble of chains at many temperatures."""

from abc import abstractmethod
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from isinglass.systems.system import AbstractSystem, over_temperature

__all__ = ["AbstractEnsemble", "AbstractExchangeable", "AbstractSampler", "Independent", "mean_acceptance"]


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


class AbstractExchangeable(AbstractEnsemble):
    """Chains whose configurations another method may replace: by exchange, by global proposals, in a cycle."""

    @abstractmethod
    def place(self, state: Any, x: Shaped[Array, "T R *site"], system: AbstractSystem) -> Any:
        """The state with these configurations in place of its own; what it has learned stays."""


class Independent(AbstractExchangeable):
    """Chains that know nothing of each other: the sampler, mapped over temperatures and chains."""

    sampler: AbstractSampler

    def init(self, key, x: Shaped[Array, "T R *site"], system: AbstractSystem) -> Shaped[Array, "T R *site"]:
        """The configurations themselves."""
        return x

    def step(self, key, state: Shaped[Array, "T R *site"], system: AbstractSystem):
        """One sweep of every chain; diagnostics have leading axes [T, R]."""
        keys = jax.random.split(key, state.shape[:2])
        chains = jax.vmap(self.sampler.step, in_axes=(0, 0, None))
        return jax.vmap(chains, in_axes=(0, 0, over_temperature(system)))(keys, state, system)

    def configurations(self, state: Shaped[Array, "T R *site"]) -> Shaped[Array, "T R *site"]:
        """The state is the configurations."""
        return state

    def place(self, state: Shaped[Array, "T R *site"], x: Shaped[Array, "T R *site"], system: AbstractSystem):
        """The state is the configurations."""
        return x


def exchangeable(sampler: AbstractSampler | AbstractExchangeable) -> AbstractExchangeable:
    """A sampler as an ensemble of independent chains."""
    return Independent(sampler) if isinstance(sampler, AbstractSampler) else sampler


def wrapped(x: Shaped[Array, "*site"], system: AbstractSystem) -> Shaped[Array, "*site"]:
    """Angles into [0, 2π); other variables as they are."""
    return x % (2 * jnp.pi) if system.kind == "angle" else x


def mean_acceptance(diagnostics: Any) -> Float[Array, " T"] | None:
    """Share of the proposals that were accepted at each temperature, where the diagnostics of a step [T, ...] tell it.

    Diagnostics with a field `inner`, of one sampler or several, tell what these tell, averaged.
    """
    acceptance = getattr(diagnostics, "acceptance", None)
    if acceptance is not None:
        return jnp.mean(acceptance.reshape(len(acceptance), -1), axis=1).astype(float)
    inner = getattr(diagnostics, "inner", None)
    if inner is None:
        return None
    told = [a for a in map(mean_acceptance, inner if type(inner) is tuple else (inner,)) if a is not None]
    return sum(told[1:], told[0]) / len(told) if told else None


def energies(x: Shaped[Array, "T R *site"], system: AbstractSystem) -> Float[Array, "T R"]:
    """E of every chain; beta plays no part in it."""
    return jax.vmap(jax.vmap(eqx.tree_at(lambda s: s.beta, system, jnp.ones(())).energy))(x)
