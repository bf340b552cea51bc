# SPDX-License-Identifier: Apache-2.0
"""What a fit of numbers tells, from all rows, and from those that were held out."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from isinglass import checks
from isinglass.inference import linear
from isinglass.result import Check, Estimate, none_or_float

__all__ = ["NumberEvidence", "largest"]

MOST = 50  # coefficients among the estimates


@dataclass(frozen=True)
class NumberEvidence:
    """The fit of all rows, and the same fit of the rows that were not held out."""

    table: Any  # CleanTable
    fit: Any  # GaussianFit
    trained: Any
    held: np.ndarray  # which rows were held out
    repeated: int  # rows that repeat another
    searched: bool  # whether λ was looked for

    @cached_property
    def test(self) -> Any:
        """The held-out rows, in the order of the table."""
        t, held = self.table, self.held
        return linear.innovations(self.trained, t.X[held], t.y[held], None if t.error is None else t.error[held])

    def estimates(self) -> dict[str, Estimate]:
        """Coefficients, intercept, σ, λ, ln Z; R² of held-out rows."""
        fit, said = self.fit, {}
        for i in largest(fit.coefficients, fit.errors):
            said[f"coefficient/{self.table.names[i]}"] = estimate(fit.coefficients[i], fit.errors[i])
        said["intercept"] = estimate(fit.intercept, fit.intercept_error)
        if fit.known:
            said["reduced_chi2"] = Estimate(fit.chi2 / max(1, self.freedom), (2 / max(1, self.freedom)) ** 0.5)
        elif np.isfinite(fit.noise):
            said["noise"] = Estimate(fit.noise, fit.noise / (2 * fit.freedom) ** 0.5)
        if fit.penalty:
            said["penalty"] = estimate(fit.penalty, fit.penalty_error)
            said["log_evidence"] = Estimate(fit.log_evidence, None, "nat")
        return said | {"r_squared": self.r_squared()}

    @property
    def freedom(self) -> int:
        """Rows beyond the coefficients of least squares."""
        return len(self.table.y) - self.fit.rank - (1 if self.fit.level else 0)

    def r_squared(self) -> Estimate:
        """1 - Σ e²/Σ (y - mean of the fitted rows)²; error by the rows' influence."""
        y, held = self.table.y, self.held
        e2, off2 = (y[held] - self.test.predicted) ** 2, (y[held] - y[~held].mean()) ** 2
        value = 1 - float(e2.sum() / off2.sum()) if off2.any() else np.nan
        influence = (e2 - (1 - value) * off2) / off2.mean() if off2.any() else e2
        return Estimate(value, none_or_float(np.std(influence, ddof=1) / len(e2) ** 0.5) if len(e2) > 1 else None)

    def quantities(self) -> dict[str, np.ndarray]:
        """What residuals may depend on: every input, or few parts of them, and what is predicted."""
        X = self.table.X[self.held]
        return {name: X[:, i] for i, name in enumerate(self.table.names)} | {"prediction": self.test.predicted}

    def checks(self) -> list[Check]:
        """Of the columns, of the rows, of the residuals."""
        of, t, score = checks.regression, self.table, self.noisy
        undetermined = tuple(name for name, e in zip(t.names, self.fit.errors, strict=True) if np.isnan(e))
        if self.fit.rank == len(t.names):  # σ itself may be unknown
            undetermined = ()
        few = not self.fit.penalty and len(t.y) <= len(t.names) + 1
        held = [of.rows_enough(len(t.y), len(t.names), self.freedom if not self.fit.penalty else len(t.y) - 1)]
        if not self.fit.penalty and not few:
            held.append(of.columns_independent(self.fit.condition, undetermined[:3], len(undetermined)))
        held += [of.prior_found(self.fit.edge)] if self.searched else []
        correlation, name = self.correlation()
        held += [of.not_the_target(correlation, name), of.no_repeats(self.repeated, len(t.y))]
        held += [of.rows_finite(t.lost, len(t.y))] if t.lost else []
        held += [of.predictive_uniform(self.test.pit if np.isfinite(score).all() else score)]
        held += [of.residuals_normal(score), of.same_width(score, self.quantities())]
        held += [of.no_curvature(score, self.quantities()), of.residuals_independent(score)]
        if self.fit.known and not self.fit.penalty:
            held.append(of.errors_explain_scatter(self.fit.chi2, self.freedom))
        return held

    @cached_property
    def noisy(self) -> np.ndarray:
        """The scores; nan where residuals are the rounding of y."""
        exact = self.fit.noise < 1e-11 * max(np.abs(self.table.y).max(), np.abs(self.fit.intercept))
        return np.full(int(self.held.sum()), np.nan) if exact else self.test.score

    def correlation(self) -> tuple[float, str]:
        """The largest of an input with the target."""
        X, y = self.table.X - self.table.X.mean(axis=0), self.table.y - self.table.y.mean()
        X, y = X / np.abs(X).max(axis=0), y / np.abs(y).max()
        each = (X.T @ y) / (np.linalg.norm(X, axis=0) * np.linalg.norm(y))
        best = int(np.argmax(np.abs(each)))
        return float(each[best]), self.table.names[best]

    def arrays(self) -> Any:
        """Coefficients by column, and the held-out rows."""
        import xarray as xr

        names = ("coefficient", "coefficient_error")
        kept: dict[str, Any] = {name: ("column", a) for name, a in
                                zip(names, (self.fit.coefficients, self.fit.errors), strict=True)}  # fmt: skip
        told = {"observed": self.table.y[self.held], "predicted": self.test.predicted,
                "predicted_error": self.test.deviation, "pit": self.test.pit, "score": self.test.score}  # fmt: skip
        kept |= {name: ("held_out", a) for name, a in told.items()}
        return xr.Dataset(kept, coords={"column": list(self.table.names)})


def estimate(value: Any, error: Any) -> Estimate:
    """With the error, where there is one."""
    return Estimate(float(value), none_or_float(error))


def largest(coefficients: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """The numbers of the columns whose coefficients are reported: all, or the 50 that are most errors from 0."""
    if len(coefficients) <= MOST:
        return np.arange(len(coefficients))
    ratio = np.abs(coefficients) / np.where(errors > 0, errors, np.inf)
    return np.sort(np.argsort(-ratio, kind="stable")[:MOST])
