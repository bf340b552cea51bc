# SPDX-License-Identifier: Apache-2.0
"""Packages that add parts: good ones are found, broken ones named and left out, and nothing of ours gives way."""

import pytest
from tests.own_parts.system import BlumeCapel

from isinglass.experiments import catalogue
from isinglass.run import entry_points
from isinglass.systems import Ising
from isinglass.tasks import find
from isinglass.tasks.sample_system import SampleSystem

PACKAGE = """
from isinglass.experiments.experiment import AbstractExperiment

class Good(AbstractExperiment):
    name, task, claim, presets = "good", "sample", "something", {}
    def run(self, key, *, progress=None, checkpoint=None): ...

class Ours(Good):
    name = "ising-phases"

class Unnamed(AbstractExperiment):
    def run(self, key, *, progress=None, checkpoint=None): ...

class Stranger:
    name, task, claim, presets = "stranger", "sample", "something", {}
"""
POINTS = """[isinglass.experiments]
a = some_parts:Good
b = some_parts:Ours
c = some_parts:Unnamed
d = some_parts:Stranger
e = some_parts:Missing
f = no_such_package:Anything
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    about = tmp_path / "some_parts-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: some-parts\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(POINTS)
    (tmp_path / "some_parts.py").write_text(PACKAGE)
    monkeypatch.syspath_prepend(tmp_path)


def test_a_broken_part_is_named_and_left_out(package):
    base = "isinglass.experiments.experiment:AbstractExperiment"
    with pytest.warns(UserWarning, match="^some-parts adds ") as warned:
        found = entry_points.classes("isinglass.experiments", base, ("name", "claim"))
    assert [where for where, _ in found] == ["some_parts:Good", "some_parts:Ours"]
    said = [str(warning.message) for warning in warned]
    assert all(line.startswith("some-parts adds ") for line in said)
    reasons = ("it has no name, claim", "it is no AbstractExperiment", "AttributeError", "ModuleNotFoundError")
    assert [reason in line for reason, line in zip(reasons, said, strict=True)] == [True] * 4


@pytest.mark.filterwarnings("ignore:some-parts adds")
def test_an_experiment_of_ours_keeps_its_name(package):
    assert set(catalogue.of_other_packages()) == {"good", "ising-phases"}
    found = catalogue.catalogue.__wrapped__()
    assert found["good"].where == "some_parts:Good"
    assert found["ising-phases"].where.startswith("isinglass.")


def test_a_task_of_ours_keeps_our_problems(monkeypatch):
    """A task for every system, of another package, takes the systems of other packages and none of ours."""

    class Theirs(SampleSystem):
        """Of another package."""

    monkeypatch.setattr(find, "tasks", lambda verb: [SampleSystem, Theirs])
    assert find.find("sample", Ising((3, 3)), {}) is SampleSystem
    assert find.find("sample", BlumeCapel((3, 3)), {}) is Theirs
