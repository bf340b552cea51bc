# SPDX-License-Identifier: Apache-2.0
"""Processes of our own, in which a simulation may hang or crash: each runs one at a time, and is killed at a limit."""

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Pipe
from pathlib import Path

import numpy as np

from isinglass.run.farm.outcome import Outcome, Status
from isinglass.run.farm.sending import NotReceivedError

__all__ = ["Child", "ChildEndedError", "Children", "children_of", "end_children"]

START = 300.0  # seconds within which a child loads the simulator
PATIENCE = 5.0  # for a process that has closed its channel to end
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")  # as many children as cores


class ChildEndedError(Exception):
    """A child has ended in the middle of a simulation: `killed` from outside, or by what it did."""

    def __init__(self, text: str, *, killed: bool):
        """`text`: how it ended."""
        self.killed = killed
        Exception.__init__(self, text)


class Child:
    """A process with the simulator, and a channel to it."""

    def __init__(self, payload: bytes):
        """Errors: NotReceivedError where it cannot load the simulator."""
        self.channel, theirs = Pipe()
        lifeline, self.alive = os.pipe()
        command = [sys.executable, "-P", str(Path(__file__).with_name("child_process.py"))]
        environment = dict.fromkeys(ONE_THREAD, "1") | os.environ
        try:
            self.process = subprocess.Popen(
                [*command, str(theirs.fileno()), str(lifeline)], pass_fds=(theirs.fileno(), lifeline),
                stdin=subprocess.DEVNULL, env=environment, start_new_session=True,
            )  # fmt: skip
        finally:
            theirs.close()
            os.close(lifeline)
        try:
            self.channel.send_bytes(pickle.dumps(sys.path))
            self.channel.send_bytes(payload)
            said = self.channel.recv() if self.channel.poll(START) else f"it does not load within {START:g} s"
        except (EOFError, OSError):
            said = f"its process {self.reason()} while it loaded"
        if said:
            self.end()
            raise NotReceivedError(said)

    def ask(self, seed: np.ndarray, theta: np.ndarray, limit: float | None) -> Outcome:
        """One simulation.  Errors: ChildEndedError."""
        try:
            self.channel.send_bytes(pickle.dumps((seed, theta)))
            if self.channel.poll(limit):
                return Outcome(*self.channel.recv())
        except (EOFError, OSError):
            raise ChildEndedError(f"its process {self.reason()}", killed=self.process.returncode == -9) from None
        self.end()
        return Outcome(int(Status.HUNG), None, f"longer than the time limit of {limit:g} s", float(limit or 0.0))

    def reason(self) -> str:
        """How the process ended; what it has started ends with it."""
        until = time.monotonic() + PATIENCE
        while not self.ended():
            if time.monotonic() > until:
                return "closed its channel"
            time.sleep(0.005)
        self.kill()
        code = self.process.wait()
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    def ended(self) -> bool:
        """Whether it has, without taking its number away, which another process may get."""
        with suppress(ChildProcessError):  # it has, and nobody is told how
            return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        return True

    def kill(self) -> None:
        """Kill the process and all that it has started, as long as its number is its own."""
        with suppress(ProcessLookupError, PermissionError):
            if self.process.returncode is None:
                os.killpg(self.process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill it, and close the channel."""
        self.kill()
        self.process.wait()
        self.channel.close()
        with suppress(OSError):
            os.close(self.alive)
        self.alive = -1


class Children:
    """The children of one farm in this process."""

    def __init__(self, payload: bytes):
        """None is started yet."""
        self.payload, self.lock, self.closed = payload, threading.Lock(), False
        self.idle: list[Child] = []
        self.busy: set[Child] = set()

    def ask(self, seed: np.ndarray, theta: np.ndarray, limit: float | None) -> Outcome:
        """One simulation in a child of its own.  Errors: ChildEndedError, NotReceivedError."""
        child, alive = self.taken(), False
        try:
            outcome = child.ask(seed, theta, limit)
            alive = outcome.status != Status.HUNG
            return outcome
        finally:
            self.put_back(child, alive=alive)

    def taken(self) -> Child:
        """An idle child, or a new one."""
        with self.lock:
            child = self.idle.pop() if self.idle else None
        child = Child(self.payload) if child is None else child
        with self.lock:
            self.busy.add(child)
            closed = self.closed
        if closed:  # while it was started
            child.kill()
        return child

    def put_back(self, child: Child, *, alive: bool) -> None:
        """Idle again, or gone."""
        with self.lock:
            self.busy.discard(child)
            if alive and not self.closed:
                self.idle.append(child)
                return
        child.end()

    def drain(self) -> None:
        """End those that are idle."""
        with self.lock:
            idle, self.idle = self.idle, []
        for child in idle:
            child.end()

    def close(self) -> None:
        """End them all, whatever they do."""
        with self.lock:
            self.closed, busy = True, list(self.busy)
        self.drain()
        for child in busy:  # the thread that waits for it sees its end
            child.kill()


KNOWN: dict[str, Children] = {}  # of this process: a worker keeps its children from batch to batch
GUARD = threading.Lock()


def children_of(farm: str, payload: bytes) -> Children:
    """Those of this farm; the idle ones of others are ended."""
    with GUARD:
        others = [one for name, one in KNOWN.items() if name != farm] if farm not in KNOWN else []
        found = KNOWN.setdefault(farm, Children(payload))
    for other in others:
        other.drain()
    return found


def end_children(farm: str, payload: bytes) -> None:
    """End those of this farm, now and later: a thread may be about to ask for one."""
    children_of(farm, payload).close()
