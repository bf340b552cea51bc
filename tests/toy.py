# SPDX-License-Identifier: Apache-2.0
"""An experiment that takes no time: π by throwing points into a square, in blocks, with a checkpoint."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import jax
import numpy as np

from isinglass.errors import Interrupted
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.result import Check, Estimate, Result
from isinglass.run.interruption import Interruption

__all__ = ["Toy"]


@dataclass(frozen=True)
class Toy(AbstractExperiment):
    """π/4 is the share of points of the unit square with x² + y² < 1."""

    name: ClassVar[str] = "toy"
    task: ClassVar[str] = "sample"
    summary: ClassVar[str] = "π by throwing points"
    rows: ClassVar[tuple[int, ...]] = ()
    paper: ClassVar[str] = "none"
    claim: ClassVar[str] = "π is 3.14159."
    presets: ClassVar[dict] = {"smoke": {"points": 100}}
    least: ClassVar[dict[str, float]] = {"alarm": 0}

    points: int = 1000
    """Points in a block."""
    blocks: int = 4
    """How many blocks."""
    tolerance: float = 0.2
    """Distance from π that passes."""
    alarm: int = 0
    """A signal to send to itself in the second block."""
    sides: tuple[int, ...] = (1, 1)
    """Of the square."""

    def run(self, key, *, progress=lambda done, total, message: None, checkpoint: Path | None = None) -> Result:
        path = checkpoint / "toy.json" if checkpoint else None
        hits = json.loads(path.read_text()) if path and path.exists() else []
        with Interruption() as stop:
            for block in range(len(hits), self.blocks):
                seed = np.asarray(jax.random.key_data(key)).tolist()
                x = np.random.default_rng([block, *seed]).random((self.points, 2))
                hits.append(int(np.sum(np.sum(x**2, axis=1) < 1)))
                if path:
                    path.write_text(json.dumps(hits))
                if block == 1 and self.alarm:
                    os.kill(os.getpid(), self.alarm)
                progress(block + 1, self.blocks, "throwing")
                if stop.interrupted:
                    raise Interrupted(f"stopped after block {block + 1}", checkpoint, stop.signal)
        n = self.points * self.blocks
        p = sum(hits) / n
        error = 4 * (p * (1 - p) / n) ** 0.5
        check = Check.within("π is 3.14159", 4 * p, np.pi, self.tolerance, error=error, source="Archimedes")
        return Result("toy", estimates={"pi": Estimate(4 * p, error)}, checks=[check])
