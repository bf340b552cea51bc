# SPDX-License-Identifier: Apache-2.0
"""The dictionary: identities by finite differences, published numbers, an enumerated lattice."""

import jax
import numpy as np
import pytest
from scipy.special import entr, logsumexp, softmax

from isinglass.exact.lattice import kaufman, onsager
from isinglass.exact.lattice.enumeration import ising_energies
from isinglass.exact.statistical import boltzmann

E = np.array([0.0, 1.0, 1.5, 4.0])


def test_limits_of_the_temperature():
    assert boltzmann.boltzmann_law(E, 1e-3) == pytest.approx([1, 0, 0, 0])
    assert boltzmann.boltzmann_law(E, 1e9) == pytest.approx(0.25)
    assert boltzmann.boltzmann_law(E + 7, 0.7) == pytest.approx(boltzmann.boltzmann_law(E, 0.7))


def test_thermodynamics_by_differences():
    """S = -dF/dT, C = dU/dT, F = U - TS; S is -Σ p ln p."""
    T, step = 0.8, 1e-5
    at, up, down = (boltzmann.thermodynamics(E, T + d) for d in (0, step, -step))
    assert at.entropy == pytest.approx(-(up.free_energy - down.free_energy) / (2 * step), abs=1e-8)
    assert at.heat_capacity == pytest.approx((up.energy - down.energy) / (2 * step), abs=1e-8)
    assert at.free_energy == pytest.approx(at.energy - T * at.entropy, abs=1e-14)
    assert at.entropy == pytest.approx(entr(boltzmann.boltzmann_law(E, T)).sum(), abs=1e-14)


def test_the_hessian_of_softmax():
    """Of ln Σ exp by automatic differentiation."""
    l = np.array([0.3, -1.0, 2.0])  # noqa: E741
    exact = np.asarray(jax.hessian(jax.scipy.special.logsumexp)(l))
    assert boltzmann.softmax_hessian(l) == pytest.approx(exact, abs=1e-12)


def test_cross_entropy_is_a_free_energy():
    """T H(p, q) = <E>_p + T ln Z, q of Boltzmann; smallest at p = q."""
    T, p = 0.6, softmax([0.1, 0.7, -0.3, 0.2])
    q = boltzmann.boltzmann_law(E, T)
    assert T * boltzmann.cross_entropy(p, q) == pytest.approx(p @ E + T * logsumexp(-E / T), abs=1e-12)
    assert boltzmann.cross_entropy(p, p) == pytest.approx(entr(p).sum())


def test_maximum_entropy_of_an_energy_is_boltzmann():
    found = boltzmann.maximum_entropy(E[None], np.array([0.9]))
    assert found.p == pytest.approx(boltzmann.boltzmann_law(E, 1 / found.multipliers[0]), abs=1e-9)
    assert found.p @ E == pytest.approx(0.9, abs=1e-8)
    assert boltzmann.fisher_information(E[None], found.multipliers)[0, 0] == pytest.approx(
        boltzmann.thermodynamics(E, 1 / found.multipliers[0]).heat_capacity / found.multipliers[0] ** 2, abs=1e-12
    )


def test_the_die_of_jaynes():
    """<f> = 4.5: 0.05435 to 0.34749. Jaynes 1963, Brandeis lectures."""
    found = boltzmann.maximum_entropy(np.arange(1.0, 7.0)[None], np.array([4.5]))
    assert found.p == pytest.approx([0.05435, 0.07877, 0.11416, 0.16545, 0.23977, 0.34749], abs=1e-5)
    with pytest.raises(ValueError, match="averages inside"):
        boltzmann.maximum_entropy(np.arange(1.0, 7.0)[None], np.array([7.0]))


def test_no_other_law_with_these_averages_has_more_entropy():
    f = np.stack([np.arange(5.0), np.arange(5.0) ** 2])
    found = boltzmann.maximum_entropy(f, np.array([1.8, 4.6]))
    kept = np.linalg.svd(np.vstack([f, np.ones(5)]))[2][3:]  # directions that change no average
    for direction in kept:
        for step in (-1e-3, 1e-3):
            assert entr(found.p + step * direction).sum() < found.entropy


def test_the_square_lattice():
    """ln Z/N at T_c: ln 2/2 + 2G/π = 0.9296953983; L = 4: 0.9701197162 by enumeration and by Kaufman."""
    T = onsager.critical_temperature()
    assert -onsager.free_energy(T) / T == pytest.approx(0.9296953983, abs=1e-10)
    site = np.arange(16).reshape(4, 4)
    bonds = np.concatenate([np.stack([site, np.roll(site, -1, axis)], axis=-1).reshape(-1, 2) for axis in (0, 1)])
    levels = np.concatenate(list(ising_energies(16, bonds)))
    assert boltzmann.thermodynamics(levels, T).log_Z / 16 == pytest.approx(0.9701197162, abs=1e-10)
    assert float(kaufman.log_partition_function(T, 4)) == pytest.approx(0.9701197162, abs=1e-10)
