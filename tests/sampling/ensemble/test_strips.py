# SPDX-License-Identifier: Apache-2.0
"""A lattice of 32 strips to a word: its neighbors are those of the torus, its energies Kaufman's; planted errors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import t as student

from isinglass.errors import InputError
from isinglass.exact.lattice import kaufman
from isinglass.sampling.ensemble import strips
from isinglass.sampling.ensemble.strips import Strips

FALSE_ALARM = 1e-4
CHAINS, SWEEPS = 12, 120


def random_spins(L, seed=0):
    """Spins ±1 at infinite temperature."""
    return np.random.default_rng(seed).choice(np.array([-1, 1], np.int8), (L, L))


@pytest.mark.parametrize("L", [64, 128])
def test_packing_loses_nothing(key, L):
    x = random_spins(L)
    kernel = Strips()
    assert (np.asarray(kernel.configuration(kernel.init(key, jnp.asarray(x)))) == x).all()


@pytest.mark.parametrize("color", [0, 1])
def test_the_neighbors_are_those_of_the_torus(color):
    """The sum over neighbors, unpacked, is that of four shifts; every direction occurs."""
    L = 64
    x = random_spins(L)
    found = sum(
        strips.unpacked(jnp.stack([one, one])).astype(int)
        for one in strips.neighbors(color, strips.packed(jnp.asarray(x)))
    )
    expected = sum(np.roll(x, step, axis) for step in (-1, 1) for axis in (0, 1))
    i, j = np.divmod(np.arange(L * L).reshape(L, L), L)
    mine = (i + j) % 2 == color
    assert (np.asarray(found)[mine] == expected[mine]).all()


def test_magnetization_and_energy_are_those_of_the_lattice():
    x = random_spins(128)
    m, e = strips.measured(strips.packed(jnp.asarray(x)))
    assert float(m) == pytest.approx(x.mean(), abs=1e-12)
    assert float(e) == pytest.approx(-(x * (np.roll(x, 1, 0) + np.roll(x, 1, 1))).mean(), abs=1e-12)


@jax.jit
def swept(state, beta):
    """All chains, some sweeps on."""
    return jax.vmap(lambda one: Strips().step(one, beta, SWEEPS, SWEEPS))(state)


def deviation(T: float, error_in_beta: float) -> float:
    """(e - Kaufman) in standard errors over independent chains."""
    keys = jax.random.split(jax.random.key(7), CHAINS)
    start = jax.vmap(Strips().init, in_axes=(0, None))(keys, jnp.ones((64, 64), jnp.int8))
    beta = jnp.asarray((1 + error_in_beta) / T)
    _, series = swept(swept(start, beta)[0], beta)
    e = np.asarray(series.energy).mean(axis=1)
    return float((e.mean() - kaufman.energy(T, 64)) / (e.std(ddof=1) / CHAINS**0.5))


def test_energies_are_kaufmans():
    """16 chains; sees 2 % in beta.  As many sweeps pass before the measurement as in it."""
    limit = student.isf(FALSE_ALARM / 4, CHAINS - 1)  # two temperatures, two sides
    for T in (2.6, 3.5):
        assert abs(deviation(T, 0.0)) < limit
    assert abs(deviation(2.6, 0.02)) > limit  # planted


def test_the_same_in_one_call_or_in_several(key):
    kernel, beta = Strips(), jnp.asarray(0.4)
    start = kernel.init(key, jnp.asarray(random_spins(64)))
    once, series = kernel.step(start, beta, 6, 8)
    first, _ = kernel.step(start, beta, 2, 8)
    twice, rest = kernel.step(first, beta, 4, 8)
    assert (np.asarray(once.spins) == np.asarray(twice.spins)).all()
    assert np.asarray(series.energy)[2:6].tolist() == np.asarray(rest.energy)[:4].tolist()
    assert (np.asarray(series.energy)[6:] == 0).all()


@pytest.mark.parametrize("shape", [(32, 32), (96, 96), (64, 128)])
def test_other_lattices_are_refused(key, shape):
    with pytest.raises(InputError, match="side 64"):
        Strips().init(key, jnp.ones(shape, jnp.int8))
