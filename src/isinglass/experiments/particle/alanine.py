# SPDX-License-Identifier: Apache-2.0
"""Alanine dipeptide for the Boltzmann generator: its internal coordinates, its equal hydrogens, its density."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.experiments.particle.lesson import Lesson
from isinglass.nets.flow.autoregressive_splines import AutoregressiveSplines
from isinglass.nets.flow.molecule import InternalCoordinates, Molecule
from isinglass.sampling.objective.likelihood import NegativeLogLikelihood
from isinglass.systems.particle.alanine_dipeptide import METHYLS, TURNING, ZMATRIX, AlanineDipeptide

__all__ = ["by_internal_coordinates", "internal_coordinates", "measured", "methyls_turned"]


def internal_coordinates(system: AlanineDipeptide) -> InternalCoordinates:
    """By the Z-matrix of the molecule, at rest in its minimum of energy."""
    plain = InternalCoordinates(ZMATRIX, TURNING, (0.0,) * len(ZMATRIX[3:]))
    u = np.asarray(plain.measure(jnp.asarray(system.start))[0])
    turns, narrow = plain.parts()
    rest = np.empty(len(ZMATRIX[3:]))
    rest[turns], rest[narrow] = u[: len(turns)], u[-len(narrow) :]
    return InternalCoordinates(ZMATRIX, TURNING, tuple(rest.tolist()))


def methyls_turned(
    rng: np.random.Generator, x: Float[np.ndarray, "n 22 3"], times: int = 4
) -> Float[np.ndarray, "m 22 3"]:
    """So many copies, the hydrogens of each methyl group in one of the orders of a turn by 120°: equal energy."""
    x = np.concatenate([x] * times)
    for atoms in METHYLS:
        order = (np.arange(3) + rng.integers(0, 3, (len(x), 1))) % 3
        x[:, atoms] = np.take_along_axis(x[:, atoms], order[:, :, None], axis=1)
    return x


def measured(coordinates: InternalCoordinates, x: Float[Array, "n 22 3"]) -> Float[Array, "n 60"]:
    """u of every configuration, float32 in the end."""
    return jax.lax.map(lambda x: coordinates.measure(x.astype(float))[0], x, batch_size=4096).astype(jnp.float32)


def by_internal_coordinates(
    system: AlanineDipeptide, hidden: tuple[int, ...], steps: int, batch: int, key, x: Float[Array, "n 22 3"]
) -> Lesson:
    """An autoregressive density of the internal coordinates, by maximum likelihood."""
    coordinates = internal_coordinates(system)
    u = jax.jit(measured, static_argnums=0)(coordinates, x)
    density = AutoregressiveSplines(key=key, shape=u.shape[1:], angles=len(TURNING), hidden=hidden).of_data(u)
    whole = lambda trained: Molecule(trained, coordinates)  # noqa: E731
    return Lesson("likelihood", density, NegativeLogLikelihood(), u, steps, batch, clip=10.0, whole=whole)
