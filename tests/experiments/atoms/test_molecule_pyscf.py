# SPDX-License-Identifier: Apache-2.0
"""Bonds and frequencies of what is known; a molecule beside another's quantum chemistry fails; the smoke preset."""

import jax
import numpy as np
import pytest
import xarray as xr
from ase.build import molecule
from ase.calculators.calculator import Calculator

pytest.importorskip("pyscf")

from isinglass.errors import InputError
from isinglass.exact.particle.metal_units import BOLTZMANN
from isinglass.experiments.atoms.molecule_pyscf import (
    MoleculePySCF,
    at_rest,
    bond_lengths,
    distorted,
    frequencies,
    harmonic,
)
from isinglass.result import Result


def test_a_diatomic_has_one_frequency():
    """ω = √(k/μ): k = 48 eV/Å², μ = 8 amu, so that ω/2π = √6 / 2π in 1/√(amu Å²/eV), 98.227 THz each."""
    k = 48.0 * np.array([1.0, -1.0])
    hessian = np.zeros((2, 3, 2, 3))
    hessian[0, 2, :, 2], hessian[1, 2, :, 2] = k, -k
    found = frequencies(hessian, np.array([16.0, 16.0]))
    assert found[-1] == pytest.approx(6**0.5 / (2 * np.pi) * 98.2269, rel=1e-4)
    assert found[:-1] == pytest.approx(0.0, abs=1e-3)


def test_bonds_of_ethanol():
    """Eight of them, C-C 1.51 Å the longest."""
    found = bond_lengths(molecule("CH3CH2OH"))
    assert len(found) == 8
    assert found.max() == pytest.approx(1.51, abs=0.02)


def test_distortions_are_bounded_in_size():
    frames = distorted(np.random.default_rng(0), molecule("H2O"), 50, 0.08)
    off = np.array([np.sqrt(np.mean((frame.positions - molecule("H2O").positions) ** 2)) for frame in frames])
    assert 0.002 < off.min() < off.max() < 0.16


def test_each_vibration_has_half_of_the_temperature():
    """<u H u/2> = (3n - 6) kT/2 to 4 errors; no net displacement of masses; of springs between three atoms."""
    water, rng = molecule("H2O"), np.random.default_rng(0)
    x = water.positions
    hessian = np.zeros((3, 3, 3, 3))
    for i, j in ((0, 1), (0, 2), (1, 2)):
        e = (x[j] - x[i]) / np.linalg.norm(x[j] - x[i])
        for a, b, sign in ((i, i, 1), (j, j, 1), (i, j, -1), (j, i, -1)):
            hessian[a, :, b] += sign * 30.0 * np.outer(e, e)
    u = np.array([frame.positions - x for frame in harmonic(rng, water, hessian, 4000, 600.0)])
    energy = np.einsum("kia,iajb,kjb->k", u, hessian, u) / 2
    assert abs(energy.mean() - 1.5 * BOLTZMANN * 600) < 4 * energy.std() / 4000**0.5
    assert abs(np.einsum("i,kia->ka", water.get_masses(), u)).max() < 1e-9
    with pytest.raises(InputError, match="imaginary vibration"):
        harmonic(rng, water, -hessian, 2, 600.0)


class Slope(Calculator):
    """E = -Σ (x + 1)²/2: falls without end."""

    implemented_properties = ("energy", "forces")

    def calculate(self, atoms=None, properties=("energy",), system_changes=()):
        super().calculate(atoms, properties, system_changes)
        x = atoms.positions[:, 0] + 1
        self.results = {"energy": -np.sum(x**2) / 2, "forces": x[:, None] * np.array([1.0, 0.0, 0.0])}


def test_a_molecule_that_does_not_come_to_rest_is_refused():
    with pytest.raises(InputError, match="after 200 steps"):
        at_rest("H2O", Slope())


def at(positions, frequency) -> Result:
    """A relaxation that ended there."""
    columns = {"grid_frequency": (("q", "mode"), frequency[None]), "positions": (("atom", "xyz"), positions)}
    return Result("rest", arrays=xr.Dataset(columns))


CASES = [(1.02, 1.001, ["pass", "pass"]), (1.04, 1.0, ["pass", "fail"]), (1.0, 1.01, ["fail", "pass"])]


@pytest.mark.parametrize(("factor", "stretch", "verdicts"), CASES)
def test_what_deviates_fails(factor, stretch, verdicts):
    water, theirs = molecule("H2O"), np.array([0.0] * 6 + [65.0, 124.0, 132.0])
    result = Result("molecule", arrays=xr.Dataset())
    ours = theirs * np.where(np.arange(9) == 7, factor, 1.0)
    MoleculePySCF().judge(result, at(water.positions * stretch, ours), water, theirs)
    assert [check.verdict for check in result.checks] == verdicts


@pytest.mark.slow
def test_the_claims_hold():
    found = MoleculePySCF(**MoleculePySCF.presets["smoke"]).run(jax.random.key(0))
    assert found.verdict == "pass", found
