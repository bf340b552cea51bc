# SPDX-License-Identifier: Apache-2.0
"""Stop cleanly when told to: SIGTERM, SIGUSR1 (a cluster's notice) or SIGINT (Ctrl-C) ends a loop after its block."""

import signal
import threading
from types import FrameType
from typing import Any

__all__ = ["Interruption"]

SIGNALS = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT)


class Interruption:
    """Notes the first signal and lets the loop look: `with Interruption() as stop: ... if stop.interrupted: break`.

    A second Ctrl-C raises KeyboardInterrupt, so nobody is ever locked in. Inside another Interruption, both note the
    signal, and one that the outer has noted before counts. Outside the main thread, where Python allows no handlers,
    it never interrupts.
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
        """The signal handler."""
        if self.interrupted and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.signal = number
        if outer := interruption(self.previous.get(signal.Signals(number))):
            outer.note(number, frame)

    @property
    def interrupted(self) -> bool:
        """Has a signal come?"""
        return self.signal is not None


def interruption(handler: Any) -> Interruption | None:
    """The Interruption whose handler this is."""
    owner = getattr(handler, "__self__", None)
    return owner if isinstance(owner, Interruption) else None
