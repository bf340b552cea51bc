# SPDX-License-Identifier: Apache-2.0
"""Sequential Monte Carlo: walkers along f_b = q^(1-b) w^b are reweighted, resampled and moved, until b = 1.

Each stage raises b until ESS/n of the walkers falls to a given fraction.  Ref: Del Moral, Doucet and Jasra 2006,
doi:10.1111/j.1467-9868.2006.00553.x; systematic resampling: Kitagawa 1996, doi:10.1080/10618600.1996.10474692.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.scipy.special import logsumexp
from jaxtyping import Array, Float, Int, Shaped

from isinglass.nets.density import AbstractDensity
from isinglass.sampling.chain.sampler import AbstractSampler
from isinglass.sampling.weight.annealed_importance import AbstractPopulationMove, log_ratio, moved, with_step_size
from isinglass.sampling.weight.stochastic_flow import Bridge
from isinglass.stats.weights import ess_fraction, log_mean_weight
from isinglass.systems.system import AbstractSystem

__all__ = ["Population", "next_b", "sequential_monte_carlo", "systematic"]

MAX_STAGES = 1000


class Population(NamedTuple):
    """Samples of the target and its normalization."""

    x: Shaped[Array, "n *site"]  # equally weighted
    log_z: Float[Array, ""]
    log_z_error: Float[Array, ""]  # from the scatter of independent groups
    stages: Int[Array, " groups"]  # of each group; MAX_STAGES: it has not reached b = 1


def next_b(b: Float[Array, ""], ratio: Float[Array, " n"], share: float) -> Float[Array, ""]:
    """The largest b' <= 1 at which weights exp((b' - b) ratio) have ESS/n >= `share`, by bisection."""

    def halve(_, bounds):
        low, high = bounds
        middle = 0.5 * (low + high)
        enough = ess_fraction((middle - b) * ratio)[0] >= share
        return jnp.where(enough, middle, low), jnp.where(enough, high, middle)

    low, _ = jax.lax.fori_loop(0, 50, halve, (b, jnp.ones_like(b)))
    return jnp.where(ess_fraction((1 - b) * ratio)[0] >= share, jnp.ones_like(b), low)


def systematic(key, log_weight: Float[Array, " n"]) -> Int[Array, " n"]:
    """Systematic resampling: n W_i / Σ W copies of walker i, rounded up or down by one common random number."""
    n = len(log_weight)
    cumulative = jnp.cumsum(jnp.exp(log_weight - logsumexp(log_weight)))
    places = (jnp.arange(n).astype(float) + jax.random.uniform(key)) / n
    return jnp.minimum(jnp.searchsorted(cumulative, places), n - 1)


@eqx.filter_jit
def sequential_monte_carlo(
    key,
    kernel: AbstractSampler | AbstractPopulationMove,
    base: AbstractDensity,
    target: AbstractSystem,
    *,
    walkers: int = 256,
    groups: int = 16,
    sweeps: int = 5,
    last: int = 0,
    share: float = 0.7,
) -> Population:
    """Samples of the target and ln Z = ln ∫ w, in one compiled program.

    The step size of a kernel that has one is adapted to its acceptance from stage to stage; `last` sweeps more follow
    at b = 1.  Law: Z is consistent
    (its bias is of order 1/walkers); groups are independent.  Cost: stages x sweeps x walkers x groups.
    """

    def stage(carry):
        key, n, x, b, log_z, step_size = carry
        key, key_resample, key_move = jax.random.split(key, 3)
        ratio = log_ratio(x, base, target)
        new = next_b(b, ratio, share)
        log_weight = (new - b) * ratio
        log_z = log_z + logsumexp(log_weight) - jnp.log(float(walkers))
        x = x[systematic(key_resample, log_weight)]
        bridge = Bridge(base=base, target=target, share=new, beta=jnp.ones(()))
        x, acceptance = moved(key_move, with_step_size(kernel, step_size), x, bridge, sweeps)
        step_size = step_size * jnp.exp(acceptance - getattr(kernel, "target", 0.0))
        return key, n + 1, x, new, log_z, step_size

    def group(key):
        key_start, key = jax.random.split(key)
        x = base.sample(key_start, walkers)
        step_size = jnp.asarray(getattr(kernel, "step_size", 1.0), float)
        start = (key, jnp.zeros((), jnp.int32), x, jnp.zeros(()), jnp.zeros(()), step_size)
        key, n, x, _, log_z, step_size = jax.lax.while_loop(lambda c: (c[3] < 1) & (c[1] < MAX_STAGES), stage, start)
        x = moved(key, with_step_size(kernel, step_size), x, target, last)[0] if last else x
        return x, log_z, n

    x, log_z, stages = jax.vmap(group)(jax.random.split(key, groups))
    value, error = log_mean_weight(log_z)
    return Population(x.reshape(-1, *x.shape[2:]), value, error, stages)
