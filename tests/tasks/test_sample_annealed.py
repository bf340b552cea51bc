# SPDX-License-Identifier: Apache-2.0
"""Annealing by the verb: exact ground states of glasses, and a run that is stopped hot is not believed."""

import equinox as eqx
import jax
import numpy as np
import pytest

from isinglass import sample
from isinglass.errors import InputError
from isinglass.exact.lattice.enumeration import ising_energies
from isinglass.sampling.ensemble.annealing import Linear
from isinglass.systems import Dimer, Ising, edwards_anderson
from isinglass.tasks.sample_annealed import rms_change

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


def test_the_temperatures_follow_the_couplings():
    """√<ΔE²> = 2 √(Σ_j J_ij²) averaged over i, in closed form; couplings of 10^5 as of 1 by the same flips."""
    glass = GLASSES[0]
    J = np.asarray(glass.J)
    assert rms_change(glass) == pytest.approx(2 * np.sqrt(2 * np.sum(J**2) / 16), rel=0.05)
    scaled = eqx.tree_at(lambda system: system.J, glass, 1e5 * glass.J)
    found = sample(0, scaled, method="annealing", sweeps=100, runs=8)
    assert found.arrays["annealing_temperature"][0] == pytest.approx(1.5e5 * rms_change(glass), rel=0.1)
    assert found.verdict == "pass"


def test_one_system_gives_rows_of_samples():
    found = sample(0, GLASSES[0], method="annealing", sweeps=20, runs=4)
    assert found.arrays["configurations"].dims == ("sample", "axis_0", "axis_1")
    x, energy = (found.arrays[name].to_numpy() for name in ("configurations", "energy"))
    np.testing.assert_allclose(jax.vmap(GLASSES[0].energy)(x), energy)


@pytest.mark.parametrize(
    ("problem", "settings", "said"),
    [([], {}, "empty list"), ([1], {}, "found 1"), (Dimer(), {}, "lattice or graph.*found Dimer"),
     ([GLASSES[0], Ising((5, 5))], {}, r"values of their parameters alone.*\(5, 5\)"),
     (GLASSES[0], {"sweeps": 0}, "sweeps above 0"),
     (GLASSES[0], {"temperature": 1.0}, "settings among method")],
)  # fmt: skip
def test_what_cannot_be_annealed_is_refused(problem, settings, said):
    with pytest.raises(InputError, match=said):
        sample(0, problem, method="annealing", **settings)
