# SPDX-License-Identifier: Apache-2.0
"""The RBM with filters shared over a group of permutations.  Carleo and Troyer 2017, arXiv:1606.02318."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.nets.layer.permutations import Rows, as_rows
from isinglass.nets.wavefunction.ansatz_setting import AnsatzSetting
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState, AbstractWalker
from isinglass.nets.wavefunction.rbm import RBM, log_cosh

__all__ = ["SymmetricRBM"]


class SymmetricRBM(AbstractQuantumState):
    """ln ψ(x) = a Σ_i x_i + Σ_f Σ_g ln cosh(b_f + Σ_i W_fi x_{g(i)}), x_i = ±1, g in a group of permutations.

    Shape: perms (G, N), a (), b (alpha,), W (alpha, N).
    Law: ψ(g x) = ψ(x) to round-off; the RBM of αG hidden units with tied weights.  Cost: alpha G N.
    """

    words: ClassVar[tuple[str, ...]] = ("symmetric-rbm",)

    a: Shaped[Array, ""]
    b: Shaped[Array, " alpha"]
    W: Shaped[Array, "alpha N"]
    perms: Rows = eqx.field(static=True)
    alpha: int = eqx.field(static=True)  # filters
    dtype: str = eqx.field(static=True)
    scale: float = eqx.field(static=True)  # of the weights at first

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        perms: Int[np.ndarray, "G N"] | Rows,
        alpha: int = 1,
        dtype: str = "float64",
        scale: float = 0.01,
    ):
        self.perms, self.alpha, self.dtype, self.scale = as_rows(perms), alpha, dtype, scale
        draw = lambda key, shape: scale * jax.random.normal(key, shape, jnp.dtype(dtype))  # noqa: E731
        key_a, key_b, key_w = jax.random.split(key, 3)
        self.a, self.b, self.W = draw(key_a, ()), draw(key_b, (alpha,)), draw(key_w, (alpha, len(self.perms[0])))

    @classmethod
    def made_for(cls, key: Key[Array, ""], setting: AnsatzSetting) -> "SymmetricRBM":
        """For two levels and the translations of H.  Errors: InputError for more levels."""
        setting.require_two_levels()
        return cls(key=key, perms=setting.translations(), alpha=setting.width, dtype=setting.dtype)

    def log_psi(self, x: Float[Array, " N"]) -> Shaped[Array, ""]:
        x = x.astype(self.W.dtype)
        theta = x[np.asarray(self.perms)] @ self.W.T
        return self.a * x.sum() + log_cosh(theta + jnp.broadcast_to(self.b, theta.shape)).sum()

    def tied(self) -> RBM:
        """The same state as an RBM: hidden unit (f, g) has the weight W_fi at site g(i)."""
        G, N = np.shape(self.perms)
        settings = {"n_sites": N, "alpha": self.alpha * G / N, "dtype": self.dtype, "scale": self.scale}
        shaped = eqx.filter_eval_shape(lambda: RBM(key=jax.random.key(0), **settings))
        W = self.W[:, np.argsort(np.asarray(self.perms), axis=1)].reshape(self.alpha * G, N).T
        return eqx.tree_at(
            lambda rbm: (rbm.a, rbm.b, rbm.W), shaped, (jnp.broadcast_to(self.a, (N,)), jnp.repeat(self.b, G), W)
        )

    def walker(self) -> AbstractWalker:
        """That of the RBM with tied weights."""
        return self.tied().walker()
