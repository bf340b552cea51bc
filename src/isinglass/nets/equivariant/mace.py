# SPDX-License-Identifier: Apache-2.0
"""Messages of many bodies: MACE.  Ref: Batatia et al. 2022, arXiv:2206.07697."""

import math
from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from isinglass.nets.equivariant.atom_blocks import energies_in_blocks, in_blocks
from isinglass.nets.equivariant.irreps import harmonics, selection, symmetric_power
from isinglass.nets.equivariant.message import Message, Parts
from isinglass.nets.equivariant.radial import BesselBasis, mixed, mixed_by_species
from isinglass.nets.equivariant.radial_waves import CovalentRepulsion, RadialWaves
from isinglass.systems.particle.interatomic import AbstractInteratomic, NeighborTable

__all__ = ["Mace", "MaceForm", "MaceLayer", "SymmetricContraction"]


class SymmetricContraction(eqx.Module):
    """B_L = Σ_ν Σ_p W^ν_zp (A ⊗ ... ⊗ A)_pL: all symmetric products of up to `correlation` factors, by species z.

    Law: B_L turns as Y_L.  Ref: eqs. 10, 11.
    """

    weights: tuple[tuple[Float[Array, "Z paths C"], ...], ...]  # of L = 0, 1, ..., of ν = 1, 2, ...
    l_max: int = eqx.field(static=True)

    def __init__(self, *, key: Key[Array, ""], species: int, channels: int, l_max: int, L_max: int, correlation: int):
        self.l_max = l_max

        def drawn(L: int, nu: int):
            paths = symmetric_power(nu, l_max, L).weight.shape[1]
            shape = (species, paths, channels)
            return jax.random.normal(jax.random.fold_in(key, 10 * L + nu), shape, jnp.float32) / math.sqrt(
                max(paths, 1)
            )

        self.weights = tuple(tuple(drawn(L, nu) for nu in range(1, correlation + 1)) for L in range(L_max + 1))

    def __call__(self, A: Float[Array, "n lm C"], species: Int[Array, " n"]) -> Parts:
        """B_0, ..., of every atom."""
        of = range(len(self.weights))
        B: Parts = [jnp.zeros((len(A), 2 * L + 1, A.shape[2]), A.dtype) for L in of]
        for nu in range(1, len(self.weights[0]) + 1):
            B = [B[L] + self.term(A, species, L, nu) for L in of]
        return B

    def term(self, A: Float[Array, "n lm C"], species: Int[Array, " n"], L: int, nu: int) -> Float[Array, "n m C"]:
        """Σ_p W^ν_zp (A ⊗ ... ⊗ A)_pL, of ν factors."""
        n, _, C = A.shape
        a = jnp.swapaxes(A, 0, 1).reshape(-1, n * C)
        power, W = symmetric_power(nu, self.l_max, L), self.weights[L][nu - 1].astype(A.dtype)[species]
        product = jnp.ones((), A.dtype)
        for factor in power.monomial.T:
            product = product * jnp.matmul(jnp.asarray(selection(factor, len(a)), a.dtype), a)
        terms = jnp.asarray(power.weight.reshape(len(power.weight), -1).T, a.dtype) @ product
        return jnp.einsum("pmnc,npc->nmc", terms.reshape(-1, 2 * L + 1, n, C), W)


class MaceForm(eqx.Module):
    """In what networks of this kind differ besides their sizes, layer by layer.

    `residual`: what an atom knew before is added, else messages are mixed by species; `density`: messages are divided
    by 1 + Σ_j tanh((w·e_ij)²/k) instead of √average; `correlation`: factors of the products.
    """

    residual: tuple[bool, ...] = eqx.field(static=True)
    density: tuple[bool, ...] = eqx.field(static=True)
    correlation: tuple[int, ...] = eqx.field(static=True)
    units: int = eqx.field(static=True, default=16)  # of the last readout
    dtype: str = eqx.field(static=True, default="float32")  # of what is trained


