# SPDX-License-Identifier: Apache-2.0
"""The commands: arguments into a form, the verb or experiment that it asks for, a printed result."""

import dataclasses
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from isinglass.completion import Shell
from isinglass.errors import InputError
from isinglass.experiments.catalogue import catalogue, find
from isinglass.experiments.experiment import Preset
from isinglass.flags import Flag, given_words
from isinglass.jobs import Parse, experiment_job, planned
from isinglass.run.interruption import Interruption

if TYPE_CHECKING:
    from isinglass.result import Result
    from isinglass.run.job import Job

__all__ = ["compare", "completion", "doctor", "lab", "list_", "run", "sample", "show", "task_command", "verify"]


MOST_SEEDS = 10_000  # of a verification


@dataclasses.dataclass(frozen=True)
class ListForm:
    """List the available experiments."""

    json: Flag[bool] = False
    """One JSON document on stdout."""


@dataclasses.dataclass(frozen=True)
class RepeatForm:
    """Repeat a run from its config.toml, or go on with a stopped one."""

    name: tyro.conf.Positional[str] = ""
    """The experiment, which config.toml names too."""
    config: Path | None = None
    """The config.toml of a run, or its folder: the same command again, for the same numbers."""
    resume: Path | None = None
    """The OUT.partial of a stopped run: go on, bit for bit."""
    out: Path | None = None
    """Where to write, new; with --config alone."""
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

    names: Annotated[
        tyro.conf.Positional[tuple[str, ...]], tyro.conf.arg(metavar="[NAME ...]", help_behavior_hint="")
    ] = ()
    """Which experiments; all if none is named."""
    preset: Preset = "laptop"
    """smoke: at most 45 s each; laptop: minutes; paper: published sizes."""
    seed: int = 0
    """The random seed."""
    seeds: int = 1
    """How many seeds, from that one on; one seed alone tells little of a tolerance."""
    json: Flag[bool] = False
    """One JSON document on stdout."""


@dataclasses.dataclass(frozen=True)
class LabForm:
    """A local page for the browser: live systems, saved runs, and files to drop.  Ctrl-C closes it."""

    port: int = 8470
    """Where it listens; 0: any free port."""
    host: str = "127.0.0.1"
    """The address it listens at; by default this machine alone can reach it."""
    root: Path = Path("runs")
    """Where runs are kept."""
    no_browser: Flag[bool] = False
    """Only print the address."""


@dataclasses.dataclass(frozen=True)
class CompletionForm:
    """Print the script by which a shell completes the commands, flags and words of isinglass.

    bash: isinglass completion bash > ~/.local/share/bash-completion/completions/isinglass

    zsh: isinglass completion zsh > ~/.isinglass.zsh, and the line `source ~/.isinglass.zsh` in ~/.zshrc

    fish: isinglass completion fish > ~/.config/fish/completions/isinglass.fish
    """

    shell: tyro.conf.Positional[Shell]
    """The shell."""


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
    """Run an experiment by name; repeat a run from its config.toml, or go on with a stopped one."""
    if {"config", "resume"} & set(given_words(arguments)):
        return repeat(arguments, parse)
    return do(("run", *arguments), parse)


def do(words: Sequence[str], parse: Parse) -> int:
    """Carry out the command of these words and print what came of it."""
    job, json = planned(words, parse)
    with Interruption():  # once the result is published, no signal takes its exit code
        return finish(*carry_out(job), json)


def repeat(arguments: Sequence[str], parse: Parse) -> int:
    """The command in a config.toml once more, with another output, or with that of a stopped run."""
    from isinglass.run.directory import read_config
    from isinglass.run.fingerprint import change
    from isinglass.run.job import identity, resumable

    form = parse(RepeatForm, "run", arguments)
    if (form.config is None) == (form.resume is None) or (form.resume and form.out):
        raise InputError(
            "--config FILE [--out OUT], or --resume OUT.partial", "another combination", "give one of them"
        )
    out, config = form.out if form.resume is None else resumable(form.resume), read_config(form.resume or form.config)
    if form.name not in ("", config["name"]):
        raise InputError(f"a run of {form.name}", f"one of {config['name']}", f"isinglass run {config['name']}")
    if not config["command"]:
        raise InputError("a run that a command made", "no command in config.toml", "repeat it in Python")
    try:
        words = shlex.split(config["command"])[1:]
    except ValueError as error:
        raise InputError("a command that a shell can read", f"{error}", "restore a copy of config.toml") from None
    job, _ = planned(words + ([] if out is None else ["--out", str(out)]), parse)
    before, now = ({k: v for k, v in c.items() if k != "versions"} for c in (config, job.config()))
    if differing := change(identity(before), identity(now)):
        fix = "change the command in the file, whose flags count, or bring the inputs back"
        raise InputError("the run that config.toml describes", f"another: {differing}", fix)
    if change(config["versions"], job.config()["versions"]):
        say_versions(config["versions"], job.config()["versions"])
    with Interruption():
        return finish(*carry_out(job), form.json)


