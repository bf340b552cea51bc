# SPDX-License-Identifier: Apache-2.0
"""What accompanies a release says the same as pyproject.toml: citation, conda recipe, issue forms, Dockerfile."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import isinglass

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RECIPE = yaml.safe_load((ROOT / "recipe" / "recipe.yaml").read_text())
CONDA = {"matplotlib": "matplotlib-base"}  # the name that differs there
CITATION = ROOT / "CITATION.cff"
FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"


def valid(schema, *paths):
    """Whether files follow a schema that check-jsonschema brings along."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, paths)]
    return subprocess.run(command, capture_output=True).returncode == 0


def test_one_version():
    citation = yaml.safe_load(CITATION.read_text())
    versions = {isinglass.__version__, PROJECT["version"], RECIPE["context"]["version"], str(citation["version"])}
    assert versions == {PROJECT["version"]}
    assert citation["license"] == PROJECT["license"] == RECIPE["about"]["license"]
    assert {"name": PROJECT["authors"][0]["name"]} == citation["authors"][0]


def as_in_conda(requirements):
    """Requirements of pyproject.toml as a recipe writes them."""
    split = [re.fullmatch(r"([\w-]+)(\[.*\])?(.*)", line) for line in requirements]
    return {f"{CONDA.get(found[1], found[1])} {found[3]}" for found in split if found}


def test_the_recipe_requires_what_the_package_requires():
    python = PROJECT["requires-python"].removeprefix(">=")
    assert RECIPE["context"]["python_min"] == python
    stated = set(RECIPE["requirements"]["run"]) - {"python >=${{ python_min }}", "__unix"}
    assert stated == as_in_conda(PROJECT["dependencies"])
    entry = [f"{name} = {place}" for name, place in PROJECT["scripts"].items()]
    assert RECIPE["build"]["python"]["entry_points"] == entry


def test_a_planted_requirement_is_seen():
    assert as_in_conda([*PROJECT["dependencies"], "sympy>=1.13"]) - set(RECIPE["requirements"]["run"]) == {
        "sympy >=1.13"
    }
    assert as_in_conda(["jax>=0.8"]) - set(RECIPE["requirements"]["run"]) == {"jax >=0.8"}


@pytest.mark.slow
def test_issue_forms_and_citation_are_valid():
    config = FORMS / "config.yml"
    assert valid("github-issue-forms", *sorted(set(FORMS.glob("*.yml")) - {config}))
    assert valid("github-issue-config", config)
    assert valid("citation-file-format", CITATION)


@pytest.mark.slow
def test_planted_faults_are_seen(tmp_path):
    form, citation = tmp_path / "bug.yml", tmp_path / "CITATION.cff"
    form.write_text((FORMS / "bug.yml").read_text().replace("type: textarea", "type: textaera", 1))
    citation.write_text(CITATION.read_text().replace("authors:", "writers:"))
    assert not valid("github-issue-forms", form)
    assert not valid("citation-file-format", citation)


def test_the_image_has_what_the_build_reads_and_a_user():
    """The Dockerfile is not built here: its copies exist and are let through, and it does not run as root."""
    text = (ROOT / "Dockerfile").read_text()
    copied = [word for line in re.findall(r"^COPY (.*)", text, re.MULTILINE) for word in line.split()[:-1]]
    allowed = re.findall(r"^!(.*)", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    assert set(copied) == set(allowed)
    assert all((ROOT / name).exists() for name in copied)
    assert re.search(r"^USER [1-9]\d*$", text, re.MULTILINE)
