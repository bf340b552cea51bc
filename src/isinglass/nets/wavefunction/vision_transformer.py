# SPDX-License-Identifier: Apache-2.0
"""The vision transformer with factored attention as a wavefunction.  Viteritti et al. 2023, arXiv:2211.05504."""

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.nets.wavefunction.ansatz_setting import AnsatzSetting
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState, PlainWalker
from isinglass.nets.wavefunction.residual_cnn import LogCoshSum, real_part_of

__all__ = ["VisionTransformer"]


class Layer(NamedTuple):
    """Weights of one layer."""

    alpha: Float[Array, "heads places"]  # attention: of i - j, or of (i, j)
    value: Float[Array, "width heads d"]
    out: Float[Array, "heads d width"]
    up: Float[Array, "width wide"]
    up_bias: Float[Array, " wide"]
    down: Float[Array, "wide width"]


class VisionTransformer(AbstractQuantumState):
    """Patches p_i of the lattice, y_i = E p_i; in each layer y_i + Σ_hj α_h(i - j) V_h norm(y_j), then a perceptron.

    ln ψ = Σ_k ln cosh(b_k + w_k·z), z = Σ_i norm(y_i)/√n; w and b of `dtype`, the rest real.
    Attention does not depend on the values that it weighs; α depends on i - j, or, without `invariant`, on i and j.
    Law: invariant under translations by whole patches.
    Errors: ValueError where patches do not fill the lattice or heads do not divide the width.
    Cost: layers (n² width + n width²), n patches.
    """

    words: ClassVar[tuple[str, ...]] = ("vision-transformer",)

    embed: Float[Array, "sites width"]
    stack: tuple[Layer, ...]
    head: LogCoshSum
    lattice: tuple[int, ...] = eqx.field(static=True)
    patch: tuple[int, ...] = eqx.field(static=True)
    width: int = eqx.field(static=True)
    heads: int = eqx.field(static=True)
    layers: int = eqx.field(static=True)
    invariant: bool = eqx.field(static=True)
    dtype: str = eqx.field(static=True)
    scale: float = eqx.field(static=True)  # of w and b at first

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        lattice: Sequence[int],
        patch: Sequence[int],
        width: int = 16,
        heads: int = 4,
        layers: int = 2,
        invariant: bool = True,
        dtype: str = "float64",
        scale: float = 0.1,
    ):
        self.lattice, self.patch, self.width, self.heads = tuple(lattice), tuple(patch), width, heads
        self.layers, self.invariant, self.dtype, self.scale = layers, invariant, dtype, scale
        if len(self.patch) != len(self.lattice) or any(L % p for L, p in zip(self.lattice, self.patch, strict=True)):
            raise ValueError(f"Expected patches that fill {self.lattice}, found {self.patch}; choose divisors.")
        if width % heads:
            raise ValueError(f"Expected a width that the heads divide, found {width} and {heads}; try 16 and 4.")
        key_embed, key_head, *keys = jax.random.split(key, 2 + layers)
        self.embed = self.normal(key_embed, prod(self.patch), prod(self.patch), width)
        self.stack = tuple(map(self.layer, keys))
        self.head = LogCoshSum(width, key=key_head, dtype=dtype, scale=scale)

    @classmethod
    def made_for(cls, key: Key[Array, ""], setting: AnsatzSetting) -> "VisionTransformer":
        """For any space; attention of i - j where H has all translations.  Patches of two sites along even sides."""
        patch = tuple(2 if L % 2 == 0 else 1 for L in setting.lattice)
        invariant = len(setting.translations(at_least=1)) == setting.n_sites
        return cls(
            key=key,
            lattice=setting.lattice,
            patch=patch,
            width=16 * setting.width,
            invariant=invariant,
            dtype=setting.dtype,
        )

    def normal(self, key: Key[Array, ""], fan: int, *shape: int) -> Float[Array, "..."]:
        """Normal weights of variance 1/fan, in the real type of `dtype`."""
        return fan**-0.5 * jax.random.normal(key, shape, real_part_of(self.dtype))

    def layer(self, key: Key[Array, ""]) -> Layer:
        """Random weights of one layer."""
        n, d, wide = prod(self.places), self.width // self.heads, 2 * self.width
        keys = jax.random.split(key, 5)
        return Layer(
            self.normal(keys[0], n, self.heads, n if self.invariant else n * n),
            self.normal(keys[1], self.width, self.width, self.heads, d),
            self.normal(keys[2], 4 * self.width, self.heads, d, self.width),
            self.normal(keys[3], self.width, self.width, wide),
            jnp.zeros(wide, real_part_of(self.dtype)),
            self.normal(keys[4], 4 * wide, wide, self.width),
        )

    @property
    def places(self) -> tuple[int, ...]:
        """Patches along each axis."""
        return tuple(L // p for L, p in zip(self.lattice, self.patch, strict=True))

    def differences(self) -> Int[np.ndarray, "n n"]:
        """The number of i - j on the torus of patches, or of the pair."""
        n = prod(self.places)
        if not self.invariant:
            return np.arange(n * n).reshape(n, n)
        place = np.array(list(product(*map(range, self.places))))
        apart = (place[:, None] - place[None]) % np.array(self.places)
        return np.asarray(np.ravel_multi_index(tuple(np.moveaxis(apart, -1, 0)), self.places))

    def patches(self, x: Float[Array, " N"]) -> Float[Array, "n sites"]:
        """The sites of each patch side by side."""
        split = [side for pair in zip(self.places, self.patch, strict=True) for side in pair]
        axes = len(self.lattice)
        return x.reshape(split).transpose(*range(0, 2 * axes, 2), *range(1, 2 * axes, 2)).reshape(prod(self.places), -1)

    def log_psi(self, x: Float[Array, " N"]) -> Shaped[Array, ""]:
        y = self.patches(x.astype(self.embed.dtype)) @ self.embed
        apart = self.differences()
        for layer in self.stack:
            y = y + jnp.einsum("hij,jw,whd,hdv->iv", layer.alpha[:, apart], normed(y), layer.value, layer.out)
            wide = normed(y) @ layer.up
            y = y + jax.nn.gelu(wide + jnp.broadcast_to(layer.up_bias, wide.shape)) @ layer.down
        return self.head(normed(y).sum(axis=0) * len(y) ** -0.5)

    def walker(self) -> PlainWalker:
        return PlainWalker(self)


def normed(y: Float[Array, "n width"]) -> Float[Array, "n width"]:
    """Mean 0, variance 1 over the width.  Ba et al. 2016, arXiv:1607.06450."""
    y = y - y.mean(axis=-1, keepdims=True)
    return y * jax.lax.rsqrt((y * y).mean(axis=-1, keepdims=True) + 1e-6)
