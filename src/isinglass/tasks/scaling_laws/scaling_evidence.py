# SPDX-License-Identifier: Apache-2.0
"""What the fits of a scaling law tell: estimates with bootstrap errors, the split of a compute, checks, arrays."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass import checks
from isinglass.inference import scaling_laws
from isinglass.result import Check, Estimate

if TYPE_CHECKING:
    from isinglass.inference.scaling_laws.compute_optimal import ComputeSplit
    from isinglass.inference.scaling_laws.law_fit import LawFit
    from isinglass.inference.scaling_laws.runs_table import CleanRuns

__all__ = ["ScalingEvidence"]

ONE, TWO = (0.1587, 0.8413), (0.0228, 0.9772)  # quantiles at one and two standard errors
LEVELS = (TWO[0], *ONE, TWO[1])
SEEN = (0.01, 5.0)  # exponents
EXACT = 1e-10  # scatter of ln L that is rounding
REACHED = 1e-3  # of the smallest Huber loss
CURVE = 61
SHOWN = 6  # far runs in a note


@dataclass(frozen=True)
class ScalingEvidence:
    """The law of a table, its replicas, and the law of the smaller runs."""

    runs: "CleanRuns"
    names: tuple[str, ...]  # of the sizes
    fit: "LawFit"
    compute: np.ndarray  # to split, or to predict the loss of
    flop: float
    asked: bool  # whether compute was asked for

    @property
    def both(self) -> bool:
        """Whether it is a law of parameters and tokens."""
        return len(self.names) == 2

    @cached_property
    def groups(self) -> int:
        """How many are resampled."""
        return int(self.fit.group.max()) + 1

    def estimate(self, value: Any, replicas: np.ndarray, unit: str = "") -> Estimate:
        """With half of the 68 % interval, stretched by √(G/(G - 1)) for the low spread of G groups."""
        low, high = np.quantile(replicas, ONE)
        return Estimate(float(value), float(high - low) / 2 * (self.groups / (self.groups - 1)) ** 0.5, unit)

    @cached_property
    def exponents(self) -> dict[str, Estimate]:
        """α of each size."""
        law, replicas = self.fit.law.exponent, self.fit.replicas.exponent
        return {name: self.estimate(law[j], replicas[:, j]) for j, name in enumerate(self.names)}

    @cached_property
    def split(self) -> "tuple[ComputeSplit, ComputeSplit]":
        """Of the law and of the replicas."""
        of = lambda law: scaling_laws.optimal_split(law, self.compute, self.flop)  # noqa: E731
        return of(self.fit.law), of(self.fit.replicas)

    def estimates(self) -> dict[str, Estimate]:
        """E, exponents, coefficients; the split; the scatter and the extrapolation."""
        law, replicas = self.fit.law, self.fit.replicas
        told = {"irreducible_loss": self.estimate(law.floor, replicas.floor)}
        told |= {f"exponent/{name}": estimate for name, estimate in self.exponents.items()}
        for j, name in enumerate(self.names):
            told[f"coefficient/{name}"] = self.estimate(law.coefficient[j], replicas.coefficient[:, j])
        told |= self.of_compute()
        off, error = self.offset
        told["scatter"] = Estimate(scaling_laws.scatter_of(self.fit.residual))
        told["extrapolation_offset"] = Estimate(off, error)
        return told | {f"extrapolation_error/{name}": Estimate(a) for name, a in self.rms.items()}

    def of_compute(self) -> dict[str, Estimate]:
        """How parameters and tokens grow with compute, and both, with the loss, at each compute."""
        law, replicas = self.fit.law, self.fit.replicas
        if not self.both:
            x = self.compute[:, None]
            return {f"predicted_loss/{flops(C)}": self.estimate(a, b) for C, a, b in
                    zip(self.compute, law.loss(x), replicas.loss(x).T, strict=True)} if len(x) else {}  # fmt: skip
        share = lambda law, j: law.exponent[..., 1 - j] / law.exponent.sum(axis=-1)  # noqa: E731
        told = {f"optimal_exponent/{name}": self.estimate(share(law, j), share(replicas, j))
                for j, name in enumerate(self.names)}  # fmt: skip
        best, each = self.split
        for i, C in enumerate(self.compute):
            of = lambda value: (value(best)[i], value(each)[:, i])  # noqa: B023, E731
            told[f"optimal_parameters/{flops(C)}"] = self.estimate(*of(lambda s: s.parameters))
            told[f"optimal_tokens/{flops(C)}"] = self.estimate(*of(lambda s: s.tokens))
            with np.errstate(over="ignore", invalid="ignore"):  # of exponents that are not determined
                told[f"tokens_per_parameter/{flops(C)}"] = self.estimate(*of(lambda s: s.tokens / s.parameters))
            told[f"optimal_loss/{flops(C)}"] = self.estimate(*of(lambda s: s.loss))
        return told

    @cached_property
    def x(self) -> np.ndarray:
        """The sizes [n, k]."""
        return np.stack([self.runs.size[name] for name in self.names], axis=1)

    @cached_property
    def offset(self) -> tuple[float, float]:
        """Mean of ln (loss/predicted) of the largest runs by the law of the others, and its error.

        Var = that of the prediction over replicas + that of the mean residual of a group, by the groups held out.
        """
        held, of = self.fit.early.held, self.fit.early
        x, y = self.x[held], np.log(self.runs.loss[held])
        off = float(np.mean(y - np.log(of.law.loss(x))))
        predicted = np.log(of.replicas.loss(x)).mean(axis=-1)
        count = np.bincount(self.fit.group)
        means = np.bincount(self.fit.group, self.fit.residual) / count
        here = np.bincount(self.fit.group[held])
        independent = here.sum() ** 2 / np.sum(here**2)
        return off, float(np.sqrt(predicted.var(ddof=1) + means.var(ddof=1) / independent))

    @cached_property
    def rms(self) -> dict[str, float]:
        """Root mean square of ln (loss/predicted) of the largest runs, of this law and of simpler ones."""
        of, held = self.fit.early, self.fit.early.held
        x, y = self.x[held], np.log(self.runs.loss[held])
        line = np.column_stack([np.ones(len(x)), np.log(x)]) @ of.line
        said = {"law": np.log(of.law.loss(x)), "without_floor": np.log(of.without_floor.loss(x)), "straight_line": line}
        return {name: float(np.sqrt(np.mean((y - a) ** 2))) for name, a in said.items()}

    def checks(self) -> list[Check]:
        """Of the table, of the minimum, of what is determined, of the residuals, of the extrapolation."""
        of, fit, n = checks.scaling_law, self.fit, len(self.runs.loss)
        held = [of.runs_enough(n, 2 * len(self.names) + 1), self.repeats()]
        held += [checks.regression.rows_finite(self.runs.lost, n)] if self.runs.lost else []
        held += [of.sizes_vary_alone(np.corrcoef(fit.t.T)[0, 1])] if self.both else []
        if self.runs.flop_ratio is not None and self.both:
            held.append(of.compute_as_counted(self.runs.flop_ratio, self.flop))
        reached = fit.starts_loss <= fit.starts_loss.min() * (1 + REACHED) + EXACT
        held.append(of.starts_agree(self.in_errors(fit.starts.exponent[reached]), int(reached.sum()), len(reached)))
        held += [self.determined(j) for j in range(len(self.names))]
        held.append(of.floor_determined(*np.quantile(fit.replicas.floor, TWO), self.runs.loss.min()))
        exact = scaling_laws.scatter_of(fit.residual) < EXACT
        p = np.nan if exact else fit.alike.p_value
        held += [of.errors_resampled(self.groups)]
        held += [of.residuals_unlike(fit.alike.correlation, p, n, grouped=self.groups < n)]
        held.append(of.stays_without_far_runs(self.in_errors(fit.without_far.exponent), int(fit.far.sum())))
        held.append(of.trends(np.nan * fit.residual if exact else fit.residual, self.runs.size))
        held += [of.extrapolates(*self.offset, int(fit.early.held.sum()))]
        others = {name.replace("_", " "): a for name, a in self.rms.items() if name != "law"}
        held.append(of.floor_predicts(self.rms["law"], others))
        return held + ([of.not_far_beyond(self.compute.max(), self.runs.size["compute"].max())] if self.asked else [])

    def in_errors(self, exponent: np.ndarray) -> float:
        """The largest difference from the exponents of the law, in errors."""
        error = np.array([max(one.error or 0.0, EXACT) for one in self.exponents.values()])
        return float(np.max(np.abs(exponent - self.fit.law.exponent) / error))

    def determined(self, j: int) -> Check:
        """Of one exponent."""
        a = self.fit.replicas.exponent[:, j]
        inside = (a > SEEN[0]) & (a < SEEN[1])
        low, high = np.quantile(a[inside] if inside.any() else a, TWO)
        return checks.scaling_law.exponent_determined(self.names[j], low, high, float(inside.mean()))

    def repeats(self) -> Check:
        """Rows that stand twice."""
        rows = np.column_stack([self.runs.loss, self.x])
        return checks.regression.no_repeats(len(rows) - len(np.unique(rows, axis=0)), len(rows))

    def notes(self) -> list[str]:
        """What is resampled, which runs are far, where the compute lies."""
        fit, said = self.fit, []
        if self.groups < len(self.runs.loss):
            said.append(f"errors are from {self.groups} groups of similar runs, resampled: residuals of similar runs "
                        f"are alike (rank correlation {fit.alike.correlation:.2f})")  # fmt: skip
        if fit.far.any():
            order = np.flatnonzero(fit.far)[np.argsort(-np.abs(fit.residual[fit.far]))]
            rows = [f"row {self.runs.row[i]} (loss {self.runs.loss[i]:.4g}, law "
                    f"{self.runs.loss[i] / np.exp(fit.residual[i]):.4g})" for i in order[:SHOWN]]  # fmt: skip
            said.append("far from the law: " + ", ".join(rows) + (" ..." if len(order) > SHOWN else ""))
        if self.both:
            said.append("intervals of 68 and 95 % are in result.arrays['interval']")
        return said

    def arrays(self) -> Any:
        """Runs with their residuals, intervals of the coefficients, and the best loss of each compute."""
        import xarray as xr

        law, replicas = self.fit.law, self.fit.replicas
        coefficients = np.column_stack([replicas.floor, replicas.exponent, replicas.coefficient])
        kept: dict[str, Any] = {name: ("run", a) for name, a in self.runs.size.items()}
        kept |= {"loss": ("run", self.runs.loss), "residual": ("run", self.fit.residual), "row": ("run", self.runs.row),
                 "predicted": ("run", law.loss(self.x)), "held_out": ("run", self.fit.early.held),
                 "law": ("coefficient", np.array([law.floor, *law.exponent, *law.coefficient])),
                 "interval": (("quantile", "coefficient"), np.quantile(coefficients, LEVELS, axis=0)),
                 "replica": (("draw", "coefficient"), coefficients)}  # fmt: skip
        names = ["irreducible_loss", *(f"exponent/{name}" for name in self.names),
                 *(f"coefficient/{name}" for name in self.names)]  # fmt: skip
        kept |= self.frontier()
        axes = {"coefficient": names, "quantile": list(LEVELS)}
        return xr.Dataset(kept, axes, {"sizes": " ".join(self.names), "flop": self.flop})

    def frontier(self) -> dict[str, Any]:
        """The best loss of a compute, or the loss at a size, with the band of one error."""
        of = "compute" if self.both else self.names[0]
        ends = np.log(np.append(self.runs.size[of], self.compute))
        grid = np.exp(np.linspace(ends.min(), ends.max(), CURVE))
        at: Any = (lambda law: scaling_laws.optimal_split(law, grid, self.flop)) if self.both else None
        loss = lambda law: at(law).loss if self.both else law.loss(grid[:, None])  # noqa: E731
        told: dict[str, Any] = {"curve_size": ("curve", grid), "curve": ("curve", loss(self.fit.law)),
                "curve_band": (("side", "curve"), np.quantile(loss(self.fit.replicas), ONE, axis=0))}  # fmt: skip
        if self.both:
            told |= {"curve_parameters": ("curve", at(self.fit.law).parameters),
                     "curve_tokens": ("curve", at(self.fit.law).tokens)}  # fmt: skip
        return told


def flops(compute: float) -> str:
    """compute_1e24, compute_5.76e23."""
    return f"compute_{compute:.4g}".replace("e+", "e")
