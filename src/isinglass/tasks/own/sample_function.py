# SPDX-License-Identifier: Apache-2.0
"""Sample a density that is one function: p(x) ∝ exp(-E(x) / T), from a start."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import checks
from isinglass.errors import InputError
from isinglass.result import Check, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks import outcome
from isinglass.tasks.sample_system import EffectiveSamples, Observables, SampleSystem, Temperature
from isinglass.tasks.setting.temperature import check_temperature
from isinglass.tasks.task import FUNCTION, AbstractTask, Verb, setting

if TYPE_CHECKING:
    import xarray as xr

    from isinglass.sampling.chain.sampler import AbstractEnsemble, AbstractSampler
    from isinglass.systems.own_energy import OwnEnergy

    Chains = str | AbstractSampler | AbstractEnsemble
else:
    Chains = Any

__all__ = ["SampleFunction"]

CHAINS = ("auto", "hmc", "nuts", "random_walk", "mala", "tempering")
LOST = 1e6  # times as far as the starts
NEAR = 512  # places near samples at which the energy has to be a number
EACH, MANY = 4, 16  # entries of x whose R-hat and effective samples, and whose means, are estimates too


@dataclass(frozen=True)
class SampleFunction(AbstractTask):
    """Markov chains of exp(-E(x) / T) / Z for a function E of JAX: E = -ln p, the constant does not matter.

        sample(0, lambda x: 0.5 * (x**2).sum(), start=jnp.zeros(3))
        sample(0, energy, start={"mu": 0.0, "sigma": 1.0}, constraints={"sigma": "positive"})

    Law: the chains agree; <z·∇U> = n for the free numbers z, U their energy with the log-determinant of x = f(z).
    """

    verb: ClassVar[Verb] = "sample"
    problem: ClassVar[tuple[str, ...]] = (FUNCTION,)
    guide: ClassVar[str] = "docs/own_problems.md"
    what: ClassVar[str] = "a function E(x) with start=x0"
    free: ClassVar[tuple[str, ...]] = ("warmup",)

    start: Any = setting(None)
    """One configuration x: an array of any shape, a number, or a dict or list of arrays; or a function key -> x."""
    constraints: Any = setting(None)
    """The range of x: "positive", (low, high) with None for no bound, "simplex", "unit_vector" or "ordered" (along the
    last axis); a list for the entries of a vector; for a dict of arrays, these by name."""
    temperature: Temperature = setting(None)
    """k_B = 1; by default 1.  Several, where there are no constraints."""
    modes: Any = setting(None)
    """Further configurations, one in each mode of p that is known: every second chain begins in one of them."""
    method: Chains = setting("auto", choices=lambda: list(CHAINS))
    """auto: Hamiltonian Monte Carlo.  In Python also a sampler of your own."""
    samples: int = 1024
    """Configurations at each temperature."""
    chains: int = 32
    """Independent Markov chains."""
    thin: int | None = None
    """Sweeps between two measurements of one chain, at first; by default what the method needs."""
    warmup: int | None = None
    """Sweeps before the first measurement; by default what the method needs."""
    effective_samples: EffectiveSamples = setting("half")
    """Double the run until this effective sample size is reached; half: of the samples; None: never."""
    max_sweeps: int = 20_000
    """Sweeps of each chain at most."""
    observables: Observables = setting(None)
    """Name -> function of a configuration x: its mean, error and effective samples; of several numbers, its values."""

    def run(
        self, key: Any, problem: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """Try the function, map x to free numbers, run the chains, and show the samples as x."""
        from isinglass.tasks.own.function_system import function_system, rows_of_starts

        begun = time.perf_counter()
        outcome.observed.check_observables(self.observables)
        temperature = check_temperature(1.0 if self.temperature is None else self.temperature)
        if len(temperature) > 1 and self.constraints is not None:
            raise InputError("one temperature where there are constraints", f"{len(temperature)}", "run it for each")
        gradient = self.method not in ("random_walk",)
        start, modes, notes = rows_of_starts(problem, self.start, self.modes)
        system = function_system(problem, start, self.constraints, modes, float(temperature[0]), gradient=gradient)
        check_names(system, self.observables)
        seen = {name: (lambda z, f=f: f(system.structured(z))) for name, f in (self.observables or {}).items()}
        inner = SampleSystem(
            temperature=temperature, method=self.method, samples=self.samples, chains=self.chains, thin=self.thin,
            warmup=self.warmup, effective_samples=self.effective_samples, max_sweeps=self.max_sweeps, start="random",
            observables=seen or None,
        )  # fmt: skip
        result = inner.run(key, system, progress=progress, checkpoint=checkpoint)
        result.notes += notes
        return self.presented(result, system, time.perf_counter() - begun)

    def presented(self, result: Result, system: "OwnEnergy", seconds: float) -> Result:
        """The result in the variables of the user."""
        plain = lambda text: text.replace("energy, order_parameter", "energy").replace("order_parameter", "energy")  # noqa: E731
        estimates = {plain(name): e for name, e in result.estimates.items() if self.is_shown(name, system)}
        found = [replace(c, law=plain(c.law)) for c in result.checks]
        arrays, undefined = in_own_variables(result.arrays, system)
        settings = {name: result.settings[name] for name in ("method", "temperature", *PLANNED)}
        named = {"energy": getattr(system.rule, "__name__", "function"), "variables": list(system.names)}
        made = replace(result, estimates=estimates, arrays=arrays, seconds=seconds, settings=named | settings,
                       checks=[*found, *undefined], figures=[], status=plain(result.status),
                       notes=[plain(note) for note in result.notes])  # fmt: skip
        made.checks += self.tails(made, system)
        made.notes += advice(made, system)
        return made

    def tails(self, result: Result, system: "OwnEnergy") -> list[Check]:
        """Whether what is averaged has a mean: entries of x, and observables."""
        columns = {}
        for name in (*held_names(result, system), *(self.observables or ())):
            if name in result.arrays and "sample" in result.arrays[name].dims:
                rows = result.arrays[name].to_numpy().reshape(result.arrays.sizes["sample"], -1)
                columns["x" if name == "configurations" else name] = rows[:, :MANY].astype(float)
        return checks.sampling.light_tails(columns)

    def is_shown(self, name: str, system: "OwnEnergy") -> bool:
        """Whether an estimate is one of the result: not U(z), and of many entries of x none: the arrays hold them."""
        entries, word = system.coordinates() or {}, name.rpartition("/")[2]
        detail = name.startswith(("effective_sample_size/", "r_hat/"))
        return word != "energy" and (word not in entries or len(entries) <= (EACH if detail else MANY))


PLANNED = ("samples", "chains", "thin", "warmup", "effective_samples", "max_sweeps")


def check_names(system: "OwnEnergy", observables: Mapping[str, Any] | None) -> None:
    """Errors: InputError for arrays of x, or observables, whose name the result has for something else."""
    numbers = set(system.coordinates() or ())
    taken = outcome.observed.TAKEN - {"configurations"}
    if wrong := ({*system.names} | numbers) & taken:
        raise InputError("names in the start that the result does not use itself", ", ".join(wrong), "rename them")
    if wrong := set(observables or ()) & ({*system.names} | numbers):
        raise InputError("observables with names that x does not have", ", ".join(wrong), "rename them")


def in_own_variables(arrays: "xr.Dataset", system: "OwnEnergy") -> tuple["xr.Dataset", list[Check]]:
    """x in place of the free numbers z, E(x) in place of U(z); and the check that E is a number near the samples."""
    import jax
    import jax.numpy as jnp

    kept = arrays.drop_vars([n for n in map(str, arrays) if n in ("configurations", "energy") or "mean_energy" in n
                             or n.endswith("_size_energy") or n.endswith("r_hat_energy")])  # fmt: skip
    kept = kept.rename({n: n.replace("order_parameter", "energy") for n in map(str, kept) if "order_parameter" in n})
    if "configurations" not in arrays:
        return kept, []
    z = jnp.asarray(arrays["configurations"].to_numpy(), float)
    parts = jax.lax.map(lambda z: system.parts(z)[0], z, batch_size=min(4096, len(z)))
    for name, x in zip(system.names, parts, strict=True):
        called = "configurations" if system.names == ("x",) else name
        axes = tuple(f"{'' if called == 'configurations' else name + '_'}axis_{i}" for i in range(x.ndim - 1))
        kept[called] = (("sample", *axes), np.asarray(x), {"kind": "real"})
    near = z[-NEAR:] + jnp.std(z, axis=0, keepdims=True) * jax.random.normal(jax.random.key(2), z[-NEAR:].shape)
    E = np.asarray(jax.lax.map(system.own_energy, near, batch_size=min(NEAR, len(near))))
    law = "the energy is a number near the samples: of places that are NaN"
    if np.isnan(E).any():
        law += " (give +inf where p = 0, or keep x in its range by constraints)"
    return kept, [Check.at_most(law, float(np.isnan(E).sum()), 0.0)]


def advice(result: Result, system: "OwnEnergy") -> list[str]:
    """What a run that failed may have been given by mistake."""
    import jax.numpy as jnp

    found = []
    virial = [c.measured for c in result.checks if c.law.startswith("virial") and c.measured is not None]
    wide = [np.abs(result.arrays[name].to_numpy()).max(initial=0.0) for name in held_names(result, system)]
    lost = max(wide, default=0.0) > LOST * float(jnp.max(jnp.abs(system.starts)) + jnp.max(system.width))
    if result.verdict == "fail" and (lost or min(virial, default=1.0) < 0.2):
        found.append("The energy hardly rises far away: p = exp(-E/T) may not be normalizable.  If the function is a "
                     "log density, give its negative.")  # fmt: skip
    return found


def held_names(result: Result, system: "OwnEnergy") -> list[str]:
    """Variables of the result that hold x."""
    return [name for name in ("configurations", *system.names) if name in result.arrays]
