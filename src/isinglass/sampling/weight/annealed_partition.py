# SPDX-License-Identifier: Apache-2.0
"""ln Z of a restricted Boltzmann machine by annealed importance sampling, from below and from above.

Machines with weights t_k W, t from 0, where the units are independent, to 1.  Forward: v_k moves by block Gibbs at t_k
and ln w = Σ_k [F_(k)(v_k) - F_(k+1)(v_k)], <w> = Z/Z_0.  Reverse: from samples of the machine down to 0, <1/w> = Z_0/Z.
By Jensen <ln w> lies below ln Z/Z_0 forward, and above in reverse, if these samples are of the machine.
Refs: Neal 2001, arXiv:physics/9803008; Salakhutdinov and Murray 2008, doi:10.1145/1390156.1390266; bidirectional:
Grosse, Ghahramani and Adams 2015, arXiv:1511.02543; both joined: Crooks 2000, doi:10.1103/PhysRevE.61.2361.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.result import Estimate
from isinglass.sampling.weight.free_energy import bennett, zwanzig
from isinglass.systems.lattice.boltzmann_machine import RestrictedBoltzmannMachine, drawn

__all__ = ["AnnealedPartition", "annealed_partition", "annealed_weights", "gibbs", "independent_units"]


class AnnealedPartition(NamedTuple):
    """ln Z in three ways, and the weights that they are from."""

    both: Estimate  # by the acceptance ratio of forward and reverse weights
    forward: Estimate  # ln <w>, of which exp is unbiased
    reverse: Estimate  # -ln <1/w>
    below: Estimate  # <ln w> forward
    above: Estimate  # <ln w> reverse
    log_weight: Float[Array, " n"]  # ln w forward and ln Z_0
    reverse_log_weight: Float[Array, " n"]


def gibbs(key, machine: RestrictedBoltzmannMachine, v: Float[Array, "n D"]) -> Float[Array, "n D"]:
    """h given v, then v given h, of each walker.  Law: detailed balance for p(v).  Cost: 2 n D M."""
    up, down = jax.random.split(key)
    f = jax.vmap(machine.hidden_fields)(v)
    h = drawn(machine.hidden, f, jax.random.uniform(up, f.shape, f.dtype, 1e-12))
    f = jax.vmap(machine.visible_fields)(h)
    return drawn(machine.visible, f, jax.random.uniform(down, f.shape, f.dtype, 1e-12))


def independent_units(key, machine: RestrictedBoltzmannMachine, n: int) -> Float[Array, "n D"]:
    """v of the machine at W = 0."""
    f = jnp.broadcast_to(machine.visible_bias[None], (n, machine.visible_bias.size))
    return drawn(machine.visible, f, jax.random.uniform(key, f.shape, f.dtype, 1e-12))


@eqx.filter_jit
def annealed_weights(
    key, machine: RestrictedBoltzmannMachine, v: Float[Array, "n D"], *, steps: int, reverse: bool = False
) -> Float[Array, " n"]:
    """ln w and ln Z_0 of each walker, from v: of independent units, or of the machine if `reverse`.

    Cost: 4 n D M steps.
    """
    share = jnp.linspace(0.0, 1.0, steps + 1).astype(v.dtype)
    lower = share[:-1] if not reverse else share[:-1][::-1]
    upper = share[1:] if not reverse else share[1:][::-1]

    def step(carry, inputs):
        v, log_w = carry
        key, lower, upper = inputs
        F = jax.vmap(machine.at_share(lower).free_energy)(v) - jax.vmap(machine.at_share(upper).free_energy)(v)
        log_w = log_w + F
        v = gibbs(key, machine.at_share(lower if reverse else upper), v)
        return (v, log_w), None

    keys = jax.random.split(key, steps)
    start = v, jnp.full(len(v), machine.independent_log_partition())
    return jax.lax.scan(step, start, (keys, lower, upper))[0][1]


def annealed_partition(
    key, machine: RestrictedBoltzmannMachine, samples: Float[Array | np.ndarray, "n D"], *, steps: int = 1000
) -> AnnealedPartition:
    """Forward from as many independent walkers as there are `samples` of the machine, from which the reverse begins."""
    start, up, down = jax.random.split(key, 3)
    samples = jnp.asarray(samples, machine.weights.dtype)
    forward = annealed_weights(up, machine, independent_units(start, machine, len(samples)), steps=steps)
    reverse = annealed_weights(down, machine, samples, steps=steps, reverse=True)
    both, one, other = bennett(-forward, reverse), zwanzig(-forward), zwanzig(reverse)
    mean = lambda w: Estimate(float(w.mean()), float(w.std(ddof=1) / len(w) ** 0.5))  # noqa: E731
    return AnnealedPartition(Estimate(-both.value, both.error), Estimate(-one.value, one.error), other,
                             mean(forward), mean(reverse), forward, reverse)  # fmt: skip
