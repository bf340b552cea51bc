# SPDX-License-Identifier: Apache-2.0
"""Functions of a distance that vanish smoothly at the cutoff."""

import math
from collections.abc import Sequence
from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

__all__ = ["BesselBasis", "RadialNetwork", "envelope", "multiple_angles", "mixed", "mixed_by_species"]

FEW = 6  # species
SILU = 1.6765324703310907  # 1/√<silu(x)²> of normal x


def envelope(u: Float[Array, "*n"], p: int) -> Float[Array, "*n"]:
    """1 - (p+1)(p+2)/2 u^p + p(p+2) u^(p+1) - p(p+1)/2 u^(p+2), 0 beyond u = 1.

    Law: 0 at 1 with its first two derivatives.  Ref: Gasteiger et al. 2020, arXiv:2003.03123, eq. 8.
    """
    f = 1 - (p + 1) * (p + 2) / 2 * u**p + p * (p + 2) * u ** (p + 1) - p * (p + 1) / 2 * u ** (p + 2)
    return jnp.where(u < 1, f, 0)


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def multiple_angles(x: Float[Array, "*n"], count: int) -> tuple[Float[Array, "k *n"], Float[Array, "k *n"]]:
    """sin kx, cos kx, k = 1 .. count, by sin (k+1)x = sin kx cos x + cos kx sin x: two of them are computed, not all.

    Derivatives to any order are multiple_angles again: d sin kx = k cos kx dx.  Rounding: k times that of sin x.
    """
    s, c = jnp.sin(x), jnp.cos(x)
    turned = lambda at, _: ((at[0] * c + at[1] * s, at[1] * c - at[0] * s), at)  # noqa: E731
    return jax.lax.scan(turned, (s, c), None, count)[1]


@multiple_angles.defjvp
def _(count, at, along):
    """k cos kx dx, -k sin kx dx."""
    sines, cosines = multiple_angles(at[0], count)
    k = jnp.arange(1, count + 1, dtype=sines.dtype).reshape(-1, *(1,) * at[0].ndim)
    return (sines, cosines), (k * cosines * along[0][None], -k * sines * along[0][None])


class BesselBasis(eqx.Module):
    """√(2/c) sin(k π d/c)/d times the envelope, k = 1 .. count.  Unit: d as the cutoff c."""

    cutoff: float = eqx.field(static=True)
    count: int = eqx.field(static=True, default=8)
    p: int = eqx.field(static=True, default=5)

    def __call__(self, d: Float[Array, "*n"]) -> Float[Array, "*n k"]:
        return jnp.moveaxis(self.waves(d), 0, -1)

    def waves(self, d: Float[Array, "*n"]) -> Float[Array, "k *n"]:
        """The same, wave by wave: what is done with all distances runs along memory."""
        sines, _ = multiple_angles(d * (math.pi / self.cutoff), self.count)
        return sines * (math.sqrt(2 / self.cutoff) * envelope(d / self.cutoff, self.p) / d)[None]


class RadialNetwork(eqx.Module):
    """Hidden layers silu(W e)/√<silu²> without a constant: 0 where e = 0, so that nothing is left at the cutoff."""

    weights: tuple[Float[Array, "n m"], ...]

    def __init__(self, *, key: Key[Array, ""], sizes: Sequence[int]):
        keys = jax.random.split(key, len(sizes) - 1)
        pairs = zip(keys, sizes[:-1], sizes[1:], strict=True)
        self.weights = tuple(jax.random.normal(k, (n, m), jnp.float32) for k, n, m in pairs)

    def hidden(self, e: Float[Array, "*n k"]) -> Float[Array, "*n m"]:
        """The last hidden layer."""
        for weight in self.weights[:-1]:
            e = SILU * jax.nn.silu(mixed(e, weight))
        return e

    def __call__(self, e: Float[Array, "*n k"]) -> Float[Array, "*n m"]:
        return mixed(self.hidden(e), self.weights[-1])


def mixed(x: Float[Array, "*n a"], weight: Float[Array, "a b"]) -> Float[Array, "*n b"]:
    """x W/√a, as wide as x for weights of width 1."""
    return jnp.matmul(x, weight.astype(x.dtype) / math.sqrt(weight.shape[0]), precision=jax.lax.Precision.HIGHEST)


def mixed_by_species(
    x: Float[Array, "n m a"], weights: Float[Array, "Z a b"], species: Int[Array, " n"]
) -> Float[Array, "n m b"]:
    """x_i W_z(i)/√a: every species' product, of which one is taken, as long as these are few."""
    if len(weights) > FEW:
        scaled = weights.astype(x.dtype)[species] / math.sqrt(weights.shape[1])
        return jnp.einsum("nma,nab->nmb", x, scaled, precision=jax.lax.Precision.HIGHEST)
    chosen = mixed(x, weights[0])
    for z in range(1, len(weights)):
        chosen = jnp.where((species == z)[:, None, None], mixed(x, weights[z]), chosen)
    return chosen
