# SPDX-License-Identifier: Apache-2.0
"""Weights of a MACE network of mace-torch as those of ours: the same energies, E_i of one is E_i of the other.

Both networks are one and the same function of Y(r_i - r_j) and Y(r_j - r_i): parts have the parity (-1)^l, which an
inversion takes from one to the other.  Irreducible parts, their products and the widths of weights are e3nn's in both,
√(2 l + 1) and 1/√inputs; the symmetric products are of another basis, U there and P here, with U_k = Σ_p P_p M_pk.
Ref: Batatia et al. 2022, arXiv:2206.07697; mace-torch 0.3, modules/blocks.py, symmetric_contraction.py.
"""

import math
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from isinglass.errors import InputError
from isinglass.nets.equivariant.irreps import symmetric_power
from isinglass.nets.equivariant.mace import Mace, MaceForm, MaceLayer
from isinglass.nets.equivariant.radial import SILU
from isinglass.nets.equivariant.radial_waves import AgnesiTransform, CovalentRepulsion, RadialWaves
from isinglass.nets.equivariant.scaled_potential import ScaledPotential
from isinglass.systems.particle.interatomic import species_of

__all__ = ["TorchMace", "TorchMaceLayer", "TorchMaceRadial", "TorchMaceRepulsion", "contraction_map", "converted"]

SAME = 1e-5  # relative: what the two bases of symmetric products may differ by; of numbers of 32 bits, about 1e-7


class TorchMaceLayer(NamedTuple):
    """An interaction and a product, arrays as mace-torch has them: weights flat, part after part."""

    residual: bool
    up: Float[np.ndarray, " parts_C_C"]
    radial: tuple[Float[np.ndarray, "n m"], ...]
    activation: float  # c of c silu(x)
    down: Float[np.ndarray, " paths_C_C"]
    skip: Float[np.ndarray, " parts_C_Z_C"]  # by species: of h_L, or of A_l of a layer that is not residual
    density: Float[np.ndarray, " waves"] | None
    average: float  # neighbors
    U: tuple[tuple[np.ndarray, ...], ...]  # of L = 0, 1, ..., of ν = 1, 2, ...: m, i_1 ... i_ν, k; without m for L = 0
    products: tuple[tuple[Float[np.ndarray, "Z k C"], ...], ...]
    mix: Float[np.ndarray, " parts_C_C"]
    readout: Float[np.ndarray, " C"] | None  # linear


class TorchMaceRadial(NamedTuple):
    """Bessel functions, the envelope, and the parameters a, q, p of Agnesi's transform."""

    frequency: Float[np.ndarray, " waves"]
    amplitude: float
    p: int
    transform: tuple[float, float, float] | None


class TorchMaceRepulsion(NamedTuple):
    """The pair repulsion."""

    share: Float[np.ndarray, " 4"]
    length: float
    power: float
    p: int


class TorchMace(NamedTuple):
    """A whole model, of one head.  Unit: eV, Å."""

    numbers: tuple[int, ...]
    cutoff: float
    channels: int
    L_max: int
    l_max: int
    embedding: Float[np.ndarray, " Z_C"]
    layers: tuple[TorchMaceLayer, ...]
    last: tuple[Float[np.ndarray, "C units"], Float[np.ndarray, " units"]] | None  # with the activation's constant
    E0: Float[np.ndarray, " Z"]
    scale: float
    shift: float
    radial: TorchMaceRadial
    repulsion: TorchMaceRepulsion | None
    radius: Float[np.ndarray, " Z"] | None  # covalent, Å


