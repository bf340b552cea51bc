# SPDX-License-Identifier: Apache-2.0
"""Frames are of their phases; Stillinger-Weber passes the checks of what is learned from it, another silicon fails."""

import jax
import numpy as np
import pytest

from isinglass import data
from isinglass.experiments.atoms.potential_silicon import PotentialSilicon, Silicon
from isinglass.experiments.atoms.silicon_frames import liquid_cell, liquid_frames, solid_frames, vacancy
from isinglass.result import Result
from isinglass.run.progress import silent
from isinglass.systems.particle.potential.stillinger_weber import StillingerWeber


def test_frames_are_of_their_phases():
    frames = solid_frames(np.random.default_rng(0), 9)
    assert [frame.info["config_type"] for frame in frames] == ["crystal", "strained", "vacancy"] * 3
    assert [len(frame) for frame in frames] == [8, 8, 31] * 3
    assert len({frame.get_volume() for frame in frames}) == 5  # strained ones differ
    assert len(vacancy()) == 63


def test_frames_of_the_liquid_leave_out_the_first_fifth():
    atoms = data.atoms.atomic_structure(liquid_cell())
    assert 64 / atoms.volume == pytest.approx(0.0526)
    frames = liquid_frames(atoms, np.arange(10.0)[:, None, None] + np.zeros((10, 64, 3)), 3)
    assert [frame.positions[0, 0] for frame in frames] == [2, 5, 9]


def judged(potential, tolerance: float) -> Result:
    """The checks of crystal and vacancy."""
    job, result = Silicon(PotentialSilicon(tolerance=tolerance), silent, None), Result("silicon")
    job.judge_crystal(result, potential)
    job.judge_vacancy(result, potential)
    return result


@pytest.mark.slow
def test_the_true_potential_passes_to_a_thousandth():
    found = judged(StillingerWeber(), 2e-3)
    assert found.verdict == "pass", found


ELASTIC = {"elastic_c11", "elastic_c12", "elastic_c44"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("other", "wrong"),
    [
        (StillingerWeber(lam=25.0), ELASTIC),  # triplets a fifth stronger: length and vacancy are as they were
        (StillingerWeber(epsilon=1.1 * 2.1683), ELASTIC | {"optical_mode", "vacancy_energy"}),
    ],
)
def test_another_silicon_fails(other, wrong):
    found = judged(other, 0.03)
    assert {check.of for check in found.checks if check.verdict == "fail"} == wrong


@pytest.mark.slow
def test_the_claims_hold():
    found = PotentialSilicon(**PotentialSilicon.presets["smoke"]).run(jax.random.key(0))
    assert found.verdict == "pass", found
