# SPDX-License-Identifier: Apache-2.0
"""A start from which products of messages can be learned: every part of a network is about 1 wide on given atoms.

In crystals, in molecules and at random, radial functions and their sums differ by factors of ten, and
products of ν of them by its ν-th power.  Ref: Mishkin and Matas 2016, arXiv:1511.06422.
"""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from isinglass.nets.equivariant.irreps import harmonics
from isinglass.nets.equivariant.mace import Mace, MaceLayer
from isinglass.nets.equivariant.message import Parts
from isinglass.nets.equivariant.nequip import Nequip
from isinglass.nets.equivariant.radial import BesselBasis, mixed
from isinglass.systems.particle.interatomic import NeighborTable

__all__ = ["of_unit_width"]


@eqx.filter_jit
def of_unit_width(
    net: Mace | Nequip, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
) -> Mace | Nequip:
    """The same with weights divided: <e²> = 1 of the radial functions, <A_l²> = 1, <B_Lν²> = 1/factors at most.

    Means are over atoms, components and channels.  Law: the network's form does not change, only its weights.
    """
    d = jnp.sqrt(jnp.sum(r * r, axis=-1))
    Y, e = harmonics(r / d[..., None], net.l_max), radial_functions(net, d)
    pairs = jnp.sum(neighbors.real).astype(e.dtype)
    wide = jnp.sqrt(jnp.sum(jnp.where(neighbors.real[..., None], e * e, 0)) / (e.shape[-1] * jnp.maximum(pairs, 1)))
    wide = jnp.where(wide > 0, wide, 1)
    h: Parts = [net.embedding.astype(r.dtype)[species][:, None]]
    layers = []
    for layer in net.layers:
        first = layer.message.radial.weights[0]
        layer = eqx.tree_at(lambda layer: layer.message.radial.weights[0], layer, divided(first, wide))
        sent = [neighbors.sent(mixed(part, weight)) for part, weight in zip(h, layer.up, strict=True)]
        parts = [part / jnp.sqrt(net.average).astype(r.dtype) for part in layer.message(sent, Y, e)]
        A = [mixed(part, weight) for part, weight in zip(parts, layer.down, strict=True)]
        down = tuple(divided(weight, width(part)) for part, weight in zip(A, layer.down, strict=True))
        layer = eqx.tree_at(lambda layer: layer.down, layer, down)
        if isinstance(layer, MaceLayer):
            layer = with_products(layer, jnp.concatenate([a / width(a) for a in A], axis=1), species)
        h = layer(h, Y, e, neighbors, species, net.average)
        layers.append(layer)
    return eqx.tree_at(lambda net: net.layers, net, tuple(layers))


def with_products(layer: MaceLayer, A: Float[Array, "n lm C"], species: Int[Array, " n"]) -> MaceLayer:
    """All powers of A as wide as one another."""
    contraction = layer.contraction
    weights = tuple(
        tuple(divided(weight, width(contraction.term(A, species, L, nu)) * len(of) ** 0.5)
              for nu, weight in enumerate(of, 1))
        for L, of in enumerate(contraction.weights)
    )  # fmt: skip
    return eqx.tree_at(lambda layer: layer.contraction.weights, layer, weights)


def radial_functions(net: Mace | Nequip, d: Float[Array, "n K"]) -> Float[Array, "n K k"]:
    """As the network has them."""
    return BesselBasis(net.cutoff, net.waves, p=6 if isinstance(net, Nequip) else 5)(d)


def width(a: Float[Array, "..."]) -> Float[Array, ""]:
    """√<a²>, 1 where it is 0."""
    square = jnp.mean(a * a)
    return jnp.sqrt(jnp.where(square > 0, square, 1))


def divided(weight: Float[Array, "..."], by: Float[Array, ""]) -> Float[Array, "..."]:
    """In the precision of the weight."""
    return (weight / by).astype(weight.dtype)
