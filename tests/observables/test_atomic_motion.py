# SPDX-License-Identifier: Apache-2.0
"""Radial distribution, displacements, vibrations: an ideal gas, uniform motion, random walks, harmonic lines."""

import numpy as np
import pytest

from isinglass.errors import InputError
from isinglass.observables.displacement import diffusion, in_mean_cell, mean_square_displacement, without_drift
from isinglass.observables.radial_distribution import radial_distribution
from isinglass.observables.vibration import velocity_autocorrelation, vibrational_density

CELL = np.array([[7.0, 0.0, 0.0], [1.5, 6.5, 0.0], [-0.8, 1.1, 7.3]])


def test_an_ideal_gas_is_one():
    """600 frames of 40 points in a skewed cell, beyond half of it too: 4 standard errors of each shell."""
    rng = np.random.default_rng(0)
    frames = [(rng.uniform(size=(40, 3)) @ CELL, CELL) for _ in range(600)]
    r, g, sigma = radial_distribution(frames, 6.0, bins=12)
    error = sigma / np.sqrt(600)
    assert r[0] == pytest.approx(0.25)
    assert np.abs((g - 1) / error).max() < 4.5
    assert error[3:].max() < 0.02
    assert np.abs((g * 39 / 40 - 1) / error).max() > 4.5  # planted: n² for n (n - 1)


def test_neighbors_of_a_crystal_are_counted():
    x = np.array([[i, j, k] for i in range(3) for j in range(3) for k in range(3)]) * 2.0
    r, g, _ = radial_distribution([(x, 6.0 * np.eye(3))], 2.5, bins=50)
    density = 26 / 216  # of others
    assert np.sum(g * density * 4 * np.pi * r**2 * (r[1] - r[0])) == pytest.approx(6, rel=0.01)
    with pytest.raises(InputError):
        radial_distribution([], 2.0)


def test_displacements_of_uniform_motion_and_of_a_walk():
    v = np.random.default_rng(1).normal(size=(5, 3))
    t = np.arange(50) * 0.1
    uniform = t[:, None, None] * v + 3.0
    assert mean_square_displacement(uniform) == pytest.approx(np.mean(np.sum(v**2, 1)) * t**2, abs=1e-9)
    walk = np.cumsum(np.random.default_rng(2).normal(size=(4000, 20, 3)), axis=0)
    D = diffusion(walk, 0.5)  # <Δx²> = t / 0.5 a dimension = 2 D t
    assert abs(D.value - 1.0) < 4 * D.error
    assert D.error < 0.1
    assert np.isnan(diffusion(walk[:20], 0.5).value)


def brute(x):
    return [np.mean(np.sum((x[t:] - x[: len(x) - t]) ** 2, axis=-1)) for t in range(len(x))]


def test_displacements_are_the_definition():
    x = np.random.default_rng(3).normal(size=(17, 3, 3)).cumsum(axis=0) + 100
    assert mean_square_displacement(x) == pytest.approx(np.array(brute(x)), abs=1e-9)


def test_drift_and_the_motion_of_the_cell_are_taken_out():
    rng = np.random.default_rng(4)
    m, fractions = rng.uniform(1, 9, 6), rng.uniform(size=(6, 3))
    cells = CELL[None] * (1 + 0.1 * rng.normal(size=(20, 1, 1)))
    still = in_mean_cell(np.einsum("na,tab->tnb", fractions, cells), cells)
    assert np.abs(still - still[:1]).max() < 1e-12
    moving = still + rng.normal(size=(20, 1, 3))
    assert np.abs(np.diff(without_drift(moving, m), axis=0)).max() < 1e-12


def oscillators(frequency, dt=0.01, frames=4000):
    """Velocities of atoms with one frequency in each direction, equal energies."""
    rng, m = np.random.default_rng(5), np.array([2.0, 5.0, 9.0])
    t, phase = np.arange(frames) * dt, rng.uniform(0, 2 * np.pi, (3, 3))
    return np.cos(2 * np.pi * frequency * t[:, None, None] + phase) / np.sqrt(m)[:, None], m


def test_lines_are_where_the_frequencies_are():
    f = np.array([[3.0, 3.0, 7.0], [12.0, 12.0, 12.0], [20.0, 31.0, 31.0]])
    v, m = oscillators(f)
    C = velocity_autocorrelation(v, m)
    t = np.arange(200) * 0.01
    assert C[:200] == pytest.approx(np.mean(np.cos(2 * np.pi * f.ravel()[:, None] * t), axis=0), abs=0.02)
    x, g = vibrational_density(v, m, 0.01, resolution=0.5)
    area = lambda low, high: np.sum(g[(x > low) & (x < high)]) * (x[1] - x[0])  # noqa: E731
    assert area(0, 50) == pytest.approx(1.0, abs=0.01)
    for line, share in ((3, 2), (7, 1), (12, 3), (20, 1), (31, 2)):
        near = (x > line - 1.5) & (x < line + 1.5)
        assert x[near][np.argmax(g[near])] == pytest.approx(line, abs=0.06)
        assert area(line - 1.5, line + 1.5) == pytest.approx(share / 9, abs=0.01)
    half = x[g > g[np.argmin(abs(x - 12))] / 2]
    assert np.ptp(half[(half > 11) & (half < 13)]) == pytest.approx(0.5, abs=0.06)
