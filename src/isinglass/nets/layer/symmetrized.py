# SPDX-License-Identifier: Apache-2.0
"""Symmetrized network, f(x) = (1/|G|) sum_g net(g x): any network made exactly invariant under a finite group."""

from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Real

__all__ = ["ACTIONS", "Symmetrized", "symmetry_violation"]


def identity(x: Array) -> Array:
    """The configuration x itself."""
    return x


def negate(x: Array) -> Array:
    """Flip every spin: x -> -x."""
    return -x


def transpose(x: Array) -> Array:
    """Exchange the last two lattice axes."""
    return jnp.swapaxes(x, -1, -2)


def reflect(x: Array) -> Array:
    """Reverse the last lattice axis."""
    return jnp.flip(x, axis=-1)


ACTIONS: dict[str, Callable] = {"identity": identity, "negate": negate, "transpose": transpose, "reflect": reflect}


class Symmetrized(eqx.Module):
    """f(x) = (1/|G|) sum_{g in G} net(g x), G all the group elements, the identity among them.

    An element is a name in ACTIONS or, for networks that need not be saved, any function of the configuration.
    Law: f(g x) = f(x) for every g, to round-off.  The default is the Ising symmetry {1, -1}: f(-x) = f(x).
    """

    net: Any
    group: tuple[str | Callable, ...] = eqx.field(static=True, converter=tuple, default=("identity", "negate"))

    def __check_init__(self):
        unknown = [g for g in self.group if isinstance(g, str) and g not in ACTIONS]
        if unknown:
            raise ValueError(f"expected group elements among {', '.join(ACTIONS)}; found {unknown[0]!r}; choose one.")

    @property
    def batch_norm(self) -> bool:
        """Does the network have batch norms?"""
        return getattr(self.net, "batch_norm", False)

    def actions(self) -> list[Callable]:
        """The group elements as functions."""
        return [ACTIONS[g] if isinstance(g, str) else g for g in self.group]

    def __call__(self, x: Real[Array, "..."], *, key: Key[Array, ""] | None = None) -> Float[Array, " out"]:
        """The group average; all elements share one dropout mask."""
        return jnp.stack([self.net(g(x), key=key) for g in self.actions()]).mean(axis=0)

    def forward(self, x: Real[Array, "..."], key: Key[Array, ""] | None = None):
        """The group average, and the mean over g of the moments that each batch norm used."""
        results = [self.net.forward(g(x), key) for g in self.actions()]
        return jax.tree.map(lambda *leaves: sum(leaves) / len(leaves), *results)

    def with_moments(self, moments) -> "Symmetrized":
        """The same with these moments stored in the network's batch norms."""
        return Symmetrized(self.net.with_moments(moments), self.group)


@eqx.filter_jit
def symmetry_violation(net: Callable, x: Real[Array, "batch ..."], group: Sequence[Callable]) -> Float[Array, ""]:
    """Largest |f(g x) - f(x)| over batch and group, in units of the spread of f over the batch (or 1, if larger)."""
    images = jnp.stack([x, *(jax.vmap(g)(x) for g in group)])
    y = jax.vmap(net)(images.reshape(-1, *x.shape[1:])).reshape(images.shape[0], x.shape[0], -1)
    scale = jnp.maximum(jnp.std(y[0], axis=0).max(), jnp.ones((), y.dtype))
    return jnp.abs(y - y[:1]).max() / scale
