# SPDX-License-Identifier: Apache-2.0
"""Simulations on executors: the same bits everywhere, what fails is told by kind, what is killed is run again."""

import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from tests.run.farm import simulators

from isinglass.errors import InputError
from isinglass.run.farm import Pace, Status, outcome_of, run_farm
from isinglass.systems.simulator import PythonSimulator

N = 120
RNG = np.random.default_rng(0)
SEEDS = RNG.integers(2**32, size=(N, 2), dtype=np.uint32)
THETA = RNG.uniform(-1, 1, (N, 2))


def outcomes(function, theta=THETA, **settings):
    """What each simulation came to."""
    found = {}
    stopped = run_farm(PythonSimulator(function), SEEDS[: len(theta)], theta, found.__setitem__, **settings)
    assert stopped is None
    assert sorted(found) == list(range(len(theta)))  # each once, none lost
    return [found[i] for i in range(len(theta))]


def data(found):
    """The data of simulations that have all worked."""
    assert {one.status for one in found} == {Status.WORKED}
    return np.stack([one.x for one in found])


EXACT = np.stack([t + np.random.default_rng(s.tolist()).normal(size=2) for s, t in zip(SEEDS, THETA, strict=True)])


class Minimal:
    """An executor that knows `submit` alone, whose futures come back in reverse order."""

    def __init__(self):
        self.waiting = []

    def submit(self, function, *arguments):
        future = Future()
        self.waiting.append((future, function, arguments))
        threading.Timer(0.02, self.work).start()
        return future

    def work(self):
        future, function, arguments = self.waiting.pop()
        if future.set_running_or_notify_cancel():
            future.set_result(function(*arguments))


@pytest.mark.parametrize("executor", [1, 3, partial(ThreadPoolExecutor, 3), Minimal], ids=["1", "3", "threads", "own"])
def test_any_executor_gives_the_same_bits(executor):
    """Those of a generator with the seed of each: another order, other workers and batches change nothing."""
    np.testing.assert_array_equal(data(outcomes(simulators.noisy, executor=executor)), EXACT)


def test_an_executor_that_is_given_stays_open():
    with ThreadPoolExecutor(2) as pool:
        outcomes(simulators.quick, executor=pool)
        assert pool.submit(int, 3).result() == 3


def test_a_function_of_the_spot_is_sent():
    """A closure, which no module has."""
    shift = 2.0
    found = data(outcomes(lambda rng, theta: theta + shift, executor=2))
    np.testing.assert_array_equal(found, THETA + shift)


def kinds_at(executor):
    """One of each kind among those that work."""
    theta = np.zeros((24, 2))
    theta[[3, 7, 11, 15, 19], 0] = [1, 2, 3, 4, 5]
    return theta, outcomes(simulators.troubled, theta, executor=executor, limit=1.0)


@pytest.mark.parametrize("executor", [2, partial(ThreadPoolExecutor, 2)], ids=["processes", "threads"])
def test_failures_are_told_by_kind(executor):
    """Also in threads, of which none can be killed: a simulation with a limit has a process of its own."""
    begun = time.monotonic()
    theta, found = kinds_at(executor)
    status = [Status(one.status) for one in found]
    assert [status[i] for i in (3, 7, 11, 15, 19)] == [
        Status.RAISED, Status.HUNG, Status.KILLED, Status.NO_NUMBERS, Status.RAISED]  # fmt: skip
    assert Counter(status)[Status.WORKED] == len(theta) - 5
    said = [found[i].message for i in (3, 7, 11, 15, 19)]
    assert said[0] == "ValueError: too large"
    assert said[1:] == ["longer than the time limit of 1 s", "its process was ended by SIGABRT", "returned 'five'",
                        "SystemExit: 3"]  # fmt: skip
    assert time.monotonic() - begun < 60  # of the 100 s that it hangs


def test_what_is_killed_from_outside_is_run_again(tmp_path, monkeypatch):
    """Each is killed the first time: none is lost, and the numbers are those of a quiet run."""
    monkeypatch.setenv("ISINGLASS_TEST_MARK", str(tmp_path))
    theta = np.stack([np.repeat([0.0, 1.0], [20, 4]), np.arange(24.0)], axis=1)
    found = data(outcomes(simulators.once, theta, executor=2))
    assert len(list(tmp_path.iterdir())) == 4
    np.testing.assert_array_equal(found, data(outcomes(simulators.quick, theta, executor=2)))


def test_what_is_killed_every_time_is_counted():
    theta = np.zeros((20, 2))
    theta[5, 0] = 1
    found = outcomes(simulators.killing, theta, executor=2)
    assert [i for i, one in enumerate(found) if one.status != Status.WORKED] == [5]
    assert found[5].message == "its process was ended by SIGKILL"


