# SPDX-License-Identifier: Apache-2.0
"""Spiked matrices: the transition of the top eigenvector, and message passing that knows the prior, beside theory."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
import xarray as xr

from isinglass.errors import InputError
from isinglass.exact.learning import random_matrix, spiked_matrix
from isinglass.exact.learning.scalar_prior import AbstractScalarPrior, NormalPrior, SparseSigns
from isinglass.exact.learning.spiked_matrix import SpikedWigner
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.learning.hopfield_scaling import to_infinity
from isinglass.experiments.learning.spiked_ensemble import Found, spiked_samples
from isinglass.experiments.theory_curve import SIGMAS, held, over_samples
from isinglass.inference.spectrum.data_matrix import DataMatrix, eigensystem
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.verbs import infer

__all__ = ["SpikedMatrix"]

BBP = "Baik, Ben Arous and Péché, arXiv:math/0403022; Benaych-Georges and Nadakuditi, arXiv:0910.2120"
PASSING = "state evolution, arXiv:1711.01682"
CLOSE = 0.01  # relative, of message passing at N = 2000 and its state evolution; otherwise as 1/N
WEAKEST = 1.1  # strength of checks; nearer to 1 the corrections are not in 1/N
SURE = 1e-3  # 1 - q below which samples without an error are the rule, and errors of means are none
STRONG = 2.0  # ℓ/√γ above which every matrix shows its spike
REFERENCE = 2000  # the size of that


@dataclass(frozen=True)
class SpikedMatrix(AbstractExperiment):
    """Y = (λ/N) x x^T + W, and rows of covariance 1 + ℓ v v^T whose spectrum the verb infers."""

    name: ClassVar[str] = "spiked-matrix"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "a spike in a random matrix: PCA and message passing beside theory"
    rows: ClassVar[tuple[int, ...]] = (118, 128)
    paper: ClassVar[str] = "Baik, Ben Arous and Péché 2005, arXiv:math/0403022; Lesieur et al. 2017, arXiv:1701.00858"
    claim: ClassVar[str] = (
        "top eigenvalues and overlaps, extrapolated in 1/N, within three standard errors of theory; message passing "
        "within 1 % of its state evolution at N = 2000, and better than the top eigenvector; of covariances "
        "the strengths that the verb infers, and their overlaps, with honest errors"
    )
    guide: ClassVar[str] = "docs/spectrum.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"sizes": (200, 400), "samples": 48, "rows_of": 400, "draws": 16, "steps": 12},
        "laptop": {},
        "paper": {"sizes": (1000, 2000, 4000, 8000), "samples": 200, "rows_of": 4000, "draws": 100},
    }

    sizes: tuple[int, ...] = (500, 1000, 2000)
    """Sizes N of Wigner matrices, for the extrapolation."""
    samples: int = 48
    """Matrices of the largest size; of others as many more as they are smaller."""
    strengths: tuple[float, ...] = (0.5, 1.5, 2.0, 3.0)
    """Strengths λ of the spike; below 1 it is buried."""
    density: float = 0.1
    """Share of the entries of the sparse spike that are not 0; the other spike is of signs."""
    steps: int = 20
    """Of message passing."""
    rows_of: int = 800
    """Rows of the data matrices."""
    draws: int = 48
    """Data matrices for each strength."""
    covariances: tuple[tuple[float, float], ...] = ((0.5, 1.0), (0.5, 2.0), (1.0, 2.0))
    """Their γ = columns/rows and strength ℓ."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Wigner matrices by size, strength and prior, then data matrices by the verb.

        Errors: InputError for fewer than two sizes, strengths at 1, and spikes that are not beyond the edge.
        """
        self.check_request()
        priors: dict[str, AbstractScalarPrior] = {"signs": SparseSigns(), "sparse": SparseSigns(self.density)}
        found: dict[tuple[str, float, int], Found] = {}
        jobs = [(name, lam, N) for name in priors for lam in self.strengths for N in self.sizes]
        total = len(jobs) + len(self.covariances)
        for k, (name, lam, N) in enumerate(jobs):
            progress(k, total, f"{name}, λ = {lam:g}, N = {N}")
            keys = jax.random.split(jax.random.fold_in(key, k), self.samples * max(self.sizes) // N)
            steps = self.steps if lam > 1 else 0  # message passing starts from a top eigenvector that sees the spike
            found[name, lam, N] = jax.tree.map(np.asarray, spiked_samples(keys, N, lam, priors[name], steps))
        told, checks = self.wigner(found, priors)
        for k, (gamma, ell) in enumerate(self.covariances):
            progress(len(jobs) + k, total, f"covariance, γ = {gamma:g}, ℓ = {ell:g}")
            more, held = self.covariance(jax.random.fold_in(key, 10_000 + k), gamma, ell)
            told |= more
            checks += held
        return Result(self.name, estimates=told, checks=checks, arrays=self.arrays(found, priors),
                      settings=asdict(self), figures=["spike_overlap", "state_evolution"])  # fmt: skip

    def check_request(self) -> None:
        """What theory and errors need."""
        if len(set(self.sizes)) < 2 or min(self.sizes) < 100:  # noqa: PLR2004
            raise InputError("two sizes or more, of 100 or more", ", ".join(map(str, self.sizes)), "give larger ones")
        if any(1 <= lam < WEAKEST or lam <= 0 for lam in self.strengths):
            fix = f"keep off the transition, where finite sizes decide: below 1, or {WEAKEST:g} and more"
            raise InputError("strengths off 1", ", ".join(f"{lam:g}" for lam in self.strengths), fix)
        if not 0 < self.density < 1:
            raise InputError("a density between 0 and 1", f"{self.density:g}", "leave it out for 0.1")
        if min(self.samples, self.draws) < 2:  # noqa: PLR2004
            raise InputError("two samples and draws or more", "1", "errors are those over samples")
        if buried := [(g, ell) for g, ell in self.covariances if g <= 0 or ell <= 1.2 * g**0.5]:
            raise InputError("spikes ℓ above 1.2 √γ", f"γ, ℓ = {buried[0]}", "give stronger ones")

    def wigner(self, found: dict, priors: dict) -> tuple[dict[str, Estimate], list[Check]]:
        """Eigenvalue and overlaps of infinite matrices; message passing at the largest size."""
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        top = max(self.sizes)
        for lam in self.strengths:
            exact = random_matrix.wigner_spike(lam)
            both = {N: [np.concatenate([getattr(found[name, lam, N], of) for name in priors])
                        for of in ("eigenvalue", "overlap2")] for N in self.sizes}  # fmt: skip
            value, overlap2 = (to_infinity({N: over_samples(both[N][i]) for N in self.sizes}) for i in (0, 1))
            told[f"squared_overlap/{lam:g}"] = overlap2
            checks.append(held(f"squared overlap of the top eigenvector at λ = {lam:g}, N -> ∞",
                               f"squared_overlap/{lam:g}", overlap2, exact.overlap2, BBP))  # fmt: skip
            if lam < 1:
                continue
            told[f"eigenvalue/{lam:g}"] = value
            checks.append(held(f"top eigenvalue at λ = {lam:g}, N -> ∞", f"eigenvalue/{lam:g}", value,
                               exact.eigenvalue, BBP))  # fmt: skip
            for name, prior in priors.items():
                of, q = f"squared_overlap/passing_{name}/{lam:g}", self.evolved(prior, lam)[-1]
                if 1 - q < SURE:
                    continue
                last = {N: over_samples(found[name, lam, N].passed[:, -1]) for N in self.sizes}
                told[of] = to_infinity(last)
                checks.append(held(f"message passing, {name}, λ = {lam:g}, N -> ∞", of, told[of], q, PASSING))
                near = last[top]
                checks.append(Check.within(f"message passing, {name}, λ = {lam:g}, at N = {top}", near.value, q,
                                           CLOSE * REFERENCE / top * q + SIGMAS * (near.error or 0.0), error=near.error,
                                           source=PASSING).resolved())  # fmt: skip
                gain = found[name, lam, top].passed[:, -1] - found[name, lam, top].overlap2
                more = over_samples(gain)
                checks.append(Check.at_least(f"squared overlap gained by the prior ({name}), λ = {lam:g}, N = {top}",
                                             more.value, 0.0, error=more.error).resolved())  # fmt: skip
        return told, checks

    def evolved(self, prior: AbstractScalarPrior, lam: float) -> np.ndarray:
        """q after each step."""
        return spiked_matrix.state_evolution(SpikedWigner(prior, lam), 1 - 1 / lam**2, self.steps)

    def covariance(self, key: Any, gamma: float, ell: float) -> tuple[dict[str, Estimate], list[Check]]:
        """Eigenvalue and overlap at two sizes, extrapolated; of a strong spike also what the verb infers."""
        sizes = (self.rows_of // 2, self.rows_of)
        rows = {n: np.array([self.matrix(one, n, gamma, ell) for one in
                             jax.random.split(jax.random.fold_in(key, n), self.draws * self.rows_of // n)])
                for n in sizes}  # fmt: skip
        exact, at = random_matrix.covariance_spike(ell, gamma), f"γ = {gamma:g}, ℓ = {ell:g}"
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        for i, (of, expected) in enumerate((("eigenvalue", exact.eigenvalue), ("squared_overlap", exact.overlap2))):
            name = f"{of}/covariance_{gamma:g}_{ell:g}"
            told[name] = to_infinity({n: over_samples(a[:, i]) for n, a in rows.items()})
            checks.append(held(f"{of.replace('_', ' ')} of the covariance, {at}, n -> ∞", name, told[name], expected,
                               BBP))  # fmt: skip
        if ell <= STRONG * gamma**0.5:
            return told, checks
        missed, pulls = np.isnan(rows[self.rows_of]).any(axis=1), rows[self.rows_of][:, 2:]
        checks.append(Check.at_most(f"share of matrices without a spike, {at}", float(missed.mean()), 0.0))
        for name, pull in zip(("strength", "squared overlap"), pulls[~missed].T, strict=True):
            mean, spread = over_samples(pull), float(pull.std(ddof=1))
            error = spread / (2 * len(pull)) ** 0.5
            checks += [
                Check.within(f"inferred {name} less the true one, in its errors, mean, {at}", mean.value, 0.0,
                             0.5 + SIGMAS * (mean.error or 0.0), error=mean.error).resolved(),
                Check.at_most(f"the same, spread, {at}", spread, 1.2, tolerance=SIGMAS * error, error=error).resolved(),
            ]  # fmt: skip
        return told, checks

    def matrix(self, key: Any, n: int, gamma: float, ell: float) -> list[float]:
        """Top eigenvalue, its squared overlap; strength and overlap by the verb, less the true ones, in errors."""
        rng, p = np.random.default_rng(np.asarray(jax.random.key_data(key))), round(gamma * n)
        v = rng.normal(size=p)
        v /= np.linalg.norm(v)
        given = DataMatrix(rng.normal(size=(n, p)) + ell**0.5 * rng.normal(size=(n, 1)) * v)
        if ell <= STRONG * gamma**0.5:
            of = eigensystem(given, centered=False, standardized=False)
            return [of.eigenvalue[0], float(of.direction[0] @ v) ** 2, np.nan, np.nan]
        result = infer(key, given, center=False, progress=False)
        if not result.estimates["spikes"].value:
            return [np.nan] * 4
        overlap2 = float(result.arrays["direction"].to_numpy()[0] @ v) ** 2
        told = (result.estimates["strength/1"], result.estimates["squared_overlap/1"])
        pulls = [(e.value - true) / (e.error or np.nan) for e, true in zip(told, (ell, overlap2), strict=True)]
        return [result.estimates["eigenvalue/1"].value, overlap2, *pulls]

    def arrays(self, found: dict, priors: dict) -> xr.Dataset:
        """Overlaps by strength at the largest size, by step at the weakest, and theory curves."""
        top, lams = max(self.sizes), list(self.strengths)
        names = ["top eigenvector", *(f"message passing, {name}" for name in priors)]
        strong = [lam for lam in lams if lam > 1]
        mean, error = np.full((2, len(names), len(lams)), np.nan)
        for j, lam in enumerate(lams):
            all_top = np.concatenate([found[name, lam, top].overlap2 for name in priors])
            of = [all_top, *(found[name, lam, top].passed[:, -1] for name in priors if lam > 1)]
            for i, each in enumerate(of):
                one = over_samples(each)
                mean[i, j], error[i, j] = one.value, one.error or np.nan
        s = np.geomspace(1e-3, max(*lams, 1.5) ** 2, 80)
        exact = np.array([spiked_matrix.overlap_curve(prior, s) for prior in (NormalPrior(), *priors.values())])
        arrays: dict[str, Any] = {
            "overlap2": (("estimator", "strength"), mean), "overlap2_error": (("estimator", "strength"), error),
            "overlap2_exact": (("estimator", "curve"), exact[:, 1]),
            "strength_exact": (("estimator", "curve"), exact[:, 0]),
        }  # fmt: skip
        if strong:
            lam = min(strong)
            steps = [found[name, lam, top].passed for name in priors]
            arrays |= {
                "passed": (("prior", "step"), [a.mean(axis=0) for a in steps]),
                "passed_error": (("prior", "step"), [a.std(axis=0, ddof=1) / len(a) ** 0.5 for a in steps]),
                "passed_exact": (("prior", "step"), [self.evolved(prior, lam) for prior in priors.values()]),
            }
        return xr.Dataset(arrays, {"estimator": names, "strength": lams, "prior": list(priors),
                                   "step": np.arange(1, self.steps + 1)},
                          {"size": top, "weakest": min(strong, default=0.0)})  # fmt: skip
