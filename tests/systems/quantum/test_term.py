# SPDX-License-Identifier: Apache-2.0
"""The language of terms: what is on paper is what is read, what is not in the grammar is refused; text comes back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import bosons, spins
from isinglass.systems.quantum.operator import LETTERS, Operator, X, Y, Z, c, cdag, identity, n
from isinglass.systems.quantum.term import TermParser, parse

VALUES = {
    "2 * -1 Z(0) Z(1)": -2 * Z(0) @ Z(1),
    "-Z(0) - -X(1)": -Z(0) + X(1),
    "2 -1 Z(0)": 2 * identity - Z(0),
    "1/2 X(0)": 0.5 * X(0),
    "X(0)/4 + 2/3": X(0) / 4 + identity * (2 / 3),
    "1/2 * 3 X(0)": 1.5 * X(0),
    "Z(0)**2": Z(0) @ Z(0),
    "2 ** 3 X(0)": 8 * X(0),
    "-2**2 X(0)": -4 * X(0),
    "2^3 X(0)^0": 8 * identity,
    "(X(0) + 2 Y(1))(X(0) - Z(1))": X(0) @ X(0) - X(0) @ Z(1) + 2 * Y(1) @ X(0) - 2 * Y(1) @ Z(1),
    "(n(0) - 1/2)(n(1) - 1/2)": n(0) @ n(1) - 0.5 * n(0) - 0.5 * n(1) + 0.25 * identity,
    "1/2 n(0) (n(0) - 1)": 0.5 * n(0) @ n(0) - 0.5 * n(0),
    "(X(0) + Z(0))**2": (X(0) + Z(0)) @ (X(0) + Z(0)),
    "1j cdag(0) c(1) - 1j*cdag(1) @ c(0)": 1j * cdag(0) @ c(1) - 1j * cdag(1) @ c(0),
    "(0.5-0.25j) X(0)": (0.5 - 0.25j) * X(0),
    "sqrt(2)/2 (X(0) + Z(0))": (X(0) + Z(0)) * (2**0.5 / 2),
    "pi X(0) + cos(0) Y(0)": np.pi * X(0) + Y(0),
    "exp(0.25j) cdag(0) c(1)": np.exp(0.25j) * cdag(0) @ c(1),
    "1e-300 X(0)": 1e-300 * X(0),
    ".5X(0)+1.Z ( 1 )": 0.5 * X(0) + Z(1),
    "X(0) -\n X(0)": Operator({}),
    "0": Operator({}),
    "((((X(0)))))": X(0),
}
REFUSED = {
    "": "complete the last term",
    "   ": "complete the last term",
    "X(0) *": "complete the last term",
    "X(0) +": "complete the last term",
    "-": "complete the last term",
    "(X(0)": "complete the last term",
    "@@ X(0)": "'@@' at character 1",
    "X(0) @@ X(1)": "'@@' at character 6",
    "* X(0)": r"'\*' at character 1",
    "X(0))": "at character 5",
    "X(0); Y(0)": "at character 5",
    "()": "at character 2",
    "2 ** 3 ** 2": "at character 8",
    "X(0) ** -1": "'-1' at character 9",
    "X(0) ** 2.5": "before a number",
    "X(0) ** 65": "at most 64",
    "X(0) ** 1000000000000000000000000": "at most 64",
    "(X(0) + Y(0))**64": "letters",
    "0.5 0.5 X(0)": "before a number",
    "X(0) 2": "before a number",
    "1.2.3 X(0)": "before a number",
    "nan X(0)": "'nan' at character 1",
    "inf X(0)": "'inf' at character 1",
    "1e999": "that a double can hold",
    "1e400 X(0)": "that a double can hold",
    "1e-400 X(0)": "that a double can hold",
    "1e200 * 1e200 X(0)": "that a double can hold",
    "1e-200 * 1e-200 X(0)": "zero by rounding",
    "1e-200 X(0) 1e-200": "before a number",
    "(1e-200 X(0)) (1e-200 X(1))": "zero by rounding",
    "(1e200 X(0)) (1e200 X(1))": "that a double can hold",
    "1e308 X(0) + 1e308 X(0)": "that a double can hold",
    "exp(1000) X(0)": "that a double can hold",
    "1/0 X(0)": "not zero",
    "X(0)/X(1)": "division by a number",
    "sqrt(X(0))": "sqrt of an operator",
    "Q(1)": r"'Q\(1\)' at character 1",
    "sz(0)": "did you mean Sz",
    "x(0)": "did you mean X",
    "X": r"write X\(3\)",
    "X()": "a site in the brackets",
    "X(-1)": "a site in the brackets",
    "X(1.5)": "a site in the brackets",
    "X(1e2)": "a site in the brackets",
    "X(0, 1)": "a spin: up, down or s",
    "n(up)": "a spin: up, down or s",
    "n(0, up)": "sites by number",
    "X(i)": "sites by number",
    "X(i+1)": "sites by number",
    "X(k)": "'k'",
    "X(99999999999999999999)": "20 digits",
    "2 i X(0)": "in the brackets of operators",
    "J X(0)": "'J' at character 1",
    "1_000 X(0)": "'_000'",
    "0x10 X(0)": "'x10'",
    "Z(٣)": "a site in the brackets",
    "X(0)\x00": "at character 5",
    "__import__('os')": "at character",
    "X(0) if 1 else 2": "before a number",
    "(" * 100_000: "complete the last term",
    "-" * 10_000: "complete the last term",
}


@pytest.mark.parametrize("text", VALUES)
def test_what_is_on_paper_is_what_is_read(text):
    assert parse(text) == VALUES[text]


@pytest.mark.parametrize("text", REFUSED, ids=lambda t: t[:30])
def test_what_is_not_in_the_grammar_is_refused_in_one_line(text):
    with pytest.raises(ValueError, match=REFUSED[text]) as caught:
        parse(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


numbers = st.complex_numbers(allow_nan=False, allow_infinity=False)
words = st.lists(st.tuples(st.sampled_from(sorted(LETTERS)), st.integers(0, 10**6)), max_size=4).map(tuple)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(words, numbers, max_size=5))
def test_text_of_an_operator_is_that_operator(terms):
    """Also of tiny, huge, negative and imaginary coefficients, of zero and of the identity."""
    assert parse(str(Operator(terms))) == Operator(terms)


def test_constants_stand_for_numbers_and_entries():
    read = TermParser({"J": 2.0, "h": np.array([1.0, 3.0])}, ["h"])
    assert read("J(X(0) + X(1)) - 3J Z(0) - h(1) Y(0)") == 2 * X(0) + 2 * X(1) - 6 * Z(0) - 3 * Y(0)
    for text, message in {
        "J(0) X(0)": "one number",
        "h X(0)": r"h\(i\)",
        "h(2)": "sites 0 to 1",
        "h(0, 1)": "1 sites",
    }.items():
        with pytest.raises(ValueError, match=message):
            read(text)


@pytest.mark.parametrize("scale", [1e-200, 1e-20, 1.0, 1e200])
def test_no_coupling_is_too_small(scale):
    """H -> scale H keeps every move and the question whether it is Hermitian; what cancels to round-off is gone."""
    terms = {word: v * scale for word, v in (0.1 * X(0) @ X(1) + 0.3 * Y(1) + 0.2 * Z(0)).terms.items()}
    made = Hamiltonian(Operator(terms), spins(2))
    assert len(made.moves.c) == 2
    assert not made.is_real
    with pytest.raises(ValueError, match="adjoint"):
        Hamiltonian(1j * scale * X(0), spins(1))
    left = Hamiltonian(scale * (0.1 * X(0) + 0.2 * X(0) - 0.3 * X(0) + Z(0)), spins(1))
    assert len(left.moves.c) == 0


def test_small_and_large_couplings_together():
    """1 and 1e-20 in one Hamiltonian: both are there."""
    made = Hamiltonian(X(0) + 1e-20 * X(1), spins(2))
    assert sorted(np.abs(made.moves.c).ravel()) == [1e-20, 1.0]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), complex(0, float("nan")), complex(1.7e308, 1.7e308)])
def test_coefficients_are_finite(bad):
    with pytest.raises(ValueError, match="finite"):
        Hamiltonian(Operator({(("X", 0),): bad}), spins(1))


def test_spaces_too_large_are_refused_with_the_number():
    with pytest.raises(ValueError, match="2,000,001"):
        spins(4, 1e6)
    with pytest.raises(ValueError, match="1,000,001"):
        bosons(4, 1_000_000)
