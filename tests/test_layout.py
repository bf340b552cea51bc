# SPDX-License-Identifier: Apache-2.0
"""Imports go downwards only: a method never imports a concrete system, a check never a method."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "isinglass"
PLAIN = {"result", "errors", "contents", "data.configurations"}  # plain data, importable from everywhere
LAYER_0 = {"symmetry", "stats", "exact", "observables"}
LAYER_1 = {"systems", "nets", "training"}
METHODS = {"sampling", "inference", "approximation", "agent"}
# what a method may know of a system
PROTOCOLS = {"systems.system", "systems.graph", "systems.quantum.hamiltonian", "systems.quantum.hilbert_space",
             "systems.quantum.lattice_symmetry", "systems.quantum.symmetric_space",
             "systems.quantum.quantum_numbers"}  # fmt: skip
ALLOWED = {  # folder -> what it may import besides itself and plain data
    **{folder: set() for folder in LAYER_0},
    "observables": {"symmetry", "stats", "exact"},
    "systems": LAYER_0,
    "nets": LAYER_0,
    "training": LAYER_0 | {"nets", "run"},
    **{folder: LAYER_0 | {"nets", "training", "run"} | PROTOCOLS for folder in METHODS},
    "checks": LAYER_0 | LAYER_1,
}


def imports(source: str) -> set[str]:
    """What of ours a file imports, as dotted names below isinglass."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("isinglass"):
            found |= {f"{node.module}.{alias.name}".removeprefix("isinglass.") for alias in node.names}
        if isinstance(node, ast.Import):
            found |= {a.name.removeprefix("isinglass.") for a in node.names if a.name.startswith("isinglass")}
    return found


def violations(folder: str, source: str) -> list[str]:
    """Imports that go upwards or sideways."""
    if folder not in ALLOWED:
        return []  # tasks, experiments, data, report and the command line see everything
    allowed = ALLOWED[folder] | PLAIN | {folder}
    return [name for name in sorted(imports(source)) if not any(f"{name}.".startswith(f"{a}.") for a in allowed)]


@pytest.mark.parametrize("path", sorted(SOURCE.glob("*/**/*.py")), ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_go_downwards(path):
    assert violations(path.relative_to(SOURCE).parts[0], path.read_text()) == []


@pytest.mark.parametrize(
    ("folder", "line"),
    [
        ("sampling", "from isinglass.systems.lattice.ising import Ising"),
        ("sampling", "from isinglass.systems import Ising"),
        ("inference", "def f():\n    import isinglass.systems.lattice.potts"),
        ("checks", "from isinglass.sampling.ensemble.driver import draw"),
        ("systems", "from isinglass.sampling import metropolis"),
        ("training", "from isinglass.systems.system import AbstractSystem"),
        ("stats", "from isinglass.exact.lattice.onsager import energy"),
        ("nets", "from isinglass.report.table import render"),
        ("exact", "from isinglass import tasks"),
        ("observables", "from isinglass.inference.phases.features import encode"),
    ],
)
def test_a_planted_violation_is_caught(folder, line):
    assert violations(folder, line)


def test_every_file_has_its_licence_and_names():
    for path in SOURCE.rglob("*.py"):
        text = path.read_text()
        assert text.startswith("# SPDX-License-Identifier: Apache-2.0\n"), path
        assert "\n__all__" in text or path.name == "__init__.py", path
        assert text.count("\n") <= 400, path
