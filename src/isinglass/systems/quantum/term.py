# SPDX-License-Identifier: Apache-2.0
"""Terms as written on paper, "-J Z(i) Z(i+1) + 1/2 (X(i) + h(i) Y(i))**2", read by one grammar; `docs/hamiltonian.md`.

What stands side by side is multiplied, from left to right, as with * and @.  A number follows only after a sign.
"""

import cmath
import difflib
import math
import re
from collections.abc import Collection, Mapping
from functools import cache, reduce
from typing import Any, NamedTuple

import numpy as np

from isinglass.errors import InputError
from isinglass.systems.quantum.operator import LETTERS, Operator, added, letter

__all__ = ["CONSTANT_NAME", "RESERVED", "Constants", "SitePlace", "Template", "TermParser", "parse"]

GRAMMAR = r"""
?start: sum
?sum: product (SIGN product)*
?product: signed (TIMES signed | OVER signed | named)*
?signed: SIGN signed -> negated
       | power
?power: atom | atom POWER WHOLE -> power
?named: name | name POWER WHOLE -> power
?atom: NUMBER -> number
     | name
?name: NAME -> constant
     | "(" sum ")"
     | FUNCTION sum ")" -> function
     | CALL place ("," place)? ")" -> local

place: WHOLE | NAME | NAME SIGN WHOLE

SIGN: "+" | "-"
TIMES.2: /[*@](?![*@])/
OVER: "/"
POWER.2: "**" | "^"
NUMBER: /([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?(j(?!\w))?/
WHOLE: /[0-9]+/
FUNCTION.3: /(sqrt|exp|sin|cos)\s*\(/
CALL.2: /(LETTERS)\s*\(/
NAME: /[^\W\d]\w*/
%ignore /\s+/
"""
ALONE = -1  # a spin without a site
SPINS = ("up", "down", "s")
FUNCTIONS = {"sqrt": np.emath.sqrt, "exp": np.exp, "sin": np.sin, "cos": np.cos}
RESERVED = {*LETTERS, *SPINS, *FUNCTIONS, "pi", "i", "j"}
CALLED = re.compile(r"([^\W\d]\w*)\s*\(\s*[0-9]+\s*\)")
CONSTANT_NAME = re.compile(r"(?![eE]\d)[^\W\d]\w*")  # 2e1 is a number
MOST_LETTERS = 1_000_000  # of all products that brackets and powers expand to
HIGHEST_POWER = 64

Number = complex
# A template: sites may be symbols, and letters names of constants, ("h", (SitePlace, ...))
Template = Operator
Constants = Mapping[str, Number | np.ndarray]  # by name; an array is indexed by sites: h(i), J(i, j)


class SitePlace(NamedTuple):
    """Where a letter acts: a site, or i + shift; and a spin."""

    letter: str  # i or j; "" for a fixed site
    shift: int  # the site itself, if it is fixed
    spin: str  # up, down, s (summed over), or ""


class TermParser:
    """Text -> operator, with named constants, which may be added later.  Sites such as i+1 stay symbols."""

    def __init__(self, constants: Constants | None = None, arrays: Collection[str] = ()):
        """`arrays`: the names of the constants that are indexed by sites."""
        from lark import Lark

        self.constants = {} if constants is None else constants
        self.called = {*LETTERS, *arrays}  # names before a site in brackets
        grammar = GRAMMAR.replace("LETTERS", "|".join(self.called))
        self.reader = Lark(grammar, parser="lalr", transformer=Expression(self.constants))

    def __call__(self, text: str) -> Template:
        """The operator of a text; a number is one times the identity.

        Errors: InputError that names the character.
        """
        from lark import UnexpectedInput

        try:
            self.check_calls(text)
            value: Any = self.reader.parse(text)
        except UnexpectedInput as error:
            raise refusal(text, error, self.called) from None
        except InputError as error:
            raise InputError(error.expected, f"{error.found} of {shown(text)}", error.fix) from None
        return value if isinstance(value, Operator) else Operator({(): value})

    def check_calls(self, text: str) -> None:
        """Errors: InputError for J(0) where J has no entries: it is not J times 0."""
        for found in CALLED.finditer(text):
            if found[1] not in self.called | FUNCTIONS.keys():
                where = f"{found[0]!r} at character {found.start() + 1}"
                if found[1] in self.constants:
                    raise InputError(f"{found[1]} alone, since it is one number", where, "write * for a product")
                raise unknown(found[1], where, self.constants)


@cache
def without_constants() -> TermParser:
    """The parser of plain terms."""
    return TermParser()


def parse(text: str) -> Operator:
    """The operator of a text such as "-1.0 Z(0) Z(1) + 1/2 X(0)".  Law: of str(A) it is A.

    Errors: InputError that names the character, or a letter in the place of a site.
    """
    operator = without_constants()(text)
    if odd := next((at for word in operator.terms for _, at in word if not isinstance(at, int)), None):
        raise InputError("sites by number", f"{place_text(odd)!r} in {shown(text)}", "write Z(3), for example")
    return operator


