# SPDX-License-Identifier: Apache-2.0
"""Double descent: the error of interpolation peaks at as many parameters as examples, and the best ridge removes it."""

from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
import xarray as xr

from isinglass.errors import InputError
from isinglass.exact.regression import linear_regression, random_features
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.learning.hopfield_scaling import to_infinity
from isinglass.experiments.regression.features_ensemble import FeatureRisks, feature_risks, weak_features
from isinglass.experiments.theory_curve import held, over_samples, theory_curve
from isinglass.result import Check, Estimate, Result
from isinglass.run.blas import one_blas_thread
from isinglass.run.progress import ProgressCallable, silent

__all__ = ["DoubleDescent"]

FEATURES = "Mei and Montanari, arXiv:1908.05355"
WEAK = "Belkin, Hsu and Xu, arXiv:1903.07571"
NEAR = 0.2  # of ln p/n around the peak, where errors without ridge have no variance to speak of
DENSE = np.geomspace(0.1, 12.0, 121)
NONE, SMALL, BEST = "without ridge", "small ridge", "best ridge"


@dataclass(frozen=True)
class DoubleDescent(AbstractExperiment):
    """y = x·β + noise of variance σ², by p random features of d inputs, and by p of the inputs, from n examples."""

    name: ClassVar[str] = "double-descent"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "double descent of random features and linear models beside theory"
    rows: ClassVar[tuple[int, ...]] = (103,)
    paper: ClassVar[str] = "Mei and Montanari 2022, arXiv:1908.05355; Belkin, Hsu and Xu 2020, arXiv:1903.07571"
    claim: ClassVar[str] = (
        "bias, variance and error of random features, extrapolated in 1/d, within three standard errors of Mei and "
        "Montanari's; of linear models at finite n of the exact ones; a peak at as many parameters as examples, which "
        "the best ridge removes"
    )
    guide: ClassVar[str] = "docs/regression.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"sizes": (16, 32, 64), "samples": 60, "ratios": (0.5, 1.0, 3.0), "weak_ratios": (0.5, 3.0),
                  "weak_samples": 1000, "tested": 400},
        "laptop": {},
        "paper": {"sizes": (100, 200, 400), "samples": 200, "weak_samples": 20_000,
                  "ratios": (0.15, 0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.5, 2.0, 4.0, 8.0)},
    }  # fmt: skip

    sizes: tuple[int, ...] = (32, 64, 128)
    """Inputs d, for the extrapolation."""
    samples: int = 120
    """Networks of the largest size, each with its data; of others as many more as they are smaller."""
    examples: float = 2.0
    """n/d."""
    ratios: tuple[float, ...] = (0.25, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0)
    """Features by examples p/n; errors without ridge are held against theory beyond 20 % of 1."""
    noise: float = 0.2
    """Variance σ² of the noise; |β|² = 1."""
    penalty: float = 0.001
    """The small ridge, λ of (1/n) |y - f|² + λ |a|²."""
    tested: int = 1000
    """New inputs for each network."""
    weak_rows: int = 40
    """Examples of the linear models, of which 160 inputs tell y."""
    weak_ratios: tuple[float, ...] = (0.25, 0.5, 0.75, 1.5, 2.0, 3.0)
    """Inputs that they see, by examples."""
    weak_samples: int = 2000
    """Linear models for each."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Networks of each p/n, then linear models.

        Errors: InputError for fewer than two sizes or samples, networks without features, and linear models near n.
        """
        self.check_request()
        total = len(self.ratios) + len(self.weak_ratios)
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        largest: list[list[Estimate]] = []  # for the figures: bias, variance, and errors by kind of ridge
        with one_blas_thread():
            for k, ratio in enumerate(self.ratios):
                progress(k, total, f"random features, p/n = {ratio:g}")
                more, claims, seen = self.networks(jax.random.fold_in(key, k), ratio)
                told, checks = told | more, checks + claims
                largest.append(seen)
            for k, ratio in enumerate(self.weak_ratios):
                progress(len(self.ratios) + k, total, f"linear models, p/n = {ratio:g}")
                more, claims = self.linear(jax.random.fold_in(key, 1000 + k), ratio)
                told, checks = told | more, checks + claims
        checks += self.shape(largest)
        return Result(
            self.name,
            estimates=told,
            checks=checks,
            arrays=self.arrays(told, largest),
            settings=asdict(self),
            figures=[f"theory_curve/{of}" for of in ("features", "parts", "linear")],
        )

    def check_request(self) -> None:
        """What theory and errors need."""
        if len(set(self.sizes)) < 2 or min(self.sizes) < 10:  # noqa: PLR2004
            raise InputError("two sizes or more, of 10 or more", ", ".join(map(str, self.sizes)), "give larger ones")
        if min(self.samples, self.weak_samples) < 2:  # noqa: PLR2004
            raise InputError("two samples or more", "1", "errors are those over samples")
        if few := [r for r in self.ratios if r * self.examples * min(self.sizes) < 2]:  # noqa: PLR2004
            raise InputError("ratios with two features or more", f"{few[0]:g}", "leave it out or take larger sizes")
        columns = [round(r * self.weak_rows) for r in self.weak_ratios]
        if odd := [p for p in columns if not 0 < p <= 4 * self.weak_rows or abs(p - self.weak_rows) < 6]:  # noqa: PLR2004
            raise InputError(f"weak_ratios of 1 to {4 * self.weak_rows} inputs, off {self.weak_rows} by 6",
                             f"{odd[0]} inputs", "nearer to it the error has no variance")  # fmt: skip

    def networks(self, key: Any, ratio: float) -> tuple[dict[str, Estimate], list[Check], list[Estimate]]:
        """Bias, variance and error at one p/n."""
        best = random_features.best_penalty(ratio * self.examples, self.examples, self.noise)[0]
        far = abs(np.log(ratio)) > NEAR
        penalties = {SMALL: self.penalty, BEST: best} | ({NONE: 0.0} if far else {})
        found: dict[int, FeatureRisks] = {}
        for d in self.sizes:
            n = round(self.examples * d)
            keys = jax.random.split(jax.random.fold_in(key, d), self.samples * max(self.sizes) // d)
            risks = feature_risks(keys, d, n, round(ratio * n), np.array(list(penalties.values())), self.tested)
            found[d] = jax.tree.map(np.asarray, risks)
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        for k, (name, penalty) in enumerate(penalties.items()):
            exact = random_features.features_error(ratio * self.examples, self.examples, penalty)
            for of, value in (("bias", exact.bias), ("variance", exact.variance)):
                at = f"{of}/{name.replace(' ', '_')}/{ratio:g}"
                told[at] = to_infinity({d: over_samples(getattr(each, of)[:, k]) for d, each in found.items()})
                words = "bias²" if of == "bias" else "variance for unit noise"
                checks.append(
                    held(f"{words} of random features, p/n = {ratio:g}, {name}", at, told[at], value, FEATURES)
                )
            at = f"error/{name.replace(' ', '_')}/{ratio:g}"
            told[at] = to_infinity({d: over_samples(self.error(each)[:, k]) for d, each in found.items()})
            checks.append(held(f"excess error of random features, p/n = {ratio:g}, {name}", at, told[at],
                               exact.bias + self.noise * exact.variance, FEATURES))  # fmt: skip
        top = found[max(self.sizes)]
        gone = Estimate(np.nan)
        seen = [over_samples(self.error(top)[:, 2]) if far else gone,
                *(over_samples(self.error(top)[:, k]) for k in (0, 1)),
                over_samples(top.bias[:, 0]), over_samples(self.noise * top.variance[:, 0])]  # fmt: skip
        return told, checks, seen

    def error(self, found: FeatureRisks) -> np.ndarray:
        """Excess error of the fit of y with noise."""
        return found.bias + 2 * self.noise**0.5 * found.mixed + self.noise * found.variance

    def linear(self, key: Any, ratio: float) -> tuple[dict[str, Estimate], list[Check]]:
        """Error of a new y by the shortest least squares on p of the inputs."""
        n, p, inputs, of = self.weak_rows, round(ratio * self.weak_rows), 4 * self.weak_rows, f"error/linear/{ratio:g}"
        keys = jax.random.split(key, self.weak_samples)
        told = {of: over_samples(weak_features(keys, n, p, inputs, self.noise))}
        exact = linear_regression.weak_features_error(n, p, p / inputs, 1 - p / inputs, self.noise)
        return told, [held(f"error of linear models, n = {n}, p = {p}", of, told[of], exact, WEAK)]

    def shape(self, largest: list[list[Estimate]]) -> list[Check]:
        """With the small ridge the error at p = n is above those of the fewest and of the most features."""
        checks = []
        if 1.0 in self.ratios and min(self.ratios) < 1 < max(self.ratios):
            for side in (min(self.ratios), max(self.ratios)):
                top, low = (largest[self.ratios.index(r)][1] for r in (1.0, side))
                checks.append(above(f"small ridge: error at p = n less that at p/n = {side:g}", top, low))
        order = np.argsort(self.ratios)
        falls = [above(f"best ridge: fall of the error from p/n = {self.ratios[i]:g} to {self.ratios[j]:g}, the least",
                       largest[i][2], largest[j][2]) for i, j in pairwise(order)]  # fmt: skip
        return checks + sorted(falls, key=lambda c: c.measured or 0.0)[:1]

    def arrays(self, told: dict[str, Estimate], largest: list[list[Estimate]]) -> xr.Dataset:
        """Errors at the largest size, bias and variance with the small ridge, and linear models."""
        exact = [[random_features.features_error(r * self.examples, self.examples, penalty) for r in DENSE]
                 for penalty in (0.0, self.penalty)]  # fmt: skip
        best = [random_features.best_penalty(r * self.examples, self.examples, self.noise)[1] for r in DENSE]
        n, inputs = self.weak_rows, 4 * self.weak_rows
        p = np.unique(np.round(np.geomspace(0.1, 4.0, 121) * n)).astype(int)
        line = [linear_regression.weak_features_error(n, int(c), c / inputs, 1 - c / inputs, self.noise) for c in p]
        axes: dict[str, Any] = {"xlabel": "parameters by examples p/n", "ylabel": "excess error"}
        words = f"random features of d = {max(self.sizes)} inputs, n/d = {self.examples:g}, σ² = {self.noise:g}"
        return xr.Dataset(
            theory_curve("features", (NONE, SMALL, BEST), self.ratios,
                         [[e[k] for e in largest] for k in range(3)], DENSE,
                         [*([e.bias + self.noise * e.variance for e in each] for each in exact), best],
                         caption=f"Error of {words}.", top=10.0, **axes)
            | theory_curve("parts", ("bias²", "variance"), self.ratios,
                           [[e[k] for e in largest] for k in (3, 4)], DENSE,
                           [[e.bias for e in exact[1]], [self.noise * e.variance for e in exact[1]]],
                           caption=f"Bias and variance of {words}, λ = {self.penalty:g}.", **axes)
            | theory_curve("linear", ("shortest least squares",), self.weak_ratios,
                           [[told[f"error/linear/{r:g}"] for r in self.weak_ratios]], p / n, [line], top=20.0,
                           caption=f"Error of linear models of p of {inputs} inputs, n = {n}, noise included.",
                           **{**axes, "ylabel": "error"})
        )  # fmt: skip


def above(law: str, high: Estimate, low: Estimate) -> Check:
    """A difference that is above 0."""
    error = float(np.hypot(high.error or 0.0, low.error or 0.0))
    return Check.at_least(law, high.value - low.value, 0.0, error=error).resolved()
