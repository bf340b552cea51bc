# SPDX-License-Identifier: Apache-2.0
"""Convolution on a periodic lattice, y(r) = sum_a W(a) x(r + a - c) + b, in any dimension."""

from functools import partial
from itertools import product
from math import prod, sqrt
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

__all__ = ["PeriodicConv", "convolve_by_matmul", "convolve_by_xla"]

Offsets = tuple[tuple[int, ...], ...]


class PeriodicConv(eqx.Module):
    """y(r) = sum_a W(a) x(r + a - c) + b, r + a - c taken around the torus, c the centre of the kernel.

    Shape: x (*lattice, in_channels) -> (*lattice, out_channels), any lattice of the right dimension.
    Law: y commutes with every translation, exactly.
    `algorithm`: "xla" calls the compiler's convolution, "matmul" writes it as one matrix product per layer; "auto" is
    the product on a CPU, where the gradient of the compiler's convolution is several times slower, and else "xla".
    """

    weight: Float[Array, "*kernel in_channels out_channels"]
    bias: Float[Array, " out_channels"]
    dimension: int = eqx.field(static=True)
    in_channels: int = eqx.field(static=True)
    out_channels: int = eqx.field(static=True)
    kernel: int = eqx.field(static=True)
    algorithm: str = eqx.field(static=True)

    def __init__(
        self,
        dimension: int,
        in_channels: int,
        out_channels: int,
        *,
        key: Key[Array, ""],
        kernel: int = 3,
        algorithm: Literal["auto", "matmul", "xla"] = "auto",
        dtype: str = "float32",
    ):
        self.dimension, self.in_channels, self.out_channels = dimension, in_channels, out_channels
        self.kernel, self.algorithm = kernel, algorithm
        bound = sqrt(6 / (kernel**dimension * in_channels))  # variance 2 / fan-in: He et al. 2015, arXiv:1502.01852
        shape = (kernel,) * dimension + (in_channels, out_channels)
        self.weight = jax.random.uniform(key, shape, jnp.dtype(dtype), -bound, bound)
        self.bias = jnp.zeros(out_channels, jnp.dtype(dtype))

    def __call__(self, x: Float[Array, "*lattice in_channels"]) -> Float[Array, "*lattice out_channels"]:
        """The convolution of one sample."""
        by_matmul = self.algorithm == "matmul" or (self.algorithm == "auto" and jax.default_backend() == "cpu")
        y = (convolve_by_matmul if by_matmul else convolve_by_xla)(self.weight, x)
        return y + jnp.broadcast_to(self.bias, y.shape)


def convolve_by_xla(
    weight: Float[Array, "*kernel in_channels out_channels"], x: Float[Array, "*lattice in_channels"]
) -> Float[Array, "*lattice out_channels"]:
    """The compiler's convolution of the lattice padded around the torus."""
    d = x.ndim - 1
    padded = wrap(x, weight.shape[:d])
    letters = "XYZ"[:d]
    layout = ("N" + letters + "C", letters + "IO", "N" + letters + "C")
    return jax.lax.conv_general_dilated(padded[None], weight, (1,) * d, "VALID", dimension_numbers=layout)[0]


def convolve_by_matmul(
    weight: Float[Array, "*kernel in_channels out_channels"], x: Float[Array, "*lattice in_channels"]
) -> Float[Array, "*lattice out_channels"]:
    """y(r) = sum_a z_a(r + a),  z_a(r) = sum_b W(a, b) x(r + b): one matrix product between two sets of shifts.

    b runs over the kernel's offsets along all axes but the first, gathered as channels before the product; a over those
    along the first, summed after it. This moves (kernel^(d-1) + kernel) copies of the field through memory where
    gathering all offsets first (done for few input channels) moves kernel^d.
    """
    *kernel, n, m = weight.shape
    all_first = prod(kernel) * n <= 2 * m
    before = centered(tuple(kernel) if all_first else (1, *kernel[1:]))
    after = centered((1 if all_first else kernel[0], *(1 for _ in kernel[1:])))
    matrix = jnp.moveaxis(weight.reshape(len(after), len(before), n, m), 0, 2)
    columns: Any = gather(before, x)
    z = columns @ matrix.reshape(len(before) * n, len(after) * m)
    return collect(after, z)


def centered(kernel: tuple[int, ...]) -> Offsets:
    """The offsets of a kernel's entries from its center."""
    return tuple(product(*(range(-(k // 2), k - k // 2) for k in kernel)))


def opposite(offsets: Offsets) -> Offsets:
    """The same steps backwards."""
    return tuple(tuple(-step for step in offset) for offset in offsets)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def gather(offsets: Offsets, x: Float[Array, "*lattice channels"]) -> Float[Array, "*lattice more_channels"]:
    """x(r + o) for every offset o, side by side as channels.  Law: its adjoint is `collect` over -o."""
    if len(offsets) == 1:
        return x
    low = [-min(steps) for steps in zip(*offsets, strict=True)]
    high = [max(steps) for steps in zip(*offsets, strict=True)]
    padded = jnp.pad(x, [*zip(low, high, strict=True), (0, 0)], mode="wrap")
    windows = []
    for offset in offsets:
        start = [i + step for i, step in zip(low, offset, strict=True)]
        end = [i + n for i, n in zip(start, x.shape[:-1], strict=True)]
        windows.append(jax.lax.slice(padded, (*start, 0), (*end, x.shape[-1])))
    return jnp.concatenate(windows, axis=-1)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def collect(offsets: Offsets, z: Float[Array, "*lattice more_channels"]) -> Float[Array, "*lattice channels"]:
    """sum_o z_o(r + o), z_o the o-th of the equal parts of the channels.  Law: its adjoint is `gather` over -o."""
    axes = tuple(range(z.ndim - 1))
    parts = jnp.split(z, len(offsets), axis=-1)
    total = jnp.zeros_like(parts[0])
    for step, part in zip(opposite(offsets), parts, strict=True):
        total = total + (jnp.roll(part, step, axes) if any(step) else part)
    return total


# Both adjoints are written down: left to itself, autodiff turns slices and rolls into sums of zero-filled fields.
gather.defvjp(lambda offsets, x: (gather(offsets, x), None), lambda offsets, _, g: (collect(opposite(offsets), g),))
collect.defvjp(lambda offsets, z: (collect(offsets, z), None), lambda offsets, _, g: (gather(opposite(offsets), g),))


def wrap(x: Float[Array, "*lattice channels"], kernel: tuple[int, ...]) -> Float[Array, "*padded channels"]:
    """The lattice with (kernel - 1) more sites around the torus along each axis."""
    return jnp.pad(x, [(k // 2, k - 1 - k // 2) for k in kernel] + [(0, 0)], mode="wrap")
