# SPDX-License-Identifier: Apache-2.0
"""Many simulations on an executor: a bounded number of batches out, what is lost sent again, a clean stop on a signal.

Of the executor `submit` alone is used, of its futures `add_done_callback`, `result` and `cancel`: processes, threads,
Dask, MPI and others are one.
"""

import secrets
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

import numpy as np

from isinglass.errors import InputError
from isinglass.run.farm.batch import ATTEMPTS, FarmWork, run_batch
from isinglass.run.farm.child import end_children
from isinglass.run.farm.executor import Workers, cores, replaced, workers_of
from isinglass.run.farm.outcome import Outcome, Status
from isinglass.run.farm.pace import Pace
from isinglass.run.farm.sending import NotReceivedError, packed
from isinglass.run.interruption import Interruption

__all__ = ["run_farm"]

TICK = 0.2  # seconds between two looks at signals
FIX = "install there what it imports, or define it in a module that the workers find"


class Batch(NamedTuple):
    """What was sent."""

    rows: list[int]
    workers: Workers
    sent: float


@dataclass
class Farm:
    """The state of the work."""

    work: FarmWork
    seeds: np.ndarray  # [n, 2]
    theta: np.ndarray  # [n, d]
    workers: Workers
    take: Callable[[int, Outcome], None]
    pace: Pace = field(default_factory=lambda: Pace(2 * cores()))
    out: dict[Any, Batch] = field(default_factory=dict)
    back: SimpleQueue = field(default_factory=SimpleQueue)
    again: deque[int] = field(default_factory=deque)  # lost once or twice: sent alone
    lost: dict[int, int] = field(default_factory=dict)  # how often
    next: int = 0
    done: int = 0

    def send(self) -> None:
        """As many batches as may be out."""
        n = len(self.seeds)
        while (self.again or self.next < n) and len(self.out) < self.pace.batches:
            if self.again:
                rows = [self.again.popleft()]
            else:
                rows = list(range(self.next, min(n, self.next + self.pace.next_batch(n - self.next))))
                self.next = rows[-1] + 1
            work = self.work._replace(apart=self.work.apart or rows[0] in self.lost)
            try:
                future = self.workers.executor.submit(run_batch, work, self.seeds[rows], self.theta[rows])
            except (BrokenExecutor, RuntimeError) as error:  # RuntimeError: it was shut down
                self.again.extend(rows)
                self.replace(self.workers, error)
                continue
            self.out[future] = Batch(rows, self.workers, time.perf_counter())
            future.add_done_callback(self.back.put)

    def receive(self, future: Any) -> None:
        """Take the outcomes of a batch, or note that it is lost."""
        batch = self.out.pop(future)
        try:
            outcomes, busy = future.result()
        except NotReceivedError as error:
            raise InputError("a simulator that the workers can load", str(error), FIX) from None
        except BrokenExecutor as error:
            self.replace(batch.workers, error)
            self.sent_again(batch, error)
            return
        except Exception as error:  # whatever an executor says of a worker that is gone
            self.sent_again(batch, error)
            return
        n_bytes = sum(one.x.nbytes for one in outcomes if one.x is not None)
        self.pace.learn(len(outcomes), busy, time.perf_counter() - batch.sent, n_bytes)
        for row, outcome in zip(batch.rows, outcomes, strict=True):
            self.finish(row, outcome)

    def finish(self, row: int, outcome: Outcome) -> None:
        """One more is done."""
        self.done += 1
        self.take(row, outcome)

    def sent_again(self, batch: Batch, error: BaseException) -> None:
        """Each alone, beside the worker; one that is lost three times is counted as failed."""
        for row in batch.rows:
            self.lost[row] = self.lost.get(row, 0) + 1
            if self.lost[row] < ATTEMPTS:
                self.again.append(row)
            else:
                said = f"its worker was lost {ATTEMPTS} times: {type(error).__name__}: {error}"[:200]
                self.finish(row, Outcome(int(Status.KILLED), None, said, 0.0))

    def replace(self, broken: Workers, error: BaseException) -> None:
        """Another executor, once for all that is lost with a broken one."""
        if broken is self.workers:
            self.workers = replaced(broken, error)
            self.work = self.work._replace(apart=True)  # so that no simulation ends a worker again

    def give_up(self) -> None:
        """Nothing goes on after us."""
        for future in self.out:
            with suppress(Exception):
                future.cancel()
        self.workers.close()
        end_children(self.work.farm, self.work.payload)


def run_farm(
    simulator: Any, seeds: np.ndarray, theta: np.ndarray, take: Callable[[int, Outcome], None], *,
    executor: Any = None, limit: float | None = None, tick: Callable[[int], None] = lambda done: None,
) -> int | None:  # fmt: skip
    """take(i, outcome) for every i, as they come; the number of the signal that ended it before, None if none did.

    `limit`: seconds for a simulation; `tick(done)` is called five times a second.
    Law: the outcomes depend on simulator, seeds and theta alone, not on the executor.
    Errors: InputError for a simulator that cannot be sent, an executor that breaks and cannot be made again.
    """
    payload, workers = packed(simulator), workers_of(executor)
    farm = Farm(FarmWork(secrets.token_hex(8), payload, limit, workers.own), seeds, theta, workers, take)
    with Interruption() as stop:
        try:
            while farm.done < len(seeds) and not stop.interrupted:
                farm.send()
                with suppress(Empty):
                    farm.receive(farm.back.get(timeout=TICK))
                tick(farm.done)
            return stop.signal if farm.done < len(seeds) else None
        finally:
            farm.give_up()
