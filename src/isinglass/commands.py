# SPDX-License-Identifier: Apache-2.0
"""The commands: arguments into a form, the verb or experiment that it asks for, a printed result."""

import dataclasses
import importlib
import inspect
import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from isinglass.errors import InputError
from isinglass.experiments.catalogue import catalogue, find
from isinglass.experiments.experiment import AbstractExperiment, Preset
from isinglass.flags import Flag, experiment_form, given_words, system_form, task_form, task_settings
from isinglass.systems.listing import listed
from isinglass.tasks.find import command_tasks
from isinglass.tasks.task import AbstractTask

if TYPE_CHECKING:
    from isinglass.result import Result
    from isinglass.run.job import Job

__all__ = ["compare", "doctor", "list_", "run", "sample", "show", "task_command", "verify"]

SYSTEM = "isinglass.systems.system:AbstractSystem"
OUT = Annotated[Path | None, tyro.conf.arg(help="Run directory to write, new; by default runs/NAME/<UTC time>-<id>.")]


Parse = Callable[..., Any]  # parse(form, name, arguments): arguments into a form


@dataclasses.dataclass(frozen=True)
class ListForm:
    """List the available experiments."""

    json: Flag[bool] = False
    """One JSON document on stdout."""


@dataclasses.dataclass(frozen=True)
class ShowForm:
    """Print a saved run."""

    run: tyro.conf.Positional[str] = "latest"
    """A run directory, the NAME of an experiment (its latest run), or 'latest'."""
    root: Path = Path("runs")
    """Where runs are kept."""
    json: Flag[bool] = False
    """One JSON document on stdout."""


@dataclasses.dataclass(frozen=True)
class CompareForm:
    """Two runs side by side, with the differences in standard errors."""

    a: tyro.conf.Positional[str]
    """A run directory, a NAME, or 'latest'."""
    b: tyro.conf.Positional[str]
    """The other."""
    root: Path = Path("runs")
    """Where runs are kept."""
    json: Flag[bool] = False
    """One JSON document on stdout."""


@dataclasses.dataclass(frozen=True)
class VerifyForm:
    """Run experiments again; print claim, measured, expected, verdict."""

    names: tyro.conf.Positional[tuple[str, ...]] = ()
    """Which experiments; all if none is named."""
    preset: Preset = "laptop"
    """smoke: at most 45 s each; laptop: minutes; paper: published sizes."""
    seed: int = 0
    """The random seed."""
    seeds: int = 1
    """How many seeds, from that one on: a tolerance that was found with one seed is not found yet."""
    json: Flag[bool] = False
    """One JSON document on stdout."""


@dataclasses.dataclass(frozen=True)
class DoctorForm:
    """Versions, devices, folders, extras, and a self-test against an exact number."""

    json: Flag[bool] = False
    """One JSON document on stdout."""


def list_(arguments: Sequence[str], parse: Parse) -> int:
    """Print the experiments of the catalogue, one on a line."""
    form, rows = parse(ListForm, "list", arguments), catalogue()
    if form.json:
        show_json([{"name": name, "task": e.task, "summary": e.summary} for name, e in rows.items()])
        return 0
    from isinglass.report.table import render_rows

    print(render_rows(("experiment", "task", "what it shows"), [(n, e.task, e.summary) for n, e in rows.items()]))
    return 0


def run(arguments: Sequence[str], parse: Parse) -> int:
    """Run an experiment by name, or go on with a stopped one."""
    names = ", ".join(catalogue())
    if not arguments or arguments[0].startswith("-"):
        if set(arguments) & {"-h", "--help"}:
            print(f"usage: isinglass run NAME [OPTIONS]\n\nNAME: {names}\n\nisinglass run NAME --help: its settings.")
            return 0
        raise InputError(f"the name of an experiment ({names})", "none", "write isinglass run NAME")
    experiment, rest = find(arguments[0]), arguments[1:]
    preset = given_words(rest).get("preset", "laptop")
    form = parse(experiment_form(experiment, preset), f"run {arguments[0]}", rest)  # pyright: ignore
    job = experiment_job(form.settings, form.preset, form.seed, form.out)
    return finish(*carry_out(job if form.resume is None else resumed_job(experiment, form.resume)), form.json)


def experiment_job(experiment: AbstractExperiment, preset: str, seed: int, folder: Path | None = None) -> "Job":
    """An experiment as a job."""
    from isinglass.run.job import Job

    settings = dataclasses.asdict(experiment)  # pyright: ignore[reportArgumentType]
    return Job(experiment.name, experiment.run, seed, preset, settings, folder)


