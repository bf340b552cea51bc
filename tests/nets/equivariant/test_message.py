# SPDX-License-Identifier: Apache-2.0
"""Messages by another order of sums, and layers in blocks of atoms, are the same."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.nets.equivariant.test_potentials import CELL, CUTOFF, atoms, table_of

from isinglass.nets.equivariant import Mace, Nequip, atom_blocks
from isinglass.nets.equivariant.irreps import harmonics
from isinglass.nets.equivariant.message import Message
from isinglass.nets.equivariant.radial import BesselBasis, mixed
from isinglass.systems.particle.interatomic import forces

NETS = {"mace": Mace, "nequip": Nequip}


def crystal():
    """18 atoms."""
    x, species = (jnp.asarray(a) for a in atoms())
    table = table_of(x)
    return table.vectors(x, jnp.asarray(CELL), CUTOFF), table, species


@pytest.mark.parametrize("c_max", [0, 2])
def test_neighbors_that_only_differ_by_species_are_summed_first(c_max):
    """Σ_z h_z W M_z is Σ_j R_j h_j Y_j; planted: with the species of others it is not."""
    r, table, species = crystal()
    d = jnp.linalg.norm(r, axis=-1)
    Y, e = harmonics(r / d[..., None], 2), BesselBasis(CUTOFF, 8)(d)
    message = Message(key=jax.random.key(0), sizes=(8, 6), channels=4, a_max=0, b_max=2, c_max=c_max)
    kinds, up = jax.random.normal(jax.random.key(1), (2, 4)), jax.random.normal(jax.random.key(2), (4, 4))
    h = [kinds[species][:, None]]
    wanted = message([table.sent(mixed(h[0], up))], Y, e)
    sent, collect = message.sources(h, (up,), table, species, kinds)
    for a, b in zip(collect(sent, Y, e), wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9 * float(jnp.abs(b).max()))
    other = collect(table.kinds(1 - species, 2), Y, e)
    assert float(jnp.abs(other[0] - wanted[0]).max()) > 1e-3 * float(jnp.abs(wanted[0]).max())


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("size", [1, 5, 17])
def test_blocks_are_the_whole(name, size, monkeypatch):
    """Energies, forces, and what training differentiates, of 18 atoms in blocks of any size."""
    net = NETS[name](key=jax.random.key(0), numbers=(13, 29), cutoff=CUTOFF, channels=2, l_max=1, hidden=(4,))
    r, table, species = crystal()

    def found(block):
        monkeypatch.setattr(atom_blocks, "BLOCK", block)
        loss = lambda net: jnp.sum(forces(net.atom_energies, r, table, species).forces ** 2)  # noqa: E731
        return jax.jit(lambda net: (forces(net.atom_energies, r, table, species), jax.grad(loss)(net)))(net)

    for a, b in zip(jax.tree.leaves(found(size)), jax.tree.leaves(found(100)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=2e-5 * float(jnp.abs(b).max()) + 1e-12)


@pytest.mark.parametrize("name", NETS)
def test_energies_with_weights_of_their_own_have_the_slopes_of_central_differences(name):
    """Σ_i c_i E_i along a direction of positions, along one of the network's weights, and along both at once."""
    net = NETS[name](key=jax.random.key(0), numbers=(13, 29), cutoff=CUTOFF, channels=2, l_max=1, hidden=(4,))
    net = jax.tree.map(lambda a: a.astype(float) if eqx.is_inexact_array(a) else a, net)
    r, table, species = crystal()
    c, real = jnp.arange(1.0, len(species) + 1), eqx.partition(net, eqx.is_inexact_array)
    total = lambda w, r: jnp.sum(c * eqx.combine(w, real[1]).atom_energies(r, table, species))  # noqa: E731
    along = jax.tree.map(lambda a: jnp.cos(jnp.arange(a.size, dtype=float)).reshape(a.shape), (real[0], r))
    by_w, by_r = jax.jit(jax.grad(total, (0, 1)))(real[0], r)
    alone = jax.jit(jax.grad(total, 1))(real[0], r)
    np.testing.assert_allclose(alone, by_r, atol=1e-9 * float(jnp.abs(by_r).max()))
    moved = lambda h, k: jax.tree.map(lambda a, b: a + h * b, (real[0], r)[k], along[k])  # noqa: E731
    slope = lambda k, there: sum(jnp.sum(a * b) for a, b in zip(jax.tree.leaves(there), jax.tree.leaves(along[k])))  # noqa: E731,B905
    value, h = jax.jit(total), 1e-5
    np.testing.assert_allclose(
        (value(real[0], moved(h, 1)) - value(real[0], moved(-h, 1))) / (2 * h), slope(1, by_r), rtol=1e-6
    )
    np.testing.assert_allclose((value(moved(h, 0), r) - value(moved(-h, 0), r)) / (2 * h), slope(0, by_w), rtol=1e-6)
