# SPDX-License-Identifier: Apache-2.0
"""Every example runs to its end, without a warning, in under 80 lines; its own asserts hold its numbers."""

import os
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
