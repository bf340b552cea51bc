# SPDX-License-Identifier: Apache-2.0
"""Alanine dipeptide: our force field against OpenMM, its torsions, a reference simulation."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.systems import AlanineDipeptide
from isinglass.systems.particle.alanine_dipeptide import BASINS, GAS, PDB

SOLVENTS = ("obc", "vacuum")


def shaken(key, system, n=6, noise=0.01):
    """Configurations in several basins with noise of 0.01 nm: energies of thousands of kelvin."""
    keys = jax.random.split(key, n)
    x = jax.jit(jax.vmap(lambda k: system.random_configuration(k)))(keys)
    return x + noise * jax.random.normal(key, x.shape)


def with_gradient(system, x):
    """E and its gradient, compiled and batched."""
    return jax.jit(jax.vmap(jax.value_and_grad(lambda x: system.energy(x))))(x)


@pytest.mark.parametrize("solvent", SOLVENTS)
def test_our_energies_and_forces_are_those_of_openmm(key, solvent):
    """Independent code: all terms, also under `vmap` and `grad` through the call back."""
    pytest.importorskip("openmm")
    native, reference = (AlanineDipeptide(solvent=solvent, engine=engine) for engine in ("native", "openmm"))
    x = shaken(key, native)
    (E, G), (E_openmm, G_openmm) = with_gradient(native, x), with_gradient(reference, x)
    np.testing.assert_allclose(E, E_openmm, rtol=1e-9)
    np.testing.assert_allclose(G, G_openmm, rtol=1e-7, atol=1e-5)
    other = AlanineDipeptide(solvent="vacuum" if solvent == "obc" else "obc")  # planted: another solvent
    assert np.abs(np.asarray(with_gradient(other, x)[0] - E_openmm)).min() > 100


@pytest.mark.parametrize("solvent", SOLVENTS)
def test_the_constants_are_those_that_openmm_makes(solvent):
    pytest.importorskip("openmm")
    from isinglass.systems.particle.openmm_energy import constants

    ours = json.loads(PDB.with_suffix(".json").read_text())[solvent]
    theirs = constants(PDB, solvent)
    assert theirs["names"][8] == "ALA-CA"
    for name, rows in ours.items():
        np.testing.assert_allclose(rows, theirs[name], rtol=1e-12, err_msg=name)


def test_atoms_on_top_of_each_other_weigh_nothing():
    pytest.importorskip("openmm")
    system = AlanineDipeptide(engine="openmm")
    x = jnp.asarray(system.start).at[3].set(system.start[4])
    assert system.energy(x) == np.inf
    assert system.log_weight(x) == -np.inf
    np.testing.assert_array_equal(jax.grad(system.energy)(x), 0.0)


def torsion(a, b, c, d):
    """IUPAC, by projecting on the plane across the middle bond."""
    axis = (c - b) / np.linalg.norm(c - b)
    first, last = a - b, d - c
    first, last = first - first @ axis * axis, last - last @ axis * axis
    return np.arctan2(np.cross(axis, first) @ last, first @ last)


def test_torsions_and_handedness(key):
    system = AlanineDipeptide()
    x = np.asarray(shaken(key, system))
    angles = jax.vmap(system.ramachandran)(jnp.asarray(x))
    expected = [[torsion(*c[[4, 6, 8, 14]]), torsion(*c[[6, 8, 14, 16]])] for c in x]
    np.testing.assert_allclose(angles, expected, atol=1e-10)
    N, CA, CB, C = system.start[[6, 8, 10, 14]]
    assert np.cross(N - CA, C - CA) @ (CB - CA) > 0  # the L form
    np.testing.assert_allclose(system.ramachandran(jnp.asarray(-x[0])), -angles[0], atol=1e-10)


@pytest.mark.parametrize("basin", range(4))
def test_turning_the_torsions_leaves_bonds_and_angles(basin):
    system = AlanineDipeptide()
    start = jnp.asarray(system.start)
    x = system.with_angles(start, *BASINS[basin])
    np.testing.assert_allclose(system.ramachandran(x), BASINS[basin], atol=1e-9)
    bonds, angles = (np.array(json.loads(PDB.with_suffix(".json").read_text())["obc"][k]) for k in ("bonds", "angles"))
    ends = np.concatenate([bonds, angles[:, [0, 2]]])
    lengths = lambda x: jnp.sum((x[ends[:, 0]] - x[ends[:, 1]]) ** 2, axis=1)  # noqa: E731
    np.testing.assert_allclose(lengths(x), lengths(start), atol=1e-9)


@pytest.mark.slow
def test_a_short_reference_simulation(key):
    """Kinetic temperatures within 10 % of the set ones (66 coordinates, 60 frames: 4 standard errors are 9 %)."""
    pytest.importorskip("openmm")
    from isinglass.data.molecular_dynamics import free_energy_profile, replica_exchange

    T = np.array([300.0, 450.0])
    run = replica_exchange(key, T, frames=60, stride=50, warmup=20, friction=20.0)
    assert run.x.shape == (2, 60, 22, 3)
    np.testing.assert_allclose(run.kinetic_temperature.mean(axis=1), T, rtol=0.1)
    assert run.energy[1].mean() > run.energy[0].mean()
    assert 0 < run.exchange_rate[0] <= 1
    energy = jax.vmap(AlanineDipeptide().energy)(jnp.asarray(run.x[0]))
    np.testing.assert_allclose(energy, run.energy[0], rtol=1e-8)
    phi = np.asarray(jax.vmap(AlanineDipeptide().ramachandran)(jnp.asarray(run.x[0])))[:, 0]
    middle, F = free_energy_profile(phi, bins=12)
    np.testing.assert_allclose(np.sum(np.exp(-F)) * (middle[1] - middle[0]), 1, rtol=1e-12)


def test_unit_is_kelvin():
    """A minimum of the force field at -134.33 kJ/mol, as OpenMM found it."""
    system = AlanineDipeptide()
    np.testing.assert_allclose(system.energy(jnp.asarray(system.start)) * GAS, -134.333, atol=5e-2)
    assert float(system.beta) == pytest.approx(1 / 300)
