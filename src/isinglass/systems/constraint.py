# SPDX-License-Identifier: Apache-2.0
"""Variables with a range, as smooth functions of free real numbers: x = f(z) with its log-determinant.

Law: p(x) dx on the range is p(f(z)) |det df/dz| dz on the real line.  Ref: the reference manual of Stan, chapter on
constraint transforms; stick breaking: Betancourt 2012, arXiv:1010.3436.
"""

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.errors import InputError

__all__ = ["AbstractConstraint", "EachOf", "Free", "Interval", "Ordered", "Simplex", "UnitVector", "constraint_of"]

EDGE = 1e-12  # share of an interval next to its ends that Φ⁻¹ does not resolve
NAMED = ("positive", "simplex", "unit_vector", "ordered")
Mapped = tuple[Float[Array, "*site"], Float[Array, ""]]


class AbstractConstraint(eqx.Module):
    """x = f(z), x of shape `shape` in its range, z free, of shape `free`.  Law: `inside(forward(z))`."""

    shape: eqx.AbstractVar[tuple[int, ...]]

    @property
    def free(self) -> tuple[int, ...]:
        """Shape of z."""
        return self.shape

    @abstractmethod
    def forward(self, z: Float[Array, "*free"]) -> Mapped:
        """x = f(z) and ln|det dx/dz|."""

    @abstractmethod
    def inverse(self, x: Float[Array, "*site"]) -> Float[Array, "*free"]:
        """A z with f(z) = x."""

    @abstractmethod
    def inside(self, x: Float[np.ndarray, "*site"]) -> bool:
        """Whether x is in the range."""


class Free(AbstractConstraint):
    """x = z."""

    shape: tuple[int, ...] = eqx.field(static=True)

    def forward(self, z: Float[Array, "*free"]) -> Mapped:
        return z, jnp.zeros((), z.dtype)

    def inverse(self, x: Float[Array, "*site"]) -> Float[Array, "*free"]:
        return x

    def inside(self, x: Float[np.ndarray, "*site"]) -> bool:
        return bool(np.isfinite(x).all())


class Interval(AbstractConstraint):
    """low < x < high: x = low + (high - low)/(1 + exp(-z)); where one end is infinite, x = low + exp(z), high - exp(z).

    The measure is dx; (0, ∞) is `positive`.  `normal`: between two ends x = low + (high - low) Φ(z) instead, so that a
    uniform x is a normal z.
    """

    low: Float[Array, "*site"]
    high: Float[Array, "*site"]
    normal: bool = eqx.field(static=True, default=False)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.low.shape

    def ends(self, dtype) -> tuple[Any, Any, Any, Any]:
        """Low and high, finite everywhere, and where they are."""
        low, high = (end.astype(dtype) for end in (self.low, self.high))
        below, above = jnp.isfinite(low), jnp.isfinite(high)
        return jnp.where(below, low, 0.0), jnp.where(above, high, 0.0), below, above

    def forward(self, z: Float[Array, "*free"]) -> Mapped:
        """Logistic or normal between two ends, exponential from one."""
        low, high, below, above = self.ends(z.dtype)
        if self.normal:
            share, bend = jax.scipy.special.ndtr(z), jax.scipy.stats.norm.logpdf(z)
        else:
            share, bend = jax.nn.sigmoid(z), jax.nn.log_sigmoid(z) + jax.nn.log_sigmoid(-z)
        both = low + (high - low) * share
        grow = jnp.exp(jnp.minimum(z, 700.0))
        one = jnp.where(below, low + grow, jnp.where(above, high - grow, z))
        width = jnp.log(jnp.where(below & above, high - low, 1.0))
        slope = jnp.where(below & above, width + bend, jnp.where(below | above, z, 0.0))
        return jnp.where(below & above, both, one), jnp.sum(slope)

    def inverse(self, x: Float[Array, "*site"]) -> Float[Array, "*free"]:
        low, high, below, above = self.ends(x.dtype)
        up, down = (jnp.where(known, d, 1.0) for known, d in ((below, x - low), (above, high - x)))
        one = jnp.where(below, jnp.log(up), jnp.where(above, jnp.log(down), x))
        if self.normal:
            share = jnp.clip(jnp.where(below & above, up / (up + down), 0.5), EDGE, 1 - EDGE)
            return jnp.where(below & above, jax.scipy.special.ndtri(share), one)
        return jnp.where(below & above, jnp.log(up) - jnp.log(down), one)

    def inside(self, x: Float[np.ndarray, "*site"]) -> bool:
        return bool(np.isfinite(x).all() and (x > np.asarray(self.low)).all() and (x < np.asarray(self.high)).all())


