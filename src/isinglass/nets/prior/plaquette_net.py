# SPDX-License-Identifier: Apache-2.0
"""Functions of gauge fields through their plaquettes, which no gauge transformation changes."""

from collections.abc import Sequence
from typing import Literal

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Real, Shaped

from isinglass.nets.classifier.periodic_cnn import PeriodicCNN

__all__ = ["PlaquetteNet", "plaquettes"]


def plaquettes(x: Shaped[Array, "Lx Ly 2"], kind: str) -> Float[Array, "channels Lx Ly"]:
    """Of phases cos θ_P and sin θ_P, θ_P = θ_0(n) + θ_1(n+0) - θ_0(n+1) - θ_1(n); of signs their product."""
    one, two = x[..., 0], x[..., 1]
    right, up = jnp.roll(two, -1, axis=0), jnp.roll(one, -1, axis=1)
    if kind == "sign":
        return (one * right * up * two)[None].astype(jnp.float32)
    angle = one + right - up - two
    return jnp.stack([jnp.cos(angle), jnp.sin(angle)])


class PlaquetteNet(eqx.Module):
    """f(θ) = CNN(cos θ_P, sin θ_P) of links [Lx, Ly, 2]; result (out,).

    Law: unchanged by gauge transformations and translations.  Loops around the torus are not seen.
    """

    net: PeriodicCNN
    kind: str = eqx.field(static=True)
    channels: tuple[int, ...] = eqx.field(static=True)
    out: int = eqx.field(static=True)
    activation: str = eqx.field(static=True)
    dtype: str = eqx.field(static=True)

    def __init__(
        self, *, key: Key[Array, ""], kind: Literal["phase", "sign"] = "phase", channels: Sequence[int] = (16, 16),
        out: int = 1, activation: str = "silu", dtype: str = "float32",
    ):  # fmt: skip
        self.kind, self.channels, self.out, self.activation, self.dtype = kind, tuple(channels), out, activation, dtype
        inputs = 1 if kind == "sign" else 2
        self.net = PeriodicCNN(key=key, in_channels=inputs, channels=channels, out=out, activation=activation,
                               dtype=dtype)  # fmt: skip

    def __call__(self, x: Real[Array, "Lx Ly 2"], *, key: Key[Array, ""] | None = None) -> Float[Array, " out"]:
        """f(x); `key` is not used."""
        return self.net(plaquettes(x, self.kind), key=key)
