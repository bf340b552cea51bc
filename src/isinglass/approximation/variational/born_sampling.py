# SPDX-License-Identifier: Apache-2.0
"""Basis states with the law |ψ|² / Σ|ψ|², for averages: by Markov chains, direct sampling or summation."""

from abc import abstractmethod
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key

from isinglass.approximation.variational.markov_chain import AbstractMove, sweeps
from isinglass.approximation.variational.tempering import tempered_sweep
from isinglass.nets.wavefunction.quantum_state import AbstractDirectState, AbstractQuantumState
from isinglass.systems.quantum.hilbert_space import HilbertSpace

__all__ = [
    "AbstractBornSampler",
    "BornSamples",
    "Direct",
    "FullSummation",
    "MarkovChains",
    "OrbitSummation",
    "Tempered",
]


class BornSamples(NamedTuple):
    """Samples in rows that are independent of one another: chains."""

    n: Int[Array, "R D N"]
    weights: Float[Array, " R*D"] | None  # they sum to 1; None: all equal
    acceptance: Float[Array, ""]


class AbstractBornSampler(eqx.Module):
    """Law: Σ_s w_s f(n_s) -> Σ_n |ψ(n)|² f(n) / Σ_n |ψ(n)|²."""

    @abstractmethod
    def init(self, key: Key[Array, ""], space: HilbertSpace) -> Any:
        """The state of the sampler before its first step."""

    @abstractmethod
    def draw(
        self, key: Key[Array, ""], psi: AbstractQuantumState, memory: Any, space: HilbertSpace
    ) -> tuple[BornSamples, Any]:
        """The samples of one step, and the new state of the sampler."""


class MarkovChains(AbstractBornSampler):
    """`samples` in all from `chains` chains, `sweep` proposals between two samples of one chain."""

    move: AbstractMove
    samples: int = eqx.field(static=True, default=1008)
    chains: int = eqx.field(static=True, default=1008)
    sweep: int | None = eqx.field(static=True, default=None)  # by default as many as there are sites

    def init(self, key, space):
        """Random states of the sector."""
        return jax.vmap(space.random_state)(jax.random.split(key, self.chains))

    def draw(self, key, psi, memory, space):
        """Samples of all chains, which go on from their last states."""

        def one(n, key):
            n, accepted = sweeps(key, n, psi, space, self.move, self.sweep or space.n_sites)
            return n, (n, accepted)

        n, (draws, accepted) = jax.lax.scan(one, memory, jax.random.split(key, self.samples // self.chains))
        return BornSamples(jnp.moveaxis(draws, 0, 1), None, accepted.mean()), n


class Tempered(AbstractBornSampler):
    """Parallel tempering: every chain beside chains of |ψ|^2β, β in `ladder` from 1 down, which exchange their states.

    For ψ with modes that single moves do not connect.  Cost: that of the chains, times the length of the ladder.
    Swendsen and Wang 1986, doi:10.1103/PhysRevLett.57.2607.
    """

    move: AbstractMove
    ladder: tuple[float, ...] = eqx.field(static=True, default=(1.0, 0.75, 0.5, 0.25))
    samples: int = eqx.field(static=True, default=1008)
    chains: int = eqx.field(static=True, default=252)
    sweep: int | None = eqx.field(static=True, default=None)

    def __check_init__(self):
        if self.ladder[0] != 1 or any(a <= b for a, b in zip(self.ladder, self.ladder[1:], strict=False)):
            raise ValueError(f"Expected a ladder that falls from 1, found {self.ladder}; begin it with 1.0.")

    def init(self, key, space):
        """Random states of the sector, at every rung."""
        keys = jax.random.split(key, (self.chains, len(self.ladder)))
        return jax.vmap(jax.vmap(space.random_state))(keys)

    def draw(self, key, psi, memory, space):
        """A sweep at every rung, then an exchange between neighbors; the samples are those of β = 1."""
        betas = jnp.asarray(self.ladder)

        def one(n, key):
            n, accepted = tempered_sweep(key, n, betas, psi, space, self.move, self.sweep or space.n_sites)
            return n, (n[:, 0], accepted)

        n, (draws, accepted) = jax.lax.scan(one, memory, jax.random.split(key, self.samples // self.chains))
        return BornSamples(jnp.moveaxis(draws, 0, 1), None, accepted.mean()), n


class Direct(AbstractBornSampler):
    """Independent samples from a state that is sampled directly, such as an autoregressive one."""

    samples: int = eqx.field(static=True, default=1008)

    def init(self, key, space):
        return jnp.zeros(0, jnp.int8)

    def draw(self, key, psi, memory, space):
        if not isinstance(psi, AbstractDirectState):
            raise TypeError(f"Expected a state that is sampled directly, found {type(psi).__name__}; use chains.")
        return BornSamples(psi.sample(key, self.samples)[:, None], None, jnp.ones(())), memory


class FullSummation(AbstractBornSampler):
    """Every state of a small space, with its probability: averages without noise."""

    codes: Int[Array, " size"]

    def __init__(self, space: HilbertSpace):
        self.codes = jnp.asarray(space.states())

    def init(self, key, space):
        return jnp.zeros(0, jnp.int8)

    def draw(self, key, psi, memory, space):
        n = jax.vmap(space.decode)(self.codes)
        log_psi = jax.vmap(psi.log_psi)(space.variables(n, float))
        return BornSamples(n[:, None], jax.nn.softmax(2 * jnp.real(log_psi)), jnp.ones(())), memory


class OrbitSummation(AbstractBornSampler):
    """One state of each orbit of a group of permutations, weighted with the size of its orbit: averages without noise.

    For ψ and operators that are invariant under the group, and for nothing else.
    Law: then equal to the sum over all states.
    """

    codes: Int[Array, " orbits"]
    sizes: Float[Array, " orbits"]

    def __init__(self, space: HilbertSpace, perms: Int[np.ndarray, "G N"]):
        levels = space.states()[:, None] // space.radix % space.levels
        least = np.min([levels[:, g] @ space.radix for g in perms], axis=0)
        codes, sizes = np.unique(least, return_counts=True)
        self.codes, self.sizes = jnp.asarray(codes), jnp.asarray(sizes, float)

    def init(self, key, space):
        return jnp.zeros(0, jnp.int8)

    def draw(self, key, psi, memory, space):
        """The state with the least code in each orbit."""
        n = jax.vmap(space.decode)(self.codes)
        log_p = 2 * jnp.real(jax.vmap(psi.log_psi)(space.variables(n, float))) + jnp.log(self.sizes)
        return BornSamples(n[:, None], jax.nn.softmax(log_p), jnp.ones(())), memory
