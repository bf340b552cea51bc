# SPDX-License-Identifier: Apache-2.0
"""Networks of symmetry functions.  Ref: Behler and Parrinello 2007, doi:10.1103/PhysRevLett.98.146401."""

import math
from collections.abc import Sequence
from itertools import combinations_with_replacement

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from isinglass.nets.equivariant.radial import mixed_by_species
from isinglass.systems.particle.interatomic import AbstractInteratomic, NeighborTable

__all__ = ["BehlerParrinello"]

ZETA, SIGN = (1, 2, 4, 16), (-1.0, 1.0)


class BehlerParrinello(AbstractInteratomic):
    """E_i = f_z(G), G the symmetry functions of atom i by the species of its neighbors, f_z tanh networks.

    G² = Σ_j exp(-η (r_ij - s)²) f(r_ij), η s² on a grid of s;  f(r) = (1 + cos(π r/c))/2
    G⁵ = 2^(1-ζ) Σ_(j<k) (1 + λ cos θ_jik)^ζ exp(-η (r_ij² + r_ik²)) f(r_ij) f(r_ik), λ = ±1, ζ = 1, 2, 4, 16
    Law: E is unchanged by rotations, reflections, translations and exchange of like atoms; forces are continuous.
    Unit: Å; energies without a unit, about 1 wide.  Cost: (neighbors)² for each atom.
    Ref: Behler 2011, doi:10.1063/1.3553717, eqs. 6 and 9.
    """

    weights: tuple[Float[Array, "Z n m"], ...]
    biases: tuple[Float[Array, "Z m"], ...]
    center: Float[Array, " G"]  # of the symmetry functions of the data, not trained
    width: Float[Array, " G"]
    numbers: tuple[int, ...] = eqx.field(static=True)
    cutoff: float = eqx.field(static=True)
    average: float = eqx.field(static=True)
    channels: int = eqx.field(static=True)
    radial: int = eqx.field(static=True)

    def __init__(
        self, *, key: Key[Array, ""], numbers: Sequence[int], cutoff: float = 6.0, average: float = 1.0,
        channels: int = 32, radial: int = 8,
    ):  # fmt: skip
        """Two hidden layers of `channels` units; `radial` functions G² for each species."""
        self.numbers, self.cutoff, self.average = tuple(numbers), cutoff, average
        self.channels, self.radial = channels, radial
        Z = len(self.numbers)
        G = Z * radial + len(ZETA) * len(SIGN) * Z * (Z + 1) // 2
        sizes, keys = (G, channels, channels, 1), jax.random.split(key, 3)
        pairs = zip(keys, sizes[:-1], sizes[1:], strict=True)
        self.weights = tuple(jax.random.normal(k, (Z, n, m), jnp.float32) for k, n, m in pairs)
        self.biases = tuple(jnp.zeros((Z, m), jnp.float32) for m in sizes[1:])
        self.center, self.width = jnp.zeros(G, jnp.float32), jnp.ones(G, jnp.float32)

    def functions(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, "n G"]:
        """All symmetry functions of every atom."""
        d = jnp.sqrt(jnp.sum(r * r, axis=-1))
        fade = jnp.where(d < self.cutoff, 0.5 * (1 + jnp.cos(d * (math.pi / self.cutoff))), 0)
        seen = [jnp.where(species[neighbors.index] == z, fade, 0) for z in range(len(self.numbers))]
        grid = jnp.linspace(0.2 * self.cutoff, 0.9 * self.cutoff, self.radial, dtype=d.dtype)
        eta = 0.5 * (self.radial / (0.7 * self.cutoff)) ** 2
        shell = jnp.exp(-eta * jnp.square(d[..., None] - grid[None, None]))
        found = [jnp.einsum("nk,nkg->ng", f, shell) for f in seen]
        u = r / d[..., None]
        cosine = jnp.einsum("nka,nla->nkl", u, u)
        other = ~jnp.eye(d.shape[1], dtype=bool)[None]
        wide = jnp.exp(-(2 / self.cutoff**2) * d * d)
        near = [f * wide for f in seen]
        for sign in SIGN:
            base = jnp.where(other, jnp.maximum(0.5 * (1 + sign * cosine), 0), 0)
            for zeta in ZETA:
                power = base**zeta
                found += [2 * jnp.einsum("nk,nkl,nl->n", near[a], power, near[b])[:, None] / (2 if a == b else 1)
                          for a, b in combinations_with_replacement(range(len(near)), 2)]  # fmt: skip
        return jnp.concatenate(found, axis=-1)

    def of_data(self, G: Float[Array, "n G"]) -> "BehlerParrinello":
        """The same, with center and width of symmetry functions of the data."""
        where = lambda net: (net.center, net.width)  # noqa: E731
        width = jnp.std(G, axis=0)
        return eqx.tree_at(where, self, (jnp.mean(G, axis=0), jnp.where(width > 1e-8, width, 1)))

    def atom_energies(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        center, width = jax.lax.stop_gradient((self.center, self.width))
        h = (self.functions(r, neighbors, species) - center.astype(r.dtype)[None]) / width.astype(r.dtype)[None]
        for k, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            h = mixed_by_species(h[:, None], weight, species)[:, 0] + bias.astype(h.dtype)[species]
            h = jnp.tanh(h) if k < len(self.weights) - 1 else h
        return h[:, 0]