class MaceLayer(eqx.Module):
    """Messages, their symmetric products, and what an atom knew before.  Ref: eqs. 8 to 11."""

    up: tuple[Float[Array, "C C"], ...]  # of h_l
    message: Message
    down: tuple[Float[Array, "paths_C C"], ...]  # of A_l
    contraction: SymmetricContraction
    mix: tuple[Float[Array, "C C"], ...]  # of B_L
    skip: tuple[Float[Array, "Z C C"], ...]  # of h_L, by species; none of a layer that is not residual
    select: tuple[Float[Array, "Z C C"], ...]  # of A_l, by species; none of a residual layer
    density: Float[Array, " waves"] | None

    def __init__(
        self, *, key: Key[Array, ""], species: int, channels: int, sizes: tuple[int, ...], a_max: int, l_max: int,
        L_max: int, correlation: int, residual: bool = True, density: bool = False,
    ):  # fmt: skip
        """`sizes`: of the radial network, the number of radial functions first."""
        keys = iter(jax.random.split(key, 6))
        C = channels
        normal = lambda *shape: jax.random.normal(next(keys), shape, jnp.float32)  # noqa: E731
        self.message = Message(key=next(keys), sizes=sizes, channels=C, a_max=a_max, b_max=l_max, c_max=l_max)
        counts = [sum(c == l for *_, c in self.message.paths) for l in range(l_max + 1)]  # noqa: E741
        self.up = tuple(normal(a_max + 1, C, C))
        down = normal(sum(counts) * C, C)
        ends = [sum(counts[:l]) * C for l in range(l_max + 2)]  # noqa: E741
        self.down = tuple(down[i:j] for i, j in zip(ends[:-1], ends[1:], strict=True))
        self.contraction = SymmetricContraction(
            key=next(keys), species=species, channels=C, l_max=l_max, L_max=L_max, correlation=correlation
        )
        self.mix, skip = tuple(normal(L_max + 1, C, C)), tuple(normal(min(L_max, a_max) + 1, species, C, C))
        self.skip, self.select = (skip, ()) if residual else ((), self.selecting(key, (l_max + 1, species, C, C)))
        self.density = jax.random.normal(jax.random.fold_in(key, 8), sizes[:1], jnp.float32) if density else None

    @staticmethod
    def selecting(key: Key[Array, ""], shape: tuple[int, ...]) -> tuple[Float[Array, "Z C C"], ...]:
        """Weights of A_l by species."""
        return tuple(jax.random.normal(jax.random.fold_in(key, 7), shape, jnp.float32))

    def __call__(
        self, h: Parts, Y: list[Float[Array, "n K _"]], e: Float[Array, "n K k"], neighbors: NeighborTable,
        species: Int[Array, " n"], average: float, kinds: Float[Array, "Z C"] | None = None,
    ) -> Parts:  # fmt: skip
        """h_L of every atom after one layer; `average` neighbors have A of width 1.

        `kinds`: h_0 of every species, where nothing else is known of an atom.
        """
        sent, collect = self.message.sources(h, self.up, neighbors, species, kinds)

        def of_block(h: Parts, sent: Any, Y: list, e: Float[Array, "n K k"], species: Int[Array, " n"]) -> Parts:
            return self.after(h, collect(sent, Y, e), e, species, average)

        return in_blocks(of_block, (h, sent, Y, e, species))

    def after(
        self, h: Parts, collected: list[Float[Array, "n _ _"]], e: Float[Array, "n K k"], species: Int[Array, " n"],
        average: float,
    ) -> Parts:  # fmt: skip
        """h_L, of what an atom knew and has collected."""
        width = math.sqrt(average) if self.density is None else self.crowding(e, self.density)[:, None, None]
        A = [mixed(part / width, weight) for part, weight in zip(collected, self.down, strict=True)]
        if self.select:
            A = [mixed_by_species(part, weight, species) for part, weight in zip(A, self.select, strict=True)]
        B = self.contraction(jnp.concatenate(A, axis=1), species)
        new = [mixed(part, weight) for part, weight in zip(B, self.mix, strict=True)]
        for L, weight in enumerate(self.skip):
            new[L] = new[L] + mixed_by_species(h[L], weight, species)
        return new

    def crowding(self, e: Float[Array, "n K k"], density: Float[Array, " k"]) -> Float[Array, " n"]:
        """1 + Σ_j tanh((w·e_ij)²/k)."""
        return 1 + jnp.sum(jnp.tanh(jnp.square(mixed(e, density[:, None])[..., 0])), axis=1)


