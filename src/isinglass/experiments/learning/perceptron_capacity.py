# SPDX-License-Identifier: Apache-2.0
"""How many random labels a perceptron stores: Cover's count, Gardner's margins, binary weights by enumeration."""

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Int

from isinglass.errors import InputError
from isinglass.exact.learning import perceptron
from isinglass.exact.regression.linear_regression import separable_probability
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.learning.hopfield_scaling import to_infinity
from isinglass.experiments.theory_curve import SIGMAS, held, over_samples
from isinglass.inference.linear.plane import best_margin, separating_plane
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent

__all__ = ["PerceptronCapacity", "solutions"]

COVER = "Cover 1965, doi:10.1109/PGEC.1965.264137"
GARDNER = "Gardner 1988, doi:10.1088/0305-4470/21/1/030"
KRAUTH = "Krauth and Mézard 1989, doi:10.1051/jphys:0198900500200305700"
LARGEST = 23  # binary weights, 2^23 states


@dataclass(frozen=True)
class PerceptronCapacity(AbstractExperiment):
    """n random points with random signs; is there a w with all y w·x > 0?"""

    name: ClassVar[str] = "perceptron-capacity"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "capacity of perceptrons: Cover, Gardner's margins, binary weights"
    rows: ClassVar[tuple[int, ...]] = (100, 128)
    paper: ClassVar[str] = "Gardner 1988, doi:10.1088/0305-4470/21/1/030"
    claim: ClassVar[str] = (
        "shares of separable samples by linear programming and numbers of binary solutions by enumeration within three "
        "standard errors of exact counts; best margins and entropies of binary weights, extrapolated in 1/N, within "
        "three standard errors of replica symmetry, and so the binary capacity of 0.833"
    )
    guide: ClassVar[str] = "docs/generalization.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"samples": 200, "margin_sizes": (30, 60), "margin_samples": 60, "binary_sizes": (9, 11, 13),
                  "binary_samples": 200},
        "laptop": {},
        "paper": {"samples": 10_000, "margin_sizes": (100, 200, 400), "margin_samples": 1000,
                  "binary_sizes": (15, 17, 19, 21), "binary_samples": 4000},
    }  # fmt: skip

    points: tuple[tuple[int, int], ...] = ((10, 15), (10, 20), (20, 40), (20, 60))
    """Dimensions N and points n for Cover's count."""
    samples: int = 1000
    """Samples of each."""
    margin_sizes: tuple[int, ...] = (50, 100, 200)
    """N for the best margins."""
    margin_alphas: tuple[float, ...] = (0.5, 1.0, 1.5)
    """α = n/N of them."""
    margin_samples: int = 200
    """Samples of each."""
    binary_sizes: tuple[int, ...] = (9, 11, 13, 15, 17)
    """N of binary weights: all 2^N are counted."""
    binary_alphas: tuple[float, ...] = (0.25, 0.5)
    """α at which entropies are compared."""
    binary_samples: int = 2000
    """Samples of each."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Planes, margins, counts.

        Errors: InputError for sizes that cannot be counted, α beyond the capacity, and fewer than two samples.
        """
        self.check_request()
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        total = len(self.points) + len(self.margin_alphas) + len(self.binary_sizes)
        for k, (N, n) in enumerate(self.points):
            progress(k, total, f"{n} points in {N} dimensions")
            more, claims = self.cover(rng, N, n)
            told, checks = told | more, checks + claims
        for k, alpha in enumerate(self.margin_alphas):
            progress(len(self.points) + k, total, f"margins, α = {alpha:g}")
            more, claims = self.margins(rng, alpha)
            told, checks = told | more, checks + claims
        counts = {}
        for k, N in enumerate(self.binary_sizes):
            progress(total - len(self.binary_sizes) + k, total, f"binary weights, N = {N}")
            counts[N] = np.asarray(
                solutions(jax.random.split(jax.random.fold_in(key, N), self.binary_samples), N, 2 * N)
            )
        more, claims = self.binary(counts)
        told, checks = told | more, checks + claims
        return Result(self.name, estimates=told, checks=checks, arrays=self.arrays(told, counts), settings=asdict(self),
                      figures=["margin", "binary_entropy"],
                      notes=["capacity/binary: by a line in 1/N, so few weights tell no third digit."])  # fmt: skip

    def check_request(self) -> None:
        """What can be counted and what theory holds."""
        if not all(2 <= N <= LARGEST for N in self.binary_sizes) or len(set(self.binary_sizes)) < 2:  # noqa: PLR2004
            found = ", ".join(map(str, self.binary_sizes))
            raise InputError(f"two binary sizes or more, from 2 to {LARGEST}", found, "all 2^N weights are counted")
        if not all(0 < a < 1.8 for a in self.margin_alphas) or len(set(self.margin_sizes)) < 2:  # noqa: PLR2004
            raise InputError("margins at α of 0 to 1.8 and two sizes", "others", "near 2 some samples have no plane")
        if not all(0 < a < 0.8 for a in self.binary_alphas):  # noqa: PLR2004
            raise InputError("entropies at α of 0 to 0.8", "others", "beyond 0.833 there are no solutions")
        if min(self.samples, self.margin_samples, self.binary_samples) < 2:  # noqa: PLR2004
            raise InputError("two samples or more", "1", "errors are those over samples")

    def cover(self, rng: np.random.Generator, N: int, n: int) -> tuple[dict[str, Estimate], list[Check]]:
        """Share of samples with a plane; both proofs hold."""
        planes = [separating_plane(rng.normal(size=(n, N)), rng.choice([-1.0, 1.0], n)) for _ in range(self.samples)]
        share, exact = np.mean([plane.separable for plane in planes]), separable_probability(n, N)
        error, of = (exact * (1 - exact) / self.samples) ** 0.5, f"separable/{N}_{n}"
        doubtful = [plane for plane in planes if plane.separable == (plane.residual < 1e-7)]  # noqa: PLR2004
        estimate = Estimate(float(share), float(error))
        more = 1.0 / self.samples  # a count is a whole number
        return {of: estimate}, [
            Check.within(f"share of {n} random points in {N} dimensions that are separable", estimate.value, exact,
                         SIGMAS * error + more, error=error, source=COVER, of=of).resolved(),
            Check.at_most(f"samples of them with both proofs or none, {n} points", len(doubtful), 0.0),
        ]  # fmt: skip

    def margins(self, rng: np.random.Generator, alpha: float) -> tuple[dict[str, Estimate], list[Check]]:
        """κ = max_w min y w·x/|w| for inputs of variance 1, over the samples that have a plane."""
        draw = lambda N: best_margin(rng.normal(size=(round(alpha * N), N)),  # noqa: E731
                                     rng.choice([-1.0, 1.0], round(alpha * N)))  # fmt: skip
        drawn = {N: np.array([draw(N) for _ in range(self.margin_samples)]) for N in self.margin_sizes}
        found = {N: over_samples(each[each > 0]) for N, each in drawn.items()}
        without = float(np.mean([~(each > 0) for each in drawn.values()]))
        of = f"margin/{alpha:g}"
        told = to_infinity(found)
        return {of: told}, [
            held(f"best margin at α = {alpha:g}, N -> ∞", of, told, perceptron.largest_margin(alpha), GARDNER),
            Check.at_most(f"share of samples without a plane, which are left out, α = {alpha:g}", without, 0.02),
        ]

    def binary(self, counts: dict[int, np.ndarray]) -> tuple[dict[str, Estimate], list[Check]]:
        """Mean numbers are 2^(N - n) exactly; mean logarithms by theory; the load of half of the samples."""
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        for N, count in counts.items():
            n = N // 2
            mean, of = over_samples(count[:, n - 1] / 2.0 ** (N - n)), f"solutions/{N}"
            told[of] = mean
            checks.append(held(f"number of binary solutions by 2^(N - n), N = {N}, n = {n}", of, mean, 1.0,
                               "each of 2^N weights has all n signs with probability 2^-n"))  # fmt: skip
        for alpha in self.binary_alphas:
            of, sizes = f"binary_entropy/{alpha:g}", {}
            for N, count in counts.items():
                logs = np.log(np.maximum(count, 1)) / N  # where there is none, as if there were one
                low, share = int(alpha * N), alpha * N - int(alpha * N)
                before = logs[:, low - 1] if low else np.full(len(logs), np.log(2))
                sizes[N] = over_samples((1 - share) * before + share * logs[:, low])
            told[of] = to_infinity(sizes)
            checks.append(held(f"entropy of binary solutions at α = {alpha:g}, N -> ∞", of, told[of],
                               perceptron.binary_entropy(alpha), KRAUTH))  # fmt: skip
        told["capacity/binary"] = to_infinity({N: half_load(count, N) for N, count in counts.items()})
        checks.append(held("load up to which half of the samples have binary solutions, N -> ∞", "capacity/binary",
                           told["capacity/binary"], perceptron.binary_capacity(), KRAUTH))  # fmt: skip
        return told, checks

    def arrays(self, told: dict[str, Estimate], counts: dict[int, np.ndarray]) -> xr.Dataset:
        """Margins and entropies, with theory."""
        kappa, alpha = np.linspace(0, 3, 100), np.linspace(0.01, 0.9, 30)
        most = min(count.shape[1] for count in counts.values())
        entropy = np.array([np.where((count > 0).mean(axis=0) > 0.99, np.log(np.maximum(count, 1)).mean(axis=0) / N,
                                     np.nan)[:most] for N, count in counts.items()])  # fmt: skip
        load = np.array([np.arange(1, most + 1) / N for N in counts])
        of = lambda name: [getattr(told[f"margin/{a:g}"], name) for a in self.margin_alphas]  # noqa: E731
        return xr.Dataset(
            {"margin": ("alpha", of("value")), "margin_error": ("alpha", of("error")),
             "capacity_exact": ("kappa", [perceptron.spherical_capacity(k) for k in kappa]),
             "entropy": (("size", "patterns"), entropy), "entropy_load": (("size", "patterns"), load),
             "entropy_exact": ("curve", [perceptron.binary_entropy(a) for a in alpha])},
            {"alpha": list(self.margin_alphas), "kappa": kappa, "size": list(counts), "curve": alpha},
            {"binary_capacity": perceptron.binary_capacity()})  # fmt: skip


