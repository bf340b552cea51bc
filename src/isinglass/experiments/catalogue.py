# SPDX-License-Identifier: Apache-2.0
"""The catalogue: every experiment in the folders here, and the entry points "isinglass.experiments" of others.

It is read from the files, so that a class is imported only when it is used.
"""

import ast
import difflib
import importlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from isinglass.errors import InputError
from isinglass.run.entry_points import classes

if TYPE_CHECKING:
    from isinglass.experiments.experiment import AbstractExperiment

__all__ = ["Entry", "catalogue", "find"]

HERE = Path(__file__).parent


class Entry(NamedTuple):
    """One line of `isinglass list`."""

    where: str  # "module:Class"
    task: str  # approximate, infer, sample or agent
    summary: str  # what it shows, in a few words


@cache
def catalogue() -> dict[str, Entry]:
    """Name -> entry, folder by folder."""
    found: dict[str, Entry] = {}
    for path in sorted(HERE.glob("*/*.py")):
        module = f"isinglass.experiments.{path.parent.name}.{path.stem}"
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            variables = class_variables(node) if isinstance(node, ast.ClassDef) else {}
            if {"name", "task", "summary"} <= set(variables):
                found[variables["name"]] = Entry(f"{module}:{node.name}", variables["task"], variables["summary"])  # pyright: ignore
    return found | {name: entry for name, entry in of_other_packages().items() if name not in found}


def of_other_packages() -> dict[str, Entry]:
    """Those of the entry points "isinglass.experiments"; none takes the name of one of ours."""
    base, needed = "isinglass.experiments.experiment:AbstractExperiment", ("name", "task", "claim", "presets")
    found = {}
    for where, experiment in classes("isinglass.experiments", base, needed):
        said = getattr(experiment, "summary", "") or experiment.claim
        found[experiment.name] = Entry(where, experiment.task, said)
    return found


def class_variables(definition: ast.ClassDef) -> dict[str, str]:
    """The class variables of a class definition that are strings."""
    return {
        line.target.id: line.value.value
        for line in definition.body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
        if isinstance(line.value, ast.Constant) and isinstance(line.value.value, str)
    }


def find(name: str) -> "type[AbstractExperiment]":
    """The class of an experiment.

    Errors: InputError for an unknown name, with the closest one.
    """
    names = catalogue()
    if name not in names:
        close = difflib.get_close_matches(name, names, 1)
        fix = f"did you mean {close[0]!r}?" if close else "see `isinglass list`"
        raise InputError(f"an experiment among {', '.join(names)}", repr(name), fix)
    module, _, experiment = names[name].where.partition(":")
    return getattr(importlib.import_module(module), experiment)
