# SPDX-License-Identifier: Apache-2.0
"""What may be given as observables: {name: operator or terms}, or texts "NAME=TERMS", of the space of a Hamiltonian."""

import cmath
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from isinglass import systems
from isinglass.errors import InputError
from isinglass.tasks.task import described

ObservableTexts = tuple[str, ...]  # NAME=TERMS, of a flag that is repeated

if TYPE_CHECKING:
    from isinglass.systems.quantum.hamiltonian import Hamiltonian
    from isinglass.systems.quantum.hilbert_space import HilbertSpace
    from isinglass.systems.quantum.operator import Operator

    Observables = Mapping[str, Operator | Hamiltonian | str] | Sequence[str] | None
else:
    Observables = Any

__all__ = ["ObservableTexts", "Observables", "observable_operators"]

LONGEST = 60  # characters of a name
EXAMPLE = "write e.g. zz=Z(0) Z(1)"


def observable_operators(given: Any, space: "HilbertSpace", taken: Sequence[str] = ()) -> "dict[str, Hamiltonian]":
    """Name -> operator on the space.  `taken`: names that the result has already.

    Errors: InputError for a name that is taken, or is no name; ValueError, which names the observable, for terms that
    cannot be read, that have no adjoint, or that leave the space.
    """
    found = {}
    for name, value in pairs(given):
        check_name(name, [*taken, *(f"{t}_error" for t in taken), *found, *(f"{t}_error" for t in found)])
        found[name] = on_space(name, value, space)
    return found


def pairs(given: Any) -> list[tuple[Any, Any]]:
    """(name, value); a text without a name is its own."""
    if given is None:
        return []
    if isinstance(given, Mapping):
        return list(given.items())
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise InputError("observables, {name: operator} or texts", described(given), 'write e.g. {"zz": "Z(0) Z(1)"}')
    split = [text.partition("=") for text in texts]
    return [(name.strip(), terms) if equals else (name.strip(), name) for name, equals, terms in split]


def check_name(name: Any, taken: list[str]) -> None:
    """Errors: InputError for no name, one too long for a table, or one that is taken."""
    expected = f"the name of an observable, of at most {LONGEST} characters"
    if not isinstance(name, str) or not name or not name.isprintable():
        raise InputError(expected, repr(name)[:LONGEST], EXAMPLE)
    if len(name) > LONGEST:
        raise InputError(expected, f"one of {len(name)}, {name[:20]} ...", EXAMPLE)
    if name in taken:
        raise InputError("a name of its own for each observable", f"{name}, which is taken", "choose another name")


def on_space(name: str, value: Any, space: "HilbertSpace") -> "Hamiltonian":
    """An operator, or the terms of one, on the space."""
    made = systems.quantum.hamiltonian.Hamiltonian
    if isinstance(value, made):
        if (value.space.n_sites, value.space.levels, value.space.kind) != (space.n_sites, space.levels, space.kind):
            raise InputError(f"an observable {name} of the space of H", "one of another space", "give its operator")
        if value.space == space:
            return value
        value = value.operator
    try:
        operator = systems.quantum.term.parse(value) if isinstance(value, str) else value
        if isinstance(operator, systems.quantum.operator.Operator):
            require_finite(operator)
            return made(operator, space)
    except InputError as error:
        raise InputError(f"for observable {name} {error.expected}", error.found, error.fix) from None
    except ValueError as error:
        fix = " Of A that is not Hermitian, take (A + A†)/2 and (A - A†)/2i." if "adjoint" in str(error) else ""
        raise ValueError(f"observable {name}: {error}{fix}") from None
    raise InputError(f"an operator for {name}", described(value), "write e.g. X(0) + X(1)")


def require_finite(operator: "Operator") -> None:
    """Errors: ValueError for a coefficient that is no finite number."""
    odd = [c for c in operator.terms.values() if not cmath.isfinite(c)]
    if odd:
        raise ValueError(f"Expected finite coefficients, found {odd[0]:g}; fix this term.")
