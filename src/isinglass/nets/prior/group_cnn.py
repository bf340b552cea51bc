# SPDX-License-Identifier: Apache-2.0
"""Convolutions over translations and a point group: one kernel, rotated and reflected, for every element g.

h_g(r) = f(Σ_a W(g⁻¹a) x(r + a) + b), then h'_g(r) = f(Σ_k Σ_a W_(g⁻¹k)(g⁻¹a) h_k(r + a) + b).
Ref: Cohen and Welling 2016, arXiv:1602.07576.
"""

from functools import cache
from itertools import permutations, product
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key, Real

from isinglass.nets.layer.activation import activation_function
from isinglass.nets.layer.mlp import MLP
from isinglass.nets.layer.periodic_conv import centered, convolve_by_matmul

__all__ = ["GroupCNN", "signed_permutations"]


@cache
def signed_permutations(dimension: int) -> Int[np.ndarray, "G d d"]:
    """The point group of the hypercubic lattice as matrices: 2^d d! of them, the identity first; of a square 8."""
    unity = np.eye(dimension, dtype=int)
    found = [
        np.diag(s) @ unity[list(p)] for p in permutations(range(dimension)) for s in product((1, -1), repeat=dimension)
    ]
    return np.array(found)


@cache
def rotated_offsets(dimension: int, kernel: int) -> Int[np.ndarray, "G K"]:
    """The number of g⁻¹ a among the offsets of a kernel, for each g and a."""
    offsets = np.array(centered((kernel,) * dimension))
    place = {tuple(a): i for i, a in enumerate(offsets.tolist())}
    return np.array([[place[tuple(b)] for b in (offsets @ g).tolist()] for g in signed_permutations(dimension)])


@cache
def quotients(dimension: int) -> Int[np.ndarray, "G G"]:
    """The number of g⁻¹ k."""
    g = signed_permutations(dimension)
    place = {m.tobytes(): i for i, m in enumerate(g)}
    return np.array([[place[np.ascontiguousarray(a.T @ b).tobytes()] for b in g] for a in g])


class GroupCNN(eqx.Module):
    """A function of fields on a periodic lattice that commutes with translations, rotations and reflections.

    Shape: x (*lattice) or (*lattice, in_channels); "scalar" (out,), "same" (*lattice, out), "vector" (*lattice, d).
    Law: f(g x) = f(x); a field moves with x; a field of vectors is rotated as well.  Any lattice of equal sides.
    Cost: layers 4^d d!² kernel^d features² per site.
    """

    lift: Float[Array, "K inputs features"]
    weights: tuple[Float[Array, "G K features features"], ...]
    biases: tuple[Float[Array, " features"], ...]
    head: MLP
    dimension: int = eqx.field(static=True)
    in_channels: int = eqx.field(static=True)
    out: int = eqx.field(static=True)
    output: str = eqx.field(static=True)
    features: int = eqx.field(static=True)
    layers: int = eqx.field(static=True)
    kernel: int = eqx.field(static=True)
    activation: str = eqx.field(static=True)
    dtype: str = eqx.field(static=True)

    def __init__(
        self, *, key: Key[Array, ""], dimension: int = 2, in_channels: int = 1, out: int = 1,
        output: Literal["scalar", "same", "vector"] = "scalar", features: int = 8, layers: int = 2, kernel: int = 3,
        activation: str = "silu", dtype: str = "float32",
    ):  # fmt: skip
        if kernel % 2 == 0:
            raise ValueError(f"expected an odd kernel, which has a center; found {kernel}; try 3.")
        self.dimension, self.in_channels, self.out, self.output = dimension, in_channels, out, output
        self.features, self.layers, self.kernel = features, layers, kernel
        self.activation, self.dtype = activation, dtype
        G, K = len(signed_permutations(dimension)), kernel**dimension
        key_lift, key_head, *keys = jax.random.split(key, layers + 1)
        draw = lambda key, fan, shape: (2 / fan) ** 0.5 * jax.random.normal(key, shape, jnp.dtype(dtype))  # noqa: E731
        self.lift = draw(key_lift, K * in_channels, (K, in_channels, features))
        self.weights = tuple(draw(k, G * K * features, (G, K, features, features)) for k in keys)
        self.biases = tuple(jnp.zeros(features, jnp.dtype(dtype)) for _ in range(layers))
        width = dimension if output == "vector" else out
        self.head = MLP(key=key_head, in_shape=features, out=width, hidden=(2 * features,), activation=activation,
                        dtype=dtype)  # fmt: skip

    def __call__(self, x: Real[Array, "..."], *, key: Key[Array, ""] | None = None) -> Float[Array, "..."]:
        """f(x); `key` is not used."""
        h = self.over_the_group(x.reshape(*x.shape[: self.dimension], -1).astype(self.dtype))
        axes = tuple(range(self.dimension + 1))
        if self.output == "scalar":
            return self.head(h.mean(axis=axes))
        if self.output == "same":
            flat = h.mean(axis=self.dimension)
            return jax.vmap(self.head)(flat.reshape(-1, self.features)).reshape(*flat.shape[:-1], self.out)
        each = jax.vmap(self.head)(h.reshape(-1, self.features)).reshape(*h.shape[:-1], self.dimension)
        g = jnp.asarray(signed_permutations(self.dimension), each.dtype)
        return jnp.einsum("...ga,gba->...b", each, g) / len(g)

    def over_the_group(self, x: Float[Array, "*lattice inputs"]) -> Float[Array, "*lattice G features"]:
        """h_g(r) after all layers."""
        f, moved = activation_function(self.activation), rotated_offsets(self.dimension, self.kernel)
        G, K = moved.shape
        lattice, side = x.shape[:-1], (self.kernel,) * self.dimension
        lifted = jnp.moveaxis(self.lift[moved], 0, 2)  # K, inputs, G, features
        h = convolve_by_matmul(lifted.reshape(*side, self.in_channels, G * self.features), x)
        h = f(self.plus(h, self.biases[0]))
        for W, bias in zip(self.weights, self.biases[1:], strict=True):
            of = W[quotients(self.dimension)[:, :, None], moved[:, None, :]]  # g, k, K, features, features
            of = jnp.transpose(of, (2, 1, 3, 0, 4)).reshape(*side, G * self.features, G * self.features)
            h = h + f(self.plus(convolve_by_matmul(of, h), bias))
        return h.reshape(*lattice, G, self.features)

    def plus(self, h: Float[Array, "*lattice GF"], bias: Float[Array, " features"]) -> Float[Array, "*lattice GF"]:
        """The same bias for all g."""
        return h + jnp.broadcast_to(jnp.tile(bias, h.shape[-1] // self.features), h.shape)
