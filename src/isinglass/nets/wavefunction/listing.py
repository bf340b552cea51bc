# SPDX-License-Identifier: Apache-2.0
"""The wavefunctions that can be named: found in the files of this folder, without importing one."""

import ast
from functools import cache
from pathlib import Path

__all__ = ["ansaetze"]

HERE = Path(__file__).parent


@cache
def ansaetze() -> dict[str, str]:
    """Word -> "module:Class", of every class with `words` here."""
    found: dict[str, str] = {}
    for path in sorted(HERE.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for word in words_of(node) if isinstance(node, ast.ClassDef) else ():
                found[word] = f"isinglass.nets.wavefunction.{path.stem}:{node.name}"  # pyright: ignore
    return found


def words_of(definition: ast.ClassDef) -> tuple[str, ...]:
    """The value of `words` in the body of a class."""
    for line in definition.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.target.id == "words":
            return ast.literal_eval(line.value) if line.value else ()
    return ()
