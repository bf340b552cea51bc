# SPDX-License-Identifier: Apache-2.0
"""From the words of a command to its job: arguments into a form, files read, bad input refused before anything runs."""

import dataclasses
import importlib
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from isinglass.errors import InputError
from isinglass.experiments.catalogue import catalogue, find
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.flags import experiment_form, given_words, help_text, helped, system_form, task_form, task_settings
from isinglass.systems.listing import Place, listed
from isinglass.tasks.find import command_tasks
from isinglass.tasks.task import AbstractTask

if TYPE_CHECKING:
    from isinglass.result import Result
    from isinglass.run.job import Job

__all__ = ["Parse", "experiment_job", "planned"]

SYSTEM = "isinglass.systems.system:AbstractSystem"
WHERE = "Run directory to write, new; by default runs/NAME/<UTC time>-<id>."
COUPLINGS = {"couplings": Place("isinglass.data.couplings", "read_couplings")}  # a system that a file states
OUT = Annotated[Path | None, helped(WHERE, Path | None, None)]

Parse = Callable[..., Any]  # parse(form, name, arguments): arguments into a form


def planned(words: Sequence[str], parse: Parse) -> tuple["Job", bool]:
    """The job of a command, and whether its result is printed as JSON."""
    if words and words[0] in command_tasks():
        return task_job(words[0], words[1:], parse)
    if words and words[0] in ("run", "sample"):
        return {"run": run_job, "sample": sample_job}[words[0]](words[1:], parse)
    raise InputError("the command of a run", repr(" ".join(words[:1])), "see isinglass --help")


def run_job(arguments: Sequence[str], parse: Parse) -> tuple["Job", bool]:
    """The job of an experiment."""
    names = ", ".join(catalogue())
    if not arguments or arguments[0].startswith("-"):
        if set(arguments) & {"-h", "--help"}:
            print(f"usage: isinglass run NAME [OPTIONS]\n       isinglass run --config FILE [--out OUT]\n"
                  f"       isinglass run --resume OUT.partial\n\nNAME: {names}\n\n"
                  "isinglass run NAME --help: its settings.")  # fmt: skip
            raise SystemExit(0)
        raise InputError(f"the name of an experiment ({names})", "none", "write isinglass run NAME")
    experiment, rest = find(arguments[0]), arguments[1:]
    preset = given_words(rest).get("preset", "laptop")
    form = parse(experiment_form(experiment, preset), f"run {arguments[0]}", rest)  # pyright: ignore
    return experiment_job(form.settings, form.preset, form.seed, recipe(("run", *arguments)), form.out), form.json


def experiment_job(
    experiment: AbstractExperiment, preset: str, seed: int, words: tuple[str, ...], out: Path | None = None
) -> "Job":
    """An experiment as a job."""
    from isinglass.run.job import Job

    settings = dataclasses.asdict(experiment)  # pyright: ignore[reportArgumentType]
    return Job(experiment.name, experiment.run, seed, preset, settings, words, experiment.in_words(), out=out)


def recipe(words: Sequence[str]) -> tuple[str, ...]:
    """The words of a command without its output and the form in which its result is printed."""
    kept: list[str] = []
    skip = False
    for word in words:
        if not skip and word not in ("--out", "--json") and not word.startswith("--out="):
            kept.append(word)
        skip = word == "--out" and not skip
    return tuple(kept)


def chosen(tasks: Sequence[type[AbstractTask]], arguments: Sequence[str]) -> type[AbstractTask]:
    """The task that the words among the arguments ask for."""
    words = given_words(arguments)
    return next((task for task in tasks if task.takes(words)), tasks[0])


