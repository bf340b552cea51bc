# SPDX-License-Identifier: Apache-2.0
"""What a fit of classes tells, from all rows, and from those that were held out."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from isinglass import checks
from isinglass.inference import linear
from isinglass.result import Check, Estimate
from isinglass.tasks.linear.number_evidence import estimate, largest

__all__ = ["ClassEvidence"]


@dataclass(frozen=True)
class ClassEvidence:
    """The fit of all rows, and the same fit of the rows that were not held out."""

    table: Any  # CleanTable, y from 0 to K - 1
    classes: tuple[str, ...]
    fit: Any  # ClassFit
    trained: Any
    held: np.ndarray
    repeated: int
    separable: bool

    @cached_property
    def truth(self) -> np.ndarray:
        """The classes of the held-out rows."""
        return self.table.y[self.held]

    @cached_property
    def odds(self) -> np.ndarray:
        """Log odds of the held-out rows by the fit of the others."""
        return self.trained.odds(self.table.X[self.held])

    @cached_property
    def probability(self) -> np.ndarray:
        """Of each class for the held-out rows, by the fit of the others."""
        return self.trained.probabilities(self.table.X[self.held])

    @cached_property
    def errors(self) -> np.ndarray:
        """nan where a column is a sum of others."""
        return np.where(np.isnan(self.plain.errors), np.nan, self.fit.errors)

    @cached_property
    def plain(self) -> Any:
        """Least squares of the class numbers: its rank is that of the columns."""
        return linear.fit_gaussian(linear.decompose(self.table.X, self.table.y.astype(float), None), 0.0)

    def estimates(self) -> dict[str, Estimate]:
        """Log odds against the first class; accuracy and ln P of held-out rows."""
        said, several = {}, len(self.classes) > 2
        for k, name in enumerate(self.classes[1:]):
            of = f"/{name}" if several else ""
            for i in largest(self.fit.coefficients[k], self.errors[k]):
                said[f"coefficient{of}/{self.table.names[i]}"] = estimate(
                    self.fit.coefficients[k, i], self.errors[k, i]
                )
            said[f"intercept{of}"] = estimate(self.fit.intercept[k], self.fit.intercept_error[k])
        n, right = len(self.truth), float((self.probability.argmax(axis=1) == self.truth).mean())
        log_p = -np.log(np.maximum(self.probability[np.arange(n), self.truth], 1e-300))
        said["accuracy"] = Estimate(right, max(right * (1 - right), 0.25 / n) ** 0.5 / n**0.5)
        said["accuracy/largest_class"] = Estimate(float(np.bincount(self.truth).max() / n))
        said["log_loss"] = Estimate(float(log_p.mean()), float(log_p.std(ddof=1) / n**0.5), "nat")
        return said | ({"penalty": Estimate(self.fit.penalty)} if self.fit.penalty else {})

    def checks(self) -> list[Check]:
        """Of the columns, of the rows, of the probabilities."""
        of, t = checks.regression, self.table
        undetermined = tuple(name for name, e in zip(t.names, self.plain.errors, strict=True) if np.isnan(e))
        undetermined = () if self.plain.rank == len(t.names) else undetermined
        smallest = int(np.bincount(t.y).min())
        held = [of.nothing_separates(self.separable), of.rows_of_each_class(smallest, len(t.names))]
        held += [of.columns_independent(self.plain.condition, undetermined[:3], len(undetermined)),
                 of.solved(max(self.fit.decrement, self.trained.decrement)),
                 of.no_repeats(self.repeated, len(t.y))]  # fmt: skip
        held += [of.rows_finite(t.lost, len(t.y))] if t.lost else []
        slope = self.trained.design(t.X[self.held])
        inputs = dict(zip(t.names, t.X[self.held].T, strict=True))
        held.append(of.class_probabilities(self.probability, self.truth, self.odds, slope, self.trained.covariance,
                                           self.classes, inputs))  # fmt: skip
        return held

    def arrays(self) -> Any:
        """Coefficients by class and column, and the held-out rows."""
        import xarray as xr

        kept: dict[str, Any] = {"coefficient": (("other_class", "column"), self.fit.coefficients),
                                "coefficient_error": (("other_class", "column"), self.errors),
                                "probability": (("held_out", "class"), self.probability),
                                "observed": ("held_out", self.truth)}  # fmt: skip
        return xr.Dataset(kept, coords={"column": list(self.table.names), "class": list(self.classes),
                                        "other_class": list(self.classes[1:])})  # fmt: skip
