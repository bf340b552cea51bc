# SPDX-License-Identifier: Apache-2.0
"""Square ice: arrows on the links of a square lattice; at T = 0 two point in and two out at each vertex."""

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Int8, Shaped

from isinglass.symmetry.lattice import Translation, unit_steps
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.value import Reflection
from isinglass.symmetry.variable import AbstractVariable, Spins
from isinglass.systems.graph import check_sides, color_classes, greedy_coloring, sides_of
from isinglass.systems.system import AbstractLatticeSystem, finite, positive

__all__ = ["SquareIce"]


class SquareIce(AbstractLatticeSystem):
    """E(s) = J Σ_v Q_v², Q_v = ½ Σ_{l at v} (±s_l), half of (arrows out - arrows in) at vertex v.

    Shape: s (Lx, Ly, 2), s = +1 for an arrow towards larger i (link 0) or j (link 1).  Unit: J = k_B = 1.
    Law: E = 0 for W^N arrow patterns, W = (4/3)^(3/2).  Ref: Lieb 1967, doi:10.1103/PhysRevLett.18.692.
    """

    out_links: Int[np.ndarray, "V 2"]  # links that point away from vertex v where s = +1
    in_links: Int[np.ndarray, "V 2"]  # links that point to it
    colors: Int[np.ndarray, "colors links_per_color"]  # links of one color share no vertex
    beta: Float[Array, ""]
    J: Float[Array, ""]
    lattice: tuple[int, int] = eqx.field(static=True)
    variables_per_site: ClassVar[int] = 2
    variable: ClassVar[AbstractVariable] = Spins()
    symmetries: tuple[AbstractSymmetry, ...] = eqx.field(static=True)

    def __init__(self, shape, *, temperature=1.0, J=1.0):
        """`shape`: (Lx, Ly) vertices."""
        shape = check_sides(sides_of(shape), at_least=2, dimension=2)
        links = np.arange(2 * shape[0] * shape[1]).reshape(*shape, 2)
        arriving = np.stack([np.roll(links[..., 0], 1, axis=0), np.roll(links[..., 1], 1, axis=1)], axis=-1)
        self.out_links, self.in_links = (a.reshape(-1, 2).astype(np.int32) for a in (links, arriving))
        at_vertex = np.concatenate([self.out_links, self.in_links], axis=1)
        vertices = (np.argsort(at_vertex.ravel(), kind="stable") // 4).reshape(-1, 2)  # the two ends of each link
        sharing = at_vertex[vertices].reshape(links.size, 8)
        self.colors = color_classes(greedy_coloring(np.where(sharing == links.reshape(-1, 1), links.size, sharing)))
        self.beta = jnp.asarray(1.0 / positive("temperature", temperature))
        self.J = jnp.asarray(finite("J", J), float)
        self.lattice = (int(shape[0]), int(shape[1]))
        self.symmetries = (Reflection(self.variable), Translation(unit_steps(2)))

    @property
    def shape(self) -> tuple[int, ...]:
        """(Lx, Ly, 2): two links for each vertex."""
        return (*self.lattice, 2)

    def charge(self, x: Shaped[Array, "*site"]) -> Float[Array, " V"]:
        """Q_v in -2 .. 2.  Law: Σ_v Q_v = 0."""
        s = x.reshape(-1).astype(float)
        return 0.5 * (s[jnp.asarray(self.out_links)].sum(axis=1) - s[jnp.asarray(self.in_links)].sum(axis=1))

    def energy(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """E(s) = J Σ_v Q_v²."""
        return self.J * jnp.sum(self.charge(x) ** 2)

    def energy_changes(
        self, x: Shaped[Array, "*site"], y: Shaped[Array, " n"], sites: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        """ΔE = J [2 d (Q_start - Q_end) + 2 d²]: a reversed arrow moves the charge d = (y - s)/2 from end to start."""
        charge = self.charge(x).reshape(self.lattice)
        i, j, direction = jnp.unravel_index(jnp.clip(sites, 0, x.size - 1), self.shape)
        end = jnp.where(direction == 0, charge[(i + 1) % self.lattice[0], j], charge[i, (j + 1) % self.lattice[1]])
        d = 0.5 * (y - x.reshape(-1)[sites]).astype(float)
        return self.J * (2 * d * (charge[i, j] - end) + 2 * d**2)

    def propose(self, key, x: Shaped[Array, " n"]) -> Shaped[Array, " n"]:
        """-s: the reversed arrow, the only other value."""
        return -x

    def random_configuration(self, key) -> Int8[Array, "*site"]:
        """Each arrow in either direction with probability one half."""
        return self.variable.random(key, self.shape)

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """The fraction of vertices that obey the ice rule, Q_v = 0."""
        return jnp.mean((self.charge(x) == 0).astype(float))

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"] | None:
        """None: not known on a finite lattice."""
        return None


def examples() -> dict[str, SquareIce]:
    """Small instances by name, on which the tests check every law."""
    return {"ice": SquareIce((2, 3), temperature=1.0), "ice_small": SquareIce((2, 2), temperature=1.5)}
