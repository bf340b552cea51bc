# SPDX-License-Identifier: Apache-2.0
"""Which values of a variable a move reaches, and whether reflections and proposals keep their laws: by trials."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from isinglass.errors import InputError
from isinglass.symmetry.variable import Reals
from isinglass.systems.system import AbstractPairSystem, at_unit_beta

__all__ = [
    "invariant_reflections",
    "proposals_reach_all",
    "reflections_hold",
    "reflections_reach_all",
    "symmetric_proposals",
]

TRIES = 1024  # random moves: exchanges of two among 127 values fail to connect them with probability 1e-5
SOME = 12  # values of a continuous variable, and reflections, that are tested
ROUND = 100  # tolerance, in machine epsilons of the largest energy


class Reflected(NamedTuple):
    """Random reflections R of values v of a variable: all values, or some of a continuous one."""

    v: Shaped[Array, " n"]
    image: Shaped[Array, "tries n"]  # R v
    returned: Shaped[Array, "tries n"]  # R R v
    change: Float[Array, " 2"]  # largest change of e(a, b) and of v(a)
    size: Float[Array, " 2"]  # largest |e| and |v|


def values_of(system: Any) -> Shaped[Array, " n"]:
    """All values of a variable, or some of a continuous one."""
    values = system.variable.values
    return system.variable.random(jax.random.key(0), (SOME,)) if values is None else jnp.asarray(values, jnp.int8)


def reflected(system: AbstractPairSystem) -> Reflected:
    """`try_reflections` at one temperature, so that one compiled program serves all."""
    return try_reflections(at_unit_beta(system))


@eqx.filter_jit
def try_reflections(system: AbstractPairSystem) -> Reflected:
    """1024 random reflections of all values; 12 of them on energies."""
    v, keys = values_of(system), jax.random.split(jax.random.key(1), TRIES)
    image = jax.vmap(system.reflect, in_axes=(0, None))(keys, v)
    returned = jax.vmap(system.reflect)(keys, image)
    pairs = lambda w: system.pair_energy(jnp.repeat(w, len(w)), jnp.tile(w, len(w)))  # noqa: E731
    before = pairs(v), system.site_energy(v)
    after = jax.vmap(pairs)(image[:SOME]), jax.vmap(system.site_energy)(image[:SOME])
    change = [jnp.max(jnp.abs(new - old[None])) for new, old in zip(after, before, strict=True)]
    return Reflected(v, image, returned, jnp.stack(change), jnp.stack([jnp.max(jnp.abs(E)) for E in before]))


@eqx.filter_jit
def proposed(system: Any) -> Shaped[Array, "tries n"]:
    """1024 proposals from each value of a variable."""
    keys = jax.random.split(jax.random.key(1), TRIES)
    return jax.vmap(system.propose, in_axes=(0, None))(keys, values_of(system))


def all_reached(system: Any, v: Shaped[np.ndarray, " n"], image: Shaped[np.ndarray, "tries n"]) -> bool:
    """Whether these maps lead from the first value to every other value."""
    if system.variable.continuous:
        return system.variable.filled_by(image[:, 0])
    place, reached = np.searchsorted(v, image), np.zeros(1, int)
    while (more := np.union1d(reached, place[:, reached])).size > reached.size:
        reached = more
    return system.variable.filled_by(v[reached])


def reflections_reach_all(system: AbstractPairSystem) -> bool:
    """Clusters alone are ergodic where reflections lead from any value to any other: never for real numbers.

    Law: at a finite temperature any bond may stay open, so that each variable may be reflected alone.
    """
    tried = reflected(system)
    return all_reached(system, np.asarray(tried.v), np.asarray(tried.image))


def proposals_reach_all(system: Any) -> bool:
    """Whether proposals lead from any value to any other; assumed for continuous variables."""
    if system.variable.continuous:
        return True
    image = proposed(at_unit_beta(system))
    return all_reached(system, np.asarray(system.variable.values, np.int8), np.asarray(image))


def reflections_hold(system: AbstractPairSystem) -> bool:
    """e(R a, R b) = e(a, b), v(R a) = v(a) and R R = 1 to round-off: all values, or some of a continuous variable."""
    tried = reflected(system)
    change, size = np.asarray(tried.change), np.asarray(tried.size)
    eps = ROUND * np.finfo(size.dtype).eps
    return bool((change <= eps * size).all()) and undone(system, tried)


def undone(system: AbstractPairSystem, tried: Reflected) -> bool:
    """R R v = v, on a circle up to the period."""
    away = np.asarray(tried.returned, float) - np.asarray(tried.v, float)
    if system.variable.period is not None:
        away -= system.variable.period * np.round(away / system.variable.period)
    size = max(1.0, float(np.abs(np.asarray(tried.v, float)).max()))
    return bool(np.abs(away).max() <= 1e-5 * size)


def symmetric_proposals(method: str, system: Any) -> None:
    """Errors: InputError where y is proposed for x more often than x for y; assumed for continuous variables.

    Law: the difference of the counts among 1024 tries is 0 within 6 standard deviations, for every pair of values.
    """
    if system.variable.continuous:
        return
    values = np.asarray(system.variable.values, np.int8)
    image = np.asarray(proposed(at_unit_beta(system)))
    place = np.searchsorted(values, image).clip(max=len(values) - 1)
    count = np.zeros((len(values), len(values)))
    np.add.at(count, (np.broadcast_to(np.arange(len(values)), place.shape), place), 1)
    if (np.abs(count - count.T) > 6 * np.sqrt(count + count.T)).any() or (values[place] != image).any():
        raise InputError(
            f"for {method} proposals of values of the variable, y for x as often as x for y",
            f"others in {type(system).__name__}",
            "change propose, or use method='heat_bath'",
        )


def invariant_reflections(method: str, system: Any) -> None:
    """Errors: InputError where reflections change the energy or are no involutions: clusters are not valid then."""
    if not (isinstance(system, AbstractPairSystem) and reflections_hold(system)):
        raise InputError(
            f"for {method} reflections that leave the energy unchanged and undo themselves",
            f"a {type(system).__name__} without them",
            "use method='hmc'" if isinstance(system.variable, Reals) else "use method='metropolis'",
        )
