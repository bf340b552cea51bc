# SPDX-License-Identifier: Apache-2.0
"""A process that runs one command after the other and tells how each ended.

It reads a JSON object a line, {"words", "python", "folder", "out", "err", "seconds"}, and answers with the exit code
and the largest memory in MB.  After `seconds` of CPU time a command is ended by an exception, and its code is "HANG".
"""

import json
import os
import resource
import signal
import sys
import traceback
from typing import Any

ADDRESSES = 16 * 2**30  # bytes of address space: what asks for more gets MemoryError, not the machine


class TooLong(BaseException):
    """The time of a command is over."""


def main() -> None:
    """Answer every line of stdin."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    asked, answers = os.fdopen(os.dup(0), "r"), os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    signal.signal(signal.SIGPROF, end)
    for line in asked:
        json.dump(carry_out(json.loads(line)), answers)
        answers.write("\n")
        answers.flush()


def end(number: int, frame: Any) -> None:
    """Stop what runs."""
    raise TooLong


def carry_out(job: dict[str, Any]) -> dict[str, Any]:
    """The exit code of a command, and the memory that it needed."""
    os.chdir(job["folder"])
    for number, path in ((1, job["out"]), (2, job["err"])):
        handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        os.dup2(handle, number)
        os.close(handle)
    before = forget_peak()
    signal.setitimer(signal.ITIMER_PROF, job["seconds"])
    try:
        code = exit_code(job["words"], python=job["python"])
    except TooLong:
        code = "HANG"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # noqa: BLE001, S110 - the judge sees what is missing
            pass
    return {"code": code, "megabytes": peak() - before}


def exit_code(words: list[str], *, python: bool) -> Any:
    """Of a command line, or of a statement of Python that is guarded as a command is; 70 after a traceback."""
    from isinglass import cli

    try:
        if python:
            return cli.guarded(lambda: exec(words[0], {}) or 0)  # noqa: S102 - our own words
        cli.main(words)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except TooLong:
        raise
    except BaseException:  # noqa: BLE001 - a bug, whatever it is
        traceback.print_exc()
    return 70


def forget_peak() -> float:
    """Reset the largest memory; what there is now, in MB."""
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        return 0.0
    return peak()


def peak() -> float:
    """The largest resident memory in MB; 0 where the system does not tell."""
    try:
        with open("/proc/self/status") as file:
            return next(float(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return 0.0


if __name__ == "__main__":
    main()
