# SPDX-License-Identifier: Apache-2.0
"""Spline coupling, x_b = exp(s) g(z_b) + t: g a monotone rational-quadratic spline, set by the still half.

Refs: Durkan et al. 2019, arXiv:1906.04032; angles: Rezende et al. 2020, arXiv:2002.02428.
"""

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.density import StandardNormal
from isinglass.nets.flow.act_norm import ActNorm
from isinglass.nets.flow.affine_coupling import alternating
from isinglass.nets.flow.flow import AbstractBijection, Composition, Flow, Mapped
from isinglass.nets.flow.fourier_scale import FourierScale
from isinglass.nets.layer.conditioner import LocalConditioner
from isinglass.nets.layer.rational_quadratic import Knots, knots, spline, spline_inverse
from isinglass.nets.layer.sublattice import merge, split

__all__ = ["SplineCoupling", "mirrored", "spline_flow", "spline_outputs"]


def spline_outputs(bins: int) -> tuple[int, int]:
    """(even, odd) outputs that a conditioner has to have for a spline coupling of so many bins."""
    half = bins // 2
    return 3 * half + 2, 3 * half + 1


def mirrored(even: Float[Array, "n half"], odd: Float[Array, "n less"]) -> Float[Array, "n total"]:
    """a_k = e_k + o_k on the left, e_k - o_k on the right.  Law: o -> -o reverses the order of a."""
    middle = even[:, odd.shape[1] :]
    left = even[:, : odd.shape[1]]
    return jnp.concatenate([left + odd, middle, jnp.flip(left - odd, axis=1)], axis=1)


class SplineCoupling(AbstractBijection):
    """x_b = exp(s) g(z_b) + t, ln|det| = Σ_b [s + ln g'(z_b)], z_b in `bins` (an even number) on [-bound, bound].

    Straight beyond.  Law: with a conditioner of symmetry z2, f(-z) = -f(z) exactly, since then z_a -> -z_a mirrors the
    knots; with a local one, f commutes with every translation that keeps the checkerboard.
    """

    conditioner: Any
    bins: int = eqx.field(static=True, default=8)
    bound: float = eqx.field(static=True, default=3.0)

    def __check_init__(self):
        wanted = spline_outputs(self.bins)
        if self.bins % 2 or tuple(self.conditioner.outputs) != wanted:
            raise ValueError(
                f"expected an even number of bins and a conditioner with outputs {wanted}; found bins = {self.bins} "
                f"and outputs {self.conditioner.outputs}; use spline_outputs(bins)."
            )

    @property
    def shape(self) -> tuple[int, ...]:
        return self.conditioner.shape

    def settings(self, still: Float[Array, " still"]) -> tuple[Float[Array, " n"], Float[Array, " n"], Knots]:
        """s, t and the knots."""
        even, odd = self.conditioner(still)
        n = self.bins // 2
        w, h, d = (mirrored(even[:, a:b], odd[:, a : a + n]) for a, b in ((0, n), (n, 2 * n), (2 * n, 3 * n + 1)))
        return jnp.tanh(even[:, -1]), odd[:, -1], knots(w, h, d, self.bound)

    def forward(self, z: Float[Array, "*site"]) -> Mapped:
        """x_b = exp(s) g(z_b) + t for the moved half."""
        parity = self.conditioner.parity
        still, moved = split(z, parity)
        s, t, k = self.settings(still)
        y, log_slope = spline(moved, k, self.bound)
        return merge(still, jnp.exp(s) * y + t, z.shape, parity), jnp.sum(s + log_slope)

    def inverse(self, x: Float[Array, "*site"]) -> Mapped:
        parity = self.conditioner.parity
        still, moved = split(x, parity)
        s, t, k = self.settings(still)
        z, log_slope = spline_inverse((moved - t) * jnp.exp(-s), k, self.bound)
        return merge(still, z, x.shape, parity), jnp.sum(log_slope - s)


def spline_flow(
    key: Key[Array, ""],
    shape: Sequence[int],
    *,
    couplings: int = 4,
    bins: int = 8,
    hidden: Sequence[int] = (16,),
    radius: int = 3,
    scale: float | Float[Array, ""] = 1.0,
) -> Flow:
    """White noise, a free field, `couplings` local spline couplings, one overall scale: for a real lattice field.

    The free field carries the long range, the couplings the interaction.  Law: q(-φ) = q(φ) exactly, and
    q(translated φ) = q(φ) for every translation by an even number of steps.  Needs even sides.
    `scale` is the size of the field, from `natural_scale`: training starts near it.
    """
    shape = tuple(shape)

    def make(key: Key[Array, ""], parity: int) -> SplineCoupling:
        outputs = spline_outputs(bins)
        net = LocalConditioner(
            key=key, shape=shape, parity=parity, outputs=outputs, hidden=hidden, radius=radius, z2=True
        )
        return SplineCoupling(net, bins)

    size = ActNorm(shape=shape, shift=False).of_scale(scale)
    return Flow(
        StandardNormal(shape), Composition((FourierScale(shape=shape), alternating(key, couplings, make), size))
    )
