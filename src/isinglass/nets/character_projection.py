# SPDX-License-Identifier: Apache-2.0
"""Any wavefunction made to transform by a character of a symmetry group, exactly: its quantum numbers held."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float, Int, Shaped

from isinglass.nets.quantum_state import AbstractQuantumState, Anew, as_complex
from isinglass.symmetry.permutation_group import Pairs, Rows, as_characters, as_complex_pairs, as_rows

__all__ = ["CharacterProjection", "log_character_sum"]


class CharacterProjection(AbstractQuantumState):
    """ψ_χ(x) = Σ_g χ_g* ψ(g x), (g x)_i = x_{g(i)}; with `parity` p = ±1 also + p Σ_g χ_g* ψ(-g x).

    Law: ψ_χ(h x) = χ_h ψ_χ(x) for characters of one dimension, ψ_χ(-x) = p ψ_χ(x).
    Cost: G (or 2G) evaluations of ψ.
    """

    state: AbstractQuantumState
    perms: Rows = eqx.field(static=True)
    characters: Pairs = eqx.field(static=True)
    parity: int = eqx.field(static=True)  # 0: spins are not flipped

    def __init__(
        self,
        state: AbstractQuantumState,
        perms: Int[np.ndarray, "G N"] | Rows,
        characters: Float[np.ndarray, " G"] | Complex[np.ndarray, " G"] | Pairs | None = None,
        parity: int = 0,
    ):
        if parity not in (-1, 0, 1):
            raise ValueError(f"Expected parity 1 or -1, or 0 to leave spins alone, found {parity}; choose one of them.")
        self.state, self.perms, self.parity = state, as_rows(perms), parity
        self.characters = as_complex_pairs(characters, len(self.perms))

    def log_psi(self, x: Float[Array, " N"]) -> Shaped[Array, ""]:
        """The sum above."""
        images, characters = x[np.asarray(self.perms)], self.characters
        if self.parity:
            images = jnp.concatenate([images, -images])
            characters += tuple((self.parity * re, self.parity * im) for re, im in characters)
        return log_character_sum(jax.vmap(self.state.log_psi)(images), characters)

    def walker(self) -> Anew:
        """Anew: no table survives all images."""
        return Anew(self)


def log_character_sum(log_psi: Shaped[Array, " G"], characters: Pairs) -> Shaped[Array, ""]:
    """ln Σ_g χ_g* exp(l_g), the largest exp(Re l_g) taken out; real where l is real and all χ are positive."""
    chi = as_characters(characters).conj()
    largest = jax.lax.stop_gradient(jnp.real(log_psi).max())
    largest = jnp.where(jnp.isfinite(largest), largest, jnp.zeros_like(largest))  # ψ = 0 at all images
    if not jnp.iscomplexobj(log_psi) and not np.iscomplexobj(chi) and (chi > 0).all():
        return largest + jnp.log(jnp.asarray(chi, log_psi.dtype) @ jnp.exp(log_psi - largest))
    z = as_complex(log_psi)
    total = jnp.asarray(chi, z.dtype) @ jnp.exp(z - as_complex(largest))
    return as_complex(largest) + jnp.log(total)
