# SPDX-License-Identifier: Apache-2.0
"""What ASE (an extra) reads of a file: frames, and all that each holds by key."""

import warnings
from pathlib import Path
from typing import Any

from isinglass.data.atoms.label_keys import StoredFrame
from isinglass.errors import InputError

__all__ = ["ase_frames", "load_ase", "stored_frame"]

NO_LABELS = ("numbers", "positions", "masses", "momenta", "tags", "initial_magmoms", "initial_charges")


def load_ase() -> Any:
    """The package ase with its readers.  Errors: InputError with the line that installs it."""
    try:
        import ase.db
        import ase.io
    except ImportError:
        raise InputError("ASE", "none", "install it: pip install 'isinglass[atoms]'") from None
    return ase


def ase_frames(path: Path) -> tuple[list[Any], list[str]]:
    """What ASE reads, and what it warns of.  Errors: InputError for a file that it cannot read, or an empty one."""
    ase = load_ase()
    if not path.is_file():
        raise InputError(f"a file at {path}", "a folder" if path.is_dir() else "nothing", "look at the path")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            if path.suffix == ".db":  # ase.io leaves out what is beside the calculator
                rows = ase.db.connect(path).select()
                frames = [row.toatoms(add_additional_information=True) for row in rows]
            else:
                frames = ase.io.read(str(path), index=":", do_not_split_by_at_sign=True)
        except Exception as error:  # each of its readers has its own
            found = f"{type(error).__name__} {error}"[:200]
            raise InputError(f"atoms in {path.name}", found, "give extended XYZ, an ASE database or .traj") from None
    if not frames or not all(len(frame) for frame in frames):
        raise InputError(f"frames with atoms in {path.name}", "an empty one" if frames else "none", "give others")
    return frames, [f"ASE: {text}" for text in dict.fromkeys(str(one.message) for one in caught)]


def stored_frame(frame: Any) -> StoredFrame:
    """What an ASE Atoms holds by key: its info, arrays, the row of a database, the results of its calculator.

    ASE moves `energy`, `forces`, `stress` of an extended XYZ to a calculator; other names it leaves in place.
    """
    info = dict(frame.info)
    row = {**(info.pop("key_value_pairs", None) or {}), **(info.pop("data", None) or {})}
    arrays = {name: array for name, array in frame.arrays.items() if name not in NO_LABELS}
    results = getattr(frame.calc, "results", {})
    return {**info, **row, **arrays, **{name: value for name, value in results.items() if value is not None}}
