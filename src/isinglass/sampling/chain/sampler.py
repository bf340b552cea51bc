# SPDX-License-Identifier: Apache-2.0
"""Abstract samplers: a Markov chain, and an ensemble of chains at many temperatures."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from isinglass.errors import InputError
from isinglass.sampling.chain.soundness import require_sound_step, require_sound_system
from isinglass.sampling.method import snake_case
from isinglass.systems.system import AbstractSystem, at_unit_beta, over_temperature

__all__ = [
    "AbstractEnsemble",
    "AbstractExchangeable",
    "AbstractMethod",
    "AbstractSampler",
    "Independent",
    "check_method",
    "mean_acceptance",
]


class AbstractMethod(eqx.Module):
    """Properties of chains and ensembles, used by `choose`."""

    requires: ClassVar[tuple[Callable[[str, Any], None], ...]] = ()  # requirements on a system, `chain/requirement.py`
    ergodic: ClassVar[Callable[[Any], bool]] = staticmethod(lambda system: True)  # reaches every configuration
    part: ClassVar[bool] = False  # used with others, not a method by itself
    bias: ClassVar[str] = ""  # of a method that is not exact: what it has to say of its samples


class AbstractSampler(AbstractMethod):
    """One Markov chain at one temperature.  Law: `step` leaves exp(-beta E(x)) / Z invariant."""

    @abstractmethod
    def step(self, key, x: Shaped[Array, "*site"], system: Any, /) -> tuple[Shaped[Array, "*site"], Any]:
        """One sweep.  Returns x' and diagnostics, such as the acceptance."""


class AbstractEnsemble(AbstractMethod):
    """R chains at each of T temperatures, advanced together.  `system.beta` has shape [T]."""

    @abstractmethod
    def init(self, key, x: Shaped[Array, "T R *site"], system: AbstractSystem) -> Any:
        """The initial state for `step`: arrays only, so that it can be saved."""

    @abstractmethod
    def step(self, key, state: Any, system: AbstractSystem) -> tuple[Any, Any]:
        """One sweep of every chain.  Returns the new state and diagnostics."""

    @abstractmethod
    def configurations(self, state: Any) -> Shaped[Array, "T R *site"]:
        """The configurations x of the state, [T, R, *site]."""


class AbstractExchangeable(AbstractEnsemble):
    """Chains whose configurations another method may replace: by exchange, global proposals, or in a cycle."""

    @abstractmethod
    def place(self, state: Any, x: Shaped[Array, "T R *site"], system: AbstractSystem) -> Any:
        """The state with other configurations and the same adapted parameters."""


class Independent(AbstractExchangeable):
    """Independent chains: the sampler, vectorized over temperatures and chains."""

    part: ClassVar[bool] = True
    sampler: AbstractSampler

    def init(self, key, x: Shaped[Array, "T R *site"], system: AbstractSystem) -> Shaped[Array, "T R *site"]:
        """The state of independent chains, which is x itself."""
        return x

    def step(self, key, state: Shaped[Array, "T R *site"], system: AbstractSystem):
        """One sweep of every chain; diagnostics have leading axes [T, R]."""
        keys = jax.random.split(key, state.shape[:2])
        chains = jax.vmap(self.sampler.step, in_axes=(0, 0, None))
        return jax.vmap(chains, in_axes=(0, 0, over_temperature(system)))(keys, state, system)

    def configurations(self, state: Shaped[Array, "T R *site"]) -> Shaped[Array, "T R *site"]:
        return state

    def place(self, state: Shaped[Array, "T R *site"], x: Shaped[Array, "T R *site"], system: AbstractSystem):
        return x


def exchangeable(sampler: AbstractSampler | AbstractExchangeable) -> AbstractExchangeable:
    """A sampler as an ensemble of independent chains."""
    return Independent(sampler) if isinstance(sampler, AbstractSampler) else sampler


def movers(method: AbstractMethod) -> list[AbstractMethod]:
    """The samplers inside a method that move configurations: itself, or its members."""
    inside = jax.tree.leaves(method, is_leaf=lambda a: a is not method and isinstance(a, AbstractMethod))
    found = [mover for a in inside if isinstance(a, AbstractMethod) for mover in movers(a)]
    return found or [method]


def check_method(method: AbstractMethod, system: AbstractSystem) -> None:
    """Errors: InputError for a system that does not meet the requirements, or a method that is not ergodic for it."""
    require_sound_system(system)
    moves = movers(method)
    for move in moves:
        if isinstance(move, AbstractSampler):
            require_sound_step(move, system)
        for requirement in move.requires:
            requirement(snake_case(type(move).__name__), system)
    if not any(move.ergodic(system) for move in moves):
        names = " and ".join(snake_case(type(move).__name__) for move in moves)
        raise InputError(
            "moves that reach every value of a variable",
            f"{names}, which cannot for {type(system).__name__}",
            "use method='auto', or Mixed((Metropolis(), ...)) with local moves",
        )


def mean_acceptance(diagnostics: Any) -> Float[Array, " T"] | None:
    """Fraction of proposals accepted at each temperature, from the diagnostics of a step [T, ...]; None if missing.

    For diagnostics with a field `inner`, of one sampler or several, the mean over these.
    """
    acceptance = getattr(diagnostics, "acceptance", None)
    if acceptance is not None:
        return jnp.mean(acceptance.reshape(len(acceptance), -1), axis=1).astype(float)
    inner = getattr(diagnostics, "inner", None)
    if inner is None:
        return None
    known = [a for a in map(mean_acceptance, inner if type(inner) is tuple else (inner,)) if a is not None]
    return sum(known[1:], known[0]) / len(known) if known else None


def energies(x: Shaped[Array, "T R *site"], system: AbstractSystem) -> Float[Array, "T R"]:
    """E(x) of every chain, independent of beta."""
    return jax.vmap(jax.vmap(at_unit_beta(system).energy))(x)
