# SPDX-License-Identifier: Apache-2.0
"""A molecule by its bond lengths, bond angles and torsions: 3n - 6 numbers in which a flow learns, and n atoms.

Volume element: d³x_1 ... d³x_n = d³x_1 dΩ Π_i r_i² dr_i Π_i sin θ_i dθ_i Π_i dφ_i, ∫dΩ = 8π².
Refs: Noé et al. 2019, arXiv:1812.01729; Parsons et al. 2005, doi:10.1002/jcc.20237 (placing one atom after another).
"""

import math
from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key, Shaped

from isinglass.nets.density import AbstractDensity
from isinglass.nets.flow.autoregressive_splines import AutoregressiveSplines
from isinglass.nets.flow.circular_coupling import wrapped
from isinglass.symmetry.rotations import angle, dihedral, random_rotation, unit

__all__ = ["InternalCoordinates", "Molecule", "internal_coordinates", "molecule_density"]

ORIENTATIONS = 8 * math.pi**2


class InternalCoordinates(eqx.Module):
    """u = (turning torsions | r, θ, the other torsions less what they are at rest), by a Z-matrix.

    Row i of the Z-matrix, (atom, a, b, c): r from a, θ at a towards b, torsion atom-a-b-c; the first three rows are
    shorter.  `turning` torsions go all the way round; give the others as improper torsions to an atom placed before,
    where they are narrow.  `rest`: every torsion, row by row, of a molecule at rest.
    Law: unchanged by rotations and translations; a mirror image has other torsions.  Unit: that of x, radian.
    """

    zmatrix: tuple[tuple[int, ...], ...] = eqx.field(static=True)
    turning: tuple[int, ...] = eqx.field(static=True)  # atoms
    rest: tuple[float, ...] = eqx.field(static=True)

    def __check_init__(self):
        placed: set[int] = set()
        for i, (atom, *to) in enumerate(self.zmatrix):
            if len(to) != min(i, 3) or not placed.issuperset(to) or len(set(to)) < len(to) or atom in placed:
                raise ValueError(
                    f"expected row {i} of the Z-matrix to place a new atom by {min(i, 3)} others that are placed; "
                    f"found {(atom, *to)}; order the rows so that each atom comes after those it refers to."
                )
            placed.add(atom)

    @property
    def atoms(self) -> int:
        """n, the number of atoms."""
        return len(self.zmatrix)

    def parts(self) -> tuple[np.ndarray, np.ndarray]:
        """Which of the torsions, row by row, are `turning`, and which are not."""
        turns = np.array([row[0] in self.turning for row in self.zmatrix[3:]])
        return np.flatnonzero(turns), np.flatnonzero(~turns)

    def measure(self, x: Float[Array, "n 3"]) -> tuple[Float[Array, " m"], Float[Array, ""]]:
        """u of x, and ln Π r² Π sin θ."""
        i, a = np.array([row[:2] for row in self.zmatrix[1:]]).T
        r = jnp.sqrt(jnp.sum((x[i] - x[a]) ** 2, axis=1))
        i, a, b = np.array([row[:3] for row in self.zmatrix[2:]]).T
        theta = angle((x[i] - x[a]).T, (x[b] - x[a]).T)
        i, a, b, c = np.array(self.zmatrix[3:]).T
        phi = dihedral((x[a] - x[i]).T, (x[b] - x[a]).T, (x[c] - x[b]).T)
        turns, narrow = self.parts()
        rest = jnp.asarray(self.rest, x.dtype)[narrow]
        return jnp.concatenate([phi[turns], r, theta, wrapped(phi[narrow] - rest)]), log_volume(r, theta)

    def place(self, u: Float[Array, " m"]) -> tuple[Float[Array, "n 3"], Float[Array, ""]]:
        """x of u: an atom in the origin, the next on the x axis, the third in the xy plane; and ln Π r² Π sin θ."""
        n, k = self.atoms, len(self.turning)
        turns, narrow = self.parts()
        r, theta = u[k : k + n - 1], u[k + n - 1 : k + 2 * n - 3]
        other = u[k + 2 * n - 3 :] + jnp.asarray(self.rest, u.dtype)[narrow]
        back = np.argsort(np.concatenate([turns, narrow]))
        phi = jnp.concatenate([u[:k], other])[back]
        zero = jnp.zeros((), u.dtype)
        at = {self.zmatrix[0][0]: jnp.zeros(3, u.dtype), self.zmatrix[1][0]: jnp.stack([r[0], zero, zero])}
        third, a, b = self.zmatrix[2]
        along = jnp.sign(at[b][0] - at[a][0])
        at[third] = at[a] + r[1] * jnp.stack([along * jnp.cos(theta[0]), jnp.sin(theta[0]), zero])
        for j, (atom, a, b, c) in enumerate(self.zmatrix[3:]):
            at[atom] = beyond(at[a], at[b], at[c], r[j + 2], theta[j + 1], phi[j])
        return jnp.stack([at[atom] for atom in range(n)]), log_volume(r, theta)


