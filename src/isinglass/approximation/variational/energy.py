# SPDX-License-Identifier: Apache-2.0
"""<H> of a fixed state with its standard error, the variance and the V-score."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.approximation.variational.born_sampling import AbstractBornSampler
from isinglass.approximation.variational.local_energy import local_energies
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
from isinglass.result import Estimate
from isinglass.stats.resampling import mean_over_groups
from isinglass.systems.quantum.hamiltonian import Hamiltonian

__all__ = ["Energy", "measure"]


class Energy(NamedTuple):
    """<H> in a fixed state."""

    energy: Estimate  # its error from the spread of the chains: right for any autocorrelation
    variance: Estimate  # <H²> - <H>², zero for an eigenstate
    v_score: float  # N Var H / <H>², comparable between systems (Wu et al. 2024, arXiv:2302.04919)
    local: Float[np.ndarray, "R D"]  # Re E_loc of every sample, a row for each chain

    def estimates(self) -> dict[str, Estimate]:
        """Name -> estimate, as a result prints them."""
        return {
            "ground_state_energy": self.energy,
            "energy_variance": self.variance,
            "v_score": Estimate(self.v_score),
        }


def measure(
    key: Key[Array, ""],
    hamiltonian: Hamiltonian,
    sampler: AbstractBornSampler,
    psi: AbstractQuantumState,
    memory: Any = None,
    *,
    rounds: int = 8,
    chunk: int | None = None,
) -> Energy:
    """`rounds` times the samples of a step, after a warm-up as long; `memory`: where the chains begin.

    Law: <H> is never below E_0 but by chance; the error is that of chains independent of one another.
    Errors: ValueError for chains that begin outside the sector, where they would stay.
    """
    if memory is None:
        memory = sampler.init(jax.random.fold_in(key, 0), hamiltonian.space)
    hamiltonian.space.require(memory)
    drawn, weights = drawn_energies(key, hamiltonian, sampler, psi, memory, rounds, chunk)
    E: Any = np.asarray(drawn)
    if weights is not None:
        w: Any = np.asarray(weights)
        mean = w @ E.ravel()
        energy, variance = Estimate(float(mean.real), 0.0), Estimate(float(w @ np.abs(E.ravel() - mean) ** 2), 0.0)
    else:
        energy = estimated(E.real.mean(1))
        variance = estimated((np.abs(E - E.mean()) ** 2).mean(1))
    return Energy(energy, variance, hamiltonian.space.n_sites * variance.value / energy.value**2, E.real)


def estimated(means: Float[np.ndarray, " R"]) -> Estimate:
    """Energy, variance and V-score from the means of the chains."""
    value, error = mean_over_groups(jnp.asarray(means))
    return Estimate(float(value), float(error))


@eqx.filter_jit
def drawn_energies(key, hamiltonian, sampler, psi, memory, rounds: int, chunk: int | None):
    """Local energies [R, D] and weights; one round where nothing is random."""
    space = hamiltonian.space

    def one(memory, key):
        drawn, memory = sampler.draw(key, psi, memory, space)
        n = drawn.n.reshape(-1, space.n_sites)
        return memory, (local_energies(hamiltonian, psi, n, chunk).reshape(drawn.n.shape[:2]), drawn.weights)

    def warm(memory, key):
        return sampler.draw(key, psi, memory, space)[1], None

    key_warm, key_draw = jax.random.split(jax.random.fold_in(key, 1))
    memory, _ = jax.lax.scan(warm, memory, jax.random.split(key_warm, rounds))
    _, (E, weights) = jax.lax.scan(one, memory, jax.random.split(key_draw, rounds))
    if weights is not None:
        return E[0], weights[0]
    return jnp.moveaxis(E, 0, 1).reshape(E.shape[1], -1), None
