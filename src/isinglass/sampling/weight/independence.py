# SPDX-License-Identifier: Apache-2.0
"""Independence Metropolis: proposals from a density q, accepted so that exp(-beta E)/Z is left invariant.

Accept x' ~ q with probability min(1, w(x')/w(x)), w = exp(-beta E)/q: Hastings' rule for q independent of x.
Refs: Hastings 1970, doi:10.1093/biomet/57.1.97; flow-based lattice sampling: Albergo et al. 2019, arXiv:1904.12072.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key, Shaped

from isinglass.nets.density import AbstractDensity
from isinglass.sampling.chain.sampler import AbstractExchangeable, AbstractSampler
from isinglass.sampling.weight.importance import Weighted, importance_sample, log_target
from isinglass.systems.system import AbstractSystem, over_temperature

__all__ = [
    "CorrectedChains",
    "Independence",
    "IndependenceMove",
    "acceptance",
    "accepts",
    "metropolis_sample",
    "metropolize",
]


class IndependenceState(NamedTuple):
    """The state of all chains between two steps."""

    x: Shaped[Array, "T R *site"]
    log_weight: Float[Array, "T R"]  # ln w(x), stored so that it is not computed twice


class IndependenceDiagnostics(NamedTuple):
    """Diagnostics of a step."""

    acceptance: Float[Array, "*chains"]  # share of the proposals accepted


def acceptance(new: Float[Array, "*n"], old: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """A(x → x') = min(1, w'/w), from ln w' and ln w.

    Law: q(x) w(x) q(x') A(x → x') is symmetric.  A proposal outside the support of p (ln w' = -inf) or whose weight is
    not a number is never accepted; a chain that starts at one accepts the first valid proposal.
    """
    old = jnp.where(old > -jnp.inf, old, jnp.finfo(old.dtype).min)
    return jnp.where(new > -jnp.inf, jnp.exp(jnp.minimum(new - old, 0.0)), 0.0)


def accepts(u: Float[Array, "*n"], new: Float[Array, "*n"], old: Float[Array, "*n"]) -> Bool[Array, "*n"]:
    """True with probability A, for u uniform on [0, 1)."""
    return u < acceptance(new, old)


class Independence(AbstractExchangeable):
    """R chains at each temperature with proposals from `model`, sampled for all chains at once.

    The chains start from samples of the model.  `proposals` is the number per chain and step: more than one fills the
    device where there are few chains.  `chunk` limits how many are in memory at once.
    Law: stationary distribution exp(-beta E)/Z; the rate of convergence is 1 - min q/p.
    """

    model: AbstractDensity
    proposals: int = 1
    chunk: int | None = None

    def init(self, key: Key[Array, ""], x: Shaped[Array, "T R *site"], system: AbstractSystem) -> IndependenceState:
        """Samples of the model, in place of x, with their ln w."""
        samples, log_weight = self.propose(key, x.shape[:2], system)
        return IndependenceState(samples.astype(x.dtype), log_weight)

    def place(
        self, state: IndependenceState, x: Shaped[Array, "T R *site"], system: AbstractSystem
    ) -> IndependenceState:
        """Chains at x, with ln w computed anew.  Cost: one density and one energy per chain."""
        number = jax.eval_shape(self.model.draw, jax.random.key(0)).dtype
        log_q = over(self.model.log_prob, x.astype(number).reshape(-1, *x.shape[2:]), self.chunk).astype(float)
        return IndependenceState(x, log_targets(system, x) - log_q.reshape(x.shape[:2]))

    def propose(self, key: Key[Array, ""], shape: tuple[int, ...], system: AbstractSystem) -> tuple[Array, Array]:
        """Proposals x ~ q and their ln w, with leading axes `shape` = [T, ...]."""
        keys = jax.random.split(key, shape)
        x, log_q = over(self.model.draw_with_log_prob, keys.reshape(-1), self.chunk)
        x, log_q = x.reshape(*shape, *x.shape[1:]), log_q.astype(float).reshape(shape)
        together = x.reshape(shape[0], -1, *x.shape[len(shape) :])
        return x, log_targets(system, together).reshape(shape) - log_q

    def step(
        self, key: Key[Array, ""], state: IndependenceState, system: AbstractSystem
    ) -> tuple[IndependenceState, IndependenceDiagnostics]:
        """`proposals` proposals for every chain, accepted or rejected one after the other."""
        key_propose, key_accept = jax.random.split(key)
        shape = (*state.log_weight.shape, self.proposals)
        x, log_weight = self.propose(key_propose, shape, system)
        u = jax.random.uniform(key_accept, shape)
        select = jax.vmap(jax.vmap(choose))
        chosen, log_weight, share = select(u, log_weight, state.log_weight)
        take = jax.vmap(jax.vmap(lambda old, new, i: jnp.where(i < 0, old, new[i])))
        return IndependenceState(take(state.x, x.astype(state.x.dtype), chosen), log_weight), IndependenceDiagnostics(
            share
        )

    def configurations(self, state: IndependenceState) -> Shaped[Array, "T R *site"]:
        return state.x


class IndependenceMove(AbstractSampler):
    """A global move: one proposal of `model`, in a mixture with other samplers, so that ln w is computed anew."""

    model: AbstractDensity

    def step(
        self, key: Key[Array, ""], x: Shaped[Array, "*site"], system: AbstractSystem
    ) -> tuple[Shaped[Array, "*site"], IndependenceDiagnostics]:
        """x' ~ q accepted with probability A.  Cost: one sample and one density of the model, two energies."""
        key_propose, key_accept = jax.random.split(key)
        proposal, log_q = self.model.draw_with_log_prob(key_propose)
        here = x.astype(proposal.dtype)
        old = log_target(system, x) - self.model.log_prob(here).astype(float)
        new = log_target(system, proposal) - log_q.astype(float)
        accepted = accepts(jax.random.uniform(key_accept), new, old)
        return jnp.where(accepted, proposal.astype(x.dtype), x), IndependenceDiagnostics(accepted.astype(float))


class CorrectedChains(NamedTuple):
    """Metropolis-corrected samples of a density, with their weights and acceptances."""

    x: Shaped[np.ndarray, "R M *site"]
    log_weight: Float[np.ndarray, "R M"]
    accepted: Bool[np.ndarray, "R proposals"]  # of the proposals; the first sample of a chain is its start


def metropolis_sample(
    key: Key[Array, ""], model: AbstractDensity, system: AbstractSystem, n: int, *, chains: int = 1, **options: Any
) -> CorrectedChains:
    """Exact samples of `system` in one call: n samples of `model`, accepted or rejected along `chains` Markov chains.

    All proposals are sampled first, in chunks, by `importance_sample`.  options: chunk, mesh.
    Law: stationary distribution exp(-beta E)/Z; autocorrelated where proposals are rejected.
    """
    key_draw, key_accept = jax.random.split(key)
    weighted = importance_sample(key_draw, model, system, n - n % chains, **options)
    return metropolize(key_accept, weighted, chains)


def metropolize(key: Key[Array, ""], weighted: Weighted, chains: int = 1) -> CorrectedChains:
    """The samples of importance sampling, in their order, as proposals for `chains` Markov chains."""
    length = len(weighted.log_weight) // chains
    log_weight = jnp.asarray(weighted.log_weight[: chains * length]).reshape(chains, length)
    u = jax.random.uniform(key, (chains, length - 1))
    chosen, accepted = jax.device_get(jax.jit(jax.vmap(walk))(u, log_weight))
    row = chosen + length * np.arange(chains)[:, None]
    x = jax.tree.map(lambda leaf: leaf[row], weighted.x)
    return CorrectedChains(x, weighted.log_weight[row], accepted)


def walk(
    u: Float[Array, " proposals"], log_weight: Float[Array, " M"]
) -> tuple[Int[Array, " M"], Bool[Array, " proposals"]]:
    """Index of the proposal that one chain holds at each time, and which proposals it accepted."""

    def step(state, proposal):
        at, here = state
        i, u, new = proposal
        accepted = accepts(u, new, here)
        state = jnp.where(accepted, i, at), jnp.where(accepted, new, here)
        return state, (state[0], accepted)

    first = jnp.zeros((), jnp.int32)
    rest = jnp.arange(1, log_weight.shape[0], dtype=jnp.int32)
    _, (at, accepted) = jax.lax.scan(step, (first, log_weight[0]), (rest, u, log_weight[1:]))
    return jnp.concatenate([first[None], at]), accepted


def choose(
    u: Float[Array, " B"], log_weight: Float[Array, " B"], here: Float[Array, ""]
) -> tuple[Int[Array, ""], Float[Array, ""], Float[Array, ""]]:
    """Index of the last accepted of B proposals (-1: none), ln w there, and the fraction accepted."""
    at, accepted = walk(u, jnp.concatenate([here[None], log_weight]))
    last = at[-1] - 1
    return last, jnp.where(last < 0, here, log_weight[last]), jnp.mean(accepted.astype(float))


def log_targets(system: AbstractSystem, x: Shaped[Array, "T R *site"]) -> Float[Array, "T R"]:
    """-beta E(x) of every chain, each at its temperature."""
    return jax.vmap(lambda s, x: jax.vmap(partial(log_target, s))(x), in_axes=(over_temperature(system), 0))(system, x)


def over(f: Any, x: Shaped[Array, "n *site"], chunk: int | None) -> Any:
    """f(x) for each row: all at once, or `chunk` at a time."""
    return jax.vmap(f)(x) if chunk is None or chunk >= x.shape[0] else jax.lax.map(f, x, batch_size=chunk)
