# SPDX-License-Identifier: Apache-2.0
"""A system from a plain function: its energy E(x), p(x) ∝ exp(-E(x) / T), and the range of x."""

from collections.abc import Callable
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.variable import AbstractVariable, Reals
from isinglass.systems.constraint import AbstractConstraint, Free, Interval
from isinglass.systems.system import AbstractSystem

__all__ = ["OwnEnergy"]

MOST_NAMED = 64  # numbers that a run follows one by one; of more, as many at equal distances
FEW = 64  # free numbers whose curvatures are evaluated one by one
WIDE = 3.0  # widths of the well at the start over which chains are scattered


class OwnEnergy(AbstractSystem):
    """U(z) = E(f(z)) - T ln|det df/dz| of free numbers z (n,), x = f(z) in its range.  Law: x has exp(-E/T)/Z.

    x is an array or a tree of arrays (dict, tuple, list), each with a constraint.  `rule` and `numbers` together are
    the function E; it sees double precision where that is enabled.
    """

    beta: Float[Array, ""]
    T: Float[Array, ""]  # of the log-determinant; one temperature alone where there are constraints
    numbers: Any  # arrays inside the function, if it is a module with arrays
    constraints: tuple[AbstractConstraint, ...]
    starts: Float[Array, "K n"]  # z of the start, and of the modes that are known
    width: Float[Array, " n"]  # over which the other chains are scattered
    rule: Any = eqx.field(static=True)
    tree: Any = eqx.field(static=True)  # the structure of x
    names: tuple[str, ...] = eqx.field(static=True)  # of the arrays in x
    random: Any = eqx.field(static=True)  # key -> x, a start; None where the start is one configuration
    variable: ClassVar[AbstractVariable] = Reals()
    symmetries: ClassVar[tuple[AbstractSymmetry, ...]] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        return (sum(sizes(self.constraints)),)

    def parts(self, z: Float[Array, " n"]) -> tuple[list[Float[Array, "..."]], Float[Array, ""]]:
        """The arrays in x, and ln|det df/dz|."""
        cuts = np.cumsum(sizes(self.constraints))[:-1].tolist()
        pieces = [piece.reshape(c.free) for piece, c in zip(jnp.split(z, cuts), self.constraints, strict=True)]
        found = [c.forward(piece) for c, piece in zip(self.constraints, pieces, strict=True)]
        return [x for x, _ in found], sum((slope for _, slope in found), jnp.zeros((), z.dtype))

    def structured(self, z: Float[Array, " n"]) -> Any:
        """x = f(z), in the structure of the start."""
        return jax.tree.unflatten(self.tree, self.parts(z.astype(float))[0])

    def free(self, x: Any) -> Float[Array, " n"]:
        """z of a configuration."""
        leaves = [jnp.asarray(leaf, float) for leaf in jax.tree.leaves(x)]
        return jnp.concatenate([c.inverse(leaf).reshape(-1) for c, leaf in zip(self.constraints, leaves, strict=True)])

    def own_energy(self, z: Float[Array, " n"]) -> Float[Array, ""]:
        """E(f(z)), the user's function."""
        wide = jax.tree.map(lambda a: a.astype(float) if eqx.is_inexact_array(a) else a, self.numbers)
        return jnp.asarray(eqx.combine(wide, self.rule)(self.structured(z))).astype(float)

    def energy(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """U(z)."""
        slope = self.parts(x.astype(float))[1]
        return self.own_energy(x) - self.T.astype(float) * slope

    def random_configuration(self, key) -> Float[Array, "*site"]:
        """Normal about the start, as wide as its well and more; the start itself where the energy is not finite."""
        if self.random is not None:
            return self.free(self.random(key))
        z = self.starts[0] + self.width * jax.random.normal(key, self.shape)
        return jnp.where(jnp.isfinite(self.energy(z)), z, self.starts[0])

    def known_modes(self) -> Float[Array, "K *site"] | None:
        return self.starts[1:] if len(self.starts) > 1 else None

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """E(x), without the log-determinant."""
        return self.own_energy(x)

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"] | None:
        return None

    def coordinates(self) -> dict[str, Callable[[Any, Any], Float[Array, ""]]] | None:
        """Name -> number of a configuration: the entries of x, so that each is judged."""
        places = [(name, index) for name, c in zip(self.names, self.constraints, strict=True)
                  for index in np.ndindex(*c.shape)]  # fmt: skip
        some = np.unique(np.linspace(0, len(places) - 1, min(len(places), MOST_NAMED)).astype(int))
        return {"_".join(map(str, (places[i][0], *places[i][1]))): OwnEntry(int(i)) for i in some}


class OwnEntry(eqx.Module):
    """One number of x, in the order of its arrays: entry(system, z)."""

    index: int = eqx.field(static=True)

    def __call__(self, system: OwnEnergy, z: Float[Array, " n"]) -> Float[Array, ""]:
        """x_i."""
        return jnp.concatenate([x.reshape(-1) for x in system.parts(z.astype(float))[0]])[self.index]


def sizes(constraints: tuple[AbstractConstraint, ...]) -> list[int]:
    """Free numbers of each array."""
    return [int(np.prod(c.free)) for c in constraints]


@eqx.filter_jit
def well_width(system: OwnEnergy) -> Float[Array, " n"]:
    """WIDE/√|β ∂²U/∂z²| at the start, 1 + |z| where that is not finite; of many numbers, one mean curvature."""
    z, n = system.starts[0], system.shape[0]
    row = lambda v: jax.jvp(jax.grad(system.energy), (z,), (v,))[1]  # noqa: E731
    if n <= FEW:
        curvature = jnp.diagonal(jax.vmap(row)(jnp.eye(n)))
    else:
        v = jax.random.rademacher(jax.random.key(0), (8, n), float)
        curvature = jnp.broadcast_to(jnp.mean(v * jax.lax.map(row, v)), (n,))
    width = WIDE / jnp.sqrt(jnp.abs(curvature) * system.beta)
    return jnp.where(jnp.isfinite(width), width, 1 + jnp.abs(z))


def examples() -> dict[str, OwnEnergy]:
    """Instances by name, on which the tests check every law."""
    unit = Interval(low=jnp.zeros(()), high=jnp.asarray(2.0))  # pyright: ignore[reportCallIssue]
    ranged = (Free((2,)), unit)
    tree = jax.tree.structure((0.0, 0.0))
    made = OwnEnergy(
        beta=jnp.ones(()), T=jnp.ones(()), numbers=None, constraints=ranged, starts=jnp.zeros((1, 3)),
        width=jnp.ones(3), rule=tilted, tree=tree, names=("u", "v"), random=None,
    )  # fmt: skip
    return {"own_energy": made}


def tilted(x: tuple[Float[Array, " 2"], Float[Array, ""]]) -> Float[Array, ""]:
    """E(u, v) = ½ |u|² + v."""
    return 0.5 * jnp.sum(x[0] ** 2) + x[1]
