# SPDX-License-Identifier: Apache-2.0
"""Spline coupling for angles, x_b = g(z_b) + t (mod 2π): g a monotone spline of the circle, set by the still half.

Ref: Rezende et al. 2020, arXiv:2002.02428.
"""

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Shaped

from isinglass.nets.density import AbstractDensity
from isinglass.nets.flow.affine_coupling import alternating
from isinglass.nets.flow.flow import AbstractBijection, Flow, Mapped
from isinglass.nets.layer.conditioner import DenseConditioner, LocalConditioner
from isinglass.nets.layer.rational_quadratic import SMALLEST, Knots, knots, spline, spline_inverse
from isinglass.nets.layer.sublattice import merge, split

__all__ = ["CircularCoupling", "UniformAngles", "circular_flow", "circular_knots", "halved", "wrapped"]

SMOOTHING = 0.5  # ε


class UniformAngles(AbstractDensity):
    """q(θ) = (2π)^-N on [-π, π)^N, float32."""

    shape: tuple[int, ...] = eqx.field(static=True)

    def log_prob(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """-N ln 2π, for angles mod 2π."""
        return -x.size * jnp.log(jnp.asarray(2 * jnp.pi, x.dtype))

    def draw_with_log_prob(self, key: Key[Array, ""]) -> tuple[Shaped[Array, "*site"], Float[Array, ""]]:
        z = jax.random.uniform(key, self.shape, jnp.float32, -jnp.pi, jnp.pi)
        return z, self.log_prob(z)


def wrapped(theta: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """The same angle in [-π, π)."""
    return jnp.mod(theta + jnp.pi, 2 * jnp.pi) - jnp.pi


def halved(S: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """arg(1 + ε + e^(iS)), about S/2, but continuous and 2π-periodic: it returns to 0 within ε of S = π.

    A map that jumps would bias every gradient taken through samples, which ignores that the jump moves.
    """
    return jnp.arctan2(jnp.sin(S), 1 + SMOOTHING + jnp.cos(S))


def circular_knots(
    w: Float[Array, "*n K"], h: Float[Array, "*n K"], d: Float[Array, "*n K"], smallest: float = SMALLEST
) -> Knots:
    """Knots on [-π, π] with the same slope at both ends: a smooth map of the circle."""
    return knots(w, h, jnp.concatenate([d, d[..., :1]], axis=-1), jnp.pi, smallest)


class CircularCoupling(AbstractBijection):
    """x_b = g(z_b) + t mod 2π, ln|det| = Σ_b ln g'(z_b), with `bins` bins on the circle.

    The conditioner, made with `angle`, has 3 bins (even) and 1 (odd) outputs.
    Law: 2π-periodic in every angle; with a local conditioner, commutes with translations that keep the checkerboard.
    """

    conditioner: Any
    bins: int = eqx.field(static=True, default=8)

    def __check_init__(self):
        if tuple(self.conditioner.outputs) != (3 * self.bins, 1) or not self.conditioner.angle:
            raise ValueError(
                f"expected a conditioner with angle=True and outputs {(3 * self.bins, 1)}; found "
                f"angle={self.conditioner.angle}, {self.conditioner.outputs}; make one of these settings."
            )

    @property
    def shape(self) -> tuple[int, ...]:
        return self.conditioner.shape

    def settings(self, still: Float[Array, " still"]) -> tuple[Float[Array, " n"], Knots]:
        """The rotation t and the knots of g, from the still half."""
        even, odd = self.conditioner(still)
        w, h, d = jnp.split(even, 3, axis=1)
        return odd[:, 0], circular_knots(w, h, d)

    def forward(self, z: Float[Array, "*site"]) -> Mapped:
        """g, then a rotation by t, of the angles of one half."""
        parity = self.conditioner.parity
        still, moved = split(z, parity)
        t, k = self.settings(still)
        y, log_slope = spline(wrapped(moved), k, jnp.pi)
        return merge(wrapped(still), wrapped(y + t), z.shape, parity), jnp.sum(log_slope)

    def inverse(self, x: Float[Array, "*site"]) -> Mapped:
        parity = self.conditioner.parity
        still, moved = split(x, parity)
        t, k = self.settings(still)
        z, log_slope = spline_inverse(wrapped(moved - t), k, jnp.pi)
        return merge(wrapped(still), z, x.shape, parity), jnp.sum(log_slope)


def circular_flow(
    key: Key[Array, ""],
    shape: Sequence[int],
    *,
    couplings: int = 4,
    bins: int = 8,
    hidden: Sequence[int] = (32,),
    radius: int | None = 3,
) -> Flow:
    """A stack of circular couplings on uniform angles; `radius` None: perceptrons of the whole other half."""
    settings: dict[str, Any] = {"shape": tuple(shape), "hidden": hidden, "angle": True, "outputs": (3 * bins, 1)}

    def make(key: Key[Array, ""], parity: int) -> CircularCoupling:
        if radius is None:
            return CircularCoupling(DenseConditioner(key=key, parity=parity, **settings), bins)
        return CircularCoupling(LocalConditioner(key=key, parity=parity, radius=radius, **settings), bins)

    return Flow(UniformAngles(tuple(shape)), alternating(key, couplings, make))
