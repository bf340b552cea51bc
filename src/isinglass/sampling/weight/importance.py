# SPDX-License-Identifier: Apache-2.0
"""Importance sampling: samples of q represent p = exp(-beta E)/Z with weights w(x) = exp(-beta E(x)) / q(x).

Averages are consistent for any learned density with q > 0 wherever p > 0.
Energies and weights are float64, also where the network is float32.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.nets.density import AbstractDensity
from isinglass.result import Estimate
from isinglass.stats import weights
from isinglass.systems.system import AbstractSystem

__all__ = [
    "Weighted",
    "average",
    "bytes_of_one",
    "ess_fraction",
    "importance_sample",
    "log_partition_function",
    "log_target",
    "resample",
    "wide",
]

MEMORY = 2**30  # bytes for one chunk, where the device does not report its memory


class Weighted(NamedTuple):
    """Independent samples x_i ~ q with their weights, on the host.  ln w = -inf where p = 0."""

    x: Any  # keep(x) of each configuration, [n, ...]; by default x itself
    log_weight: Float[np.ndarray, " n"]  # ln w = -beta E(x) - ln q(x)
    log_prob: Float[np.ndarray, " n"]  # ln q(x)


def itself(x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
    """Keep the whole configuration."""
    return x


def importance_sample(
    key: Key[Array, ""],
    model: AbstractDensity,
    system: AbstractSystem,
    n: int,
    *,
    chunk: int | None = None,
    mesh: Mesh | None = None,
    keep: Callable = itself,
) -> Weighted:
    """Sample n configurations from `model` with their weights for `system`.

    Sample i uses the key fold_in(key, i).  `chunk` samples are in memory at once, by default as many as fit.
    `mesh` shards every chunk over its devices.  `keep` maps a configuration to what is kept of it, such as a few
    observables where n configurations would not fit.
    Law: the same for any chunk and any number of devices, to the round-off of float32 networks.
    """
    devices = () if mesh is None else tuple(mesh.devices.ravel())
    chunk = min(n, chunk or largest_chunk(partial(weigh_one, key, model, system, keep), jnp.zeros((), jnp.uint32)))
    chunk = -(-chunk // max(1, len(devices))) * max(1, len(devices))
    parts = [
        jax.device_get(weigh(key, jnp.uint32(first), model, system, keep, chunk, devices))
        for first in range(0, n, chunk)
    ]
    return Weighted(*jax.tree.map(lambda *leaves: np.concatenate(leaves)[:n], *parts))


@eqx.filter_jit
def weigh(key, first, model: AbstractDensity, system: AbstractSystem, keep: Callable, size: int, devices: tuple) -> Any:
    """Samples `first` to `first` + size - 1 with weights, in one compiled program."""
    index = first + jnp.arange(size, dtype=jnp.uint32)
    if devices:
        along = NamedSharding(Mesh(np.array(devices), ("draws",)), PartitionSpec("draws"))
        index = jax.lax.with_sharding_constraint(index, along)
    return jax.vmap(partial(weigh_one, key, model, system, keep))(index)


def weigh_one(key, model: AbstractDensity, system: AbstractSystem, keep: Callable, index: Shaped[Array, ""]) -> tuple:
    """One sample: keep(x), ln w(x), ln q(x)."""
    x, log_q = model.draw_with_log_prob(jax.random.fold_in(key, index))
    log_q = log_q.astype(float)
    return keep(x), log_target(system, x) - log_q, log_q


def wide(x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
    """Real variables in double precision; discrete ones unchanged."""
    return x.astype(float) if jnp.issubdtype(x.dtype, jnp.floating) else x


def log_target(system: AbstractSystem, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
    """-beta E(x), in double precision."""
    return system.log_weight(wide(x)).astype(float)


def largest_chunk(one: Callable, *example: Any) -> int:
    """As many evaluations of `one` as fit a quarter of the device's memory, or a GiB where it is unknown."""
    limit = (jax.devices()[0].memory_stats() or {}).get("bytes_limit")
    return max(1, (limit // 4 if limit else MEMORY) // bytes_of_one(one, *example))


def bytes_of_one(one: Callable, *example: Any) -> int:
    """The size of all intermediate results of one evaluation: an upper bound on its memory, without executing it."""

    def total(jaxpr) -> int:
        size = 0
        for equation in jaxpr.eqns:
            size += sum(v.aval.size * v.aval.dtype.itemsize for v in equation.outvars if hasattr(v.aval, "size"))
            for inner in jax.tree.leaves(equation.params, is_leaf=lambda p: hasattr(p, "eqns") or hasattr(p, "jaxpr")):
                size += (
                    total(getattr(inner, "jaxpr", inner)) if hasattr(inner, "eqns") or hasattr(inner, "jaxpr") else 0
                )
        return size

    return max(1, total(jax.make_jaxpr(one)(*example).jaxpr))


def log_partition_function(weighted: Weighted) -> Estimate:
    """ln Z = ln <w>_q."""
    return estimate(weights.log_mean_weight, weighted.log_weight)


def ess_fraction(weighted: Weighted) -> Estimate:
    """ESS/n = <w>²/<w²>.  It does not detect a mode of p that q never visits."""
    return estimate(weights.ess_fraction, weighted.log_weight)


def average(f: Callable, weighted: Weighted, *, chunk: int = 4096) -> Any:
    """<f>_p = Σ w f / Σ w with its error, for f(x) a number or a tree of numbers: an Estimate or a tree of them."""
    values = jax.device_get(evaluate(f, jax.tree.map(jnp.asarray, weighted.x), chunk))
    return jax.tree.map(lambda v: estimate(weights.self_normalized_mean, v.astype(float), weighted.log_weight), values)


@eqx.filter_jit
def evaluate(f: Callable, x: Any, chunk: int) -> Any:
    """f(x) for every configuration, in double precision, `chunk` at a time."""
    return jax.lax.map(lambda one: f(jax.tree.map(wide, one)), x, batch_size=chunk)


def estimate(statistic: Callable, *arrays: np.ndarray) -> Estimate:
    """A statistic and its error as an Estimate of plain numbers."""
    value, error = jax.jit(statistic)(*map(jnp.asarray, arrays))
    return Estimate(float(value), float(error))


def resample(key: Key[Array, ""], weighted: Weighted, n: int) -> Int[np.ndarray, " n"]:
    """Indices of n samples with equal weights: systematic resampling, n w_i / Σ w times each, rounded up or down.

    Law: the expected count is exact.  Ref: Kitagawa 1996, doi:10.2307/1390750.
    """
    u, _ = weights.relative(jnp.asarray(weighted.log_weight))
    edges = np.cumsum(np.asarray(u))
    points = (np.arange(n) + float(jax.random.uniform(key))) / n * edges[-1]
    return np.minimum(np.searchsorted(edges, points, side="right"), len(edges) - 1)
