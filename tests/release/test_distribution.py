# SPDX-License-Identifier: Apache-2.0
"""Wheel and sdist: what the package needs and nothing else; the sdist gives the same wheel; its types are seen."""

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # builds
ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "isinglass"
NEEDED = {".py", ".pyi", ".typed", ".html", ".css", ".json", ".pdb", ".npz"}
CACHES = re.compile(r"(^|/)(\.venv|\.git|runs|dist|\.\w+_cache|__pycache__)(/|$)")
CALLS = """from isinglass import infer, sample
from isinglass.systems import Ising

data = sample(0, Ising((4, 4)), [2.0, 2.5], samples=3)
sample(0, Ising((4, 4)), [2.0, 2.5], smaples=3)
result = infer(0, data, method="confusion")
infer(0, data, metod="confusion")
reveal_type(result)
"""


def build(folder, into):
    """Wheel and sdist of a source tree, by the backend that pip calls."""
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(into)], cwd=folder, check=True)
    (wheel,), (sdist,) = into.glob("*.whl"), into.glob("*.tar.gz")
    return wheel, sdist


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Wheel and sdist of this tree."""
    return build(ROOT, tmp_path_factory.mktemp("dist"))


def missing(names, source=SOURCE):
    """Files of the package that a wheel does not hold."""
    here = {path.relative_to(source.parent).as_posix() for path in source.rglob("*") if path.suffix in NEEDED}
    return here - set(names)


def foreign(names):
    """What does not belong in a wheel."""
    return [name for name in names if not re.match(r"isinglass(-[\d.]+\.dist-info)?/", name) or "__pycache__" in name]


def test_the_wheel_holds_the_package(built):
    names = zipfile.ZipFile(built[0]).namelist()
    assert missing(names) == set()
    assert foreign(names) == []
    for name in ("py.typed", "verbs.pyi", "systems/__init__.pyi", "report/template.html", "report/result.css",
                 "completion.json", "systems/particle/alanine_dipeptide.json"):  # fmt: skip
        assert f"isinglass/{name}" in names


def test_planted_faults_of_a_wheel_are_seen(built):
    names = zipfile.ZipFile(built[0]).namelist()
    assert missing(set(names) - {"isinglass/py.typed"}) == {"isinglass/py.typed"}
    strays = ["tests/toy.py", "benchmarks/run.py", "isinglass/__pycache__/cli.cpython-311.pyc"]
    assert foreign([*names, *strays]) == strays


def test_the_sdist_holds_sources_and_no_caches(built):
    names = ["/".join(name.split("/")[1:]) for name in tarfile.open(built[1]).getnames()]
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "tests/conftest.py"} <= set(names)
    assert {f"src/{name}" for name in missing([])} <= set(names)
    assert {"Dockerfile", ".dockerignore", ".github/ISSUE_TEMPLATE/bug.yml", "recipe/recipe.yaml"} <= set(names)
    assert [name for name in names if CACHES.search(name)] == []


def test_the_sdist_gives_the_same_wheel(built, tmp_path):
    with tarfile.open(built[1]) as packed:
        packed.extractall(tmp_path, filter="data")
    (tree,) = tmp_path.iterdir()
    assert build(tree, tmp_path / "dist")[0].read_bytes() == built[0].read_bytes()


def test_a_type_checker_sees_the_installed_signatures(built, tmp_path):
    """In a clean environment, with the newest requirements: misspelt settings are errors, right ones are not."""
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(python)]
    subprocess.run([*uv, str(built[0])], check=True)
    (tmp_path / "calls.py").write_text(CALLS)
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", str(python), "calls.py"]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    found = json.loads(answer.stdout)["generalDiagnostics"]
    assert {d["range"]["start"]["line"] + 1 for d in found if d["severity"] == "error"} == {5, 7}
    (revealed,) = [d["message"] for d in found if d["severity"] == "information"]
    assert revealed == 'Type of "result" is "Result"'
