# SPDX-License-Identifier: Apache-2.0
"""Messages of two bodies, layer by layer, with gates: NequIP.  Ref: Batzner et al. 2022, arXiv:2101.03164."""

import math
from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from isinglass.nets.equivariant.atom_blocks import energies_in_blocks, in_blocks
from isinglass.nets.equivariant.irreps import harmonics
from isinglass.nets.equivariant.message import Message, Parts
from isinglass.nets.equivariant.radial import BesselBasis, mixed, mixed_by_species
from isinglass.systems.particle.interatomic import AbstractInteratomic, NeighborTable

__all__ = ["Nequip", "NequipLayer"]


class NequipLayer(eqx.Module):
    """h_l <- W_l (Σ_j R(r_ij) h_j ⊗ Y)_l/√average + W_zl h_l; silu of l = 0, and for l > 0 times silu of a gate."""

    up: tuple[Float[Array, "C C"], ...]
    message: Message
    down: tuple[Float[Array, "paths_C outputs"], ...]  # l = 0: scalars, then the gates of l = 1, 2, ...
    skip: tuple[Float[Array, "Z C outputs"], ...]

    def __init__(
        self, *, key: Key[Array, ""], species: int, channels: int, sizes: tuple[int, ...], a_max: int, l_max: int,
        c_max: int,
    ):  # fmt: skip
        key_message, key_up, key_down, key_skip = jax.random.split(key, 4)
        C = channels
        self.message = Message(key=key_message, sizes=sizes, channels=C, a_max=a_max, b_max=l_max, c_max=c_max)
        self.up = tuple(jax.random.normal(key_up, (a_max + 1, C, C), jnp.float32))
        counts = [sum(c == l for *_, c in self.message.paths) for l in range(c_max + 1)]  # noqa: E741
        outputs = [C * (c_max + 1), *[C] * c_max]
        self.down = tuple(
            jax.random.normal(jax.random.fold_in(key_down, l), (n * C, m), jnp.float32)
            for l, (n, m) in enumerate(zip(counts, outputs, strict=True))  # noqa: E741
        )
        self.skip = tuple(
            jax.random.normal(jax.random.fold_in(key_skip, l), (species, C, outputs[l]), jnp.float32)
            for l in range(min(a_max, c_max) + 1)  # noqa: E741
        )

    def __call__(
        self, h: Parts, Y: list[Float[Array, "n K _"]], e: Float[Array, "n K k"], neighbors: NeighborTable,
        species: Int[Array, " n"], average: float, kinds: Float[Array, "Z C"] | None = None,
    ) -> Parts:  # fmt: skip
        """h_l of every atom after one layer.  `kinds`: h_0 of every species, where nothing else is known of an atom."""
        sent, collect = self.message.sources(h, self.up, neighbors, species, kinds)

        def of_block(h: Parts, sent: Any, Y: list, e: Float[Array, "n K k"], species: Int[Array, " n"]) -> Parts:
            return self.after(h, collect(sent, Y, e), species, average)

        return in_blocks(of_block, (h, sent, Y, e, species))

    def after(
        self, h: Parts, collected: list[Float[Array, "n _ _"]], species: Int[Array, " n"], average: float
    ) -> Parts:
        """h_l, of what an atom knew and has collected."""
        new = [mixed(part / math.sqrt(average), weight) for part, weight in zip(collected, self.down, strict=True)]
        for l, weight in enumerate(self.skip):  # noqa: E741
            new[l] = new[l] + mixed_by_species(h[l], weight, species)
        C = h[0].shape[-1]
        gates = jax.nn.silu(new[0])
        return [gates[..., :C], *(part * gates[..., C * l : C * (l + 1)] for l, part in enumerate(new[1:], 1))]  # noqa: E741


class Nequip(AbstractInteratomic):
    """E_i = W_2 W_1 h_0 of atom i after `depth` layers of parts l ≤ l_max with `channels` each.

    Law: E is unchanged by rotations, reflections, translations and exchange of like atoms, and smooth.
    Unit: Å; energies without a unit, about 1 wide.  Cost: linear in neighbors.  Ref: arXiv:2101.03164.
    """

    embedding: Float[Array, "Z C"]
    layers: tuple[NequipLayer, ...]
    readout: tuple[Float[Array, "C half"], Float[Array, " half"]]
    numbers: tuple[int, ...] = eqx.field(static=True)
    cutoff: float = eqx.field(static=True)
    average: float = eqx.field(static=True)
    channels: int = eqx.field(static=True)
    l_max: int = eqx.field(static=True)
    depth: int = eqx.field(static=True)
    hidden: tuple[int, ...] = eqx.field(static=True)
    waves: int = eqx.field(static=True)

    def __init__(
        self, *, key: Key[Array, ""], numbers: Sequence[int], cutoff: float = 5.0, average: float = 1.0,
        channels: int = 64, l_max: int = 1, depth: int = 2, hidden: Sequence[int] = (64,), waves: int = 8,
    ):  # fmt: skip
        """`average` neighbors, `depth` layers, `waves` radial functions."""
        self.numbers, self.cutoff, self.average, self.channels = tuple(numbers), cutoff, average, channels
        self.l_max, self.depth, self.hidden, self.waves = l_max, depth, tuple(hidden), waves
        key_in, key_out, *keys = jax.random.split(key, depth + 2)
        Z, C = len(self.numbers), channels
        self.embedding = jax.random.normal(key_in, (Z, C), jnp.float32)
        self.layers = tuple(
            NequipLayer(key=k, species=Z, channels=C, sizes=(waves, *hidden), a_max=l_max if i else 0, l_max=l_max,
                        c_max=l_max if i < depth - 1 else 0)
            for i, k in enumerate(keys)
        )  # fmt: skip
        first, second = jax.random.split(key_out)
        half = max(1, C // 2)
        self.readout = (
            jax.random.normal(first, (C, half), jnp.float32),
            jax.random.normal(second, (half,), jnp.float32),
        )

    def atom_energies(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        d = jnp.sqrt(jnp.sum(r * r, axis=-1))
        Y, e = harmonics(r / d[..., None], self.l_max), BesselBasis(self.cutoff, self.waves, p=6)(d)
        kinds = self.embedding.astype(r.dtype)
        h = [kinds[species][:, None]]
        *layers, last = self.layers
        for layer in layers:
            h, kinds = layer(h, Y, e, neighbors, species, self.average, kinds), None
        sent, collect = last.message.sources(h, last.up, neighbors, species, kinds)
        return energies_in_blocks(last_energies, (last, collect, self.readout, self.average), (h, sent, Y, e, species))


def last_energies(
    weights: tuple, h: Parts, sent: Any, Y: list, e: Float[Array, "n K k"], species: Int[Array, " n"]
) -> Float[Array, " n"]:
    """The last layer and its readout."""
    layer, collect, (first, second), average = weights
    scalars = layer.after(h, collect(sent, Y, e), species, average)[0][:, 0]
    return mixed(mixed(scalars, first), second[:, None])[:, 0]