class Ordered(AbstractConstraint):
    """x_1 < x_2 < ... along the last axis: x_1 = z_1, x_k = x_(k-1) + exp(z_k)."""

    shape: tuple[int, ...] = eqx.field(static=True)

    def forward(self, z: Float[Array, "*free"]) -> Mapped:
        steps = jnp.concatenate([z[..., :1], jnp.exp(z[..., 1:])], axis=-1)
        return jnp.cumsum(steps, axis=-1), jnp.sum(z[..., 1:])

    def inverse(self, x: Float[Array, "*site"]) -> Float[Array, "*free"]:
        return jnp.concatenate([x[..., :1], jnp.log(jnp.diff(x, axis=-1))], axis=-1)

    def inside(self, x: Float[np.ndarray, "*site"]) -> bool:
        return bool(np.isfinite(x).all() and (np.diff(x, axis=-1) > 0).all())


class Simplex(AbstractConstraint):
    """x_k > 0, Σ_k x_k = 1 along the last axis, by breaking a stick: the measure is dx_1 ... dx_(K-1).

    A piece of the rest, v_k = 1/(1 + exp(-z_k + ln(K - k))): z = 0 is the middle.
    """

    shape: tuple[int, ...] = eqx.field(static=True)

    @property
    def free(self) -> tuple[int, ...]:
        return (*self.shape[:-1], self.shape[-1] - 1)

    def offset(self, dtype) -> Float[Array, " less"]:
        """ln(K - k), k = 1 ... K - 1."""
        return jnp.log(jnp.arange(self.shape[-1] - 1, 0, -1).astype(dtype))

    def forward(self, z: Float[Array, "*free"]) -> Mapped:
        """x_k = v_k Π_(l<k) (1 - v_l), ln|det| = Σ_k ln v_k + ln(1 - v_k) + ln(rest)."""
        y = z - jnp.broadcast_to(self.offset(z.dtype), z.shape)
        taken, left = jax.nn.log_sigmoid(y), jax.nn.log_sigmoid(-y)
        rest = jnp.cumsum(left, axis=-1)
        before = jnp.concatenate([jnp.zeros_like(rest[..., :1]), rest[..., :-1]], axis=-1)
        x = jnp.concatenate([jnp.exp(taken + before), jnp.exp(rest[..., -1:])], axis=-1)
        return x, jnp.sum(taken + left + before)

    def inverse(self, x: Float[Array, "*site"]) -> Float[Array, "*free"]:
        rest = jnp.flip(jnp.cumsum(jnp.flip(x, -1), -1), -1)  # of piece k and those after it
        y = jnp.log(x[..., :-1]) - jnp.log(rest[..., 1:])
        return y + jnp.broadcast_to(self.offset(x.dtype), y.shape)

    def inside(self, x: Float[np.ndarray, "*site"]) -> bool:
        return bool((x > 0).all() and np.allclose(x.sum(axis=-1), 1.0, atol=1e-6))


