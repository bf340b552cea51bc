# SPDX-License-Identifier: Apache-2.0
"""Infer how a target depends on inputs, linearly: the honest first thing to try, with errors that are tested."""

import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from isinglass.errors import InputError
from isinglass.inference import linear
from isinglass.result import Result
from isinglass.run.blas import one_blas_thread
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.linear.class_evidence import ClassEvidence
from isinglass.tasks.linear.linear_file import LinearFile
from isinglass.tasks.linear.number_evidence import MOST, NumberEvidence
from isinglass.tasks.task import AbstractTask, Verb

if TYPE_CHECKING:
    from isinglass.inference.linear.gaussian_fit import GaussianFit
    from isinglass.inference.linear.target_table import CleanTable, TargetTable

__all__ = ["InferLinear"]

FEW_CLASSES = 10  # different whole numbers that are taken for classes
MANY = 3  # rows for each column, from which least squares needs no prior
SMALLEST_CLASS = 3  # rows
LARGE = 10**6  # numbers, from which threads of BLAS gain more than they lose by waiting
WEAK = 1.0  # penalty where classes are separable
NUMBERS, CLASSES = ("least_squares", "ridge"), ("logistic", "softmax")


@dataclass(frozen=True)
class InferLinear(AbstractTask):
    """y = b + x·w + noise by least squares or ridge; classes by logistic or softmax regression.

        infer(0, TargetTable(X, y, names=("mass", "radius")))

    Ridge: Σ (y - b - x·w)² + λ |w|² of standardized columns, λ = σ²/τ²: the posterior for w ~ N(0, τ²).
    Law: for rows that were not fitted, y is spread about the prediction as claimed, by normal noise of one width,
    independent from row to row; class probabilities are right.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.inference.linear.target_table:TargetTable",)
    guide: ClassVar[str] = "docs/linear.md"
    what: ClassVar[str] = "inputs and a target (isinglass.inference.linear.TargetTable)"
    command: ClassVar[str] = "linear"
    source: ClassVar[type] = LinearFile
    least: ClassVar[dict[str, float]] = {"penalty": 0.0}

    model: Literal["auto", "least_squares", "ridge", "logistic", "softmax"] = "auto"
    """auto: words, booleans and up to 10 whole numbers are classes (logistic for two, softmax for more); other numbers
    get least squares, or ridge where there are fewer than 3 rows for each column."""
    penalty: float | None = None
    """λ of standardized columns; by default that of ridge is found, and that of classes is 0."""
    penalty_by: Literal["evidence", "cross_validation"] = "evidence"
    """How ridge finds λ: largest marginal likelihood, or smallest error of rows left out one by one."""
    held_out: float = 0.3
    """Share of the rows that test the fit, at most 2000; the numbers reported are from all rows."""
    intercept: bool = True
    """Fit b too (numbers)."""
    standardize: bool = True
    """λ is for columns in units of their deviation."""

    def run(
        self, key: Any, problem: "TargetTable", *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """Fit the rows that are not held out, test; fit all rows.  It takes seconds: `checkpoint` is not used."""
        import jax

        begun = time.perf_counter()
        if not 0 < self.held_out < 0.9:
            raise InputError("held_out between 0 and 0.9", f"{self.held_out:g}", "for example 0.3")
        table = linear.clean_table(problem)
        model, why = self.chosen(table)
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
        progress(0, 1, f"{len(table.y)} rows, {len(table.names)} columns: {model.replace('_', ' ')}")
        with one_blas_thread() if table.X.size < LARGE else nullcontext():
            result = self.of_numbers(rng, table, model) if model in NUMBERS else self.of_classes(rng, table, model)
        result.settings = {**vars(self), "model": model, "rows": len(table.y), "columns": len(table.names)}
        result.notes = [*([why] if why else []), *of_table(table), *result.notes]
        result.seconds = time.perf_counter() - begun
        return result

    def chosen(self, table: "CleanTable") -> tuple[str, str]:
        """The model, and why where it was not asked for."""
        y = table.y
        words = y.dtype.kind in "OUSb"
        if words and self.model in NUMBERS:
            raise InputError(f"numbers for {self.model}", f"a target of {y.dtype}", "use model='auto', or give numbers")
        if len(np.unique(y.astype(str) if words else y)) < 2:
            raise InputError("a target that varies", f"{y[0]} in all rows", "give another target")
        if self.model != "auto":
            return self.model, ""
        several = len(np.unique(y.astype(str) if words else y))
        if words or (several <= FEW_CLASSES and (y == np.rint(y)).all() and least_rows(y) >= SMALLEST_CLASS):
            model = "logistic" if several == 2 else "softmax"
            kind = "whole numbers" if not words else "booleans" if y.dtype.kind == "b" else "words"
            more = "" if words else "; model='least_squares' takes them for quantities"
            return model, f"{model} regression: the target has {several} values, {kind}, taken for classes{more}"
        more = "" if words or (y != np.rint(y)).any() else "; the target is of whole numbers, taken for quantities"
        if len(y) * (1 - self.held_out) >= MANY * (len(table.names) + 1):
            return "least_squares", f"least squares: more than 3 rows for each column{more}"
        return "ridge", f"ridge: fewer than 3 rows for each column; its errors hold under the prior that it finds{more}"

    def of_numbers(self, rng: np.random.Generator, table: "CleanTable", model: str) -> Result:
        """Least squares or ridge."""
        y = table.y.astype(float)
        table = table._replace(y=y)
        group = linear.repeats(table.X, y)
        held = linear.rows_to_test(rng, group, self.held_out)
        trained, fit = self.fitted(table, ~held, model), self.fitted(table, np.ones(len(y), bool), model)
        searched = model == "ridge" and self.penalty is None
        found = NumberEvidence(table, fit, trained, held, len(y) - len(np.unique(group)), searched)
        return Result(
            "linear", estimates=found.estimates(), checks=found.checks(), arrays=found.arrays(),
            models={"linear": predictor(fit)} if np.isfinite(fit.noise) else {},
            figures=["coefficients", "predicted_observed"],
        )  # fmt: skip

    def fitted(self, table: "CleanTable", rows: np.ndarray, model: str) -> "GaussianFit":
        """The fit of some of the rows."""
        error = None if table.error is None else table.error[rows]
        of = linear.decompose(table.X[rows], table.y[rows], error, intercept=self.intercept,
                              standardize=self.standardize)  # fmt: skip
        return linear.fit_gaussian(of, 0.0 if model == "least_squares" else self.penalty, self.penalty_by)

    def of_classes(self, rng: np.random.Generator, table: "CleanTable", model: str) -> Result:
        """Logistic or softmax regression."""
        words = table.y.astype(str) if table.y.dtype.kind in "OS" else table.y
        values, y = np.unique(words, return_inverse=True)
        names = tuple(f"{v:g}" if values.dtype.kind == "f" else str(v) for v in values)
        checked_classes(names, np.bincount(y), model, table.error is not None)
        table = table._replace(y=y)
        group = linear.repeats(table.X, y)
        held = linear.rows_to_test(rng, group, self.held_out, y)
        separable = linear.separable(table.X[~held], y[~held])
        penalty = self.penalty or 0.0
        notes = [] if not separable or penalty else [f"planes separate the classes: a penalty of {WEAK:g} keeps the "
                                                     "coefficients finite, and is what they tell of"]  # fmt: skip
        penalty = WEAK if separable and not penalty else penalty
        trained, fit = (linear.fit_classes(table.X[rows], y[rows], penalty, standardize=self.standardize)
                        for rows in (~held, np.ones(len(y), bool)))  # fmt: skip
        continuum = bool((table.X != np.rint(table.X)).any())  # equal rows of whole numbers are no wonder
        repeated = len(y) - len(np.unique(group)) if continuum else 0
        found = ClassEvidence(table, names, fit, trained, held, repeated, separable)
        return Result(
            "linear", estimates=found.estimates(), checks=found.checks(), arrays=found.arrays(),
            models={"linear": classifier(fit)}, figures=["coefficients", "predicted_observed"],
            notes=[f"log odds against {names[0]}", *notes],
        )  # fmt: skip


def least_rows(y: np.ndarray) -> int:
    """How often the rarest value occurs."""
    return int(np.unique(y, return_counts=True)[1].min())


def checked_classes(names: tuple[str, ...], counts: np.ndarray, model: str, errors: bool) -> None:  # noqa: FBT001
    """Errors: InputError for one class, for more than two where two are asked for, for classes of few rows."""
    if errors:
        raise InputError("no errors of a target of classes", "some", "leave error out, or set model='least_squares'")
    if len(names) < 2 or (model == "logistic" and len(names) > 2):
        fix = "use softmax" if len(names) > 2 else "give another target"
        raise InputError(
            "two classes" + " or more" * (model != "logistic"), f"{len(names)}: {', '.join(names)[:60]}", fix
        )
    if (few := int(np.argmin(counts))) is not None and counts[few] < SMALLEST_CLASS:
        fix = "leave rare classes out, or set model='least_squares' for a quantity"
        raise InputError(f"{SMALLEST_CLASS} rows of each class", f"{counts[few]} of {names[few]}", fix)


def of_table(table: "CleanTable") -> list[str]:
    """What was left out."""
    notes = []
    if table.constant:
        shown = ", ".join(table.constant[:5]) + (" ..." if len(table.constant) > 5 else "")
        notes.append(f"left out, since they do not vary: {shown}")
    if table.lost:
        notes.append(f"left out, since a number in them is not finite: {table.lost} rows")
    if len(table.names) > MOST:
        notes.append(f"shown are the {MOST} coefficients that are most errors from 0; all are in result.arrays")
    return notes


def predictor(fit: "GaussianFit") -> "linear.LinearPredictor":
    """The fit as a function of one row."""
    import jax.numpy as jnp

    parts = (fit.coefficients, fit.intercept + fit.center @ fit.coefficients, fit.center, fit.scale, fit.standard,
             fit.level, fit.noise)  # fmt: skip
    return linear.LinearPredictor(*(jnp.asarray(a, float) for a in parts))


def classifier(fit: Any) -> "linear.LinearClasses":
    """The fit as a function of one row."""
    import jax.numpy as jnp

    parts = fit.coefficients, fit.intercept + fit.coefficients @ fit.center, fit.center
    return linear.LinearClasses(*(jnp.asarray(a, float) for a in parts))
