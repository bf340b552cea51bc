# SPDX-License-Identifier: Apache-2.0
"""How many batches are out, and how large they are: workers are kept busy, memory is bounded."""

import math
from dataclasses import dataclass

__all__ = ["Pace"]

SECONDS = 0.25  # that a batch takes: much more than it costs to send it
BYTES = 2**24  # of results in a batch
MOST_BATCHES, LARGEST = 4096, 1000


@dataclass
class Pace:
    """A batch takes 0.25 s, a simulation or more; so many are out that each waits as long as it then takes.

    Nothing need be known of the executor: with more workers than batches none waits, and the number grows.
    """

    batches: int  # out at once
    seconds: float = 0.0  # of a simulation, a running mean
    size: float = 0.0  # bytes of its result
    seen: int = 0

    def learn(self, n: int, busy: float, since: float, n_bytes: int) -> None:
        """From a batch of n that took `busy` seconds of a worker, and came back `since` it was sent."""
        if since < 2 * busy and self.batches < MOST_BATCHES:
            self.batches += 1
        self.seen = min(self.seen + n, 100)
        share = min(1.0, n / self.seen)
        self.seconds += share * (busy / n - self.seconds)
        self.size += share * (n_bytes / n - self.size)

    def next_batch(self, left: int) -> int:
        """How many simulations to send; fewer near the end, so that the workers end together."""
        if not self.seen:
            return 1
        fitting = min(SECONDS / max(self.seconds, 1e-9), BYTES / max(self.size, 1.0), LARGEST)
        return max(1, min(int(fitting), math.ceil(left / (2 * self.batches))))
