# SPDX-License-Identifier: Apache-2.0
"""The group-convolutional network as a wavefunction.  Roth and MacDonald 2021, arXiv:2104.05085."""

from functools import partial
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.nets.layer.permutations import Pairs, Rows, as_complex_pairs, as_rows, multiplication_table
from isinglass.nets.wavefunction.ansatz_setting import AnsatzSetting
from isinglass.nets.wavefunction.character_projection import log_character_sum
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState, PlainWalker

__all__ = ["GroupConvolution"]


class GroupConvolution(AbstractQuantumState):
    """f_g = selu(Σ_i V_i x_{g(i)} + b), then f_g + selu(Σ_k W_k f_{gk} + b) a few times; ψ = Σ_c Σ_g χ_g* exp f_gc.

    selu acts on real and imaginary part.  Shape: perms (G, N), V (N, features), W (G, features, features).
    Law: f_g(h x) = f_{hg}(x), so that ψ(h x) = χ_h ψ(x) for characters of one dimension.
    Errors: ValueError where `perms` is no group.  Cost: layers G² features².
    """

    words: ClassVar[tuple[str, ...]] = ("group-convolution",)

    V: Shaped[Array, "N features"]
    W: tuple[Shaped[Array, "G features features"], ...]
    biases: tuple[Shaped[Array, " features"], ...]
    perms: Rows = eqx.field(static=True)
    characters: Pairs = eqx.field(static=True)
    features: int = eqx.field(static=True)
    layers: int = eqx.field(static=True)
    dtype: str = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        perms: Int[np.ndarray, "G N"] | Rows,
        characters: Shaped[np.ndarray, " characters"] | Pairs | None = None,
        features: int = 4,
        layers: int = 2,
        dtype: str = "float64",
    ):
        self.perms, self.features, self.layers, self.dtype = as_rows(perms), features, layers, dtype
        G, N = np.shape(self.perms)
        multiplication_table(self.perms)
        self.characters = as_complex_pairs(characters, G)
        first, *keys = jax.random.split(key, layers)
        draw = lambda key, fan, shape: (1 / fan) ** 0.5 * jax.random.normal(key, shape, jnp.dtype(dtype))  # noqa: E731
        self.V = draw(first, N, (N, features))
        self.W = tuple(draw(key, 4 * G * features, (G, features, features)) for key in keys)
        self.biases = tuple(jnp.zeros(features, jnp.dtype(dtype)) for _ in range(layers))

    @classmethod
    def made_for(cls, key: Key[Array, ""], setting: AnsatzSetting) -> "GroupConvolution":
        """For any space with translations."""
        perms = setting.translations()
        return cls(key=key, perms=perms, features=4 * setting.width, dtype=setting.dtype)

    def log_psi(self, x: Float[Array, " N"]) -> Shaped[Array, ""]:
        plus = lambda f, bias: f + jnp.broadcast_to(bias, f.shape)  # noqa: E731
        table = as_rows(multiplication_table(self.perms))
        x = x.astype(self.V.dtype)
        f = selu(plus(convolve(self.perms, self.V[:, None], x[:, None]), self.biases[0]))
        for W, bias in zip(self.W, self.biases[1:], strict=True):
            f = f + selu(plus(convolve(table, W, f), bias))
        return log_character_sum(f.T.ravel(), self.characters * self.features)

    def walker(self) -> PlainWalker:
        return PlainWalker(self)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def convolve(
    rows: Rows, W: Shaped[Array, "K inputs outputs"], f: Shaped[Array, "K inputs"]
) -> Shaped[Array, "G outputs"]:
    """Σ_k f_{g(k)} W_k = Σ_h f_h W_{g⁻¹(h)} for each row g: one matrix for all samples, where f_{g(k)} is one for each.

    The adjoints are written down: autodiff would make such a matrix of each sample.
    """
    return jnp.einsum("ha,ghab->gb", f, W[np.argsort(rows, axis=1)])


def adjoints(rows, kept, y):
    """Σ_g f_{g(k)} ⊗ y_g of W_k, and Σ_g W_{g⁻¹(h)} y_g of f_h."""
    W, f = kept
    of_W = jnp.einsum("gka,gb->kab", f[np.asarray(rows)], y)
    return of_W, jnp.einsum("gb,ghab->ha", y, W[np.argsort(rows, axis=1)])


convolve.defvjp(lambda rows, W, f: (convolve(rows, W, f), (W, f)), adjoints)


def selu(z: Shaped[Array, "*any"]) -> Shaped[Array, "*any"]:
    """selu of the real and of the imaginary part.  Klambauer et al. 2017, arXiv:1706.02515."""
    if not jnp.iscomplexobj(z):
        return jax.nn.selu(z)
    return jax.lax.complex(jax.nn.selu(z.real), jax.nn.selu(z.imag))
