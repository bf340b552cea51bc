# SPDX-License-Identifier: Apache-2.0
"""Simulations on disk: a folder to which files are added and none is changed.

    store.json            what they are: names of the parameters, and the fingerprint of simulator and random key
    0000000.h5, ...       number [k], theta [k, d], status [k], message; row_i, x_i: data of one shape, and whose it is

Each file appears whole, when its bytes are on the disk: killed at any moment, a run goes on from what is there.
"""

import io
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from isinglass.errors import InputError
from isinglass.inference.posterior.records import Records, as_arrays, from_arrays, joined
from isinglass.run.fingerprint import change
from isinglass.run.input.separate_reader import read_separately
from isinglass.run.lock import locked
from isinglass.run.output import write_atomically

__all__ = ["SimulationStore", "imported", "is_store"]

FORMAT = "isinglass simulations 1"
NAME = re.compile(r"\d{7,}\.h5")


class SimulationStore:
    """A folder of simulations."""

    def __init__(self, folder: str | os.PathLike):
        """Nothing is read or written yet."""
        self.folder = Path(folder)

    @contextmanager
    def opened(self, names: Sequence[str], run: Mapping[str, str]) -> Iterator["SimulationStore"]:
        """A context in which this run alone adds to the store, which is made if it is not there.

        Errors: InputError for the store of another problem, for a folder of other things, or one in use.
        """
        check_folder(self.folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            found = f"{self.folder}: {error.strerror}"
            raise InputError("a folder for the simulations", found, "choose another") from None
        with locked(self.folder, "a store", "choose another store"):
            for left in self.folder.glob(".*.h5.*"):  # of a run that was killed
                left.unlink(missing_ok=True)
            self.belongs(tuple(names), run)
            yield self

    def belongs(self, names: tuple[str, ...], run: Mapping[str, str]) -> None:
        """State what the store is of, or check that it is of this.  Errors: InputError."""
        said = self.stated() if is_store(self.folder) else None
        if said is not None and tuple(said["names"]) != names:
            found = f"that of {', '.join(said['names'])}"
            raise InputError(f"the simulations of {', '.join(names)} in {self.folder}", found, "choose another store")
        if said is not None and said["run"] is not None:
            if differing := change(said["run"], run):
                expected = f"the simulations of this simulator and random key in {self.folder}"
                raise InputError(expected, f"those of another: {differing}", "choose another store")
            return
        self.write("store.json", json.dumps({"format": FORMAT, "names": names, "run": dict(run) or None}).encode())

    def stated(self) -> dict[str, Any]:
        """What store.json says.  Errors: InputError where it is damaged, or of a later version."""
        path = self.folder / "store.json"
        try:
            said = json.loads(path.read_text())
            if said["format"] == FORMAT and isinstance(said["names"], list):
                return said
            found = f"format {said['format']!r}"
        except OSError as error:
            raise InputError(f"the simulations in {self.folder}", f"{error.strerror}", "check the folder") from None
        except (ValueError, KeyError, TypeError):
            found = "another content"
        raise InputError(f"{FORMAT!r} in {path}", found, "restore it, or begin another store")

    def segments(self) -> list[Path]:
        """The files, oldest first."""
        return sorted(path for path in self.folder.iterdir() if NAME.fullmatch(path.name))

    def read(self) -> Records | None:
        """All that is there; None for nothing.  Errors: InputError for a damaged file."""
        paths, parts = self.segments(), []
        names = len(self.stated()["names"])
        try:
            found = [groups[0].arrays for groups in read_separately(paths)]
        except InputError:  # of one of them
            found = [None] * len(paths)
        for path, arrays in zip(paths, found, strict=True):
            expected, fix = f"whole simulations in {path}", "remove that file: its simulations are run again"
            try:
                part = from_arrays(read_separately([path])[0][0].arrays if arrays is None else arrays)
            except InputError as error:
                raise InputError(expected, error.found, fix) from None
            except (KeyError, ValueError, IndexError, AttributeError, TypeError) as error:
                raise InputError(expected, f"another content ({error})", fix) from None
            if part.theta.shape[1] != names:
                raise InputError(expected, f"{part.theta.shape[1]} parameters, of {names}", fix)
            parts.append(part)
        return joined(parts) if any(len(part.number) for part in parts) else None

    def append(self, records: Records) -> None:
        """One more file.  Errors: InputError for a full disk."""
        import h5py

        content = io.BytesIO()  # on a full disk HDF5 would crash the process, a plain write raises OSError
        with h5py.File(content, "w") as file:
            for name, array in as_arrays(records).items():
                file.create_dataset(name, data=array)
        last = max((int(path.stem) for path in self.segments()), default=-1)
        self.write(f"{last + 1:07d}.h5", content.getvalue())

    def write(self, name: str, content: bytes) -> None:
        """A whole file.  Errors: InputError."""
        try:
            write_atomically(self.folder / name, content)
        except OSError as error:
            fix = "make room and run again: what was written before is kept"
            raise InputError(f"to write {self.folder / name}", f"{error.strerror}", fix) from None


def is_store(folder: Path) -> bool:
    """Whether it says that it holds simulations."""
    return (folder / "store.json").is_file()


def check_folder(folder: Path) -> None:
    """Errors: InputError for a file, or a folder with other things in it."""
    if folder.is_dir():
        others = [path.name for path in folder.iterdir() if not path.name.startswith(".") and path.name != "lock"]
        if others and not is_store(folder):
            found = f"other files in {folder}: {', '.join(sorted(others)[:3])}"
            raise InputError("a new folder for the simulations, or a store of them", found, "choose another")
    elif os.path.lexists(folder):
        raise InputError("a folder for the simulations", f"the file {folder}", "choose another name")


def imported(theta: np.ndarray, x: np.ndarray) -> Records:
    """Pairs that were made elsewhere, numbered -n, ..., -1."""
    n = len(theta)
    rows = {x.shape[1:]: (np.arange(n), np.asarray(x, float))}
    return Records(np.arange(-n, 0), np.asarray(theta, float), np.zeros(n, np.int8), rows, {})
