# SPDX-License-Identifier: Apache-2.0
"""Messages of scalars alone: SchNet.  Ref: Schütt et al. 2017, arXiv:1706.08566."""

import math
from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from isinglass.nets.equivariant.radial import RadialNetwork, envelope, mixed
from isinglass.systems.particle.interatomic import AbstractInteratomic, NeighborTable

__all__ = ["SchNet"]


class SchNet(AbstractInteratomic):
    """h_i <- h_i + W_3 f(W_2 Σ_j (W_1 h_j) ∘ R(r_ij)), f(x) = ln(1 + e^x) - ln 2;  E_i = w f(W h_i).

    R: a network of Gaussians of the distance, times a smooth cutoff.  Angles are seen through messages alone.
    Law: E is unchanged by rotations, reflections, translations and exchange of like atoms, and smooth.
    Unit: Å; energies without a unit, about 1 wide.  Cost: linear in neighbors.
    """

    embedding: Float[Array, "Z C"]
    filters: tuple[RadialNetwork, ...]
    weights: Float[Array, "depth 3 C C"]
    readout: tuple[Float[Array, "C half"], Float[Array, " half"]]
    numbers: tuple[int, ...] = eqx.field(static=True)
    cutoff: float = eqx.field(static=True)
    average: float = eqx.field(static=True)
    channels: int = eqx.field(static=True)
    depth: int = eqx.field(static=True)
    gaussians: int = eqx.field(static=True)

    def __init__(
        self, *, key: Key[Array, ""], numbers: Sequence[int], cutoff: float = 5.0, average: float = 1.0,
        channels: int = 64, depth: int = 3, gaussians: int = 25,
    ):  # fmt: skip
        """`average` neighbors, `depth` layers, `gaussians` of the distance."""
        self.numbers, self.cutoff, self.average, self.channels = tuple(numbers), cutoff, average, channels
        self.depth, self.gaussians = depth, gaussians
        key_in, key_mix, key_out, *keys = jax.random.split(key, depth + 3)
        Z, C, half = len(self.numbers), channels, max(1, channels // 2)
        self.embedding = jax.random.normal(key_in, (Z, C), jnp.float32)
        self.filters = tuple(RadialNetwork(key=k, sizes=(gaussians, C, C)) for k in keys)
        self.weights = jax.random.normal(key_mix, (depth, 3, C, C), jnp.float32)
        first, second = jax.random.split(key_out)
        self.readout = jax.random.normal(first, (C, half), jnp.float32), jax.random.normal(second, (half,), jnp.float32)

    def atom_energies(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        d = jnp.sqrt(jnp.sum(r * r, axis=-1))
        center = jnp.linspace(0, self.cutoff, self.gaussians, dtype=d.dtype)
        width = self.cutoff / max(self.gaussians - 1, 1)
        e = jnp.exp(-0.5 * jnp.square((d[..., None] - center[None, None]) / width))
        fade = envelope(d / self.cutoff, 6)[..., None]
        h = self.embedding.astype(r.dtype)[species]
        for filter_, (first, second, third) in zip(self.filters, self.weights, strict=True):
            sent = neighbors.sent(mixed(h, first))
            collected = jnp.sum(sent * filter_(e) * fade, axis=1) / math.sqrt(self.average)
            h = h + mixed(shifted_softplus(mixed(collected, second)), third)
        first, second = self.readout
        return mixed(shifted_softplus(mixed(h, first)), second[:, None])[:, 0]


def shifted_softplus(x: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """ln(1 + e^x) - ln 2, 0 at 0."""
    return jax.nn.softplus(x) - math.log(2)
