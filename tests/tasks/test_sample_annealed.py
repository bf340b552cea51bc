# SPDX-License-Identifier: Apache-2.0
"""Annealing by the verb: exact ground states of glasses, and a run that is stopped hot is not believed."""

import jax
import numpy as np
import pytest

from isinglass import sample
from isinglass.errors import InputError
from isinglass.exact.lattice.enumeration import ising_energies
from isinglass.sampling.ensemble.annealing import Linear
from isinglass.systems import edwards_anderson

GLASSES = [edwards_anderson(jax.random.key(k), (4, 4)) for k in range(3)]


def test_the_lowest_energies_are_those_of_enumeration():
    """2^16 states of each glass; by a schedule of one's own."""
    found = sample(0, GLASSES, method=Linear(3.0, 0.1), sweeps=200, runs=8)
    states = [ising_energies(16, np.asarray(g.graph.bonds), np.asarray(g.J)) for g in GLASSES]
    exact = np.array([min(float(chunk.min()) for chunk in chunks) for chunks in states])
    np.testing.assert_array_equal(found.arrays["energy"].min("sample"), exact)
    assert found.estimates["lowest_energy"].value == pytest.approx(exact.mean())
    assert found.arrays["energy_after_sweep"].shape == (3, 200, 8)
    assert found.verdict == "pass"


def test_a_run_that_stays_hot_fails():
    """Planted: one sweep at T = 50 leaves flips that lower the energy, in one of 3 glasses with certainty."""
    found = sample(0, GLASSES, method="annealing", hot=50.0, cold=50.0, sweeps=1, runs=1)
    assert found.verdict == "fail"


def test_a_lowest_energy_that_one_run_alone_finds_is_not_shown():
    """Planted: a glass of 256 spins cooled in 20 sweeps; the best of 8 runs is a minimum, and not the ground state."""
    found = sample(0, edwards_anderson(jax.random.key(0), (16, 16)), method="annealing", sweeps=20, runs=8)
    check = next(c for c in found.checks if c.law.startswith("independent runs"))
    assert (check.verdict, found.verdict) == ("unknown", "unknown")
    assert "more sweeps or runs decide" in check.law


def test_one_system_gives_rows_of_samples():
    found = sample(0, GLASSES[0], method="annealing", sweeps=20, runs=4)
    assert found.arrays["configurations"].dims == ("sample", "axis_0", "axis_1")
    x, energy = (found.arrays[name].to_numpy() for name in ("configurations", "energy"))
    np.testing.assert_allclose(jax.vmap(GLASSES[0].energy)(x), energy)


@pytest.mark.parametrize(
    ("problem", "settings", "said"),
    [([], {}, "empty list"), ([1], {}, "a list with 1"), (GLASSES[0], {"sweeps": 0}, "sweeps above 0"),
     (GLASSES[0], {"temperature": 1.0}, "settings among method")],
)  # fmt: skip
def test_what_cannot_be_annealed_is_refused(problem, settings, said):
    with pytest.raises(InputError, match=said):
        sample(0, problem, method="annealing", **settings)
