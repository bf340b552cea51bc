# SPDX-License-Identifier: Apache-2.0
"""The verbs: validate, run a method, check, return a Result.  The only place where methods and checks meet."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from isinglass.checks.agreement import agreement
from isinglass.checks.generative import light_weights, modes_kept, target_finite
from isinglass.checks.sampling import convergence_checks, energy_checks
from isinglass.data.configurations import Configurations
from isinglass.data.draws import to_arrays
from isinglass.errors import InputError
from isinglass.nets.density import AbstractDensity, AbstractGenerator
from isinglass.nets.flow.flow import number_type
from isinglass.result import Check, Estimate, Result
from isinglass.sampling import learned
from isinglass.sampling.chain.sampler import AbstractEnsemble, AbstractSampler
from isinglass.sampling.choice import choose, default_plan, is_frustrated
from isinglass.sampling.ensemble.diagnosis import diagnose
from isinglass.sampling.ensemble.driver import Draws, Plan, draw
from isinglass.sampling.ensemble.start import Start, starts
from isinglass.sampling.weight.importance import importance_sample, log_partition_function, log_target, resample, wide
from isinglass.sampling.weight.independence import metropolize
from isinglass.sampling.weight.verdict import Cost, chain_verdict, weighted_verdict
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.quantum_numbers import QuantumNumbers
from isinglass.systems.system import AbstractLatticeSystem, AbstractSystem, at_temperatures

__all__ = ["Progress", "approximate", "infer", "sample"]

Progress = Callable[[int, int, str], None]
Correction = Literal["metropolis", "weights", "none"]


def sample(
    key,
    system: AbstractSystem,
    temperature: Float[np.ndarray, " T"] | float | None = None,
    *,
    method: str | AbstractSampler | AbstractEnsemble | AbstractGenerator = "auto",
    model: Path | None = None,
    correct: Correction = "metropolis",
    preset: str = "laptop",
    start: Start | None = None,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
    **plan: Any,
) -> Result:
    """Draw configurations from exp(-E(x) / T) / Z at each temperature; by default at the system's own.

    `plan` is that of `isinglass.sampling.ensemble.driver.Plan`: samples, chains, thin, warmup, effective_samples ....
    A learned `method` (flow, autoregressive, diffusion, or a trained model) draws at one temperature, is trained as
    `preset` says unless the folder `model` holds it already, and is made exact by `correct`.
    Law: chains are independent; energies agree with the exact ones, where those are known.
    Errors: InputError for an impossible temperature, method or plan.
    """
    temperature = 1.0 / np.asarray(system.beta, float) if temperature is None else temperature
    if isinstance(method, AbstractGenerator) or method in learned.METHODS or (model is not None and model.exists()):
        return sample_learned(key, system, check_temperature(temperature), method, model=model, correct=correct,
                              preset=preset, checkpoint=checkpoint, progress=progress, **plan)  # fmt: skip
    begun = time.perf_counter()
    temperature = check_temperature(temperature)
    ensemble = choose(method, system)
    plan_ = check_plan(default_plan(ensemble) | plan)
    batch = at_temperatures(system, temperature)
    begin = start or (
        "uniform"
        if isinstance(system, AbstractLatticeSystem) and system.kind != "real" and not is_frustrated(system)
        else "random"
    )
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


def sample_learned(
    key,
    system: AbstractSystem,
    temperature: Float[np.ndarray, " T"],
    method: Any,
    *,
    model: Path | None,
    correct: Correction,
    preset: str,
    checkpoint: Path | None,
    progress: Progress | None,
    samples: int = 200,
    chains: int = 16,
    thin: int = 4,
    **plan: Any,
) -> Result:
    """Train or load a sampler, draw `samples` x `thin` proposals, make them exact, and say what they are worth."""
    begun = time.perf_counter()
    if len(temperature) > 1:
        raise InputError("one temperature for a learned sampler", f"{len(temperature)}", "run it once for each")
    if plan:
        raise InputError("samples, chains and thin for a learned sampler", ", ".join(plan), "leave it out")
    at = eqx.tree_at(lambda s: s.beta, system, jnp.asarray(1.0 / temperature[0]))
    key_train, key_draw = jax.random.split(key)
    trained = learned_model(key_train, at, method, model, preset, checkpoint, progress)
    learned.must_fit(trained.model, system)
    if progress is not None:
        progress(0, 1, f"drawing {samples} x {thin} times")
    if correct == "none":
        x, estimates, checks = uncorrected(key_draw, trained, samples)
    else:
        x, estimates, checks = corrected(key_draw, trained, at, correct, samples, chains, thin)
    result = Result(
        name="sample",
        estimates=estimates,
        checks=checks,
        arrays=to_arrays(as_draws(at, x), temperature, samples, system),
        models={"sampler": trained.model},
        settings={"system": describe(system), "method": method if isinstance(method, str) else type(method).__name__,
                  "temperature": temperature, "correct": correct, "preset": preset, "samples": samples,
                  "chains": chains, "thin": thin},
        seconds=time.perf_counter() - begun,
        status=trained.status if trained.diverged else "done",
        figures=["samples"],
    )  # fmt: skip
    if trained.diverged:
        result.notes.append(f"training {trained.status}: the last good weights were used; use a smaller learning rate")
        result.checks.append(Check("training stays finite", None, None, None, "fail"))
    return result


def corrected(
    key, trained: learned.Learned, system: AbstractSystem, correct: Correction, samples: int, chains: int, thin: int
) -> tuple[Any, dict[str, Estimate], list[Check]]:
    """Draws [R, M], made exact by Metropolis or by weights (then resampled to equal ones); verdict and traps."""
    model = trained.model
    if not isinstance(model, AbstractDensity):
        raise InputError("a sampler that knows its density", type(model).__name__, "use --correct none")
    key_draw, key_accept, key_target = jax.random.split(key, 3)
    begun = time.perf_counter()
    weighted = importance_sample(key_draw, model, system, chains * thin * -(-samples // chains))
    log_weight, cost = weighted.log_weight, Cost(time.perf_counter() - begun, trained.seconds)
    if correct == "weights":
        x, found = weighted.x[resample(key_accept, weighted, samples)][None], weighted_verdict(weighted, cost)
    else:
        walked = metropolize(key_accept, weighted, chains)
        each = walked.accepted.mean(axis=1)
        rate = Estimate(float(each.mean()), float(each.std(ddof=1) / len(each) ** 0.5))
        x = walked.x[:, thin - 1 :: thin]
        energy, order = measured(system, walked.x)
        series = {"energy": energy, "order_parameter": order}
        found = chain_verdict(series, cost, acceptance=rate, log_z=log_partition_function(weighted))
    checks = [target_finite(log_weight), light_weights(log_weight)]
    if checks[0].verdict == "pass":  # else no Monte Carlo can tell what is lost
        checks.append(modes_kept(log_weight, weights_of_target(key_target, model, system)))
    return x, found, checks


def uncorrected(key, trained: learned.Learned, samples: int) -> tuple[Any, dict[str, Estimate], list[Check]]:
    """Draws of the model as they are: of its own law, not of the system's."""
    begun = time.perf_counter()
    x = np.asarray(trained.model.sample(key, samples))[None]
    seconds = {"sampling_seconds": time.perf_counter() - begun, "training_seconds": trained.seconds}
    law = "draws follow exp(-E/T)/Z (they follow the model; correct them to be sure)"
    return x, {name: Estimate(s, unit="s") for name, s in seconds.items()}, [Check(law, None, None, None, "unknown")]


