# SPDX-License-Identifier: Apache-2.0
"""A soft committee machine learns another on line: the plateau of unspecialized students, and the way off it."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from isinglass.errors import InputError
from isinglass.exact.learning import committee
from isinglass.exact.learning.committee import Overlaps
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.learning.committee_ensemble import follow
from isinglass.experiments.learning.hopfield_scaling import to_infinity
from isinglass.experiments.theory_curve import held, over_samples
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent

__all__ = ["CommitteeMachine"]

SOURCE = "Saad and Solla, doi:10.1103/PhysRevE.52.4225"
SPREAD = 0.5  # |J_i|² at first
UNITS = 2
SPECIAL = 0.9  # overlap of a student with its teacher, by lengths
LEVEL = 0.3  # the same while students are alike


@dataclass(frozen=True)
class CommitteeMachine(AbstractExperiment):
    """Two students, two orthogonal teachers, stochastic gradient descent on examples each seen once."""

    name: ClassVar[str] = "committee-machine"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "on-line learning of a committee machine beside its order parameters"
    rows: ClassVar[tuple[int, ...]] = (105, 128)
    paper: ClassVar[str] = "Saad and Solla 1995, doi:10.1103/PhysRevLett.74.4337"
    claim: ClassVar[str] = (
        "generalization errors of simulated machines, extrapolated in 1/N, within three standard errors of the "
        "equations of motion before, on and beyond the plateau; students become specialists on it"
    )
    guide: ClassVar[str] = "docs/generalization.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"sizes": (50, 100), "samples": 24, "end": 120.0},
        "laptop": {},
        "paper": {"sizes": (500, 1000, 2000, 4000), "samples": 200, "rates": (0.3, 1.0, 1.5), "end": 400.0},
    }

    sizes: tuple[int, ...] = (100, 200, 400)
    """Inputs N, for the extrapolation."""
    samples: int = 64
    """Machines of the largest size; of others as many more as they are smaller."""
    rates: tuple[float, ...] = (1.0, 1.5)
    """Learning rates η."""
    end: float = 160.0
    """Examples by inputs, α, at the end."""
    points: int = 40
    """Times at which order parameters are measured."""
    first_overlap: float = 0.2
    """Overlap of the first student with the first teacher at the beginning; the second has half of it with its own."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Simulate each rate and size, solve the equations from the same order parameters.

        Errors: InputError for fewer than two sizes or samples, and a first overlap that cannot be.
        """
        self.check_request()
        R, Q = self.first()
        rest = np.linalg.cholesky(Q - R @ R.T)
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        errors, exact, special = [], [], []
        times = np.arange(1, self.points + 1) * self.end / self.points
        for k, eta in enumerate(self.rates):
            by_size = {}
            for j, N in enumerate(self.sizes):
                progress(k * len(self.sizes) + j, len(self.rates) * len(self.sizes), f"η = {eta:g}, N = {N}")
                keys = jax.random.split(jax.random.fold_in(key, 100 * k + j), self.samples * max(self.sizes) // N)
                found = follow(keys, N, jnp.asarray(R), jnp.asarray(rest), eta, self.points, self.per_point(N))
                by_size[N] = [np.asarray(a) for a in found]
            theory = committee.learned(Overlaps(R, Q, np.eye(UNITS)), eta, times)
            error = {N: np.array([[committee.generalization_error(Overlaps(r, q, np.eye(UNITS)))
                                   for r, q in zip(*one, strict=True)] for one in zip(*a, strict=True)])
                     for N, a in by_size.items()}  # fmt: skip
            errors.append({N: e for N, e in error.items()})
            exact.append([committee.generalization_error(at) for at in theory])
            special.append([specialization(at.R, at.Q) for at in theory])
            more, claims = self.claims(eta, error, theory, by_size[max(self.sizes)], times)
            told, checks = told | more, checks + claims
        return Result(self.name, estimates=told, checks=checks, arrays=self.arrays(times, errors, exact, special),
                      settings=asdict(self), figures=["plateau"])  # fmt: skip

    def check_request(self) -> None:
        """What the equations and errors need."""
        if len(set(self.sizes)) < 2 or min(self.sizes) < 20:  # noqa: PLR2004
            raise InputError("two sizes or more, of 20 or more", ", ".join(map(str, self.sizes)), "give larger ones")
        if self.samples < 2:  # noqa: PLR2004
            raise InputError("two samples or more", f"{self.samples}", "errors are those over samples")
        if not 0 < self.first_overlap < SPREAD**0.5:
            found = f"{self.first_overlap:g}"
            raise InputError(f"a first overlap between 0 and {SPREAD**0.5:.2f}", found, "leave it out for 0.2")
        if self.points < 8 or min(self.sizes) * self.end < self.points:  # noqa: PLR2004
            raise InputError("8 points or more, an example or more between two", f"{self.points}", "choose 40")

    def first(self) -> tuple[np.ndarray, np.ndarray]:
        """Order parameters at the beginning."""
        return np.diag([self.first_overlap, self.first_overlap / 2]), SPREAD * np.eye(UNITS)

    def per_point(self, N: int) -> int:
        """Examples between two measurements."""
        return round(self.end * N / self.points)

    def claims(
        self,
        eta: float,
        error: dict[int, np.ndarray],
        theory: list[Overlaps],
        last: list[np.ndarray],
        times: np.ndarray,
    ) -> tuple[dict[str, Estimate], list[Check]]:
        """Errors at four times; overlaps of students and teachers, at the end and on the plateau."""
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        for i in sorted({0, self.points // 8, self.points // 3, self.points - 1}):
            of = f"generalization_error/{eta:g}/{times[i]:g}"
            told[of] = to_infinity({N: over_samples(e[:, i]) for N, e in error.items()})
            exact = committee.generalization_error(theory[i])
            checks.append(held(f"generalization error, η = {eta:g}, α = {times[i]:g}, N -> ∞", of, told[of], exact,
                               SOURCE))  # fmt: skip
        grown = over_samples(np.array([specialization(r[-1], q[-1]) for r, q in zip(*last, strict=True)]))
        told[f"specialization/{eta:g}"] = grown
        exact = specialization(theory[-1].R, theory[-1].Q)
        if exact > SPECIAL:
            checks.append(Check.at_least(f"overlap of students with their teachers at the end, η = {eta:g}",
                                         grown.value, SPECIAL, error=grown.error, of=f"specialization/{eta:g}",
                                         source=SOURCE).resolved())  # fmt: skip
        return told, checks

    def arrays(self, times: np.ndarray, errors: list, exact: list, special: list) -> xr.Dataset:
        """Errors of the largest size by time, and the solutions."""
        top = max(self.sizes)
        mean = [e[top].mean(axis=0) for e in errors]
        spread = [e[top].std(axis=0, ddof=1) / len(e[top]) ** 0.5 for e in errors]
        return xr.Dataset(
            {"generalization_error": (("rate", "time"), mean), "generalization_error_error": (("rate", "time"), spread),
             "generalization_error_exact": (("rate", "time"), exact),
             "specialization_exact": (("rate", "time"), special)},
            {"rate": list(self.rates), "time": times}, {"size": top},
        )  # fmt: skip


def specialization(R: np.ndarray, Q: np.ndarray) -> float:
    """Mean overlap by lengths of the students with the teachers, in the better order of these."""
    cosine = R / np.sqrt(np.diag(Q))[:, None]
    return float(max(np.trace(cosine), np.trace(cosine[::-1])) / len(cosine))
