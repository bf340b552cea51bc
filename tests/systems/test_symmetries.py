# SPDX-License-Identifier: Apache-2.0
"""Every symmetry that a system declares leaves its energy unchanged, and what it does not declare does not."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.systems.all_systems import ALL_SYSTEMS, SMOOTH

from isinglass.checks.symmetry import invariance
from isinglass.systems import IsingGauge, U1Gauge

PARTICLES = ("lennard_jones", "lennard_jones_held", "dimer", "dimer_alone", "alanine_dipeptide", "alanine_vacuum")


def start(system):
    """A configuration at random, compiled."""
    return jax.jit(lambda key: system.random_configuration(key))


def rotation(key, d):
    """A random rotation, determinant 1."""
    q = np.linalg.qr(jax.random.normal(key, (d, d)))[0]
    return jnp.asarray(q * np.append(np.ones(d - 1), np.sign(np.linalg.det(q))))


def gauge(key, system):
    """A random gauge transformation."""
    if isinstance(system, U1Gauge):
        alpha = jax.random.normal(key, system.lattice)
        return lambda x: system.gauge_transform(x, alpha)
    assert isinstance(system, IsingGauge)
    v = 2 * jax.random.bernoulli(key, shape=system.lattice).astype(jnp.int8) - jnp.int8(1)
    links = jnp.stack([v * jnp.roll(v, -1, axis=0), v * jnp.roll(v, -1, axis=1)], axis=-1)
    return lambda x: x * links


def action(symmetry, key, name, system):
    """x -> g x of a random group element."""
    n, last = system.shape[0], system.shape[-1]
    if symmetry == "translation" and name in PARTICLES:
        return lambda x: x + jax.random.normal(key, (1, last))
    if symmetry == "translation":
        axes = 2 if "gauge" in system.symmetries or "arrow_reversal" in system.symmetries else len(system.shape)
        return lambda x: jnp.roll(x, range(1, 2 * axes, 2), range(axes))  # 1, 3: honeycomb allows even sums
    if symmetry == "reflection" and name == "potts":
        return lambda x: system.reflect(key, x)
    if symmetry in ("reflection", "arrow_reversal"):
        return lambda x: -x
    if symmetry == "rotation":
        return lambda x: x @ rotation(key, last)
    if symmetry == "permutation":
        return lambda x: x[jax.random.permutation(key, n)]
    if symmetry == "bath_permutation":
        return lambda x: x.at[2:].set(x[2:][jax.random.permutation(key, n - 2)])
    return gauge(key, system)


def breaks(symmetry, key, name):
    """Whether the energy changes."""
    system = ALL_SYSTEMS[name]
    x = jax.vmap(start(system))(jax.random.split(key, 4))
    return invariance(
        jax.jit(lambda x: system.energy(x)),
        np.asarray(x),
        [action(symmetry, key, name, system)],
        name=symmetry,
        tolerance=1e-10,
    ).verdict


DECLARED = [(name, symmetry) for name, system in ALL_SYSTEMS.items() for symmetry in system.symmetries]
BROKEN = [
    ("ising_field", "reflection"),
    ("double_well", "reflection"),
    ("two_modes", "reflection"),
    ("lennard_jones_held", "translation"),
    ("dimer", "permutation"),
    ("dimer", "rotation"),
    ("alanine_dipeptide", "permutation"),
    ("edwards_anderson", "translation"),
]


@pytest.mark.parametrize(("name", "symmetry"), DECLARED)
def test_declared_symmetries_hold(key, name, symmetry):
    assert breaks(symmetry, key, name) == "pass"


@pytest.mark.parametrize(("name", "symmetry"), BROKEN)
def test_symmetries_that_are_not_there_are_not_declared(key, name, symmetry):
    assert symmetry not in ALL_SYSTEMS[name].symmetries
    assert breaks(symmetry, key, name) == "fail"


@pytest.mark.slow
@pytest.mark.parametrize("name", SMOOTH)
def test_gradients_are_finite_and_those_of_the_energy(key, name):
    """Central differences along a random direction; a configuration at random has a finite weight."""
    system = SMOOTH[name]
    x = start(system)(key)
    assert x.shape == system.shape
    direction = jax.random.normal(jax.random.fold_in(key, 1), x.shape)
    x = x + 0.001 * direction  # off the walls and edges where a second derivative jumps
    along = jax.jit(lambda t: system.log_weight(x + t * direction))
    gradient = jnp.sum(jax.jit(jax.grad(lambda x: system.log_weight(x)))(x) * direction)
    h = 1e-6
    difference = (along(h) - along(-h)) / (2 * h)
    np.testing.assert_allclose(gradient, difference, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(along(0.0), -system.beta * jax.jit(lambda x: system.energy(x))(x), rtol=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("name", SMOOTH)
def test_energies_in_single_precision(key, name):
    """Strict about types, and right: learned samplers draw float32."""
    system = SMOOTH[name]
    x = start(system)(key)
    log_weight = jax.jit(lambda x: system.log_weight(x))
    assert log_weight(x.astype(jnp.float32)).dtype == jnp.float32
    np.testing.assert_allclose(log_weight(x.astype(jnp.float32)), log_weight(x), rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize("name", SMOOTH)
def test_a_system_is_data_that_a_compiled_function_takes(key, name):
    """Its tables may be traced: one compilation serves all parameters."""
    system = SMOOTH[name]
    x = start(system)(key)
    traced = eqx.filter_jit(lambda system, x: system.energy(x))
    np.testing.assert_allclose(traced(system, x), jax.jit(lambda x: system.energy(x))(x), rtol=1e-10)