def say_versions(before: dict[str, str], now: dict[str, str]) -> None:
    """Other versions may give other last digits, and with them other samples."""
    odd = [f"{name} {now[name]} (it was made with {before.get(name, 'none')})" for name in now
           if before.get(name) != now[name]]  # fmt: skip
    print(f"isinglass: repeated with {', '.join(odd)}; the numbers may not be the same bits", file=sys.stderr)


def task_command(name: str) -> Callable[[Sequence[str], Parse], int]:
    """The command of a task that reads its problem from a file and leaves a run directory."""
    return lambda arguments, parse: do((name, *arguments), parse)


def sample(arguments: Sequence[str], parse: Parse) -> int:
    """Sample a system into a netCDF file; a stopped run is gone on from OUT.partial by the same command."""
    return do(("sample", *arguments), parse)


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
    if not 1 <= form.seeds <= MOST_SEEDS:
        raise InputError(f"1 to {MOST_SEEDS} seeds", f"seeds = {form.seeds}", "leave it out for one")
    experiments = [find(name).preset(form.preset) for name in form.names or catalogue()]
    seeds = range(form.seed, form.seed + form.seeds)
    words = lambda one, seed: ("run", one.name, "--preset", form.preset, "--seed", str(seed))  # noqa: E731
    jobs = [experiment_job(one, form.preset, seed, words(one, seed)) for one in experiments for seed in seeds]
    with Interruption():
        results = [carry_out(job)[0] for job in jobs]
    if form.json:
        show_json({"results": [r.to_json() for r in results]})
    else:
        print(render_verdicts(results) if form.seeds == 1 else render_seeds(results))
    return 1 if any(result.verdict == "fail" for result in results) else 0


def lab(arguments: Sequence[str], parse: Parse) -> int:
    """Serve the page until a signal ends it."""
    form = parse(LabForm, "lab", arguments)
    try:
        from isinglass.lab.server import open_lab
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in ("starlette", "uvicorn", "websockets"):
            raise
        raise InputError("the packages of the lab", f"no {package}", 'pip install "isinglass[lab]"') from None
    return open_lab(form.host, form.port, form.root, browser=not form.no_browser)


def doctor(arguments: Sequence[str], parse: Parse) -> int:
    """Print what is installed, and test it against an exact number."""
    from isinglass.doctor import examine
    from isinglass.report.table import render_rows

    form = parse(DoctorForm, "doctor", arguments)
    result = examine()
    if not form.json:
        print(render_rows(("part", "found"), [*result.versions.items(), *result.settings.items()]), end="\n\n")
    return report(result, json=form.json)


def completion(arguments: Sequence[str], parse: Parse) -> int:
    """Print the script by which a shell completes what is typed."""
    from isinglass.completion import script
    from isinglass.tasks.find import of_other_packages

    form = parse(CompletionForm, "completion", arguments)
    print(script(form.shell, [task.command for task in of_other_packages() if task.command], list(catalogue())), end="")
    return 0


def carry_out(job: "Job") -> tuple["Result", Path]:
    """Run a job with progress on stderr; its result and its folder."""
    from isinglass.run.job import conduct
    from isinglass.run.progress import display

    with display() as progress:
        return conduct(job, progress)


def finish(result: "Result", folder: Path, json: bool) -> int:  # noqa: FBT001
    """Print the result and where its file and its report are."""
    from isinglass.run.job import page_of

    code = report(result, json=json)
    stream = sys.stderr if json else sys.stdout
    if folder.is_file():
        print(f"samples: {folder}", file=stream)
    page = page_of(folder) if folder.is_file() else folder / "report.html"
    print(f"report: {page}" if page.exists() else f"run: {folder}", file=stream)
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