def converted(model: TorchMace, numbers: Sequence[int] | None = None) -> ScaledPotential:
    """Our potential, of all elements or of some, in float64.  Errors: InputError for another basis, and NaN."""
    kept = species_of(np.array(numbers or model.numbers), model.numbers)
    numbers, first = tuple(model.numbers[k] for k in kept), model.layers[0]
    depth, dtype = len(model.layers), "float64"
    last = readout_network(model)
    form = MaceForm(
        tuple(layer.residual for layer in model.layers), tuple(layer.density is not None for layer in model.layers),
        tuple(len(layer.U[0]) for layer in model.layers), last[1].shape[0], dtype,
    )  # fmt: skip
    made = partial(
        Mace, key=jax.random.key(0), numbers=numbers, cutoff=model.cutoff, average=first.average,
        channels=model.channels, L_max=model.L_max, l_max=model.l_max, correlation=form.correlation[0], depth=depth,
        hidden=tuple(weight.shape[1] for weight in first.radial[:-1]), waves=len(model.radial.frequency), form=form,
    )  # fmt: skip
    net = eqx.filter_eval_shape(made)  # of shapes alone: nothing is reserved for numbers that the file does not hold
    Z, C = len(model.numbers), model.channels
    layers = tuple(layer_of(*pair, model, kept) for pair in zip(net.layers, model.layers, strict=True))
    readout = [np.zeros(C) if layer.readout is None else layer.readout for layer in model.layers[:-1]]
    where = lambda net: (net.embedding, net.layers, net.readout, net.last, net.basis, net.repulsion)  # noqa: E731
    net = eqx.tree_at(where, net, (
        jnp.asarray(model.embedding.reshape(Z, C)[kept] / math.sqrt(Z), dtype), layers,
        tuple(jnp.asarray(model.scale * w, dtype) for w in readout), tuple(jnp.asarray(w, dtype) for w in last),
        waves_of(model, kept), repulsion_of(model, kept, numbers),
    ), is_leaf=lambda x: x is None)  # fmt: skip
    if not all(bool(jnp.isfinite(leaf).all()) for leaf in jax.tree.leaves((net, model.E0, model.shift))):
        raise InputError("weights that are numbers", "NaN or infinity", "train the model again")
    return ScaledPotential(net, 1.0, model.E0[kept] + model.shift, nearest=math.inf)


def readout_network(model: TorchMace) -> tuple[np.ndarray, np.ndarray]:
    """W, w of scale w·silu(W h/√C)/√units; a linear one by x = silu(x) - silu(-x)."""
    if model.last is not None:
        return model.last[0], model.scale * model.last[1]
    w = model.layers[-1].readout
    w = np.zeros(model.channels) if w is None else w
    return np.stack([w, -w], axis=1), model.scale * math.sqrt(2) * np.array([1.0, -1.0])


