# SPDX-License-Identifier: Apache-2.0
"""x = what a program prints, or writes to a file, for θ: any executable as a simulator."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

from isinglass.errors import InputError

__all__ = ["ProgramFailedError", "ProgramSimulator"]

PLACES = re.compile(r"\{(theta|seed|output\.npy|output\.txt|\d+)\}")
FIX = "write {theta} for all parameters, {0} {1} ... for one, {seed}, {output.npy} or {output.txt}"
LARGEST_SEED = 2**31  # most programs take a signed number of 32 bits
TAIL = 4000  # bytes of stderr that are kept


class ProgramFailedError(Exception):
    """A program that ended with an error, or whose output is no numbers."""


@dataclass(frozen=True)
class ProgramSimulator:
    """x = the numbers that a program prints, for parameters among its arguments or on its standard input.

        ProgramSimulator(["./sim", "--mass", "{0}", "--width", "{1}", "--seed", "{seed}"])
        ProgramSimulator(["./sim", "{theta}", "{seed}", "{output.npy}"])       it writes x to a file
        ProgramSimulator(["./sim"], stdin="json")       {"theta": [1.5, 0.2], "seed": 17} on one line

    No shell is used: each word is one argument, and {theta} as a word of its own becomes one for each parameter.
    Text is read as numbers between blanks, commas, semicolons or lines, all in one row; `#` begins a comment.
    Its noise is to come from {seed}: a program that takes the clock for one gives all that start together the same.
    """

    command: tuple[str, ...]
    stdin: str = ""
    """What it reads: nothing, a line of JSON, or a line of the parameters and the seed."""
    folder: str = field(default="", metadata={"identity": False})
    """Where it is started; by default where we are now."""
    largest: int = field(default=10**8, metadata={"identity": False})
    """Bytes of its output, at most."""
    program: str = field(default="", init=False, metadata={"identity": False})

    def __init__(
        self, command: Sequence[Any], stdin: str = "", folder: str | os.PathLike = "",
        largest: int = 10**8,
    ):  # fmt: skip
        """Errors: InputError for a program that is not there, cannot be run, or is not told the parameters."""
        check_command(command, stdin)
        words = tuple(str(word) for word in command)
        where = os.path.abspath(folder or os.curdir)
        if not os.path.isdir(where):
            raise InputError("a folder to start the program in", f"no {where}", "create it, or leave folder out")
        made = {"command": words, "stdin": stdin, "folder": where, "largest": largest}
        for name, value in (made | {"program": found_program(words[0], where)}).items():
            object.__setattr__(self, name, value)

    @property
    def seeded(self) -> bool:
        """Whether the program is told a seed."""
        return bool(self.stdin) or any("{seed}" in word for word in self.command)

    def files(self) -> dict[str, str]:
        """Digests of the program, and of the files among its arguments: with others it is another simulator."""
        found = {}
        for word, path in ((word, os.path.join(self.folder, word)) for word in (self.program, *self.command[1:])):
            if os.path.isfile(path):
                with open(path, "rb") as opened:
                    found[os.path.basename(word)] = hashlib.file_digest(opened, "blake2b").hexdigest()[:16]
        return found

    def run(self, rng: np.random.Generator, theta: np.ndarray) -> np.ndarray:
        """One x.  Errors: ProgramFailedError."""
        seed = int(rng.integers(LARGEST_SEED))
        with tempfile.TemporaryDirectory(prefix="isinglass-") as temporary:
            words = filled(self.command, theta, seed, temporary)
            told = told_text(self.stdin, theta, seed)
            text = printed([self.program, *words[1:]], told, self.folder, self.largest)
            for name in ("output.npy", "output.txt"):
                if any(f"{{{name}}}" in word for word in self.command):
                    return read_output(Path(temporary) / name, self.largest)
        return numbers_of(text, "on stdout")


def check_command(command: Any, stdin: Any) -> None:
    """Errors: InputError for what is no list of words, or tells the program no parameters."""
    if isinstance(command, str) or not isinstance(command, Sequence) or not command:
        found = repr(command)[:60] if isinstance(command, str) else type(command).__name__
        raise InputError("a program and its arguments, a list of words", found, 'write ["./sim", "{theta}"]')
    if odd := [word for word in command if not isinstance(word, str | os.PathLike)]:
        raise InputError("words of a command", type(odd[0]).__name__, f"write it as text: {str(odd[0])[:40]!r}")
    if stdin not in ("", "json", "text"):
        raise InputError("stdin '', 'json' or 'text'", repr(stdin)[:40], "choose one of them")
    words = [str(word) for word in command[1:]]
    short = [word for word in words if not re.search(r"\s", word)]  # others may be a script in place of a file
    unknown = [m for word in short for m in re.findall(r"\{[a-zA-Z][\w.]*\}", word) if not PLACES.fullmatch(m)]
    if unknown:
        raise InputError("known places in the command", unknown[0], FIX)
    if not stdin and not any(re.search(r"\{(theta|\d+)\}", word) for word in words):
        raise InputError("a program that is told the parameters", " ".join(map(str, command))[:80],
                         f"{FIX}; or stdin='json'")  # fmt: skip


def found_program(name: str, folder: str) -> str:
    """The path of an executable.  Errors: InputError where there is none."""
    here = os.path.join(folder, name) if os.sep in name else name
    if path := shutil.which(here):
        return path
    if os.sep in name and os.path.exists(here):
        what = "a folder" if os.path.isdir(here) else "not executable"
        raise InputError("a program that can be run", f"{here}, {what}", f"chmod +x {name}, or name its interpreter")
    raise InputError("a program", f"no {name}" + ("" if os.sep in name else " on the PATH"), "check its name")


def filled(command: Sequence[str], theta: np.ndarray, seed: int, folder: str) -> list[str]:
    """The words with numbers in the places: 17 digits, so that none is lost."""
    numbers = [repr(float(t)) for t in theta]
    words = []
    for word in command:
        if word == "{theta}":
            words += numbers
            continue
        for index in re.findall(r"\{(\d+)\}", word):
            if int(index) >= len(numbers):
                found = f"{{{index}}} in the command, of {len(numbers)} parameters that begin with {{0}}"
                raise ProgramFailedError(found)
        words.append(PLACES.sub(lambda place: filling(place[1], numbers, seed, folder), word))
    return words


def filling(place: str, numbers: list[str], seed: int, folder: str) -> str:
    """What stands in a place."""
    if place.isdigit():
        return numbers[int(place)]
    return {"theta": ",".join(numbers), "seed": str(seed)}.get(place) or os.path.join(folder, place)


def told_text(kind: str, theta: np.ndarray, seed: int) -> str:
    """What the program reads."""
    if kind == "json":
        return json.dumps({"theta": [float(t) for t in theta], "seed": seed}) + "\n"
    return " ".join([*(repr(float(t)) for t in theta), str(seed)]) + "\n" if kind else ""


def printed(words: list[str], told: str, folder: str, largest: int) -> str:
    """What a program prints.  Errors: ProgramFailedError for an exit code, a signal, or too much output."""
    with tempfile.TemporaryFile() as given:
        given.write(told.encode())
        given.seek(0)
        try:
            process = subprocess.Popen(
                words, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder
            )  # fmt: skip
        except OSError as error:  # a script without #!, a missing interpreter, a machine without memory
            raise ProgramFailedError(f"{words[0]} cannot be started: {error.strerror}") from None
    assert process.stdout is not None  # noqa: S101
    said = bytearray()
    listener = threading.Thread(target=keep_end, args=(process.stderr, said), daemon=True)
    listener.start()
    with process.stdout:
        text = process.stdout.read(largest + 1)
    if len(text) > largest:
        process.kill()
    code = process.wait()
    if len(text) > largest:
        raise ProgramFailedError(f"more than {largest} bytes on stdout")
    listener.join(timeout=1.0)  # what it has started may hold stderr for longer
    if code:
        lines = said.decode(errors="replace").strip().splitlines()
        how = f"ended by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        raise ProgramFailedError(f"{how}: {lines[-1][:150]}" if lines else how)
    return text.decode(errors="replace")


def keep_end(stream: Any, said: bytearray) -> None:
    """Read all, keep the last words."""
    with stream:
        while piece := stream.read1(65536):
            said.extend(piece)
            del said[:-TAIL]


def read_output(path: Path, largest: int) -> np.ndarray:
    """The numbers in the file that the program has written.  Errors: ProgramFailedError."""
    if not path.is_file():
        raise ProgramFailedError(f"exit code 0, but it has not written the file in the place of {{{path.name}}}")
    if path.stat().st_size > largest:
        raise ProgramFailedError(f"more than {largest} bytes in {{{path.name}}}")
    if path.suffix == ".txt":
        return numbers_of(path.read_text(errors="replace"), f"in {{{path.name}}}")
    try:
        with path.open("rb") as opened:
            return loaded(opened)
    except (ValueError, OSError, EOFError) as error:
        raise ProgramFailedError(f"no .npy file in {{output.npy}} ({str(error).splitlines()[0][:100]})") from None


def loaded(opened: IO[bytes]) -> np.ndarray:
    """An array of a .npy file, never pickled."""
    return np.lib.format.read_array(opened, allow_pickle=False)


def numbers_of(text: str, where: str) -> np.ndarray:
    """All numbers of a text, in one row.  Errors: ProgramFailedError for anything else."""
    words = re.sub(r"#.*", "", text).replace(",", " ").replace(";", " ").split()
    words = [re.sub(r"(?<=[\d.])[dD](?=[-+]?\d+$)", "e", word) for word in words]  # 1.5D+03 of Fortran
    if not words:
        raise ProgramFailedError(f"no numbers {where}")
    try:
        return np.array([float(word) for word in words])
    except ValueError:
        odd = next(word for word in words if not is_number(word))
        raise ProgramFailedError(f"{odd[:40]!r} {where}, where numbers are expected") from None


def is_number(word: str) -> bool:
    """Whether Python reads it as one."""
    try:
        float(word)
    except ValueError:
        return False
    return True
