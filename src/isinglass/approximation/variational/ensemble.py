# SPDX-License-Identifier: Apache-2.0
"""What averages over |ψ|² are taken over: Markov chains, or all states of a small space, which leaves no noise."""

from abc import abstractmethod
from typing import Any, NamedTuple, cast

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.approximation.variational.born_sampling import (
    AbstractBornSampler,
    FullSummation,
    MarkovChains,
    OrbitSummation,
)
from isinglass.approximation.variational.local_energy import local_energies
from isinglass.approximation.variational.markov_chain import AbstractMove
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
from isinglass.stats.resampling import mean_over_groups
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import HilbertSpace

__all__ = [
    "AbstractBornAverage",
    "ChainAverage",
    "Summation",
    "WeightedStates",
    "chains",
    "full_summation",
    "log_amplitudes",
    "orbits",
    "sample",
]


class WeightedStates(NamedTuple):
    """Basis states that stand for |ψ|²."""

    n: Int[Array, "R D N"]  # R independent chains
    weights: Float[Array, "R D"]  # their sum is 1


class AbstractBornAverage(eqx.Module):
    """Samples of |ψ|², and averages over them.  Law: the average of 1 is 1."""

    space: eqx.AbstractVar[HilbertSpace]
    warm_up: eqx.AbstractVar[int]  # steps that are discarded at first

    @abstractmethod
    def init(self, key: Key[Array, ""]) -> Any:
        """The state of the sampler before its first step."""

    @abstractmethod
    def draw(self, key: Key[Array, ""], psi: AbstractQuantumState, memory: Any) -> tuple[WeightedStates, Any]:
        """Samples, and the new state of the sampler."""

    @abstractmethod
    def local(self, operator: Hamiltonian, psi: AbstractQuantumState, draws: WeightedStates) -> Shaped[Array, "R D"]:
        """A_loc(n) = Σ_n' <n|A|n'> ψ(n') / ψ(n) of a Hermitian A, whose average is <A>."""

    @abstractmethod
    def average(
        self, values: Shaped[Array, "R D *shape"], weights: Float[Array, "R D"]
    ) -> tuple[Shaped[Array, "*shape"], Float[Array, "*shape"]]:
        """Mean and its standard error; of complex values √(σ² of the real + σ² of the imaginary part)."""


class Summation(AbstractBornAverage):
    """States with their probabilities, all of a space or one of each orbit.  Errors are zero.  Cost: their number."""

    space: HilbertSpace
    sampler: AbstractBornSampler
    warm_up: int = eqx.field(static=True, default=0)

    def init(self, key):
        return self.sampler.init(key, self.space)

    def draw(self, key, psi, memory):
        """The same states, with new weights."""
        drawn, memory = self.sampler.draw(key, psi, memory, self.space)
        weights = cast("Array", drawn.weights)
        return WeightedStates(drawn.n, weights[:, None]), memory

    def local(self, operator, psi, draws):
        return local_energies(operator, psi, draws.n[:, 0])[:, None]

    def average(self, values, weights):
        """Σ_n p(n) a(n), with standard error 0."""
        mean = jnp.tensordot(weights.astype(values.dtype), values, axes=2)
        return mean, jnp.zeros_like(mean.real)


class ChainAverage(AbstractBornAverage):
    """Chains as variational Monte Carlo runs them; errors from their spread, right for any autocorrelation."""

    space: HilbertSpace
    sampler: AbstractBornSampler
    warm_up: int = eqx.field(static=True)
    chunk: int | None = eqx.field(static=True, default=None)

    def init(self, key):
        return self.sampler.init(key, self.space)

    def draw(self, key, psi, memory):
        """`samples` states, all of one weight."""
        drawn, memory = self.sampler.draw(key, psi, memory, self.space)
        R, D, _ = drawn.n.shape
        return WeightedStates(drawn.n, jnp.full((R, D), 1 / (R * D))), memory

    def local(self, operator, psi, draws):
        flat = draws.n.reshape(-1, draws.n.shape[-1])
        return local_energies(operator, psi, flat, self.chunk).reshape(draws.weights.shape)

    def average(self, values, weights):
        """Mean over chains of the mean of each; error from the spread of the chains."""
        means = values.mean(axis=1)
        mean, error = mean_over_groups(means.real)
        if not jnp.iscomplexobj(means):
            return mean, error
        imaginary, imaginary_error = mean_over_groups(means.imag)
        return jax.lax.complex(mean, imaginary), jnp.hypot(error, imaginary_error)


def sample(key: Key[Array, ""], ensemble: AbstractBornAverage, psi: AbstractQuantumState) -> tuple[WeightedStates, Any]:
    """Samples after a warm-up, and the state of the sampler after them."""
    n = ensemble.init(jax.random.fold_in(key, 0))
    keys = jax.random.split(jax.random.fold_in(key, 1), ensemble.warm_up + 1)
    blank = jax.tree.map(
        lambda a: jnp.zeros(a.shape, a.dtype), eqx.filter_eval_shape(ensemble.draw, keys[0], psi, n)[0]
    )
    one = lambda carry, key: (ensemble.draw(key, psi, carry[1]), None)  # noqa: E731
    return jax.lax.scan(one, (blank, n), keys)[0]


def full_summation(space: HilbertSpace) -> Summation:
    """All states of a small space, p(n) = |ψ(n)|² / Σ |ψ|²."""
    return Summation(space=space, sampler=FullSummation(space))


def orbits(space: HilbertSpace, perms: Int[np.ndarray, "G N"]) -> Summation:
    """One state of each orbit of a group of permutations, for ψ and observables that it leaves as they are."""
    return Summation(space=space, sampler=OrbitSummation(space, perms))


def chains(hamiltonian: Hamiltonian, move: AbstractMove, samples: int, chains: int, warm_up: int = 10) -> ChainAverage:
    """`samples` of `chains` chains in the space of a Hamiltonian."""
    return ChainAverage(space=hamiltonian.space, sampler=MarkovChains(move, samples, chains), warm_up=warm_up)


def log_amplitudes(
    psi: AbstractQuantumState, space: HilbertSpace, n: Int[Array, "*draw N"], chunk: int | None = None
) -> Shaped[Array, "*draw"]:
    """ln ψ(n) of many states, `chunk` at a time."""
    one = lambda n: psi.log_psi(space.variables(n, float))  # noqa: E731
    flat = n.reshape(-1, n.shape[-1])
    values = jax.vmap(one)(flat) if chunk is None else jax.lax.map(one, flat, batch_size=chunk)
    return values.reshape(n.shape[:-1])