class Expression:
    """The value of each rule of the grammar: a complex number, or an operator."""

    def __init__(self, constants: Constants):
        self.constants = constants

    def number(self, children: list) -> Number:
        """0.5, 1e-3, 2j."""
        (text,) = children
        value = complex(text)
        if not cmath.isfinite(value) or (value == 0 and re.search("[1-9]", re.split("[eE]", text)[0])):
            raise InputError("a number that a double can hold, 1e-308 to 1e308", repr(str(text)), "scale it")
        return value

    def constant(self, children: list) -> Number:
        """A number by its name."""
        (name,) = children
        value = math.pi if name == "pi" else self.constants.get(name)
        if isinstance(value, np.ndarray):
            sites = "i, j" if value.ndim == 2 else "i"
            raise InputError(f"{name}({sites}), an entry of {name}", located(name), "say which")
        if name in ("i", "j"):
            fix = "write h(i) with a list h in [constants]"
            raise InputError("sites in the brackets of operators and lists alone", located(name), fix)
        if value is None:
            raise unknown(name, located(name), self.constants)
        return value

    def function(self, children: list) -> Number:
        """sqrt, exp, sin, cos of a number."""
        name, value = children[0].rstrip("( \t\r\n"), children[1]
        if isinstance(value, Operator):
            raise InputError(f"{name} of a number", f"{name} of an operator", "write it as a sum of products")
        with np.errstate(all="ignore"):
            return held(complex(FUNCTIONS[name](value)), zero=True)

    def place(self, children: list) -> SitePlace:
        """3, i, i+1, or a spin."""
        if len(children) == 1:
            text = str(children[0])
            if text.isdigit():
                return SitePlace("", whole(text), "")
            return SitePlace("", ALONE, text) if text in SPINS else SitePlace(site_letter(text), 0, "")
        name, sign, shift = children
        return SitePlace(site_letter(str(name)), whole(shift) * (-1 if sign == "-" else 1), "")

    def local(self, children: list) -> Operator | Number:
        """Z(i), n(i, up), h(i), J(i, j)."""
        name, places = children[0].rstrip("( \t\r\n"), children[1:]
        if name in LETTERS:
            return operator_at(name, places)
        array: Any = self.constants[name]
        if len(places) != array.ndim or any(place.spin for place in places):
            raise InputError(
                f"{array.ndim} sites for {name}", f"{name}({', '.join(map(place_text, places))})", "name them"
            )
        if any(place.letter for place in places):
            return Operator({((name, tuple(places)),): 1})
        return entry(name, array, [place.shift for place in places])

    def power(self, children: list) -> Operator | Number:
        """A**2 = A @ A."""
        base, _, exponent = children
        if len(exponent) > 2 or (exponent := int(exponent)) > HIGHEST_POWER:
            raise InputError(f"a power of at most {HIGHEST_POWER}", f"** {children[2]}", "write it in another way")
        return reduce(times, [base] * exponent, Operator({(): 1}) if isinstance(base, Operator) else 1 + 0j)

    def negated(self, children: list) -> Operator | Number:
        """-A, +A."""
        sign, value = children
        return -value if sign == "-" else value

    def product(self, children: list) -> Operator | Number:
        """A B / c ..., from left to right."""
        value, divides = children[0], False
        for child in children[1:]:
            if isinstance(child, str):
                divides = child == "/"
                continue
            value, divides = over(value, child) if divides else times(value, child), False
        return value

    def sum(self, children: list) -> Operator | Number:
        """A + B - C ..., collected once."""
        values = [children[0], *(signed(children, k) for k in range(2, len(children), 2))]
        terms: dict = {}
        for value in values:
            for word, c in value.terms.items() if isinstance(value, Operator) else (((), value),):
                terms[word] = held(added(terms.get(word, 0j), c), zero=True)
        return Operator(terms) if any(isinstance(value, Operator) for value in values) else terms[()]


def signed(children: list, k: int) -> Operator | Number:
    """The k-th value of a sum, with the sign before it."""
    return -children[k] if children[k - 1] == "-" else children[k]


def operator_at(name: str, places: list[SitePlace]) -> Operator:
    """The letter at a place, with the spin where one is given."""
    at, spin = places[0], places[1].spin if len(places) == 2 else ""
    if at.spin or (len(places) == 2 and not spin):
        found = f"{name}({', '.join(map(place_text, places))})"
        raise InputError(
            "a site, and after it at most a spin: up, down or s", found, f"write {name}(3) or {name}(i, up)"
        )
    if not at.letter and not spin:
        return letter(name, at.shift)
    return Operator({((name, at._replace(spin=spin)),): 1})


def entry(name: str, array: np.ndarray, sites: list[int]) -> Number:
    """J(2, 3).  Errors: InputError for a site outside."""
    if any(not 0 <= site < n for site, n in zip(sites, array.shape, strict=True)):
        raise InputError(
            f"sites 0 to {array.shape[0] - 1} of {name}", f"{name}({', '.join(map(str, sites))})", "fix it"
        )
    return complex(array[tuple(sites)])


