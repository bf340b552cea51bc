# SPDX-License-Identifier: Apache-2.0
"""A table of training runs: parameters N, tokens D, compute C and loss L, of which C = 6 N D gives what is missing.

6 operations for each parameter and token: 2 of the forward pass, 4 of the backward pass; attention over the context and
embeddings are not counted.  Ref: Kaplan et al. 2020, arXiv:2001.08361, section 2.1.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from isinglass.errors import InputError
from isinglass.inference.scaling_laws.flop_count import FLOP, training_compute

__all__ = ["FEWEST", "CleanRuns", "RunsTable", "clean_runs"]

FEWEST = 12  # rows
LARGEST = 1e100
UNITS = 30.0  # C/(6 N D) that is no other way of counting, but another unit
MOST_RATIO, LEAST_RATIO = 1e6, 1e-4  # tokens for each parameter, median
FIX = "say what one unit of a column is (parameters_in=1e6 for millions), or correct it"


@dataclass(frozen=True, eq=False)
class RunsTable:
    """Losses [n] of training runs, with one or more of parameters, tokens and compute (FLOP) [n]."""

    loss: Any
    parameters: Any = None
    tokens: Any = None
    compute: Any = None


class CleanRuns(NamedTuple):
    """Rows that are whole: finite, positive."""

    loss: np.ndarray
    size: dict[str, np.ndarray]  # of parameters, tokens, compute: those given, and the third where two are
    row: np.ndarray  # number of each in the table, from 1
    lost: int  # rows that are not finite
    flop_ratio: np.ndarray | None  # C/(6 N D), where all three were given


def clean_runs(given: RunsTable, flop: float = FLOP) -> CleanRuns:
    """Errors: InputError for unequal lengths, text, numbers that are not positive, few rows, other units."""
    loss = numbers(given.loss, "loss")
    names = ("parameters", "tokens", "compute")
    size = {name: numbers(a, name) for name in names if (a := getattr(given, name)) is not None}
    if not size:
        raise InputError("parameters, tokens or compute of each run", "losses alone", "give one of them, or two")
    if any(len(a) != len(loss) for a in size.values()):
        found = ", ".join(f"{name} {len(a)}" for name, a in [("loss", loss), *size.items()])
        raise InputError("one number of each for every run", found, "give equally many")
    good = np.all([np.isfinite(a) for a in (loss, *size.values())], axis=0)
    for name, a in [("loss", loss), *size.items()]:
        if (wrong := np.flatnonzero(good & (a <= 0))).size:
            found = f"{a[wrong[0]]:g} in row {wrong[0] + 1}" + f" and {wrong.size - 1} more" * (wrong.size > 1)
            raise InputError(f"{name} above 0", found, "leave these runs out, or correct them")
        if (beyond := np.flatnonzero(good & ((a > LARGEST) | (a < 1 / LARGEST)))).size:
            found = f"{a[beyond[0]]:.3g} in row {beyond[0] + 1}"
            raise InputError(f"{name} between {1 / LARGEST:g} and {LARGEST:g}", found, "change the units")
    if good.sum() < FEWEST:
        lost = f", {int((~good).sum())} more not finite" if not good.all() else ""
        raise InputError(f"{FEWEST} finite runs or more", f"{int(good.sum())}{lost}", "train more")
    loss, size = loss[good], {name: a[good] for name, a in size.items()}
    if np.ptp(np.log(loss)) < 1e-12:
        raise InputError("losses that vary", f"{loss[0]:g} in all runs", "give another column")
    size, ratio = completed(size, flop)
    return CleanRuns(loss, size, np.flatnonzero(good) + 1, int((~good).sum()), ratio)


def completed(size: dict[str, np.ndarray], flop: float) -> tuple[dict[str, np.ndarray], np.ndarray | None]:
    """The third of N, D and C = 6 N D; C/(6 N D) where all are given.  Errors: InputError for other units."""
    ratio = None
    if len(size) == 3:
        ratio = size["compute"] / training_compute(size["parameters"], size["tokens"], flop)
        if not 1 / UNITS < (middle := float(np.median(ratio))) < UNITS:
            raise InputError(f"compute C = {flop:g} N D, within a factor {UNITS:g}",
                             f"C/({flop:g} N D) = {middle:.3g} (median)", FIX)  # fmt: skip
    elif {"parameters", "tokens"} <= size.keys():
        size = size | {"compute": training_compute(size["parameters"], size["tokens"], flop)}
    elif "compute" in size and len(size) == 2:
        (name,) = size.keys() - {"compute"}
        size = size | {"tokens" if name == "parameters" else "parameters": size["compute"] / (flop * size[name])}
    if {"parameters", "tokens"} <= size.keys():
        each = float(np.median(size["tokens"] / size["parameters"]))
        if not LEAST_RATIO < each < MOST_RATIO:
            raise InputError(f"{LEAST_RATIO:g} to {MOST_RATIO:g} tokens for each parameter",
                             f"{each:.3g} (median)", FIX)  # fmt: skip
    return size, ratio


def numbers(given: Any, what: str) -> np.ndarray:
    """Real numbers in double precision [n].  Errors: InputError for anything else."""
    a = np.asarray(given)
    a = a.reshape(-1) if a.ndim == 2 and 1 in a.shape else a
    if a.dtype.kind not in "iuf" or a.ndim != 1:
        found = f"{a.dtype}" if a.ndim == 1 else f"an array {list(a.shape)}"
        raise InputError(f"{what} [n], real numbers", found, "give one number for each run; 70e6, not 70M")
    return a.astype(float)