def resumed_job(experiment: type[AbstractExperiment], partial: Path) -> "Job":
    """The job of a folder in which a run was stopped."""
    from isinglass.run.job import resumable

    folder, config = resumable(partial)
    if config["name"] != experiment.name:
        name = config["name"]
        raise InputError(f"a stopped run of {experiment.name} to resume", f"one of {name}", f"isinglass run {name}")
    settings = {key: as_tuple(value) for key, value in config["settings"].items()}
    return experiment_job(experiment(**settings), config["preset"], config["seed"], folder)


def as_tuple(value: Any) -> Any:
    """TOML has lists where settings have tuples."""
    return tuple(as_tuple(v) for v in value) if isinstance(value, list) else value


def task_command(name: str) -> Callable[[Sequence[str], Parse], int]:
    """The command of a task that reads its problem from a file and leaves a run directory."""

    def command(arguments: Sequence[str], parse: Parse) -> int:
        task = chosen(command_tasks()[name], arguments)
        form = parse(task_form(task, [("out", OUT, None)]), name, arguments)
        return finish(*carry_out(task_job(name, task, form, arguments)), form.json)

    return command


def chosen(tasks: Sequence[type[AbstractTask]], arguments: Sequence[str]) -> type[AbstractTask]:
    """The task that the words among the arguments ask for."""
    words = given_words(arguments)
    return next((task for task in tasks if task.takes(words)), tasks[0])


def task_job(name: str, task: type[AbstractTask], form: Any, arguments: Sequence[str]) -> "Job":
    """The file is read now, so that bad input is refused at once."""
    from isinglass import verbs
    from isinglass.run.job import Job

    source = task.source(**{f.name: getattr(form, f.name) for f in dataclasses.fields(task.source)})  # pyright: ignore
    problem, more, record = source.read()
    settings, fields = task_settings(task, form), {f.name for f in dataclasses.fields(task)}  # pyright: ignore
    given = settings | {key: value for key, value in more.items() if key in fields}
    said = {f.name: str(v) if isinstance(v := getattr(source, f.name), Path) else v for f in dataclasses.fields(source)}
    kept = {**said, **record, **settings, "command": shlex.join(["isinglass", name, *arguments])}

    def work(key: Any, *, progress: Any, checkpoint: Path) -> "Result":
        return getattr(verbs, task.verb)(key, problem, progress=progress, checkpoint=checkpoint, **given)

    return Job(name, work, form.seed, settings.get("preset"), kept, form.out)


def sample(arguments: Sequence[str], parse: Parse) -> int:
    """Sample a system into a netCDF file; the checkpoint of a stopped run lies in OUT.partial/ and is gone on from."""
    place, form, task = sample_form(arguments, parse)
    import jax

    from isinglass import verbs
    from isinglass.data.files import check_netcdf_path, write
    from isinglass.run.progress import display
    from isinglass.run.random_key import random_key

    check_netcdf_path(form.out)
    settings = task_settings(task, form.settings)
    make = getattr(importlib.import_module(place.module), place.name)
    if settings.get("temperature", 1.0) is None and ".lattice." in place.module:
        raise InputError("positive, finite temperatures", "none", "write e.g. --temperature 1.5:3.5:41")
    parameters = {f.name: getattr(form.system, f.name) for f in dataclasses.fields(form.system)}
    if {"beta", "temperature"} <= set(given_words(arguments)):
        at = f"beta = {parameters['beta']:g} and temperature {' '.join(f'{t:g}' for t in settings['temperature'])}"
        raise InputError("beta or temperature = 1/beta, one of them", at, "leave one out")
    key = random_key(form.seed)
    if "key" in inspect.signature(make).parameters:
        parameters["key"] = jax.random.fold_in(key, 2**31)
    checkpoint = form.out.with_name(form.out.name + ".partial")
    with display() as progress:
        result = verbs.sample(key, make(**parameters), progress=progress, checkpoint=checkpoint, **settings)
    result.name, result.seed = f"sample {arguments[0]}", form.seed
    write(result, form.out)
    shutil.rmtree(checkpoint, ignore_errors=True)
    code = report(result, json=form.json)
    print(f"configurations: {form.out}", file=sys.stderr if form.json else sys.stdout)
    return code


