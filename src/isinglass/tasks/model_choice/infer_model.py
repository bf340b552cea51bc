# SPDX-License-Identifier: Apache-2.0
"""Infer which of several models made an observation: by their evidence, or by a classifier of what they simulate."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from isinglass import data
from isinglass.errors import InputError
from isinglass.result import Result
from isinglass.run.progress import ProgressCallable, silent, telling
from isinglass.systems.simulator.log_likelihood import LogLikelihood
from isinglass.tasks.model_choice.model_files import ModelFiles
from isinglass.tasks.model_choice.model_odds import ModelOdds
from isinglass.tasks.model_choice.simulated_models import SimulatedModels
from isinglass.tasks.posterior.infer_likelihood import InferLikelihood
from isinglass.tasks.task import AbstractTask, Verb, setting

if TYPE_CHECKING:
    from isinglass.systems.simulator.rival_models import RivalModels

__all__ = ["InferModel"]

CONSTANTS = "evidences are compared with the constants of the likelihoods, which have to be normalized in the data"


@dataclass(frozen=True)
class InferModel(AbstractTask):
    """P(M_k given x) = Z_k P(M_k)/Σ_j Z_j P(M_j), Z_k = ∫ p(x given θ, M_k) p(θ given M_k) dθ.

        infer(0, RivalModels({"line": LogLikelihood(line), "curve": LogLikelihood(curve)}), prior={"line": ..., ...})
        infer(0, RivalModels({"a": simulate_a, "b": simulate_b}), prior={"a": ..., "b": ...}, observation=x)
        infer(0, RivalModels({"a": x_a, "b": x_b}), observation=x)    arrays of what each simulated, [n, ...]

    Of likelihoods ln Z is that of sequential Monte Carlo; of simulators the odds are those of networks that tell their
    simulations apart.  Law: of held-out simulations with odds P a share P are of the model.
    Ref: Kass and Raftery 1995, doi:10.1080/01621459.1995.10476572; Radev et al. 2021, arXiv:2004.10629.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.systems.simulator.rival_models:RivalModels",)
    guide: ClassVar[str] = "docs/posteriors.md"
    what: ClassVar[str] = "rival models of one observation (isinglass.systems.simulator.RivalModels)"
    command: ClassVar[str] = "models"
    source: ClassVar[type] = ModelFiles

    prior: Any = setting(None)
    """Name of the model -> prior of its parameters; simulators with a prior of their own, and arrays, need none."""
    observation: Any = setting(None)
    """x, of the shape that the simulators return."""
    method: Literal["auto", "evidence", "classifier"] = "auto"
    """evidence: of likelihoods; classifier: of simulations; auto: evidence for instances of LogLikelihood."""
    samples: int = 8192
    """Walkers of sequential Monte Carlo."""
    simulations: int = 10_000
    """Of each model, for the classifier."""
    networks: int = 3
    """Classifiers for each pair of models; their spread is the error."""
    executor: Any = setting(None, identity=False)
    """Where Python functions and programs run: an Executor, or a number of processes."""
    time_limit: float | None = setting(None)
    """Seconds for one simulation of theirs."""

    def run(
        self, key: Any, problem: "RivalModels", *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """ln of the Bayes factors, and the probabilities."""
        begun = time.perf_counter()
        named, weights = arrays_of(problem.named()), problem.probabilities()
        of_likelihoods = [isinstance(one, LogLikelihood) for one in named.values()]
        by_evidence = self.method == "evidence" or (self.method == "auto" and all(of_likelihoods))
        if by_evidence and any(isinstance(one, np.ndarray) for one in named.values()):
            raise InputError("likelihoods, or simulators that have one", "simulations", "leave method out")
        if not by_evidence and any(of_likelihoods):
            raise InputError("simulators for the classifier", "a LogLikelihood", 'use method="evidence"')
        priors = dict.fromkeys(named) if self.prior is None else problem.for_each(self.prior, "a prior")
        if by_evidence:
            found, more = self.by_evidence(key, named, priors, progress)
        else:
            found, more = self.by_classifier(key, named, priors, progress, checkpoint)
        spent = (
            {"samples": self.samples} if by_evidence else {"simulations": self.simulations, "networks": self.networks}
        )
        odds = replace(found, weights=np.array([weights[name] for name in named]))
        return Result(
            "models",
            estimates=odds.estimates() | more.estimates,
            checks=[odds.resolved(), *more.checks],
            arrays=odds.arrays(),
            models=more.models,
            settings={"method": "evidence" if by_evidence else "classifier", "models": list(named)}
            | {name: getattr(self, name) for name in spent},
            seconds=time.perf_counter() - begun,
            notes=more.notes,
        )

    def by_evidence(
        self, key: Any, named: dict[str, Any], priors: dict[str, Any], progress: ProgressCallable
    ) -> tuple[ModelOdds, Result]:
        """ln Z of every model by sequential Monte Carlo."""
        import jax

        found: dict[str, Result] = {}
        for i, (name, one) in enumerate(named.items()):
            of = InferLikelihood(prior=priors[name], observation=self.observation, samples=self.samples)
            found[name] = of.run(jax.random.fold_in(key, i), one, progress=telling(progress, name))
        z = [of.estimates["log_evidence"] for of in found.values()]
        value, error = np.array([e.value for e in z]), np.array([e.error or 0.0 for e in z])
        more = Result(
            "models", {f"log_evidence/{name}": e for name, e in zip(named, z, strict=True)}, notes=[CONSTANTS]
        )
        for name, of in found.items():
            more.checks += [replace(check, law=f"{name}: {check.law}", of="") for check in of.checks]
            more.notes += [f"{name}: {note}" for note in of.notes]
        variance = (error[:, None] ** 2 + error**2) * (1 - np.eye(len(named)))
        return ModelOdds(tuple(named), value[:, None] - value, variance**0.5, of_each=error), more

    def by_classifier(
        self, key: Any, named: dict[str, Any], priors: dict[str, Any], progress: ProgressCallable,
        checkpoint: Path | None,
    ) -> tuple[ModelOdds, Result]:  # fmt: skip
        """ln of the Bayes factors of all pairs, by networks that tell their simulations apart."""
        of = SimulatedModels(self, named, priors)
        return of.compared(key, progress, checkpoint)


def arrays_of(named: dict[str, Any]) -> dict[str, Any]:
    """The same, with what is a list or an array of another library as an array of NumPy.  Errors: InputError."""
    given = lambda one: isinstance(one, list | tuple) or hasattr(one, "__array__")  # noqa: E731
    return {name: data.as_array(one, name) if given(one) else one for name, one in named.items()}
