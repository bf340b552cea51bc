# SPDX-License-Identifier: Apache-2.0
"""What a worker does: some simulations one after another."""

import time
from typing import NamedTuple

import numpy as np

from isinglass.run.farm.child import ChildEndedError, children_of
from isinglass.run.farm.outcome import Outcome, Status, outcome_of
from isinglass.run.farm.sending import received

__all__ = ["FarmWork", "run_batch"]

ATTEMPTS = 3  # of a simulation whose process ends


class FarmWork(NamedTuple):
    """What all batches have in common."""

    farm: str  # its name, of which there is no other
    payload: bytes  # the simulator
    limit: float | None  # seconds for a simulation
    apart: bool  # in a process beside the worker, which may be killed


def run_batch(work: FarmWork, seeds: np.ndarray, theta: np.ndarray) -> tuple[list[Outcome], float]:
    """The outcomes, and the seconds that they took.  Errors: NotReceivedError."""
    begun = time.perf_counter()
    if work.apart or work.limit is not None:
        found = [one_apart(work, *row) for row in zip(seeds, theta, strict=True)]
    else:
        simulator = received(work.payload)
        found = [outcome_of(simulator, *row) for row in zip(seeds, theta, strict=True)]
    return found, time.perf_counter() - begun


def one_apart(work: FarmWork, seed: np.ndarray, theta: np.ndarray) -> Outcome:
    """In a child: again where it was killed from outside, three times at most."""
    begun, said = time.perf_counter(), ""
    for _ in range(ATTEMPTS):
        children = children_of(work.farm, work.payload)
        try:
            return children.ask(seed, theta, work.limit)
        except ChildEndedError as error:
            said = str(error)
            if not error.killed or children.closed:
                break
    return Outcome(int(Status.KILLED), None, said, time.perf_counter() - begun)
