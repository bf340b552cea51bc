# SPDX-License-Identifier: Apache-2.0
"""Sample a system by Markov chains: exp(-E(x) / T) / Z at each temperature."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from isinglass import sampling, symmetry, systems
from isinglass.errors import InputError
from isinglass.result import Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.setting.method import is_learned, methods
from isinglass.tasks.setting.temperature import check_temperature, parse_temperature
from isinglass.tasks.task import AbstractTask, Verb, described, setting

if TYPE_CHECKING:
    from isinglass.sampling.chain.sampler import AbstractEnsemble, AbstractSampler
    from isinglass.sampling.ensemble.driver import Draws, SamplingPlan
    from isinglass.sampling.ensemble.start import Start
    from isinglass.systems.system import AbstractSystem

    Temperature = float | Sequence[float] | np.ndarray | None
    Method = str | AbstractSampler | AbstractEnsemble
    EffectiveSamples = float | Literal["half"] | None
    Observables = Mapping[str, Callable[..., Any]] | None
else:
    Temperature = Method = Start = EffectiveSamples = Observables = Any

__all__ = ["SampleSystem"]


def parse_effective_samples(word: str) -> EffectiveSamples:
    """A number, half or none."""
    if word in ("half", "none"):
        return "half" if word == "half" else None
    try:
        return float(word)
    except ValueError:
        raise InputError("a number of effective samples, half or none", repr(word), "write e.g. 100") from None


@dataclass(frozen=True)
class SampleSystem(AbstractTask):
    """Independent Markov chains at each temperature, lengthened until the effective sample size is reached.

    Law: energies agree with the exact ones, where those are known.
    """

    verb: ClassVar[Verb] = "sample"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.systems.system:AbstractSystem",)
    guide: ClassVar[str] = "docs/course/01_metropolis.py"
    what: ClassVar[str] = "a system"
    least: ClassVar[dict[str, float]] = {"warmup": 0}

    temperature: Temperature = setting(None, shown=tuple[str, ...], parse=parse_temperature)
    """Temperatures, k_B = 1: 1.5:3.5:41 (from:to:number) or a list 2.0 2.2; by default the system's own."""
    method: Method = setting("auto", choices=methods)
    """How to sample; auto: the method that fits the system.  In Python also a sampler of your own."""
    samples: int = 200
    """Configurations per temperature."""
    chains: int = 32
    """Independent Markov chains per temperature."""
    thin: int | None = None
    """Sweeps between two measurements of one chain, at first; by default what the method needs."""
    warmup: int | None = None
    """Sweeps before the first measurement; by default what the method needs."""
    effective_samples: EffectiveSamples = setting("half", shown=str, parse=parse_effective_samples)
    """Double the run until every temperature has this effective sample size; half: of the samples; none: never."""
    max_sweeps: int = 200_000
    """Sweeps of each chain at most."""
    configurations: bool = setting(True)  # noqa: FBT003
    """False: keep only energy and order parameter."""
    start: Start | None = setting(None, choices=lambda: ["uniform", "random", "downhill", "both"], also=())
    """Where chains start: random, at infinite temperature; downhill, where the energy is low near such a start;
    uniform, all variables equal; both, half of them random and half uniform; by default what fits."""
    observables: Observables = setting(None)
    """Name -> function of one configuration: its mean, error and effective samples; with several numbers, its values.

    Effective samples are then those of the worst observable, at one temperature."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """Where the settings name no learned sampler."""
        return not is_learned(settings)

    def run(
        self, key: Any, problem: "AbstractSystem", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """Choose the method, run the chains, diagnose them, compare with what is known exactly."""
        import jax
        import xarray as xr

        from isinglass.tasks.outcome.judgement import (
            followed_columns,
            followed_estimates,
            verdicts,
            with_least_error,
            worst_of,
        )
        from isinglass.tasks.outcome.observed import check_observables
        from isinglass.tasks.outcome.record import described_settings, to_arrays
        from isinglass.tasks.outcome.thermal_curves import curve_names, thermal_curves

        begun = time.perf_counter()
        check_observables(self.observables)
        given = 1.0 / np.asarray(problem.beta, float) if self.temperature is None else self.temperature
        temperature = check_temperature(given)
        ensemble = sampling.choose(checked_method(self.method), problem)
        plan = self.plan(ensemble)
        plan.require_memory(problem, len(temperature))
        begin = checked_start(self.start or usual_start(problem), problem)
        x = sampling.starts(jax.random.fold_in(key, 0), problem, len(temperature), plan.chains, begin)
        batch = systems.at_temperatures(problem, temperature)
        draws = sampling.driver.draw(
            jax.random.fold_in(key, 1), ensemble, batch, x, plan, observables=self.observables,
            checkpoint=checkpoint, progress=progress,
        )  # fmt: skip
        draws = with_least_error(draws, problem)
        thermal = thermal_curves(draws, temperature, problem)
        judged = verdicts(draws, problem, ensemble, temperature, plan.effective_samples)
        draws, estimates, columns = self.measured(draws, problem)
        settings = {"system": described_settings(problem), "method": described_settings(ensemble)}
        settings |= {"temperature": temperature, "start": begin, **vars(plan)}
        return Result(
            name="sample",
            estimates=worst_of(draws) | estimates | followed_estimates(draws),
            checks=judged,
            arrays=xr.merge(
                [to_arrays(draws, temperature, plan.samples, problem), followed_columns(draws), columns, thermal],
                combine_attrs="override",
            ),
            settings=settings,
            seconds=time.perf_counter() - begun,
            status=draws.status,
            figures=[*curve_names(thermal), *(["samples"] if plan.configurations else [])],
            notes=[] if draws.status == "done" else [draws.status],
        )

    def measured(self, draws: "Draws", system: "AbstractSystem") -> tuple[Any, Any, Any]:
        """The run, estimates and columns of the observables; without the configurations, where those are not kept."""
        from isinglass.tasks.outcome.observed import along_chains, by_temperature, columns, numbers, observed

        if not self.observables:
            return draws, {}, {}
        values, found = observed(self.observables, draws.x, len(system.shape)), {}
        if len(draws.x) == 1 and draws.diagnosis.finite.all():
            chains = {name: series[0] for name, series in values.items()}
            series, accepted = numbers(chains, 2), float(draws.acceptance[0])
            acceptance = Estimate(accepted) if np.isfinite(accepted) else None
            verdict = sampling.chain_verdict(series, sampling.Cost(draws.seconds), acceptance=acceptance,
                                             thin=draws.thin * draws.stride)  # fmt: skip
            found = along_chains(chains) | (verdict if series else {})
        if not self.configurations:
            draws = draws._replace(x=draws.x[:, :, :, :0])
        more = {name: f for name, f in values.items() if name not in draws.diagnosis.names}
        return draws, found, by_temperature(more).merge(columns(values, self.samples))

    def plan(self, ensemble: "AbstractEnsemble") -> "SamplingPlan":
        """How much to sample; by default half of the samples are to be effective ones.

        Errors: InputError for a plan that cannot be carried out.
        """
        usual = sampling.default_plan(ensemble)
        thin, warmup = (usual[n] if getattr(self, n) is None else getattr(self, n) for n in ("thin", "warmup"))
        plan = sampling.SamplingPlan(
            samples=self.samples, chains=max(1, min(self.chains, self.samples)), thin=thin, warmup=warmup,
            effective_samples=self.samples / 2 if self.effective_samples == "half" else self.effective_samples,
            max_sweeps=self.max_sweeps, configurations=self.configurations or bool(self.observables),
        )  # fmt: skip
        for name, least in (("samples", 1), ("chains", 1), ("thin", 1), ("warmup", 0), ("max_sweeps", 1)):
            if getattr(plan, name) < least:
                raise InputError(f"{name} of at least {least}", str(getattr(plan, name)), "choose a larger number")
        wanted = plan.effective_samples
        number = isinstance(wanted, int | float) and not isinstance(wanted, bool)
        if wanted is not None and not (number and 0 < wanted <= plan.samples):
            raise InputError(f"effective_samples between 0 and samples = {plan.samples}", str(wanted), "raise samples")
        return replace(plan, thin=int(thin), warmup=int(warmup))


def checked_method(method: Method) -> Method:
    """Errors: InputError for what is no name, no sampler and no ensemble of chains."""
    if isinstance(method, str | sampling.AbstractSampler | sampling.AbstractEnsemble):
        return method
    expected = "a method by name, a sampler or an ensemble of chains"
    raise InputError(expected, described(method), "write method='metropolis' or method=Metropolis()")


def checked_start(start: "Start", system: "AbstractSystem") -> "Start":
    """The start; downhill needs a gradient."""
    if start == "downhill" and not system.variable.continuous:
        found = type(system.variable).__name__
        raise InputError("continuous variables to go downhill", found, "use start='random'")
    return start


def usual_start(system: "AbstractSystem") -> "Start":
    """On lattices where nothing is frustrated both, for spins ±1 uniform: a quench from a random start may freeze them
    into stripes, and their transitions are of second order.
    """
    bounded = isinstance(system, systems.AbstractLatticeSystem) and not isinstance(system.variable, symmetry.Reals)
    if not bounded or sampling.is_frustrated(system):
        return "random"
    return "uniform" if isinstance(system.variable, symmetry.Spins) else "both"