def log_volume(r: Float[Array, " bonds"], theta: Float[Array, " angles"]) -> Float[Array, ""]:
    """ln Π r² Π sin θ."""
    return 2 * jnp.sum(jnp.log(r)) + jnp.sum(jnp.log(jnp.sin(theta)))


def beyond(a: Float[Array, " 3"], b: Float[Array, " 3"], c: Float[Array, " 3"], r, theta, phi) -> Float[Array, " 3"]:
    """The atom at distance r from a, angle θ with b, torsion φ with c."""
    axis = unit(a - b)
    normal = unit(jnp.cross(b - c, axis))
    aside = jnp.cross(normal, axis)
    return a + r * (-jnp.cos(theta) * axis + jnp.sin(theta) * (jnp.cos(phi) * aside + jnp.sin(phi) * normal))


class Molecule(AbstractDensity):
    """ln q(x) = ln q(u) - ln Π r² Π sin θ - ln 8π²: the density `internal` of u as a density of n atoms.

    The first atom of the Z-matrix is in the origin, the orientation uniform.  Density per unit of the other 3n - 3
    coordinates.  Law: unchanged by rotations and translations of x.
    """

    internal: Any  # a density of shape (3n - 6,)
    coordinates: InternalCoordinates

    def __check_init__(self):
        wanted = (3 * self.coordinates.atoms - 6,)
        if tuple(self.internal.shape) != wanted:
            raise ValueError(f"expected a density of shape {wanted}; found {tuple(self.internal.shape)}")

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.coordinates.atoms, 3)

    def log_prob(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """ln q(x), whatever the position and orientation of the molecule."""
        u, volume = self.coordinates.measure(x.astype(float))
        return self.internal.log_prob(u).astype(float) - volume - math.log(ORIENTATIONS)

    def draw_with_log_prob(self, key: Key[Array, ""]) -> tuple[Shaped[Array, "*site"], Float[Array, ""]]:
        """Sample u, place the atoms, rotate the molecule at random."""
        key_internal, key_turn = jax.random.split(key)
        u, log_q = self.internal.draw_with_log_prob(key_internal)
        x, volume = self.coordinates.place(u.astype(float))
        return x @ random_rotation(key_turn).T, log_q.astype(float) - volume - math.log(ORIENTATIONS)


def internal_coordinates(
    zmatrix: tuple[tuple[int, ...], ...], turning: tuple[int, ...], start: Float[np.ndarray | Array, "n 3"]
) -> InternalCoordinates:
    """Coordinates by this Z-matrix, at rest in `start`."""
    plain = InternalCoordinates(zmatrix, turning, (0.0,) * len(zmatrix[3:]))
    u = np.asarray(plain.measure(jnp.asarray(start))[0])
    turns, narrow = plain.parts()
    rest = np.empty(len(zmatrix[3:]))
    rest[turns], rest[narrow] = u[: len(turns)], u[-len(narrow) :]
    return InternalCoordinates(zmatrix, turning, tuple(rest.tolist()))


def molecule_density(
    key: Key[Array, ""], coordinates: InternalCoordinates, x: Float[Array, "samples n 3"], hidden: Sequence[int]
) -> Molecule:
    """An autoregressive density of the internal coordinates, scaled to data; untrained."""
    measure = lambda x: coordinates.measure(x.astype(float))[0]  # noqa: E731
    u = jax.jit(lambda x: jax.lax.map(measure, x, batch_size=4096))(x).astype(jnp.float32)
    angles = len(coordinates.parts()[0])
    density = AutoregressiveSplines(key=key, shape=u.shape[1:], angles=angles, hidden=tuple(hidden))
    return Molecule(density.of_data(u), coordinates)
