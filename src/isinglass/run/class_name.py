# SPDX-License-Identifier: Apache-2.0
"""Classes by name, "package.module:Class": equinox Modules of isinglass and of the packages that a user trusts.

A class whose name is unique in isinglass is "isinglass:Class", whichever file defines it.
"""

import importlib
import sys
from collections.abc import Collection
from functools import reduce
from pathlib import Path
from typing import Any

from isinglass.contents import contents
from isinglass.errors import InputError

__all__ = ["class_of", "is_foreign", "name_of", "package_of"]

OURS = "isinglass"


def name_of(cls: type) -> str:
    """The name of a class.  Law: class_of(name_of(cls)) is cls, for a top-level class of an allowed package."""
    short = places().get(cls.__qualname__) == cls.__module__
    return f"{OURS if short else cls.__module__}:{cls.__qualname__}"


def class_of(name: str, allow: Collection[str] = ()) -> type:
    """The equinox Module of this name.  A package that is not allowed is not imported, and nothing is called.

    Errors: InputError for another package, a module that cannot be imported, or anything but an equinox Module.
    """
    import equinox as eqx

    module, _, path = name.partition(":")
    package = package_of(name)
    if package not in (OURS, *allow):
        trusted = " or ".join((OURS, *allow))
        raise InputError(f"a class of {trusted}", name, f"if you trust that package, load with allow=({package!r},)")
    home = places().get(path, module) if module == OURS else module
    found = attribute(imported(home), path)
    if not (isinstance(found, type) and issubclass(found, eqx.Module) and name_of(found) == name):
        raise InputError(f"an equinox Module at the top level of {home}", name, "define it there")
    return found


def package_of(name: str) -> str:
    """The top-level package in "package.module:Class"."""
    return name.partition(":")[0].partition(".")[0]


def is_foreign(thing: Any) -> bool:
    """Whether its class is of another package than isinglass, whose tests do not hold its laws."""
    return package_of(type(thing).__module__) != OURS


def places() -> dict[str, str]:
    """Name -> module, for the names that are unique in isinglass."""
    return contents(OURS, Path(__file__).parents[1]).names


def imported(module: str) -> Any:
    """The module of this name; one that is loaded already, such as __main__, is not imported.

    Errors: InputError where there is none, or for a program, which would run on import.
    """
    if module in sys.modules:
        return sys.modules[module]
    if "__main__" in module.split("."):
        raise InputError("a class in a module", f"one in the program {module}", "move it to a module of its own")
    try:
        return importlib.import_module(module)
    except (ImportError, ValueError) as error:
        raise InputError(f"the module {module}", str(error), "install it or put it on the path") from None


def attribute(module: Any, path: str) -> Any:
    """module.A.B for the path "A.B"; None where it does not exist."""
    return reduce(lambda owner, part: getattr(owner, part, None), path.split("."), module)
