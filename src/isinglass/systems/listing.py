# SPDX-License-Identifier: Apache-2.0
"""The systems that can be named on the command line: found in the files of this folder, without importing one."""

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["Place", "listed"]

HERE = Path(__file__).parent
PLAIN = {"int", "float", "str"}


class Place(NamedTuple):
    """The module of a system, and the class or function that constructs it."""

    module: str
    name: str  # a class, or a function that returns one


@cache
def listed() -> dict[str, Place]:
    """Name on the command line -> class or function: a class has the name of its file, a function its own.

    Constructors that need more than a shape and plain numbers are left out.
    """
    sources = {
        path: ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(HERE.glob("*/*.py"))
        if path.stem != "__init__"
    }
    definitions = [node for tree in sources.values() for node in tree.body if isinstance(node, ast.ClassDef)]
    classes = {node.name for node in definitions if is_system(node)}
    found = {}
    for path, tree in sources.items():
        module = ".".join(["isinglass", "systems", path.parent.name, path.stem])
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and is_system(node) and plain(constructor(node)):
                found[path.stem.replace("_", "-")] = Place(module, node.name)
            if isinstance(node, ast.FunctionDef) and returned(node) in classes and plain(node):
                found[node.name.replace("_", "-")] = Place(module, node.name)
    return found


def is_system(node: ast.ClassDef) -> bool:
    """Is this a concrete class that derives from AbstractSystem, AbstractLatticeSystem ...?"""
    bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
    return any(base.startswith("Abstract") and base.endswith("System") for base in bases)


def constructor(node: ast.ClassDef) -> ast.FunctionDef | None:
    """The `__init__` of a class, None where it has none."""
    members = [m for m in node.body if isinstance(m, ast.FunctionDef) and m.name == "__init__"]
    return members[0] if members else None


def returned(node: ast.FunctionDef) -> str:
    """The class in the return annotation of a function."""
    return node.returns.id if isinstance(node.returns, ast.Name) else ""


def plain(node: ast.FunctionDef | None) -> bool:
    """Are its arguments only a key, a shape and plain numbers?"""
    if node is None:
        return False
    given = node.args
    required = given.args[: len(given.args) - len(given.defaults)]
    required += [arg for arg, default in zip(given.kwonlyargs, given.kw_defaults, strict=True) if default is None]
    return all(
        arg.arg in ("self", "key", "shape") or (isinstance(arg.annotation, ast.Name) and arg.annotation.id in PLAIN)
        for arg in required
    )
