# SPDX-License-Identifier: Apache-2.0
"""Flags of the command line, made of what exists: the settings of tasks and experiments, the parameters of systems."""

import dataclasses
import importlib
import inspect
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import tyro

from isinglass.experiments.experiment import AbstractExperiment, Preset
from isinglass.systems.listing import Place
from isinglass.tasks.task import AbstractTask, default_of, documentation

__all__ = [
    "experiment_form",
    "given_words",
    "help_text",
    "helped",
    "repeatable",
    "system_form",
    "task_form",
    "task_settings",
]

Flag = tyro.conf.FlagCreatePairsOff
FieldSpec = tuple[str, Any, Any]
PRESETS = "smoke: seconds; laptop: minutes; paper: published sizes."
RUN: tuple[FieldSpec, ...] = (
    ("seed", Annotated[int, tyro.conf.arg(help="The random seed.")], 0),
    ("json", Annotated[Flag[bool], tyro.conf.arg(help="One JSON document on stdout.")], False),
)


def given_words(arguments: Sequence[str]) -> dict[str, str]:
    """The settings among the arguments, as words: `--alpha 2 --method=flow` is {"alpha": "2", "method": "flow"}."""
    words: dict[str, str] = {}
    for i, argument in enumerate(arguments):
        if argument.startswith("--"):
            name, equals, value = argument[2:].partition("=")
            following = arguments[i + 1] if i + 1 < len(arguments) else ""
            words[name.replace("-", "_")] = value if equals else following
    return words


def task_form(task: type[AbstractTask], more: Sequence[FieldSpec] = ()) -> type:
    """What names the problem, every setting of the task that has a flag, seed, output and --json."""
    source = [] if task.source is None else source_fields(task.source)
    described = documentation(task)
    own = [spec for f in dataclasses.fields(task) for spec in setting_flag(f, described.get(f.name, ""))]  # pyright: ignore
    form = dataclasses.make_dataclass("Form", [*source, *own, *more, *RUN], frozen=True)
    form.__doc__ = help_text(task)
    return form


def help_text(documented: Any) -> str:
    """The docstring without its lines of Python and the exceptions, which no command raises."""
    text = re.sub(r"\s*Errors: .*?(?=\n\n|$)", "", inspect.getdoc(documented) or "", flags=re.DOTALL)
    return re.sub(r"(\n {4}.*)+\n", "", text)


def repeatable(form: Any) -> set[str]:
    """The flags of a form that are given once for each of several values."""
    found = set()
    for f in dataclasses.fields(form):
        parts = getattr(f.type, "__metadata__", ())
        inner = get_args(f.type)[0] if parts else f.type
        if dataclasses.is_dataclass(inner):
            found |= repeatable(inner)
        if tyro.conf.UseAppendAction in parts:
            found.add(f"--{next((p.name for p in parts if getattr(p, 'name', None)), f.name)}")
    return found


def source_fields(source: type) -> list[FieldSpec]:
    """The file first, without a flag; the rest by name."""
    described, specs = documentation(source), []
    for f in dataclasses.fields(source):
        first = f.default is dataclasses.MISSING
        kind = tyro.conf.Positional[f.type] if first else f.type  # pyright: ignore
        default = dataclasses.field() if first else dataclasses.field(default=f.default)
        help_ = helped(described.get(f.name, ""), f.type, f.default)
        if first and get_origin(f.type) is tuple:
            help_ = tyro.conf.arg(metavar="FILE [FILE ...]", help=described.get(f.name, ""), help_behavior_hint="")
        specs.append((f.name, Annotated[kind, help_], default))
    return specs


