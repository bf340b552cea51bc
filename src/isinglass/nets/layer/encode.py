# SPDX-License-Identifier: Apache-2.0
"""Lattice variables as channels of real numbers, x(r) -> h(c, r)."""

from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Real

__all__ = ["Encoded", "Encoding"]

KINDS = ("field", "potts", "angle", "links")


class Encoding(eqx.Module):
    """h(c, r) of x(r), by the kind of variable.

    "field" (spins ±1 too): h = x; "potts": h_c = [x = c]; "angle": h = (cos x, sin x); "links": h_mu = x_mu.

    Shape: (*lattice) -> (channels, *lattice) in float32; links (*lattice, d) -> (d, *lattice).
    Law: "angle" is the same for x and x + 2 pi; "potts" sums to 1 over channels.
    """

    kind: Literal["field", "potts", "angle", "links"] = eqx.field(static=True, default="field")
    states: int = eqx.field(static=True, default=0)  # of "potts": q; of "links": the dimension d

    def __check_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"expected an encoding among {', '.join(KINDS)}; found {self.kind!r}; choose one.")
        if self.kind in ("potts", "links") and self.states < 2:
            raise ValueError(f"expected states >= 2 for {self.kind!r}; found {self.states}; give q, or the dimension.")

    @property
    def channels(self) -> int:
        """How many channels come out."""
        return {"field": 1, "angle": 2}.get(self.kind, self.states)

    def __call__(self, x: Real[Array, "..."]) -> Float[Array, "channels *lattice"]:
        """The channels of one configuration."""
        if self.kind == "potts":
            return jax.nn.one_hot(x, self.states, axis=0, dtype=jnp.float32)
        if self.kind == "angle":
            return jnp.stack([jnp.cos(x), jnp.sin(x)]).astype(jnp.float32)
        if self.kind == "links":
            return jnp.moveaxis(x, -1, 0).astype(jnp.float32)
        return x[None].astype(jnp.float32)


class Encoded(eqx.Module):
    """f(x) = net(encoding(x)): a network that takes raw configurations and carries its encoding along."""

    net: Any
    encoding: Encoding

    @property
    def batch_norm(self) -> bool:
        """Does the network have batch norms?"""
        return getattr(self.net, "batch_norm", False)

    def forward(self, x: Real[Array, "..."], key: Key[Array, ""] | None = None):
        """The network's `forward` on the channels."""
        return self.net.forward(self.encoding(x), key)

    def __call__(self, x: Real[Array, "..."], *, key: Key[Array, ""] | None = None) -> Float[Array, " out"]:
        return self.net(self.encoding(x), key=key)

    def with_moments(self, moments) -> "Encoded":
        """The same with these moments stored in the network's batch norms."""
        return Encoded(self.net.with_moments(moments), self.encoding)
