# SPDX-License-Identifier: Apache-2.0
"""The compact U(1) gauge theory in two dimensions: angles on links, flux through plaquettes, topological charge."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from isinglass.exact.field import u1
from isinglass.symmetry.gauge import PhaseGauge
from isinglass.symmetry.lattice import Translation, unit_steps
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.value import Reflection
from isinglass.symmetry.variable import AbstractVariable, Angles
from isinglass.systems.graph import check_sides, sides_of
from isinglass.systems.lattice.gauge import link_tables
from isinglass.systems.system import AbstractLatticeSystem, positive

__all__ = ["U1Gauge", "wrap"]


class U1Gauge(AbstractLatticeSystem):
    """E(θ) = -Σ_p cos θ_p, θ_p = θ_1(n) + θ_2(n+1) - θ_1(n+2) - θ_2(n), on the links of an Lx x Ly torus.

    p(θ) = exp(β Σ_p cos θ_p) / Z: β is the usual coupling 1/e².  Shape: θ (Lx, Ly, 2), radian; θ[i, j, 0] joins (i, j)
    and (i+1, j), θ[i, j, 1] joins (i, j) and (i, j+1).  Law: E is unchanged by θ_μ(n) -> α(n) + θ_μ(n) - α(n+μ); the
    topological charge is an integer, odd under θ -> -θ.  Ref: Kanwar et al. 2020, arXiv:2003.06413.
    """

    links: Int[np.ndarray, "P 4"]  # the four links of each plaquette, with the signs of SIGNS
    link_plaquettes: Int[np.ndarray, "N 2"]  # the two plaquettes of each link
    link_signs: Int[np.ndarray, "N 2"]  # the sign of the link in each of them
    colors: Int[np.ndarray, "colors links_per_color"]  # links of one color share no plaquette
    beta: Float[Array, ""]
    lattice: tuple[int, int] = eqx.field(static=True)
    variables_per_site: ClassVar[int] = 2
    variable: ClassVar[AbstractVariable] = Angles()
    symmetries: tuple[AbstractSymmetry, ...] = eqx.field(static=True)

    def __init__(self, shape, *, beta: float = 2.0):
        """`shape`: (Lx, Ly) vertices; `beta` is the coupling, 1/temperature."""
        shape = check_sides(sides_of(shape), at_least=2, dimension=2)
        self.links, self.link_plaquettes, place, self.colors = link_tables(tuple(shape))
        self.link_signs = np.array([1, -1, -1, 1], np.int32)[place]  # place of a link in the order of `links`
        self.beta = jnp.asarray(positive("beta", beta))
        self.lattice = (int(shape[0]), int(shape[1]))
        self.symmetries = (PhaseGauge(), Reflection(self.variable), Translation(unit_steps(2)))

    @property
    def shape(self) -> tuple[int, ...]:
        """(Lx, Ly, 2): two links for each vertex."""
        return (*self.lattice, 2)

    def flux(self, x: Float[Array, "*site"]) -> Float[Array, "Lx Ly"]:
        """θ_p, the oriented sum of angles around each plaquette, not reduced modulo 2π."""
        one, two = x[..., 0], x[..., 1]
        return one + jnp.roll(two, -1, axis=0) - jnp.roll(one, -1, axis=1) - two

    def energy(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """E(θ) = -Σ_p cos θ_p."""
        return -jnp.sum(jnp.cos(self.flux(x)))

    def energy_changes(
        self, x: Shaped[Array, "*site"], y: Shaped[Array, " n"], sites: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        """ΔE = Σ_p [cos θ_p - cos(θ_p ± (y_l - θ_l))] over the two plaquettes of each link l."""
        flux = self.flux(x).reshape(-1)[jnp.asarray(self.link_plaquettes)[sites]]
        turn = jnp.asarray(self.link_signs)[sites].astype(x.dtype) * (y - x.reshape(-1)[sites])[:, None]
        return jnp.sum(jnp.cos(flux) - jnp.cos(flux + turn), axis=1)

    def propose(self, key, x: Shaped[Array, " n"]) -> Shaped[Array, " n"]:
        """θ + u modulo 2π, u uniform in (-1, 1)."""
        return jnp.mod(x + jax.random.uniform(key, x.shape, x.dtype, -1.0, 1.0), 2 * jnp.pi)

    def random_configuration(self, key) -> Float[Array, "*site"]:
        """Each angle uniform in [0, 2π)."""
        return self.variable.random(key, self.shape)

    def topological_charge(self, x: Float[Array, "*site"]) -> Float[Array, ""]:
        """Q = (1/2π) Σ_p wrap(θ_p), an integer: the total flux through the torus in units of 2π."""
        return jnp.round(jnp.sum(wrap(self.flux(x))) / (2 * jnp.pi))

    def instanton(self, charge: int) -> Float[Array, "*site"]:
        """The configuration of uniform flux θ_p = 2πQ/V.  Law: its charge is Q = `charge` for |Q| < V/2."""
        Lx, Ly = self.lattice
        i, j = jnp.meshgrid(jnp.arange(float(Lx)), jnp.arange(float(Ly)), indexing="ij")
        one = jnp.where(i == Lx - 1, -2 * jnp.pi * charge * j / Ly, 0.0)
        return jnp.stack([one, 2 * jnp.pi * charge * i / (Lx * Ly)], axis=-1)

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """The mean plaquette (1/V) Σ_p cos θ_p."""
        return jnp.mean(jnp.cos(self.flux(x)))

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"] | None:
        """-<cos θ_p>, per plaquette, of which there are as many as vertices."""
        return -np.array([u1.plaquette(1 / T, self.lattice[0] * self.lattice[1]) for T in temperature])


def wrap(angle: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """The same angle in [-π, π)."""
    return jnp.mod(angle + jnp.pi, 2 * jnp.pi) - jnp.pi


def examples() -> dict[str, U1Gauge]:
    """A small instance by name, on which the tests check every law."""
    return {"u1": U1Gauge((2, 3), beta=1.5)}
