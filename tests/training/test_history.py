# SPDX-License-Identifier: Apache-2.0
"""The history goes out as it came in; signals are noted once and handlers put back."""

import os
import signal
import threading

import numpy as np
import pytest

from isinglass.run.interruption import Interruption
from isinglass.training.history import History, Record, TensorBoard

ONE = [Record(10 * i, 1.0 / i, 2.0 / i, {"accuracy": 0.1 * i}, 0.5 * i) for i in range(1, 5)]
MANY = [Record(10 * i, [1.0 / i, 0.1], None, {}, 0.5 * i) for i in range(1, 5)]


@pytest.mark.parametrize(
    ("records", "names"),
    [
        (ONE, "step,loss,validation,accuracy,seconds"),
        (MANY, "step,loss/0,loss/1,seconds"),
    ],
)
def test_csv_holds_every_number(tmp_path, records, names):
    history = History.of(records)
    history.to_csv(tmp_path / "h.csv")
    assert (tmp_path / "h.csv").read_text().splitlines()[0] == names
    table = np.loadtxt(tmp_path / "h.csv", delimiter=",", skiprows=1)
    assert np.array_equal(table, np.stack(list(history.columns().values()), axis=1))


def test_plot_draws_the_curves():
    axes = History.of(ONE).plot().axes
    assert [a.get_ylabel() for a in axes] == ["loss", "accuracy"]
    assert np.array_equal(axes[0].lines[1].get_ydata(), [2.0 / i for i in range(1, 5)])
    assert len(History.of(MANY).plot().axes[0].lines) == 2


def test_tensorboard_gets_a_file(tmp_path):
    board = TensorBoard(tmp_path)
    for record in ONE:
        board(record)
    board.close()
    assert any("tfevents" in file.name for file in tmp_path.iterdir())


def test_signals_are_noted_and_handlers_put_back():
    before = signal.getsignal(signal.SIGTERM)
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT):
        with Interruption() as outer, Interruption() as stop:
            assert not stop.interrupted
            os.kill(os.getpid(), number)
            assert stop.interrupted
            assert outer.interrupted
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_second_interrupt_gets_through():
    with Interruption() as stop:
        stop.note(signal.SIGINT, None)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_other_threads_may_enter():
    seen = []

    def work():
        with Interruption() as stop:
            seen.append(stop.interrupted)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]
