# SPDX-License-Identifier: Apache-2.0
"""Starts of unit width: radial functions, messages and their powers, on crystals and molecules of any density."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.nets.equivariant import Mace, Nequip, of_unit_width
from isinglass.nets.equivariant.irreps import harmonics
from isinglass.nets.equivariant.radial import BesselBasis, mixed
from isinglass.systems.particle.interatomic import NeighborTable, forces

SMALL = {"numbers": (6, 8), "channels": 8, "hidden": (8,), "average": 5.0}


def cluster(scale):
    """Twelve atoms at random in a box; all see one another."""
    n = 12
    x = jnp.asarray(np.random.default_rng(0).uniform(0, scale, (n, 3)), jnp.float32)
    index = jnp.array([[j for j in range(n) if j != i] for i in range(n)])
    reverse = jnp.array([[j * (n - 1) + (i if i < j else i - 1) for j in range(n) if j != i] for i in range(n)])
    r = x[index] - x[:, None]
    real = jnp.linalg.norm(r, axis=-1) < 5.0
    none = jnp.zeros((n, n - 1, 3), int)
    return r, NeighborTable(index, none, real, reverse, jnp.zeros((), bool)), jnp.arange(n) % 2


def widths(net, r, table, species):
    """Of A_l and of each power of A in the first layer, by the equations."""
    d = jnp.linalg.norm(r, axis=-1)
    Y, e = harmonics(r / d[..., None], net.l_max), BesselBasis(net.cutoff, net.waves)(d)
    layer, h = net.layers[0], net.embedding[species][:, None]
    parts = layer.message([table.sent(mixed(h, layer.up[0]))], Y, e)
    A = [mixed(part / 5.0**0.5, weight) for part, weight in zip(parts, layer.down, strict=True)]
    powers = [layer.contraction.term(jnp.concatenate(A, axis=1), species, 0, nu) for nu in (1, 2)]
    return [float(jnp.sqrt(jnp.mean(a**2))) for a in (*A, *powers)]


@pytest.mark.parametrize("scale", [4.0, 7.0])
def test_messages_and_their_powers_are_one_wide(scale):
    """A_l to 1, both powers to 1/√2; planted: before, they are not."""
    net = Mace(key=jax.random.key(0), correlation=2, l_max=2, **SMALL)
    at = cluster(scale)
    found = widths(of_unit_width(net, *at), *at)
    np.testing.assert_allclose(found, [1, 1, 1, 0.5**0.5, 0.5**0.5], rtol=1e-4)
    assert max(abs(w - 1) for w in widths(net, *at)) > 0.3


@pytest.mark.parametrize("made", [Mace, Nequip])
def test_the_form_is_unchanged_and_forces_are_neither_lost_nor_wild(made):
    """The same tree of arrays; forces between 0.1 and 30 where they differed by factors of a hundred."""
    sizes = []
    for scale in (4.0, 7.0):
        net, at = made(key=jax.random.key(1), **SMALL), cluster(scale)
        new = of_unit_width(net, *at)
        assert jax.tree.structure(new) == jax.tree.structure(net)
        assert [a.dtype for a in jax.tree.leaves(new)] == [a.dtype for a in jax.tree.leaves(net)]
        sizes.append(float(jnp.sqrt(jnp.mean(forces(new.atom_energies, *at).forces ** 2))))
    assert 0.1 < min(sizes) < max(sizes) < 30


def test_atoms_without_neighbors_give_no_width_to_divide_by():
    """Messages and radial functions stay, powers are shared out as always."""
    r, table, species = cluster(4.0)
    far = jnp.zeros_like(r).at[..., 0].set(5.0)
    net = Mace(key=jax.random.key(0), correlation=2, l_max=2, **SMALL)
    new = of_unit_width(net, far, table._replace(real=jnp.zeros_like(table.real)), species)
    for a, b in zip(new.layers[0].down, net.layers[0].down, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)
    given = net.layers[0].contraction.weights[0][0] / 2**0.5
    np.testing.assert_allclose(new.layers[0].contraction.weights[0][0], given, rtol=1e-6)