def task_job(name: str, arguments: Sequence[str], parse: Parse) -> tuple["Job", bool]:
    """The job of a task; its file is read now, so that bad input is refused at once."""
    from isinglass import verbs
    from isinglass.run.job import Job, file_digests

    task = chosen(command_tasks()[name], arguments)
    form = parse(task_form(task, [("out", OUT, None)]), name, arguments)
    source = task.source(**{f.name: getattr(form, f.name) for f in dataclasses.fields(task.source)})  # pyright: ignore
    problem, more, record = source.read()
    settings, fields = task_settings(task, form), {f.name for f in dataclasses.fields(task)}  # pyright: ignore
    given = settings | {key: value for key, value in more.items() if key in fields}
    said = {f.name: getattr(source, f.name) for f in dataclasses.fields(source)}

    def work(key: Any, *, progress: Any, checkpoint: Path) -> "Result":
        return getattr(verbs, task.verb)(key, problem, progress=progress, checkpoint=checkpoint, **given)

    inputs = file_digests(said | settings)
    job = Job(name, work, form.seed, settings.get("preset"), {**said, **record, **settings},
              recipe((name, *arguments)), inputs=inputs, out=form.out)  # fmt: skip
    return job, form.json


def sample_job(arguments: Sequence[str], parse: Parse) -> tuple["Job", bool]:
    """The job of sampling a system."""
    place, form, task = sample_form(arguments, parse)
    import jax

    from isinglass import verbs
    from isinglass.data.files import check_output_path, write
    from isinglass.run.job import Job, file_digests, page_of
    from isinglass.run.output import new_path

    new_path(page_of(check_output_path(form.out)), "report")
    settings = task_settings(task, form.settings)
    make = getattr(importlib.import_module(place.module), place.name)
    if settings.get("temperature", 1.0) is None and (".lattice." in place.module or place in COUPLINGS.values()):
        raise InputError("positive, finite temperatures", "none", "write e.g. --temperature 1.5:3.5:41")
    parameters = {f.name: getattr(form.system, f.name) for f in dataclasses.fields(form.system)}
    if {"beta", "temperature"} <= set(given_words(arguments)):
        at = f"beta = {parameters['beta']:g} and temperature {' '.join(f'{t:g}' for t in settings['temperature'])}"
        raise InputError("beta or temperature = 1/beta, one of them", at, "leave one out")

    def work(key: Any, *, progress: Any, checkpoint: Path) -> "Result":
        own = {"key": jax.random.fold_in(key, 2**31)} if "key" in inspect.signature(make).parameters else {}
        return verbs.sample(key, make(**parameters, **own), progress=progress, checkpoint=checkpoint, **settings)

    job = Job(f"sample {arguments[0]}", work, form.seed, settings.get("preset"), parameters | settings,
              recipe(("sample", *arguments)), inputs=file_digests(parameters | settings), out=form.out,
              write=write)  # fmt: skip
    return job, form.json


def sample_form(arguments: Sequence[str], parse: Parse) -> tuple[Any, Any, type[AbstractTask]]:
    """The place of the system, the form with its parameters and the settings of the task, and the task."""
    from isinglass.tasks.find import tasks

    systems = listed() | COUPLINGS
    names = ", ".join(systems)
    if not arguments or arguments[0].startswith("-"):
        if set(arguments) & {"-h", "--help"}:
            print(f"usage: isinglass sample SYSTEM --out FILE.nc [OPTIONS]\n\nSYSTEM: {names}\n\n"
                  "isinglass sample SYSTEM --help: its parameters and the settings of the sampling.")  # fmt: skip
            raise SystemExit(0)
        raise InputError(f"a system ({names})", "none", "write isinglass sample SYSTEM")
    if arguments[0] not in systems:
        raise InputError(f"a system among {names}", repr(arguments[0]), "see isinglass sample --help")
    of_systems = [task for task in tasks("sample") if SYSTEM in task.problem]
    place, task = systems[arguments[0]], chosen(of_systems, arguments[1:])
    system, settings = (Annotated[kind, tyro.conf.arg(name="")] for kind in (system_form(place), task_form(task)))
    out = Annotated[
        Path, tyro.conf.arg(help="The file to write, new: .nc (netCDF) or .csv (a table, no configurations).")
    ]
    form = dataclasses.make_dataclass("SampleForm", [("system", system), ("settings", settings), ("out", out)])
    form.__doc__ = f"{system_form(place).__doc__}\n\n{help_text(task)}"
    made = parse(form, f"sample {arguments[0]}", arguments[1:])
    made.seed, made.json = made.settings.seed, made.settings.json
    return place, made, task
