# SPDX-License-Identifier: Apache-2.0
"""Learning problems whose target has a symmetry: inputs, the target, the group, and a network of no structure."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.nets.prior.plaquette_net import plaquettes
from isinglass.symmetry.euclidean import Euclidean
from isinglass.symmetry.gauge import PhaseGauge
from isinglass.symmetry.lattice import PointGroup, Translation, unit_steps
from isinglass.symmetry.permutation import Permutation
from isinglass.symmetry.symmetry import AbstractSymmetry

__all__ = ["CASES", "PriorCase"]


class PriorCase(NamedTuple):
    """One prior, and a target that has it."""

    group: AbstractSymmetry
    shape: tuple[int, ...]  # of one x
    output: str  # how the target transforms
    draw: Callable[[Key[Array, ""]], Float[Array, "..."]]  # a random x
    target: Callable[[Float[Array, "..."]], Float[Array, ""]]
    angles: bool = False  # x are angles: the plain network is given their cosines and sines


def normal(*shape: int) -> Callable:
    """Independent normal numbers."""
    return lambda key: jax.random.normal(key, shape, jnp.float32)


def triples(x: Float[Array, "Lx Ly"]) -> Float[Array, ""]:
    """Σ_r tanh(x(r) x(r+1) x(r+2̂)): neighbors to the right and above alone, so that rotations change it."""
    return jnp.tanh(x * jnp.roll(x, -1, axis=0) * jnp.roll(x, -1, axis=1)).sum()


def curvature(x: Float[Array, "Lx Ly"]) -> Float[Array, ""]:
    """Σ_r tanh(x(r) Δx(r)), Δ of the square lattice: unchanged by its whole space group."""
    steps = ((1, 0), (-1, 0), (1, 1), (-1, 1))
    laplacian = sum((jnp.roll(x, s, axis=a) for s, a in steps), -4 * x)
    return jnp.tanh(x * laplacian / 4).sum()


def pairs(x: Float[Array, "n d"]) -> Float[Array, ""]:
    """Σ_(i<j) exp(-|x_i - x_j|²/2) cos(x_i · x_j)."""
    i, j = np.triu_indices(x.shape[0], 1)
    return (jnp.exp(-((x[i] - x[j]) ** 2).sum(axis=1) / 2) * jnp.cos((x[i] * x[j]).sum(axis=1))).sum()


def morse(x: Float[Array, "n d"]) -> Float[Array, ""]:
    """Σ_(i<j) (1 - exp(1 - r_ij))², the energy of a cluster; smooth where points coincide."""
    i, j = np.triu_indices(x.shape[0], 1)
    r = jnp.sqrt(((x[i] - x[j]) ** 2).sum(axis=1) + 1e-6)
    return ((1 - jnp.exp(1 - r)) ** 2).sum()


def fermions(x: Float[Array, "n 1"]) -> Float[Array, ""]:
    """Π_(i<j) tanh(x_j - x_i) exp(-Σ x²/4): antisymmetric."""
    i, j = np.triu_indices(x.shape[0], 1)
    return jnp.prod(jnp.tanh(x[j, 0] - x[i, 0])) * jnp.exp(-(x**2).sum() / 4)


def loops(x: Float[Array, "Lx Ly 2"]) -> Float[Array, ""]:
    """Σ cos θ_P cos θ_P', neighboring plaquettes to the right."""
    c = plaquettes(x, "phase")[0]
    return (c * jnp.roll(c, -1, axis=0)).sum()


def angles(*shape: int) -> Callable:
    """Uniform in [0, 2π)."""
    return lambda key: jax.random.uniform(key, shape, jnp.float32, 0.0, 2 * jnp.pi)


CASES = {
    "translation": PriorCase(Translation(unit_steps(2)), (6, 6), "scalar", normal(6, 6), triples),
    "permutation": PriorCase(Permutation(5), (5, 2), "scalar", normal(5, 2), pairs),
    "rotation": PriorCase(Euclidean(3), (4, 3), "scalar", normal(4, 3), morse),
    "point_group": PriorCase(PointGroup((6, 6)), (6, 6), "scalar", normal(6, 6), curvature),
    "gauge": PriorCase(PhaseGauge(), (3, 3, 2), "scalar", angles(3, 3, 2), loops, angles=True),
    "antisymmetry": PriorCase(Permutation(3), (3, 1), "sign", normal(3, 1), fermions),
}