def spawned():
    """A pool of processes as a user has it."""
    return ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))


@pytest.mark.parametrize("given", [spawned, lambda: spawned], ids=["pool", "function"])
def test_a_broken_pool_is_replaced(given):
    """A simulation that kills its worker breaks a pool: all others are done, and that one is counted."""
    theta = np.zeros((40, 2))
    theta[7, 0] = 1
    executor = given()
    found = outcomes(simulators.killing, theta, executor=executor)
    assert [i for i, one in enumerate(found) if one.status != Status.WORKED] == [7]
    if isinstance(executor, ProcessPoolExecutor):
        executor.shutdown(wait=True)


class Losing(Minimal):
    """It loses what comes first, as a cluster does whose worker is gone."""

    def submit(self, function, *arguments):
        if len(self.waiting) >= 3:
            return Minimal.submit(self, function, *arguments)
        future = Future()
        self.waiting.insert(0, None)
        threading.Timer(0.02, future.set_exception, (OSError("the worker is gone"),)).start()
        return future


def test_batches_that_are_lost_are_sent_again():
    np.testing.assert_array_equal(data(outcomes(simulators.noisy, executor=Losing())), EXACT)


class Broken(Minimal):
    """Nothing that it is given comes back."""

    def submit(self, function, *arguments):
        raise RuntimeError("cannot schedule new futures after shutdown")


@pytest.mark.parametrize(
    ("function", "settings", "said"),
    [(simulators.quick, {"executor": Broken()}, "workers live; found RuntimeError .cannot schedule"),
     (simulators.quick, {"executor": lambda: 5}, "makes an Executor; found one that returns int"),
     (lambda rng, theta, lock=threading.Lock(): theta, {}, "sent to other processes; found TypeError: cannot pickle")],
)  # fmt: skip
def test_bad_input_is_one_line(function, settings, said):
    with pytest.raises(InputError, match=said) as error:
        outcomes(function, **settings)
    assert "\n" not in str(error.value)


def test_a_signal_ends_it_at_once_and_no_process_is_left():
    """SIGTERM while simulations hang."""
    found = {}
    threading.Timer(2.0, os.kill, (os.getpid(), signal.SIGTERM)).start()
    theta = np.zeros((20, 2))
    theta[10:, 0] = 2
    begun = time.monotonic()
    stopped = run_farm(PythonSimulator(simulators.troubled), SEEDS[:20], theta, found.__setitem__, executor=2)
    assert stopped == signal.SIGTERM
    assert time.monotonic() - begun < 10
    assert len(found) <= 10
    time.sleep(0.5)
    ours = [pid for pid in os.listdir("/proc") if pid.isdigit() and of_us(pid)] if os.path.isdir("/proc") else []
    assert ours == []


def of_us(pid):
    """Whether a process is one of our children that simulate."""
    try:
        with open(f"/proc/{pid}/stat") as stat, open(f"/proc/{pid}/cmdline") as words:
            return stat.read().split()[3] == str(os.getpid()) and "child_process.py" in words.read()
    except OSError:
        return False


def test_what_is_masked_is_not_a_number():
    """Planted: NumPy drops the mask, and what lies below it would be data."""
    outcome = outcome_of(PythonSimulator(simulators.masked), SEEDS[0], np.ones(2))
    np.testing.assert_array_equal(outcome.x, [np.nan, 1.0])


@pytest.mark.parametrize("x", [None, {"a": 1}, 1j, [[1, 2], [3]], [], object()])
def test_what_is_no_array_of_numbers(x):
    assert outcome_of(PythonSimulator(lambda rng, theta: x), SEEDS[0], np.ones(2)).status == Status.NO_NUMBERS


def test_the_pace_grows_until_work_waits_for_workers():
    """100 workers of which nothing is known: more than 100 batches are out in the end; with 2 workers few are."""
    for workers, least, most in ((100, 100, 400), (2, 2, 8)):
        pace = Pace(4)
        for _ in range(3000):
            waits = max(1.0, pace.batches / workers)
            pace.learn(10, 0.25, 0.25 * waits, 80)
        assert least <= pace.batches <= most


def test_batches_are_of_a_quarter_second_bounded_and_small_at_the_end():
    pace = Pace(4)
    assert pace.next_batch(10**6) == 1  # nothing is known
    pace.learn(1, 0.01, 0.01, 8)
    assert pace.next_batch(10**6) == 25
    assert pace.next_batch(20) == 2
    pace = Pace(4)
    pace.learn(1, 0.01, 0.01, 2**22)
    assert pace.next_batch(10**6) == 4  # 16 MB
