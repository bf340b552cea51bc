# SPDX-License-Identifier: Apache-2.0
"""Gauge-equivariant flow for U(1) on a two-dimensional lattice: plaquettes move, each with the link that carries it.

θ_μ(n) -> θ_μ(n) + φ' - φ, φ' = g(φ), φ the plaquette of that link and g a monotone spline of the circle set by loops
that the layer leaves as they are.  Ref: Kanwar et al. 2020, arXiv:2003.06413.
"""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.flow.circular_coupling import UniformAngles, circular_knots, halved, wrapped
from isinglass.nets.flow.flow import AbstractBijection, Composition, Flow, Mapped, stack
from isinglass.nets.layer.periodic_conv import PeriodicConv
from isinglass.nets.layer.rational_quadratic import Knots, spline, spline_inverse

__all__ = ["GaugeCoupling", "gauge_flow"]


class GaugeCoupling(AbstractBijection):
    """Moves the links along `direction` on every `stripe`-th line, beginning with line `offset`.

    Such a link θ_0(i, j) lies in the plaquettes P(i, j), which is moved, and P(i, j-1), which follows.  Their sum S,
    the loop around both, does not contain it, nor do the plaquettes of the lines between: g depends on these alone,
    through a periodic convolutional network.  φ is measured from about S/2, where its law given S is centered.
    Shape: θ (Lx, Ly, 2), radian; Ly (Lx for direction 1) a multiple of `stripe`.
    Law: f(θ^α) = f(θ)^α for every gauge transformation α, and the log-determinant depends on plaquettes alone; f
    commutes with translations along the line, and across by `stripe`.
    """

    convolutions: tuple[PeriodicConv, ...]
    shape: tuple[int, ...] = eqx.field(static=True)
    direction: int = eqx.field(static=True)
    offset: int = eqx.field(static=True)
    stripe: int = eqx.field(static=True)
    bins: int = eqx.field(static=True)
    hidden: tuple[int, ...] = eqx.field(static=True)
    kernel: int = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        shape: Sequence[int],
        direction: int = 0,
        offset: int = 0,
        stripe: int = 2,
        bins: int = 8,
        hidden: Sequence[int] = (16,),
        kernel: int = 3,
    ):
        self.shape, self.direction, self.offset, self.stripe = tuple(shape), direction, offset, stripe
        self.bins, self.hidden, self.kernel = bins, tuple(hidden), kernel
        across = self.shape[1 - direction] if len(self.shape) == 3 else 1
        if len(self.shape) != 3 or self.shape[2] != 2 or stripe < 2 or across % stripe:
            raise ValueError(
                f"expected links of shape (Lx, Ly, 2), sides multiples of stripe = {stripe} >= 2; found {self.shape}; "
                "use for example (8, 8, 2) and stripe=2."
            )
        widths = (2 * (stripe - 1), *self.hidden, 3 * bins + 1)
        keys = jax.random.split(key, len(widths) - 1)
        made = [
            PeriodicConv(2, n, m, key=k, kernel=1 if i == len(self.hidden) else kernel)
            for i, (k, n, m) in enumerate(zip(keys, widths[:-1], widths[1:], strict=True))
        ]
        made[-1] = eqx.tree_at(lambda c: c.weight, made[-1], replace_fn=jnp.zeros_like)
        self.convolutions = tuple(made)

    def forward(self, z: Float[Array, "*site"]) -> Mapped:
        """φ' = g(φ) + t for the moved plaquettes."""
        one, two = self.oriented(z)
        phi, center, t, k = self.settings(one, two)
        image, log_slope = spline(wrapped(phi - center), k, jnp.pi)
        return self.moved(one, two, image + t + center - phi), jnp.sum(log_slope)

    def inverse(self, x: Float[Array, "*site"]) -> Mapped:
        """φ = g⁻¹(φ' - t): the same loops set the same spline."""
        one, two = self.oriented(x)
        phi, center, t, k = self.settings(one, two)
        image, log_slope = spline_inverse(wrapped(phi - center - t), k, jnp.pi)
        return self.moved(one, two, image + center - phi), jnp.sum(log_slope)

    def oriented(self, x: Float[Array, "*site"]) -> tuple[Float[Array, "A B"], Float[Array, "A B"]]:
        """Links along the moved direction and across it, axis 0 along the line, beginning with the line `offset`."""
        one, two = x[..., self.direction], x[..., 1 - self.direction]
        if self.direction == 1:
            one, two = one.T, two.T
        return jnp.roll(one, -self.offset, axis=1), jnp.roll(two, -self.offset, axis=1)

    def moved(self, one: Float[Array, "A B"], two: Float[Array, "A B"], by: Float[Array, "A C"]) -> Array:
        """All links in their places again, those of the stripes rotated by `by`."""
        still = jnp.zeros((*by.shape, self.stripe - 1), by.dtype)
        one = one + jnp.concatenate([by[..., None], still], axis=-1).reshape(one.shape)
        one, two = (wrapped(jnp.roll(links, self.offset, axis=1)) for links in (one, two))
        return jnp.stack([one, two] if self.direction == 0 else [two.T, one.T], axis=-1)

    def settings(
        self, one: Float[Array, "A B"], two: Float[Array, "A B"]
    ) -> tuple[Float[Array, "A C"], Float[Array, "A C"], Float[Array, "A C"], Knots]:
        """φ of the moved plaquettes, S/2, and from the loops that stay: the rotation t and the knots of g."""
        flux = one + jnp.roll(two, -1, axis=0) - jnp.roll(one, -1, axis=1) - two
        lines = flux.reshape(flux.shape[0], -1, self.stripe)
        phi, between, follows = lines[..., 0], lines[..., 1:-1], jnp.roll(lines[..., -1], 1, axis=1)
        S = wrapped(phi + follows)
        h = jnp.concatenate([S[..., None], between], axis=-1)
        h = jnp.concatenate([jnp.cos(h), jnp.sin(h)], axis=-1)
        for convolution in self.convolutions[:-1]:
            h = jax.nn.silu(convolution(h))
        h = self.convolutions[-1](h)
        w, heights, d = jnp.split(h[..., 1:], 3, axis=-1)
        return phi, halved(S), h[..., 0], circular_knots(w, heights, d)


def gauge_flow(
    key: Key[Array, ""],
    shape: Sequence[int],
    *,
    blocks: int = 4,
    stripe: int = 2,
    bins: int = 8,
    hidden: Sequence[int] = (16,),
    kernel: int = 3,
) -> Flow:
    """Uniform links (the Haar measure), then `blocks` times all links once: 2 `stripe` couplings a block.

    `shape`: that of the links, (Lx, Ly, 2).  Law: q(θ^α) = q(θ).
    """

    def make(key: Key[Array, ""]) -> Composition:
        lines = [(direction, offset) for offset in range(stripe) for direction in (0, 1)]
        keys = jax.random.split(key, len(lines))
        return Composition(
            tuple(
                GaugeCoupling(
                    key=k,
                    shape=shape,
                    direction=direction,
                    offset=offset,
                    stripe=stripe,
                    bins=bins,
                    hidden=hidden,
                    kernel=kernel,
                )
                for k, (direction, offset) in zip(keys, lines, strict=True)
            )
        )

    return Flow(UniformAngles(tuple(shape)), stack(key, blocks, make))
