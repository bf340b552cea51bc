# SPDX-License-Identifier: Apache-2.0
"""Cycles and random mixtures of samplers: they leave invariant what each member leaves invariant."""

from typing import Any, ClassVar, Literal, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Shaped

from isinglass.sampling.chain.sampler import AbstractExchangeable, AbstractSampler, exchangeable
from isinglass.systems.system import AbstractSystem

__all__ = ["Mixed", "MixedDiagnostics", "MixedState"]


class MixedState(NamedTuple):
    """The state of all chains between two steps."""

    x: Shaped[Array, "T R *site"]
    members: tuple[Any, ...]  # the state of each member, used for its adapted parameters alone


class MixedDiagnostics(NamedTuple):
    """Diagnostics of a sweep."""

    inner: tuple[Any, ...]  # the diagnostics of each member; empty for a random mixture


class Mixed(AbstractExchangeable):
    """Local and global moves together: `Mixed((Metropolis(), Wolff()))` flips the signs of a phi^4 field in clusters.

    `order`: `cycle` uses each member in every sweep; `random` chooses one for each sweep, with probabilities `weights`.
    Law: a cycle leaves exp(-beta E) / Z invariant without detailed balance; a mixture inherits detailed balance.
    """

    part: ClassVar[bool] = True
    members: tuple[AbstractSampler | AbstractExchangeable, ...]
    order: Literal["cycle", "random"] = eqx.field(static=True, default="cycle")
    weights: tuple[float, ...] | None = eqx.field(static=True, default=None)

    @property
    def adaptation(self) -> int:
        """Sweeps until every member is adapted; in a mixture each is used in only some of them."""
        longest = max(getattr(member, "adaptation", 0) for member in self.members)
        return longest if self.order == "cycle" else int(np.ceil(2 * longest / min(self.probabilities)))

    @property
    def probabilities(self) -> tuple[float, ...]:
        """The weights of the members, normalized to sum 1; equal by default."""
        weights = self.weights or (1.0,) * len(self.members)
        return tuple(w / sum(weights) for w in weights)

    def init(self, key, x: Shaped[Array, "T R *site"], system: AbstractSystem) -> MixedState:
        """The initial states of the members, each from the initial configurations of the one before."""
        keys, states = jax.random.split(key, len(self.members)), []
        for key_member, member in zip(keys, map(exchangeable, self.members), strict=True):
            states.append(member.init(key_member, x, system))
            x = member.configurations(states[-1]).astype(x.dtype)
        return MixedState(x, tuple(states))

    def step(self, key, state: MixedState, system: AbstractSystem) -> tuple[MixedState, MixedDiagnostics]:
        """One sweep of every member, or of one of them."""
        if self.order == "cycle":
            each = []
            for k in range(len(self.members)):
                state, diagnostics = self.use(k, jax.random.fold_in(key, k), state, system)
                each.append(diagnostics)
            return state, MixedDiagnostics(tuple(each))
        key_choice, key = jax.random.split(key)
        which = jax.random.choice(key_choice, len(self.members), p=jnp.asarray(self.probabilities))
        branches = [lambda s, k=k: self.use(k, key, s, system)[0] for k in range(len(self.members))]
        return jax.lax.switch(which, branches, state), MixedDiagnostics(())

    def use(self, k: int, key, state: MixedState, system: AbstractSystem) -> tuple[MixedState, Any]:
        """One sweep of member k."""
        member = exchangeable(self.members[k])
        inner, diagnostics = member.step(key, member.place(state.members[k], state.x, system), system)
        members = (*state.members[:k], inner, *state.members[k + 1 :])
        return MixedState(member.configurations(inner).astype(state.x.dtype), members), diagnostics

    def configurations(self, state: MixedState) -> Shaped[Array, "T R *site"]:
        return state.x

    def place(self, state: MixedState, x: Shaped[Array, "T R *site"], system: AbstractSystem) -> MixedState:
        return state._replace(x=x.astype(state.x.dtype))
