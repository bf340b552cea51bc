# SPDX-License-Identifier: Apache-2.0
"""What an atom collects from its neighbors: A_c = Σ_j R(r_ij) (h_j ⊗ Y(r̂_ij))_c, channel by channel.

Refs: Batzner et al. 2022, arXiv:2101.03164; Batatia et al. 2022, arXiv:2206.07697, eq. 8.
"""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.equivariant.irreps import coupling, product_paths
from isinglass.nets.equivariant.radial import RadialNetwork, mixed
from isinglass.systems.particle.interatomic import NeighborTable

__all__ = ["Message"]

Parts = list[Float[Array, "n _ C"]]  # l = 0, 1, ...: 2 l + 1 components of C channels


class Message(eqx.Module):
    """Parts h_l, l ≤ a_max, of the neighbors to parts A_c, c ≤ c_max, of as many channels for each path (a, b) to c.

    Law: A_c turns as Y_c.  Cost: for each neighbor, hidden x paths x channels.
    """

    radial: RadialNetwork
    paths: tuple[tuple[int, int, int], ...] = eqx.field(static=True)

    def __init__(
        self, *, key: Key[Array, ""], sizes: tuple[int, ...], channels: int, a_max: int, b_max: int, c_max: int
    ):
        self.paths = tuple(product_paths(a_max, b_max, c_max))
        self.radial = RadialNetwork(key=key, sizes=(*sizes, len(self.paths) * channels))

    def __call__(
        self, h: Parts, Y: list[Float[Array, "n K _"]], e: Float[Array, "n K k"], neighbors: NeighborTable
    ) -> list[Float[Array, "n _ _"]]:
        """A_c of every atom, the channels of its paths one after another."""
        sent, C = [neighbors.sent(part) for part in h], h[0].shape[-1]
        hidden, weight = self.radial.hidden(e), self.radial.weights[-1]
        found: dict[int, list] = {}
        for q, (a, b, c) in enumerate(self.paths):
            R = mixed(hidden, weight[:, q * C : (q + 1) * C])
            found.setdefault(c, []).append(self.collected(coupling(a, b, c), Y[b], R, sent[a]))
        return [jnp.concatenate(found[c], axis=-1) for c in sorted(found)]

    def collected(self, table, Y: Float[Array, "n K b"], R: Float[Array, "n K C"], h: Float[Array, "n K a C"]):
        """Σ_j R_j Σ_ab C_abc Y_jb h_ja, of one path."""
        if h.shape[2] == 1:  # C_0bc is a multiple of 1
            return jnp.einsum("nkb,nkx->nbx", Y * float(table[0, 0, 0]), R * h[:, :, 0])
        G = jnp.einsum("abc,nkb->nkac", jnp.asarray(table, Y.dtype), Y)
        return jnp.einsum("nkac,nkax->ncx", G, R[:, :, None] * h)
