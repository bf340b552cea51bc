# SPDX-License-Identifier: Apache-2.0
"""Infer whether rows are signal or background, with probabilities that are true, beside the best there can be."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from isinglass import checks, inference, training
from isinglass.errors import InputError
from isinglass.inference import detection
from isinglass.result import Check, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.detection.detected import LOGISTIC, NETWORK, OPTIMAL, Detected
from isinglass.tasks.detection.detection_file import DetectionFile
from isinglass.tasks.sample_by_model import rows_of
from isinglass.tasks.task import AbstractTask, Verb

if TYPE_CHECKING:
    from isinglass.inference.detection.detector import Detector
    from isinglass.inference.detection.labelled import CheckedRows, Labelled
    from isinglass.training.fit import Trained

__all__ = ["InferDetection"]

HELD, VALIDATED = 0.25, 0.2  # shares of independent rows; validated ones are of those that are not held out
BLOCK, PATIENCE = 50, 20


@dataclass(frozen=True)
class InferDetection(AbstractTask):
    """P(signal given x) by a network trained on labelled rows, its temperature fitted and its ROC measured on others.

        infer(0, Labelled(x, y))        x [n, ...], y [n] of two values

    Law: of held-out rows with probability p a share p are signals; no ROC is above that of the likelihood ratio.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.inference.detection.labelled:Labelled",)
    guide: ClassVar[str] = "docs/detection.md"
    what: ClassVar[str] = "rows labelled as signal or background (isinglass.inference.detection.Labelled)"
    command: ClassVar[str] = "detect"
    source: ClassVar[type] = DetectionFile
    least: ClassVar[dict[str, float]] = {"weight_decay": 0.0}

    network: Literal["auto", "mlp", "series"] = "auto"
    """mlp: a perceptron; series: convolutions along the last axis; auto: series for x [n, channels, time]."""
    false_alarm: float = 0.01
    """False-alarm probability at which the detection probability is given."""
    steps: int = 3000
    """Steps of training, at most."""
    learning_rate: float = 3e-3
    """Initial learning rate; it falls to zero as a cosine."""
    weight_decay: float = 1e-3
    """Ridge penalty λ of λ/2 |W|²."""
    batch: int = 256
    """Rows per step."""
    hidden: tuple[int, ...] = (64, 64)
    """Units of each hidden layer."""
    filters: tuple[int, ...] = (16, 32)
    """Channels of each convolution, of a series."""

    def run(
        self, key: Any, problem: "Labelled", *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """Split, train, calibrate, and measure on rows that were held out."""
        import jax

        begun = time.perf_counter()
        if not 0 < self.false_alarm < 1:
            raise InputError("a false-alarm probability between 0 and 1", f"{self.false_alarm:g}", "try 0.01")
        rows = detection.checked_labels(problem)
        key_held, key_valid, key_net, key_fit = jax.random.split(key, 4)
        trained, valid, held = sides(key_held, key_valid, rows)
        x, y = rows.x, rows.signal
        model = detection.make_detector(key_net, x[trained], self.network, self.hidden, self.filters)
        fitted = self.fitted(key_fit, model, x, y, (trained, valid), checkpoint, progress)
        progress(0, 1, "calibrating, and measuring on held-out rows")
        model = calibrated(fitted.model, x[valid], y[valid])
        flat = x.reshape(len(x), -1)
        logistic = detection.logistic_scores(flat[trained], y[trained], flat[valid], y[valid])
        score = {NETWORK: detection.detector_logits(model, x[held]), LOGISTIC: logistic(flat[held])}
        if rows.log_ratio is not None:
            score[OPTIMAL] = rows.log_ratio[held]
        odds = float(np.log(y.mean() / (1 - y.mean())))
        p = detection.probabilities(model, x[held])
        found = Detected(score, p, y[held], rows.group[held], self.false_alarm, len(valid), odds)
        status = str(fitted.status)
        return Result(
            "detection",
            estimates=found.estimates(),
            checks=[*found.checks(), *self.of_rows(rows, flat, len(trained)), *diverged(status)],
            arrays=found.arrays(),
            models={"detector": model},
            settings=vars(self) | {"rows": [len(trained), len(valid), len(held)], "labels": list(rows.labels)},
            seconds=time.perf_counter() - begun,
            status=status if status.startswith("diverged") else "done",
            figures=["roc", "reliability", "training_history"],
            metrics=rows_of(fitted.history),
            notes=[*notes(rows), *self.without_power(found)],
        )

    def fitted(
        self, key: Any, model: "Detector", x: np.ndarray, y: np.ndarray, parts: tuple[np.ndarray, np.ndarray],
        checkpoint: Path | None, progress: ProgressCallable,
    ) -> "Trained":  # fmt: skip
        """The network, trained on one side; the best of the blocks by the other."""
        optimizer = training.Optimizer("adam", self.learning_rate, "cosine", clip=5.0,
                                       weight_decay=self.weight_decay)  # fmt: skip
        settings = training.Training(optimizer, steps=self.steps, batch_size=min(self.batch, len(parts[0])),
                                     block=min(BLOCK, self.steps), ema=0.98, patience=PATIENCE)  # fmt: skip
        if checkpoint is not None:
            checkpoint.mkdir(parents=True, exist_ok=True)
        z = ((x - np.asarray(model.center)) / np.asarray(model.width)).astype(np.float32)
        of = lambda side: (z[side], y[side].astype(np.float32))  # noqa: E731
        tell = lambda r: progress(r.step, self.steps, f"training the detector: loss {float(np.mean(r.loss)):.5g}")  # noqa: E731
        loss = inference.phases.classifier.binary_cross_entropy
        file = checkpoint and checkpoint / "detector.safetensors"
        found = training.fit.fit(key, model.net, loss, of(parts[0]), settings=settings, validation=of(parts[1]),
                                 progress=tell, checkpoint=file)  # fmt: skip
        return found._replace(model=replace(model, net=found.model))

    def of_rows(self, rows: "CheckedRows", flat: np.ndarray, trained: int) -> list[Check]:
        """What the rows themselves lack."""
        of = checks.detection
        return [*of.labels_hidden(flat, rows.signal, rows.names), *of.enough_rows(trained, flat.shape[1])]

    def without_power(self, found: Detected) -> list[str]:
        """A note where held-out background is too little for the false-alarm probability."""
        if found.power:
            return []
        n = int((~found.signal).sum())
        return [f"no detection probability at {self.false_alarm:g} false alarms a row: {n} rows of background "
                f"were held out, less than one false alarm"]  # fmt: skip


def sides(key_held: Any, key_valid: Any, rows: "CheckedRows") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row numbers to train on, to calibrate on, held out: a quarter of the independent rows of each class.

    Law: no row of one chain, and none that occurs twice, is on two sides.
    Errors: InputError where a side lacks a class.
    """
    outer = training.split_by_group(key_held, rows.group, HELD, strata=rows.signal)
    inner = training.split_by_group(key_valid, rows.group[outer.training], VALIDATED,
                                    strata=rows.signal[outer.training])  # fmt: skip
    found = outer.training[inner.training], outer.training[inner.validation], outer.validation
    for side in found:
        if not 0 < rows.signal[side].sum() < len(side):
            raise InputError("both classes in each of three sides", "one in which a class is missing",
                             "give more chains, each of both classes")  # fmt: skip
    return found


def calibrated(model: "Detector", x: np.ndarray, y: np.ndarray) -> "Detector":
    """The same detector with the temperature and offset of these rows."""
    import jax.numpy as jnp

    slope, offset = detection.calibrated_map(detection.detector_logits(model, x), y)
    return replace(model, slope=jnp.asarray(slope), offset=jnp.asarray(offset))


def notes(rows: "CheckedRows") -> list[str]:
    """Which label is the signal, and what is odd about the rows."""
    said = [
        f"signal: the rows labelled {rows.labels[1]:g}; probabilities hold for {rows.signal.mean():.3g} of all rows"
    ]
    if rows.repeated:
        said.append(f"{rows.repeated} rows occur more than once: equal rows are on one side of the split")
    if rows.disputed:
        said.append(f"{rows.disputed} rows have equals with the other label")
    return said


def diverged(status: str) -> list[Check]:
    """Training that was stopped by a number that is not finite."""
    if not status.startswith("diverged"):
        return []
    return [Check(f"training stays finite: it {status}; lower the rate", None, None, None, "fail")]