class UnitVector(AbstractConstraint):
    """|x| = 1 along the last axis: x = z/|z|, the length of z distributed as that of normal numbers, which p ignores.

    The measure is the area of the sphere.  ln|det| stands for ln of the normal law, -|z|²/2: exact for x.
    """

    shape: tuple[int, ...] = eqx.field(static=True)

    def forward(self, z: Float[Array, "*free"]) -> Mapped:
        square = jnp.sum(z * z, axis=-1, keepdims=True)
        return z / jnp.broadcast_to(jnp.sqrt(square), z.shape), -0.5 * jnp.sum(square)

    def inverse(self, x: Float[Array, "*site"]) -> Float[Array, "*free"]:
        return x * (self.shape[-1] ** 0.5)

    def inside(self, x: Float[np.ndarray, "*site"]) -> bool:
        return bool(np.allclose((x * x).sum(axis=-1), 1.0, atol=1e-6))


class EachOf(AbstractConstraint):
    """Constraints of their own for the entries of a vector."""

    parts: tuple[AbstractConstraint, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.parts),)

    def forward(self, z: Float[Array, "*free"]) -> Mapped:
        x, slopes = zip(*(part.forward(z[i]) for i, part in enumerate(self.parts)), strict=True)
        return jnp.stack(x), jnp.stack(slopes).sum()

    def inverse(self, x: Float[Array, "*site"]) -> Float[Array, "*free"]:
        return jnp.stack([part.inverse(x[i]) for i, part in enumerate(self.parts)])

    def inside(self, x: Float[np.ndarray, "*site"]) -> bool:
        return all(part.inside(np.asarray(x[i])) for i, part in enumerate(self.parts))


def constraint_of(said: Any, shape: tuple[int, ...], name: str) -> AbstractConstraint:
    """The constraint of a variable: None, a word, (low, high), or a list with one of these for each entry of a vector.

    Errors: InputError for what is none of these, or does not fit the shape.
    """
    if said is None:
        return Free(shape)
    if isinstance(said, AbstractConstraint):
        return said
    if isinstance(said, str) and said in NAMED:
        if said == "positive":
            return Interval(low=jnp.zeros(shape), high=jnp.full(shape, math.inf))  # pyright: ignore[reportCallIssue]
        if not shape or shape[-1] < 2:
            raise InputError(f"for {said} a vector of 2 numbers or more", f"{name} of shape {list(shape)}",
                             "start from one")  # fmt: skip
        return {"simplex": Simplex, "unit_vector": UnitVector, "ordered": Ordered}[said](shape)
    if isinstance(said, list):
        if shape != (len(said),):
            raise InputError(f"a constraint for each of the entries {list(shape)} of {name}", f"{len(said)}",
                             "write None for a free one")  # fmt: skip
        each = tuple(constraint_of(one, (), f"{name}_{i}") for i, one in enumerate(said))
        return EachOf(parts=each)  # pyright: ignore[reportCallIssue]
    if isinstance(said, Sequence) and not isinstance(said, str) and len(said) == 2:
        return interval(said, shape, name)
    raise InputError(f"a constraint of {name}: {', '.join(NAMED)}, (low, high), None, or a list of these for the "
                     "entries of a vector", repr(said)[:60], "choose one of them")  # fmt: skip


def interval(said: Any, shape: tuple[int, ...], name: str) -> Interval:
    """(low, high), numbers or arrays; None is no bound.  Errors: InputError where low is not below high."""
    try:
        low, high = (np.broadcast_to(np.asarray(np.inf * sign if end is None else end, float), shape).copy()
                     for sign, end in zip((-1, 1), said, strict=True))  # fmt: skip
    except (TypeError, ValueError):
        raise InputError(f"(low, high) of {name} as numbers", repr(said)[:60], "write (0.0, 1.0)") from None
    if not (low < high).all():
        raise InputError(f"low below high for {name}", repr(tuple(said))[:60], "write (low, high)")
    return Interval(low=jnp.asarray(low), high=jnp.asarray(high))  # pyright: ignore[reportCallIssue]
