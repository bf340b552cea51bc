# SPDX-License-Identifier: Apache-2.0
"""The words that may follow on the command line, found in the forms of the commands; kept in completion.json.

`python -m isinglass.stubs` writes that file, since reading all forms imports the whole package.
"""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, Literal, get_args, get_origin, get_type_hints

import tyro

from isinglass.cli import all_commands
from isinglass.experiments.catalogue import catalogue
from isinglass.flags import task_form
from isinglass.jobs import COUPLINGS, OUT, SYSTEM
from isinglass.systems.listing import listed
from isinglass.tasks.find import command_tasks, tasks

__all__ = ["command_words", "flags_of"]


class FormAsked(Exception):  # noqa: N818
    """Raised in place of parsing: the form that a command asks for."""

    def __init__(self, form: Any):
        """`form`: the dataclass."""
        self.form = form


def command_words() -> dict[str, list[str]]:
    """Words so far -> words that may follow: "run NAME" -> its flags, "run NAME --preset" -> smoke, laptop, paper.

    "phases -" -> the flags of a command that takes files; "phases" itself is left out.  Of this package alone.
    """
    of_tasks = {
        name: [task for task in several if is_ours(task.__module__)] for name, several in command_tasks().items()
    }
    ours = {name: command for name, command in all_commands().items() if of_tasks.get(name, True)}
    found = {"": ["--help", "--version", *ours], "sample": sorted(listed() | COUPLINGS)}
    forms: dict[str, list[Any]] = {}
    for name, command in ours.items():
        if name in of_tasks:
            forms[name] = [task_form(task, [("out", OUT, None)]) for task in of_tasks[name]]
        elif name != "sample":
            forms[name] = [form_of(command, ["--config", ""] if name == "run" else [])]
    forms |= {f"run {name}": [form_of(ours["run"], [name])] for name, e in catalogue().items() if is_ours(e.where)}
    forms |= {f"sample {name}": [form_of(ours["sample"], [name, "--method", word]) for word in methods()]
              for name in found["sample"]}  # fmt: skip
    for words, several in forms.items():
        found |= followers(words, several)
        if " " in words:  # where no file can stand
            found[words] = found[f"{words} -"]
    return found


def is_ours(module: str) -> bool:
    """Does it stand in this package?"""
    return module.startswith("isinglass.")


def methods() -> list[str]:
    """A word of --method for each task that samples a system."""
    of_systems = [task for task in tasks("sample") if SYSTEM in task.problem]
    choices = [f.metadata["choices"] for task in of_systems for f in dataclasses.fields(task) if f.name == "method"]  # pyright: ignore
    return [words()[0] for words in choices]


def form_of(command: Callable[..., int], arguments: list[str]) -> Any:
    """The form that a command asks for."""

    def ask(form: Any, *_: Any, **__: Any) -> Any:
        raise FormAsked(form)

    try:
        command(arguments, ask)
    except FormAsked as found:
        return found.form
    raise AssertionError(f"{command} asks for no form")


def followers(command: str, forms: list[Any]) -> dict[str, list[str]]:
    """The flags of all forms of a command, and the words of each flag that has some."""
    flags: dict[str, tuple[str, ...]] = {}
    for form in forms:
        flags |= {flag: (*flags.get(flag, ()), *words) for flag, words in flags_of(form)}
    words = {f"{command} {flag}": list(dict.fromkeys(words)) for flag, words in flags.items() if words}
    return {f"{command} -": sorted({*flags, "--help"})} | words


def flags_of(form: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each flag of a form with the words that it takes, () where a number, a text or a file stands."""
    for f in dataclasses.fields(form):
        hint = get_type_hints(form, include_extras=True)[f.name]
        parts = getattr(hint, "__metadata__", ())
        kind = get_args(hint)[0] if parts else hint
        if dataclasses.is_dataclass(kind):
            yield from flags_of(kind)
        elif tyro.conf.Positional not in parts:
            named = next((part.name for part in parts if getattr(part, "name", None)), f.name)
            yield f"--{named.replace('_', '-')}", tuple(literals(kind))


def literals(kind: Any) -> Iterator[str]:
    """The words of a Literal, wherever it stands in a type."""
    if get_origin(kind) is Literal:
        yield from (word for word in get_args(kind) if isinstance(word, str))
    else:
        for inner in get_args(kind):
            yield from literals(inner)