class Mace(AbstractInteratomic):
    """E_i = Σ_layers of a readout of the scalars of atom i: linear, of the last layer a network of one layer.

    `channels` of each part l ≤ L_max; messages to l ≤ l_max; products of up to `correlation` of them.
    Law: E is unchanged by rotations, reflections, translations and exchange of like atoms, and smooth.
    Unit: Å; energies without a unit, about 1 wide: `ScaledPotential` gives them one.
    Cost: linear in neighbors.  Ref: arXiv:2206.07697.
    """

    embedding: Float[Array, "Z C"]
    layers: tuple[MaceLayer, ...]
    readout: tuple[Float[Array, " C"], ...]
    last: tuple[Float[Array, "C units"], Float[Array, " units"]]
    basis: RadialWaves | None
    repulsion: CovalentRepulsion | None
    numbers: tuple[int, ...] = eqx.field(static=True)
    cutoff: float = eqx.field(static=True)
    average: float = eqx.field(static=True)
    channels: int = eqx.field(static=True)
    L_max: int = eqx.field(static=True)
    l_max: int = eqx.field(static=True)
    correlation: int = eqx.field(static=True)
    depth: int = eqx.field(static=True)
    hidden: tuple[int, ...] = eqx.field(static=True)
    waves: int = eqx.field(static=True)
    form: MaceForm | None

    def __init__(
        self, *, key: Key[Array, ""], numbers: Sequence[int], cutoff: float = 5.0, average: float = 1.0,
        channels: int = 64, L_max: int = 1, l_max: int = 3, correlation: int = 3, depth: int = 2,
        hidden: Sequence[int] = (64, 64, 64), waves: int = 8, form: MaceForm | None = None,
        basis: RadialWaves | None = None, repulsion: CovalentRepulsion | None = None,
    ):  # fmt: skip
        """`average` neighbors, `depth` layers, `waves` radial functions, or those of `basis`."""
        self.numbers, self.cutoff, self.average, self.channels = tuple(numbers), cutoff, average, channels
        self.L_max, self.l_max, self.correlation, self.depth = L_max, l_max, correlation, depth
        self.hidden, self.waves, self.form, self.basis, self.repulsion = tuple(hidden), waves, form, basis, repulsion
        form = form or MaceForm((True,) * depth, (False,) * depth, (correlation,) * depth)
        own = lambda tree: jax.tree.map(lambda a: a.astype(form.dtype), tree)  # noqa: E731
        key_in, key_out, *keys = jax.random.split(key, depth + 2)
        Z, C = len(self.numbers), channels
        self.embedding = own(jax.random.normal(key_in, (Z, C), jnp.float32))
        self.layers = tuple(
            own(MaceLayer(key=k, species=Z, channels=C, sizes=(waves, *hidden), a_max=L_max if i else 0, l_max=l_max,
                          L_max=L_max if i < depth - 1 else 0, correlation=form.correlation[i],
                          residual=form.residual[i], density=form.density[i]))
            for i, k in enumerate(keys)
        )  # fmt: skip
        a, b, c = jax.random.split(key_out, 3)
        self.readout = own(tuple(jax.random.normal(a, (depth - 1, C), jnp.float32)))
        shapes = ((b, (C, form.units)), (c, (form.units,)))
        self.last = own(tuple(jax.random.normal(k, shape, jnp.float32) for k, shape in shapes))

    def atom_energies(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        d = jnp.sqrt(jnp.sum(r * r, axis=-1))
        Y, basis = harmonics(r / d[..., None], self.l_max), self.basis
        e = BesselBasis(self.cutoff, self.waves)(d) if basis is None else basis(d, neighbors, species)
        kinds = self.embedding.astype(r.dtype)
        h = [kinds[species][:, None]]
        E = jnp.zeros(len(species), r.dtype) if self.repulsion is None else self.repulsion(d, neighbors, species)
        *layers, last = self.layers
        for layer, readout in zip(layers, self.readout, strict=True):
            h = layer(h, Y, e, neighbors, species, self.average, kinds)
            E, kinds = E + mixed(h[0][:, 0], readout[:, None])[:, 0], None
        sent, collect = last.message.sources(h, last.up, neighbors, species, kinds)
        weights = (last, collect, self.last, self.average)
        return E + energies_in_blocks(last_energies, weights, (h, sent, Y, e, species))


def last_energies(
    weights: tuple, h: Parts, sent: Any, Y: list, e: Float[Array, "n K k"], species: Int[Array, " n"]
) -> Float[Array, " n"]:
    """The last layer and its readout."""
    layer, collect, (first, second), average = weights
    scalars = layer.after(h, collect(sent, Y, e), e, species, average)[0][:, 0]
    return mixed(jax.nn.silu(mixed(scalars, first)), second[:, None])[:, 0]
