# SPDX-License-Identifier: Apache-2.0
"""Every example runs to its end, without a warning, in under 80 lines; its own asserts hold its numbers."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))
STRICT = {"JAX_NUMPY_DTYPE_PROMOTION": "strict", "JAX_NUMPY_RANK_PROMOTION": "raise"}


def run(path: Path, folder: Path) -> subprocess.CompletedProcess:
    """Run a script as a user does, from a folder of its own, in strict arithmetic."""
    given = {"MPLBACKEND": "Agg", "XLA_FLAGS": "", **STRICT}
    return subprocess.run(
        [sys.executable, "-W", "error", path], cwd=folder, env=os.environ | given, capture_output=True, text=True
    )


@pytest.mark.slow
@pytest.mark.parametrize("path", [pytest.param(p, id=p.stem) for p in EXAMPLES])
def test_example_runs(path, tmp_path):
    done = run(path, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert not list(tmp_path.iterdir())  # nothing is left behind


def test_examples_are_short():
    assert len(EXAMPLES) >= 6
    for path in EXAMPLES:
        assert len(path.read_text().splitlines()) < 80, path


def test_a_wrong_number_is_caught(tmp_path):
    """The planted error: a wrong ground-state energy makes the example fail."""
    source = next(p for p in EXAMPLES if p.stem == "annealing").read_text()
    wrong = tmp_path / "wrong.py"
    wrong.write_text(source.replace("torus_ground_energy(down, right)", "torus_ground_energy(down, right) + 4"))
    assert run(wrong, tmp_path).returncode != 0


@pytest.mark.slow
def test_the_page_of_ground_states_runs(tmp_path):
    """The file, the commands and the Python of docs/ground_states.md, as they stand there."""
    page = (EXAMPLES[0].parents[1] / "docs" / "ground_states.md").read_text()
    toml, shell, python = (page.split(f"```{kind}\n")[1].split("```")[0] for kind in ("toml", "sh", "python"))
    (tmp_path / "ring.toml").write_text(toml)
    for line in shell.splitlines():
        words = [sys.executable, "-m", "isinglass.cli", *shlex.split(line)[1:]]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "verdict: pass" in done.stdout
    (tmp_path / "page.py").write_text(python)
    done = run(tmp_path / "page.py", tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("verdict: pass") == 2
