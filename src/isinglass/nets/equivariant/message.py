# SPDX-License-Identifier: Apache-2.0
"""What an atom collects from its neighbors: A_c = Σ_j R(r_ij) (h_j ⊗ Y(r̂_ij))_c, channel by channel.

Refs: Batzner et al. 2022, arXiv:2101.03164; Batatia et al. 2022, arXiv:2206.07697, eq. 8.
"""

import math
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key

from isinglass.nets.equivariant.irreps import coupling, product_paths
from isinglass.nets.equivariant.radial import FEW, RadialNetwork, mixed
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
        self, sent: list[Float[Array, "n K _ C"]], Y: list[Float[Array, "n K _"]], e: Float[Array, "n K k"]
    ) -> list[Float[Array, "n _ _"]]:
        """A_c of every atom, of h_j at its places: the channels of its paths one after another."""
        C = sent[0].shape[-1]
        hidden, weight = self.radial.hidden(e), self.radial.weights[-1]
        found: dict[int, list] = {}
        for q, (a, b, c) in enumerate(self.paths):
            R = mixed(hidden, weight[:, q * C : (q + 1) * C])
            found.setdefault(c, []).append(self.collected(coupling(a, b, c), Y[b], R, sent[a]))
        return [jnp.concatenate(found[c], axis=-1) for c in sorted(found)]

    def sources(
        self, h: Parts, up: tuple[Float[Array, "C C"], ...], neighbors: NeighborTable, species: Int[Array, " n"],
        kinds: Float[Array, "Z C"] | None,
    ) -> tuple[Any, Callable[[Any, list, Float[Array, "n K k"]], list[Float[Array, "n _ _"]]]]:  # fmt: skip
        """What is sent to every place of the table, a row an atom, and what collects it with Y and e.

        `kinds`: h_0 of every species where nothing else is known of an atom, then few species are told apart alone.
        """
        if kinds is None or len(kinds) > FEW:
            return [neighbors.sent(mixed(part, weight)) for part, weight in zip(h, up, strict=True)], self
        return neighbors.kinds(species, len(kinds)), eqx.Partial(self.of_kinds, mixed(kinds, up[0]))

    def of_kinds(
        self, h: Float[Array, "Z C"], is_z: Bool[Array, "n K Z"], Y: list[Float[Array, "n K _"]],
        e: Float[Array, "n K k"],
    ) -> list[Float[Array, "n _ C"]]:  # fmt: skip
        """The same where neighbors are told apart by their species alone, h_j = h_z(j), a scalar.

        A_c = Σ_z h_z W_c M_z, moments M_z = Σ_(j of z) hidden_j ⊗ Y_j: W acts once an atom, not once a neighbor.
        """
        n, (Z, C) = len(e), h.shape
        hidden, weight = self.radial.hidden(e), self.radial.weights[-1]
        of_z = [jnp.where(is_z[..., None], Y[b][:, :, None], 0).reshape(*e.shape[:2], -1) for _, b, _ in self.paths]
        moments = jnp.einsum("nkb,nkm->nbm", jnp.concatenate(of_z, axis=-1), hidden)
        ends = np.cumsum([part.shape[-1] for part in of_z])[:-1]
        found = []
        for q, (M, (a, b, c)) in enumerate(zip(jnp.split(moments, ends, axis=1), self.paths, strict=True)):
            W = h.astype(M.dtype)[:, None] * weight[None, :, q * C : (q + 1) * C].astype(M.dtype)
            M = jnp.swapaxes(M.reshape(n, Z, 2 * b + 1, -1), 1, 2).reshape(n, 2 * b + 1, -1)
            factor = float(coupling(a, b, c)[0, 0, 0]) * math.sqrt(Z)
            found.append(factor * mixed(M, W.reshape(-1, C)))
        return found

    def collected(self, table, Y: Float[Array, "n K b"], R: Float[Array, "n K C"], h: Float[Array, "n K a C"]):
        """Σ_j R_j Σ_ab C_abc Y_jb h_ja, of one path."""
        if h.shape[2] == 1:  # C_0bc is a multiple of 1
            return jnp.einsum("nkb,nkx->nbx", Y * float(table[0, 0, 0]), R * h[:, :, 0])
        G = jnp.einsum("abc,nkb->nkac", jnp.asarray(table, Y.dtype), Y)
        return jnp.einsum("nkac,nkax->ncx", G, R[:, :, None] * h)