def layer_of(ours: MaceLayer, theirs: TorchMaceLayer, model: TorchMace, kept: np.ndarray) -> MaceLayer:
    """A layer of ours with their weights."""
    C, Z, dtype = model.channels, len(model.numbers), ours.up[0].dtype
    by_species = [np.swapaxes(w, 0, 1)[kept] / math.sqrt(Z) for w in blocks(theirs.skip, (C, Z, C))]
    wide = 1.0 if theirs.density is not None else math.sqrt(model.layers[0].average) / theirs.average
    products = tuple(
        tuple(np.einsum("pk,zkc->zpc", contraction_map(U, model.l_max, L), of_species(w, kept))
              for U, w in zip(*pair, strict=True))
        for L, pair in enumerate(zip(theirs.U, theirs.products, strict=True))
    )  # fmt: skip
    made = {
        "up": blocks(theirs.up, (C, C)), "radial": radial_of(ours, theirs, C),
        "down": [wide * w for w in stacked(blocks(theirs.down, (C, C)), [len(w) // C for w in ours.down])],
        "products": products[: len(ours.contraction.weights)], "mix": blocks(theirs.mix, (C, C))[: len(ours.mix)],
        "skip": by_species[: len(ours.skip)], "select": by_species[: len(ours.select)], "density": theirs.density,
    }  # fmt: skip
    where = lambda layer: (layer.up, layer.message.radial.weights, layer.down, layer.contraction.weights, layer.mix,  # noqa: E731
                           layer.skip, layer.select, layer.density)  # fmt: skip
    found = jax.tree.map(lambda a: jnp.asarray(a, dtype), jax.tree.map(np.asarray, tuple(made.values())))
    found = jax.tree.unflatten(jax.tree.structure(where(ours)), jax.tree.leaves(found))
    for place, new in zip(jax.tree.leaves(where(ours)), jax.tree.leaves(found), strict=True):
        if place.shape != new.shape:
            raise InputError(f"weights of shape {list(place.shape)}", f"{list(new.shape)}", "convert another model")
    return eqx.tree_at(where, ours, found, is_leaf=lambda x: x is None)


def radial_of(ours: MaceLayer, theirs: TorchMaceLayer, C: int) -> list[np.ndarray]:
    """Weights with our constant of silu, and the paths (a, b) to c in our order: theirs is by c, then a, then b."""
    paths = list(ours.message.paths)
    there = sorted(paths, key=lambda path: (path[2], path[0], path[1]))
    order = np.array([there.index(path) for path in paths])
    inner, last = list(theirs.radial[:-1]), theirs.radial[-1]
    last = last.reshape(len(last), -1, C)[:, order].reshape(len(last), -1)
    ratio = theirs.activation / SILU
    return [w if k == 0 else ratio * w for k, w in enumerate([*inner, last])]


def waves_of(model: TorchMace, kept: np.ndarray) -> RadialWaves:
    """The radial functions."""
    of, real = model.radial, lambda x: jnp.asarray(x, float)
    transform = None
    if of.transform is not None and model.radius is not None:
        a, q, p = map(real, of.transform)
        transform = AgnesiTransform(a, q, p, real(model.radius[kept]))
    return RadialWaves(real(of.frequency), real(of.amplitude), transform, model.cutoff, of.p)


def repulsion_of(model: TorchMace, kept: np.ndarray, numbers: tuple[int, ...]) -> CovalentRepulsion | None:
    """The repulsion, of which their scale is a factor too."""
    of, real = model.repulsion, lambda x: jnp.asarray(x, float)
    if of is None or model.radius is None:
        return None
    return CovalentRepulsion(real(numbers), real(model.radius[kept]), real(of.share), real(of.length), real(of.power),
                             real(model.scale), model.cutoff, of.p)  # fmt: skip


def contraction_map(U: np.ndarray, l_max: int, L: int) -> Float[np.ndarray, "paths k"]:
    """M with U_k = Σ_p P_p M_pk on symmetric tensors, by least squares.

    Law: exact, as both span all invariant products.  Errors: InputError where it is not, to 1e-5.
    """
    U = np.asarray(U if L else U[None], float)
    nu, n = U.ndim - 2, (l_max + 1) ** 2
    if nu < 1 or U.shape[:-1] != (2 * L + 1, *(n,) * nu):
        raise InputError(f"symmetric products of {n} numbers to l = {L}", f"a table of {U.shape}", "convert another")
    power = symmetric_power(nu, l_max, L)
    factors = np.sort(np.stack(np.unravel_index(np.arange(n**nu), (n,) * nu), axis=1), axis=1)
    code = factors @ n ** np.arange(nu)
    theirs = np.zeros((n**nu, U.shape[0], U.shape[-1]))
    np.add.at(theirs, code, np.moveaxis(U.reshape(len(U), n**nu, -1), 0, 1))
    ours = np.zeros((n**nu, 2 * L + 1, power.weight.shape[1]))
    ours[power.monomial @ n ** np.arange(nu)] = np.swapaxes(power.weight, 1, 2)
    ours, theirs = (a.reshape(n**nu * (2 * L + 1), -1) for a in (ours, theirs))
    M = np.linalg.lstsq(ours, theirs, rcond=None)[0] if ours.shape[1] else np.zeros((0, theirs.shape[1]))
    left = np.abs(ours @ M - theirs).max(initial=0.0)
    if not left <= SAME * max(np.abs(theirs).max(initial=0.0), 1e-6):
        expected = f"invariant products of {nu} factors to l = {L}, to {SAME:g}"
        raise InputError(expected, f"others, by {left:.1g}", "save the model in float32 or float64, without so3")
    return M


def of_species(w: Float[np.ndarray, "Z k C"], kept: np.ndarray) -> Float[np.ndarray, "kept k C"]:
    """Weights of some elements; of all the same where there is one for all."""
    return w[kept] if len(w) > 1 else np.repeat(w, len(kept), axis=0)


def blocks(flat: np.ndarray, shape: tuple[int, ...]) -> list[np.ndarray]:
    """Part after part."""
    if flat.size % math.prod(shape):
        raise InputError(f"weights in parts of {list(shape)}", f"{flat.size} numbers", "convert another model")
    return list(flat.reshape(-1, *shape))


def stacked(parts: list[np.ndarray], counts: list[int]) -> list[np.ndarray]:
    """So many parts below one another, and so on."""
    ends = np.cumsum([0, *counts])
    return [np.concatenate(parts[i:j]) for i, j in zip(ends[:-1], ends[1:], strict=True)]
