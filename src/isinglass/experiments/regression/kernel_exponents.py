# SPDX-License-Identifier: Apache-2.0
"""Learning curves of kernel regression: their exponents by the spectrum, without noise, with it, and between."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
import xarray as xr

from isinglass.errors import InputError
from isinglass.exact.regression import kernel_regression
from isinglass.exact.regression.kernel_regression import best_ridge, exponents, mode_blocks, power_spectrum
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.regression.kernel_ensemble import kernel_errors
from isinglass.experiments.theory_curve import fitted_exponent, held, over_samples, theory_curve
from isinglass.result import Check, Estimate, Result
from isinglass.run.blas import one_blas_thread
from isinglass.run.progress import ProgressCallable, silent

__all__ = ["KernelExponents"]

THEORY = "self-consistent equation, arXiv:2002.02561"
BARE, NOISY, RIDGE = REGIMES = ("no noise", "noise, no ridge", "noise, best ridge")
FAR = (3e3, 3e4)  # examples between which the slopes of theory are those of infinitely many
CLOSE = 0.03
MODES = 1e12


@dataclass(frozen=True)
class KernelExponents(AbstractExperiment):
    """λ_k = k^-a, w_k² λ_k = k^-b: E - σ² ~ P^-m without noise, m = min(b - 1, 2a), P^-m/(1+m) with the best ridge."""

    name: ClassVar[str] = "kernel-exponents"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "learning curves of kernel regression, their exponents and crossovers"
    rows: ClassVar[tuple[int, ...]] = (124, 125)
    paper: ClassVar[str] = "Bordelon, Canatar and Pehlevan 2020, arXiv:2002.02561; Cui et al. 2021, arXiv:2105.15004"
    claim: ClassVar[str] = (
        "excess errors, and the slopes fitted to them, within three standard errors of the self-consistent equation, "
        "without noise, with noise, and with the best ridge; the slopes of theory as predicted: min(b - 1, 2a), 0, and "
        "m/(1 + m); the crossover between them"
    )
    guide: ClassVar[str] = "docs/regression.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"pairs": ((2.0, 2.0), (1.5, 6.0)), "examples": (96, 192), "samples": 150, "modes": 1000},
        "laptop": {},
        "paper": {"examples": (128, 256, 512, 1024), "samples": 400, "modes": 20_000},
    }

    pairs: tuple[tuple[float, float], ...] = ((2.0, 1.5), (2.0, 2.0), (1.5, 3.0), (1.5, 6.0))
    """a and b."""
    examples: tuple[int, ...] = (100, 200, 400)
    """Numbers P of examples, of which corrections in 1/P are not seen."""
    samples: int = 200
    """Data sets for each."""
    modes: int = 2000
    """Modes of the simulation and of the theory beside it."""
    noise: float = 0.1
    """Variance σ² of the noise."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Each pair: simulate and solve, fit slopes, then theory far on.

        Errors: InputError for fewer than two numbers of examples or samples, too few modes or examples, and spectra
        without a finite trace.
        """
        self.check_request()
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        arrays: dict[str, xr.DataArray] = {}
        with one_blas_thread():
            for k, (a, b) in enumerate(self.pairs):
                progress(k, len(self.pairs), f"a = {a:g}, b = {b:g}")
                found, exact = self.simulated(jax.random.fold_in(key, k), a, b)
                more, claims = self.compared(found, exact, a, b)
                told, checks = told | more, [*checks, *claims, *self.limits(a, b)]
                arrays |= self.curves(found, a, b)
        return Result(self.name, estimates=told, checks=checks, arrays=xr.Dataset(arrays), settings=asdict(self),
                      figures=[f"theory_curve/{of}" for of in arrays if f"{of}_exact" in arrays])  # fmt: skip

    def check_request(self) -> None:
        """What theory and errors need."""
        if len(set(self.examples)) < 2 or min(self.examples) < 8:  # noqa: PLR2004
            raise InputError("two numbers of examples or more, of 8 or more", ", ".join(map(str, self.examples)),
                             "give more: theory is for many")  # fmt: skip
        if self.samples < 2:  # noqa: PLR2004
            raise InputError("two samples or more", "1", "errors are those over samples")
        if self.modes < 2 * max(self.examples):
            raise InputError(f"modes of at least {2 * max(self.examples)}, twice the examples", str(self.modes),
                             "give more")  # fmt: skip
        if low := [pair for pair in self.pairs if min(pair) <= 1]:
            raise InputError("a and b above 1", f"{low[0]}", "sums over all modes are infinite at 1")

    def spectra(self, a: float, b: float, modes: int) -> tuple[np.ndarray, np.ndarray]:
        """λ_k and w_k² λ_k."""
        return power_spectrum(modes, a), power_spectrum(modes, b)

    def regimes(self, a: float, b: float, P: int) -> tuple[np.ndarray, np.ndarray]:
        """σ² and δ of each regime at P examples."""
        best = best_ridge(*self.spectra(a, b, self.modes), P, self.noise)[0]
        return np.array([0.0, self.noise, self.noise]), np.array([0.0, 0.0, best])

    def simulated(self, key: Any, a: float, b: float) -> tuple[list[list[Estimate]], np.ndarray]:
        """Excess errors [regime][P], and those of theory."""
        of = self.spectra(a, b, self.modes)
        found, exact = [], []
        for P in self.examples:
            noises, penalties = self.regimes(a, b, P)
            keys = jax.random.split(jax.random.fold_in(key, P), self.samples)
            each = np.asarray(kernel_errors(keys, P, *of, noises, penalties))
            found.append([over_samples(column) for column in each.T])
            exact.append([excess(kernel_regression.kernel_error(*of, P, s, d))
                          for s, d in zip(noises, penalties, strict=True)])  # fmt: skip
        return [list(row) for row in zip(*found, strict=True)], np.array(exact).T

    def compared(self, found: list[list[Estimate]], exact: np.ndarray, a: float, b: float):
        """Each error, and the slope of the logarithms by weighted least squares; of theory with the same weights."""
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        at = f"a = {a:g}, b = {b:g}"
        for name, row, theory in zip(REGIMES, found, exact, strict=True):
            short = f"{name.replace(', ', '_').replace(' ', '_')}/a_{a:g}_b_{b:g}"
            for P, each, value in zip(self.examples, row, theory, strict=True):
                told[f"error/{short}/examples_{P}"] = each
                checks.append(held(f"excess error of {P} examples, {at}, {name}", f"error/{short}/examples_{P}", each,
                                   value, THEORY))  # fmt: skip
            told[f"exponent/{short}"] = exponent = fitted_exponent(self.examples, row)
            weights = [Estimate(v, v * (e.error or 0.0) / e.value) for v, e in zip(theory, row, strict=True)]
            checks.append(held(f"fitted exponent, {at}, {name}", f"exponent/{short}", exponent,
                               fitted_exponent(self.examples, weights).value, THEORY))  # fmt: skip
        return told, checks

    def limits(self, a: float, b: float) -> list[Check]:
        """Slopes of theory far on: m, m/(1 + m) beyond the crossover of noise, m before it, the floor (a - 1) σ²."""
        k, weight = mode_blocks(MODES)
        of, at = (k**-a, k**-b), f"a = {a:g}, b = {b:g}"
        error = lambda P, noise: kernel_regression.kernel_error(*of, P, noise, 0.0, weight)  # noqa: E731
        m, noisy = exponents(a, b)
        bare = [error(P, 0.0).error for P in FAR]
        weak = bare[0] * 1e-3  # noise that is seen only far beyond
        before, beyond = ([excess(best_ridge(*of, P, s, weight)[1]) for P in FAR] for s in (weak * 1e-6, 1.0))
        floor = excess(error(FAR[1], 1.0)) - bare[1]
        source = "arXiv:2105.15004"
        return [
            Check.within(f"exponent of theory without noise, {at}", slope(FAR, bare), m, CLOSE, source=THEORY),
            Check.within(f"with weak noise and the best ridge, before the crossover, {at}", slope(FAR, before), m,
                         CLOSE,
                         source=source),
            Check.within(f"with noise and the best ridge, beyond the crossover, {at}", slope(FAR, beyond), noisy, CLOSE,
                         source=source),
            Check.within(f"floor of theory by σ² without ridge, {at}", floor, a - 1, CLOSE, source="arXiv:2207.06569"),
        ]  # fmt: skip

    def curves(self, found: list[list[Estimate]], a: float, b: float) -> dict[str, xr.DataArray]:
        """Excess errors by P."""
        of = self.spectra(a, b, self.modes)
        dense = np.unique(np.geomspace(10, 1.5 * max(self.examples), 40).round())
        exact = [[excess(kernel_regression.kernel_error(*of, P, s)) for P in dense] for s in (0.0, self.noise)]
        exact.append([best_ridge(*of, P, self.noise)[1].error - self.noise for P in dense])
        words = f"Excess error of kernel regression, λ_k = k^-{a:g}, target k^-{b:g}, σ² = {self.noise:g}."
        return theory_curve(f"a_{a:g}_b_{b:g}", REGIMES, self.examples, found, dense, exact, caption=words,
                            xlabel="examples P", ylabel="excess error")  # fmt: skip


def excess(of: kernel_regression.KernelError) -> float:
    """Error less that of the noise of a new y."""
    return of.bias + of.variance


def slope(P: tuple[float, ...], error: list[float]) -> float:
    """-d ln E/d ln P between the ends."""
    return float(np.log(error[0] / error[-1]) / np.log(P[-1] / P[0]))
