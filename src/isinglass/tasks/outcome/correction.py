# SPDX-License-Identifier: Apache-2.0
"""Samples of a network made exact, by Metropolis or by weights, with their ESS and the traps of the method."""

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Float, Int, Shaped

from isinglass import checks, nets, sampling, systems
from isinglass.errors import InputError
from isinglass.result import Check, Estimate, Result
from isinglass.stats.weights import forward_ess_fraction
from isinglass.tasks.outcome.observed import along_chains, by_weights, finite_observables, numbers, observed
from isinglass.tasks.sample_system import SampleSystem

if TYPE_CHECKING:
    from isinglass.nets.density import AbstractDensity
    from isinglass.sampling.learned import LearnedSampler
    from isinglass.systems.system import AbstractSystem
    from isinglass.tasks.sample_by_model import SampleByModel

__all__ = ["Corrected", "Samples", "corrected", "measured", "samples_of"]


class Corrected(NamedTuple):
    """Samples, with their estimates, checks and notes."""

    x: Shaped[np.ndarray, "R M *site"]
    values: dict[str, Shaped[np.ndarray, "R M *part"]]  # the observables
    estimates: dict[str, Estimate]
    checks: list[Check]
    proposals: xr.Dataset  # ln w and the observables of each sample of the network


class Samples(NamedTuple):
    """Configurations and the chain that each is from."""

    rows: Shaped[np.ndarray, "n *site"]
    chain: Int[np.ndarray, " n"]


def samples_of(given: Any, system: "AbstractSystem") -> Samples:
    """The samples of a result of `sample`, at the system's temperature; or of an array [n, *site] or [R, M, *site].

    Errors: InputError for those of another shape, or none.
    """
    if isinstance(given, Result):
        table = given.arrays
        here = np.isclose(table["temperature"].to_numpy(), 1 / float(system.beta))
        rows, chain = table["configurations"].to_numpy()[here], table["chain"].to_numpy()[here]
    else:
        x = np.asarray(given)
        if x.dtype.kind not in "iuf" or x.ndim <= len(system.shape):
            raise InputError(f"samples [n, {', '.join(map(str, system.shape))}]", f"shape {x.shape}", "give an array")
        rows = x.reshape(-1, *x.shape[x.ndim - len(system.shape) :])
        chain = np.arange(len(rows)) // (x.shape[1] if x.ndim == len(system.shape) + 2 else 1)
    if rows.shape[1:] != tuple(system.shape) or not len(rows):
        expected = f"samples of shape {tuple(system.shape)} at T = {1 / float(system.beta):.6g}"
        raise InputError(expected, f"{len(rows)} of shape {rows.shape[1:]}", "sample this system")
    return Samples(rows, chain)


def corrected(key, trained: "LearnedSampler", system: "AbstractSystem", task: "SampleByModel") -> Corrected:
    """Samples [R, M], made exact by Metropolis or by weights (then resampled to equal ones); verdict and traps."""
    model = trained.model
    if task.correct == "none":
        return uncorrected(key, trained, system, task)
    if not isinstance(model, nets.AbstractDensity):
        raise InputError("a sampler that knows its density", type(model).__name__, "use correct='none'")
    key_draw, key_accept, key_target = jax.random.split(key, 3)
    weighted, seconds = weighted_samples(key_draw, model, system, task)
    values = observed(task.observables, weighted.x, len(system.shape))
    cost, correct = sampling.Cost(seconds, trained.seconds), metropolis if task.correct == "metropolis" else weights
    x, kept, estimates = correct(key_accept, weighted, values, system, cost, task)
    found = [checks.target_finite(weighted.log_weight), checks.light_weights(weighted.log_weight)]
    found += finite_observables(values)
    if found[0].verdict == "pass" and task.reference is not None:  # else no Monte Carlo detects a lost mode
        of_target = weights_of_target(key_target, model, system, task.reference)
        found.append(checks.modes_kept(weighted.log_weight, of_target))
        if not isinstance(task.reference, str):
            estimates["forward_ess_fraction"] = sampling.weight.importance.estimate(forward_ess_fraction, of_target)
    return Corrected(x, kept, estimates, found, proposals(weighted, values))


def weighted_samples(
    key, model: "AbstractDensity", system: "AbstractSystem", task: "SampleByModel"
) -> tuple[Any, float]:
    """Weighted samples of the network and the seconds they took, without compilation where there are several chunks."""
    n, chunk = task.proposals, task.chunk
    if chunk is not None and chunk < n:
        sampling.importance_sample(key, model, system, chunk, chunk=chunk)
    begun = time.perf_counter()
    weighted = sampling.importance_sample(key, model, system, n, chunk=chunk)
    return weighted, time.perf_counter() - begun


