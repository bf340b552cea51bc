# SPDX-License-Identifier: Apache-2.0
"""Every symmetry that a system declares leaves its energy unchanged, and what it does not declare does not."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.systems.all_systems import ALL_SYSTEMS, SMOOTH, modules, systems_of

from isinglass.symmetry.gauge import SignGauge
from isinglass.symmetry.lattice import PointGroup, Translation, unit_steps
from isinglass.symmetry.particle import Displacement, ParticlePermutation, Rotation
from isinglass.symmetry.value import Reflection, ValuePermutation
from isinglass.systems import Ising


def start(system):
    """A configuration at random, compiled."""
    return jax.jit(lambda key: system.random_configuration(key))


def changes(key, system, symmetries):
    """max |E(g x) - E(x)| relative to |E|, of eight g and x for each symmetry: deterministic, round-off 1e-13."""

    def change(key):
        key_x, key_g = jax.random.split(key)
        x = system.random_configuration(key_x)
        moved = [symmetry.act(key_g, x) for symmetry in symmetries]
        assert {(y.shape, y.dtype) for y in moved} <= {(x.shape, x.dtype)}
        E, *energies = jax.vmap(system.energy)(jnp.stack([x, *moved]))
        return jnp.abs(jnp.stack(energies) - E) / jnp.maximum(1.0, jnp.abs(E))

    return np.max(jax.jit(jax.vmap(change))(jax.random.split(key, 8)), axis=0)


BROKEN = {  # planted: what would be declared by mistake
    "ising_field": Reflection(),
    "ising_honeycomb": Translation(unit_steps(2)),
    "ising_triangular": PointGroup((3, 3)),
    "edwards_anderson": Translation(unit_steps(2)),
    "potts": ValuePermutation(2),
    "gauge": Translation(unit_steps(3)),
    "ice": SignGauge(),
    "u1": SignGauge(),
    "xy": ParticlePermutation(),
    "phi4": Displacement(),
    "double_well": Reflection(),
    "two_modes": Reflection(),
    "lennard_jones_held": Displacement(),
    "dimer": ParticlePermutation(),
    "dimer_alone": Rotation(),
    "alanine_dipeptide": ParticlePermutation(),
}


def test_every_system_has_examples():
    """A new file in systems/ is tested by every law: those of its examples that are missing fail here."""
    shown = {type(system) for system in ALL_SYSTEMS.values()}
    assert {system for module in modules() for system in systems_of(module)} == shown


@pytest.mark.parametrize("name", [name for name, system in ALL_SYSTEMS.items() if system.symmetries])
def test_declared_symmetries_hold(key, name):
    system = ALL_SYSTEMS[name]
    found = changes(key, system, system.symmetries)
    assert (found < 1e-10).all(), dict(zip(system.symmetries, found, strict=True))


@pytest.mark.parametrize("name", BROKEN)
def test_symmetries_that_are_not_there_are_seen_to_break(key, name):
    assert BROKEN[name] not in ALL_SYSTEMS[name].symmetries
    assert changes(key, ALL_SYSTEMS[name], [BROKEN[name]]) > 1e-6


def test_a_system_that_declares_what_it_lacks_is_caught(key):
    """Planted: an Ising model in a field that says it may be flipped."""
    wrong = eqx.tree_at(lambda s: s.h, Ising((3, 4), temperature=2.0), jnp.asarray(0.3))
    assert wrong.has(Reflection)
    broken = changes(key, wrong, wrong.symmetries) > 1e-10
    assert [isinstance(symmetry, Reflection) for symmetry in wrong.symmetries] == broken.tolist()


@pytest.mark.parametrize("name", ALL_SYSTEMS)
def test_configurations_are_of_the_declared_variable(key, name):
    """Its values, its period, its word in files; sites that are counted once."""
    from isinglass.data.kind import KINDS, as_kind

    system = ALL_SYSTEMS[name]
    x = np.asarray(start(system)(key))
    np.testing.assert_array_equal(system.variable.wrap(jnp.asarray(x)), x)
    assert system.variable.name in KINDS
    np.testing.assert_array_equal(as_kind(x, system.variable.name), x)
    if not system.variable.continuous:
        assert set(np.unique(x)) <= set(system.variable.values)
    assert system.n_sites * system.variables_per_site == x.size


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
