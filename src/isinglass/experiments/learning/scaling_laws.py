# SPDX-License-Identifier: Apache-2.0
"""A scaling law that is known: errors of kernel regression by the number of examples, fitted by the verb."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np

from isinglass.exact.regression.kernel_regression import kernel_error, power_spectrum
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.inference.scaling_laws.runs_table import RunsTable
from isinglass.result import Check, Estimate, Result
from isinglass.run.blas import one_blas_thread
from isinglass.run.progress import ProgressCallable, silent
from isinglass.verbs import infer

__all__ = ["ScalingLaws"]

SOURCE = "self-consistent equation, arXiv:2002.02561"
SIGMAS = 4.0


@dataclass(frozen=True)
class ScalingLaws(AbstractExperiment):
    """λ_k = k^-a, w_k² λ_k = k^-b, noise σ²: E(P) -> a σ² + A P^-(b-1), simulated, solved, and found by `infer`."""

    name: ClassVar[str] = "scaling-laws"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "kernel regression: its errors beside theory, their exponent and floor by a fit"
    rows: ClassVar[tuple[int, ...]] = (124,)
    paper: ClassVar[str] = "Bordelon, Canatar and Pehlevan 2020, arXiv:2002.02561"
    claim: ClassVar[str] = (
        "errors within 3 % and four standard errors of theory at every number of examples; exponent and floor of the "
        "fit within four errors of those of the exact curve, its floor within 10 % of a σ²"
    )
    guide: ClassVar[str] = "docs/scaling.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"modes": 2000, "repeats": 4, "draws": 6},
        "laptop": {},
        "paper": {"modes": 20_000, "examples": tuple(np.unique(np.geomspace(16, 2048, 20).astype(int)).tolist()),
                  "repeats": 10},
    }  # fmt: skip

    spectrum: float = 2.0
    """a of λ_k = k^-a."""
    target: float = 2.0
    """b of w_k² λ_k = k^-b."""
    noise: float = 0.01
    """Variance σ² of the noise."""
    modes: int = 6000
    """Features of the simulation, and of the exact curve."""
    examples: tuple[int, ...] = (16, 23, 32, 45, 64, 91, 128, 181, 256, 362)
    """Numbers P of examples."""
    repeats: int = 6
    """Rows of the table, runs, for each of them."""
    draws: int = 12
    """Data sets that a run is the mean of."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Simulate, solve, fit both."""
        error = np.empty((len(self.examples), self.repeats))
        with one_blas_thread():
            for i, P in enumerate(self.examples):
                progress(i, len(self.examples), f"{P} examples")
                rng = np.random.default_rng(np.asarray(jax.random.key_data(jax.random.fold_in(key, i))))
                each = [self.simulated(rng, P) for _ in range(self.repeats * self.draws)]
                error[i] = np.reshape(each, (self.repeats, self.draws)).mean(axis=1)
        P = np.repeat(np.array(self.examples, float), self.repeats)
        found = infer(key, RunsTable(error.reshape(-1), tokens=P), progress=False)
        known = np.array([self.exact(P) for P in self.examples])
        curve = RunsTable(np.repeat(known, self.repeats), tokens=P)
        limit = infer(0, curve, replicas=100, resample="runs", progress=False).estimates
        arrays = found.arrays.assign(exact_loss=("examples", known)).assign_coords(examples=list(self.examples))
        return Result(
            self.name,
            estimates=self.estimates(found, limit),
            checks=self.checks(error, known, found, limit),
            arrays=arrays,
            settings=asdict(self),
            notes=found.notes,
            figures=["loss_size", "loss_residuals"],
        )

    def simulated(self, rng: np.random.Generator, P: int) -> float:
        """σ² + Σ_k λ_k (w_k - v_k)², v = X^T (X X^T)^-1 y the smallest w that fits, X_ik = √λ_k z_ik, z normal."""
        eigenvalue = power_spectrum(self.modes, self.spectrum)
        w = np.sqrt(power_spectrum(self.modes, self.target) / eigenvalue)
        X = rng.normal(size=(P, self.modes)) * np.sqrt(eigenvalue)
        y = X @ w + self.noise**0.5 * rng.normal(size=P)
        v = X.T @ np.linalg.solve(X @ X.T, y)
        return float(self.noise + np.sum(eigenvalue * (w - v) ** 2))

    def exact(self, P: int) -> float:
        """E(P) for as many modes."""
        eigenvalue, target = (power_spectrum(self.modes, a) for a in (self.spectrum, self.target))
        return kernel_error(eigenvalue, target, P, self.noise).error

    def estimates(self, found: Result, curve: dict[str, Estimate]) -> dict[str, Estimate]:
        """Exponent, floor and coefficient of the fit, and those of the same law of the exact curve."""
        names = ("irreducible_loss", "exponent/tokens", "coefficient/tokens")
        told = {name.replace("tokens", "examples"): found.estimates[name] for name in names}
        return told | {f"{name.split('/')[0]}/exact_curve": Estimate(curve[name].value) for name in names}

    def checks(self, error: np.ndarray, known: np.ndarray, found: Result, curve: dict[str, Estimate]) -> list[Check]:
        """Simulation against theory, the fit against the fit of the exact curve, and that against the limit."""
        held = []
        for P, each, exact in zip(self.examples, error, known, strict=True):
            s = float(each.std(ddof=1) / len(each) ** 0.5)
            held.append(Check.within(f"error of {P} examples", float(each.mean()), exact, SIGMAS * s + 0.03 * exact,
                                     error=s, source=SOURCE))  # fmt: skip
        for name, law in (("exponent/tokens", "exponent"), ("irreducible_loss", "floor")):
            estimate = found.estimates[name]
            held.append(Check.within(f"{law} of the fit and of the exact curve", estimate.value, curve[name].value,
                                     SIGMAS * (estimate.error or 0.0), error=estimate.error, source=SOURCE,
                                     of=name.replace("tokens", "examples")))  # fmt: skip
        floor, exponent = self.spectrum * self.noise, self.target - 1
        held.append(Check.within("floor of the exact curve and a σ², its limit", curve["irreducible_loss"].value, floor,
                                 0.1 * floor, source="arXiv:2207.06569"))  # fmt: skip
        held.append(Check.within("exponent of the exact curve and b - 1, its limit", curve["exponent/tokens"].value,
                                 exponent, 0.15, source=SOURCE))  # fmt: skip
        refuted = [check.law for check in found.checks if check.verdict == "fail"]
        law = "checks of the fitted table that fail" + (f": {'; '.join(refuted)}" if refuted else "")
        return [*held, Check.at_most(law, len(refuted), 0.0)]