def metropolis(key, weighted: Any, values: Any, system: "AbstractSystem", cost: Any, task: "SampleByModel") -> tuple:
    """The weighted samples as proposals of independence Metropolis."""
    walked = sampling.metropolize(key, weighted._replace(x=(weighted.x, values)), task.chains)
    x, series = jax.tree.map(lambda a: a[:, task.warmup :], walked.x)
    each = walked.accepted.mean(axis=1)
    spread = float(each.std(ddof=1) / len(each) ** 0.5) if len(each) > 1 else None
    rate, log_z = Estimate(float(each.mean()), spread), sampling.log_partition_function(weighted)
    judged = numbers(series, 2) or dict(zip(("energy", "order_parameter"), measured(system, x), strict=True))
    estimates = sampling.chain_verdict(judged, cost, acceptance=rate, log_z=log_z)
    if values:
        means = {f"{name}/importance": found for name, found in by_weights(values, weighted.log_weight).items()}
        estimates |= along_chains(series) | means | {"ess_fraction": sampling.ess_fraction(weighted)}
    kept = slice(task.thin - 1, None, task.thin)
    return x[:, kept], {name: f[:, kept] for name, f in series.items()}, estimates


def weights(key, weighted: Any, values: Any, system: "AbstractSystem", cost: Any, task: "SampleByModel") -> tuple:
    """The weighted samples, resampled in proportion to their weights."""
    rows = sampling.resample(key, weighted, task.samples)
    estimates = sampling.weighted_verdict(weighted, cost) | by_weights(values, weighted.log_weight)
    return weighted.x[rows][None], {name: f[rows][None] for name, f in values.items()}, estimates


def uncorrected(key, trained: "LearnedSampler", system: "AbstractSystem", task: "SampleByModel") -> Corrected:
    """Samples of the network as they are: of its own law, not of the system's."""
    begun = time.perf_counter()
    x = np.asarray(trained.model.sample(key, task.samples))[None]
    seconds = {"sampling_seconds": time.perf_counter() - begun, "training_seconds": trained.seconds}
    law = "samples follow exp(-E/T)/Z (not corrected, they follow the network)"
    values = observed(task.observables, x, len(system.shape))
    said = {name: Estimate(s, unit="s") for name, s in seconds.items()}
    means = by_weights({name: f[0] for name, f in values.items()}, np.zeros(x.shape[1]))
    return Corrected(x, values, said | means, [Check(law, None, None, None, "unknown")], xr.Dataset())


def proposals(weighted: Any, values: Any) -> xr.Dataset:
    """ln w and the observables of each sample of the network."""
    found: dict[str, Any] = {"log_weight": ("proposal", weighted.log_weight)}
    for name, f in values.items():
        found[f"proposed_{name}"] = (("proposal", *(f"{name}_axis_{i}" for i in range(f.ndim - 1))), f)
    return xr.Dataset(found)


def weights_of_target(key, model: "AbstractDensity", system: "AbstractSystem", reference: Any) -> Float[Any, "R M"]:
    """ln w [R, M] at samples of the target itself; by default a few of each of 64 Markov chains, scattered at first."""
    if isinstance(reference, str):
        task = SampleSystem(samples=256, chains=64, start="random", effective_samples=None)
        reference = task.run(key, system)
    x, chain = samples_of(reference, system)
    number = nets.number_type(model)

    def log_weight(x):
        log_q = model.log_prob(x.astype(number) if system.variable.continuous else x)
        return sampling.log_target(system, x) - log_q.astype(float)

    values = np.asarray(jax.jit(lambda x: jax.lax.map(log_weight, x, batch_size=256))(jnp.asarray(x)), float)
    groups = [values[chain == c] for c in np.unique(chain)]
    least = min(map(len, groups))
    return np.stack([group[:least] for group in groups])


def measured(system: "AbstractSystem", x: Any) -> tuple[Any, Any]:
    """E and order parameter of [R, M] configurations, in double precision."""
    wide = sampling.wide
    unit = systems.at_unit_beta(system)
    both = lambda x: (unit.energy(wide(x)), unit.order_parameter(wide(x)))  # noqa: E731
    rows = jnp.asarray(x).reshape(-1, *x.shape[2:])
    E, m = jax.jit(lambda rows: jax.lax.map(both, rows, batch_size=1024))(rows)
    return np.asarray(E).reshape(x.shape[:2]), np.asarray(m).reshape(x.shape[:2])
