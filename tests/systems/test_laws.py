# SPDX-License-Identifier: Apache-2.0
"""Laws of every lattice system: local changes, reflections, exact references."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.systems.all_systems import LATTICE

from isinglass.exact.lattice import chain, enumeration, gauge, ice, kaufman
from isinglass.sampling.chain.reach import reflections_hold
from isinglass.systems import XY, Ising, IsingGauge, Potts, SquareIce, at_temperatures
from isinglass.systems.system import AbstractPairSystem, over_temperature

systems = pytest.mark.parametrize("system", LATTICE.values(), ids=LATTICE.keys())


@systems
def test_energy_changes_are_differences_of_energy(key, system):
    def both(key):
        x = system.random_configuration(key)
        sites = jnp.arange(x.size)
        y = system.propose(jax.random.fold_in(key, 1), x.reshape(-1))
        changed = jax.vmap(lambda i: system.energy(x.reshape(-1).at[i].set(y[i]).reshape(x.shape)))(sites)
        return system.energy_changes(x, y, sites), changed - system.energy(x)

    np.testing.assert_allclose(*jax.jit(both)(key), atol=1e-12)


@systems
def test_variables_of_one_color_do_not_interact(key, system):
    def of_color(x, y, color):
        sites = jnp.asarray(color[color < x.size])
        together = system.energy(x.reshape(-1).at[sites].set(y[sites]).reshape(x.shape)) - system.energy(x)
        return system.energy_changes(x, y[sites], sites).sum(), together

    def all_colors(key):
        x = system.random_configuration(key)
        y = system.propose(jax.random.fold_in(key, 1), x.reshape(-1))
        return [of_color(x, y, color) for color in system.colors]

    for apart, together in jax.jit(all_colors)(key):
        np.testing.assert_allclose(apart, together, atol=1e-12)


@pytest.mark.parametrize("name", [n for n, s in LATTICE.items() if isinstance(s, AbstractPairSystem)])
def test_reflection_is_an_involution_and_keeps_pair_energies(key, name):
    system = LATTICE[name]
    x = system.random_configuration(key)
    reflected = system.reflect(key, x)
    again, modulo = system.reflect(key, reflected), np.cos if system.variable.period else np.asarray
    np.testing.assert_allclose(modulo(again), modulo(x), atol=1e-12)
    a, b = x.reshape(-1)[: x.size // 2], x.reshape(-1)[x.size // 2 : 2 * (x.size // 2)]
    ra, rb = (reflected.reshape(-1)[: x.size // 2], reflected.reshape(-1)[x.size // 2 : 2 * (x.size // 2)])
    np.testing.assert_allclose(system.pair_energy(ra, rb), system.pair_energy(a, b), atol=1e-12)
    same = np.isclose(system.energy(reflected), system.energy(x))
    assert same == reflections_hold(system)
    assert same == (name != "ising_field")  # the field breaks it: the planted error


def all_states(n, shape):
    return (2 * np.concatenate(list(enumeration.configurations(n))) - 1).reshape(-1, *shape).astype(np.int8)


@pytest.mark.parametrize("T", [1.5, 2.269185314213022, 4.0])
def test_ising_partition_function_is_kaufmans(T):
    """Row 19: ln Z/N of the 4 x 4 torus."""
    system = Ising((4, 4), temperature=T)
    E = jax.vmap(system.energy)(jnp.asarray(all_states(16, (4, 4))))
    log_z = jax.scipy.special.logsumexp(-E / T) / 16
    np.testing.assert_allclose(log_z, kaufman.log_partition_function(T, 4), rtol=1e-12)


def test_one_dimensional_chain():
    system = Ising((7,), temperature=1.0, lattice="chain")
    E = jax.vmap(system.energy)(jnp.asarray(all_states(7, (7,))))
    weight = jax.nn.softmax(-E)
    np.testing.assert_allclose(jnp.sum(weight * E) / 7, chain.energy(1.0, 7), rtol=1e-12)


def test_potts_with_two_values_is_ising():
    ising, potts = Ising((4, 4), J=0.5), Potts((4, 4), q=2)
    s = all_states(16, (4, 4))[::997]
    E_potts = jax.vmap(potts.energy)(jnp.asarray((s + 1) // 2))
    np.testing.assert_allclose(E_potts, jax.vmap(ising.energy)(jnp.asarray(s)) - 16, atol=1e-12)


def test_gauge_theory_is_exact_and_gauge_invariant(key):
    """Row 7: plaquette law at beta = 1/2, 2^(L^2 + 1) ground states, and a flip of all links at a vertex."""
    system = IsingGauge((2, 2), temperature=2.0)
    s = jnp.asarray(all_states(8, (2, 2, 2)))
    E = jax.vmap(system.energy)(s)
    weight = jax.nn.softmax(-0.5 * E)
    np.testing.assert_allclose(-jnp.sum(weight * E) / 4, 0.5363436040, atol=1e-10)
    np.testing.assert_allclose(system.exact_energy(np.array([2.0])), -0.5363436040, atol=1e-10)
    assert int(jnp.sum(E == E.min())) == gauge.ground_states(2) == 32
    big = IsingGauge((4, 5))
    x = big.random_configuration(key)
    at_vertex = x.at[1, 2, 0].multiply(-1).at[0, 2, 0].multiply(-1).at[1, 2, 1].multiply(-1).at[1, 1, 1].multiply(-1)
    assert big.energy(at_vertex) == big.energy(x)
    lone = jax.vmap(lambda i: big.energy(x.reshape(-1).at[i].multiply(-1).reshape(x.shape)))(jnp.arange(x.size))
    assert (lone != big.energy(x)).any()


def test_ice_states_are_counted_by_lieb():
    system = SquareIce((2, 3))
    E = jax.vmap(system.energy)(jnp.asarray(all_states(12, (2, 3, 2))))
    assert int(jnp.sum(E == 0)) == ice.ice_states(2, 3)
    assert (E >= 0).all()


def test_a_system_at_several_temperatures():
    T = jnp.array([1.0, 2.0, 4.0])
    batch = at_temperatures(Ising((4, 4)), T)
    x = -jnp.ones((4, 4), jnp.int8)
    log_weight = jax.vmap(lambda s: s.log_weight(x), in_axes=(over_temperature(batch),))(batch)
    np.testing.assert_allclose(log_weight, 32 / T)
    slope = eqx.filter_grad(lambda s: s.log_weight(x))(Ising((4, 4), temperature=2.0))
    np.testing.assert_allclose([slope.beta, slope.J], [32.0, 16.0])  # couplings are leaves: one differentiates by them


@pytest.mark.parametrize("T", [0.0, -1.0, np.nan, np.inf])
def test_impossible_temperatures_are_refused(T):
    with pytest.raises(ValueError, match="positive, finite temperature"):
        Ising((4, 4), temperature=T)


def test_energies_by_hand():
    """As docs/conventions.md has them, all variables alike on 3 x 4 sites: 24 bonds, 12 plaquettes, and one flip."""
    up = jnp.ones((3, 4), jnp.int8)
    flipped = up.at[1, 2].set(-1)
    ising = Ising((3, 4), J=2.0, h=0.5)
    assert [float(ising.energy(x)) for x in (up, flipped)] == [-48 - 6, -48 + 16 - 5]
    assert [float(Potts((3, 4), J=2.0).energy(x + 1)) for x in (up, flipped)] == [-48, -40]
    links = jnp.ones((3, 4, 2), jnp.int8)
    assert [float(IsingGauge((3, 4)).energy(x)) for x in (links, links.at[0, 1, 1].set(-1))] == [-12, -8]
    assert [float(SquareIce((3, 4), J=2.0).energy(x)) for x in (links, links.at[0, 1, 1].set(-1))] == [0, 4]
    angles = jnp.zeros((3, 4))
    assert [float(XY((3, 4)).energy(x)) for x in (angles, angles.at[0, 0].set(jnp.pi))] == [-24, -16]
