# SPDX-License-Identifier: Apache-2.0
"""What may be given as an ansatz: a word, an untrained state, a function key -> state."""

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING, Any

from isinglass import approximation, nets
from isinglass.errors import InputError
from isinglass.nets.wavefunction.listing import ansaetze
from isinglass.tasks.task import described

if TYPE_CHECKING:
    from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
    from isinglass.systems.quantum.hamiltonian import Hamiltonian
    from isinglass.systems.quantum.hilbert_space import HilbertSpace

    Ansatz = str | AbstractQuantumState | Callable[[Any], AbstractQuantumState]
else:
    Ansatz = Any

__all__ = ["Ansatz", "ansatz_words", "name_of", "untrained"]


def ansatz_words() -> list[str]:
    """The names of ansaetze; `exact` is Lanczos."""
    return [*ansaetze(), "exact"]


def untrained(
    key: Any, ansatz: Ansatz, hamiltonian: "Hamiltonian", alpha: float | None, *, usual: float = 1.0,
    stoquastic: bool, lattice: tuple[int, ...] | None,
) -> "AbstractQuantumState":  # fmt: skip
    """The state for a Hamiltonian; `usual`: the width where none is given.

    Errors: InputError for what is none of the three, a state of another space, or a width beside a state.
    """
    require_lattice(lattice, hamiltonian.space.n_sites)
    if isinstance(ansatz, str):
        width = usual if alpha is None else alpha
        return approximation.neural_state(key, hamiltonian, ansatz, width, stoquastic=stoquastic, lattice=lattice)
    if alpha is not None:
        raise InputError("alpha with the name of an ansatz", f"it with {name_of(ansatz)}", "leave it out")
    state = nets.wavefunction.quantum_state.AbstractQuantumState
    psi = ansatz if isinstance(ansatz, state) or not callable(ansatz) else ansatz(key)
    if not isinstance(psi, state):
        expected = "an ansatz: a word, a quantum state, or a function of a key that makes one"
        raise InputError(expected, described(psi), "derive it from AbstractQuantumState")
    require_fit(psi, hamiltonian.space)
    return psi


def require_lattice(lattice: Any, n_sites: int) -> None:
    """Errors: InputError where the sides of the torus do not multiply to the number of sites."""
    sides = lattice if isinstance(lattice, list | tuple) else ()
    if lattice is not None and (not all(isinstance(L, int) for L in sides) or not sides or prod(sides) != n_sites):
        raise InputError(f"lattice, the sides of a torus of {n_sites} sites", f"{lattice}", "leave it out for a ring")


def require_fit(psi: "AbstractQuantumState", space: "HilbertSpace") -> None:
    """Errors: InputError where ln ψ(x) of a configuration of this space is no number."""
    import equinox as eqx
    import jax
    import jax.numpy as jnp

    x = jax.ShapeDtypeStruct((space.n_sites,), jnp.result_type(float))
    try:
        shape = eqx.filter_eval_shape(lambda psi, x: psi.log_psi(x), psi, x).shape
    except Exception as error:  # whatever a state may raise
        shape = str(error).splitlines()[0]
    if shape != ():
        expected = f"a state whose log_psi gives a number for {space.n_sites} sites"
        raise InputError(expected, f"{name_of(psi)}, which gives {shape}", "make it for this space")


def name_of(ansatz: Ansatz) -> str:
    """Its name, or that of its class or function."""
    return ansatz if isinstance(ansatz, str) else getattr(ansatz, "__name__", type(ansatz).__name__)
