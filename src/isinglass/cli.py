# SPDX-License-Identifier: Apache-2.0
"""The command line: arguments to the verbs and experiments; no logic, and no heavy import before it is needed."""

import contextlib
import io
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from isinglass.result import Result

__all__ = ["COMMANDS", "main"]

HELP = """usage: isinglass COMMAND [OPTIONS]

Machine learning in physics, on JAX: every result is held against what physics knows about it.

  list                   the experiments there are
  run NAME               run an experiment, save it, write its report
  phases FILE            find the phase transition in configurations (.npz, .h5, .hdf5, .nc)
  sample SYSTEM          draw configurations: ising, potts, xy, gauge, square-ice, phi4, u1, ...
  ground-state FILE      ground state of a Hamiltonian (.toml) by a neural state, held against the exact one
  show RUN               print a saved run: a folder, a NAME (its latest run), or 'latest'
  compare RUN RUN        two runs side by side, differences in standard errors
  verify [NAME ...]      run experiments again and hold them against their claims
  doctor                 versions, devices, folders, a self-test

isinglass COMMAND --help says more; --version says which isinglass this is.
Exit code: 0 done, no check failed; 1 a check failed; 2 bad input; 75 stopped by SIGTERM or SIGUSR1; 130 by Ctrl-C.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(guarded(lambda: dispatch(arguments)))


def dispatch(arguments: list[str]) -> int:
    """Find the command."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(HELP, end="")
        return 0
    if arguments[0] == "--version":
        from isinglass import __version__

        print(f"isinglass {__version__}")
        return 0
    if arguments[0] not in COMMANDS:
        from isinglass.errors import InputError

        raise InputError(f"a command among {', '.join(COMMANDS)}", repr(arguments[0]), "see isinglass --help")
    return COMMANDS[arguments[0]](arguments[1:])


def guarded(command: Callable[[], int]) -> int:
    """The exit code; bad input is one line on stderr, a bug a traceback."""
    from isinglass.errors import Interrupted

    try:
        return command()
    except Interrupted as end:
        say(str(end))
        return 130 if end.signal == signal.SIGINT else 75
    except KeyboardInterrupt:
        say("stopped; what was saved can be resumed")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the reader of our output has gone, as `head` does
        return 0
    except (ImportError, OSError, ValueError) as error:
        if not is_sentence(error):
            raise
        say(one_line(error))
        return 2


def is_sentence(error: ImportError | OSError | ValueError) -> bool:
    """Is it for the user: a missing extra, a full disk, a refusal by a line of isinglass?  Else it is a bug."""
    if isinstance(error, ImportError):
        return "pip install" in str(error)
    if isinstance(error, OSError):
        return True
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and Path(frames[-1].filename).is_relative_to(Path(__file__).parent)


def one_line(error: BaseException) -> str:
    """The message on one line."""
    return " ".join(str(error).split()) or type(error).__name__


def say(message: str) -> None:
    """To the person, not to the pipe."""
    print(f"isinglass: {message}", file=sys.stderr, flush=True)


def parse(form: Any, name: str, arguments: Sequence[str], **options: Any) -> Any:
    """Arguments into a form (a dataclass); what does not fit is bad input, in one line."""
    import tyro

    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            return tyro.cli(form, prog=f"isinglass {name}", args=list(arguments), **options)
    except SystemExit as end:
        if end.code in (0, None):
            raise
        from isinglass.errors import InputError

        lines = [line.strip(" │") for line in said.getvalue().splitlines()]
        words = [line for line in lines if line and not line.startswith(("╭", "╰"))]
        until = next((i for i, line in enumerate(words) if line.startswith("──") or "--help" in line), len(words))
        reason = " ".join(words[:until]).strip(" .") or "something else"
        raise InputError(
            "arguments as in --help", reason[:1].lower() + reason[1:], f"see isinglass {name} --help"
        ) from None


def report(result: "Result", json: bool) -> int:  # noqa: FBT001
    """Print a result, as a table or as JSON; the exit code of its verdict."""
    if json:
        from isinglass.result import dumps

        print(dumps(result.to_json()), end="")
    else:
        from isinglass.report.table import render

        print(render(result, color=sys.stdout.isatty()))
    return 1 if result.verdict == "fail" else 0


