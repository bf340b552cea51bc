# SPDX-License-Identifier: Apache-2.0
"""Invariants of the moments of the neighborhood, and a network of them: light enough for long dynamics.

M^l_c = Σ_j g_c(r_ij) r̂_ij ⊗ ... ⊗ r̂_ij, l = 0, 1, 2;  E_i = f(M⁰, M¹·M¹, M²:M², M¹·M²·M¹, tr M² M² M²), c by c.
Ref: Shapeev 2016, arXiv:1512.06054, for the moments.
"""

import math
from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from isinglass.nets.equivariant.radial import BesselBasis, mixed, mixed_by_species
from isinglass.systems.particle.interatomic import AbstractInteratomic, NeighborTable

__all__ = ["MomentPotential"]

INVARIANTS = 5  # of a channel


class MomentPotential(AbstractInteratomic):
    """E_i = f_z(invariants of the moments of atom i), a network of two hidden layers for each species.

    Radial functions g_c are sums of Bessel waves by the species of both atoms; channels are mixed before they are
    multiplied.  Law: E is unchanged by rotations, reflections, translations and exchange of like atoms, and smooth.
    Unit: Å; energies without a unit, about 1 wide.  Cost: for each neighbor 10 waves x species, all else for each atom.
    """

    radial: Float[Array, "Z Z_waves C"]
    mixing: Float[Array, "4 C C"]  # of the second factors of M¹·M¹, M²:M², and of those of three
    weights: tuple[Float[Array, "Z n m"], ...]
    biases: tuple[Float[Array, "Z m"], ...]
    numbers: tuple[int, ...] = eqx.field(static=True)
    cutoff: float = eqx.field(static=True)
    average: float = eqx.field(static=True)
    channels: int = eqx.field(static=True)
    hidden: tuple[int, ...] = eqx.field(static=True)
    waves: int = eqx.field(static=True)

    def __init__(
        self, *, key: Key[Array, ""], numbers: Sequence[int], cutoff: float = 5.0, average: float = 1.0,
        channels: int = 24, hidden: Sequence[int] = (64, 64), waves: int = 8,
    ):  # fmt: skip
        """`average` neighbors, `waves` radial functions."""
        self.numbers, self.cutoff, self.average, self.channels = tuple(numbers), cutoff, average, channels
        self.hidden, self.waves = tuple(hidden), waves
        key_radial, key_mix, *keys = jax.random.split(key, len(self.hidden) + 3)
        Z, C = len(self.numbers), channels
        self.radial = jax.random.normal(key_radial, (Z, Z * waves, C), jnp.float32)
        self.mixing = jax.random.normal(key_mix, (4, C, C), jnp.float32)
        sizes = (INVARIANTS * C, *self.hidden, 1)
        pairs = zip(keys, sizes[:-1], sizes[1:], strict=True)
        self.weights = tuple(jax.random.normal(k, (Z, n, m), jnp.float32) for k, n, m in pairs)
        self.biases = tuple(jnp.zeros((Z, m), jnp.float32) for m in sizes[1:])

    def atom_energies(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        d = jnp.sqrt(jnp.sum(r * r, axis=-1))  # from here on neighbors are last: side by side in memory
        e = jnp.moveaxis(BesselBasis(self.cutoff, self.waves).waves(d), 0, 1)
        if len(self.numbers) > 1:
            is_z = jnp.moveaxis(neighbors.kinds(species, len(self.numbers)), -1, 1)
            e = jnp.where(is_z[:, :, None], e[:, None], 0).reshape(len(e), -1, d.shape[1])
        u = jnp.moveaxis(r / d[..., None], -1, 1)
        uu = (u[:, :, None] * u[:, None]).reshape(len(u), 9, -1)
        Y = jnp.concatenate([jnp.ones_like(d)[:, None], math.sqrt(3) * u, 1.5 * uu], axis=1)
        moments = jnp.einsum("nmk,nek->nme", Y, e) / math.sqrt(self.average)
        M = mixed_by_species(moments, self.radial, species) * math.sqrt(self.radial.shape[1] / self.waves)
        h = self.invariants(M)
        for k, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            h = mixed_by_species(h[:, None], weight, species)[:, 0] + bias.astype(h.dtype)[species]
            h = jax.nn.silu(h) if k < len(self.hidden) else h
        return h[:, 0]

    def invariants(self, M: Float[Array, "n 13 C"]) -> Float[Array, "n invariants"]:
        """Of each channel; M² without its trace."""
        n, _, C = M.shape
        v, T = M[:, 1:4], M[:, 4:].reshape(n, 3, 3, C)
        T = T - jnp.eye(3, dtype=M.dtype)[None, :, :, None] * jnp.trace(T, axis1=1, axis2=2)[:, None, None] / 3
        a, b, c, d = (mixed(part, weight) for part, weight in zip((v, T, v, T), self.mixing, strict=True))
        Tv = jnp.einsum("nijc,njc->nic", T, v)
        TT = jnp.einsum("nijc,njkc->nikc", T, b)
        sums = [M[:, 0], jnp.sum(v * a, 1), jnp.sum(T * b, (1, 2)), jnp.sum(Tv * c, 1), jnp.sum(TT * d, (1, 2))]
        return jnp.concatenate(sums, axis=-1)
