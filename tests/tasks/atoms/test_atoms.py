# SPDX-License-Identifier: Apache-2.0
"""Dynamics and rest by the verbs and by the commands: verdicts, planted errors, files, resume."""

import json

import ase.io
import jax
import numpy as np
import pytest
from tests.systems.particle.silicon import diamond

from isinglass import approximate, sample
from isinglass.cli import main
from isinglass.data.atoms.structure_file import ase_atoms
from isinglass.errors import InputError
from isinglass.nets.equivariant import Nequip, ScaledPotential
from isinglass.systems.particle.potential.pair_lennard_jones import PairLennardJones
from isinglass.systems.particle.potential.stillinger_weber import StillingerWeber
from isinglass.systems.particle.structure import AtomicStructure, AtomsInPotential
from isinglass.tasks.atoms.sample_dynamics import SampleDynamics

SILICON = AtomsInPotential(StillingerWeber(), diamond((2, 1, 1)))


def verdicts(result):
    return {check.law.split(",")[0]: check.verdict for check in result.checks}


@pytest.fixture(scope="module")
def thermal():
    """20 ps of 16 atoms, measured every 20 fs."""
    return sample(0, SILICON, temperature=800.0, steps=10_000, time_step=2.0, friction=20.0)


def test_langevin_passes_its_checks(thermal):
    assert thermal.verdict == "pass", str(thermal)
    assert thermal.estimates["temperature"].value == pytest.approx(800, rel=0.05)
    assert thermal.arrays["radial_distribution"].max() > 3
    assert set(thermal.figures) == {"dynamics", "radial_distribution", "vibrations"}
    assert thermal.plot()


def test_a_bath_of_another_temperature_fails(thermal, monkeypatch):
    """Planted: noise of 6 % more temperature."""
    from isinglass.sampling.dynamics.langevin_bath import LangevinBath

    mixed = LangevinBath.mixed
    hot = lambda self, key, v, m: mixed(LangevinBath(1.06 * self.temperature, self.time_step, self.friction), key, v, m)  # noqa: E731
    monkeypatch.setattr(LangevinBath, "mixed", hot)
    result = sample(0, SILICON, temperature=800.0, steps=10_020, time_step=2.0, friction=20.0)
    assert result.verdict == "fail"
    assert verdicts(result)["mean kinetic temperature"] == "fail"


def test_a_long_step_fails():
    """Planted: 12 fs for silicon: the energy drifts, or the run explodes, and the result says so."""
    with jax.debug_nans(False):  # noqa: FBT003
        result = sample(0, SILICON, temperature=1200.0, steps=2000, time_step=22.0, ensemble="nve")
    assert result.verdict == "fail"
    assert result.status.startswith("stopped after step") or verdicts(result)["conserved energy"] == "fail"


def test_constant_energy_keeps_its_momentum():
    result = sample(0, SILICON, temperature=1000.0, steps=2000, ensemble="nve")
    found = verdicts(result)
    assert found["total momentum over the sum of all"] == "pass"
    assert "mean kinetic temperature" not in found


def test_rest_passes_and_is_silicon():
    result = approximate(0, SILICON, reach=4.0)
    assert result.verdict == "pass", str(result)
    found = {name: result.estimates[name].value for name in result.estimates}
    assert found["energy_per_atom"] == pytest.approx(-4.3366, abs=1e-4)
    assert found["elastic_c11"] == pytest.approx(151.4, abs=0.2)
    assert found["elastic_c44"] == pytest.approx(56.4, abs=0.2)
    assert result.plot()


def test_a_saddle_fails():
    """Simple cubic argon: no force, no stress, and imaginary frequencies; without vibrations nothing is known."""
    atoms = AtomicStructure(np.zeros((1, 3)), np.array([18]), 3.7 * np.eye(3), np.ones(3, bool), np.full(1, 39.95))
    problem = AtomsInPotential(PairLennardJones(cutoff=6.0), atoms)
    result = approximate(0, problem, cell="isotropic", reach=5.0)
    assert verdicts(result)["lowest vibration"] == "fail"
    assert verdicts(result)["largest force"] == "pass"
    assert approximate(0, problem, cell="isotropic", properties="none").verdict == "unknown"


def test_work_of_the_pressure_is_told_from_the_energy():
    """Silicon at 5 GPa: smaller, higher in energy, at rest in its enthalpy; every check but that of vibrations."""
    found = approximate(0, SILICON, pressure=5.0, properties="none")
    assert {v for law, v in verdicts(found).items() if not law.startswith("lowest vibration")} == {"pass"}
    assert found.estimates["volume_per_atom"].value == pytest.approx(20.02 * (1 - 5.0 / 101.4), rel=0.01)  # V(1 - P/B)
    assert found.estimates["energy_per_atom"].value > -4.3363


def test_parts_out_of_reach_and_waves_that_do_not_fit_are_unknown():
    """Two argon atoms 100 Å apart feel nothing; a supercell of one primitive cell has no wave but q = 0."""
    far = AtomicStructure(
        np.array([[0.0, 0, 0], [100.0, 0, 0]]), np.full(2, 18), np.zeros((3, 3)), np.zeros(3, bool), np.full(2, 39.95)
    )
    apart = approximate(0, AtomsInPotential(PairLennardJones(cutoff=6.0), far))
    assert verdicts(apart)["acoustic sum rule"] == "pass"
    assert verdicts(apart)["lowest vibration"] == "unknown"
    small = approximate(0, SILICON, reach=0.1)
    assert verdicts(small)["lowest vibration"] == "unknown"
    assert "zero_point_energy_per_atom" not in small.estimates


