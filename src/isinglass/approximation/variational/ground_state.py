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
from jaxtyping import Array, Bool, Float, Key

from isinglass.approximation.exact.exact_diagonalization import Block, MatrixFree
from isinglass.approximation.exact.lanczos import lowest
from isinglass.approximation.variational.ansatz import SUMMED
from isinglass.approximation.variational.born_sampling import (
    AbstractBornSampler,
    Direct,
    FullSummation,
    MarkovChains,
    Tempered,
)
from isinglass.approximation.variational.markov_chain import (
    AbstractMove,
    Exchange,
    Flip,
    HamiltonianMove,
    Hop,
    bonds_of,
    move_for,
)
from isinglass.approximation.variational.marshall import nearest_rule, rotated, sign_rule
from isinglass.approximation.variational.stochastic_reconfiguration import HeavyBall, StochasticReconfiguration
from isinglass.approximation.variational.update_rule import AbstractOptimizer, GradientDescent
from isinglass.approximation.variational.variational_monte_carlo import (
    Optimized,
    VariationalMonteCarlo,
    Watch,
    optimize,
)
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
    "optimizer_for",
    "prepared",
    "product",
    "projected",
    "sampler_for",
    "without_signs",
]

SMALL = 1 << 16  # largest space that is diagonalized by default
SHIFT = 1e-3  # λ of stochastic reconfiguration
RATE = 0.07  # steps of imaginary time, in units of √N/σ, σ the width of the spectrum; σ/√N is the energy of a site
SUMMED_RATE = 0.1
ADAM_RATE = 1e-2
WINDOW = 50  # steps whose mean energies are compared
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
    rule: Bool[np.ndarray, " N"] | None = None  # A: ψ = (-1)^{Σ_{i in A} n_i} φ, φ the ground state of the Hamiltonian


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
        return Setup(hamiltonian if rule is None else rotated(hamiltonian, rule), False, None, rule)  # noqa: FBT003
    moved = None if numbers is None or rule is None else rotated_numbers(numbers, rule, hamiltonian.space)
    if rule is None or (numbers is not None and moved is None):
        return Setup(hamiltonian, stoquastic=False, numbers=numbers)
    trivial = moved is None or (moved.spin_flip >= 0 and np.abs(moved.character - 1).max() < 1e-9)
    return Setup(rotated(hamiltonian, rule), signs == "auto" and bool(trivial), moved, rule)


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
    shift: float | None = None, sampler: AbstractBornSampler | AbstractMove | str = "auto",
    optimizer: AbstractOptimizer | str = "auto", chunk: int | None = None, summed: bool = False,
    chains: int | None = None, sweep: int | None = None,
) -> VariationalMonteCarlo:  # fmt: skip
    """A sampler and an optimizer, by their words or as they are; `summed`: auto is the sum over all states.

    Law: the same method for H and H + c.
    """
    if not isinstance(sampler, AbstractBornSampler):
        word = "full-sum" if summed and sampler == "auto" else sampler
        sampler = sampler_for(hamiltonian, psi, samples, word, chains=chains, sweep=sweep)
    elif chains is not None or sweep is not None:
        raise InputError("chains and sweep, or a sampler of your own", "both", "give them to the sampler")
    if isinstance(optimizer, str):
        exact = isinstance(sampler, FullSummation)
        optimizer = optimizer_for(hamiltonian, steps, optimizer, rate=rate, shift=shift, exact=exact)
    return VariationalMonteCarlo(hamiltonian, sampler, optimizer, chunk=chunk)


def optimizer_for(
    hamiltonian: Hamiltonian, steps: int, word: str = "auto", *, rate: float | None = None, shift: float | None = None,
    exact: bool = False,
) -> AbstractOptimizer:  # fmt: skip
    """The update rule of a word; `exact`: averages without noise, for which auto has inertia, else it is spring.

    Steps fit the width of the spectrum, but for adam, and fall to zero as a cosine: constant ones end in the noise of
    their samples.
    Errors: InputError for inertia with noise, or a shift of a plain gradient.
    """
    word = ("heavy-ball" if exact else "spring") if word == "auto" else word
    unit = ADAM_RATE if word == "adam" else (SUMMED_RATE if exact else RATE) * imaginary_time(hamiltonian)
    schedule = optax.cosine_decay_schedule(unit if rate is None else rate, max(1, steps))
    if word in ("adam", "sgd"):
        if shift is not None:
            raise InputError("shift with stochastic reconfiguration", f"it with {word}", "leave it out")
        return GradientDescent(optax.adam(schedule) if word == "adam" else optax.sgd(schedule))
    given = SHIFT if shift is None else shift
    if word == "heavy-ball":
        if not exact:
            raise InputError("heavy-ball with sums over all states", "it with samples", "use spring, or full-sum")
        return HeavyBall(schedule, given)
    momentum = 0.9 if word == "spring" else 0.0
    return StochasticReconfiguration(schedule, given, momentum, form="kernel" if word == "minsr" else "shape")


