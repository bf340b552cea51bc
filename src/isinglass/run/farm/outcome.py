# SPDX-License-Identifier: Apache-2.0
"""x = simulate(rng, θ), or why there is none.  No JAX is imported here: this runs in every worker."""

import time
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Outcome", "Status", "outcome_of"]

LONGEST = 200  # letters of a message


class Status(IntEnum):
    """How a simulation ended; the numbers stand in files."""

    WORKED = 0
    RAISED = 1
    HUNG = 2  # longer than its time limit
    KILLED = 3  # its process ended, every time
    NO_NUMBERS = 4


class Outcome(NamedTuple):
    """One simulation."""

    status: int
    x: np.ndarray | None  # real numbers, finite or not
    message: str  # of one that failed
    seconds: float  # that a worker was busy with it


class NoNumbersError(TypeError):
    """What was returned is no array of real numbers."""


def outcome_of(simulator: Any, seed: np.ndarray, theta: np.ndarray) -> Outcome:
    """Run one simulation with a random generator of its own.

    Law: depends on simulator, seed and θ alone, wherever and after whatever it runs.
    """
    begun = time.perf_counter()
    try:
        x = real_numbers(simulator.run(np.random.default_rng(list(map(int, seed))), np.array(theta)))
        status, message = Status.WORKED, ""
    except NoNumbersError as error:
        x, status, message = None, Status.NO_NUMBERS, str(error)
    except (Exception, SystemExit) as error:  # whatever a simulator raises; not Ctrl-C
        x, status, message = None, Status.RAISED, in_words(error)
    return Outcome(int(status), x, message[:LONGEST], time.perf_counter() - begun)


def real_numbers(x: Any) -> np.ndarray:
    """An array of real numbers; what is masked is NaN.  Errors: NoNumbersError."""
    if x is None or isinstance(x, str | bytes | dict):
        raise NoNumbersError(f"returned {brief(x)}")
    try:
        a = np.asarray(x)
    except Exception as error:  # ragged lists, and whatever an own __array__ raises
        raise NoNumbersError(f"returned {brief(x)}, which is no array ({in_words(error)})") from None
    if a.dtype.kind not in "biuf":
        what = "complex numbers" if a.dtype.kind == "c" else brief(x)
        raise NoNumbersError(f"returned {what}; an array of real numbers is expected")
    if a.size == 0:
        raise NoNumbersError(f"returned an empty array of shape {list(a.shape)}")
    mask = np.ma.getmaskarray(x) if isinstance(x, np.ma.MaskedArray) else False
    return np.where(mask, np.nan, a.astype(float))


def brief(x: Any) -> str:
    """A value in a message."""
    text = repr(x) if isinstance(x, str | bytes | int | float) else ""
    return text if 0 < len(text) < 60 else "None" if x is None else f"a {type(x).__name__}"


def in_words(error: BaseException) -> str:
    """Its class and its first line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
