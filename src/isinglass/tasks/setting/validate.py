# SPDX-License-Identifier: Apache-2.0
"""Does a value fit the type that a setting is declared with?  Plain types only; what else there is, the task judges."""

import os
import types
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

__all__ = ["expected", "fits"]


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
