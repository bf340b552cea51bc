# SPDX-License-Identifier: Apache-2.0
"""<H> of a fixed state with its standard error, the variance and the V-score."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.approximation.variational.born_sampling import AbstractBornSampler
from isinglass.approximation.variational.local_energy import local_energies
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
from isinglass.result import Estimate
from isinglass.stats.resampling import mean_over_groups
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.infinite_temperature import infinite_temperature

__all__ = ["Energy", "averaged", "expected_values", "local_values", "measure"]

MOST = 8  # times that it is measured, while its error is too large
AT_ONCE = 4096  # samples whose local estimators are taken at a time


class Energy(NamedTuple):
    """<H> in a fixed state."""

    energy: Estimate  # its error from the spread of the chains: right for any autocorrelation
    variance: Estimate  # <H²> - <H>², zero for an eigenstate
    infinite: float  # E_∞ = tr H / dim of the space: what <H> is counted from, so that no constant in H counts
    local: Float[np.ndarray, "R D"]  # Re E_loc of every sample, a row for each chain
    n: Int[np.ndarray, "R D N"]  # the samples
    weights: Float[np.ndarray, " R*D"] | None  # None: all equal
    acceptance: float

    @property
    def v_score(self) -> float:
        """N Var H / (<H> - E_∞)², comparable between systems (Wu et al. 2024, arXiv:2302.04919)."""
        depth = self.energy.value - self.infinite
        return self.n.shape[-1] * self.variance.value / depth**2 if depth else np.inf

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
    enough: Callable[[Estimate], bool] = lambda energy: True,
) -> Energy:
    """`rounds` times the samples of a step, after a warm-up as long; `memory`: where the chains begin.

    Again, up to 8 times in all, until the energy is precise `enough`.
    Law: <H> is never below E_0 but by chance; the error is that of chains independent of one another.
    Errors: ValueError for chains that begin outside the sector, where they would stay.
    """
    if memory is None:
        memory = sampler.init(jax.random.fold_in(key, 0), hamiltonian.space)
    hamiltonian.space.require(memory)
    infinite, drawn = infinite_temperature(jax.random.fold_in(key, 2), hamiltonian).energy, []
    for again in range(MOST):
        key_draw = jax.random.fold_in(key, 1) if not again else jax.random.fold_in(key, 2 + again)
        *more, weights, acceptance, memory = drawn_energies(key_draw, hamiltonian, sampler, psi, memory, rounds, chunk)
        drawn.append([np.asarray(a) for a in more])
        parts: Any = [np.concatenate(each, axis=1) for each in zip(*drawn, strict=True)]
        (E, n), w = parts, None if weights is None else np.asarray(weights)
        energy, variance = averaged(E, w)
        if w is not None or enough(energy):
            break
    return Energy(energy, variance, infinite, E.real, n, w, float(acceptance))


def expected_values(
    operators: Mapping[str, Hamiltonian], psi: AbstractQuantumState, n: Int[Any, "R D N"],
    weights: Float[Any, " R*D"] | None, chunk: int | None = None,
) -> dict[str, Estimate]:  # fmt: skip
    """<A> of Hermitian operators over samples that are there already, a row for each chain; errors as of the energy.

    Law: <H> is the measured energy; without error where ψ is an eigenstate of A.
    """
    w = None if weights is None else np.asarray(weights)
    return {name: averaged(a, w)[0] for name, a in local_values(operators, psi, n, chunk).items()}


def local_values(
    operators: Mapping[str, Hamiltonian], psi: AbstractQuantumState, n: Int[Any, "R D N"], chunk: int | None = None
) -> dict[str, Shaped[np.ndarray, "R D"]]:
    """A_loc(n) = Σ_n' <n|A|n'> ψ(n') / ψ(n) of every sample, for each operator."""
    local = local_estimators(dict(operators), psi, jnp.asarray(n), chunk or AT_ONCE)
    return {name: np.asarray(local[name]) for name in operators}  # in their order, which JAX does not keep


@eqx.filter_jit
def local_estimators(
    operators: dict[str, Hamiltonian], psi: AbstractQuantumState, n: Int[Array, "R D N"], chunk: int
) -> dict[str, Shaped[Array, "R D"]]:
    """The same in one program."""
    flat = n.reshape(-1, n.shape[-1])
    return {name: local_energies(A, psi, flat, chunk).reshape(n.shape[:2]) for name, A in operators.items()}


def averaged(E: Any, w: Float[np.ndarray, " RD"] | None) -> tuple[Estimate, Estimate]:
    """Energy and variance of local energies [R, D]; errors from the spread of the chains; none of sums."""
    if w is None:
        return estimated(E.real.mean(1)), estimated((np.abs(E - E.mean()) ** 2).mean(1))
    mean = w @ E.ravel()
    return Estimate(float(mean.real), 0.0), Estimate(float(w @ np.abs(E.ravel() - mean) ** 2), 0.0)


def estimated(means: Float[np.ndarray, " R"]) -> Estimate:
    """The mean of the means of the chains, and its error."""
    value, error = mean_over_groups(jnp.asarray(means))
    return Estimate(float(value), float(error))


@eqx.filter_jit
def drawn_energies(key, hamiltonian, sampler, psi, memory, rounds: int, chunk: int | None):
    """Local energies [R, D], states [R, D, N], weights, acceptance and chains; one round where nothing is random."""
    space = hamiltonian.space

    def one(memory, key):
        drawn, memory = sampler.draw(key, psi, memory, space)
        E = local_energies(hamiltonian, psi, drawn.n.reshape(-1, space.n_sites), chunk).reshape(drawn.n.shape[:2])
        return memory, (E, drawn.n.astype(jnp.int8), drawn.weights, drawn.acceptance)

    def warm(memory, key):
        return sampler.draw(key, psi, memory, space)[1], None

    key_warm, key_draw = jax.random.split(key)
    memory, _ = jax.lax.scan(warm, memory, jax.random.split(key_warm, rounds))
    memory, (E, n, weights, accepted) = jax.lax.scan(one, memory, jax.random.split(key_draw, rounds))
    if weights is not None:
        return E[0], n[0], weights[0], accepted.mean(), memory
    E, n = (jnp.moveaxis(a, 0, 1).reshape(a.shape[1], -1, *a.shape[3:]) for a in (E, n))
    return E, n, None, accepted.mean(), memory