def as_draws(system: AbstractSystem, x: Any) -> Draws:
    """[R, M] configurations with energies and order parameters, as a run of one temperature."""
    energy, order = (values[None] for values in measured(system, x))
    diagnosis = diagnose(energy, order, energy.size)
    return Draws(np.asarray(x)[None], energy, order, 1, 1, x.shape[1], diagnosis, "done", np.full(1, np.nan), np.nan)


def learned_model(key, system, method, folder: Path | None, preset: str, checkpoint, progress) -> learned.Learned:
    """The model that was given, or the saved one, or one trained now, and saved where a folder is named."""
    from isinglass.run.model_file import load_model, save_model

    if isinstance(method, AbstractGenerator):
        return learned.Learned(method, None, "given", 0.0)
    if folder is not None and folder.exists():
        return learned.Learned(load_model(folder), None, "loaded", 0.0)
    if preset not in learned.RECIPES:
        raise InputError(f"a preset among {', '.join(learned.RECIPES)}", repr(preset), "choose one of them")
    data = None
    if learned.learns_from_data(method, system):
        data = (
            sample(jax.random.fold_in(key, 7), system, samples=4096, chains=64, progress=progress)
            .arrays["configurations"]
            .to_numpy()
        )
    made = learned.learn(
        key, system, method, learned.RECIPES[preset], data=data, checkpoint=checkpoint, progress=progress
    )
    if folder is not None:
        save_model(folder, made.model)
    return made


