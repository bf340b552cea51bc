# SPDX-License-Identifier: Apache-2.0
"""Starting configurations of Markov chains."""

from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Shaped

from isinglass.sampling.chain.downhill import downhill
from isinglass.systems.system import AbstractSystem

__all__ = ["Start", "starts"]

Start = Literal["uniform", "random", "downhill"]


def starts(key, system: AbstractSystem, temperatures: int, chains: int, start: Start) -> Shaped[Array, "T R *site"]:
    """`random`: infinite temperature.  `downhill`: steepest descent from there.  `uniform`: every variable
    the same value, each value for equally many chains.

    A ferromagnet quenched from a random start may be trapped in stripes; from a uniform one it is not.  Deep
    in the ordered phase a chain keeps its value for the whole run, so that the values must be balanced at the start.
    """
    keys = jax.random.split(key, (temperatures, chains))
    x = random_configurations(keys, system)
    if start == "random":
        return x
    if start == "downhill":
        return downhill(x, system)
    first = x.reshape(temperatures, chains, -1)[..., 0]
    values = system.variable.values
    if values is not None:
        first = jnp.asarray(values, x.dtype)[jnp.arange(temperatures * chains) % len(values)]
    return jnp.broadcast_to(first.reshape(temperatures, chains, *(1,) * len(system.shape)), x.shape)


@eqx.filter_jit
def random_configurations(keys, system: AbstractSystem) -> Shaped[Array, "T R *site"]:
    """One for each key, [T, R], in one compiled program."""
    return jax.vmap(jax.vmap(system.random_configuration))(keys)
