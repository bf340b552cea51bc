# SPDX-License-Identifier: Apache-2.0
"""The algebra of local operators: sums of products, without a Hilbert space.

    H = sum(-Z(i) @ Z((i + 1) % N) - h * X(i) for i in range(N))

`+ - * /` are those of the algebra, `@` is the product of operators, `dagger` the adjoint; `str(H)` writes it and
`parse` of term.py reads it.  Law: dagger(A @ B) = dagger(B) @ dagger(A); parse(str(A)) = A.
"""

from collections.abc import Callable
from functools import partial
from math import hypot
from typing import Any

import numpy as np
from jaxtyping import Complex as ComplexArray

__all__ = [
    "LETTERS",
    "Operator",
    "Sm",
    "Sp",
    "Sx",
    "Sy",
    "Sz",
    "X",
    "Y",
    "Z",
    "added",
    "b",
    "bdag",
    "c",
    "cdag",
    "identity",
    "local_matrix",
    "n",
]

Word = tuple[tuple[str, Any], ...]  # a product, left to right: (letter, site); in templates a site may be a symbol


class Operator:
    """Σ_t c_t A_t1 A_t2 ...: products of local operators ("words") with complex coefficients."""

    def __init__(self, terms: dict[Word, complex]):
        self.terms = {word: complex(c) for word, c in terms.items() if c != 0}

    def __add__(self, other):
        terms = dict(self.terms)
        for word, c in as_operator(other).terms.items():
            terms[word] = added(terms.get(word, 0j), c)
        return Operator(terms)

    def __mul__(self, number: complex):
        if isinstance(number, Operator):
            raise TypeError("Expected a number times an operator, found two operators; their product is A @ B.")
        return Operator({word: number * c for word, c in self.terms.items()})

    def __matmul__(self, other):
        terms: dict[Word, complex] = {}
        for left, a in self.terms.items():
            for right, b in as_operator(other).terms.items():
                terms[left + right] = terms.get(left + right, 0) + a * b
        return Operator(terms)

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -as_operator(other)

    def __rsub__(self, other):
        return as_operator(other) - self

    def __truediv__(self, number):
        return self * (1 / number)

    def __eq__(self, other):
        return isinstance(other, Operator) and self.terms == other.terms

    def __hash__(self):
        return hash(frozenset(self.terms.items()))

    def __str__(self):
        words = (f"{as_text(c)}{''.join(f' {a}({i})' for a, i in word)}" for word, c in self.terms.items())
        return " + ".join(words) or "0"

    @property
    def dagger(self) -> "Operator":
        """The adjoint A†: every word reversed, every letter and coefficient conjugated."""
        return Operator(
            {tuple((ADJOINT.get(a, a), i) for a, i in reversed(w)): c.conjugate() for w, c in self.terms.items()}
        )

    @property
    def sites(self) -> set[int]:
        """The sites on which the operator acts."""
        return {i for word in self.terms for _, i in word}


def added(a: complex, b: complex) -> complex:
    """The sum a + b, zero where round-off is all that is left."""
    total = a + b
    left, size = (hypot(x.real, x.imag) for x in (total, a))
    return 0j if left < 1e-15 * size else total


def as_operator(value) -> Operator:
    """An operator as it is; a number c as c times the identity."""
    return value if isinstance(value, Operator) else Operator({(): value})


def as_text(c: complex) -> str:
    """The shortest text that `parse` reads back to the same number."""
    return repr(c.real) if c.imag == 0 else repr(c)


def letter(name: str, site: int) -> Operator:
    """The local operator `name` at one site, such as Z(3)."""
    if site < 0:
        raise ValueError(f"Expected a site 0, 1, 2 ..., got {name}({site}); count sites from 0.")
    return Operator({((name, int(site)),): 1})


def lowering(d: int) -> np.ndarray:
    """b|n> = √n |n-1>, n < d."""
    return np.diag(np.sqrt(np.arange(1, d)), 1)


def spin_down(d: int) -> np.ndarray:
    """S^-|m> = √(S(S+1) - m(m-1)) |m-1>; level n is m = S - n."""
    S = (d - 1) / 2
    m = S - np.arange(d - 1)
    return np.diag(np.sqrt(S * (S + 1) - m * (m - 1)), -1)


def spin_z(d: int) -> np.ndarray:
    """S^z of the levels S, S-1 ... -S."""
    return np.diag((d - 1) / 2 - np.arange(d))


def pauli(matrix: list, d: int) -> np.ndarray:
    """A Pauli matrix.  Errors: ValueError for other than two levels."""
    if d != 2:
        raise ValueError(f"Expected two levels for a Pauli matrix, found {d}; use Sx, Sy, Sz.")
    return np.array(matrix)


LETTERS: dict[str, tuple[str, Callable[[int], np.ndarray]]] = {  # name -> (kind of space, matrix of d levels)
    "X": ("spin", partial(pauli, [[0, 1], [1, 0]])),
    "Y": ("spin", partial(pauli, [[0, -1j], [1j, 0]])),
    "Z": ("spin", partial(pauli, [[1, 0], [0, -1]])),
    "Sx": ("spin", lambda d: (spin_down(d).T + spin_down(d)) / 2),
    "Sy": ("spin", lambda d: (spin_down(d).T - spin_down(d)) / 2j),
    "Sz": ("spin", spin_z),
    "Sp": ("spin", lambda d: spin_down(d).T),
    "Sm": ("spin", spin_down),
    "b": ("boson", lowering),
    "bdag": ("boson", lambda d: lowering(d).T),
    "c": ("fermion", lowering),
    "cdag": ("fermion", lambda d: lowering(d).T),
    "n": ("particle", lambda d: np.diag(np.arange(d))),
}
ADJOINT = {"Sp": "Sm", "Sm": "Sp", "b": "bdag", "bdag": "b", "c": "cdag", "cdag": "c"}

X, Y, Z = (partial(letter, name) for name in "XYZ")
Sx, Sy, Sz, Sp, Sm = (partial(letter, name) for name in ("Sx", "Sy", "Sz", "Sp", "Sm"))
b, bdag, c, cdag, n = (partial(letter, name) for name in ("b", "bdag", "c", "cdag", "n"))
identity = Operator({(): 1})


def local_matrix(name: str, d: int) -> ComplexArray[np.ndarray, "d d"]:
    """The matrix <row| A |column> of a letter; of a fermion operator without its Jordan-Wigner string."""
    return LETTERS[name][1](d).astype(complex)
