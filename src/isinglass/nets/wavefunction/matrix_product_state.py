# SPDX-License-Identifier: Apache-2.0
"""Matrix product states.  Schollwöck 2011, arXiv:1008.3477."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key, Shaped

from isinglass.nets.wavefunction.ansatz_setting import AnsatzSetting
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState, PlainWalker, as_complex, levels_of

__all__ = ["MatrixProductState", "from_tensors"]


class MatrixProductState(AbstractQuantumState):
    """ψ(x) = tr A_1[n_1] A_2[n_2] ... A_N[n_N]; open chain: the first element of the product in place of the trace.

    Shape: A (N, levels, bond, bond).  Law: ψ stays when A_i -> A_i G, A_{i+1} -> G^-1 A_{i+1}.
    Cost: N bond² open, N bond³ periodic.
    """

    words: ClassVar[tuple[str, ...]] = ("matrix-product",)

    A: Shaped[Array, "N levels bond bond"]
    n_sites: int = eqx.field(static=True)
    levels: int = eqx.field(static=True)
    bond: int = eqx.field(static=True)
    periodic: bool = eqx.field(static=True)
    dtype: str = eqx.field(static=True)
    scale: float = eqx.field(static=True)  # of what is added to A = 1 at first

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        n_sites: int,
        levels: int = 2,
        bond: int = 4,
        periodic: bool = False,
        dtype: str = "float64",
        scale: float = 0.1,
    ):
        self.n_sites, self.levels, self.bond, self.periodic = n_sites, levels, bond, periodic
        self.dtype, self.scale = dtype, scale
        noise = jax.random.normal(key, (n_sites, levels, bond, bond), jnp.dtype(dtype))
        self.A = jnp.broadcast_to(jnp.eye(bond, dtype=noise.dtype), noise.shape) + scale * noise

    @classmethod
    def made_for(cls, key: Key[Array, ""], setting: AnsatzSetting) -> "MatrixProductState":
        """For any space, as an open chain of its sites."""
        bond = 6 * setting.width
        return cls(key=key, n_sites=setting.n_sites, levels=setting.levels, bond=bond, dtype=setting.dtype)

    def log_psi(self, x: Float[Array, " N"]) -> Shaped[Array, ""]:
        """Complex, for ψ may be negative; the product is scaled to 1 after each factor."""
        tiny = jnp.finfo(self.A.dtype).tiny

        def one(carry, inputs):
            product, log_scale = carry
            A, n = inputs
            product = product @ A[n]
            size = jax.lax.stop_gradient(jnp.maximum(jnp.abs(product).max(), tiny))
            return (product / size.astype(product.dtype), log_scale + jnp.log(size)), None

        start = jnp.eye(self.bond if self.periodic else 1, self.bond, dtype=self.A.dtype)
        zero = jnp.zeros((), jnp.finfo(self.A.dtype).dtype)
        (product, log_scale), _ = jax.lax.scan(one, (start, zero), (self.A, levels_of(x, self.levels)))
        return as_complex(log_scale) + jnp.log(as_complex(jnp.trace(product)))

    def walker(self) -> PlainWalker:
        return PlainWalker(self)


def from_tensors(tensors: list[Shaped[np.ndarray, "_ levels _"]]) -> MatrixProductState:
    """The open chain with these matrices A_i[n] = tensors[i][:, n], filled up with zeros."""
    bond, levels = max(max(T.shape) for T in (t[:, 0] for t in tensors)), tensors[0].shape[1]
    dtype = np.result_type(*tensors)
    A = np.zeros((len(tensors), levels, bond, bond), dtype)
    for i, T in enumerate(tensors):
        A[i, :, : T.shape[0], : T.shape[2]] = T.transpose(1, 0, 2)
    settings = {"n_sites": len(tensors), "levels": levels, "bond": bond, "dtype": str(dtype)}
    shaped = eqx.filter_eval_shape(lambda: MatrixProductState(key=jax.random.key(0), **settings))
    return eqx.tree_at(lambda state: state.A, shaped, jnp.asarray(A))
