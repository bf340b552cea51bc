# SPDX-License-Identifier: Apache-2.0
"""Starting configurations of Markov chains."""

from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Shaped

from isinglass.errors import InputError
from isinglass.sampling.chain.downhill import downhill
from isinglass.sampling.chain.sampler import energies
from isinglass.symmetry.variable import Reals
from isinglass.systems.system import AbstractSystem

__all__ = ["Start", "starts"]

Start = Literal["uniform", "random", "downhill", "both"]
FAR = 3.0  # times as far from the center: every fourth chain of few real coordinates, every eighth once more
FEW = 32  # coordinates


def starts(key, system: AbstractSystem, temperatures: int, chains: int, start: Start) -> Shaped[Array, "T R *site"]:
    """`random`: infinite temperature.  `downhill`: steepest descent from there.  `uniform`: every variable
    the same value, each value for equally many chains.  `both`: half of the chains each, so that R-hat tells where
    order and disorder do not exchange, as at a transition of first order.

    Few real coordinates start scattered, some of them 3 and 9 times as far from the center, and others in the modes
    that the system knows: so that modes beyond its random configurations are met, and R-hat tells that chains do not
    exchange.  A narrow mode that neither the system nor a start knows is found by no chain.

    A ferromagnet quenched from a random start may be trapped in stripes; from a uniform one it is not.  Deep
    in the ordered phase a chain keeps its value for the whole run, so that the values must be balanced at the start.
    """
    keys = jax.random.split(key, (temperatures, chains))
    x = in_modes(scattered(random_configurations(keys, system), system), system)
    if start == "random":
        return x
    if start == "downhill":
        return downhill(x, system)
    first = x.reshape(temperatures, chains, -1)[..., 0]
    values = system.variable.values
    if values is not None:
        first = jnp.asarray(values, x.dtype)[jnp.arange(temperatures * chains) % len(values)]
    same = jnp.broadcast_to(first.reshape(temperatures, chains, *(1,) * len(system.shape)), x.shape)
    return (
        same
        if start == "uniform"
        else jnp.where(jnp.arange(chains).reshape(-1, *(1,) * len(system.shape)) % 2 == 0, same, x)
    )


def scattered(x: Shaped[Array, "T R *site"], system: AbstractSystem) -> Shaped[Array, "T R *site"]:
    """Chains 1, 5, 9 ... of a vector of few real coordinates FAR times, chains 3, 11 ... FAR² times as far from the
    center of all; not where the energy is infinite there.
    """
    if not (isinstance(system.variable, Reals) and len(system.shape) == 1 and system.shape[0] <= FEW):
        return x
    chain = np.arange(x.shape[1])
    factor = np.where(chain % 4 == 1, FAR, np.where(chain % 8 == 3, FAR**2, 1.0)).reshape(1, -1, 1)
    center = jnp.mean(x, axis=(0, 1), keepdims=True)
    far = center + factor * (x - center)
    fine = jnp.isfinite(energies(far, system))[..., None]
    return jnp.where(fine, far, x)


def in_modes(x: Shaped[Array, "T R *site"], system: AbstractSystem) -> Shaped[Array, "T R *site"]:
    """Chains 0, 2, 4 ... in the modes that the system knows, in turn.

    Errors: InputError for modes that are no configurations.
    """
    known = system.known_modes()
    if known is None:
        return x
    modes = jnp.asarray(known, x.dtype)
    if modes.shape[1:] != x.shape[2:] or not len(modes):
        raise InputError(f"known_modes of shape [K, {', '.join(map(str, x.shape[2:]))}]", f"{modes.shape}",
                         "give one configuration for each mode, or None")  # fmt: skip
    even = x[:, ::2]
    return x.at[:, ::2].set(modes[np.arange(even.shape[1]) % len(modes)])


@eqx.filter_jit
def random_configurations(keys, system: AbstractSystem) -> Shaped[Array, "T R *site"]:
    """One for each key, [T, R], in one compiled program."""
    return jax.vmap(jax.vmap(system.random_configuration))(keys)
