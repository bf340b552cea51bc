# SPDX-License-Identifier: Apache-2.0
"""The record of a training run: plots itself, goes to CSV, streams to TensorBoard."""

import csv
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import equinox as eqx
import numpy as np

from isinglass.run.output import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["History", "Record", "TensorBoard"]


class Record(NamedTuple):
    """One block of steps. Values are floats, or lists over the members of an ensemble, NaN once one has stopped."""

    step: int  # steps done at the end of the block
    loss: float | list[float]  # mean over the block
    validation: float | list[float] | None  # at the end of the block
    metrics: dict[str, float | list[float]]  # of validation if there is any, else mean over the block
    seconds: float  # since the start, compilation included


class History(eqx.Module):
    """Columns over blocks: step, loss, validation, metrics, seconds; shape (blocks,) or (blocks, members)."""

    step: np.ndarray
    loss: np.ndarray
    validation: np.ndarray | None
    metrics: dict[str, np.ndarray]
    seconds: np.ndarray

    @staticmethod
    def of(records: list[Record]) -> "History":
        """The columns of these records."""
        column = lambda values: np.asarray(list(values), float)  # noqa: E731
        names = records[0].metrics if records else {}
        validated = bool(records) and records[0].validation is not None
        return History(
            step=np.asarray([record.step for record in records], int),
            loss=column(record.loss for record in records),
            validation=column(record.validation for record in records) if validated else None,
            metrics={name: column(record.metrics[name] for record in records) for name in names},
            seconds=column(record.seconds for record in records),
        )

    def columns(self) -> dict[str, np.ndarray]:
        """Every column by name, one per member: `loss`, or `loss/0`, `loss/1`, ..."""
        table = {"step": self.step, "loss": self.loss}
        if self.validation is not None:
            table["validation"] = self.validation
        table |= self.metrics | {"seconds": self.seconds}
        return {
            name if values.ndim == 1 else f"{name}/{member}": column
            for name, values in table.items()
            for member, column in enumerate([values] if values.ndim == 1 else values.T)
        }

    def to_csv(self, path: str | os.PathLike) -> None:
        """Write one line per block."""
        table, text = self.columns(), io.StringIO()
        writer = csv.writer(text)
        writer.writerow(table)
        writer.writerows(zip(*(column.tolist() for column in table.values()), strict=True))
        write_atomically(path, text.getvalue().encode())

    def plot(self) -> "Figure":
        """Loss and metrics against steps; thin lines are the members of an ensemble."""
        from matplotlib.figure import Figure

        panels = {"loss": {"training": self.loss}} | {name: {name: values} for name, values in self.metrics.items()}
        if self.validation is not None:
            panels["loss"]["validation"] = self.validation
        figure = Figure(figsize=(4.0 * len(panels), 3.0), layout="constrained")
        for axes, (name, curves) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
            for i, (label, values) in enumerate(curves.items()):
                lines = axes.plot(self.step, values, color=f"C{i}", linewidth=1.0)
                lines[0].set_label(label)
            axes.set(xlabel="step", ylabel=name)
            axes.legend(frameon=False)
        return figure


class TensorBoard:
    """Streams every record to TensorBoard: `fit(..., progress=TensorBoard("runs/x"))`."""

    def __init__(self, folder: str | os.PathLike):
        try:
            from tensorboardX import SummaryWriter
        except ImportError:
            raise ImportError('TensorBoard needs tensorboardX: pip install "isinglass[tensorboard]"') from None
        self.writer = SummaryWriter(str(Path(folder)))

    def __call__(self, record: Record) -> None:
        """Write one record now."""
        for name, column in History.of([record]).columns().items():
            if name not in ("step", "seconds"):
                self.writer.add_scalar(name, float(column[0]), record.step)
        self.writer.flush()

    def close(self) -> None:
        """Write what is buffered and close the event file."""
        self.writer.close()