def list_(arguments: Sequence[str]) -> int:
    """The experiments there are."""
    from isinglass.experiments.catalogue import CATALOGUE
    from isinglass.forms import ListForm

    form = parse(ListForm, "list", arguments)
    if form.json:
        from isinglass.result import dumps

        print(dumps([{"name": name, "task": e.task, "summary": e.summary} for name, e in CATALOGUE.items()]), end="")
        return 0
    from isinglass.report.table import render_rows

    print(render_rows(("experiment", "task", "what it shows"), [(n, e.task, e.summary) for n, e in CATALOGUE.items()]))
    return 0


def run(arguments: Sequence[str]) -> int:
    """Run an experiment by name."""
    from isinglass.forms import run_form

    name, job, form = run_form(arguments, parse)
    result, folder = carry_out(job)
    return finish(result, folder, form.json)


def carry_out(job: Any) -> tuple["Result", Path]:
    """Conduct a job with progress on stderr."""
    from isinglass.run.job import conduct
    from isinglass.run.progress import display

    with display() as progress:
        return conduct(job, progress)


def finish(result: "Result", folder: Path, json: bool) -> int:  # noqa: FBT001
    """Print the result and where its report is."""
    code = report(result, json)
    page = folder / "report.html"
    print(f"report: {page}" if page.exists() else f"run: {folder}", file=sys.stderr if json else sys.stdout)
    return code


def phases(arguments: Sequence[str]) -> int:
    """Find the transition in a file."""
    from isinglass.forms import PhasesForm

    form = parse(PhasesForm, "phases", arguments)
    result, folder = carry_out(form.job())
    return finish(result, folder, form.json)


def sample(arguments: Sequence[str]) -> int:
    """Draw configurations into a file."""
    from isinglass.forms import SampleForm
    from isinglass.run.progress import display

    form = parse(SampleForm, "sample", arguments)
    with display() as progress:
        result = form.draw(progress)
    code = report(result, form.json)
    print(f"configurations: {form.out}", file=sys.stderr if form.json else sys.stdout)
    return code


def ground_state(arguments: Sequence[str]) -> int:
    """The ground state of a Hamiltonian in a file."""
    from isinglass.forms import GroundStateForm

    form = parse(GroundStateForm, "ground-state", arguments)
    result, folder = carry_out(form.job())
    return finish(result, folder, form.json)


def show(arguments: Sequence[str]) -> int:
    """Print a saved run."""
    from isinglass.forms import ShowForm
    from isinglass.run.directory import find, load

    form = parse(ShowForm, "show", arguments)
    folder = find(form.run, form.root)
    return finish(load(folder, whole=False), folder, form.json)


def compare(arguments: Sequence[str]) -> int:
    """Two runs side by side."""
    from isinglass.forms import CompareForm
    from isinglass.report.table import render_comparison
    from isinglass.result import dumps
    from isinglass.run.directory import find, load

    form = parse(CompareForm, "compare", arguments)
    a, b = (load(find(name, form.root), whole=False) for name in (form.a, form.b))
    text = dumps({"results": [a.to_json(), b.to_json()]}) if form.json else render_comparison(a, b) + "\n"
    print(text, end="")
    return 0


def verify(arguments: Sequence[str]) -> int:
    """Run the catalogue again."""
    from isinglass.forms import VerifyForm
    from isinglass.report.table import render_verdicts
    from isinglass.result import dumps

    form = parse(VerifyForm, "verify", arguments)
    results = [carry_out(job)[0] for job in form.jobs()]
    text = dumps({"results": [r.to_json() for r in results]}) if form.json else render_verdicts(results) + "\n"
    print(text, end="")
    return 1 if any(result.verdict == "fail" for result in results) else 0


def doctor(arguments: Sequence[str]) -> int:
    """Examine the installation."""
    from isinglass.doctor import examine
    from isinglass.forms import DoctorForm
    from isinglass.report.table import render_rows

    form = parse(DoctorForm, "doctor", arguments)
    result = examine()
    if not form.json:
        print(render_rows(("part", "found"), [*result.versions.items(), *result.settings.items()]), end="\n\n")
    return report(result, form.json)


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "list": list_,
    "run": run,
    "phases": phases,
    "sample": sample,
    "ground-state": ground_state,
    "show": show,
    "compare": compare,
    "verify": verify,
    "doctor": doctor,
}

if __name__ == "__main__":
    main()
