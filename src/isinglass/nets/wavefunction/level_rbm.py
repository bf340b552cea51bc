# SPDX-License-Identifier: Apache-2.0
"""The restricted Boltzmann machine for any number of levels.  Two of them: Carleo and Troyer 2017, arXiv:1606.02318."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.nets.wavefunction.ansatz_setting import AnsatzSetting
from isinglass.nets.wavefunction.quantum_state import AbstractWalker
from isinglass.nets.wavefunction.rbm import AbstractRBM, log_cosh

__all__ = ["LevelRBM"]


class LevelRBM(AbstractRBM):
    """ln ψ(x) = Σ_i a_i(x_i) + Σ_j ln cosh(b_j + Σ_i W_ij(x_i)), each function of x_i a polynomial of degree d - 1.

    Visible units are T_1(x_i) ... T_{d-1}(x_i), Chebyshev's, d the number of levels.  Law: for d = 2 the RBM.
    Shape: a (N (d-1),), b (hidden,), W (N (d-1), hidden).  Cost: N (d-1) hidden.
    """

    words: ClassVar[tuple[str, ...]] = ("level-rbm",)

    a: Shaped[Array, " visible"]
    b: Shaped[Array, " hidden"]
    W: Shaped[Array, "visible hidden"]
    n_sites: int = eqx.field(static=True)
    levels: int = eqx.field(static=True)
    alpha: float = eqx.field(static=True)  # hidden units to a visible one
    dtype: str = eqx.field(static=True)
    scale: float = eqx.field(static=True)  # of the weights at first

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        n_sites: int,
        levels: int = 3,
        alpha: float = 1.0,
        dtype: str = "float64",
        scale: float = 0.01,
    ):
        self.n_sites, self.levels, self.alpha, self.dtype, self.scale = n_sites, levels, alpha, dtype, scale
        visible = n_sites * (levels - 1)
        hidden = round(alpha * visible)
        draw = lambda key, shape: scale * jax.random.normal(key, shape, jnp.dtype(dtype))  # noqa: E731
        key_a, key_b, key_w = jax.random.split(key, 3)
        self.a, self.b, self.W = draw(key_a, (visible,)), draw(key_b, (hidden,)), draw(key_w, (visible, hidden))

    @classmethod
    def made_for(cls, key: Key[Array, ""], setting: AnsatzSetting) -> "LevelRBM":
        """For any space."""
        sizes = {"alpha": setting.alpha, "dtype": setting.dtype, "scale": setting.scale}
        return cls(key=key, n_sites=setting.n_sites, levels=setting.levels, **sizes)

    def visible(self, x: Float[Array, " N"]) -> Float[Array, " visible"]:
        """T_k(x_i) = cos(k arccos x_i), k = 1 ... d - 1."""
        k = jnp.arange(1, self.levels, dtype=x.dtype)
        return jnp.cos(k[None] * jnp.arccos(jnp.clip(x, -1, 1))[:, None]).ravel()

    def walker(self) -> "UnitTables":
        return UnitTables(self)


class UnitTables(AbstractWalker):
    """Changes of a few sites by the fields θ_j of the hidden units, which are kept.

    Cost: hidden (d-1) x sites changed.
    """

    state: LevelRBM

    def keep(self, x: Float[Array, " N"]) -> Shaped[Array, " hidden"]:
        """θ_j = b_j + Σ_i W_ij(x_i)."""
        return self.state.fields(x)

    def move(
        self, kept: Shaped[Array, " hidden"], x: Float[Array, " N"], sites: Int[Array, " C"], y: Float[Array, " C"]
    ) -> tuple[Shaped[Array, ""], Shaped[Array, " hidden"]]:
        """exp(Σ δa) Π_j cosh(θ_j + δ_j) / cosh θ_j."""
        psi, d = self.state, self.state.levels - 1
        change = (psi.visible(y) - psi.visible(x[sites])).astype(psi.a.dtype).reshape(-1, d)
        a, W = psi.a.reshape(-1, d)[sites], psi.W.reshape(-1, d, len(psi.b))[sites]
        new = kept + jnp.einsum("cd,cdh->h", change, W)
        return jnp.exp((change * a).sum() + (log_cosh(new) - log_cosh(kept)).sum()), new
