# SPDX-License-Identifier: Apache-2.0
"""Convolution on a periodic lattice, y(r) = sum_a W(a) x(r + a - c) + b, in any dimension."""

from itertools import product
from math import prod, sqrt
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

__all__ = ["PeriodicConv", "convolve_by_matmul", "convolve_by_xla"]


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
    """One matrix product between two sets of shifts.

    Neighbors along the axes in `before` are gathered as extra input channels; the offsets along the first axis are
    extra output channels, shifted and summed after the product. This copies kernel^(d-1) + kernel times the field where
    gathering everything (best for few input channels) copies kernel^d times.
    """
    *kernel, n, m = weight.shape
    lattice = x.shape[:-1]
    after = 1 if prod(kernel) * n <= 2 * m else kernel[0]
    before = tuple(kernel) if after == 1 else (1, *kernel[1:])
    columns = neighbors(x, before)
    matrix = weight.reshape(after, prod(before), n, m) if after > 1 else weight.reshape(1, prod(before), n, m)
    y = columns.reshape(-1, prod(before) * n) @ jnp.moveaxis(matrix, 0, 2).reshape(prod(before) * n, after * m)
    y = y.reshape(*lattice, after, m)
    return sum(
        (jnp.roll(y[..., a, :], after // 2 - a, axis=0) for a in range(1, after)),
        jnp.roll(y[..., 0, :], after // 2, axis=0),
    )


def neighbors(x: Float[Array, "*lattice channels"], kernel: tuple[int, ...]) -> Float[Array, "*lattice more_channels"]:
    """The values at every offset of the kernel, side by side as channels."""
    padded = wrap(x, kernel)
    windows = [
        jax.lax.slice(padded, (*offset, 0), (*(o + n for o, n in zip(offset, x.shape, strict=False)), x.shape[-1]))
        for offset in product(*(range(k) for k in kernel))
    ]
    return jnp.concatenate(windows, axis=-1)


def wrap(x: Float[Array, "*lattice channels"], kernel: tuple[int, ...]) -> Float[Array, "*padded channels"]:
    """The lattice with (kernel - 1) more sites around the torus along each axis."""
    return jnp.pad(x, [(k // 2, k - 1 - k // 2) for k in kernel] + [(0, 0)], mode="wrap")