def test_what_did_not_converge_fails():
    result = approximate(0, AtomsInPotential(StillingerWeber(), diamond(rattle=0.2)), steps=4)
    assert result.verdict == "fail"
    assert result.status.startswith("not converged")


@pytest.fixture
def start(tmp_path):
    path = tmp_path / "si.xyz"
    ase.io.write(path, ase_atoms(diamond()))
    return path


def command(*words):
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    return end.value.code


def test_md_by_the_command(start, tmp_path, capsys):
    words = ["md", "stillinger-weber", start, "--temperature", 300, "--steps", 400, "--trajectory", tmp_path / "t.xyz",
             "--out", tmp_path / "run", "--json"]  # fmt: skip
    assert command(*words) in (0, 1)
    said = json.loads(capsys.readouterr().out)
    assert said["estimates"]["temperature"]["unit"] == "K"
    frames = ase.io.read(tmp_path / "t.xyz", index=":")
    assert len(frames) == 40
    assert frames[3].info["time"] == pytest.approx(40.0)
    assert np.any(frames[3].get_velocities())
    assert (tmp_path / "run" / "result.json").exists()
    assert command(*words[:-2], tmp_path / "again") == 2  # the trajectory is there


def test_relax_by_the_command(start, tmp_path):
    words = [
        "relax",
        "stillinger-weber",
        start,
        "--reach",
        3,
        "--output",
        tmp_path / "rest.cif",
        "--out",
        tmp_path / "r",
    ]
    assert command(*words) == 0
    assert ase.io.read(tmp_path / "rest.cif").cell.lengths() == pytest.approx(5.431, abs=1e-3)


@pytest.mark.parametrize(
    "words",
    [
        ["md", "tersoff", "{start}"],
        ["md", "lennard-jones:1", "{start}"],
        ["md", "stillinger-weber", "{missing}"],
        ["md", "stillinger-weber", "{start}", "--temperature", "-3"],
        ["relax", "stillinger-weber", "{start}", "--output", "{start}"],
    ],
)
def test_bad_input_ends_in_one_line(words, start, tmp_path, capsys):
    names = {"start": start, "missing": tmp_path / "none.xyz"}
    assert command(*(word.format(**names) for word in words), "--out", tmp_path / "r") == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_another_element_is_refused(start, tmp_path):
    atoms = ase.io.read(start)
    atoms.numbers[2] = 32
    ase.io.write(tmp_path / "ge.xyz", atoms)
    assert command("md", "stillinger-weber", tmp_path / "ge.xyz", "--out", tmp_path / "r") == 2
    assert command("md", "lennard-jones:0.01,2.2", tmp_path / "ge.xyz", "--steps", 20, "--out", tmp_path / "r") in (
        0,
        1,
    )


@pytest.mark.parametrize("ensemble", ["nose-hoover", "npt"])
def test_other_ensembles_run(ensemble):
    result = sample(0, SILICON, temperature=500.0, steps=400, ensemble=ensemble)
    assert result.status == "done"
    assert "fail" not in {check.verdict for check in result.checks}


def test_velocities_that_are_no_numbers_are_refused():
    with pytest.raises(InputError, match="finite velocities"):
        AtomsInPotential(StillingerWeber(), diamond()._replace(velocities=np.full((8, 3), np.nan)))


def test_npt_wants_a_cell():
    atoms = diamond()._replace(pbc=np.zeros(3, bool))
    with pytest.raises(InputError):
        sample(0, AtomsInPotential(StillingerWeber(), atoms), ensemble="npt")
    with pytest.raises(InputError):
        approximate(0, AtomsInPotential(StillingerWeber(), atoms), cell="full")


def test_the_skin_of_networks_is_narrow_as_long_as_atoms_are_slow():
    """Six times √(3 k_B T/m) in a step, 0.2 to 0.5 Å: H at 300 K moves 0.0272 Å in 1 fs; others have 0.5 Å."""
    atoms = AtomicStructure(np.zeros((1, 3)), np.array([1]), 9 * np.eye(3), np.ones(3, bool), np.array([1.008]))
    skin = lambda potential, T, **more: SampleDynamics(temperature=T, **more).margin(  # noqa: E731
        AtomsInPotential(potential, atoms)
    )
    net = ScaledPotential(Nequip(key=jax.random.key(0), numbers=(1,)), 1.0, np.zeros(1))
    assert skin(net, 300.0) == 0.2
    assert skin(net, 300.0, time_step=2.0) == pytest.approx(12 * 0.02724, rel=1e-3)
    assert skin(net, 3000.0, time_step=2.0) == 0.5
    assert skin(net, 300.0, skin=0.7) == 0.7
    assert skin(PairLennardJones((1,), epsilon=0.01, sigma=1.0, cutoff=3.0), 300.0) == 0.5
