# SPDX-License-Identifier: Apache-2.0
"""Does a value fit the type and the range of a setting?  Plain types only; what else there is, the task judges."""

import math
import os
import types
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from isinglass.errors import InputError
from isinglass.memory import require_memory

__all__ = ["check_number", "expected", "fits"]


def check_number(name: str, value: Any, least: float | None = None, *, empty: bool = False) -> None:
    """A number is finite and above 0, or at least `least`; a list of them has one or more, unless it may be `empty`.

    A whole number counts things of which each takes 8 bytes or more.  What is no number, nor a list, passes.
    Errors: InputError.
    """
    if isinstance(value, list | tuple):
        if not (value or empty):
            raise InputError(f"{name}, one or more", "none", "give one, or leave the setting out")
        for one in value:
            check_number(name, one, least)
    if isinstance(value, bool) or not isinstance(value, Real):
        return
    number: Any = value  # type checkers know no order of Real
    whole = isinstance(value, Integral)
    if not (number > 0 if least is None else number >= least) or not (whole or math.isfinite(number)):
        bound = "above 0" if least is None else f"of at least {least:g}" if math.isfinite(least) else "of any sign"
        raise InputError(f"{name} {bound}, finite", f"{value}", "choose another number")
    if whole:
        require_memory(name, 8 * int(value), f"{value}", "choose a smaller number")


def fits(value: Any, hint: Any) -> bool:
    """True where the hint is none of the plain types."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any or isinstance(hint, str):
        return True
    if origin is Literal:
        return any(value == word and type(value) is type(word) for word in inner)
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in inner)
    if origin is tuple:
        many = isinstance(value, list | tuple)
        if many and len(inner) == 2 and inner[1] is Ellipsis:
            return all(fits(one, inner[0]) for one in value)
        return many and len(value) == len(inner) and all(map(fits, value, inner))
    if hint is bool:
        return isinstance(value, bool)
    if hint is int:
        return isinstance(value, Integral) and not isinstance(value, bool)
    if hint is float:
        return isinstance(value, Real) and not isinstance(value, bool)
    if hint is None or hint is type(None):
        return value is None
    if hint is Path:
        return isinstance(value, str | os.PathLike)
    return not isinstance(hint, type) or isinstance(value, hint)


def expected(hint: Any) -> str:
    """The hint in words."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return f"among {', '.join(map(str, inner))}"
    if origin in (Union, types.UnionType):
        return " or ".join(expected(one) for one in inner)
    if origin is tuple:
        return f"a tuple of {expected(inner[0]).removeprefix('of type ')}"
    return "None" if hint in (None, type(None)) else f"of type {getattr(hint, '__name__', hint)}"
