# SPDX-License-Identifier: Apache-2.0
"""What `isinglass doctor` says of features: a line for each extra of pyproject.toml, and what is missing."""

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from isinglass import doctor
from isinglass.doctor import EXTRAS, installed

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]


def wanting(extras):
    """Extras of pyproject.toml whose requirements a table does not have, and those of the table that are none."""
    stated = {name: {bare(r) for r in requirements} for name, requirements in PROJECT["optional-dependencies"].items()}
    known = {name: {bare(r) for r in extra.modules} for name, extra in extras.items()}
    return {name for name in stated | known if stated.get(name) != known.get(name)}


def bare(requirement):
    """The name of a package, without its bounds and extras."""
    return re.split(r"[\[<>=!]", requirement)[0]


def test_every_extra_has_its_feature():
    assert wanting(EXTRAS) == set()
    assert len({extra.feature for extra in EXTRAS.values()}) == len(EXTRAS)


def test_a_planted_extra_is_seen():
    assert wanting({name: extra for name, extra in EXTRAS.items() if name != "sky"}) == {"sky"}
    assert wanting(EXTRAS | {"atoms": doctor.Extra("potentials of atoms", {"ase": "ase"})}) == {"atoms"}


@pytest.mark.parametrize("name", EXTRAS)
def test_the_modules_are_those_of_the_packages(name):
    """In the environment of the developers, where every extra is installed."""
    assert installed(name, EXTRAS[name]).count(" ") == 2 * len(EXTRAS[name].modules) - 1


def test_what_is_missing_is_named_with_its_command(monkeypatch):
    monkeypatch.setattr(doctor, "find_spec", lambda module: None if module == "vesin" else find_spec(module))
    assert installed("atoms", EXTRAS["atoms"]) == 'missing vesin; pip install "isinglass[atoms]"'
    settings = doctor.examine().settings
    assert settings["potentials of atoms"] == 'missing vesin; pip install "isinglass[atoms]"'
    assert settings["NUTS"].startswith("blackjax ")