def sample_form(arguments: Sequence[str], parse: Parse) -> tuple[Any, Any, type[AbstractTask]]:
    """The place of the system, the form with its parameters and the settings of the task, and the task."""
    from isinglass.tasks.find import tasks

    names = ", ".join(listed())
    if not arguments or arguments[0].startswith("-"):
        if set(arguments) & {"-h", "--help"}:
            print(f"usage: isinglass sample SYSTEM --out FILE.nc [OPTIONS]\n\nSYSTEM: {names}\n\n"
                  "isinglass sample SYSTEM --help: its parameters and the settings of the sampling.")  # fmt: skip
            raise SystemExit(0)
        raise InputError(f"a system ({names})", "none", "write isinglass sample SYSTEM")
    if arguments[0] not in listed():
        raise InputError(f"a system among {names}", repr(arguments[0]), "see isinglass sample --help")
    of_systems = [task for task in tasks("sample") if SYSTEM in task.problem]
    place, task = listed()[arguments[0]], chosen(of_systems, arguments[1:])
    system, settings = (Annotated[kind, tyro.conf.arg(name="")] for kind in (system_form(place), task_form(task)))
    out = Annotated[Path, tyro.conf.arg(help="The file to write, new, ending in .nc.")]
    form = dataclasses.make_dataclass("SampleForm", [("system", system), ("settings", settings), ("out", out)])
    form.__doc__ = f"{system_form(place).__doc__}\n\n{task.__doc__}"
    made = parse(form, f"sample {arguments[0]}", arguments[1:])
    made.seed, made.json = made.settings.seed, made.settings.json
    return place, made, task


def show(arguments: Sequence[str], parse: Parse) -> int:
    """Print a saved run."""
    from isinglass.result import Result
    from isinglass.run.directory import find as find_run

    form = parse(ShowForm, "show", arguments)
    folder = find_run(form.run, form.root)
    return finish(Result.load(folder, whole=False), folder, form.json)


def compare(arguments: Sequence[str], parse: Parse) -> int:
    """Print two runs side by side."""
    from isinglass.report.table import render_comparison
    from isinglass.result import Result
    from isinglass.run.directory import find as find_run

    form = parse(CompareForm, "compare", arguments)
    a, b = (Result.load(find_run(name, form.root), whole=False) for name in (form.a, form.b))
    if form.json:
        show_json({"results": [a.to_json(), b.to_json()]})
    else:
        print(render_comparison(a, b))
    return 0


def verify(arguments: Sequence[str], parse: Parse) -> int:
    """Run the catalogue again; all names are looked at before the first one starts."""
    from isinglass.report.table import render_seeds, render_verdicts

    form = parse(VerifyForm, "verify", arguments)
    if form.seeds < 1:
        raise InputError("at least one seed", f"seeds = {form.seeds}", "leave it out for one")
    experiments = [find(name).preset(form.preset) for name in form.names or catalogue()]
    seeds = range(form.seed, form.seed + form.seeds)
    results = [carry_out(experiment_job(one, form.preset, seed))[0] for one in experiments for seed in seeds]
    if form.json:
        show_json({"results": [r.to_json() for r in results]})
    else:
        print(render_verdicts(results) if form.seeds == 1 else render_seeds(results))
    return 1 if any(result.verdict == "fail" for result in results) else 0


def doctor(arguments: Sequence[str], parse: Parse) -> int:
    """Print what is installed, and test it against an exact number."""
    from isinglass.doctor import examine
    from isinglass.report.table import render_rows

    form = parse(DoctorForm, "doctor", arguments)
    result = examine()
    if not form.json:
        print(render_rows(("part", "found"), [*result.versions.items(), *result.settings.items()]), end="\n\n")
    return report(result, json=form.json)


def carry_out(job: "Job") -> tuple["Result", Path]:
    """Run a job with progress on stderr; its result and its folder."""
    from isinglass.run.job import conduct
    from isinglass.run.progress import display

    with display() as progress:
        return conduct(job, progress)


def finish(result: "Result", folder: Path, json: bool) -> int:  # noqa: FBT001
    """Print the result and where its report is."""
    code = report(result, json=json)
    page = folder / "report.html"
    print(f"report: {page}" if page.exists() else f"run: {folder}", file=sys.stderr if json else sys.stdout)
    return code


def report(result: "Result", *, json: bool) -> int:
    """Print a result, as a table or as JSON; the exit code of its verdict."""
    if json:
        show_json(result.to_json())
    else:
        from isinglass.report.table import render

        print(render(result, color=sys.stdout.isatty()))
    return 1 if result.verdict == "fail" else 0


def show_json(record: Any) -> None:
    """One JSON document on stdout."""
    from isinglass.run.document import dumps

    print(dumps(record), end="")
