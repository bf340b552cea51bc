# SPDX-License-Identifier: Apache-2.0
"""One symmetry block of a Hilbert space: the states that transform by a character, U_g ψ = χ(g) ψ.

With P = (1/|G|) Σ_g χ(g)* U_g its basis is |r~> = P|r> / √<r|P|r>, one for each orbit of basis states with
P|r> ≠ 0; r is the smallest code of the orbit.  Sandvik 2010, arXiv:1101.3281, section 4.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from isinglass.symmetry.permutation_group import PermutationGroup
from isinglass.systems.quantum.hilbert_space import HilbertSpace

__all__ = ["SymmetricSpace"]

WIDTH = 1 << 10  # largest size of a look-up table


class SymmetricSpace(eqx.Module):
    """Representatives of the orbits and their norms.  Law: the sizes of the blocks of an abelian group add up.

    Cost: states x ln |G| look-ups.  Errors: ValueError for a group that does not conserve the sums of the space,
    values that are not a character, or a block without states.
    """

    space: HilbertSpace
    group: PermutationGroup
    character: Shaped[np.ndarray, " G"]  # real where possible
    images: Int[np.ndarray, "G parts width"]  # codes of U_g n, summed over groups of sites
    crossed: Int[np.ndarray, "G N"]  # as codes: the sites j > i with p_g(j) < p_g(i)
    codes: Int[np.ndarray, " dim"]  # r, ascending
    norms: Float[np.ndarray, " dim"]  # <r|P|r>

    def __init__(self, space: HilbertSpace, group: PermutationGroup, character: Any = None):
        self.space, self.group = space, group
        chi = np.asarray(np.ones(len(group)) if character is None else character, complex)
        check(space, group, chi)
        self.character = np.asarray(np.real(chi) if np.abs(np.imag(chi)).max() < 1e-12 else chi)
        self.images = images(space, group)
        later = np.triu(np.ones((space.n_sites,) * 2, bool), 1)
        self.crossed = (later & (group.sites[:, None, :] < group.sites[:, :, None])) @ space.radix
        codes = space.states()
        for g in range(1, len(group)):
            codes = codes[self.image(self.images[g], codes) >= codes]
        norms: Any = np.zeros(len(codes), complex)
        for g in range(len(group)):
            crossed = np.broadcast_to(self.crossed[g], (len(codes), space.n_sites))
            fixed = self.image(self.images[g], codes) == codes
            norms[fixed] += self.character[g].conj() / len(group) * self.sign(crossed[fixed], codes[fixed])
        self.codes, self.norms = codes[norms.real > 1e-9], norms.real[norms.real > 1e-9]
        if not len(self.codes):
            raise ValueError("Expected a symmetry block with states, found none; choose another character.")

    @property
    def size(self) -> int:
        """The number of basis states."""
        return len(self.codes)

    @property
    def is_real(self) -> bool:
        """Whether the character is real."""
        return not jnp.iscomplexobj(self.character)

    def image(self, table: Int[Any, "parts width"], codes: Int[Any, " n"]) -> Int[Any, " n"]:
        """The code of U_g n, by look-ups; for NumPy or JAX arrays, as `sign`."""
        parts, width = table.shape
        return sum(table[part][codes // width**part % width] for part in range(parts))

    def sign(self, crossed: Int[Any, "n N"], codes: Int[Any, " n"]) -> Float[Any, " n"]:
        """The sign in U_g |n> = ± |g n>: the parity of the exchanges of fermions."""
        xp = jnp if isinstance(codes, jax.Array) else np
        odd = xp.zeros_like(codes)
        if self.space.kind == "fermion":
            for i in range(self.space.n_sites):
                odd = odd ^ ((codes >> i) & xp.bitwise_count(codes & crossed[:, i]).astype(codes.dtype) & 1)
        return 1.0 - 2 * odd.astype(float)

    def locate(self, codes: Int[Array, " n"]) -> tuple[Int[Array, " n"], Shaped[Array, " n"]]:
        """The index of r and the number f in P|n> = f |r~>; f = 0 where P|n> = 0."""
        tables = jnp.asarray(self.images)

        def smaller(g, best):
            least, winner = best
            image = self.image(tables[g], codes)
            return jnp.minimum(least, image), jnp.where(image < least, g, winner)

        start = codes, jnp.zeros(codes.shape, jnp.int64)
        least, g = jax.lax.fori_loop(1, len(self.group), smaller, start)
        place = jnp.clip(jnp.searchsorted(jnp.asarray(self.codes), least), 0, self.size - 1)
        there = jnp.asarray(self.codes)[place] == least
        chi = jnp.asarray(self.character).conj()[g]
        length = jnp.where(there, jnp.sqrt(jnp.asarray(self.norms))[place], 0.0)
        return place, chi * (length * self.sign(jnp.asarray(self.crossed)[g], codes)).astype(chi.dtype)

    def expand(self, v: Shaped[Array, " dim"]) -> Shaped[Array, " size"]:
        """The same vector in the whole space: <n|v> = f(n)* v_r."""
        place, factor = eqx.filter_jit(self.locate)(jnp.asarray(self.space.states()))
        dtype = np.result_type(factor.dtype, v.dtype)
        return factor.conj().astype(dtype) * v[place].astype(dtype)


def images(space: HilbertSpace, group: PermutationGroup) -> Int[np.ndarray, "G parts width"]:
    """Tables of the contributions to the code of U_g n from groups of sites, for all their levels."""
    d, N = space.levels, space.n_sites
    together = min(N, int(np.log2(WIDTH) / np.log2(d)))
    width = d**together
    digits = np.arange(width)[:, None] // d ** np.arange(together) % d
    tables = []
    for begin in range(0, N, together):
        sites = np.arange(begin, min(begin + together, N))
        n = digits[:, : len(sites)]
        to = space.radix[group.sites[:, sites]]
        tables.append(np.where(group.flips[:, None], to @ (d - 1 - n).T, to @ n.T))
    return np.stack(tables, axis=1)


def check(space: HilbertSpace, group: PermutationGroup, character: Shaped[np.ndarray, "*G"]) -> None:
    """Errors: ValueError for a group that leaves the sector, or values that are not a character."""
    sectors = {(frozenset(sites), total) for sites, total in space.conserved}
    for move, flips in zip(group.sites, group.flips, strict=True):
        after = {
            (frozenset(move[list(sites)].tolist()), len(sites) * (space.levels - 1) - total if flips else total)
            for sites, total in space.conserved
        }
        if after != sectors:
            raise ValueError(
                "Expected a group that keeps the conserved sums, found one that changes them; "
                "spin flips need magnetization 0."
            )
    table = group.table()
    if character.shape != (len(group),) or np.abs(character[table] - np.outer(character, character)).max() > 1e-9:
        raise ValueError(
            f"Expected a character of {len(group)} elements with χ(gh) = χ(g) χ(h), found none of shape "
            f"{character.shape}; choose one of `characters`, or `momentum`."
        )
