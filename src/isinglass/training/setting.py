# SPDX-License-Identifier: Apache-2.0
"""Settings of a training run."""

import equinox as eqx

from isinglass.training.optimizer import Optimizer

__all__ = ["Training"]


class Training(eqx.Module):
    """Settings of `fit`: at most `steps` minibatch steps, in compiled blocks, validated after each block."""

    optimizer: Optimizer = Optimizer()
    steps: int = 2000  # budget
    batch_size: int = 256  # the whole data set in order, without shuffling, where it has no more rows than this
    chunk: int | None = (
        None  # rows per gradient, summed over the batch: 8 keeps a CNN in a CPU's cache. Not for batch norm
    )
    block: int = 100  # steps per compiled block
    patience: int | None = None  # blocks of lower training loss but no lower validation loss before it stops
    tolerance: float | None = None  # converged when a block changes the loss by less than this fraction
    ema: float | None = None  # decay of the averaged weights, which are validated and returned instead
    validation_batch: int = 512  # rows at once in validation: bounds memory, changes no result beyond round-off
    checkpoint_seconds: float = 30.0  # at most one checkpoint in this time, and one at the end

    def __check_init__(self):
        for name in ("steps", "batch_size", "block", "validation_batch"):
            if getattr(self, name) < 1:
                raise ValueError(f"expected {name} >= 1; found {getattr(self, name)}; give a positive number.")
        if self.ema is not None and not 0 <= self.ema < 1:
            raise ValueError(f"expected 0 <= ema < 1; found {self.ema}; try 0.999.")
