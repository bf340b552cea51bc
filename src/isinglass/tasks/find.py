# SPDX-License-Identifier: Apache-2.0
"""The tasks: every file VERB_PROBLEM.py in or below this folder, and entry points of other packages."""

import difflib
import importlib
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any, get_args

from isinglass.errors import InputError
from isinglass.run.class_name import OURS, is_foreign, package_of
from isinglass.run.entry_points import classes
from isinglass.tasks.task import FUNCTION, AbstractTask, Verb, described, is_instance

__all__ = ["command_tasks", "find", "known_settings", "of_other_packages", "tasks"]

VERBS: tuple[Verb, ...] = get_args(Verb)


@cache
def tasks(verb: Verb) -> list[type[AbstractTask]]:
    """All tasks of a verb: ours in the order of their names, then those of other packages."""
    ours = []
    here = Path(__file__).parent
    for path in sorted(here.rglob(f"{verb}_*.py"), key=lambda path: path.name):
        module = importlib.import_module(".".join(["isinglass.tasks", *path.relative_to(here).with_suffix("").parts]))
        ours.append(getattr(module, module.__all__[0]))
    return ours + [task for task in of_other_packages() if task.verb == verb]


@cache
def of_other_packages() -> list[type[AbstractTask]]:
    """Those of the entry points "isinglass.tasks"."""
    found = classes("isinglass.tasks", "isinglass.tasks.task:AbstractTask", ("verb", "problem", "what"))
    return [task for _, task in found]


def command_tasks() -> dict[str, list[type[AbstractTask]]]:
    """The tasks behind each command of the command line."""
    found: dict[str, list[type[AbstractTask]]] = {}
    for verb in VERBS:
        for task in tasks(verb):
            if task.command:
                found.setdefault(task.command, []).append(task)
    return found


def known_settings(verb: Verb) -> set[str]:
    """The settings of all tasks of a verb."""
    return {f.name for task in tasks(verb) for f in fields(task)}  # pyright: ignore[reportArgumentType]


def find(verb: Verb, problem: Any, settings: dict[str, Any]) -> type[AbstractTask]:
    """The task of a verb for a problem.  Another package comes first where the problem is not of isinglass either.

    Errors: InputError for a problem of another kind, with the verbs that take it; for a method that no task has.
    """
    fitting = [task for task in tasks(verb) if is_instance(problem, task.problem)]
    fitting.sort(key=lambda task: FUNCTION in task.problem)  # what may be called is first of all what its class says
    if is_foreign(problem):
        fitting.sort(key=lambda task: package_of(task.__module__) == OURS)
    for task in fitting:
        if task.takes(settings):
            return task
    if fitting:
        check_method(fitting, settings.get("method"))
        return fitting[0]
    kinds = ", ".join(dict.fromkeys(task.what for task in tasks(verb)))
    raise InputError(f"for {verb} {kinds}", described(problem), advice(verb, problem))


def check_method(fitting: list[type[AbstractTask]], method: Any) -> None:
    """Errors: InputError for a method that none of these tasks knows by name."""
    found = [f.metadata.get("choices") for task in fitting for f in fields(task) if f.name == "method"]  # pyright: ignore
    words = list(dict.fromkeys(word for choices in found if choices for word in choices()))
    if isinstance(method, str) and method not in words:
        close = difflib.get_close_matches(method, words, 1)
        fix = f"did you mean {close[0]!r}?" if close else "choose one of them"
        raise InputError(f"method among {', '.join(words)}", repr(method), fix)


def advice(verb: Verb, problem: Any) -> str:
    """What to do with a problem that a verb does not take."""
    if isinstance(problem, type):
        return f"make one first: {problem.__name__}(...)"
    if isinstance(problem, str | Path):
        return "read the file first, with isinglass.data"
    others = [other for other in VERBS if any(is_instance(problem, task.problem) for task in tasks(other))]
    return f"use {' or '.join(others)}" if others else "see docs/index.md for what each verb takes"
