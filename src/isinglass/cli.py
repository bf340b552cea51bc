# SPDX-License-Identifier: Apache-2.0
"""The command line: arguments to the verbs and experiments; no logic, and no heavy import before it is needed."""

import contextlib
import fcntl
import io
import os
import re
import shutil
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from isinglass.errors import InputError, Interrupted
from isinglass.run.interruption import SIGNALS

__all__ = ["all_commands", "main"]

WORDS_OF_JAX = ("", "0", "1", "y", "n", "yes", "no", "t", "f", "true", "false", "on", "off")

AGAIN = 0.02  # seconds
NARROWEST = 20  # columns of a terminal
GIVEN = {"evaluate": "RUN"}  # what a command takes where it is no file
HELP = """usage: isinglass COMMAND [OPTIONS]

Machine learning in physics, on JAX: every result is held against what physics knows about it.

  list                   list the available experiments
  run NAME               run an experiment, save it, write its report
{tasks}
  sample SYSTEM          sample configurations: ising, potts, xy, gauge, square-ice, phi4, u1, ...
  show RUN               print a saved run: a folder, a NAME (its latest run), or 'latest'
  compare RUN RUN        two runs side by side, differences in standard errors
  verify [NAME ...]      run experiments again and hold them against their claims
  lab                    a local page for the browser: live systems, saved runs, files to drop
  doctor                 versions, devices, folders, what is missing for which feature, a self-test
  completion SHELL       print the script that completes commands in bash, zsh or fish

isinglass COMMAND --help says more; --version says which isinglass this is.
Exit code: 0 done, no check failed; 1 a check failed; 2 bad input; 75 stopped by SIGTERM or SIGUSR1; 130 by Ctrl-C.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    steady_streams()
    with ended_by_signals(to_the_end=arguments is None):
        code = guarded(lambda: dispatch(words))
    sys.exit(code)


def steady_streams() -> None:
    """Closed streams lead nowhere, letters that a terminal has not are written as numbers, lines have some width."""
    for number in range(3):
        with contextlib.suppress(OSError):
            if number == 0 or fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
                os.fstat(number)
                continue
            os.close(number)  # open for reading alone, as a script of bash may leave it
        os.open(os.devnull, os.O_RDWR)  # takes the number, so that no file of ours is taken for a stream
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        if isinstance(stream := getattr(sys, name), io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if shutil.get_terminal_size().columns < NARROWEST:
        os.environ["COLUMNS"] = str(NARROWEST)  # narrower, lines of help do not end


@contextlib.contextmanager
def ended_by_signals(*, to_the_end: bool) -> Iterator[None]:
    """A context in which a signal ends the command at once, unless the work within it ends a block first.

    After it the exit code is known, and no signal changes it `to_the_end` of the process.
    """
    mine = threading.current_thread() is threading.main_thread()
    before = {number: signal.signal(number, end_at_once) for number in SIGNALS if mine}
    hook, sys.unraisablehook = sys.unraisablehook, send_again
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if to_the_end else handler)


def end_at_once(number: int, frame: object) -> None:
    """The handler of a signal where no work has begun that could be gone on with."""
    raise Interrupted("stopped before the work began", signal=number)


def send_again(lost: Any) -> None:
    """A signal that came in a destructor or a callback, where Python drops what is raised, comes once more."""
    if not isinstance(lost.exc_value, Interrupted) or lost.exc_value.signal is None:
        sys.__unraisablehook__(lost)
        return
    timer = threading.Timer(AGAIN, os.kill, (os.getpid(), lost.exc_value.signal))
    timer.daemon = True
    timer.start()


def dispatch(arguments: list[str]) -> int:
    """Run the command that the first argument names; its exit code."""
    if odd := [word for word in arguments if not word.isascii() and any("\ud800" <= c <= "\udfff" for c in word)]:
        raise InputError(
            "arguments in the letters of the locale", ascii(odd[0]), "set LC_ALL=C.UTF-8, or rename the file"
        )
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        lines = [f"  {name + ' ' + GIVEN.get(name, 'FILE'):<22} {what}" for name, what in task_lines()]
        print(HELP.format(tasks="\n".join(lines)), end="")
        return 0
    if arguments[0] == "--version":
        from isinglass import __version__

        print(f"isinglass {__version__}")
        return 0
    check_environment()
    named = all_commands()
    if arguments[0] not in named:
        raise InputError(f"a command among {', '.join(named)}", repr(arguments[0]), "see isinglass --help")
    return named[arguments[0]](arguments[1:], parse)


def check_environment() -> None:
    """Errors: InputError for a switch of JAX that it would answer with a traceback."""
    word = os.environ.get("JAX_ENABLE_X64", "1")
    if word.lower() not in WORDS_OF_JAX:
        raise InputError("JAX_ENABLE_X64 of 0 or 1", repr(word), "unset it for 64 bit")


def task_lines() -> list[tuple[str, str]]:
    """Command and first words of its task's file, read without importing it; of several, that of the same name."""
    found = {}
    folder = Path(__file__).parent / "tasks"
    for path in sorted(folder.rglob("*_*.py"), key=lambda path: path.name):
        source = path.read_text(encoding="utf-8")
        command = re.search(r'command: ClassVar\[str\] = "([\w-]+)"', source)
        said = re.search(r'^"""(.*?)[.;:](?=[\s"])', source, re.MULTILINE)
        if command and said and (command[1] not in found or path.stem.endswith(command[1].replace("-", "_"))):
            found[command[1]] = said[1][:1].lower() + said[1][1:]
    return list(found.items())


