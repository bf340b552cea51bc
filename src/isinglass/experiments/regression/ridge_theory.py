# SPDX-License-Identifier: Apache-2.0
"""Ridge regression: risk, bias and variance beside random-matrix theory, for inputs of any covariance."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
import xarray as xr

from isinglass.errors import InputError
from isinglass.exact.regression import kernel_regression, linear_regression
from isinglass.exact.regression.kernel_regression import KernelError
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.learning.hopfield_scaling import to_infinity
from isinglass.experiments.regression.ridge_ensemble import RidgeRisks, least_squares, ridge_risks
from isinglass.experiments.theory_curve import held, over_samples, theory_curve
from isinglass.result import Check, Estimate, Result
from isinglass.run.blas import one_blas_thread
from isinglass.run.progress import ProgressCallable, silent

__all__ = ["RidgeTheory"]

MARCHENKO = "Marchenko-Pastur, arXiv:1507.03003"
COVARIANCE = "self-consistent equation, arXiv:1903.08560"
GRID = np.geomspace(0.02, 20.0, 13)  # penalties of the curves
DENSE = np.geomspace(GRID[0], GRID[-1], 101)
PARTS = ("bias²", "variance", "risk")


@dataclass(frozen=True)
class RidgeTheory(AbstractExperiment):
    """y = x·w + noise of variance σ², |w| = 1, γ = p/n; loss (1/n) |y - X w|² + λ |w|²."""

    name: ClassVar[str] = "ridge-theory"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "ridge regression: risk, bias and variance beside random-matrix theory"
    rows: ClassVar[tuple[int, ...]] = (98, 99, 102, 103)
    paper: ClassVar[str] = "Dobriban and Wager 2018, arXiv:1507.03003; Hastie et al. 2022, arXiv:1903.08560"
    claim: ClassVar[str] = (
        "risk, bias and variance of ridge, for n → ∞, within three standard errors of Marchenko and Pastur's, "
        "of correlated inputs of the self-consistent equation; training and test errors of least squares, at finite n, "
        "of the exact ones"
    )
    guide: ClassVar[str] = "docs/regression.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"sizes": (20, 40, 80), "samples": 80, "cases": ((0.5, 0.25), (2.0, 0.25)),
                  "covariance_gammas": (2.0,), "least_squares_columns": (5, 15), "least_squares_samples": 2000},
        "laptop": {},
        "paper": {"sizes": (300, 600, 1200), "samples": 200, "least_squares_samples": 20_000},
    }  # fmt: skip

    sizes: tuple[int, ...] = (60, 120, 240)
    """Rows n of the data sets, for the extrapolation."""
    samples: int = 200
    """Pairs of data sets of the largest size; of others as many more as they are smaller."""
    cases: tuple[tuple[float, float], ...] = ((0.5, 0.25), (2.0, 0.25), (0.5, 1.0), (2.0, 1.0), (1.0, 0.25))
    """γ = p/n and σ²."""
    penalties: tuple[float, ...] = (0.1, 1.0)
    """λ, besides the best one, γ σ², and none."""
    covariance: tuple[float, float] = (1.8, 0.2)
    """Variances of the first and of the other half of correlated inputs; w lies in the second half by 3/4."""
    covariance_gammas: tuple[float, ...] = (0.5, 2.0)
    """γ of correlated inputs."""
    least_squares_rows: int = 30
    """Rows for exact training and test errors."""
    least_squares_columns: tuple[int, ...] = (5, 15, 22)
    """Columns."""
    least_squares_samples: int = 4000
    """Data sets for each."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Each γ, then correlated inputs, then least squares.

        Errors: InputError for fewer than two sizes or samples, sizes that γ does not divide into columns, and columns
        that least squares has no mean error for.
        """
        self.check_request()
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        arrays: dict[str, xr.DataArray] = {}
        parts = [*((self.table, gamma) for gamma in dict.fromkeys(g for g, _ in self.cases)),
                 *((self.correlated, gamma) for gamma in self.covariance_gammas),
                 *((self.exact_errors, p) for p in self.least_squares_columns)]  # fmt: skip
        with one_blas_thread():
            for k, (part, of) in enumerate(parts):
                progress(k, len(parts), f"{part.__name__.replace('_', ' ')}, {of:g}")
                more, claims, drawn = part(jax.random.fold_in(key, k), of)
                told, arrays, checks = told | more, arrays | drawn, checks + claims
        return Result(self.name, estimates=told, checks=checks, arrays=xr.Dataset(arrays), settings=asdict(self),
                      figures=[f"theory_curve/{of}" for of in arrays if f"{of}_exact" in arrays])  # fmt: skip

    def check_request(self) -> None:
        """What theory and errors need."""
        if len(set(self.sizes)) < 2 or min(self.sizes) < 20:  # noqa: PLR2004
            raise InputError("two sizes or more, of 20 or more", ", ".join(map(str, self.sizes)), "give larger ones")
        if min(self.samples, self.least_squares_samples) < 2:  # noqa: PLR2004
            raise InputError("two samples or more", "1", "errors are those over samples")
        gammas = {*self.covariance_gammas, *(g for g, _ in self.cases)}
        if odd := [(n, g) for n in self.sizes for g in gammas if abs(g * n - round(g * n)) > 1e-9 or round(g * n) < 2]:  # noqa: PLR2004
            raise InputError("sizes n and γ with whole γ n", f"n = {odd[0][0]}, γ = {odd[0][1]:g}", "round the size")
        if min(min(self.covariance), *self.penalties, *(s for _, s in self.cases)) <= 0:
            raise InputError("variances and penalties above 0", "one that is not", "leave it out")
        if not 0 < min(self.least_squares_columns) <= max(self.least_squares_columns) < self.least_squares_rows - 4:
            raise InputError(f"columns from 1 to {self.least_squares_rows - 5}",
                             ", ".join(map(str, self.least_squares_columns)),
                             "take more rows: nearer to them the error has no variance")  # fmt: skip

    def simulated(
        self, key: Any, gamma: float, covariance: tuple[float, float], penalties: Any
    ) -> dict[int, RidgeRisks]:
        """Of each size; w² is spread evenly over each half of the inputs, 1/4 and 3/4 of it."""
        found = {}
        for n in self.sizes:
            p = round(gamma * n)
            w, eigenvalue = inputs(p, covariance)
            keys = jax.random.split(jax.random.fold_in(key, n), self.samples * max(self.sizes) // n)
            found[n] = jax.tree.map(np.asarray, ridge_risks(keys, n, w, eigenvalue, np.asarray(penalties, float)))
        return found

    def table(self, key: Any, gamma: float) -> tuple[dict[str, Estimate], list[Check], dict[str, xr.DataArray]]:
        """Risks of all σ² at one γ; bias and variance at the best penalty; curves at the largest size."""
        noises = [s for g, s in self.cases if g == gamma]
        best = [linear_regression.ridge_optimum(gamma, s) for s in noises]
        penalties = [*GRID, *self.penalties, *best, *([0.0] if gamma != 1 else [])]
        found = self.simulated(key, gamma, (1.0, 1.0), penalties)
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        for s, optimum in zip(noises, best, strict=True):
            for penalty in (*self.penalties, optimum, 0.0):
                if penalty not in penalties:
                    continue
                of, k = f"risk/gamma_{gamma:g}_noise_{s:g}_lambda_{penalty:g}", penalties.index(penalty)
                told[of] = to_infinity({n: over_samples(risk(each, s)[:, k]) for n, each in found.items()})
                exact = (linear_regression.ridge_risk(penalty, gamma, s) if penalty else
                         linear_regression.min_norm_risk(gamma, s))  # fmt: skip
                words = f"λ = {penalty:g}" if penalty else "without ridge"
                checks.append(held(f"risk at γ = {gamma:g}, σ² = {s:g}, {words}", of, told[of], exact, MARCHENKO))
        k, s = penalties.index(best[0]), noises[0]
        theory = kernel_regression.kernel_error(np.ones(1), np.ones(1), 1 / gamma, s, best[0])
        more, claims = split(found, k, s, theory, f"γ = {gamma:g}, λ = {best[0]:g}", f"gamma_{gamma:g}")
        return told | more, checks + claims, self.curves(found[max(self.sizes)], gamma, (1.0, 1.0), s, "isotropic")

    def correlated(self, key: Any, gamma: float) -> tuple[dict[str, Estimate], list[Check], dict[str, xr.DataArray]]:
        """Two variances of the inputs, by the self-consistent equation."""
        noise = self.cases[0][1]
        penalties = [*GRID, *self.penalties, *([0.0] if gamma > 1 else [])]
        found = self.simulated(key, gamma, self.covariance, penalties)
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        for penalty in penalties[len(GRID) :]:
            of, k = f"risk/correlated_gamma_{gamma:g}_lambda_{penalty:g}", penalties.index(penalty)
            told[of] = to_infinity({n: over_samples(risk(each, noise)[:, k]) for n, each in found.items()})
            theory = correlated_error(gamma, self.covariance, noise, penalty)
            checks.append(held(f"risk of correlated inputs at γ = {gamma:g}, λ = {penalty:g}", of, told[of],
                               theory.bias + theory.variance, COVARIANCE))  # fmt: skip
        k = penalties.index(self.penalties[0])
        theory = correlated_error(gamma, self.covariance, noise, self.penalties[0])
        more, claims = split(found, k, noise, theory, f"correlated inputs, γ = {gamma:g}, λ = {self.penalties[0]:g}",
                             f"correlated_gamma_{gamma:g}")  # fmt: skip
        drawn = self.curves(found[max(self.sizes)], gamma, self.covariance, noise, "correlated")
        return told | more, checks + claims, drawn

    def curves(self, found: RidgeRisks, gamma: float, covariance: tuple, noise: float, of: str):
        """Bias, variance and risk by λ at the largest size."""
        measured = [found.bias, noise * found.variance, risk(found, noise)]
        theory = [correlated_error(gamma, covariance, noise, penalty) for penalty in DENSE]
        exact = [[e.bias for e in theory], [e.variance for e in theory], [e.bias + e.variance for e in theory]]
        words = f"Excess error of ridge regression, {of} inputs, n = {max(self.sizes)}, γ = {gamma:g}, σ² = {noise:g}."
        return theory_curve(f"{of}_gamma_{gamma:g}", PARTS, GRID, [[over_samples(a[:, k]) for k in range(len(GRID))]
                            for a in measured], DENSE, exact, caption=words, xlabel="penalty λ", ylabel="excess error",
                            bottom=1e-3)  # fmt: skip

    def exact_errors(self, key: Any, p: int) -> tuple[dict[str, Estimate], list[Check], dict[str, xr.DataArray]]:
        """Least squares at finite n: σ² (1 - p/n) and σ² (1 + p/(n - p - 1)), the second on rows of its own."""
        n, noise = self.least_squares_rows, self.cases[0][1]
        found = np.asarray(least_squares(jax.random.split(key, self.least_squares_samples), n, p, noise))
        source, told, checks = "Wishart, exact at finite n", {}, []
        exact = linear_regression.least_squares_risks(n, p, noise)
        for words, rows, value in zip(("training", "test"), found.T[:2], exact, strict=True):
            of = f"{words}_error/columns_{p}"
            told[of] = over_samples(rows)
            checks.append(held(f"{words} error of least squares, n = {n}, p = {p}", of, told[of], value, source))
        law = f"variance of another unbiased linear estimate by that of least squares, smallest, p = {p}"
        checks.append(Check.at_least(law, float((found[:, 3] / found[:, 2]).min()), 1.0, source="Gauss-Markov"))
        return told, checks, {}


def inputs(p: int, covariance: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """w, with 1/4 and 3/4 of |w|² = 1 in the halves of the inputs, and their variances."""
    half = p // 2
    share = np.repeat([0.25 / half, 0.75 / (p - half)], [half, p - half])
    return np.sqrt(share), np.repeat(covariance, [half, p - half])


def correlated_error(gamma: float, covariance: tuple[float, float], noise: float, penalty: float) -> KernelError:
    """In the limit: half of γ modes for each example of each variance; w² of all modes of a variance is 1/4, 3/4."""
    s = np.array(covariance)
    target = s * np.array([0.25, 0.75]) * 2 / gamma
    return kernel_regression.kernel_error(s, target, 1.0, noise, penalty, np.full(2, gamma / 2))


def risk(found: RidgeRisks, noise: float) -> np.ndarray:
    """Excess error of the fit of y with noise."""
    return found.bias + 2 * noise**0.5 * found.mixed + noise * found.variance


def split(
    found: dict[int, RidgeRisks], k: int, noise: float, exact: KernelError, words: str, at: str
) -> tuple[dict[str, Estimate], list[Check]]:
    """Bias², variance by noise, and the bias² of the mean of all fits; the rest is variance by the choice of rows."""
    told, checks = {}, []
    for name, of, factor, value in (
        ("bias²", "bias", 1.0, exact.bias),
        ("variance", "variance", noise, exact.variance),
        ("bias² of the mean fit", "mean_bias", 1.0, exact.bias * (1 - exact.gamma)),
    ):
        estimate = to_infinity({n: over_samples(factor * getattr(each, of)[:, k]) for n, each in found.items()})
        told[f"{of}/{at}"] = estimate
        checks.append(held(f"{name} at {words}", f"{of}/{at}", estimate, value, COVARIANCE))
    return told, checks
