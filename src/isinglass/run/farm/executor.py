# SPDX-License-Identifier: Apache-2.0
"""Where simulations run: processes of our own, or any executor that is given."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from isinglass.errors import InputError

__all__ = ["Workers", "check_executor", "replaced", "workers_of"]

EXPECTED = "an Executor of concurrent.futures, a function that makes one, or the number of processes"
FIX = "leave it out for as many processes as there are cores; of Dask give client.get_executor()"


@dataclass
class Workers:
    """An executor, and how another one is had when it breaks."""

    executor: Any
    own: bool  # threads here, each with a child process beside it
    make: Callable[[], Any] | None = None
    made: bool = False  # by us, who shut it down

    def close(self) -> None:
        """Shut down what we have made, whose futures are cancelled; leave what was given."""
        if self.made and hasattr(self.executor, "shutdown"):
            self.executor.shutdown(wait=False)


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_executor(given: Any) -> None:
    """Errors: InputError for what is none."""
    if isinstance(given, int) and not isinstance(given, bool):
        if not 1 <= given <= 10_000:
            raise InputError("1 to 10000 processes", str(given), FIX)
        return
    if given is not None and not (callable(given) or hasattr(given, "submit") or hasattr(given, "get_executor")):
        raise InputError(EXPECTED, type(given).__name__, FIX)


def workers_of(given: Any) -> Workers:
    """Open an executor, or take the one that is given."""
    if given is None or isinstance(given, int):
        return Workers(ThreadPoolExecutor(given or cores(), "simulation"), own=True, made=True)
    if not isinstance(given, type) and hasattr(given, "get_executor"):  # a client of Dask
        given = given.get_executor()
    if not isinstance(given, type) and callable(getattr(given, "submit", None)):
        return Workers(given, own=False)
    return Workers(made_by(given), own=False, make=given, made=True)


def made_by(make: Callable[[], Any]) -> Any:
    """What a function or class makes.  Errors: InputError where that is no executor."""
    try:
        executor = make()
    except Exception as error:  # whatever it raises
        found = f"one that raises {type(error).__name__}: {error}"
        raise InputError("a function that makes an Executor, without arguments", found[:150], FIX) from None
    if isinstance(executor, type) or not callable(getattr(executor, "submit", None)):
        raise InputError("a function that makes an Executor", f"one that returns {type(executor).__name__}", FIX)
    return executor


def replaced(workers: Workers, error: BaseException) -> Workers:
    """Others for a broken executor.  Errors: InputError where we do not know how to make one."""
    broken, text = workers.executor, f"{type(error).__name__} ({str(error)[:120]})"
    workers.close()
    if workers.make is not None:
        return Workers(made_by(workers.make), own=False, make=workers.make, made=True)
    if type(broken).__module__ == "concurrent.futures.process":  # of this machine, as our own
        return workers_of(getattr(broken, "_max_workers", None))
    expected, fix = "an executor whose workers live", "run again with a new one, or give a function that makes one"
    raise InputError(expected, text, f"{fix}: what is in store= is kept")