def all_commands() -> dict[str, Callable[..., int]]:
    """Name -> command: those of this package, and one for each task that reads its problem from a file."""
    from isinglass import commands
    from isinglass.tasks.find import of_other_packages

    names = [name for name, _ in task_lines()] + [task.command for task in of_other_packages() if task.command]
    tasks = {name: commands.task_command(name) for name in names}
    ours = ("run", "sample", "show", "compare", "verify", "lab", "doctor", "completion")
    return tasks | {"list": commands.list_} | {name: getattr(commands, name) for name in ours}


def guarded(command: Callable[[], int]) -> int:
    """The exit code; bad input is one line on stderr, a bug a traceback."""
    try:
        code = command()
        sys.stdout.flush()
        return code
    except Interrupted as end:
        say(str(end))
        return 130 if end.signal in (signal.SIGINT, None) else 75
    except KeyboardInterrupt:
        say("stopped at once")
        return 130
    except BrokenPipeError:
        lead_nowhere()  # the reader of our output has closed the pipe, as `head` does
        return 0
    except MemoryError as error:
        say(f"expected a problem that fits in memory; found {one_line(error)}; make it smaller.")
        return 2
    except OSError as error:
        lead_nowhere()
        where = f", {error.filename}" if error.filename else ""
        found = cut(f"{error.strerror or one_line(error)}{where}")
        say(f"expected files that can be read and written; found {found}; free some space, or choose another path.")
        return 2
    except (AssertionError, RuntimeError):
        if not (fault := fault_of_devices()):
            raise
        say(f"expected a device as JAX_PLATFORMS names it; found {fault}; unset JAX_PLATFORMS.")
        return 2
    except (ImportError, ValueError) as error:
        if not is_sentence(error):
            raise
        say(as_flags(one_line(error)))
        return 2


def fault_of_devices() -> str:
    """Why JAX has no device to compute on; empty if it has one."""
    import jax

    try:
        jax.devices()
    except AssertionError:  # a platform that JAX knows and this machine has not
        return f"none for {os.environ.get('JAX_PLATFORMS', 'any platform')}"
    except RuntimeError as error:
        return one_line(error)
    return ""


def lead_nowhere() -> None:
    """What cannot be written to stdout is dropped, so that the interpreter does not stumble over it at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def is_sentence(error: ImportError | ValueError) -> bool:
    """Is it for the user: a missing extra, a refusal by a line of isinglass?  Else it is a bug."""
    if isinstance(error, ImportError):
        return "pip install" in str(error)
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and Path(frames[-1].filename).is_relative_to(Path(__file__).parent)


def one_line(error: BaseException) -> str:
    """The message on one line, its longest words cut."""
    return cut(" ".join(str(error).split())) or type(error).__name__


def cut(text: str) -> str:
    """Paths and words of more than 200 letters, cut."""
    return re.sub(r"\S{200,}", lambda m: f"{m[0][:80]}... ({len(m[0])} letters)", text)


def as_flags(message: str) -> str:
    """Advice about arguments of Python, method='hmc', as flags: --method hmc."""
    words = re.sub(r"\b([A-Za-z_]\w*)='([^']*)'", lambda m: f"--{m[1].replace('_', '-')} {m[2]}", message)
    return re.sub(r"\b([A-Za-z_]\w*)=(-?[\d.]+)", lambda m: f"--{m[1].replace('_', '-')} {m[2]}", words)


def say(message: str) -> None:
    """Print to stderr, so that stdout holds results alone."""
    print(f"isinglass: {message}", file=sys.stderr, flush=True)


def parse(form: Any, name: str, arguments: Sequence[str], **options: Any) -> Any:
    """Arguments into a form (a dataclass); what does not fit is bad input, in one line."""
    import tyro

    check_repeated(form, name, arguments)
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            return tyro.cli(form, prog=f"isinglass {name}", args=list(arguments), **options)
    except SystemExit as end:
        if end.code in (0, None):
            raise
        lines = [line.strip(" │") for line in said.getvalue().splitlines()]
        words = [line for line in lines if line and not line.startswith(("╭", "╰"))]
        rules = [i for i, line in enumerate(words) if not line.strip("─-") or "--help" in line]
        if "╭" not in said.getvalue() and rules[:1] == [1]:  # a title above a rule, where the terminal has no frames
            words, rules = words[2:], [i - 2 for i in rules[1:]]
        reason = " ".join(words[: next(iter(rules), None)]).strip(" .") or "something else"
        raise InputError(
            "arguments as in --help", reason[:1].lower() + reason[1:], f"see isinglass {name} --help"
        ) from None


def check_repeated(form: Any, name: str, arguments: Sequence[str]) -> None:
    """Errors: InputError for a flag that is given twice, of which one would be ignored."""
    from isinglass.flags import repeatable

    flags = [word.partition("=")[0].replace("_", "-") for word in arguments if word.startswith("--")]
    if twice := [flag for flag in dict.fromkeys(flags) if flags.count(flag) > 1 and flag not in repeatable(form)]:
        raise InputError("each flag once", f"{twice[0]} {flags.count(twice[0])} times", f"see isinglass {name} --help")


if __name__ == "__main__":
    main()
