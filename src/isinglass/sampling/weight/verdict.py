# SPDX-License-Identifier: Apache-2.0
"""Quality of any sampler, learned or not, under common names, so that methods can be compared.

The effective sample size is that of the worst observable given.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from isinglass.result import Estimate
from isinglass.sampling.weight.importance import Weighted, log_partition_function
from isinglass.stats import weights
from isinglass.stats.autocorrelation import integrated_time
from isinglass.stats.convergence import multichain_ess, rhat, split_chains

__all__ = ["Cost", "chain_verdict", "weighted_verdict"]


class Cost(NamedTuple):
    """Wall-clock seconds with compilation, of training and of sampling."""

    sampling: float
    training: float = 0.0


def chain_verdict(
    observables: Mapping[str, Float[np.ndarray, "R M"]],
    cost: Cost,
    *,
    acceptance: Estimate | None = None,
    log_z: Estimate | None = None,
    thin: int = 1,
) -> dict[str, Estimate]:
    """Estimates for R Markov chains with M measurements of each observable, `thin` steps apart.

    Effective sample size with an error over chains where there are four or more.  Autocorrelation time in steps,
    integrated, ½ for independent draws.
    """
    series = {name: jnp.asarray(np.atleast_2d(x), float) for name, x in observables.items()}
    sizes = {name: effective_size(x) for name, x in series.items()}
    worst = min(sizes, key=lambda name: sizes[name].value)
    size, n = sizes[worst], series[worst].size
    times = np.asarray(jax.jit(jax.vmap(lambda x: integrated_time(x).tau))(series[worst]))
    tau = float(max(n / (2 * size.value), 0.5 if size.value >= n else times.mean()))
    error = relative_error(size) * tau
    found = common(size, cost, Estimate(tau * thin, error * thin, "steps"), acceptance, log_z)
    found["r_hat"] = Estimate(max(float(jax.jit(rhat)(x)) for x in series.values()))
    return found


def weighted_verdict(
    weighted: Weighted, cost: Cost, values: Mapping[str, Float[np.ndarray, " n"]] | None = None
) -> dict[str, Estimate]:
    """Estimates for independent samples with importance weights: n times ESS/n, autocorrelation time ½.

    With `values`, the effective sample size is that of the worst observable: Var_p f / error(<f>)².
    The acceptance is that of independence Metropolis, from all pairs of weights.
    """
    n = len(weighted.log_weight)
    log_weight = jnp.asarray(weighted.log_weight)
    share, share_error = map(float, jax.jit(weights.ess_fraction)(log_weight))
    accepted = split_estimate(jax.jit(weights.acceptance_of_weights), log_weight)
    sizes = [n * share, *(observable_size(np.asarray(f, float), log_weight) for f in (values or {}).values())]
    size = Estimate(min(sizes), min(sizes) * share_error / share if share > 0 else None)
    found = common(size, cost, Estimate(0.5, 0.0, "steps"), accepted, log_partition_function(weighted))
    found["ess_fraction"] = Estimate(share, share_error)
    return found


def common(
    size: Estimate, cost: Cost, tau: Estimate, acceptance: Estimate | None, log_z: Estimate | None
) -> dict[str, Estimate]:
    """The estimates common to all methods; unknown ones are left out."""
    rate = size.value / cost.sampling
    known = {"acceptance": acceptance, "log_partition_function": log_z}
    return {
        "effective_sample_size": size,
        "effective_samples_per_second": Estimate(rate, relative_error(size) * rate, "1/s"),
        "autocorrelation_time": tau,
        **{name: estimate for name, estimate in known.items() if estimate is not None},
        "sampling_seconds": Estimate(cost.sampling, unit="s"),
        "training_seconds": Estimate(cost.training, unit="s"),
    }


def effective_size(x: Float[jax.Array, "R M"]) -> Estimate:
    """Effective sample size of all chains, at most R M, with the error from four groups of chains."""
    R, M = x.shape
    size = lambda x: jnp.minimum(multichain_ess(split_chains(x)), x.size)  # noqa: E731
    value = float(jax.jit(size)(x))
    if R < 4:
        return Estimate(value)
    parts = x[: R - R % 4].reshape(4, -1, M)
    each = np.asarray(jax.jit(jax.vmap(size))(parts))
    return Estimate(value, float(value * each.std(ddof=1) / each.mean() / 2))


def relative_error(estimate: Estimate) -> float:
    """error / value; NaN where the error is unknown."""
    return float("nan") if estimate.error is None or estimate.value == 0 else estimate.error / estimate.value


def observable_size(f: Float[np.ndarray, " n"], log_weight: Float[jax.Array, " n"]) -> float:
    """Effective sample size of one observable, Var_p f / error(<f>)²."""
    mean, error = jax.jit(weights.self_normalized_mean)(jnp.asarray(f), log_weight)
    square = jax.jit(weights.self_normalized_mean)(jnp.asarray((f - float(mean)) ** 2), log_weight)[0]
    return float(square / error**2) if float(error) > 0 else float(len(f))


def split_estimate(statistic: Callable, x: Float[jax.Array, " n"], parts: int = 10) -> Estimate:
    """A statistic with its error from `parts` parts of the samples."""
    each = np.array([float(statistic(x[i : len(x) - len(x) % parts : parts])) for i in range(parts)])
    return Estimate(float(statistic(x)), float(each.std(ddof=1) / parts**0.5))
