# SPDX-License-Identifier: Apache-2.0
"""A tab over its WebSocket: the first frame at once, no frame ahead of the page, bad messages, many tabs."""

import json
import socket
import time
from contextlib import ExitStack

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from isinglass.lab.spins import starting_configuration
from isinglass.lab.tabs import AHEAD, MOST_TABS
from isinglass.lab.wish import SpinsWish

WISH = {"view": "spins", "side": 64, "sweeps": 4, "temperature": 2.0, "cold": True}


def frame(data):
    """(header, picture) of a message."""
    n = int.from_bytes(data[:4], "little")
    return json.loads(data[4 : 4 + n]), np.frombuffer(data[4 + n :], np.uint8)


def test_the_first_frame_is_the_start_and_comes_at_once(lab):
    with connect(lab.live) as tab:
        begun = time.perf_counter()
        tab.send(json.dumps(WISH | {"cold": False, "start": 5, "paused": True}))
        header, picture = frame(tab.recv(10))
        assert time.perf_counter() - begun < 3
    assert (header["view"], header["shape"], header["done"]) == ("spins", [64, 64], 0)
    x = starting_configuration(SpinsWish(side=64, start=5))
    assert (np.unpackbits(picture).reshape(64, 64) == (x > 0)).all()


def test_no_frame_is_sent_that_the_page_cannot_draw(lab):
    """Without an answer, AHEAD frames come; with one, the next."""
    with connect(lab.live) as tab:
        tab.send(json.dumps(WISH))
        headers = [frame(tab.recv(60))[0] for _ in range(AHEAD)]
        with pytest.raises(TimeoutError):
            tab.recv(0.5)
        tab.send(json.dumps({"view": "seen", "frame": headers[-1]["frame"]}))
        header, _ = frame(tab.recv(10))
    assert header["frame"] == AHEAD + 1
    assert header["done"] > 0
    assert 0.8 < header["order"] < 1  # aligned spins at T = 2 stay near 0.911


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"view": "nothing"}', '{"view": "spins", "side": 65536}', '{"view": "spins", "temperature": -1}',
     '{"view": "spins", "temperature": 1e400}', '{"view": "spins", "model": "../../etc"}', "[" * 5000,
     '{"view": "spins", "unknown": 1}', '{"view": "seen", "frame": 1.5}'],
)  # fmt: skip
def test_a_bad_message_gets_one_line_and_harms_nothing(lab, text):
    with connect(lab.live) as tab:
        tab.send(text)
        error = json.loads(tab.recv(10))["error"]
        assert error.startswith("expected a message of the lab's page")
        assert "\n" not in error
        tab.send(json.dumps(WISH | {"paused": True}))
        assert frame(tab.recv(10))[0]["done"] == 0


def test_a_message_that_is_too_long_ends_its_tab_alone(lab):
    with connect(lab.live) as tab, connect(lab.live) as other:
        tab.send("x" * (1 << 17))
        with pytest.raises(ConnectionClosed):
            tab.recv(10)
        other.send(json.dumps(WISH | {"paused": True}))
        assert frame(other.recv(10))[0]["done"] == 0


def test_a_tab_too_many_is_told(lab):
    deadline = time.monotonic() + 10
    while lab.lab.tabs.open and time.monotonic() < deadline:  # those of other tests
        time.sleep(0.05)
    with ExitStack() as stack:
        for _ in range(MOST_TABS):
            tab = stack.enter_context(connect(lab.live))
            tab.send(json.dumps(WISH | {"paused": True}))
            tab.recv(10)
        with connect(lab.live) as another:
            assert "at most 16 tabs" in json.loads(another.recv(10))["error"]
    while lab.lab.tabs.open and time.monotonic() < deadline + 10:
        time.sleep(0.05)
    assert not lab.lab.tabs.open


def test_a_tab_that_is_closed_in_mid_run_is_gone(lab):
    with connect(lab.live) as tab:
        tab.send(json.dumps(WISH))
        tab.recv(60)
        tab.socket.shutdown(socket.SHUT_RDWR)  # without a word
    deadline = time.monotonic() + 20
    while lab.lab.tabs.open and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not lab.lab.tabs.open
