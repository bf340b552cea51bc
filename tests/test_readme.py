# SPDX-License-Identifier: Apache-2.0
"""The README tells the truth: its Python runs, its commands and targets exist, its table lists the catalogue."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from isinglass.cli import all_commands
from isinglass.experiments.catalogue import catalogue

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text()


def unknown(text: str) -> list[str]:
    """Commands, experiments and make targets that a text names and that do not exist."""
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    commands = [c for c in re.findall(r"\bisinglass ([a-z][\w-]*)", text) if c not in (*all_commands(), "import", "is")]
    runs = [name for name in re.findall(r"isinglass run ([a-z][\w-]*)", text) if name not in catalogue()]
    return commands + runs + [t for t in re.findall(r"^ +make ([\w-]+)", text, re.MULTILINE) if t not in targets]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/index.md"])
def test_commands_exist(name):
    assert unknown((ROOT / name).read_text()) == []


@pytest.mark.parametrize("planted", ["isinglass freeze", "isinglass run nothing", "    make coffee"])
def test_a_planted_command_is_caught(planted):
    assert unknown(planted)


def test_the_table_lists_every_experiment():
    assert set(catalogue()) <= set(re.findall(r"^\| `([\w-]+)` \|", TEXT, re.MULTILINE))


@pytest.mark.slow
def test_the_python_of_the_readme_runs(tmp_path):
    code = "".join(re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)) + "\nassert result.verdict == 'pass'"
    code += "\nassert abs(result.estimates['critical_temperature'].value - 2.269) < 0.05"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "critical_temperature" in done.stdout
