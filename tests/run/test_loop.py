# SPDX-License-Identifier: Apache-2.0
"""The loop of blocks on a sum of whole numbers: it goes on, refuses another run, stops at what is not finite."""

import os
import signal

import jax
import numpy as np
import pytest

from isinglass.errors import Interrupted
from isinglass.run import loop as loop_of_blocks
from isinglass.run.interruption import Interruption
from isinglass.run.loop import Log, Loop, Steps

KEY = jax.random.key(0)
TOTAL = 12


def fresh():
    """A state, a row for each step, and one for every fourth."""
    return Log(np.zeros(1), {"all": np.zeros(TOTAL), "fourth": np.zeros(TOTAL // 4)})


def add(log, bad=None):
    """Three steps x <- x + n, n counted from 1."""
    n = log.done + np.arange(1, 4)
    x = log.state[-1] + np.cumsum(n)
    rows = {"all": x, "fourth": x[n % 4 == 0]}
    return Steps(x[-1:], rows, 3, "adding", np.ones(3, bool) if bad is None else n != bad)


def run(path, progress=None, *, key=KEY, advance=add, parts=(), settings=TOTAL, **options):
    loop = Loop(path, progress, key=key, parts=parts, settings=settings, **options)
    return loop(loop.resume(fresh()), advance, TOTAL)


SUMS = np.cumsum(np.arange(1, TOTAL + 1.0))


def test_rows_are_of_their_steps():
    log, bad = run(None)
    assert bad is None
    np.testing.assert_array_equal(log.rows["all"], SUMS)
    np.testing.assert_array_equal(log.rows["fourth"], SUMS[3::4])  # planted: SUMS[::4] is another


@pytest.mark.parametrize("blocks", [1, 2, 3, 4])
def test_after_a_signal_it_goes_on(tmp_path, blocks):
    told = []

    def stop(done, total, text):
        told.append((done, total, text))
        if len(told) == blocks:
            os.kill(os.getpid(), signal.SIGUSR1)

    with pytest.raises(Interrupted):
        run(tmp_path / "a" / "saved", stop)
    assert told[-1] == (3 * blocks, TOTAL, "adding")
    log, _ = run(tmp_path / "a" / "saved", stop)
    assert len(told) == 4
    np.testing.assert_array_equal(log.rows["all"], SUMS)
    np.testing.assert_array_equal(log.rows["fourth"], SUMS[3::4])


@pytest.mark.parametrize(
    "other", [{"key": jax.random.key(1)}, {"parts": np.ones(2)}, {"parts": [1.0]}, {"settings": 13}]
)
def test_another_run_is_refused(tmp_path, monkeypatch, other):
    monkeypatch.setattr(loop_of_blocks, "EVERY", 0.0)
    same = {"parts": np.zeros(2)} if "settings" not in other else {}
    run(tmp_path / "saved", **same)
    run(tmp_path / "saved", **same)
    with pytest.raises(ValueError, match="this very run"):
        run(tmp_path / "saved", **(same | other))


def test_a_step_that_is_not_finite_is_named_and_its_block_left_out(tmp_path):
    """Step 8, counted from 1, of the third block."""
    log, bad = run(None, advance=lambda log: add(log, bad=8))
    assert (bad, log.done, log.state[-1]) == (7, 6, SUMS[5])
    assert (log.rows["all"][6:] == 0).all()


def test_checkpoints_take_a_tenth_of_the_time(tmp_path, monkeypatch):
    """A clock on which a block takes 1 s and a checkpoint 2: one in 20 s at most, none before `every`."""
    now, saved = [0.0], []

    def save(*args):
        now[0] += 2.0
        saved.append(now[0])

    monkeypatch.setattr(loop_of_blocks.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(loop_of_blocks, "save_checkpoint", save)

    def block(log):
        now[0] += 1.0
        return Steps(log.state, None, 1)

    loop = Loop(tmp_path / "saved", key=KEY, parts=(), settings=0, every=3.0)
    loop(fresh(), block, 100)
    assert saved[0] == 6.0  # after the fourth block
    assert np.diff(saved).min() >= 20.0
    assert np.diff(saved).max() <= 24.0


def test_a_signal_that_came_before_counts_inside():
    """Between two loops of one run: the second ends after its first block."""
    with Interruption() as outer:
        os.kill(os.getpid(), signal.SIGTERM)
        with Interruption() as inner:
            assert inner.interrupted
    assert outer.interrupted
    with Interruption() as after:
        assert not after.interrupted


def test_a_signal_is_heard_by_all_and_a_second_ctrl_c_ends_at_once():
    """Within two, both hear the first; the second raises; afterwards the handlers are those of before."""
    before = signal.getsignal(signal.SIGINT)
    with Interruption() as outer, Interruption() as inner:
        os.kill(os.getpid(), signal.SIGINT)
        assert inner.signal == outer.signal == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) == before