def setting_flag(f: Any, described: str) -> list[FieldSpec]:
    """The flag of a setting: its name, type, help and default; none where it is for Python alone."""
    declared = {"choices": None, "flag": f.type, **f.metadata}
    if declared["flag"] is None:
        return []
    default = default_of(f)
    kind: Any = Literal[tuple(declared["choices"]())] if declared["choices"] else declared["flag"]  # pyright: ignore
    if get_args(declared["flag"])[1:] == (Ellipsis,) and default is None:
        default = ()
    if default is None and type(None) not in get_args(kind):
        kind = kind | None
    if called := f.metadata.get("called"):
        kind = tyro.conf.UseAppendAction[kind]
    name = called or (f.name if len(f.name) == 1 else None)
    return [(f.name, Annotated[kind, helped(described, kind, default, name)], dataclasses.field(default=default))]


def helped(text: str, kind: Any, default: Any = dataclasses.MISSING, name: str | None = None) -> Any:
    """The help of a flag; one that may be left out shows the type of what is given, and no default."""
    if default not in (None, ()):
        return tyro.conf.arg(name=name, help=text)
    inner = [k for k in get_args(kind) if k is not type(None)]
    words = get_args(inner[0]) if len(inner) == 1 and get_origin(inner[0]) is Literal else ()
    if get_origin(kind) is Literal:
        words = tuple(word for word in inner if word is not None)
    plain = inner[0].__name__.upper() if len(inner) == 1 and isinstance(inner[0], type) else None
    shown = "{" + ",".join(words) + "}" if words else plain if default is None else None
    return tyro.conf.arg(name=name, metavar=shown, help=text, help_behavior_hint="")


def task_settings(task: type[AbstractTask], form: Any) -> dict[str, Any]:
    """The keywords of the verb that a form gives: what differs from the defaults."""
    given = {}
    for f in dataclasses.fields(task):  # pyright: ignore
        if f.metadata.get("flag", f.type) is None:
            continue
        value, parse = getattr(form, f.name), f.metadata.get("parse")
        given[f.name] = parse(value) if parse is not None and value != f.default else value
    return given


def system_form(place: Place) -> type:
    """The parameters of a system but for its temperature, which the task has; its docstring tells what they are."""
    make = getattr(importlib.import_module(place.module), place.name)
    specs = [spec for p in inspect.signature(make).parameters.values() for spec in parameter_flag(p)]
    form = dataclasses.make_dataclass("System", specs, frozen=True)
    init = help_text(make.__init__) if inspect.isclass(make) else ""
    form.__doc__ = f"{help_text(make)}\n\n{init}".strip()
    return form


def parameter_flag(p: inspect.Parameter) -> list[FieldSpec]:
    """The flag of a parameter, or none where it is no plain number, word, shape or file."""
    if p.name in ("temperature", "key"):
        return []
    kind = p.annotation if p.annotation in (int, float, str) else type(p.default)
    if Path in get_args(p.annotation):
        help_ = tyro.conf.arg(metavar="FILE", help="The file.")
        return [(p.name, Annotated[Path, help_], dataclasses.field())]
    if p.name == "shape":
        help_ = tyro.conf.arg(help="Sides of the lattice: 64 64.")
        return [(p.name, Annotated[tuple[int, ...], help_], dataclasses.field())]
    if kind not in (int, float, str):
        return []
    named = tyro.conf.arg(name=p.name if len(p.name) == 1 else None)
    default = dataclasses.field() if p.default is inspect.Parameter.empty else dataclasses.field(default=p.default)
    return [(p.name, Annotated[kind, named], default)]


def experiment_form(experiment: type[AbstractExperiment], preset: str) -> type:
    """Every setting of an experiment, with the defaults of the preset, and the options of all runs."""
    settings = Annotated[experiment, tyro.conf.arg(name="")]
    specs: list[FieldSpec] = [
        ("settings", settings, dataclasses.field(default=experiment.preset(preset))),
        ("preset", Annotated[Preset, tyro.conf.arg(help=PRESETS)], preset),
        ("out", Annotated[Path | None, helped("Run directory to write, new.", Path | None, None)], None),
        *RUN,
    ]  # fmt: skip
    form = dataclasses.make_dataclass("RunForm", specs, frozen=True)
    form.__doc__ = f"{experiment.claim}.  Ref: {experiment.paper}"
    return form
