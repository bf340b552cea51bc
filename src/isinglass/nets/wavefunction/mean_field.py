# SPDX-License-Identifier: Apache-2.0
"""Mean field: the product of one function for each site."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Shaped

from isinglass.nets.wavefunction.ansatz_setting import AnsatzSetting
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState, PlainWalker, levels_of

__all__ = ["MeanField"]


class MeanField(AbstractQuantumState):
    """ln ψ(x) = Σ_i u_i(n_i), any number of levels.

    Shape: u (N, levels).  Law: without entanglement, ψ(x) = Π_i φ_i(x_i).  Cost: N.
    """

    words: ClassVar[tuple[str, ...]] = ("mean-field",)

    u: Shaped[Array, "N levels"]
    n_sites: int = eqx.field(static=True)
    levels: int = eqx.field(static=True)
    dtype: str = eqx.field(static=True)
    scale: float = eqx.field(static=True)  # of u at first

    def __init__(
        self, *, key: Key[Array, ""], n_sites: int, levels: int = 2, dtype: str = "float64", scale: float = 0.01
    ):
        self.n_sites, self.levels, self.dtype, self.scale = n_sites, levels, dtype, scale
        self.u = scale * jax.random.normal(key, (n_sites, levels), jnp.dtype(dtype))

    @classmethod
    def made_for(cls, key: Key[Array, ""], setting: AnsatzSetting) -> "MeanField":
        """For any space; one u for each level of each site."""
        return cls(key=key, n_sites=setting.n_sites, levels=setting.levels, dtype=setting.dtype)

    def log_psi(self, x: Float[Array, " N"]) -> Shaped[Array, ""]:
        return jnp.take_along_axis(self.u, levels_of(x, self.levels)[:, None], axis=1).sum()

    def walker(self) -> PlainWalker:
        return PlainWalker(self)
