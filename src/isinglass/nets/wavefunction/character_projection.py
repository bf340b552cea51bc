# SPDX-License-Identifier: Apache-2.0
"""Any wavefunction made to transform by a character of a symmetry group, exactly: fixed quantum numbers."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from isinglass.nets.layer.permutations import Pairs, Rows, as_characters, as_complex_pairs, as_rows
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState, AbstractWalker, as_complex

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
        characters: Shaped[np.ndarray, " characters"] | Pairs | None = None,
        parity: int = 0,
    ):
        if parity not in (-1, 0, 1):
            raise ValueError(f"Expected parity 1 or -1, or 0 to leave spins alone, found {parity}; choose one of them.")
        self.state, self.perms, self.parity = state, as_rows(perms), parity
        self.characters = as_complex_pairs(characters, len(self.perms))

    def log_psi(self, x: Float[Array, " N"]) -> Shaped[Array, ""]:
        return log_character_sum(jax.vmap(self.state.log_psi)(images_of(x, self.perms, self.parity)), self.weights())

    def weights(self) -> Pairs:
        """χ_g, and p χ_g of the images with all spins flipped."""
        flipped = tuple((self.parity * re, self.parity * im) for re, im in self.characters)
        return self.characters + flipped if self.parity else self.characters

    def walker(self) -> "ImageWalker":
        """A walk of each image."""
        return ImageWalker(self.state, self.state.walker(), self.perms, self.weights(), self.parity)


class ImageWalker(AbstractWalker):
    """A move of x at site s is a move of its image g x at g⁻¹(s): ψ'/ψ = Σ_g a_g r_g / Σ_g a_g, a_g = χ_g* ψ(g x).

    Kept: a_g, up to a factor, and what the walk of each image keeps.  Cost: that of a walk, for each image.
    """

    state: AbstractQuantumState
    inner: AbstractWalker
    perms: Rows = eqx.field(static=True)
    characters: Pairs = eqx.field(static=True)
    parity: int = eqx.field(static=True)

    def keep(self, x: Float[Array, " N"]) -> tuple[Shaped[Array, " G"], Any]:
        """Amplitudes of all images, the largest 1, and their walks."""
        images = images_of(x, self.perms, self.parity)
        log_psi = jax.vmap(self.state.log_psi)(images)
        chi = as_characters(self.characters).conj()
        if np.iscomplexobj(chi):
            log_psi = as_complex(log_psi)
        largest = jnp.real(log_psi).max().astype(log_psi.dtype)
        return jnp.asarray(chi, log_psi.dtype) * jnp.exp(log_psi - largest), jax.vmap(self.inner.keep)(images)

    def move(
        self,
        kept: tuple[Shaped[Array, " G"], Any],
        x: Float[Array, " N"],
        sites: Int[Array, " C"],
        y: Float[Array, " C"],
    ) -> tuple[Shaped[Array, ""], tuple[Shaped[Array, " G"], Any]]:
        amplitude, walks = kept
        back = jnp.asarray(np.argsort(np.asarray(self.perms), axis=1))[:, sites]
        levels = jnp.broadcast_to(y, back.shape)
        if self.parity:
            back, levels = jnp.concatenate([back, back]), jnp.concatenate([levels, -levels])
        images = images_of(x, self.perms, self.parity)
        ratio, walks = jax.vmap(self.inner.move)(walks, images, back, levels)
        new = amplitude * ratio.astype(amplitude.dtype)
        return new.sum() / amplitude.sum(), (new / jnp.abs(new).max().astype(new.dtype), walks)


def images_of(x: Float[Array, " N"], perms: Rows, parity: int) -> Float[Array, "images N"]:
    """All g x, and with parity all -g x."""
    images = x[np.asarray(perms)]
    return jnp.concatenate([images, -images]) if parity else images


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
