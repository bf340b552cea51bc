# SPDX-License-Identifier: Apache-2.0
"""The ground state of a Hamiltonian by a neural state, with the exact one beside it where the space is small."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import xarray as xr
from jaxtyping import Array, Float, Key

from isinglass.approximation.exact.exact_diagonalization import Block, MatrixFree
from isinglass.approximation.exact.lanczos import lowest
from isinglass.approximation.variational.ansatz import SUMMED
from isinglass.approximation.variational.born_sampling import AbstractBornSampler, Direct, FullSummation, MarkovChains
from isinglass.approximation.variational.markov_chain import move_for
from isinglass.approximation.variational.marshall import nearest_rule, rotated, sign_rule
from isinglass.approximation.variational.stochastic_reconfiguration import HeavyBall, StochasticReconfiguration
from isinglass.approximation.variational.update_rule import AbstractOptimizer
from isinglass.approximation.variational.variational_monte_carlo import Optimized, VariationalMonteCarlo, optimize
from isinglass.errors import InputError
from isinglass.nets.wavefunction.character_projection import CharacterProjection
from isinglass.nets.wavefunction.quantum_state import AbstractDirectState, AbstractQuantumState
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import HilbertSpace
from isinglass.systems.quantum.infinite_temperature import infinite_temperature
from isinglass.systems.quantum.quantum_numbers import QuantumNumbers, rotated_numbers
from isinglass.systems.quantum.symmetric_space import SymmetricSpace

__all__ = [
    "RECIPES",
    "GroundStateRecipe",
    "Setup",
    "exact_energy",
    "history",
    "method_for",
    "optimized",
    "prepared",
    "product",
    "projected",
    "without_signs",
]

SMALL = 1 << 16  # largest space that is diagonalized by default
SHIFT = 1e-3  # λ of stochastic reconfiguration
RATE = 0.07  # steps of imaginary time, in units of √N/σ, σ the width of the spectrum; σ/√N is the energy of a site
SUMMED_RATE = 0.1
TRIED = 64  # random basis states, to test whether a projection is zero


class GroundStateRecipe(NamedTuple):
    """Length of the optimization and width of the state, for one preset."""

    steps: int
    samples: int
    alpha: int
    tolerance: float = 0.0  # ends the run once <H> falls by less, as a share of it; 0: never
    accuracy: float = 1e-3  # the relative error of the energy that is stated


class Setup(NamedTuple):
    """The Hamiltonian, its signs rotated away if that is possible, and the quantum numbers of the wanted state."""

    hamiltonian: Hamiltonian
    stoquastic: bool  # no positive element off the diagonal, and quantum numbers of a positive state
    numbers: QuantumNumbers | None


RECIPES = {
    "smoke": GroundStateRecipe(100, 512, 1, accuracy=1e-2),
    "laptop": GroundStateRecipe(300, 1024, 1),
    "paper": GroundStateRecipe(2000, 4096, 4),
}


def without_signs(hamiltonian: Hamiltonian) -> tuple[Hamiltonian, bool]:
    """H rotated to be stoquastic, and True: its ground state is positive.  H and False where no sign rule is found."""
    rule = sign_rule(hamiltonian)
    return (hamiltonian, False) if rule is None else (rotated(hamiltonian, rule), True)


def prepared(
    hamiltonian: Hamiltonian, numbers: QuantumNumbers | None, signs: Hamiltonian | Literal["auto", "none"] = "auto"
) -> Setup:
    """`without_signs`, and the quantum numbers rotated with it; H as it is where they do not survive the rotation.

    `signs`: the Hamiltonian whose sign rule is used; auto: H itself, in large spaces the nearest rule; none: no rule.
    """
    rule = None if signs == "none" else sign_rule(hamiltonian if signs == "auto" else signs)
    if rule is None and signs == "auto" and numbers is None and hamiltonian.space.size > SUMMED:
        rule = nearest_rule(hamiltonian)
        return Setup(hamiltonian if rule is None else rotated(hamiltonian, rule), stoquastic=False, numbers=None)
    moved = None if numbers is None or rule is None else rotated_numbers(numbers, rule, hamiltonian.space)
    if rule is None or (numbers is not None and moved is None):
        return Setup(hamiltonian, stoquastic=False, numbers=numbers)
    trivial = moved is None or (moved.spin_flip >= 0 and np.abs(moved.character - 1).max() < 1e-9)
    return Setup(rotated(hamiltonian, rule), signs == "auto" and bool(trivial), moved)


def projected(key: Key[Array, ""], psi: AbstractQuantumState, space: HilbertSpace, numbers: QuantumNumbers):
    """ψ projected on its quantum numbers.

    Errors: InputError for fermions, whose permutations have signs; for a ψ of other quantum numbers.
    """
    if space.kind == "fermion":
        raise InputError("spins or bosons for a projected neural state", "fermions", "use ansatz='exact'")
    whole = CharacterProjection(psi, numbers.group.sites, numbers.character, numbers.spin_flip)
    n = jax.vmap(space.random_state)(jax.random.split(key, TRIED))
    before, after = (jax.vmap(s.log_psi)(space.variables(n, float)) for s in (psi, whole))
    if not (jnp.real(after) - jnp.real(before).max() > np.log(1e-9)).any():
        raise InputError(
            "a neural state without symmetry of its own for these quantum numbers",
            f"{type(psi).__name__}, whose projection is zero", "use ansatz='rbm', for example",
        )  # fmt: skip
    return whole


def method_for(
    hamiltonian: Hamiltonian, psi: AbstractQuantumState, samples: int, steps: int, *, rate: float | None = None,
    shift: float | None = None, sampler: AbstractBornSampler | None = None, optimizer: AbstractOptimizer | None = None,
    chunk: int | None = None, summed: bool = False,
) -> VariationalMonteCarlo:  # fmt: skip
    """Samples by the state itself or by as many chains as samples, with the moves that fit the sector.

    `summed`: sums over all states in place of samples, and steps with inertia.
    Steps fit the width of the spectrum, and fall to zero as a cosine: constant ones end in the noise of their samples.
    Law: the same method for H and H + c.
    """
    if sampler is None:
        sampler = FullSummation(hamiltonian.space) if summed else sampler_for(hamiltonian, psi, samples)
    if optimizer is None:
        unit = (SUMMED_RATE if summed else RATE) * imaginary_time(hamiltonian)
        schedule = optax.cosine_decay_schedule(unit if rate is None else rate, max(1, steps))
        given = SHIFT if shift is None else shift
        optimizer = HeavyBall(schedule, given) if summed else StochasticReconfiguration(schedule, given)
    return VariationalMonteCarlo(hamiltonian, sampler, optimizer, chunk=chunk)


def optimized(
    key: Key[Array, ""], vmc: VariationalMonteCarlo, psi: AbstractQuantumState, recipe: GroundStateRecipe, *,
    checkpoint: Path | None = None, progress: Callable[[int, int, str], None] | None = None,
) -> Optimized:  # fmt: skip
    """The steps of the recipe; its tolerance beside |E - E_∞|; sums over all states end at an eigenstate.

    That is, once √Var H is below σ by the stated accuracy.
    """
    spectrum = infinite_temperature(jax.random.key(0), vmc.hamiltonian)
    spread = recipe.accuracy * spectrum.width if isinstance(vmc.sampler, FullSummation) else 0.0
    return optimize(
        key, vmc, psi, recipe.steps, tolerance=recipe.tolerance, zero=spectrum.energy, spread=spread,
        checkpoint=checkpoint, progress=progress,
    )  # fmt: skip


def sampler_for(hamiltonian: Hamiltonian, psi: AbstractQuantumState, samples: int) -> AbstractBornSampler:
    """Direct samples of a state that has them, else chains."""
    direct = isinstance(psi, AbstractDirectState)
    return Direct(samples) if direct else MarkovChains(move_for(hamiltonian), samples, samples)


def imaginary_time(hamiltonian: Hamiltonian) -> float:
    """√N/σ, the time in which a site relaxes; 1 where all energies are equal.  Random states by a fixed key."""
    width = infinite_temperature(jax.random.key(0), hamiltonian).width
    return hamiltonian.space.n_sites**0.5 / width if width > 0 else 1.0


def exact_energy(key, hamiltonian: Hamiltonian, numbers: QuantumNumbers | None = None) -> float | None:
    """E_0 by Lanczos, where the space is small; the lowest energy with these quantum numbers."""
    if hamiltonian.space.bits > 62 or hamiltonian.space.size > SMALL:
        return None
    return float(lowest(key, product(hamiltonian, numbers)).energies[0])


def product(hamiltonian: Hamiltonian, numbers: QuantumNumbers | None) -> MatrixFree | Block:
    """H v on the space, or on the block of these quantum numbers."""
    if numbers is None:
        return MatrixFree(hamiltonian)
    return Block(hamiltonian, SymmetricSpace(hamiltonian.space, *numbers.whole()))


def history(rows: dict[str, Float[np.ndarray, " steps"]], exact: float | None) -> xr.Dataset:
    """The optimization as arrays over its steps."""
    arrays = {name: ("step", np.asarray(values)) for name, values in rows.items()}
    known = {} if exact is None else {"exact_energy": ((), exact)}
    steps = np.arange(1, len(rows["energy"]) + 1)
    return xr.Dataset({**arrays, **known}, coords={"step": steps})
