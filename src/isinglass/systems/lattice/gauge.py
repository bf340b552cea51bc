# SPDX-License-Identifier: Apache-2.0
"""The Ising gauge theory: spins on links, energy on plaquettes, topological order and no local order parameter."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Int8, Shaped

from isinglass.exact.lattice import gauge
from isinglass.symmetry.gauge import SignGauge
from isinglass.symmetry.lattice import Translation, unit_steps
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.variable import AbstractVariable, Spins
from isinglass.systems.graph import check_sides, color_classes, greedy_coloring, sides_of
from isinglass.systems.system import AbstractLatticeSystem, finite, positive

__all__ = ["IsingGauge", "link_tables"]


class IsingGauge(AbstractLatticeSystem):
    """E(s) = -J Σ_p Π_{l in p} s_l, s_l = ±1, on the links of an Lx x Ly torus.

    Shape: s (Lx, Ly, 2); s[i, j, 0] joins (i, j) and (i+1, j), s[i, j, 1] joins (i, j) and (i, j+1).
    Unit: J = k_B = 1.  Law: E is unchanged when all links at a vertex are flipped; 2^(Lx Ly + 1) ground states.
    Ref: Wegner 1971, doi:10.1063/1.1665530.
    """

    plaquettes: Int[np.ndarray, "P 4"]  # the four links of each plaquette
    link_plaquettes: Int[np.ndarray, "N 2"]  # the two plaquettes of each link
    colors: Int[np.ndarray, "colors links_per_color"]  # links of one color share no plaquette
    beta: Float[Array, ""]
    J: Float[Array, ""]
    lattice: tuple[int, int] = eqx.field(static=True)
    variables_per_site: ClassVar[int] = 2
    variable: ClassVar[AbstractVariable] = Spins()
    symmetries: tuple[AbstractSymmetry, ...] = eqx.field(static=True)

    def __init__(self, shape, *, temperature=1.0, J=1.0):
        """`shape`: (Lx, Ly) vertices."""
        shape = check_sides(sides_of(shape), at_least=2, dimension=2)
        self.plaquettes, self.link_plaquettes, _, self.colors = link_tables(tuple(shape))
        self.beta = jnp.asarray(1.0 / positive("temperature", temperature))
        self.J = jnp.asarray(finite("J", J), float)
        self.lattice = (int(shape[0]), int(shape[1]))
        self.symmetries = (SignGauge(), Translation(unit_steps(2)))

    @property
    def shape(self) -> tuple[int, ...]:
        """(Lx, Ly, 2): two links for each vertex."""
        return (*self.lattice, 2)

    def plaquette(self, x: Shaped[Array, "*site"]) -> Int8[Array, " P"]:
        """Π_{l in p} s_l = ±1 for each plaquette."""
        return jnp.prod(x.reshape(-1)[jnp.asarray(self.plaquettes)], axis=1, dtype=jnp.int8)

    def energy(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """E(s) = -J Σ_p Π_{l in p} s_l."""
        return -self.J * jnp.sum(self.plaquette(x).astype(float))

    def energy_changes(
        self, x: Shaped[Array, "*site"], y: Shaped[Array, " n"], sites: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        """ΔE = J (1 - y_l s_l) (P_1 + P_2): a flipped link changes the sign of its two plaquettes."""
        change = 1.0 - (y * x.reshape(-1)[sites]).astype(float)
        own = self.plaquette(x)[jnp.asarray(self.link_plaquettes)[sites]]
        return self.J * change * jnp.sum(own.astype(float), axis=1)

    def propose(self, key, x: Shaped[Array, " n"]) -> Shaped[Array, " n"]:
        """-s, the only other value."""
        return -x

    def random_configuration(self, key) -> Int8[Array, "*site"]:
        """Each link ±1 with probability one half."""
        return self.variable.random(key, self.shape)

    def ground_state(self, key) -> Int8[Array, "*site"]:
        """One of the 2^(Lx Ly + 1) ground states, all equally likely: P = 1 everywhere (J > 0).

        A random gauge transformation of s = 1, times -1 with probability one half on all links across a cut, for each
        of the two loops around the torus.
        """
        key_gauge, key_loop = jax.random.split(key)
        v = 2 * jax.random.bernoulli(key_gauge, shape=self.lattice).astype(jnp.int8) - jnp.int8(1)
        loop = 2 * jax.random.bernoulli(key_loop, shape=(2,)).astype(jnp.int8) - jnp.int8(1)
        s = jnp.stack([v * jnp.roll(v, -1, axis=0), v * jnp.roll(v, -1, axis=1)], axis=-1)
        return s.at[0, :, 0].multiply(loop[0]).at[:, 0, 1].multiply(loop[1])

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """The mean plaquette (1/V) Σ_p Π s_l; no local order parameter exists in a gauge theory."""
        return jnp.mean(self.plaquette(x).astype(float))

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"] | None:
        """-J <P>, per plaquette, of which there are as many as vertices."""
        return -float(self.J) * np.array(
            [gauge.plaquette(1 / T, self.lattice[0] * self.lattice[1], float(self.J)) for T in temperature]
        )


def link_tables(shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Links of each plaquette [P, 4], plaquettes of each link [N, 2], its position (0 to 3) in them [N, 2], and colors.

    The plaquette of (i, j) has the links (i, j, 0), (i, j+1, 0), (i, j, 1), (i+1, j, 1), in this order.
    """
    links = np.arange(2 * shape[0] * shape[1]).reshape(*shape, 2)
    across, along = links[..., 0], links[..., 1]
    corners = (across, np.roll(across, -1, axis=1), along, np.roll(along, -1, axis=0))
    plaquettes = np.stack([c.ravel() for c in corners], axis=1).astype(np.int32)
    entry = np.argsort(plaquettes.ravel(), kind="stable").reshape(-1, 2)  # the entries of the table that hold each link
    link_plaquettes, place = (entry // 4).astype(np.int32), (entry % 4).astype(np.int32)
    sharing = plaquettes[link_plaquettes].reshape(links.size, 8)
    others = np.where(sharing == links.reshape(-1, 1), links.size, sharing)
    return plaquettes, link_plaquettes, place, color_classes(greedy_coloring(others))


def examples() -> dict[str, IsingGauge]:
    """Small instances by name, on which the tests check every law."""
    return {"gauge": IsingGauge((2, 3), temperature=1.0), "gauge_small": IsingGauge((2, 2), temperature=1.5)}
