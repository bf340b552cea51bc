# SPDX-License-Identifier: Apache-2.0
"""Students of a teacher: Bayes by message passing, empirical risk, LASSO, and two hard phases, beside theory."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
import xarray as xr

from isinglass.errors import InputError
from isinglass.exact.learning import empirical_risk, generalized_linear
from isinglass.exact.learning.generalized_linear import LinearOutput, MagnitudeOutput, SignOutput, Teacher
from isinglass.exact.learning.lasso import lasso
from isinglass.exact.learning.scalar_prior import NormalPrior, SparseSigns
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.learning.hopfield_scaling import to_infinity
from isinglass.experiments.learning.teacher_ensemble import (
    hinge_errors,
    lasso_errors,
    passed_samples,
    student_errors,
)
from isinglass.experiments.theory_curve import SIGMAS, held, over_samples
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent

__all__ = ["TeacherStudent"]

BAYES = "arXiv:1708.03395"
RISK = "arXiv:2006.06560"
LASSO = "arXiv:1008.2581"
CLOSE = 0.01  # relative, of message passing at N = 2000 and theory; otherwise as 1/N
REFERENCE = 2000
NEAR = 0.99  # start of message passing near the teacher
NEARER = 0.999  # where it is found among real numbers
FOUND = 0.99  # overlap of a teacher that is found
UNKNOWN = Estimate(float("nan"), float("nan"))
NAMES = ("Hebb", "square", "logistic", "hinge")


@dataclass(frozen=True)
class TeacherStudent(AbstractExperiment):
    """y = sign or value of a teacher's X x/√N; errors of students by the number of rows n = αN."""

    name: ClassVar[str] = "teacher-student"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "learning curves of perceptrons, LASSO and message passing beside theory"
    rows: ClassVar[tuple[int, ...]] = (100, 126, 128)
    paper: ClassVar[str] = "Barbier et al. 2019, arXiv:1708.03395; Aubin et al. 2020, arXiv:2006.06560"
    claim: ClassVar[str] = (
        "errors of Hebb's rule, square, logistic and hinge losses and of LASSO, extrapolated in 1/N, within three "
        "standard errors of their replica-symmetric curves; message passing within 1 % of its state evolution at "
        "N = 2000 and below all of them; of a binary teacher, and without signs, it stops where Bayes does not"
    )
    guide: ClassVar[str] = "docs/generalization.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"size": 500, "samples": 16, "alphas": (2.0,), "sizes": (100, 200), "risk_samples": 24,
                  "sparse_alphas": (0.6,), "binary_alphas": (1.35,), "retrieval_alphas": (1.4,), "steps": 30},
        "laptop": {},
        "paper": {"size": 8000, "samples": 48, "sizes": (400, 800, 1600), "risk_samples": 200, "steps": 100},
    }  # fmt: skip

    alphas: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0)
    """Rows by unknowns, α = n/N, of the perceptron with a normal teacher."""
    size: int = 2000
    """Unknowns N for message passing."""
    samples: int = 24
    """Teachers for message passing at each α."""
    steps: int = 50
    """Of message passing."""
    sizes: tuple[int, ...] = (100, 200, 400)
    """Unknowns for empirical risk and LASSO, for the extrapolation."""
    risk_samples: int = 64
    """Teachers at the largest of them; of others as many more as they are smaller."""
    penalty: float = 1.0
    """λ of the losses."""
    sparse_alphas: tuple[float, ...] = (0.4, 0.6, 0.8)
    """α of a linear teacher with few entries that are not 0."""
    density: float = 0.1
    """Their share."""
    noise: float = 0.2
    """Variance of the noise of that teacher."""
    lasso_penalty: float = 0.3
    """λ of LASSO."""
    binary_alphas: tuple[float, ...] = (1.0, 1.35, 1.7)
    """α of a perceptron with a teacher of signs: before, within and beyond the hard phase, 1.245 to 1.493."""
    retrieval_alphas: tuple[float, ...] = (0.8, 1.08, 1.4)
    """α of phase retrieval, y = |z|: before, within and beyond its hard phase, 1 to 1.128."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Perceptrons of a normal teacher, a sparse linear teacher, a binary perceptron, phase retrieval.

        Errors: InputError for fewer than two sizes or samples, and α at the ends of the hard phases.
        """
        self.check_request()
        keys = iter(jax.random.split(key, 10_000))
        parts = ((self.perceptron, self.alphas), (self.sparse, self.sparse_alphas), (self.binary, self.binary_alphas),
                 (self.retrieval, self.retrieval_alphas))  # fmt: skip
        total, k = sum(len(alphas) for _, alphas in parts), 0
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        for of, alphas in parts:
            for alpha in alphas:
                progress(k, total, f"{of.__name__}, α = {alpha:g}")
                more, claims = of(keys, alpha)
                told, checks, k = told | more, checks + claims, k + 1
        return Result(self.name, estimates=told, checks=checks, arrays=self.arrays(told), settings=asdict(self),
                      figures=["wrong_signs", "sparse_teacher", "hard_phase"])  # fmt: skip

    def check_request(self) -> None:
        """What theory and errors need."""
        if len(set(self.sizes)) < 2 or min(*self.sizes, self.size) < 50:  # noqa: PLR2004
            raise InputError("two sizes or more, of 50 or more", ", ".join(map(str, self.sizes)), "give larger ones")
        if min(self.samples, self.risk_samples) < 2:  # noqa: PLR2004
            raise InputError("two samples or more", "1", "errors are those over samples")
        if min(*self.alphas, *self.sparse_alphas, *self.binary_alphas, *self.retrieval_alphas) <= 0:
            raise InputError("α above 0", "one that is not", "leave it out")
        off = ((self.binary_alphas, (1.245, 1.493), "binary_alphas off 1.245 and 1.493"),
               (self.retrieval_alphas, (0.5, 1.0, 1.128), "retrieval_alphas off 0.5, 1 and 1.128"))  # fmt: skip
        for alphas, ends, expected in off:
            if edge := [a for a in alphas if min(abs(a - end) for end in ends) < 0.04]:  # noqa: PLR2004
                raise InputError(expected, f"{edge[0]:g}", "keep off by 0.04: finite sizes decide")
        if not 0 < self.density < 1:
            raise InputError("a density between 0 and 1", f"{self.density:g}", "leave it out for 0.1")

    def perceptron(self, keys: Any, alpha: float) -> tuple[dict[str, Estimate], list[Check]]:
        """Share of wrong signs by message passing and by each loss."""
        output, n = SignOutput(), round(alpha * self.size)
        found = passed_samples(jax.random.split(next(keys), self.samples), n, self.size, NormalPrior(), output,
                               self.steps, 0.0)  # fmt: skip
        wrong = over_samples(np.arccos(np.asarray(found.cosine[:, -1])) / np.pi)
        q = generalized_linear.overlaps(Teacher(NormalPrior(), output), n / self.size)[0]
        exact, of = generalized_linear.wrong_signs(q), f"wrong_signs/passing/{alpha:g}"
        told = {of: wrong}
        checks = [self.close(f"wrong signs by message passing, α = {alpha:g}, N = {self.size}", of, wrong, exact)]
        risks = {N: self.risks(keys, alpha, N) for N in self.sizes}
        for name in NAMES:
            of = f"wrong_signs/{name.lower()}/{alpha:g}"
            told[of] = to_infinity({N: over_samples(risks[N][name]) for N in self.sizes})
            checks.append(held(f"wrong signs, {name}, α = {alpha:g}, N -> ∞", of, told[of], self.risk(name, alpha),
                               RISK))  # fmt: skip
            gap = told[of].value - wrong.value
            error = float(np.hypot(told[of].error or 0.0, wrong.error or 0.0))
            checks.append(Check.at_least(f"wrong signs, {name} less Bayes, α = {alpha:g}", gap, 0.0,
                                         tolerance=SIGMAS * error, error=error).resolved())  # fmt: skip
        return told, checks

    def risks(self, keys: Any, alpha: float, N: int) -> dict[str, np.ndarray]:
        """Wrong signs of each loss in each sample."""
        n, output = round(alpha * N), SignOutput()
        each = self.teachers(next(keys), N)
        found = {name: np.asarray(a) for name, a in student_errors(each, n, N, output, self.penalty).items()}
        return found | {"hinge": hinge_errors(each, n, N, output, self.penalty)}

    def teachers(self, key: Any, N: int) -> Any:
        """Keys of as many more teachers as they are smaller."""
        return jax.random.split(key, self.risk_samples * max(self.sizes) // N)

    def risk(self, name: str, alpha: float) -> float:
        """Its theory."""
        if name == "Hebb":
            return empirical_risk.hebb_error(alpha)
        return empirical_risk.student(name, alpha, self.penalty).wrong_signs

    def sparse(self, keys: Any, alpha: float) -> tuple[dict[str, Estimate], list[Check]]:
        """Mean square error of a sparse linear teacher, by message passing and LASSO."""
        prior, output, n = SparseSigns(self.density), LinearOutput(self.noise), round(alpha * self.size)
        found = passed_samples(jax.random.split(next(keys), self.samples), n, self.size, prior, output, self.steps, 0.0)
        passed, of = over_samples(np.asarray(found.error[:, -1])), f"mean_square_error/passing/{alpha:g}"
        q = generalized_linear.overlaps(Teacher(prior, output), n / self.size)[0]
        told = {of: passed}
        law = f"mean square error by message passing, α = {alpha:g}, N = {self.size}"
        checks = [self.close(law, of, passed, 1 - q)]
        each = {N: lasso_errors(self.teachers(next(keys), N), round(alpha * N), N, prior, output, self.lasso_penalty)
                for N in self.sizes}  # fmt: skip
        state = lasso(prior, alpha, self.noise, self.lasso_penalty)
        for i, (name, exact) in enumerate((("mean_square_error", state.error), ("nonzero", state.nonzero))):
            of = f"{name}/lasso/{alpha:g}"
            told[of] = to_infinity({N: over_samples(each[N][i]) for N in self.sizes})
            words = name.replace("_", " ")
            checks.append(held(f"{words} of LASSO, α = {alpha:g}, N -> ∞", of, told[of], exact, LASSO))
        return told, checks

    def binary(self, keys: Any, alpha: float) -> tuple[dict[str, Estimate], list[Check]]:
        """Overlap with a teacher of signs.

        Overlap 1 is a fixed point at any α; below 1.245 it has the larger information and is not what Bayes finds.
        """
        teacher = Teacher(SparseSigns(), SignOutput())
        return self.hard(keys, alpha, teacher, NEAR, self.steps, "overlap", lambda found: found.overlap)

    def retrieval(self, keys: Any, alpha: float) -> tuple[dict[str, Estimate], list[Check]]:
        """Squared cosine, q of N -> ∞, with a normal teacher whose signs are not seen; it leaves 0 by 2α a step.

        At q = 1 the information is -∞ from α = 1 on: Bayes finds it, as n > N equations do.
        """
        teacher, steps = Teacher(NormalPrior(), MagnitudeOutput()), 4 * self.steps
        return self.hard(keys, alpha, teacher, NEARER, steps, "retrieved", lambda found: found.cosine**2)

    def hard(  # noqa: PLR0913
        self, keys: Any, alpha: float, teacher: Teacher, near: float, steps: int, name: str, of: Callable
    ) -> tuple[dict[str, Estimate], list[Check]]:
        """q from nothing; where Bayes finds the teacher, the share of samples in which it is found from near it."""
        n = round(alpha * self.size)
        exact = generalized_linear.overlaps(teacher, n / self.size)
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        starts = [("passing", 0.0, exact[0]), *([("near_teacher", near, 1.0)] if exact[1] >= FOUND else [])]
        for begun, start, q in starts:
            most = self.steps if start else steps
            found = passed_samples(jax.random.split(next(keys), self.samples), n, self.size, *teacher, most, start)
            key = f"{name}/{begun}/{alpha:g}"
            values = np.asarray(of(found)[:, -1])
            told[key] = over_samples(values > FOUND if start else values)
            law = f"samples that stay near the teacher, {name}" if start else f"{name} by message passing"
            checks.append(self.close(f"{law}, α = {alpha:g}, N = {self.size}", key, told[key], q))
        return told, checks

    def close(self, law: str, of: str, found: Estimate, exact: float) -> Check:
        """Within 1 % at N = 2000 and three errors."""
        more = CLOSE * REFERENCE / self.size * exact
        return Check.within(law, found.value, exact, more + SIGMAS * (found.error or 0.0), error=found.error,
                            source=BAYES, of=of).resolved()  # fmt: skip

    def arrays(self, told: dict[str, Estimate]) -> xr.Dataset:
        """Measured points and theory curves."""
        names = ("passing", *(name.lower() for name in NAMES))
        measured = lambda kind, names, alphas: [  # noqa: E731
            [[getattr(told.get(f"{kind}/{name}/{a:g}", UNKNOWN), of) for a in alphas] for name in names]
            for of in ("value", "error")
        ]
        curve = np.geomspace(0.5 * min(self.alphas), 1.2 * max(self.alphas), 25)
        normal = generalized_linear.learning_curve(Teacher(NormalPrior(), SignOutput()), np.geomspace(1e-3, 3e3, 150))
        bayes = np.interp(curve, normal[0], [generalized_linear.wrong_signs(q) for q in normal[1]])
        exact = [bayes, *([self.risk(name, a) for a in curve] for name in NAMES)]
        sparse_curve = np.linspace(0.8 * min(self.sparse_alphas), 1.1 * max(self.sparse_alphas), 15)
        prior, s = SparseSigns(self.density), np.geomspace(0.05, 200, 300)
        at, q = generalized_linear.learning_curve(Teacher(prior, LinearOutput(self.noise)), s)
        by_lasso = [lasso(prior, a, self.noise, self.lasso_penalty).error for a in sparse_curve]
        hard = generalized_linear.learning_curve(Teacher(SparseSigns(), SignOutput()), np.geomspace(0.05, 60, 400))
        hidden = Teacher(NormalPrior(), MagnitudeOutput())
        hidden = generalized_linear.learning_curve(hidden, np.geomspace(1e-3, 4e3, 150))
        starts = ("passing", "near_teacher")
        wrong, sparse, binary, retrieved = (measured(*of) for of in (
            ("wrong_signs", names, self.alphas), ("mean_square_error", ("passing", "lasso"), self.sparse_alphas),
            ("overlap", starts, self.binary_alphas), ("retrieved", starts, self.retrieval_alphas)))  # fmt: skip
        return xr.Dataset(
            {"wrong": (("student", "alpha"), wrong[0]), "wrong_error": (("student", "alpha"), wrong[1]),
             "wrong_exact": (("student", "curve"), exact),
             "sparse": (("estimator", "sparse_alpha"), sparse[0]),
             "sparse_error": (("estimator", "sparse_alpha"), sparse[1]),
             "lasso_exact": ("sparse_curve", by_lasso), "bayes_alpha": ("s", at), "bayes_exact": ("s", 1 - q),
             "binary": (("start", "binary_alpha"), binary[0]), "binary_error": (("start", "binary_alpha"), binary[1]),
             "hard_alpha": ("field", hard[0]), "hard_exact": ("field", hard[1]),
             "retrieved": (("start", "retrieval_alpha"), retrieved[0]),
             "retrieved_error": (("start", "retrieval_alpha"), retrieved[1]),
             "hidden_alpha": ("hidden_field", hidden[0]), "hidden_exact": ("hidden_field", hidden[1])},
            {"student": list(names), "alpha": list(self.alphas), "curve": curve, "estimator": ["passing", "lasso"],
             "sparse_alpha": list(self.sparse_alphas), "sparse_curve": sparse_curve,
             "start": ["from nothing", "from near the teacher"], "binary_alpha": list(self.binary_alphas),
             "retrieval_alpha": list(self.retrieval_alphas)},
            {"size": self.size})  # fmt: skip
