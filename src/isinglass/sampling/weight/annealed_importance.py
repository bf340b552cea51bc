# SPDX-License-Identifier: Apache-2.0
"""Annealed importance sampling: ln W = Σ_k (b_(k+1) - b_k) [ln w - ln q](x_k), <W> = Z.

Walkers start from a density q and move by kernels that leave f_b = q^(1-b) w^b invariant, b from 0 to 1.
Ref: Neal 2001, arXiv:physics/9803008.
"""

from abc import abstractmethod
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from isinglass.nets.density import AbstractDensity
from isinglass.sampling.chain.adaptation import AbstractTunable
from isinglass.sampling.chain.sampler import AbstractSampler
from isinglass.sampling.weight.importance import log_target
from isinglass.sampling.weight.stochastic_flow import Bridge
from isinglass.stats.weights import ess_fraction, log_mean_weight
from isinglass.systems.system import AbstractSystem

__all__ = [
    "AbstractPopulationMove",
    "WeightedWalkers",
    "annealed_importance",
    "log_ratio",
    "moved",
    "with_step_size",
]


class WeightedWalkers(NamedTuple):
    """Configurations with weights: <f> = Σ W f / Σ W."""

    x: Shaped[Array, "n *site"]
    log_weight: Float[Array, " n"]  # ln W
    log_z: Float[Array, ""]  # ln <W>
    log_z_error: Float[Array, ""]
    ess_fraction: Float[Array, ""]  # (Σ W)² / (n Σ W²)
    acceptance: Float[Array, " steps"]  # mean acceptance of each step


def log_ratio(x: Shaped[Array, "n *site"], base: AbstractDensity, target: AbstractSystem) -> Float[Array, " n"]:
    """ln w(x) - ln q(x) = d ln W / db for every walker."""
    return jax.vmap(lambda x: log_target(target, x) - base.log_prob(x).astype(float))(x)


def with_step_size(kernel: "AbstractSampler | AbstractPopulationMove", step_size: Float[Array, ""]) -> Any:
    """The kernel with another step size, where it has one."""
    return eqx.tree_at(lambda k: k.step_size, kernel, step_size) if isinstance(kernel, AbstractTunable) else kernel


class AbstractPopulationMove(eqx.Module):
    """A kernel that moves all walkers together and leaves the product of their weights invariant."""

    @abstractmethod
    def move(
        self, key, x: Shaped[Array, "n *site"], log_w: Float[Array, " n"], system: AbstractSystem
    ) -> tuple[Shaped[Array, "n *site"], Float[Array, " n"], Float[Array, " n"]]:
        """All walkers after a move, their ln w, and their acceptance."""


def moved(
    key,
    kernel: AbstractSampler | AbstractPopulationMove,
    x: Shaped[Array, "n *site"],
    system: AbstractSystem,
    sweeps: int,
) -> tuple[Shaped[Array, "n *site"], Float[Array, ""]]:
    """Every walker after `sweeps` sweeps, and the mean acceptance (1 where the kernel does not report it)."""
    if isinstance(kernel, AbstractPopulationMove):

        def together(walkers, key):
            x, log_w, acceptance = kernel.move(key, walkers[0], walkers[1], system)
            return (x, log_w), jnp.mean(acceptance)

        walkers = x, jax.vmap(system.log_weight)(x)
        (x, _), acceptance = jax.lax.scan(together, walkers, jax.random.split(key, sweeps))
        return x, jnp.mean(acceptance)

    def sweep(x, key):
        x, diagnostics = jax.vmap(kernel.step, in_axes=(0, 0, None))(jax.random.split(key, len(x)), x, system)
        acceptance = getattr(diagnostics, "acceptance", None)
        return x, jnp.ones(()) if acceptance is None else jnp.mean(acceptance.astype(float))

    x, acceptance = jax.lax.scan(sweep, x, jax.random.split(key, sweeps))
    return x, jnp.mean(acceptance)


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
) -> WeightedWalkers:
    """Weighted samples of the target and ln Z = ln ∫ w, in one compiled program.

    A kernel with a step size (`RandomWalk`, `MALA`, `FixedLengthHMC`) gets one for each b from an independent pilot
    run, so that the weights remain unbiased.  Law: <W> = Z for any number of steps; the error falls with both.
    Cost: 2 x steps x sweeps x walkers kernel steps.
    """
    key_pilot, key_run = jax.random.split(key)
    b = jnp.linspace(0.0, 1.0, steps + 1)

    def run(key, step_sizes):
        def stage(carry, inputs):
            x, log_weight, tuned = carry
            k, b, previous, given = inputs
            log_weight = log_weight + (b - previous) * log_ratio(x, base, target)
            step_size = tuned if step_sizes is None else given
            bridge = Bridge(base=base, target=target, share=b, beta=jnp.ones(()))
            x, acceptance = moved(jax.random.fold_in(key, k), with_step_size(kernel, step_size), x, bridge, sweeps)
            tuned = step_size * jnp.exp(acceptance - getattr(kernel, "target", 0.0))
            return (x, log_weight, tuned), (acceptance, step_size)

        x = base.sample(jax.random.fold_in(key, steps), walkers)
        start = (x, jnp.zeros(walkers), jnp.asarray(getattr(kernel, "step_size", 1.0), float))
        given = jnp.ones(steps) if step_sizes is None else step_sizes
        return jax.lax.scan(stage, start, (jnp.arange(steps), b[1:], b[:-1], given))

    step_sizes = run(key_pilot, None)[1][1] if isinstance(kernel, AbstractTunable) else None
    (x, log_weight, _), (acceptance, _) = run(key_run, step_sizes)
    return WeightedWalkers(x, log_weight, *log_mean_weight(log_weight), ess_fraction(log_weight)[0], acceptance)
