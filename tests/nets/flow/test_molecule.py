"""Internal coordinates of a molecule and a density of them: volume element, normalization, causality, symmetry."""

from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.nets.flow.autoregressive_splines import AutoregressiveSplines
from isinglass.nets.flow.molecule import InternalCoordinates, Molecule, internal_coordinates, molecule_density
from isinglass.run.model_file import load_model, save_model
from isinglass.symmetry.rotations import random_rotation
from isinglass.systems.particle.alanine_dipeptide import METHYLS, TURNING, ZMATRIX, AlanineDipeptide, rotated_methyls

SYSTEM = AlanineDipeptide()
COORDINATES = internal_coordinates(ZMATRIX, TURNING, np.asarray(SYSTEM.start))
CHAIN = InternalCoordinates(((0,), (1, 0), (2, 1, 0), (3, 2, 1, 0), (4, 2, 1, 3)), (3,), (1.0, 2.0))


@partial(jax.jit, static_argnums=0)
def measured(coordinates, x):
    """u of every molecule."""
    return jax.vmap(lambda x: coordinates.measure(x)[0])(x)


def shaken(key, n, noise=0.01):
    """Molecules in several basins, their bonds far from rest."""
    x = jax.jit(jax.vmap(lambda k: SYSTEM.random_configuration(k)))(jax.random.split(key, n))
    return x + noise * jax.random.normal(key, x.shape)


def bent(density, key, size):
    """The same density with random weights."""
    arrays, static = eqx.partition(density, eqx.is_array)
    leaves, tree = jax.tree.flatten(arrays)
    keys = jax.random.split(key, len(leaves))
    leaves = [a + size * jax.random.normal(k, a.shape, a.dtype) for k, a in zip(keys, leaves, strict=True)]
    return eqx.combine(jax.tree.unflatten(tree, leaves), static)


def turned(x, rotation):
    """One molecule, rotated and moved."""
    return x @ rotation.T + jnp.array([[0.3, -1.0, 2.0]])


def test_internal_coordinates_and_back(key):
    """u -> x -> u; φ and ψ come first; energies of the molecule put together again are the same."""
    coordinates, x = COORDINATES, shaken(key, 16)

    @jax.jit
    @jax.vmap
    def errors(x):
        u, volume = coordinates.measure(x)
        y, volume_back = coordinates.place(u)
        again, _ = coordinates.measure(turned(y, random_rotation(key)))
        change = SYSTEM.energy(y) - SYSTEM.energy(x), SYSTEM.ramachandran(x) - u[:2]
        return jnp.abs(again - u).max(), volume_back - volume, *change

    u_error, volume_error, energy_error, angle_error = errors(x)
    assert float(u_error.max()) < 1e-11
    assert float(jnp.abs(volume_error).max()) < 1e-11
    assert float(jnp.abs(energy_error).max()) < 1e-6
    assert float(jnp.abs(angle_error).max()) < 1e-11


def log_volume_by_differentiation(coordinates, u):
    """ln|det| of (u, rotation vector, position) -> all 3n coordinates, at no rotation."""

    def everything(p):
        u, (a, b, c), position = p[:u_size], p[u_size : u_size + 3], p[u_size + 3 :]
        x, _ = coordinates.place(u)
        zero = jnp.zeros(())
        generator = jnp.array([[zero, -c, b], [c, zero, -a], [-b, a, zero]])
        return (x + x @ generator.T + position[None]).ravel()

    u_size = u.size
    jacobian = jax.jacfwd(everything)(jnp.concatenate([u, jnp.zeros(6)]))
    return jnp.linalg.slogdet(jacobian)[1]


@pytest.mark.parametrize("coordinates", [CHAIN, COORDINATES], ids=["chain", "alanine"])
def test_the_volume_element_is_that_of_differentiation(coordinates, key):
    n = coordinates.atoms
    k, bonds = len(coordinates.turning), n - 1
    narrow = jnp.concatenate([0.1 + 0.02 * jnp.arange(bonds, dtype=float), jnp.full(n - 2, 1.9)])
    u = jnp.zeros(3 * n - 6).at[:k].set(1.0 + jnp.arange(k, dtype=float)).at[k : k + 2 * n - 3].set(narrow)
    exact = jax.jit(log_volume_by_differentiation, static_argnums=0)(coordinates, u)
    said = coordinates.place(u)[1]
    assert abs(float(exact - said)) < 1e-9
    forgotten = said - (n - 2) * np.log(np.sin(1.9))  # planted: no Π sin θ
    assert abs(float(exact - forgotten)) > 0.1


