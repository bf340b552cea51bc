# SPDX-License-Identifier: Apache-2.0
"""Simulations of Python functions and programs, on any executor; those of any simulator, kept on disk."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np
from jaxtyping import Float, Key, UInt

from isinglass.errors import InputError, Interrupted
from isinglass.inference.posterior.records import Records, joined, records_of
from isinglass.inference.posterior.simulation_store import SimulationStore
from isinglass.run.farm.executor import check_executor
from isinglass.run.farm.farm import run_farm
from isinglass.run.farm.outcome import Outcome, Status
from isinglass.run.fingerprint import fingerprint

__all__ = ["Farming", "Recorder", "farmed", "first_of", "is_external", "kept_records", "missing", "seeds_of"]

FIRST = 50  # simulations that all fail end the work
LOOKED_AT = 20  # of those that work, whose shape tells whether the others are wanted
SAVED_EVERY, SHARE, LONGEST = 2.0, 0.02, 60.0  # seconds between two files: the least, of the time so far, the most
SHOWN_EVERY = 0.2


@dataclass(frozen=True)
class Farming:
    """Where simulations run and are kept."""

    executor: Any = None  # None: as many processes as cores
    time_limit: float | None = None  # seconds for a simulation
    store: Any = None  # a folder
    accept: Callable[[tuple[int, ...]], Any] = lambda shape: None  # raises where such data are of no use

    def check(self) -> None:
        """Errors: InputError for an executor that is none."""
        check_executor(self.executor)
        if not (self.store is None or isinstance(self.store, str | os.PathLike)):
            raise InputError("store, a folder", type(self.store).__name__, "give its path")


@dataclass
class Recorder:
    """Takes outcomes as they come, and writes them down now and then."""

    number: np.ndarray
    theta: np.ndarray
    done: int  # before
    total: int
    progress: Callable[[int, int, str], None]
    accept: Callable[[tuple[int, ...]], Any]
    store: SimulationStore | None = None
    worked: int = 0
    shapes: Counter = field(default_factory=Counter)
    parts: list[Records] = field(default_factory=list)
    pending: list[tuple[int, Outcome]] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)
    due: float = field(default_factory=lambda: time.monotonic() + SAVED_EVERY)
    shown: float = 0.0

    def take(self, row: int, outcome: Outcome) -> None:
        """One more.  Errors: InputError where the first fifty have all failed."""
        self.pending.append((row, outcome))
        if outcome.x is not None:
            self.worked += 1
            self.shapes[outcome.x.shape] += 1
        if self.worked == LOOKED_AT and 2 * max(self.shapes.values()) > LOOKED_AT:
            self.accept(self.shapes.most_common(1)[0][0])
        if not self.worked and len(self.pending) >= min(FIRST, len(self.number)):
            row, first = min(self.pending, key=lambda pair: pair[0])
            found = f"that all of the first {len(self.pending)} fail, number {self.number[row]}: {first.message}"
            raise InputError("a simulator that works", found, "try it on one theta of the prior")

    def tick(self, done: int) -> None:
        """Show the progress, and write a file if one is due."""
        now = time.monotonic()
        if now > self.shown + SHOWN_EVERY or done == len(self.number):
            self.progress(self.done + done, self.total, "simulating")
            self.shown = now
        if now > self.due:
            self.flush()
            self.due = time.monotonic() + min(LONGEST, max(SAVED_EVERY, SHARE * (now - self.begun)))

    def flush(self) -> None:
        """Write down what is new; not failures alone, whose cause may be outside of the simulator."""
        if not self.pending or not self.worked:
            return
        rows = [row for row, _ in self.pending]
        part = records_of(self.number[rows], self.theta[rows], [outcome for _, outcome in self.pending])
        if self.store is not None:
            self.store.append(part)
        self.parts.append(part)
        self.pending = []


def is_external(simulator: Any) -> bool:
    """Whether it is called in Python, run(rng, theta), and not by JAX."""
    return callable(getattr(simulator, "run", None)) and not callable(getattr(simulator, "simulate", None))


def seeds_of(key: Key[Any, ""], n: int) -> UInt[np.ndarray, "n 2"]:
    """Two words of 32 bits for each simulation, by key and number."""
    pairs = jax.vmap(jax.random.split)(jax.random.split(key, n))
    return np.asarray(jax.random.key_data(pairs[:, 1])).reshape(n, -1)[:, -2:].astype(np.uint32)


def farmed(
    key: Key[Any, ""], simulator: Any, theta: Float[np.ndarray, "n d"], names: Sequence[str], farming: Farming,
    progress: Callable[[int, int, str], None],
) -> Records:  # fmt: skip
    """n simulations of a Python function or a program, at the given θ.

    Law: bit for bit the same for any executor, number of workers, and interruption.
    Errors: Interrupted after a signal; InputError.
    """
    farming.check()
    with kept_records(key, simulator, names, farming) as (store, before):
        number = missing(before, theta)
        rest = theta[number]
        recorder = Recorder(number, rest, len(theta) - len(number), len(theta), progress, farming.accept, store)
        recorder.worked = 0 if before is None else int((before.status == Status.WORKED).sum())
        signal = None
        if len(number):
            progress(recorder.done, recorder.total, "simulating")
            seeds = seeds_of(key, len(theta))[number]
            try:
                signal = run_farm(simulator, seeds, rest, recorder.take, executor=farming.executor,
                                  limit=farming.time_limit, tick=recorder.tick)  # fmt: skip
            finally:
                recorder.flush()
    whole = [*([] if before is None else [before]), *recorder.parts]
    if signal is not None:
        done = sum(len(part.number) for part in whole)
        where = None if store is None else store.folder
        raise Interrupted(f"stopped after {done} of {len(theta)} simulations", where, signal)
    return first_of(joined(whole), len(theta))


def first_of(records: Records, n: int) -> Records:
    """n, those that were imported among them; a store may hold more."""
    most = n - int((records.number < 0).sum())
    return records.picked(np.flatnonzero(records.number < max(0, most)))


@contextmanager
def kept_records(
    key: Any, simulator: Any, names: Sequence[str], farming: Farming
) -> Iterator[tuple[SimulationStore | None, Records | None]]:
    """The store, open for this run, and what it holds."""
    if farming.store is None:
        yield None, None
        return
    files = simulator.files() if hasattr(simulator, "files") else {}
    run = fingerprint({"key": key, "simulator": simulator, "files": files})
    with SimulationStore(farming.store).opened(names, run) as store:
        yield store, store.read()


def missing(before: Records | None, theta: Float[np.ndarray, "n d"]) -> np.ndarray:
    """The numbers that are to be simulated: n with those that were imported.

    Errors: InputError for simulations at other parameters than these.
    """
    if before is None:
        return np.arange(len(theta))
    own = before.number >= 0
    known = np.flatnonzero(own & (before.number < len(theta)))
    there, asked = before.theta[known], theta[before.number[known]]
    if not np.allclose(there, asked, rtol=1e-6, atol=1e-9 * np.abs(theta).max(initial=0.0)):
        odd = int(np.argmax(np.abs(there - asked).max(axis=1)))
        found = f"number {before.number[known[odd]]} at {there[odd][:4]}, not at {asked[odd][:4]}"
        raise InputError("a store of simulations drawn from this prior", found, "choose another store")
    wanted = np.arange(max(0, len(theta) - int((~own).sum())))
    return np.setdiff1d(wanted, before.number[known])
