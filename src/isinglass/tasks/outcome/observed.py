# SPDX-License-Identifier: Apache-2.0
"""Observables of samples, f(x): columns of the table, and means with errors along chains or by weights."""

from collections.abc import Callable, Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Float, Shaped

from isinglass.checks.sampling import finite_draws
from isinglass.errors import InputError
from isinglass.result import Check, Estimate
from isinglass.sampling.weight.importance import estimate, evaluate
from isinglass.sampling.weight.verdict import effective_size
from isinglass.stats.weights import self_normalized_mean
from isinglass.tasks.outcome.thermal_curves import CURVE_ARRAYS

__all__ = [
    "TAKEN",
    "along_chains",
    "by_temperature",
    "by_weights",
    "check_observables",
    "columns",
    "finite_observables",
    "numbers",
    "observed",
]

CHUNK = 4096  # configurations at once
TAKEN = {  # names of arrays, dimensions and estimates of every table of samples
    "absolute_order_parameter", "acceptance", "autocorrelation_time", "chain", "configurations", "draw",
    "effective_sample_size", "effective_samples_per_second", "energy", "log_weight", "mean_energy",
    "mean_energy_error", "order_parameter", "point", "proposal", "r_hat", "sample", "sampling_seconds",
    "structure_factor_longest_wave", "structure_factor_shortest_wave", "sweeps", "temperature", "training_seconds",
    "curve", *CURVE_ARRAYS,
}  # fmt: skip
Values = dict[str, Shaped[np.ndarray, "..."]]


def check_observables(observables: Any) -> None:
    """Errors: InputError for what is no function by name, or a name that the table has already."""
    if observables is None:
        return
    if not (isinstance(observables, Mapping) and all(map(callable, observables.values()))):
        expected = "observables by name, each a function of one configuration"
        raise InputError(expected, repr(observables)[:60], "write {'m': lambda x: x.mean()}")
    if taken := {name for name in observables if name in TAKEN or name.startswith("proposed_")}:
        raise InputError("names of observables that the table does not have yet", ", ".join(taken), "rename them")


def observed(observables: Mapping[str, Callable] | None, x: Shaped[Any, "..."], sites: int) -> Values:
    """f of every configuration of x [..., *site], `sites` axes of a site; in double precision."""
    if not observables:
        return {}
    leading, rows = x.shape[: x.ndim - sites], jnp.asarray(x).reshape(-1, *x.shape[x.ndim - sites :])
    found = evaluate(lambda x: {name: f(x) for name, f in observables.items()}, rows, min(CHUNK, len(rows)))
    return {name: np.asarray(f, float).reshape(*leading, *f.shape[1:]) for name, f in found.items()}


def finite_observables(values: Values) -> list[Check]:
    """A check for those of which some value is NaN or infinite; none where all are numbers."""
    finite = {name: bool(np.isfinite(f).all()) for name, f in values.items()}
    return [] if all(finite.values()) else [finite_draws(list(finite), np.array([[fine] for fine in finite.values()]))]


def numbers(values: Values, axes: int) -> Values:
    """Those that are one number for each configuration; `axes` of them come before."""
    return {name: value for name, value in values.items() if value.ndim == axes}


def along_chains(values: Values) -> dict[str, Estimate]:
    """<f> from chains [R, M], its error from the scatter over chains, and its effective sample size."""
    found: dict[str, Estimate] = {}
    for name, series in numbers(values, 2).items():
        means = series.mean(axis=1)
        error = float(means.std(ddof=1) / len(means) ** 0.5) if len(means) > 1 else None
        found[name] = Estimate(float(means.mean()), error)
        found[f"effective_sample_size/{name}"] = effective_size(jnp.asarray(series))
    return found


def by_weights(values: Values, log_weight: Float[np.ndarray, " n"]) -> dict[str, Estimate]:
    """<f>_p = Σ w f / Σ w from weighted samples [n]."""
    return {name: estimate(self_normalized_mean, f, log_weight) for name, f in numbers(values, 1).items()}


def by_temperature(values: Values) -> xr.Dataset:
    """Mean and error of every observable at every temperature, from chains [T, R, M, ...]."""
    found = {}
    for name, series in values.items():
        means, part = series.mean(axis=2), [f"{name}_axis_{i}" for i in range(series.ndim - 3)]
        error = means.std(axis=1, ddof=1) / means.shape[1] ** 0.5 if means.shape[1] > 1 else means[:, 0] * np.nan
        found |= {
            f"mean_{name}": (("point", *part), means.mean(axis=1)),
            f"mean_{name}_error": (("point", *part), error),
        }
    return xr.Dataset(found)


def columns(values: Values, samples: int) -> xr.Dataset:
    """Chains [T, R, D, ...] as rows, one for each sample, in the order of the table of configurations."""
    found = {}
    for name, series in values.items():
        T, R, D, *part = series.shape
        rows = np.swapaxes(series, 1, 2).reshape(T, D * R, *part)[:, :samples].reshape(-1, *part)
        found[name] = (("sample", *(f"{name}_axis_{i}" for i in range(len(part)))), rows)
    return xr.Dataset(found)
