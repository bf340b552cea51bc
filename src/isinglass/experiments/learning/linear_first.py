# SPDX-License-Identifier: Apache-2.0
"""Linear regression against its exact theory: ridge risk, the peak of double descent, coverage of the posterior."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import numpy as np
import xarray as xr

from isinglass.exact.regression.linear_regression import least_squares_risks, min_norm_risk, ridge_optimum, ridge_risk
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.inference.linear.target_table import TargetTable
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.verbs import infer

__all__ = ["LinearFirst"]

SIGNAL = 1.0  # |w|²
SOURCE = "Marchenko-Pastur, arXiv:1507.03003"
MODELS = ("ridge", "least_squares", "evidence")
LEVELS = {1: 0.6827, 2: 0.9545}
CURVE = np.geomspace(0.1, 10.0, 201)


class Fitted(NamedTuple):
    """One data set, fitted."""

    risk: float  # |w - truth|²: excess risk, for inputs of unit covariance
    train: float  # mean squared residual of all rows
    within: tuple[float, float]  # share of coefficients within 1 and 2 errors
    refuted: int  # checks of its own that failed
    penalty: float  # ln of λ by that of the truth


@dataclass(frozen=True)
class LinearFirst(AbstractExperiment):
    """y = x·w + noise, normal inputs: risks of ridge and of the shortest least squares, by the verb, beside theory."""

    name: ClassVar[str] = "linear-first"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "ridge risk against theory, double descent, the exact posterior"
    rows: ClassVar[tuple[int, ...]] = (75, 98, 99, 102, 103)
    paper: ClassVar[str] = "Hastie, Montanari, Rosset and Tibshirani 2022, arXiv:1903.08560"
    claim: ClassVar[str] = (
        "ridge and min-norm risks within 3 % and errors of theory; a peak at γ = 1; 68 and 95 % coverage"
    )
    guide: ClassVar[str] = "docs/linear.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"n_rows": 200, "draws": 12, "scan_rows": 80, "scan_draws": 10},
        "laptop": {},
        "paper": {"n_rows": 2000, "draws": 100, "scan_rows": 400, "scan_draws": 100},
    }

    n_rows: int = 600
    """Rows n of each data set."""
    gammas: tuple[float, ...] = (0.5, 2.0)
    """Columns by rows, γ = p/n, where risks are held against theory."""
    noise: float = 0.25
    """Variance σ² of the noise; |w|² = 1."""
    draws: int = 30
    """Data sets for each of them."""
    scan_rows: int = 200
    """Rows of the data sets for the curve of double descent."""
    scan_draws: int = 20
    """Data sets for each of its points."""
    scan: tuple[float, ...] = (0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 4.0)
    """γ of its points."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Risks at γ of the table, then the curve."""
        total = len(self.gammas) + len(self.scan)
        estimates: dict[str, Estimate] = {}
        checks: list[Check] = []
        for k, gamma in enumerate(self.gammas):
            progress(k, total, f"γ = {gamma:g}")
            keys = [jax.random.fold_in(key, 10_000 * k + i) for i in range(self.draws)]
            found = {model: [self.fitted(one, self.n_rows, gamma, model) for one in keys] for model in MODELS}
            told, held = self.compared(gamma, found)
            estimates |= told
            checks += held
        curves = []
        for k, gamma in enumerate(self.scan):
            progress(len(self.gammas) + k, total, f"double descent, γ = {gamma:g}")
            keys = [jax.random.fold_in(key, 10**6 + 10_000 * k + i) for i in range(self.scan_draws)]
            curves.append([[self.fitted(one, self.scan_rows, gamma, model).risk for one in keys]
                           for model in ("least_squares", "ridge")])  # fmt: skip
        arrays = self.curve(np.array(curves))
        checks += [self.peak(arrays)] if 1.0 in self.scan else []
        return Result(self.name, estimates=estimates, checks=checks, arrays=arrays, settings=asdict(self),
                      figures=["risk_curve"])  # fmt: skip

    def fitted(self, key: Any, n: int, gamma: float, model: str) -> Fitted:
        """Inputs and w of a random direction, y, and the verb.  λ = σ²/τ² with τ² = |w|²/p, or found from the data."""
        p = max(1, round(gamma * n))
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
        w = rng.normal(size=p) * (SIGNAL / p) ** 0.5
        X = rng.normal(size=(n, p))
        y = X @ w + self.noise**0.5 * rng.normal(size=n)
        right = n * ridge_optimum(p / n, self.noise, SIGNAL)
        settings: dict[str, Any] = {"model": "ridge" if model == "evidence" else model}
        settings |= {"penalty": right} if model == "ridge" else {}
        result = infer(key, TargetTable(X, y), intercept=False, standardize=False, progress=False, **settings)
        found, error = (result.arrays[name].to_numpy() for name in ("coefficient", "coefficient_error"))
        off = np.abs(found - w)
        within = tuple(float(np.mean(off <= k * error)) for k in LEVELS)
        refuted = sum(check.verdict == "fail" for check in result.checks)
        penalty = float(np.log(result.estimates["penalty"].value / right)) if model == "evidence" else np.nan
        return Fitted(float(off @ off), float(np.mean((y - X @ found) ** 2)), within, refuted, penalty)  # pyright: ignore

    def compared(self, gamma: float, found: dict[str, list[Fitted]]) -> tuple[dict[str, Estimate], list[Check]]:
        """Risks, coverage and λ at one γ, each with what is exact."""
        n, p = self.n_rows, round(gamma * self.n_rows)
        best = ridge_optimum(gamma, self.noise, SIGNAL)
        exact = {"ridge": ridge_risk(best, gamma, self.noise, SIGNAL),
                 "least_squares": min_norm_risk(gamma, self.noise, SIGNAL)}  # fmt: skip
        told, held, at = {}, [], f"gamma_{gamma:g}"
        for model, law in (("ridge", "ridge risk at the best λ"), ("least_squares", "risk of the shortest solution")):
            told[f"risk/{model}_{at}"] = risk = mean_of([one.risk for one in found[model]])
            tolerance = slack(risk, 0.03 * exact[model])
            held.append(Check.within(f"{law}, γ = {gamma:g}", risk.value, exact[model], tolerance, error=risk.error,
                                     source=SOURCE, of=f"risk/{model}_{at}"))  # fmt: skip
        for k, level in LEVELS.items():
            told[f"coverage_{k}/{at}"] = share = mean_of([one.within[k - 1] for one in found["ridge"]])
            law = f"coefficients within {k} error{'s' * (k > 1)} of the exact posterior, γ = {gamma:g}"
            held.append(Check.within(law, share.value, level, slack(share, 0.01), error=share.error, source="normal",
                                     of=f"coverage_{k}/{at}"))  # fmt: skip
        told[f"log_penalty/{at}"] = ratio = mean_of([one.penalty for one in found["evidence"]])
        law, source = f"ln λ of largest evidence, less that of σ²/τ², γ = {gamma:g}", "σ²/τ² = p σ²/|w|²"
        held.append(Check.within(law, ratio.value, 0.0, slack(ratio, 0.05), error=ratio.error, source=source,
                                 of=f"log_penalty/{at}"))  # fmt: skip
        if p < n - 1:
            told[f"training_error/{at}"] = train = mean_of([one.train for one in found["least_squares"]])
            expected = least_squares_risks(n, p, self.noise)[0]
            held.append(Check.within(f"training error of least squares, γ = {gamma:g}", train.value, expected,
                                     slack(train, 0.0), error=train.error, source="σ² (1 - p/n), exact",
                                     of=f"training_error/{at}"))  # fmt: skip
        refuted = sum(one.refuted for one in found["ridge"])
        held.append(Check.at_most(f"checks of {self.draws} right fits that fail, γ = {gamma:g}", refuted, 0.0,
                                  tolerance=1.0))  # fmt: skip
        return told, held

    def curve(self, risks: np.ndarray) -> xr.Dataset:
        """Median risks over data sets, with the middle half of them, and the theory for many γ."""
        quantile = np.quantile(risks, [0.25, 0.5, 0.75], axis=2)
        best = [ridge_risk(ridge_optimum(g, self.noise, SIGNAL), g, self.noise, SIGNAL) for g in CURVE]
        exact = [[min_norm_risk(g, self.noise, SIGNAL) for g in CURVE], best]
        return xr.Dataset(
            {"risk": (("quantile", "gamma", "estimator"), quantile),
             "risk_exact": (("estimator", "gamma_exact"), exact)},
            coords={"gamma": list(self.scan), "estimator": ["shortest solution", "best ridge"], "gamma_exact": CURVE,
                    "quantile": [0.25, 0.5, 0.75]},
        )  # fmt: skip

    def peak(self, arrays: xr.Dataset) -> Check:
        """Double descent: the median risk of the shortest solution at γ = 1 over the largest at other γ."""
        median = arrays["risk"].sel(quantile=0.5, estimator="shortest solution").to_numpy()
        at = np.array(self.scan) == 1.0
        far = np.abs(np.log(np.array(self.scan))) > 0.2
        law = "peak of double descent: median risk at γ = 1 by the largest beyond 20 % of it"
        return Check.at_least(law, float(median[at].max() / median[far].max()), 3.0, source="infinite for n → ∞")


def slack(measured: Estimate, bias: float) -> float:
    """What a mean may be off: 3.9 of its errors (1e-4), and a bias of finite n."""
    return 3.9 * (measured.error or 0.0) + bias


def mean_of(values: list[float]) -> Estimate:
    """Mean over independent data sets, with its standard error."""
    return Estimate(float(np.mean(values)), float(np.std(values, ddof=1) / len(values) ** 0.5))
