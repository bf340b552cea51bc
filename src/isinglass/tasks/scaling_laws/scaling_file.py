# SPDX-License-Identifier: Apache-2.0
"""Training runs in a file: columns for parameters, tokens, compute and loss, found by their usual names."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass.data.text_table import is_number
from isinglass.errors import InputError
from isinglass.inference import scaling_laws
from isinglass.tasks.linear.linear_file import columns

if TYPE_CHECKING:
    from isinglass.inference.scaling_laws.runs_table import RunsTable

__all__ = ["ScalingFile"]

USUAL = {  # in small letters, without blanks and marks
    "loss": ("loss", "l", "finalloss", "testloss", "valloss", "validationloss", "evalloss", "trainloss",
             "trainingloss", "crossentropy", "crossentropyloss"),
    "parameters": ("n", "parameters", "params", "nparameters", "nparams", "numparameters", "numparams",
                   "numberofparameters", "modelsize", "modelparameters", "modelparams", "size"),
    "tokens": ("d", "tokens", "ntokens", "numtokens", "numberoftokens", "trainingtokens", "traintokens",
               "datasetsize", "datasize", "data", "samples", "examples"),
    "compute": ("c", "compute", "flop", "flops", "trainingflop", "trainingflops", "trainflops", "trainingcompute",
                "traincompute", "totalflops"),
}  # fmt: skip


@dataclass(frozen=True)
class ScalingFile:
    """A row for each run; two of parameters, tokens and compute give the third."""

    file: Path
    """.csv, .txt with named columns, .npz, .h5, .nc, .mat."""
    loss: str = ""
    """The column of the loss, by default one named loss, val_loss, test_loss ..."""
    parameters: str = ""
    """The column of N, by default one named N, params, parameters, model size ...; 'none': leave it out."""
    tokens: str = ""
    """The column of D, by default one named D, tokens, dataset size ...; 'none'."""
    compute_column: str = ""
    """The column of C, by default one named C, compute, flop, flops, training FLOP ...; 'none'."""
    parameters_in: float = 1.0
    """What one unit of that column is: 1e6 for millions."""
    tokens_in: float = 1.0
    """The same of tokens."""
    compute_in: float = 1.0
    """The same of compute, in FLOP: 8.64e19 for petaflop/s-days."""

    def read(self) -> "tuple[RunsTable, dict[str, Any], dict[str, Any]]":
        """The table; no settings; what was read, for the record."""
        held, name = columns(self.file)
        given = {"loss": self.loss, "parameters": self.parameters, "tokens": self.tokens,
                 "compute": self.compute_column}  # fmt: skip
        chosen = {role: key for role, asked in given.items() if (key := column(held, role, asked, name))}
        if "loss" not in chosen:
            raise InputError(f"a column of losses in {name}", shown(held), "name it as loss")
        if len(chosen) == 1:
            fix = "name two of them as parameters, tokens, compute_column"
            raise InputError(f"columns of parameters, tokens or compute in {name}", shown(held), fix)
        if len(set(chosen.values())) < len(chosen):
            raise InputError("a column for each size", ", ".join(chosen.values()), "give each column one place")
        values = {role: numbers(held[key], key, name) for role, key in chosen.items()}
        for role, unit in (("parameters", self.parameters_in), ("tokens", self.tokens_in),
                           ("compute", self.compute_in)):  # fmt: skip
            if not 0 < unit < np.inf:
                raise InputError(f"a unit of {role} above 0", f"{unit:g}", "give for example 1e6 for millions")
            if role in values:
                values[role] = values[role] * unit
        said = ", ".join(f"{role} {key}" if role != key else role for role, key in chosen.items())
        return scaling_laws.RunsTable(**values), {}, {"read": f"{name}: {said}"}


def column(held: dict[str, np.ndarray], role: str, asked: str, name: str) -> str:
    """The name of a column, "" for none.  Errors: InputError for one that is not there, or several."""
    if asked == "none" and "none" not in held:
        return ""
    if asked:
        if asked not in held:
            raise InputError(f"the column {asked} in {name}", shown(held), "name one that is there")
        return asked
    found = [key for key in held if re.sub(r"[^a-z]", "", key.lower()) in USUAL[role]]
    if len(found) > 1:
        setting = "compute_column" if role == "compute" else role
        raise InputError(f"one column of {role} in {name}", ", ".join(found), f"name it as {setting}")
    return found[0] if found else ""


def numbers(a: np.ndarray, key: str, name: str) -> np.ndarray:
    """A column of numbers.  Errors: InputError that names the first text in it."""
    if a.dtype.kind in "US":
        at = next((i for i, word in enumerate(a) if word and not is_number(str(word))), 0)
        raise InputError(f"numbers in column {key} of {name}", f"{str(a[at])!r} in row {at + 1}", "write 70e6 for 70M")
    return a


def shown(held: dict[str, np.ndarray]) -> str:
    """The names of the columns."""
    return ", ".join(held)[:300] or "none"