@partial(jax.jit, static_argnames=("N", "most"))
def solutions(keys, N: int, most: int) -> Int[Array, "samples most"]:
    """How many of 2^N binary weights have the right sign on the first 1, 2, ... of `most` points.  Memory: 8 N 2^N."""
    bits = (jnp.arange(2**N)[:, None] >> jnp.arange(N)[None, :]) & 1
    w = (2 * bits - 1).astype(jnp.float32)

    def one(key):
        def point(alive, x):
            alive = alive & (w @ x > 0)  # random signs are those of x
            return alive, alive.sum()

        return jax.lax.scan(point, jnp.ones(2**N, bool), jax.random.normal(key, (most, N), jnp.float32))[1]

    return jax.lax.map(one, keys)


def half_load(count: np.ndarray, N: int) -> Estimate:
    """n/N up to which half of the samples have a solution: the median of the largest n, its error by normal spread."""
    largest = (count > 0).sum(axis=1)
    share = (largest[:, None] >= np.arange(count.shape[1] + 1)).mean(axis=0)
    n = int(np.flatnonzero(share >= 0.5)[-1])  # noqa: PLR2004
    slope = share[n] - share[min(n + 1, len(share) - 1)]
    value = n + (share[n] - 0.5) / max(slope, 1e-9)
    return Estimate(value / N, 0.5 / len(count) ** 0.5 / max(slope, 1e-9) / N)
