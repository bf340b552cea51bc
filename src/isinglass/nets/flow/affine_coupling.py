# SPDX-License-Identifier: Apache-2.0
"""Affine coupling (RealNVP), x_a = z_a, x_b = z_b exp(s(z_a)) + t(z_a), a and b the halves of a checkerboard.

Refs: Dinh, Sohl-Dickstein and Bengio 2016, arXiv:1605.08803; on lattices Albergo et al. 2019, arXiv:1904.12072.
"""

from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.density import StandardNormal
from isinglass.nets.flow.flow import AbstractBijection, Composition, Flow, Mapped, Stacked, stack
from isinglass.nets.layer.conditioner import DenseConditioner, LocalConditioner
from isinglass.nets.layer.sublattice import merge, split

__all__ = ["AffineCoupling", "alternating", "real_nvp"]


class AffineCoupling(AbstractBijection):
    """x_b = z_b exp(s) + t, ln|det| = Σ_b s, with s = c tanh(s' / c) bounded by c = `bound`.

    `conditioner` gives s' (its even output) and t (its odd one); computed on the moved sites alone.
    Law: with a conditioner of symmetry z2, f(-z) = -f(z) exactly; with a local one, f commutes with every translation
    that keeps the checkerboard.
    """

    conditioner: Any
    bound: float = eqx.field(static=True, default=2.0)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.conditioner.shape

    def scale_and_shift(self, still: Float[Array, " still"]) -> tuple[Float[Array, " moved"], Float[Array, " moved"]]:
        """s = c tanh(s'/c) and t of the moved sites, from the still ones."""
        even, odd = self.conditioner(still)
        return self.bound * jnp.tanh(even[:, 0] / self.bound), odd[:, 0]

    def forward(self, z: Float[Array, "*site"]) -> Mapped:
        """Scale and shift the moved half."""
        parity = self.conditioner.parity
        still, moved = split(z, parity)
        s, t = self.scale_and_shift(still)
        return merge(still, moved * jnp.exp(s) + t, z.shape, parity), jnp.sum(s)

    def inverse(self, x: Float[Array, "*site"]) -> Mapped:
        """Shift and scale it back."""
        parity = self.conditioner.parity
        still, moved = split(x, parity)
        s, t = self.scale_and_shift(still)
        return merge(still, (moved - t) * jnp.exp(-s), x.shape, parity), -jnp.sum(s)


def alternating(key: Key[Array, ""], n: int, make: Callable[[Key[Array, ""], int], AbstractBijection]) -> Stacked:
    """n couplings make(key, parity), first the even half moving, then the odd one, and so on; n is even."""

    def both(key: Key[Array, ""]) -> Composition:
        return Composition(tuple(make(k, parity) for parity, k in enumerate(jax.random.split(key))))

    return stack(key, n // 2, both)


def real_nvp(
    key: Key[Array, ""],
    shape: Sequence[int],
    *,
    couplings: int = 16,
    hidden: Sequence[int] = (128, 128),
    radius: int | None = None,
    z2: bool = True,
) -> Flow:
    """A stack of affine couplings on a standard normal; `radius` makes them local, else they are perceptrons."""
    settings: dict[str, Any] = {"shape": tuple(shape), "hidden": tuple(hidden), "z2": z2}

    def make(key: Key[Array, ""], parity: int) -> AffineCoupling:
        if radius is None:
            return AffineCoupling(DenseConditioner(key=key, parity=parity, **settings))
        return AffineCoupling(LocalConditioner(key=key, parity=parity, radius=radius, **settings))

    return Flow(StandardNormal(tuple(shape)), alternating(key, couplings, make))
