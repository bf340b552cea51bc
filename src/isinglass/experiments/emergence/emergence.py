# SPDX-License-Identifier: Apache-2.0
"""Does an ability come suddenly?  Counted in series of answers it seems so; at a transition of first order it does."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import numpy as np
import xarray as xr

from isinglass.errors import InputError
from isinglass.exact.emergence.exact_match import (
    LARGEST_SLOPE,
    exact_match,
    mean_solutions,
    perceptron_error,
    transition,
)
from isinglass.exact.learning.generalized_linear import SignOutput, Teacher, information, overlaps
from isinglass.exact.learning.scalar_prior import SparseSigns
from isinglass.experiments.emergence.modular_ensemble import learned_tables, sums
from isinglass.experiments.emergence.planted_perceptron import Counted, asked, planted_counts
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.learning.hopfield_scaling import to_infinity
from isinglass.experiments.learning.spiked_matrix import held, over_samples
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent

__all__ = ["Emergence"]

MIRAGE = "(1 - ε)^k, arXiv:2304.15004"
GYORGYI = "Györgyi 1990, doi:10.1103/PhysRevA.41.7097"
SIGMAS = 3.0
FINITE = 0.01  # what N of a few hundred changes
LARGEST = 19  # binary weights, 2^19 states
BEYOND = 2.0  # α up to which binary weights are followed
REPLICAS = 200  # of samples, for the errors of crossings and slopes
CROSSING = 0.15  # α


class Steepness(NamedTuple):
    """Of the error of binary students."""

    slope: dict[int, Estimate]  # largest -dε/d ln α, by N
    exponent: Estimate  # of slope ~ N^x
    crossing: Estimate  # α at which the smallest and the largest N have the same error


@dataclass(frozen=True)
class Emergence(AbstractExperiment):
    """A perceptron learns from n = αN answers of its teacher: normal weights, binary weights; and tables mod p."""

    name: ClassVar[str] = "emergence"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "sudden abilities: series of answers that only seem so, beside a true transition"
    rows: ClassVar[tuple[int, ...]] = (126, 128)
    paper: ClassVar[str] = "Schaeffer, Miranda and Koyejo 2023, arXiv:2304.15004; Györgyi 1990"
    claim: ClassVar[str] = (
        "normal weights: single answers and series of k are right as often as theory and its k-th power say, and by "
        "ln α the steepest has a slope of 1/e, not more for longer ones; binary weights: numbers of solutions and "
        "entropies as by theory, and the error falls the more steeply the larger N, by four standard errors, the "
        "curves crossing at the transition, α = 1.245, within 0.15 or three errors"
    )
    guide: ClassVar[str] = "docs/emergence.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"samples": 24, "neurons": 200, "alphas": (2.0, 4.0, 8.0, 16.0), "binary_sizes": (7, 9, 11, 13),
                  "binary_samples": 1200, "table_shares": ()},
        "laptop": {},
        "paper": {"samples": 200, "neurons": 1000, "questions": 20_000, "binary_sizes": (11, 13, 15, 17, 19),
                  "binary_samples": 10_000, "table_prime": 97, "table_networks": 10},
    }  # fmt: skip

    neurons: int = 400
    """Weights N of the normal teacher."""
    alphas: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
    """α = n/N at which its student is asked."""
    series: tuple[int, ...] = (1, 5, 10, 30)
    """Numbers k of questions that must all be right."""
    samples: int = 48
    """Teachers at each α."""
    questions: int = 4000
    """Series of questions for each student."""
    binary_sizes: tuple[int, ...] = (9, 11, 13, 15, 17)
    """N of binary weights: all 2^N are tried."""
    binary_alphas: tuple[float, ...] = (0.25, 0.5)
    """α at which their entropies are compared."""
    binary_samples: int = 800
    """Samples of each."""
    table_prime: int = 23
    """p of a table of sums mod p, by the share of it that is seen."""
    table_shares: tuple[float, ...] = (0.3, 0.4, 0.5, 0.6, 0.7)
    """Shares; none: no tables."""
    table_networks: int = 4
    """Networks at each."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Series of answers, binary weights, tables.

        Errors: InputError for sizes that cannot be counted, and loads beyond the transition.
        """
        self.check_request()
        key_ask, key_binary, key_table, key_boot = jax.random.split(key, 4)
        total = len(self.alphas) + len(self.binary_sizes) + len(self.table_shares)
        right = {}
        for i, alpha in enumerate(self.alphas):
            progress(i, total, f"normal weights, α = {alpha:g}")
            right[alpha] = asked(jax.random.fold_in(key_ask, i), self.neurons, alpha, self.samples, self.questions,
                                 max(self.series))  # fmt: skip
        counts = {}
        for i, N in enumerate(self.binary_sizes):
            progress(len(self.alphas) + i, total, f"binary weights, N = {N}")
            keys = jax.random.split(jax.random.fold_in(key_binary, N), self.binary_samples)
            counts[N] = Counted(*map(np.asarray, planted_counts(keys, N, int(BEYOND * N))))
        tables = {}
        for i, share in enumerate(self.table_shares):
            progress(total - len(self.table_shares) + i, total, f"tables, share {share:g}")
            tables[share] = self.table(jax.random.fold_in(key_table, i), share)
        told, checks = self.judged_series(right)
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key_boot)))
        more, claims = self.judged_binary(counts, rng)
        told |= more | {f"table_accuracy/{share:g}": each for share, each in tables.items()}
        return Result(self.name, estimates=told, checks=checks + claims, settings=asdict(self),
                      arrays=self.arrays(right, counts, tables), figures=["series_of_answers", "binary_error"],
                      )  # fmt: skip

    def check_request(self) -> None:
        """What can be counted and what theory holds."""
        if len(set(self.binary_sizes)) < 3 or not all(5 <= N <= LARGEST and N % 2 for N in self.binary_sizes):  # noqa: PLR2004
            found = ", ".join(map(str, self.binary_sizes))
            raise InputError(f"three odd sizes or more, from 5 to {LARGEST}", found, "all 2^N weights are tried")
        if not all(0.2 <= a <= 1 for a in self.binary_alphas):  # noqa: PLR2004
            raise InputError("entropies at α from 0.2 to 1", "others", "the transition is at 1.245")
        if not all(0.5 <= a <= 200 for a in self.alphas) or len(self.alphas) < 3:  # noqa: PLR2004
            raise InputError("three α or more, from 0.5 to 200", "others", "try 1 2 4 8 16 32")
        if list(self.alphas) != sorted(set(self.alphas)):
            raise InputError("α that grow", ", ".join(f"{a:g}" for a in self.alphas), "put them in order")
        if min(self.samples, self.binary_samples, self.table_networks) < 2:  # noqa: PLR2004
            raise InputError("two samples or more", "1", "errors are those over samples")

    def table(self, key, share: float) -> Estimate:
        """Accuracy on pairs not seen, in the end."""
        given = np.stack([sums(self.table_prime)] * self.table_networks)
        found = learned_tables(key, given, self.table_prime, width=128, share=share, decay=2.0, steps=1500, rate=3e-3,
                               block=100)  # fmt: skip
        return over_samples(found.unseen[:, -1])

    def judged_series(self, right: dict[float, np.ndarray]) -> tuple[dict[str, Estimate], list[Check]]:
        """Every series beside the power of theory; slopes by ln α."""
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        for k in self.series:
            for alpha, each in right.items():
                of, exact = f"exact_match/{k}_{alpha:g}", float(exact_match(perceptron_error(alpha), k))
                told[of] = found = over_samples(each[:, k - 1])
                room = SIGMAS * (found.error or 0.0) + FINITE
                law = f"share of series of {k} that are right, α = {alpha:g}"
                checks.append(Check.within(law, found.value, exact, room, error=found.error, source=MIRAGE, of=of))
            at = [told[f"exact_match/{k}_{alpha:g}"] for alpha in self.alphas]
            step = np.diff(np.log(self.alphas))
            slope = np.diff([e.value for e in at]) / step
            top = int(slope.argmax())
            error = float(np.hypot(at[top].error or 0.0, at[top + 1].error or 0.0) / step[top])
            told[f"slope/{k}"] = Estimate(float(slope[top]), error)
            law = f"largest slope by ln α of series of {k}"
            checks.append(Check.at_most(law, slope[top], LARGEST_SLOPE, tolerance=SIGMAS * error + FINITE, error=error,
                                        source="1/e, of exp(-kc/α)", of=f"slope/{k}"))  # fmt: skip
        return told, checks

    def judged_binary(self, counts: dict[int, Counted], rng) -> tuple[dict[str, Estimate], list[Check]]:
        """Solutions exactly, entropies by theory, and how steeply the error falls."""
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        teacher = Teacher(SparseSigns(), SignOutput())
        for N, count in counts.items():
            mean, of = over_samples(np.asarray(count.solutions[:, N - 1], float)), f"solutions/{N}"
            told[of] = mean
            law = f"binary weights that agree with the teacher, N = n = {N}"
            checks.append(held(law, of, mean, mean_solutions(N, N), "Σ_d C(N, d) (1 - θ_d/π)^n"))
        for alpha in self.binary_alphas:
            of = f"entropy/{alpha:g}"
            told[of] = to_infinity({N: entropy_at(count, N, alpha) for N, count in counts.items()})
            law = f"entropy of these weights at α = {alpha:g}, N -> ∞"
            checks.append(held(law, of, told[of], entropy_left(teacher, alpha), GYORGYI))
        alpha, q = transition(teacher)
        steep = steepness(counts, rng)
        told |= {f"slope/binary_{N}": e for N, e in steep.slope.items()}
        told |= {"slope_exponent/binary": steep.exponent, "crossing": steep.crossing,
                 "transition/theory": Estimate(alpha), "error_below/theory": Estimate(arccos_by_pi(q))}  # fmt: skip
        room = max(SIGMAS * (steep.crossing.error or 0.0), CROSSING)
        return told, [*checks,
            grows(steep.exponent),
            Check.within("α at which errors of the smallest and the largest N cross", steep.crossing.value, alpha, room,
                         error=steep.crossing.error, source=GYORGYI, of="crossing"),
        ]  # fmt: skip

    def arrays(self, right, counts: dict[int, Counted], tables: dict[float, Estimate]) -> xr.Dataset:
        """Series with theory; errors of binary students by size; tables."""
        curve = np.geomspace(0.5 * min(self.alphas), 2 * max(self.alphas), 60)
        error = np.array([perceptron_error(a) for a in curve])
        alpha, q = transition(Teacher(SparseSigns(), SignOutput()))
        load = np.linspace(0.1, BEYOND, 60)
        teacher = Teacher(SparseSigns(), SignOutput())
        below = [arccos_by_pi(overlaps(teacher, a)[1]) for a in load[::4] if a < alpha]
        each = [[over_samples(right[a][:, k - 1]) for a in self.alphas] for k in self.series]
        sizes = {N: error_at(count, N, load) for N, count in counts.items()}
        return xr.Dataset(
            {"exact_match": (("series", "alpha"), [[e.value for e in row] for row in each]),
             "exact_match_error": (("series", "alpha"), [[e.error for e in row] for row in each]),
             "exact_match_theory": (("series", "curve"), [exact_match(error, k) for k in self.series]),
             "binary_wrong": (("size", "load"), list(sizes.values())),
             "theory_load": ("below", [*(a for a in load[::4] if a < alpha), alpha, alpha, BEYOND]),
             "theory_wrong": ("below", [*below, arccos_by_pi(q), 0.0, 0.0]),
             "table_accuracy": ("share", [e.value for e in tables.values()]),
             "table_error": ("share", [e.error for e in tables.values()])},
            {"series": list(self.series), "alpha": list(self.alphas), "curve": curve, "size": list(sizes), "load": load,
             "share": list(tables)}, {"transition": alpha})  # fmt: skip


def arccos_by_pi(q: float) -> float:
    """Share of wrong answers of a student at random, at overlap q."""
    return float(np.arccos(q) / np.pi)


def grows(exponent: Estimate) -> Check:
    """x of slope ~ N^x is above 0 by four errors; refuted where it is not above."""
    law, x, error = "x of slope ~ N^x, binary weights, in standard errors", exponent.value, exponent.error or np.nan
    if 0 < x <= 4 * error:
        law += " (larger than 0, but not by four; more samples decide)"
        return Check(law, x / error, 4.0, 0.0, "unknown", 1.0, GYORGYI, relation=">=")
    return Check.at_least(law, x / error, 4.0, error=1.0, source=GYORGYI)


def entropy_left(teacher: Teacher, alpha: float) -> float:
    """ln 2 less the information in the points, N -> ∞, before the transition."""
    q, _ = overlaps(teacher, alpha)
    gain = teacher.output.gain(q)
    return float(np.log(2) - information(teacher, alpha, q, alpha * gain))


def entropy_at(count: Counted, N: int, alpha: float) -> Estimate:
    """Mean of ln (number of solutions)/N, between whole numbers of points."""
    logs = np.concatenate([np.full((len(count.solutions), 1), np.log(2)), np.log(count.solutions) / N], axis=1)
    low, share = int(alpha * N), alpha * N - int(alpha * N)
    return over_samples((1 - share) * logs[:, low] + share * logs[:, low + 1])


def error_at(count: Counted, N: int, load: np.ndarray) -> np.ndarray:
    """Mean error at α, between whole numbers of points."""
    mean = np.append(0.5, count.error.mean(axis=0))
    return np.interp(load * N, np.arange(len(mean)), mean)


def steepness(counts: dict[int, Counted], rng: np.random.Generator) -> Steepness:
    """Largest slopes of the error by ln α, their growth with N, and where the curves cross; errors by bootstrap."""
    load = np.linspace(0.5, BEYOND, 301)
    first, *_, last = sorted(counts)
    slopes, exponents, crossings = [], [], []
    for _ in range(REPLICAS):
        rows = {N: rng.integers(len(c.error), size=len(c.error)) for N, c in counts.items()}
        curve = {N: error_at(Counted(c.solutions, c.error[rows[N]]), N, load) for N, c in counts.items()}
        fall = np.array([largest_fall(load, each) for each in curve.values()])
        slopes.append(fall)
        exponents.append(np.polyfit(np.log(list(counts)), np.log(fall), 1)[0])
        apart = curve[last] - curve[first]
        down = np.flatnonzero((apart[:-1] > 0) & (apart[1:] <= 0))
        crossings.append(load[down[-1]] if len(down) else np.nan)
    of = lambda values: Estimate(float(np.mean(values)), float(np.std(values, ddof=1)))  # noqa: E731
    by_size = {N: of(np.array(slopes)[:, i]) for i, N in enumerate(counts)}
    found = [a for a in crossings if np.isfinite(a)]
    crossing = of(found) if len(found) > 0.9 * REPLICAS else Estimate(np.nan)  # noqa: PLR2004
    return Steepness(by_size, of(exponents), crossing)


def largest_fall(load: np.ndarray, error: np.ndarray) -> float:
    """Between loads a factor 1.25 apart: narrower steps would see the noise of single points."""
    later = np.interp(1.25 * load, load, error)
    inside = 1.25 * load <= load[-1]
    return float(((error - later)[inside] / np.log(1.25)).max())
