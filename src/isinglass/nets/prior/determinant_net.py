# SPDX-License-Identifier: Apache-2.0
"""An antisymmetric function of n fermions: determinants of orbitals that know of the others.

ψ(x_1 ... x_n) = Σ_k w_k det_ij φ_kj(x_i, mean_l s(x_l)).  Ref: Pfau et al. 2020, arXiv:1909.02487.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Real

from isinglass.nets.layer.mlp import MLP
from isinglass.nets.wavefunction.slater import determinant

__all__ = ["DeterminantNet"]


class DeterminantNet(eqx.Module):
    """ψ(x) of rows x [n, entries]; result (1,).

    Law: ψ changes its sign when two rows are exchanged, and is 0 where two are equal.  Cost: determinants n³.
    """

    share: MLP
    orbitals: MLP
    n: int = eqx.field(static=True)
    entries: int = eqx.field(static=True)
    determinants: int = eqx.field(static=True)
    hidden: int = eqx.field(static=True)
    dtype: str = eqx.field(static=True)

    def __init__(
        self, *, key: Key[Array, ""], n: int, entries: int = 1, determinants: int = 4, hidden: int = 32,
        dtype: str = "float32",
    ):  # fmt: skip
        self.n, self.entries, self.determinants, self.hidden, self.dtype = n, entries, determinants, hidden, dtype
        k_share, k_orbitals = jax.random.split(key)
        self.share = MLP(key=k_share, in_shape=entries, out=hidden, hidden=(hidden,), activation="silu", dtype=dtype)
        self.orbitals = MLP(key=k_orbitals, in_shape=entries + hidden, out=determinants * n, hidden=(hidden, hidden),
                            activation="silu", dtype=dtype)  # fmt: skip

    def __call__(self, x: Real[Array, "n ..."], *, key: Key[Array, ""] | None = None) -> Float[Array, " 1"]:
        """ψ(x); `key` is not used."""
        rows = x.reshape(self.n, -1).astype(self.dtype)
        mean = jax.vmap(self.share)(rows).mean(axis=0)
        phi = jax.vmap(lambda row: self.orbitals(jnp.concatenate([row, mean])))(rows)
        phi = phi.reshape(self.n, self.determinants, self.n)
        return jax.vmap(determinant, in_axes=1)(phi).sum(keepdims=True)
