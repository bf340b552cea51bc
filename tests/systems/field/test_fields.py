# SPDX-License-Identifier: Apache-2.0
"""phi^4 and U(1): Monte Carlo against the exact answers, the topological charge, the three parametrizations."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.exact.field import free_field as exact_free_field
from isinglass.exact.field import u1
from isinglass.sampling.chain.metropolis import Metropolis
from isinglass.symmetry.gauge import PhaseGauge
from isinglass.systems import Phi4, U1Gauge, free_field, phi4_hopping
from isinglass.systems.field.phi4 import by_polynomial
from isinglass.systems.field.u1 import wrap

CHAINS, SWEEPS = 4000, 40


def independent(key, system):
    """The last configurations of independent chains, long past equilibrium."""
    key_start, key_run = jax.random.split(key)
    x = jax.vmap(system.random_configuration)(jax.random.split(key_start, CHAINS))

    @eqx.filter_jit
    def run(key, x, system):
        sweep = lambda x, k: (Metropolis().step(k, x, system)[0], None)  # noqa: E731
        return jax.lax.scan(sweep, x, jax.random.split(key, SWEEPS))[0]

    return jax.vmap(run, in_axes=(0, 0, None))(jax.random.split(key_run, CHAINS), x, system)


def agrees(values, exact):
    """Within 4 standard errors of independent values: false alarm 6e-5."""
    values = np.asarray(values, float)
    return abs(values.mean() - exact) < 4 * values.std() / np.sqrt(len(values))


def test_phi4_monte_carlo_is_exact(key):
    """B12, L = 3; resolution: 5 % in <φ²>, <φ⁴>."""
    system = Phi4((3, 3), m2=-4.0, lam=8.0)
    x = independent(key, system)
    exact = system.exact_moments()
    for values, expected in ((jnp.mean(x**2, (1, 2)), exact.phi2), (jnp.mean(x**4, (1, 2)), exact.phi4)):
        assert agrees(values, expected)
        assert not agrees(values, 1.05 * expected)  # planted
    assert agrees(9 * jnp.mean(x, (1, 2)) ** 2, exact.chi)
    energy = jax.vmap(system.energy)(x) / 9
    assert agrees(energy, system.exact_energy(np.array([1.0]))[0])


def test_u1_monte_carlo_is_exact(key):
    """Plaquette, charge and susceptibility at β = 1; resolution: 5 % of the plaquette."""
    system = U1Gauge((3, 3), beta=1.0)
    x = independent(key, system)
    Q = jax.vmap(system.topological_charge)(x)
    _, P = u1.charge_distribution(1.0, 9)
    plaquette = jax.vmap(system.order_parameter)(x)
    assert agrees(plaquette, u1.plaquette(1.0, 9))
    assert not agrees(plaquette, 1.05 * u1.plaquette(1.0, 9))
    assert agrees(Q**2 / 9, u1.topological_susceptibility(1.0, 9))
    assert agrees(Q == 0, P[4])
    assert agrees(jax.vmap(system.energy)(x) / 9, system.exact_energy(np.array([1.0]))[0])


def test_free_field_monte_carlo_is_exact(key):
    """B11 convention at temperature 2, by exact normal draws in Fourier space rather than a chain."""
    shape, m2, T = (4, 6), 0.7, 2.0
    system = free_field(shape, m2=m2, temperature=T)
    noise = np.asarray(jax.random.normal(key, (CHAINS, *shape)))
    amplitude = np.sqrt(T / exact_free_field.spectrum(shape, m2))
    x = np.fft.ifftn(np.fft.fftn(noise, axes=(1, 2)) * amplitude, axes=(1, 2)).real
    action = jax.vmap(system.energy)(jnp.asarray(x))
    assert agrees(action, exact_free_field.mean_action(shape, T))
    assert not agrees(action, 1.05 * exact_free_field.mean_action(shape, T))
    np.testing.assert_allclose(np.var(action), 24 * T * T / 2, rtol=0.1)  # chi-square law of V modes


def test_three_parametrizations_of_one_action(key):
    """S written out site by site, d = 2."""
    x = np.asarray(jax.random.normal(key, (4, 5)))
    gradient = sum(np.sum((np.roll(x, -1, axis) - x) ** 2) for axis in (0, 1))
    neighbors = sum(np.sum(np.roll(x, -1, axis) * x) for axis in (0, 1))
    albergo = gradient + np.sum(-4 * x**2 + 8 * x**4)
    hopping = -2 * 0.2 * neighbors + np.sum((1 - 2 * 0.5) * x**2 + 0.5 * x**4)
    free = 0.5 * (gradient + np.sum(0.3 * x**2))
    for system, expected in (
        (Phi4((4, 5), m2=-4.0, lam=8.0), albergo),
        (phi4_hopping((4, 5), kappa=0.2, lam=0.5), hopping),
        (free_field((4, 5), m2=0.3), free),
    ):
        np.testing.assert_allclose(system.energy(jnp.asarray(x)), expected, rtol=1e-12)


def test_u1_plaquette_by_hand(key):
    system = U1Gauge((3, 4), beta=2.0)
    x = np.asarray(system.random_configuration(key))
    E = 0.0
    for i in range(3):
        for j in range(4):
            E -= np.cos(x[i, j, 0] + x[(i + 1) % 3, j, 1] - x[i, (j + 1) % 4, 0] - x[i, j, 1])
    np.testing.assert_allclose(system.energy(jnp.asarray(x)), E, rtol=1e-12)


def test_topological_charge_is_whole_gauge_invariant_and_odd(key):
    system = U1Gauge((4, 6), beta=2.0)
    x = jax.vmap(system.random_configuration)(jax.random.split(key, 50))
    raw = jax.vmap(lambda x: jnp.sum(wrap(system.flux(x))) / (2 * jnp.pi))(x)
    np.testing.assert_allclose(raw, jnp.round(raw), atol=1e-10)
    assert len(np.unique(np.round(raw))) > 3
    alpha = 10 * jax.random.normal(key, (4, 6))
    moved = jax.vmap(lambda x: system.topological_charge(PhaseGauge().transformed(x, alpha)))(x)
    Q = jax.vmap(system.topological_charge)(x)
    np.testing.assert_array_equal(moved, Q)
    np.testing.assert_array_equal(jax.vmap(lambda x: system.topological_charge(-x))(x), -Q)
    one_link = jax.vmap(lambda x: system.energy(x.at[0, 0, 0].add(0.3)))(x)  # planted: no gauge transformation
    assert not np.allclose(one_link, jax.vmap(system.energy)(x))


@pytest.mark.parametrize("charge", [0, 1, -3])
def test_instantons(charge):
    system = U1Gauge((4, 6), beta=2.0)
    x = system.instanton(charge)
    assert system.topological_charge(x) == charge
    np.testing.assert_allclose(wrap(system.flux(x)), 2 * np.pi * charge / 24, atol=1e-12)


@pytest.mark.parametrize("bad", [{"beta": -1.0}, {"beta": np.inf}, {"shape": (4,)}, {"shape": (1, 4)}])
def test_what_is_no_gauge_theory_is_refused(bad):
    with pytest.raises(ValueError, match="got|found"):
        U1Gauge(bad.get("shape", (4, 4)), beta=bad.get("beta", 1.0))


def test_many_temperatures_of_a_chain_are_those_one_by_one():
    """Polynomial of 64 nodes against the transfer operator at each; a range too wide for it is solved one by one."""
    system = Phi4((8,), m2=-2.0, lam=1.0)
    T = np.geomspace(0.3, 3.0, 90)
    one_by_one = np.array([system.exact_energy(T[i : i + 1])[0] for i in range(0, 90, 15)])
    np.testing.assert_allclose(system.exact_energy(T)[::15], one_by_one, rtol=1e-9)
    calls = []
    rough = lambda T: (calls.append(len(T)), np.abs(T - 1.0))[1]  # noqa: E731
    np.testing.assert_allclose(by_polynomial(rough, T), np.abs(T - 1))
    assert calls == [64, 90]
    np.testing.assert_allclose(by_polynomial(np.exp, np.full(70, 2.0)), np.exp(2.0))
