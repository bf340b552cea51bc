# SPDX-License-Identifier: Apache-2.0
"""What may be given as an ansatz: a word, an untrained state, a function key -> state."""

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING, Any

from isinglass import approximation, nets
from isinglass.errors import InputError
from isinglass.nets.wavefunction.listing import ansaetze
from isinglass.run.class_name import is_foreign
from isinglass.tasks.task import described

if TYPE_CHECKING:
    from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
    from isinglass.systems.quantum.hamiltonian import Hamiltonian

    Ansatz = str | AbstractQuantumState | Callable[[Any], AbstractQuantumState]
else:
    Ansatz = Any

WALK = 1e-3  # relative deviation of a walker's ratios, so that single precision passes

__all__ = ["Ansatz", "ansatz_words", "name_of", "untrained"]


def ansatz_words() -> list[str]:
    """The names of ansaetze; `auto`: one that fits the Hamiltonian; `exact` is Lanczos."""
    return ["auto", *ansaetze(), "exact"]


def untrained(
    key: Any, ansatz: Ansatz, hamiltonian: "Hamiltonian", alpha: float | None, *, usual: float = 1.0,
    stoquastic: bool, lattice: tuple[int, ...] | None, scale: float = 0.01,
) -> "AbstractQuantumState":  # fmt: skip
    """The state for a Hamiltonian; `usual`: the width where none is given; `scale`: of its weights.

    Errors: InputError for what is none of the three, a state of another space, or a width beside a state.
    """
    require_lattice(lattice, hamiltonian.space.n_sites)
    if ansatz == "auto":
        ansatz = approximation.variational.ansatz.chosen(hamiltonian, stoquastic=stoquastic, free=False).word
    if isinstance(ansatz, str):
        width = usual if alpha is None else alpha
        return approximation.neural_state(
            key, hamiltonian, ansatz, width, stoquastic=stoquastic, lattice=lattice, scale=scale
        )
    if alpha is not None:
        raise InputError("alpha with the name of an ansatz", f"it with {name_of(ansatz)}", "leave it out")
    psi = given(key, ansatz)
    require_fit(psi, hamiltonian)
    return psi


def given(key: Any, ansatz: Any) -> "AbstractQuantumState":
    """A state as it is, or what a function of the key makes.

    Errors: InputError for anything else, a function that raises included.
    """
    state = nets.wavefunction.quantum_state.AbstractQuantumState
    expected = "an ansatz: a word, a quantum state, or a function of a key that makes one"
    advice = "derive it from AbstractQuantumState"
    psi = ansatz
    if callable(ansatz) and not isinstance(ansatz, state):
        try:
            psi = ansatz(key)
        except Exception as error:  # whatever a user's function may raise: most often it is one of configurations
            found = f"{name_of(ansatz)}, which raises {type(error).__name__} when it is given a key"
            raise InputError(expected, found, advice) from error
    if not isinstance(psi, state):
        raise InputError(expected, described(psi), advice)
    return psi


def require_lattice(lattice: Any, n_sites: int) -> None:
    """Errors: InputError where the sides of the torus do not multiply to the number of sites."""
    sides = lattice if isinstance(lattice, list | tuple) else ()
    if lattice is not None and (not all(isinstance(L, int) for L in sides) or not sides or prod(sides) != n_sites):
        raise InputError(f"lattice, the sides of a torus of {n_sites} sites", f"{lattice}", "leave it out for a ring")


def require_fit(psi: "AbstractQuantumState", hamiltonian: "Hamiltonian") -> None:
    """Errors: InputError where ln ψ(x) is no number, nothing can be trained, or a foreign walker is not that of ψ."""
    import equinox as eqx
    import jax
    import jax.numpy as jnp

    numbers = sorted({str(a.dtype) for a in jax.tree.leaves(psi) if eqx.is_inexact_array(a)})
    if not numbers or not set(numbers) <= {"float32", "float64", "complex64", "complex128"}:
        expected = "a state with parameters to train, of single or double precision"
        raise InputError(expected, f"{name_of(psi)} with {', '.join(numbers) or 'none'}", "make its arrays float64")
    N = hamiltonian.space.n_sites
    x = jax.ShapeDtypeStruct((N,), jnp.result_type(float))
    try:
        shape = eqx.filter_eval_shape(lambda psi, x: psi.log_psi(x), psi, x).shape
    except Exception as error:  # whatever a state may raise
        shape = str(error).splitlines()[0]
    if shape != ():
        expected = f"a state whose log_psi gives a number for {N} sites"
        raise InputError(expected, f"{name_of(psi)}, which gives {shape}", "make it for this space")
    if is_foreign(psi):
        off = float(approximation.variational.markov_chain.walk_error(jax.random.key(0), psi, hamiltonian))
        if not off < WALK:
            expected = "a walker with the ratios of log_psi"
            raise InputError(
                expected, f"that of {name_of(psi)}, which differ by {off:.1g}", "change it, or use PlainWalker"
            )


def name_of(ansatz: Any) -> str:
    """Its name, or that of its class or function."""
    return ansatz if isinstance(ansatz, str) else getattr(ansatz, "__name__", type(ansatz).__name__)
