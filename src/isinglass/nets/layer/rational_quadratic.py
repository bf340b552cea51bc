# SPDX-License-Identifier: Apache-2.0
"""Monotone rational-quadratic spline through knots (x_k, y_k) with slopes d_k.

In the bin k, with ξ = (x - x_k)/w_k, s_k = h_k/w_k:
y = y_k + h_k [s_k ξ² + d_k ξ(1-ξ)] / [s_k + (d_(k+1) + d_k - 2 s_k) ξ(1-ξ)]   (eq. 4),
and its inverse is the root of a quadratic (eqs. 6-8).  Durkan et al. 2019, arXiv:1906.04032, whose letters these are;
on the circle Rezende et al. 2020, arXiv:2002.02428.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["SMALLEST", "Knots", "knots", "spline", "spline_inverse"]

SMALLEST = 1e-2  # share of the interval that every bin keeps; slopes are at least this, too


class Knots(NamedTuple):
    """K bins on the interval [-bound, bound] of both axes."""

    w: Float[Array, "*n K"]  # widths
    h: Float[Array, "*n K"]  # heights
    d: Float[Array, "*n K_plus_1"]  # slopes at the knots


def knots(
    w: Float[Array, "*n K"], h: Float[Array, "*n K"], d: Float[Array, "*n K_plus_1"], bound: float,
    smallest: float = SMALLEST,
) -> Knots:  # fmt: skip
    """From any real numbers to widths and heights that fill the interval, and positive slopes; zeros: y = x."""
    share = lambda a: 2 * bound * (smallest + (1 - smallest * a.shape[-1]) * jax.nn.softmax(a, axis=-1))  # noqa: E731
    at_zero = jnp.log(jnp.expm1(jnp.asarray(1 - smallest, d.dtype)))  # softplus of it is 1 - smallest
    return Knots(share(w), share(h), smallest + softplus(d + at_zero))


def softplus(d: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """ln(1 + e^d) to the precision of 1: beside SMALLEST it is enough, and costs a third of jax.nn.softplus."""
    return jnp.maximum(d, 0) + jnp.log(1 + jnp.exp(-jnp.abs(d)))


def bins(
    u: Float[Array, "*n"], lengths: Float[Array, "*n K"], k: Knots, bound: float
) -> tuple[Float[Array, "*n"], ...]:
    """(x_k, w_k, y_k, h_k, d_k, d_(k+1)) of the bin with u; `lengths` are those of u's own axis.

    The bin is selected by multiplication with a 0-1 vector: its adjoint needs no scatter.
    """
    after = (u[..., None] >= inner(lengths) - bound).astype(u.dtype)  # 1 for each inner knot that lies to the left of u
    ones = jnp.ones_like(after[..., :1])
    inside = jnp.concatenate([ones, after], axis=-1) - jnp.concatenate([after, 0 * ones], axis=-1)
    pick = lambda a: jnp.sum(a * inside, axis=-1)  # noqa: E731
    before = lambda a: jnp.sum(a[..., :-1] * after, axis=-1) - bound  # noqa: E731
    return before(k.w), pick(k.w), before(k.h), pick(k.h), pick(k.d[..., :-1]), pick(k.d[..., 1:])


def inner(lengths: Float[Array, "*n K"]) -> Float[Array, "*n K_minus_1"]:
    """Where bins number 1, 2, ... begin: sums of those before, as one product, cheaper than a scan in K."""
    before = jnp.triu(jnp.ones((lengths.shape[-1],) * 2, lengths.dtype))[:, :-1]
    return jnp.matmul(lengths, before, precision="highest")


def spline(x: Float[Array, "*n"], k: Knots, bound: float) -> tuple[Float[Array, "*n"], Float[Array, "*n"]]:
    """y and ln dy/dx; outside of the interval straight on, with the slopes of the end knots."""
    inside = jnp.clip(x, -bound, bound)
    x_k, w, y_k, h, d, d_next = bins(inside, k.w, k, bound)
    xi, s = (inside - x_k) / w, h / w
    rest = xi * (1 - xi)
    bottom = s + (d_next + d - 2 * s) * rest
    y = y_k + h * (s * xi * xi + d * rest) / bottom
    return tails(x, inside, y, k, slope(xi, rest, s, d, d_next, bottom))


def spline_inverse(y: Float[Array, "*n"], k: Knots, bound: float) -> tuple[Float[Array, "*n"], Float[Array, "*n"]]:
    """x and ln dx/dy: ξ = 2c / (-b - sqrt(b² - 4ac)), the root that stays finite as a -> 0."""
    inside = jnp.clip(y, -bound, bound)
    x_k, w, y_k, h, d, d_next = bins(inside, k.h, k, bound)
    s, t = h / w, inside - y_k
    curved = d_next + d - 2 * s
    a, b, c = h * (s - d) + t * curved, h * d - t * curved, -s * t  # eqs. 6, 7, 8
    root = jnp.sqrt(jnp.maximum(b * b - 4 * a * c, jnp.finfo(y.dtype).tiny))
    xi = jnp.clip(2 * c / (-b - root), 0, 1)
    rest = xi * (1 - xi)
    log_slope = slope(xi, rest, s, d, d_next, s + curved * rest)
    return tails(y, inside, x_k + xi * w, Knots(k.h, k.w, 1 / k.d), -log_slope)


def slope(xi, rest, s, d, d_next, bottom):
    """ln dy/dx = ln { s² [d_(k+1) ξ² + 2 s ξ(1-ξ) + d_k (1-ξ)²] / bottom² }   (eq. 5)."""
    top = d_next * xi * xi + 2 * s * rest + d * (1 - xi) * (1 - xi)
    return 2 * jnp.log(s) + jnp.log(top) - 2 * jnp.log(bottom)


def tails(x, inside, y, k: Knots, log_slope):
    """The straight continuation: inside = x clipped to the interval, y its image."""
    over = x - inside
    end = jnp.where(over < 0, k.d[..., 0], k.d[..., -1])
    return y + over * end, jnp.where(over == 0, log_slope, jnp.log(end))