def times(a: Operator | Number, b: Operator | Number) -> Operator | Number:
    """A B.  Errors: InputError for a number that a double cannot hold, or more letters than fit."""
    if not isinstance(a, Operator) and not isinstance(b, Operator):
        return held(a * b, zero=a == 0 or b == 0)
    if not isinstance(a, Operator):
        return (
            Operator({word: held(a * c, zero=a == 0) for word, c in b.terms.items()}) if isinstance(b, Operator) else b
        )
    if not isinstance(b, Operator):
        return Operator({word: held(c * b, zero=b == 0) for word, c in a.terms.items()})
    letters = len(a.terms) * len(b.terms) * (longest(a) + longest(b))
    if letters > MOST_LETTERS:
        raise InputError(f"products of at most {MOST_LETTERS:,} letters in all", f"{letters:,}", "write a shorter term")
    terms: dict = {}
    for left, x in a.terms.items():
        for right, y in b.terms.items():
            terms[left + right] = held(added(terms.get(left + right, 0j), held(x * y, zero=False)), zero=True)
    return Operator(terms)


def over(a: Operator | Number, b: Operator | Number) -> Operator | Number:
    """A / c.  Errors: InputError for a division by an operator or by zero."""
    if isinstance(b, Operator):
        raise InputError("a division by a number", "one by an operator or by an entry of a list", "write a product")
    if b == 0:
        raise InputError("a division by a number that is not zero", "one by zero", "correct it")
    if isinstance(a, Operator):
        return Operator({word: held(c / b, zero=False) for word, c in a.terms.items()})
    return held(a / b, zero=a == 0)


def held(value: Number, *, zero: bool) -> Number:
    """The number.  Errors: InputError where it overflows, or is zero by underflow; `zero`: where it may be zero."""
    if not cmath.isfinite(value) or (value == 0 and not zero):
        found = "zero by rounding" if value == 0 else f"{value:g}"
        raise InputError("products, sums and functions that a double can hold", found, "scale the numbers")
    return value


def longest(operator: Operator) -> int:
    """The most letters in one product."""
    return max((len(word) for word in operator.terms), default=0)


def whole(text: str) -> int:
    """A number of a site."""
    if len(text) > 18:
        raise InputError("the number of a site", f"one of {len(text)} digits", "count sites from 0")
    return int(text)


def site_letter(name: str) -> str:
    """I or j."""
    if name not in ("i", "j"):
        raise InputError("a site: a number, i or j, or i+1", repr(name), "write Z(3) or Z(i), for example")
    return name


def place_text(place: Any) -> str:
    """A place as it is written."""
    if isinstance(place, int) or not isinstance(place, SitePlace):
        return str(place) if isinstance(place, int) else ", ".join(map(place_text, place))
    if place.shift == ALONE and not place.letter:
        return place.spin
    shift = f"{place.shift:+d}" if place.shift else ""
    site = f"{place.letter}{shift}" if place.letter else str(place.shift)
    return f"{site}, {place.spin}" if place.spin else site


def located(token: Any) -> str:
    """A name and where it stands."""
    return f"{str(token)!r} at character {token.start_pos + 1}"


def unknown(name: str, where: str, constants: Constants) -> InputError:
    """The error for a name that nothing has."""
    names = [*LETTERS, *constants, *FUNCTIONS]
    lower = {known.lower(): known for known in names}
    near = difflib.get_close_matches(name.lower(), lower, 1)
    fix = f"did you mean {lower[near[0]]}?" if near else "define it in [constants], or correct it"
    if name in names:
        fix = f"write {name}(3), for example"
    return InputError(f"one of {', '.join(LETTERS)} with its site, such as Z(3), or a constant", where, fix)


def refusal(text: str, error: Any, called: Collection[str]) -> InputError:
    """Where the grammar does not go on, in one line."""
    at = error.pos_in_stream or 0
    rest = text[at:].split()
    if not rest or getattr(getattr(error, "token", None), "type", "") == "$END":
        return InputError(f"a factor at the end of {shown(text[-60:])}", "none", "complete the last term")
    where = f"{rest[0][:20]!r} at character {at + 1} of {shown(text)}"
    inside = re.search(r"([^\W\d]\w*)\s*\([^()]*$", text[max(0, at - 60) : at])
    if inside and inside[1] in called:
        return InputError("a site in the brackets: 0, 1, 2 ..., i or i+1", where, "fix it there")
    if re.match(r"[0-9.]", rest[0]):
        return InputError("a sign, * or @ before a number", where, "write 2 * 0.5 X(0), for example")
    expected = f"a number, a sign, a bracket or one of {', '.join(LETTERS)} with its site, such as Z(3)"
    return InputError(expected, where, "fix it there")


def shown(text: str) -> str:
    """A text in a message, shortened."""
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else f"{line[:57]}...")
