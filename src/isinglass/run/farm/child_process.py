# SPDX-License-Identifier: Apache-2.0
"""The process that runs simulations one by one, and may be killed at any time: child_process.py CHANNEL LIFELINE.

It ends, with all that it has started, when the process that started it has ended, however that ended.
"""

import os
import pickle
import signal
import sys
import threading
from multiprocessing.connection import Connection

__all__ = ["main"]


def main() -> None:
    """Receive the path of modules and the simulator, then (seed, θ) after (seed, θ); send each outcome."""
    channel, lifeline = Connection(int(sys.argv[1])), int(sys.argv[2])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, lambda *_: None)  # our parent decides; a program that is started has its own handlers
    threading.Thread(target=end_with, args=(lifeline,), daemon=True).start()
    sys.path[:] = pickle.loads(channel.recv_bytes())  # noqa: S301  of the parent
    from isinglass.run.farm.outcome import outcome_of
    from isinglass.run.farm.sending import NotReceivedError, received

    try:
        simulator = received(channel.recv_bytes())
    except NotReceivedError as error:
        channel.send(str(error))
        return
    channel.send("")
    while True:
        try:
            seed, theta = pickle.loads(channel.recv_bytes())  # noqa: S301
        except EOFError:
            return
        channel.send(tuple(outcome_of(simulator, seed, theta)))


def end_with(lifeline: int) -> None:
    """Wait until the other end is closed, then end the process group."""
    while os.read(lifeline, 1):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main()
