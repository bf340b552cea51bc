# SPDX-License-Identifier: Apache-2.0
"""Clean stop on a signal: SIGTERM, SIGUSR1 (sent by clusters) or SIGINT (Ctrl-C) ends a loop after its block."""

import signal
import threading
from types import FrameType
from typing import Any

__all__ = ["SIGNALS", "Interruption"]

SIGNALS = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT)


class Interruption:
    """Records the first signal, for a loop to check: `with Interruption() as stop: ... if stop.interrupted: break`.

    A second Ctrl-C raises KeyboardInterrupt, so that a run can always be ended. Nested Interruptions all record
    the signal, also one that came before the inner one began. Outside the main thread, where Python allows no handlers,
    no signal is recorded.
    """

    signal: int | None = None  # the number of the signal that came

    def __enter__(self) -> "Interruption":
        self.previous = {}
        if threading.current_thread() is threading.main_thread():
            self.previous = {number: signal.signal(number, self.note) for number in SIGNALS}
            self.signal = next((outer.signal for outer in map(interruption, self.previous.values()) if outer), None)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self.previous.items():
            signal.signal(number, handler)

    def note(self, number: int, frame: FrameType | None) -> None:
        """The signal handler: records the number; KeyboardInterrupt at a second Ctrl-C."""
        if self.interrupted and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.signal = number
        if outer := interruption(self.previous.get(signal.Signals(number))):
            outer.note(number, frame)

    @property
    def interrupted(self) -> bool:
        """Whether a signal was received."""
        return self.signal is not None


def interruption(handler: Any) -> Interruption | None:
    """The Interruption that a signal handler belongs to, None for any other handler."""
    owner = getattr(handler, "__self__", None)
    return owner if isinstance(owner, Interruption) else None
