# SPDX-License-Identifier: Apache-2.0
"""What a run follows at every measurement: energy, order parameter, observables, and coordinates or long waves.

A quantity whose sign a declared symmetry changes, m of an Ising model without field, is judged by its absolute value;
one that a symmetry changes in another way (a coordinate of equal particles) is not followed.  Symmetries of the lattice
are left aside: they change no mean over it.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Shaped

from isinglass.symmetry.lattice import PointGroup, Translation
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.variable import Angles
from isinglass.systems.system import AbstractPairSystem, AbstractSystem, at_unit_beta

__all__ = ["Followed", "energy", "followed", "measured_values", "order_parameter"]

FEW = 32  # coordinates, or levels, that are followed one by one
TRIES = 3  # configurations on which symmetries are tried


class Followed(NamedTuple):
    """A number of each configuration, function(system, x, argument)."""

    name: str
    function: Callable[..., Float[Array, ""]]
    argument: Any = None
    folded: bool = False  # its absolute value is judged


def energy(system: AbstractSystem, x: Shaped[Array, "*site"], _: Any) -> Float[Array, ""]:
    """E(x)."""
    return system.energy(x)


def order_parameter(system: AbstractSystem, x: Shaped[Array, "*site"], _: Any) -> Float[Array, ""]:
    """The order parameter of the system."""
    return system.order_parameter(x)


def coordinate(system: AbstractSystem, x: Shaped[Array, "*site"], index: int) -> Float[Array, ""]:
    """x_i."""
    return x.reshape(-1)[index].astype(float)


def own_coordinate(system: AbstractSystem, x: Shaped[Array, "*site"], number: Callable) -> Float[Array, ""]:
    """A number that the system names."""
    return number(system, x)


def cosine(system: AbstractSystem, x: Shaped[Array, "*site"], index: int) -> Float[Array, ""]:
    """cos θ_i."""
    return jnp.cos(x.reshape(-1)[index])


def sine(system: AbstractSystem, x: Shaped[Array, "*site"], index: int) -> Float[Array, ""]:
    """sin θ_i."""
    return jnp.sin(x.reshape(-1)[index])


def structure_factor(system: AbstractSystem, x: Shaped[Array, "*site"], wave: str) -> Float[Array, ""]:
    """S(k) = (1/N) |Σ_r x_r exp(-ik·r)|² at the longest wave, k = 2π/L, mean over the axes, or the shortest, k = π.

    Of angles: of exp(iθ).  Of a few levels: the sum over levels a of that of δ(x_r, a), the same for any renaming of
    the levels, so that it does not depend on which of several equivalent states is the ordered one.
    """
    variable = system.variable
    if isinstance(variable, Angles):
        parts = jnp.stack([jnp.cos(x), jnp.sin(x)])
    elif variable.values is not None and 2 < len(variable.values) <= FEW:
        parts = jax.vmap(lambda level: (x == level).astype(float))(jnp.asarray(variable.values, x.dtype))
    else:
        parts = x[None].astype(float)
    return jax.vmap(lambda part: one_wave(part, wave))(parts).sum() / x.size


def one_wave(x: Float[Array, "*site"], wave: str) -> Float[Array, ""]:
    """|Σ_r x_r exp(-ik·r)|² of real x."""
    axes = [a for a in range(x.ndim) if x.shape[a] > 1]
    if wave == "shortest":
        for a in axes:
            sign = (-1.0) ** np.arange(x.shape[a])
            x = x * sign.reshape(*(1,) * a, -1, *(1,) * (x.ndim - a - 1))
        return jnp.sum(x) ** 2
    total = jnp.zeros(())
    for a in axes:
        slices = x.sum(axis=tuple(b for b in range(x.ndim) if b != a))
        angle = 2 * np.pi * np.arange(x.shape[a]) / x.shape[a]
        total = total + jnp.dot(slices, jnp.cos(angle)) ** 2 + jnp.dot(slices, jnp.sin(angle)) ** 2
    return total / max(len(axes), 1)


def of_user(system: AbstractSystem, x: Shaped[Array, "*site"], function: Callable) -> Float[Array, ""]:
    """An observable f(x) that is one number."""
    return jnp.asarray(function(x)).astype(float)


def followed(system: AbstractSystem, observables: Mapping[str, Callable] | None = None) -> tuple[Followed, ...]:
    """The quantities of a run; observables that are not one number are left out, all others are signed."""
    system = at_unit_beta(system)
    order, *more = judged(system, [Followed("order_parameter", order_parameter), *candidates(system)])
    x = eqx.filter_eval_shape(lambda s: s.random_configuration(jax.random.key(0)), system)
    given = [
        Followed(name, of_user, f)
        for name, f in (observables or {}).items()
        if getattr(eqx.filter_eval_shape(f, x), "shape", None) == ()
    ]
    return (Followed("energy", energy), order, *given, *more)


def candidates(system: AbstractSystem) -> list[Followed]:
    """What the system names; coordinates where they are few and on no lattice, else the longest and shortest wave."""
    if (named := system.coordinates()) is not None:
        return [Followed(name, own_coordinate, number) for name, number in named.items()]
    n, angles = int(np.prod(system.shape)), isinstance(system.variable, Angles)
    if system.variable.continuous and n <= FEW and not isinstance(system, AbstractPairSystem):
        places = ["_".join(map(str, np.unravel_index(i, system.shape))) for i in range(n)]
        kinds = (("cos_x", cosine), ("sin_x", sine)) if angles else (("x", coordinate),)
        return [Followed(f"{kind}_{place}", f, i) for kind, f in kinds for i, place in enumerate(places)]
    if n <= 1:
        return []
    return [Followed(f"structure_factor_{wave}_wave", structure_factor, wave) for wave in ("longest", "shortest")]


def judged(system: AbstractSystem, quantities: list[Followed]) -> list[Followed]:
    """Each as the symmetries of the system allow: as it is, folded, or not at all, unless it is the first."""
    tested = tuple(g for g in system.symmetries if not isinstance(g, Translation | PointGroup))
    if not tested:
        return quantities
    same, even = (np.asarray(a) for a in tried(system, tuple(quantities), tested))
    folded = even & ~same
    kept = same | even | (np.arange(len(quantities)) == 0)
    return [q._replace(folded=bool(fold)) for q, fold, keep in zip(quantities, folded, kept, strict=True) if keep]


@eqx.filter_jit
def tried(
    system: AbstractSystem, quantities: tuple[Followed, ...], symmetries: tuple[AbstractSymmetry, ...]
) -> tuple[Bool[Array, " S"], Bool[Array, " S"]]:
    """f(g x) = f(x), and |f(g x)| = |f(x)|, for random x and g of each symmetry."""

    def change(key, symmetry):
        x = system.random_configuration(key)
        before, after = (
            measured_values(system, y, quantities) for y in (x, symmetry.act(jax.random.fold_in(key, 1), x))
        )
        size = 1e-6 * jnp.maximum(jnp.abs(before), 1e-3)
        return jnp.abs(after - before) <= size, jnp.abs(jnp.abs(after) - jnp.abs(before)) <= size

    keys = jax.random.split(jax.random.key(6), TRIES)
    found = [jax.vmap(lambda key, g=g: change(key, g))(keys) for g in symmetries]
    same, even = zip(*found, strict=True)
    return jnp.stack(same).all(axis=(0, 1)), jnp.stack(even).all(axis=(0, 1))


def measured_values(
    system: AbstractSystem, x: Shaped[Array, "*site"], quantities: tuple[Followed, ...]
) -> Float[Array, " S"]:
    """All quantities of one configuration."""
    return jnp.stack([q.function(system, x, q.argument).astype(float) for q in quantities])
