# SPDX-License-Identifier: Apache-2.0
"""Alanine dipeptide for the Boltzmann generator: its internal coordinates, its equal hydrogens, its density."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.nets.autoregressive_splines import AutoregressiveSplines
from isinglass.nets.molecule import InternalCoordinates, Molecule
from isinglass.systems.alanine_dipeptide import METHYLS, TURNING, ZMATRIX, AlanineDipeptide

__all__ = ["internal_coordinates", "measured", "molecule", "renumbered"]


def internal_coordinates(system: AlanineDipeptide) -> InternalCoordinates:
    """By the Z-matrix of the molecule, at rest in its minimum of energy."""
    plain = InternalCoordinates(ZMATRIX, TURNING, (0.0,) * len(ZMATRIX[3:]))
    u = np.asarray(plain.measure(jnp.asarray(system.start))[0])
    turns, narrow = plain.parts()
    rest = np.empty(len(ZMATRIX[3:]))
    rest[turns], rest[narrow] = u[: len(turns)], u[-len(narrow) :]
    return InternalCoordinates(ZMATRIX, TURNING, tuple(rest.tolist()))


def renumbered(rng: np.random.Generator, x: Float[np.ndarray, "n 22 3"]) -> Float[np.ndarray, "n 22 3"]:
    """Each methyl group's hydrogens in one of the three orders that a turn by 120° makes.  Their energy is the same."""
    x = x.copy()
    for atoms in METHYLS:
        order = (np.arange(3) + rng.integers(0, 3, (len(x), 1))) % 3
        x[:, atoms] = np.take_along_axis(x[:, atoms], order[:, :, None], axis=1)
    return x


def measured(coordinates: InternalCoordinates, x: Float[Array, "n 22 3"]) -> Float[Array, "n 60"]:
    """u of every configuration, float32 in the end."""
    return jax.lax.map(lambda x: coordinates.measure(x.astype(float))[0], x, batch_size=4096).astype(jnp.float32)


def molecule(
    key: Key[Array, ""], system: AlanineDipeptide, hidden: tuple[int, ...], x: Float[Array, "n 22 3"]
) -> tuple[Molecule, Float[Array, "n 60"]]:
    """An untrained density with the scales of the data, and the data in its coordinates."""
    coordinates = internal_coordinates(system)
    u = jax.jit(measured, static_argnums=0)(coordinates, x)
    internal = AutoregressiveSplines(key=key, shape=u.shape[1:], angles=len(TURNING), hidden=hidden)
    return Molecule(internal.of_data(u), coordinates), u