def sampler_for(
    hamiltonian: Hamiltonian, psi: AbstractQuantumState, samples: int, word: str | AbstractMove = "auto", *,
    chains: int | None = None, sweep: int | None = None,
) -> AbstractBornSampler:  # fmt: skip
    """The sampler of a word; auto: direct samples of a state that has them, else chains, as many as samples.

    Errors: InputError for moves that leave the sector or stay in one of several, for direct samples of a state that has
    none, chains of what has none, a space too large for a sum.
    """
    direct = isinstance(psi, AbstractDirectState)
    word = ("direct" if direct and chains is None and sweep is None else "chains") if word == "auto" else word
    if word in ("direct", "full-sum"):
        if chains is not None or sweep is not None:
            raise InputError("chains and sweep with a sampler of Markov chains", f"them with {word}", "leave them out")
        if word == "full-sum":
            return FullSummation(hamiltonian.space)
        if not direct:
            raise InputError("a state that is sampled directly", type(psi).__name__, "use an autoregressive ansatz")
        return Direct(samples)
    many = min(chains or samples, samples)
    if samples % many:
        raise InputError(
            f"chains that divide {samples} samples", f"{many}", f"use {np.gcd(samples, many)}, for example"
        )
    move = word if isinstance(word, AbstractMove) else move_of(hamiltonian, word)
    kind = Tempered if word == "tempered" else MarkovChains
    return kind(move, samples=samples, chains=many, sweep=sweep)


def move_of(hamiltonian: Hamiltonian, word: str) -> AbstractMove:
    """The moves of a word; those that fit the sector for chains and tempered ones.

    Errors: InputError for moves that do not fit the space.
    """
    space = hamiltonian.space
    if word == "local":
        if space.conserved:
            raise InputError("moves that stay in the sector", "local flips, which leave it", "use exchange or hop")
        return Flip()
    if word in ("exchange", "hop"):
        if not space.conserved:
            found = f"{word} in a space whose sums are open"
            raise InputError("moves that reach every sector", found, "use local, or fix magnetization or particles")
        if word == "exchange" and space.levels > 2:
            raise InputError("moves that reach every state of these sites", "exchanges of their levels", "use hop")
        return Exchange(bonds_of(hamiltonian)) if word == "exchange" else Hop(bonds_of(hamiltonian))
    if word == "hamiltonian":
        if not len(hamiltonian.moved):
            raise InputError("a Hamiltonian that moves", "a diagonal one", "use local, or leave the sampler out")
        return HamiltonianMove(hamiltonian)
    return move_for(hamiltonian)


def optimized(
    key: Key[Array, ""], vmc: VariationalMonteCarlo, psi: AbstractQuantumState, recipe: GroundStateRecipe, *,
    every: int = WINDOW, watch: Watch | None = None, checkpoint: Path | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> Optimized:  # fmt: skip
    """The steps of the recipe; its tolerance beside |E - E_∞|; sums over all states end at an eigenstate.

    That is, once √Var H is below σ by the stated accuracy.  `watch` looks at the state `every` steps.
    """
    spectrum = infinite_temperature(jax.random.key(0), vmc.hamiltonian)
    spread = recipe.accuracy * spectrum.width if isinstance(vmc.sampler, FullSummation) else 0.0
    return optimize(
        key, vmc, psi, recipe.steps, block_steps=every, window=WINDOW, tolerance=recipe.tolerance,
        zero=spectrum.energy, spread=spread, watch=watch, checkpoint=checkpoint, progress=progress,
    )  # fmt: skip


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