def weights_of_target(key, model: AbstractDensity, system: AbstractSystem) -> Float[np.ndarray, "R M"]:
    """ln w at draws of the target itself, a few from each of 64 Markov chains with scattered starts."""
    run = sample(key, system, method="auto", samples=256, chains=64, start="random", effective_samples=None)
    x = run.arrays["configurations"].to_numpy()
    chain = run.arrays["chain"].to_numpy()
    number = number_type(model)

    def log_weight(x):
        log_q = model.log_prob(x.astype(number) if system.kind in ("real", "angle") else x)
        return log_target(system, x) - log_q.astype(float)

    values = np.asarray(jax.jit(lambda x: jax.lax.map(log_weight, x, batch_size=256))(jnp.asarray(x)), float)
    return np.stack([values[chain == c] for c in np.unique(chain)])


def measured(system: AbstractSystem, x: Any) -> tuple[np.ndarray, np.ndarray]:
    """E and order parameter of [R, M] configurations, in double precision."""
    unit = eqx.tree_at(lambda s: s.beta, system, jnp.ones(()))
    both = lambda x: (unit.energy(wide(x)), unit.order_parameter(wide(x)))  # noqa: E731
    rows = jnp.asarray(x).reshape(-1, *x.shape[2:])
    E, m = jax.jit(lambda rows: jax.lax.map(both, rows, batch_size=1024))(rows)
    return np.asarray(E).reshape(x.shape[:2]), np.asarray(m).reshape(x.shape[:2])


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
    if np.isfinite(draws.acceptance).all():
        worst["acceptance"] = Estimate(float(np.min(draws.acceptance)))
    if draws.seconds > 0:  # of all temperatures together, each measurement counted, kept or not
        rate = np.sum(draws.energy[0].size / (2 * diagnosis.autocorrelation_time)) / draws.seconds
        worst["effective_samples_per_second"] = Estimate(float(rate), unit="1/s")
    return worst


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


def approximate(
    key,
    system: Hamiltonian,
    *,
    ansatz: str = "rbm",
    lattice: tuple[int, ...] | None = None,
    numbers: QuantumNumbers | None = None,
    preset: str = "laptop",
    alpha: float | None = None,
    steps: int | None = None,
    samples: int | None = None,
    tolerance: float | None = None,
    states: int = 1,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> Result:
    """The ground state of a Hamiltonian, represented by a neural state; its energy is never below the exact one.

    Where the space has at most 2^16 states the exact energy stands beside it.  Ansatz `exact`: the lowest `states`
    levels by Lanczos.  `lattice`: the sides of the torus that the sites fill in C order, for ansaetze that know it; by
    default a ring.  `numbers`: the quantum numbers of the state (`systems.quantum_numbers`): the lowest state that has
    them, in its block, or by projection of the neural state.  The optimization ends early once <H> falls by less than
    `tolerance` |<H>| in 50 steps, twice.
    Errors: InputError for an unknown ansatz or preset, or a space that the ansatz does not fit; ValueError for a space
    too large for `exact`, with the memory that it would need.
    """
    from isinglass.ground_state import exact_levels, neural_ground_state

    if ansatz == "exact":
        return exact_levels(key, system, states, progress, numbers)
    given = {"alpha": alpha, "steps": steps, "samples": samples, "tolerance": tolerance}
    return neural_ground_state(
        key, system, ansatz, preset, given, lattice, numbers, checkpoint=checkpoint, progress=progress
    )
