# SPDX-License-Identifier: Apache-2.0
"""The verbs: validate, run a method, check, return a Result.  The only place where methods and checks meet."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jaxtyping import Float

from isinglass.checks.agreement import agreement
from isinglass.checks.sampling import convergence_checks, energy_checks
from isinglass.data.configurations import Configurations
from isinglass.errors import InputError
from isinglass.result import Estimate, Result
from isinglass.sampling.choice import choose, default_plan, is_frustrated
from isinglass.sampling.driver import Draws, Plan, draw
from isinglass.sampling.sampler import AbstractEnsemble, AbstractSampler
from isinglass.sampling.start import Start, starts
from isinglass.systems.system import AbstractPairSystem, AbstractSystem, at_temperatures

__all__ = ["Progress", "infer", "sample"]

Progress = Callable[[int, int, str], None]


def sample(
    key,
    system: AbstractSystem,
    temperature: Float[np.ndarray, " T"] | float,
    *,
    method: str | AbstractSampler | AbstractEnsemble = "auto",
    start: Start | None = None,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
    **plan: Any,
) -> Result:
    """Draw configurations from exp(-E(x) / T) / Z at each temperature.

    `plan` is that of `isinglass.sampling.driver.Plan`: samples, chains, thin, warmup, effective_samples, max_sweeps.
    Law: chains are independent; energies agree with the exact ones, where those are known.
    Errors: InputError for an impossible temperature, method or plan.
    """
    begun = time.perf_counter()
    temperature = check_temperature(temperature)
    ensemble = choose(method, system)
    plan_ = check_plan(default_plan(ensemble) | plan)
    batch = at_temperatures(system, temperature)
    begin = start or ("random" if is_frustrated(system) else "uniform")
    x = starts(jax.random.fold_in(key, 0), system, len(temperature), plan_.chains, begin)
    draws = draw(jax.random.fold_in(key, 1), ensemble, batch, x, plan_, checkpoint=checkpoint, progress=progress)
    n_sites = float(np.prod(system.shape[:2] if "gauge" in system.symmetries else system.shape))
    result = Result(
        name="sample",
        estimates=sampling_estimates(draws),
        checks=convergence_checks(draws.diagnosis.r_hat, draws.diagnosis.effective_samples, plan_.effective_samples)
        + energy_checks(draws.energy / n_sites, system.exact_energy(temperature)),
        arrays=to_arrays(draws, temperature, plan_.samples, system),
        settings={"system": describe(system), "method": describe(ensemble), "temperature": temperature, "start": begin}
        | {name: getattr(plan_, name) for name in plan_.__dataclass_fields__},
        seconds=time.perf_counter() - begun,
        status=draws.status,
        figures=["samples"],
    )
    if draws.status != "done":
        result.notes.append(draws.status)
    return result


def check_temperature(temperature: Any) -> Float[np.ndarray, " T"]:
    """One or more positive temperatures, ascending."""
    temperature = np.atleast_1d(np.asarray(temperature, float))
    if temperature.ndim != 1 or not np.isfinite(temperature).all() or (temperature <= 0).any():
        raise InputError("positive, finite temperatures", f"{temperature.tolist()}", "try 1.5:3.5:41")
    return np.unique(temperature)


def check_plan(plan: dict[str, Any]) -> Plan:
    """A plan that can be carried out; unless told otherwise, half of the samples are to be effective ones."""
    unknown = set(plan) - set(Plan.__dataclass_fields__)
    if unknown:
        raise InputError(f"settings among {', '.join(Plan.__dataclass_fields__)}", ", ".join(unknown), "mend the name")
    made = Plan(**plan)
    made = replace(made, chains=max(1, min(made.chains, made.samples)))
    for name, least in (("samples", 1), ("chains", 1), ("thin", 1), ("warmup", 0), ("max_sweeps", 1)):
        if getattr(made, name) < least:
            raise InputError(f"{name} of at least {least}", str(getattr(made, name)), "choose a larger number")
    if "effective_samples" not in plan:
        made = replace(made, effective_samples=made.samples / 2)
    wanted = made.effective_samples
    if wanted is not None and not 0 < wanted <= made.samples:
        raise InputError(f"effective_samples between 0 and samples = {made.samples}", str(wanted), "raise samples")
    return made


def sampling_estimates(draws: Draws) -> dict[str, Estimate]:
    """The worst temperature of each kind."""
    diagnosis = draws.diagnosis
    worst = {
        "effective_sample_size": Estimate(float(np.min(diagnosis.effective_samples))),
        "sweeps": Estimate(float(draws.sweeps)),
    }
    if np.isfinite(diagnosis.r_hat).all():
        worst["r_hat"] = Estimate(float(np.max(diagnosis.r_hat)))
        tau = float(np.max(diagnosis.autocorrelation_time)) * draws.thin
        worst["autocorrelation_time"] = Estimate(tau, unit="sweeps")
    return worst


def to_arrays(draws: Draws, temperature: Float[np.ndarray, " T"], samples: int, system: AbstractSystem):
    """The draws as a table of samples, temperature by temperature, and the diagnosis per temperature."""
    import xarray as xr

    T, R, D = draws.x.shape[:3]
    there = slice(draws.stride - 1, None, draws.stride)  # measurements at which a configuration was kept
    channels = not isinstance(system, AbstractPairSystem)  # variables on links: several at each lattice site
    site = tuple(f"axis_{i}" for i in range(draws.x.ndim - 3))
    rows = lambda a: np.swapaxes(a, 1, 2).reshape(T, D * R, *a.shape[3:])[:, :samples].reshape(-1, *a.shape[3:])  # noqa: E731
    label = lambda a: rows(np.broadcast_to(a, (T, R, D)))  # noqa: E731
    return xr.Dataset(
        {
            "configurations": (("sample", *site), rows(draws.x), {"kind": system.kind, "channels": int(channels)}),
            "temperature": ("sample", label(temperature[:, None, None])),
            "chain": ("sample", label(np.arange(R)[None, :, None])),
            "draw": ("sample", label(np.arange(D)[None, None, :])),
            "energy": ("sample", rows(draws.energy[:, :, there])),
            "order_parameter": ("sample", rows(draws.order[:, :, there])),
            "effective_sample_size": ("point", draws.diagnosis.effective_samples),
            "r_hat": ("point", draws.diagnosis.r_hat),
            "autocorrelation_time": ("point", draws.diagnosis.autocorrelation_time * draws.thin),
        },
        coords={"point": ("point", temperature)},
    )


def describe(module: Any) -> dict[str, Any]:
    """A system or method in words and plain numbers, for the record."""
    fields = {}
    for name in module.__dataclass_fields__:
        value = getattr(module, name)
        if hasattr(value, "__dataclass_fields__"):
            value = describe(value)
        elif hasattr(value, "shape") and np.size(value) > 16:
            continue
        fields[name] = value
    return {"class": type(module).__name__, **fields}


def infer(
    key,
    data: Result | Configurations,
    *,
    preset: str = "laptop",
    progress: Progress | None = None,
    checkpoint: Path | None = None,
    **settings: Any,
) -> Result:
    """Find the phase transition hidden in configurations: the control parameter at which their law changes.

    `settings` are those of `isinglass.inference.phases.locate.Locate`.  It is told no critical value.  It takes
    seconds, so that `checkpoint` is not used.
    """
    from isinglass.data.files import from_dataset
    from isinglass.inference.phases.confusion import Confusion
    from isinglass.inference.phases.locate import Locate, locate

    begun = time.perf_counter()
    if isinstance(data, Result):
        if "configurations" not in data.arrays:
            raise InputError("a result that holds configurations", "none", "give one that `sample` returned")
        data = from_dataset(data.arrays)
    if progress is not None:
        progress(0, 1, f"{data.n} configurations of {' x '.join(map(str, data.shape))}: correlations and networks")
    repeats, steps = {"smoke": (1, 200), "paper": (8, 1000)}.get(preset, (2, 400))
    chosen: dict[str, Any] = {"confusion": Confusion(repeats=repeats, steps=steps)} | settings
    result = locate(key, data, Locate(**chosen))
    name = f"critical_{data.parameter_name}"
    if name in result.estimates:
        readings = {k: e for k, e in result.estimates.items() if k.startswith(f"{name}/")}
        if data.kind == "angle":  # vortices unbind below the temperature at which the networks see most change
            readings = {k: e for k, e in readings.items() if k.endswith("correlation_length")}
        result.checks.append(agreement(readings, result.estimates[name], name=name.replace("_", " ")))
    result.seconds = time.perf_counter() - begun
    return result
