# SPDX-License-Identifier: Apache-2.0
"""The Jastrow state: pair correlations at any distance.  Jastrow 1955, doi:10.1103/PhysRev.98.1479."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.nets.layer.permutations import Rows, as_rows
from isinglass.nets.wavefunction.ansatz_setting import AnsatzSetting
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState, AbstractWalker

__all__ = ["FieldTable", "Jastrow"]


class Jastrow(AbstractQuantumState):
    """ln ψ(x) = Σ_i a_i x_i + Σ_{i<j} v_ij x_i x_j, any number of levels.

    With `perms`, a group of permutations, one v for each orbit of pairs and one a for each orbit of sites.
    Shape: a (site orbits,), v (pair orbits,).  Law: with perms invariant under each of them.  Cost: N².
    """

    words: ClassVar[tuple[str, ...]] = ("jastrow",)

    a: Shaped[Array, " site_orbits"]
    v: Shaped[Array, " pair_orbits"]
    n_sites: int = eqx.field(static=True)
    perms: Rows | None = eqx.field(static=True)
    dtype: str = eqx.field(static=True)
    scale: float = eqx.field(static=True)  # of the parameters at first

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        n_sites: int,
        perms: Int[np.ndarray, "G N"] | Rows | None = None,
        dtype: str = "float64",
        scale: float = 0.01,
    ):
        self.n_sites, self.dtype, self.scale = n_sites, dtype, scale
        self.perms = None if perms is None else as_rows(perms)
        key_a, key_v = jax.random.split(key)
        sites, pairs = self.orbits
        self.a = scale * jax.random.normal(key_a, (sites.max() + 1,), jnp.dtype(dtype))
        self.v = scale * jax.random.normal(key_v, (max(pairs.max(), 0) + 1,), jnp.dtype(dtype))

    @classmethod
    def made_for(cls, key: Key[Array, ""], setting: AnsatzSetting) -> "Jastrow":
        """For any space; one a for each site, one v for each pair."""
        return cls(key=key, n_sites=setting.n_sites, dtype=setting.dtype)

    @property
    def orbits(self) -> tuple[Int[np.ndarray, " N"], Int[np.ndarray, "N N"]]:
        """Number of the orbit of each site and of each pair; -1 on the diagonal."""
        N = self.n_sites
        perms = np.arange(N)[None] if self.perms is None else np.asarray(self.perms)
        lower, upper = np.minimum(perms[:, :, None], perms[:, None]), np.maximum(perms[:, :, None], perms[:, None])
        first = (lower * N + upper).min(axis=0)  # the smallest pair that a pair is carried to
        i, j = np.triu_indices(N, 1)
        pairs = np.full((N, N), -1)
        pairs[i, j] = pairs[j, i] = np.unique(first[i, j], return_inverse=True)[1]
        return np.unique(perms.min(axis=0), return_inverse=True)[1], pairs

    @property
    def matrix(self) -> Shaped[Array, "N N"]:
        """v_ij, zero on the diagonal."""
        pairs = self.orbits[1]
        return jnp.where(pairs >= 0, self.v[np.maximum(pairs, 0)], jnp.zeros((), self.v.dtype))

    def log_psi(self, x: Float[Array, " N"]) -> Shaped[Array, ""]:
        x = x.astype(self.a.dtype)
        return self.a[self.orbits[0]] @ x + 0.5 * x @ self.matrix @ x

    def walker(self) -> "FieldTable":
        """Ratios by the fields θ = v x of all sites, which are kept."""
        return FieldTable(self.a[self.orbits[0]], self.matrix)


class FieldTable(AbstractWalker):
    """Changes d of a few sites: exp(Σ d_i (a_i + θ_i) + ½ Σ d_i v_ij d_j) with θ = v x kept.

    Cost: N x sites changed, N² at the start.
    """

    a: Shaped[Array, " N"]
    v: Shaped[Array, "N N"]

    def keep(self, x: Float[Array, " N"]) -> Shaped[Array, " N"]:
        """The fields θ_i = Σ_j v_ij x_j."""
        return self.v @ x.astype(self.v.dtype)

    def move(
        self, kept: Shaped[Array, " N"], x: Float[Array, " N"], sites: Int[Array, " C"], y: Float[Array, " C"]
    ) -> tuple[Shaped[Array, ""], Shaped[Array, " N"]]:
        d = (y - x[sites]).astype(self.v.dtype)
        change = d @ self.v[sites]
        return jnp.exp(d @ (self.a[sites] + kept[sites] + 0.5 * change[sites])), kept + change
