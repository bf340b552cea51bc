# SPDX-License-Identifier: Apache-2.0
"""The restricted Boltzmann machine as a wavefunction.  Carleo and Troyer 2017, arXiv:1606.02318."""

import math
from abc import abstractmethod
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.nets.wavefunction.ansatz_setting import AnsatzSetting
from isinglass.nets.wavefunction.quantum_state import AbstractOuterState, AbstractWalker

__all__ = ["RBM", "AbstractRBM", "log_cosh"]


class AbstractRBM(AbstractOuterState):
    """ln ψ(x) = a·v + Σ_j ln cosh θ_j, θ = b + v W, with visible units v(x).

    Shape: a (visible,), b (hidden,), W (visible, hidden).
    """

    a: eqx.AbstractVar[Shaped[Array, " visible"]]
    b: eqx.AbstractVar[Shaped[Array, " hidden"]]
    W: eqx.AbstractVar[Shaped[Array, "visible hidden"]]

    @abstractmethod
    def visible(self, x: Float[Array, " N"]) -> Float[Array, " visible"]:
        """v(x)."""

    def fields(self, x: Float[Array, " N"]) -> Shaped[Array, " hidden"]:
        """θ_j = b_j + Σ_i v_i W_ij."""
        return self.b + self.visible(x).astype(self.a.dtype) @ self.W

    def log_psi(self, x: Float[Array, " N"]) -> Shaped[Array, ""]:
        return self.a @ self.visible(x).astype(self.a.dtype) + log_cosh(self.fields(x)).sum()

    def factors(self, x: Float[Array, " N"]) -> tuple[Float[Array, " m"], Shaped[Array, " n"]]:
        """∂/∂(1, a, b, W) = (1, v) ⊗ (1, tanh θ)."""
        tanh, one = jnp.tanh(self.fields(x)), jnp.ones(1, x.dtype)
        return jnp.concatenate([one, self.visible(x)]), jnp.concatenate([one.astype(tanh.dtype), tanh])

    def assembled(self, delta: Shaped[Array, " P"]) -> "AbstractRBM":
        """Row 0 is b, column 0 is a, the rest W."""
        table = delta.reshape(len(self.a) + 1, len(self.b) + 1)
        return eqx.tree_at(lambda p: (p.a, p.b, p.W), self, (table[1:, 0], table[0, 1:], table[1:, 1:]))


class RBM(AbstractRBM):
    """ln ψ(x) = Σ_i a_i x_i + Σ_j ln cosh(b_j + Σ_i W_ij x_i), x_i = ±1.

    Shape: a (N,), b (αN,), W (N, αN).  Real weights: ψ > 0; complex ones: ψ holomorphic in them.
    """

    words: ClassVar[tuple[str, ...]] = ("rbm",)

    a: Shaped[Array, " N"]
    b: Shaped[Array, " hidden"]
    W: Shaped[Array, "N hidden"]
    n_sites: int = eqx.field(static=True)
    alpha: float = eqx.field(static=True)  # hidden units to a site
    dtype: str = eqx.field(static=True)
    scale: float = eqx.field(static=True)  # of the weights at first

    def __init__(
        self, *, key: Key[Array, ""], n_sites: int, alpha: float = 1.0, dtype: str = "float64", scale: float = 0.01
    ):
        self.n_sites, self.alpha, self.dtype, self.scale = n_sites, alpha, dtype, scale
        hidden = round(alpha * n_sites)
        draw = lambda key, shape: scale * jax.random.normal(key, shape, jnp.dtype(dtype))  # noqa: E731
        key_a, key_b, key_w = jax.random.split(key, 3)
        self.a, self.b, self.W = draw(key_a, (n_sites,)), draw(key_b, (hidden,)), draw(key_w, (n_sites, hidden))

    @classmethod
    def made_for(cls, key: Key[Array, ""], setting: AnsatzSetting) -> "RBM":
        """For two levels.  Errors: InputError for more."""
        setting.require_two_levels()
        sizes = {"alpha": setting.alpha, "dtype": setting.dtype, "scale": setting.scale}
        return cls(key=key, n_sites=setting.n_sites, **sizes)

    def visible(self, x: Float[Array, " N"]) -> Float[Array, " N"]:
        """The spins themselves."""
        return x

    def walker(self) -> "FlipTables":
        """Ratios by tables of cosh 2W and sinh 2W."""
        return FlipTables(self, jnp.cosh(2 * self.W), jnp.sinh(2 * self.W))


class FlipTables(AbstractWalker):
    """Flips by products: cosh(θ + δ) / cosh θ = cosh δ + sinh δ tanh θ, and tanh(θ + δ) likewise; no logarithm in them.

    Cost: hidden x sites flipped.
    """

    state: RBM
    cosh: Shaped[Array, "N hidden"]
    sinh: Shaped[Array, "N hidden"]

    def keep(self, x: Float[Array, " N"]) -> Shaped[Array, " hidden"]:
        """tanh θ, θ_j = b_j + Σ_i W_ij x_i."""
        return jnp.tanh(self.state.fields(x))

    def move(
        self, kept: Shaped[Array, " hidden"], x: Float[Array, " N"], sites: Int[Array, " C"], y: Float[Array, " C"]
    ) -> tuple[Shaped[Array, ""], Shaped[Array, " hidden"]]:
        """Sites where y = x stay; the others flip."""
        ratio, a = jnp.ones((), kept.dtype), jnp.zeros((), kept.dtype)
        for k in range(sites.shape[0]):
            i, s = sites[k], x[sites[k]].astype(kept.dtype)
            flip = y[k] != x[i]
            cosh = jnp.where(flip, self.cosh[i], jnp.ones_like(kept))
            sinh = jnp.where(flip, -s * self.sinh[i], jnp.zeros_like(kept))
            factor = cosh + sinh * kept
            ratio, kept = ratio * jnp.prod(factor), (kept * cosh + sinh) / factor
            a += jnp.where(flip, -2 * s * self.state.a[i], 0)
        return ratio * jnp.exp(a), kept


def log_cosh(z: Shaped[Array, "*any"]) -> Shaped[Array, "*any"]:
    """ln cosh z without overflow: with w = ±z so that Re w >= 0, w + ln(1 + e^{-2w}) - ln 2."""
    w = jnp.where(jnp.real(z) < 0, -z, z)
    return w + jnp.log1p(jnp.exp(-2 * w)) - math.log(2)
