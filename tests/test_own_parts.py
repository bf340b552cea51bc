# SPDX-License-Identifier: Apache-2.0
"""A package outside the source tree brings its own parts; what they made is stored, and loaded where it is allowed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import equinox as eqx
import jax.numpy as jnp
import pytest

from isinglass.errors import InputError
from isinglass.result import Estimate, Result

PARTS = Path(__file__).parent / "own_parts"
COMPUTE = """
from isinglass.cli import main
main(["run", "own-parts", "--preset", "smoke", "--out", "run"])
"""
LOAD = """
import json, sys, jax, numpy as np
from isinglass import Result
assert "blume_parts" not in sys.modules
models = Result.load("run", allow=("blume_parts",)).models
print(json.dumps({name: [np.asarray(leaf).tobytes().hex() for leaf in jax.tree.leaves(model)]
                  for name, model in models.items()}))
"""


@pytest.fixture
def package(tmp_path):
    """The folder that holds a copy of the package, `blume_parts`, which announces its experiment."""
    site = tmp_path / "site"
    shutil.copytree(PARTS, site / "blume_parts", ignore=shutil.ignore_patterns("__pycache__"))
    about = site / "blume_parts-0.1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: blume-parts\nVersion: 0.1\n")
    (about / "entry_points.txt").write_text("[isinglass.experiments]\nown-parts = blume_parts.experiment:OwnParts\n")
    return site


def python(code: str, package: Path, folder: Path) -> str:
    """What a program of the user prints."""
    path = os.pathsep.join([str(package), os.environ.get("PYTHONPATH", "")])
    given = os.environ | {"PYTHONPATH": path, "MPLBACKEND": "Agg", "XLA_FLAGS": ""}
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def forget(name: str) -> None:
    """As in a new process."""
    for module in [m for m in sys.modules if m.partition(".")[0] == name]:
        del sys.modules[module]


@pytest.mark.slow
def test_own_parts_from_command_to_result_and_back(package, tmp_path):
    """Energy and ln Z as enumerated; models by their bits in a new process; one that no file can hold costs a note."""
    python(COMPUTE, package, tmp_path)
    found = json.loads((tmp_path / "run" / "result.json").read_text())
    assert found["verdict"] == "pass", found["checks"]
    assert found["estimates"]["energy"]["value"] == pytest.approx(-1.4506, abs=0.05)  # issue: all 3^9 states
    assert [note for note in found["notes"] if "'closure' (Closure) was not saved" in note]
    bits = json.loads(python(LOAD, package, tmp_path))
    assert set(bits) == {"density", "flow", "state"}
    assert [bytes.fromhex(leaf) for leaf in bits["density"]] == [jnp.asarray([0.4, 0.2, 0.4]).tobytes()]
    named = (tmp_path / "run" / "model.json").read_text()
    assert '"blume_parts.network:Stretch"' in named
    assert '"isinglass:Flow"' in named


def test_own_density_is_saved_and_loaded(package, tmp_path, monkeypatch):
    """The same in one process; the planted errors are other weights, and a package that nobody allowed."""
    monkeypatch.syspath_prepend(package)
    from blume_parts.density import IndependentSpins  # pyright: ignore[reportMissingImports]

    spins = IndependentSpins(jnp.asarray([0.25, 0.5, 0.25]), (2, 2))
    before = Result("own", estimates={"x": Estimate(1.0)}, models={"spins": spins})
    folder = before.save(tmp_path / "run", report=False)
    forget("blume_parts")
    with pytest.raises(InputError, match=r"allow=\('blume_parts',\)") as refusal:
        Result.load(folder)
    assert "\n" not in str(refusal.value)
    assert "blume_parts" not in sys.modules  # nothing was imported
    loaded = Result.load(folder, allow=("blume_parts",)).models["spins"]
    assert type(loaded) is not type(spins)  # imported anew
    assert loaded.p.tobytes() == spins.p.tobytes()
    assert loaded.shape == spins.shape
    assert float(loaded.log_prob(jnp.ones((2, 2), jnp.int8))) == float(spins.log_prob(jnp.ones((2, 2), jnp.int8)))
    other = eqx.tree_at(lambda s: s.p, loaded, jnp.asarray([0.5, 0.25, 0.25]))
    assert other.p.tobytes() != spins.p.tobytes()
    forget("blume_parts")