@pytest.mark.slow
def test_density_of_a_molecule_is_the_one_it_draws_from(key):
    """ln q of draws, evaluated anew, also turned and moved; a mirror image has another."""
    x = jnp.asarray(rotated_methyls(np.random.default_rng(0), np.asarray(shaken(key, 64))))
    assert x.shape == (256, 22, 3)
    model = bent(molecule_density(key, COORDINATES, x, (16, 16)), key, 0.02)
    draws, log_q = eqx.filter_jit(type(model).sample_with_log_prob)(model, key, 32)
    log_prob = eqx.filter_jit(lambda model, x: jax.vmap(model.log_prob)(x))
    assert float(jnp.abs(log_prob(model, draws) - log_q).max()) < 2e-3  # float32
    moved = jax.vmap(turned)(draws, jax.vmap(random_rotation)(jax.random.split(key, 32)))
    assert float(jnp.abs(log_prob(model, moved) - log_q).max()) < 2e-3
    assert float(jnp.abs(log_prob(model, -draws) - log_q).min()) > 1.0


def test_renumbered_hydrogens_have_the_same_energy(key):
    x = np.asarray(shaken(key, 8))
    y = rotated_methyls(np.random.default_rng(1), x, 1)
    energy = jax.jit(jax.vmap(lambda x: SYSTEM.energy(x)))
    np.testing.assert_allclose(energy(jnp.asarray(y)), energy(jnp.asarray(x)), rtol=1e-12)
    assert np.abs(y - x).max() > 0.1
    mirrored = x.copy()
    mirrored[:, METHYLS[0]] = x[:, METHYLS[0][::-1]]  # planted: two of three exchanged, another arrangement
    coordinates = COORDINATES
    narrow = np.asarray(measured(coordinates, jnp.asarray(mirrored)))[:, 46:]
    assert np.abs(narrow).max() > 1.5
    assert np.abs(np.asarray(measured(coordinates, jnp.asarray(y)))[:, 46:]).max() < 1.5


def splines(key, angles, reals, size=0.1):
    """With random weights, in double precision."""
    made = AutoregressiveSplines(key=key, shape=(angles + reals,), angles=angles, hidden=(16, 16), bins=4)
    density = bent(made, key, size)
    return jax.tree.map(lambda a: a.astype(float) if eqx.is_inexact_array(a) else a, density)


@pytest.mark.parametrize(("angles", "reals"), [(1, 1), (2, 0), (0, 2)])
def test_splines_are_normalized(angles, reals, key):
    """By the trapezoidal rule: angles over the circle, real variables over ±12."""
    density = splines(key, angles, reals)
    n = 600
    axes = [np.linspace(-np.pi, np.pi, n, endpoint=False)] * angles + [np.linspace(-12, 12, n, endpoint=False)] * reals
    points = jnp.asarray(np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2))
    log_q = eqx.filter_jit(lambda q, x: jax.lax.map(q.log_prob, x, batch_size=20_000))(density, points)
    cell = np.prod([axis[1] - axis[0] for axis in axes])
    assert abs(float(jnp.exp(log_q).sum()) * cell - 1) < 2e-4
    assert abs(float(jnp.exp(log_q + 0.01).sum()) * cell - 1) > 2e-3  # planted: a constant forgotten


def test_splines_are_causal_periodic_and_draw_their_density(key):
    """∂(spline settings of i)/∂u_j = 0 exactly for j >= i."""
    density = splines(key, 3, 5)
    u = jax.random.normal(key, (8,))
    jacobian = jnp.abs(eqx.filter_jit(lambda q, u: jax.jacrev(lambda u: q.settings(u))(u))(density, u)).max(axis=1)
    assert float(jnp.triu(jacobian).max()) == 0.0
    assert float(jnp.tril(jacobian, -1).max()) > 1e-2
    log_prob = eqx.filter_jit(lambda u: density.log_prob(u))
    circle = jnp.array([2 * jnp.pi, -2 * jnp.pi, 2 * jnp.pi, 0, 0, 0, 0, 0])
    assert abs(float(log_prob(u + circle) - log_prob(u))) < 1e-9
    single = jax.tree.map(lambda a: a.astype(jnp.float32) if eqx.is_inexact_array(a) else a, density)
    draws, log_q = eqx.filter_jit(type(single).sample_with_log_prob)(single, key, 4096)
    again = eqx.filter_jit(lambda q, x: jax.vmap(q.log_prob)(x))(single, draws)
    assert float(jnp.abs(again - log_q).max()) < 1e-3
    weight = jnp.exp(-jnp.sum(draws[:, 3:] ** 2, axis=1) / 2 - again) / (2 * jnp.pi) ** 5.5  # <p/q> = 1, p normal
    error = float(weight.std() / len(weight) ** 0.5)
    assert abs(float(weight.mean()) - 1) < 5 * error
    assert error < 0.2


def test_a_saved_molecule_comes_back(key, tmp_path):
    model = molecule_density(key, COORDINATES, shaken(key, 16), (8,))
    save_model(tmp_path, model)
    loaded = load_model(tmp_path)
    assert isinstance(loaded, Molecule)
    assert bool(eqx.tree_equal(model, loaded))


def test_a_row_that_refers_to_an_atom_not_yet_placed_is_refused():
    with pytest.raises(ValueError, match="expected row 2 of the Z-matrix"):
        InternalCoordinates(((0,), (1, 0), (2, 3, 0), (3, 2, 1, 0)), (), (0.0,))
