# SPDX-License-Identifier: Apache-2.0
"""Systems in few dimensions: their energies, summed on a grid, give the exact answers; mixtures draw what they say."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize

from isinglass.exact.particle import dimer
from isinglass.exact.surface import double_well, gaussian_mixture, mueller_brown
from isinglass.stats.goodness_of_fit import chi_square
from isinglass.systems import Dimer, DoubleWell, GaussianMixture, MuellerBrown, ring, two_modes


def on_grid(system, x, y):
    """Points, probabilities and ln Z of exp(-βE) on a rectangular grid."""
    points = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
    log_w = np.asarray(jax.jit(jax.vmap(system.log_weight))(jnp.asarray(points)))
    log_Z = np.logaddexp.reduce(log_w)
    return points, np.exp(log_w - log_Z), log_Z + np.log((x[1] - x[0]) * (y[1] - y[0]))


def test_double_well_on_a_grid():
    system = DoubleWell(2)
    points, p, log_Z = on_grid(system, np.linspace(-6, 6, 1200), np.linspace(-8, 8, 161))
    np.testing.assert_allclose(log_Z, 12.0649289986, atol=1e-8)  # B17
    left = p[points[:, 0] < 0].sum()
    np.testing.assert_allclose(np.log(left / (1 - left)), 4.7772741300, atol=1e-6)
    E = jax.vmap(system.energy)(jnp.asarray(points))
    np.testing.assert_allclose(p @ E / 2, system.exact_energy(np.array([1.0]))[0], atol=1e-8)
    wrong = on_grid(DoubleWell(2, b=6.06), np.linspace(-6, 6, 1200), np.linspace(-8, 8, 161))[2]  # planted: 1 %
    assert abs(wrong - 12.0649289986) > 0.1


def test_double_well_stationary_points():
    system = DoubleWell(3)
    at = jnp.zeros((3, 3)).at[:, 0].set(jnp.asarray(double_well.stationary_points()))
    np.testing.assert_allclose(jax.vmap(jax.grad(system.energy))(at), 0, atol=1e-9)
    np.testing.assert_allclose(jax.vmap(system.energy)(at), [-11.489827520, 0.083528046, -6.593700526], atol=1e-8)


def test_mueller_brown_on_a_grid():
    """Cells of the box, midpoint rule: B17 at kT = 20 to 1e-4."""
    system = MuellerBrown(temperature=20.0)
    cells = [low + (high - low) * (np.arange(720) + 0.5) / 720 for low, high in mueller_brown.BOX]
    points, p, log_Z = on_grid(system, *cells)
    np.testing.assert_allclose(log_Z, 5.3655087030, atol=1e-4)
    np.testing.assert_allclose(p @ points, [-0.4238020768, 1.1648297308], atol=1e-4)
    np.testing.assert_allclose(p @ (points[:, 0] > 0), 0.1500513298, atol=1e-4)
    E = np.asarray(jax.vmap(system.energy)(jnp.asarray(points)))
    np.testing.assert_allclose(p @ E / 2, system.exact_energy(np.array([20.0]))[0], atol=1e-3)


def test_outside_the_box_is_no_number_but_infinity():
    system = MuellerBrown()
    for x in ([1.7, 0.0], [0.0, 2.6], [-50.0, 700.0]):
        assert system.energy(jnp.asarray(x)) == np.inf
        assert system.log_weight(jnp.asarray(x)) == -np.inf
        np.testing.assert_array_equal(jax.grad(system.log_weight)(jnp.asarray(x)), 0.0)
    x = jax.vmap(system.random_configuration)(jax.random.split(jax.random.key(0), 1000))
    assert bool(jnp.all(jax.vmap(system.inside)(x)))
    found = minimize(lambda x: float(system.energy(jnp.asarray(x))), mueller_brown.MINIMA[0] + 0.05, tol=1e-10)
    np.testing.assert_allclose(found.fun, -146.69951721, atol=1e-6)


@pytest.mark.parametrize(
    "system",
    [pytest.param(two_modes(2, weight=0.3, distance=6.0), marks=pytest.mark.slow), ring(5, radius=3.0, scale=0.5)],
)
def test_mixtures_are_normalized_and_draw_their_density(key, system):
    """Chi-square over 36 cells; false alarm 1e-4; resolution: 16 % more on the left than on the right."""
    table = (np.asarray(system.weight), np.asarray(system.mean), np.asarray(system.scale))
    axis = np.arange(-10, 10, 0.05) + 0.025  # midpoints: no point lies on the edge of a cell
    points, p, log_Z = on_grid(system, axis, axis)
    np.testing.assert_allclose(log_Z, 0, atol=1e-10)
    exact = gaussian_mixture.log_density(points, *table)
    np.testing.assert_allclose(jax.vmap(system.log_prob)(jnp.asarray(points)), exact, rtol=1e-10)
    x = np.asarray(system.sample(key, 20_000))
    cells = np.array([-10, -3, -2, -1, 0, 1, 10.0])
    counts = jnp.asarray(np.histogram2d(*x.T, bins=(cells, cells))[0].ravel().astype(int))
    law = np.histogram2d(*points.T, bins=(cells, cells), weights=p)[0].ravel()
    assert chi_square(counts, jnp.asarray(law)).p_value > 1e-4
    wrong = law * np.where(np.arange(36) < 18, 1.08, 0.92)  # planted: 16 % from left to right
    assert chi_square(counts, jnp.asarray(wrong / wrong.sum())).p_value < 1e-4
    nearest = np.argmin(np.sum((x[:, None] - table[1]) ** 2, axis=-1), axis=1)
    assert np.mean(np.asarray(jax.vmap(system.component)(jnp.asarray(x))) == nearest) > 0.97


def test_a_single_mode_has_an_exact_energy():
    system = GaussianMixture([[1.0, -2.0]], scale=[[0.5, 2.0]], temperature=1.7)
    points, p, _ = on_grid(system, np.linspace(-4, 6, 501), np.linspace(-22, 18, 801))
    E = jax.vmap(system.energy)(jnp.asarray(points))
    np.testing.assert_allclose(p @ E / 2, system.exact_energy(np.array([1.7]))[0], atol=1e-10)


def test_dimer_alone_on_a_grid():
    """The difference vector on a grid; the other two coordinates are normal and give T/2 each."""
    system = Dimer(0)
    u, v = np.linspace(0.2, 3.2, 601), np.linspace(-1.8, 1.8, 361)
    half = np.stack(np.meshgrid(u, v, indexing="ij"), axis=-1).reshape(-1, 2) / 2
    E = np.asarray(jax.jit(jax.vmap(system.energy))(jnp.asarray(np.stack([-half, half], axis=1))))
    p = np.exp(E.min() - E)
    r = 2 * np.hypot(*half.T)
    soft = np.clip((1.5 - r) / 0.01, -0.5, 0.5) + 0.5  # the edge through the cells of the grid
    np.testing.assert_allclose(np.log(p @ soft / (p @ (1 - soft))), dimer.free_energy_difference(), atol=3e-4)
    np.testing.assert_allclose((p @ E / p.sum() + 1) / 4, system.exact_energy(np.array([1.0]))[0], atol=1e-4)
    length = p @ r / p.sum()
    at = np.linspace(0.3, 3.0, 20001)
    np.testing.assert_allclose(length, np.trapezoid(at * dimer.density(at), at), atol=1e-4)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: DoubleWell(0),
        lambda: DoubleWell(a=-1.0),
        lambda: GaussianMixture([1.0, 2.0]),
        lambda: GaussianMixture([[1.0], [2.0]], weight=[1.0, 0.0]),
        lambda: GaussianMixture([[1.0]], scale=-1.0),
        lambda: Dimer(5),
        lambda: Dimer(9, temperature=0.0),
    ],
)
def test_what_is_no_system_is_refused(bad):
    with pytest.raises(ValueError, match="got|found"):
        bad()
