# SPDX-License-Identifier: Apache-2.0
"""Annealed importance sampling: ln W = Σ_k (b_(k+1) - b_k) [ln w - ln q](x_k), <W> = Z.

Walkers start from a density q, and move by a kernel that leaves f_b = q^(1-b) w^b invariant while b goes from 0 to 1.
Ref: Neal 2001, arXiv:physics/9803008.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.scipy.special import logsumexp
from jaxtyping import Array, Float, Shaped

from isinglass.nets.density import AbstractDensity
from isinglass.sampling.adaptation import AbstractTunable
from isinglass.sampling.bridge import Bridge, moved, with_step_size
from isinglass.sampling.sampler import AbstractSampler
from isinglass.systems.system import AbstractSystem

__all__ = ["Weighted", "annealed_importance", "log_mean_weight"]


class Weighted(NamedTuple):
    """Configurations with weights: <f> = Σ W f / Σ W."""

    x: Shaped[Array, "n *site"]
    log_weight: Float[Array, " n"]  # ln W
    log_z: Float[Array, ""]  # ln <W>
    log_z_error: Float[Array, ""]
    ess: Float[Array, ""]  # (Σ W)² / Σ W² / n, the effective share
    acceptance: Float[Array, " steps"]  # of the moves, on the way


def log_mean_weight(log_weight: Float[Array, " n"]) -> tuple[Float[Array, ""], Float[Array, ""], Float[Array, ""]]:
    """ln <W> of n independent weights, its standard error s(W) / (<W> √n), and the effective share."""
    n = len(log_weight)
    log_mean = logsumexp(log_weight) - jnp.log(float(n))
    relative = jnp.exp(log_weight - log_mean)
    return log_mean, jnp.std(relative, ddof=1) / n**0.5, 1 / jnp.mean(relative**2)


@eqx.filter_jit
def annealed_importance(
    key,
    kernel: AbstractSampler,
    base: AbstractDensity,
    target: AbstractSystem,
    *,
    steps: int = 200,
    walkers: int = 1024,
    sweeps: int = 1,
) -> Weighted:
    """Weighted draws from the target and ln Z = ln ∫ w, in one compiled program.

    A kernel with a step size (`RandomWalk`, `MALA`, `Trajectory`) gets one for each b from a pilot run with other
    random numbers, so that the weights stay unbiased.  Law: <W> = Z for any number of steps; the error falls with both.
    Cost: 2 x steps x sweeps x walkers kernel steps.
    """
    bridge = Bridge(base, target, 0.0)
    key_pilot, key_run = jax.random.split(key)
    b = jnp.linspace(0.0, 1.0, steps + 1)

    def run(key, step_sizes):
        def stage(carry, inputs):
            x, log_weight, tuned = carry
            k, b, previous, given = inputs
            log_weight = log_weight + (b - previous) * jax.vmap(bridge.log_ratio)(x)
            step_size = tuned if step_sizes is None else given
            x, acceptance = moved(
                jax.random.fold_in(key, k), with_step_size(kernel, step_size), x, bridge.at(b), sweeps
            )
            tuned = step_size * jnp.exp(acceptance - getattr(kernel, "target", 0.0))
            return (x, log_weight, tuned), (acceptance, step_size)

        x = jax.vmap(bridge.random_configuration)(jax.random.split(jax.random.fold_in(key, steps), walkers))
        start = (x, jnp.zeros(walkers), jnp.asarray(getattr(kernel, "step_size", 1.0), float))
        given = jnp.ones(steps) if step_sizes is None else step_sizes
        return jax.lax.scan(stage, start, (jnp.arange(steps), b[1:], b[:-1], given))

    tunable = isinstance(kernel, AbstractTunable)
    step_sizes = run(key_pilot, None)[1][1] if tunable else None
    (x, log_weight, _), (acceptance, _) = run(key_run, step_sizes)
    return Weighted(x, log_weight, *log_mean_weight(log_weight), acceptance)
