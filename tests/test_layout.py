# SPDX-License-Identifier: Apache-2.0
"""The layout of DESIGN.md: imports go downwards only and in no circle; files, functions and folders stay small."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import numpy as np
import pytest

from isinglass.contents import contents

SOURCE = Path(__file__).parents[1] / "src" / "isinglass"
FILES = sorted(SOURCE.rglob("*.py"))
MATHEMATICS = {"errors", "memory", "symmetry", "stats", "exact"}
# what a method may know of a system and of data
PROTOCOLS = {"systems.system", "systems.graph", "systems.constraint", "systems.simulator.prior",
             "systems.quantum.hamiltonian",
             "systems.quantum.hilbert_space",
             "systems.quantum.lattice_symmetry", "systems.quantum.symmetric_space",
             "systems.quantum.quantum_numbers", "systems.quantum.infinite_temperature",
             "systems.quantum.conserved", "systems.lattice.associative_memory", "systems.lattice.boltzmann_machine",
             "systems.learned_energy",
             "systems.particle.cell_list", "systems.particle.interatomic", "systems.particle.neighborhood",
             "systems.particle.neighbor_search", "systems.particle.structure", "systems.mechanics.trajectories",
             "data.configurations", "data.boundary", "data.atoms.labelled_atoms"}  # fmt: skip
METHOD = MATHEMATICS | {"run", "result", "observables", "nets", "training"} | PROTOCOLS
BELOW_TASKS = METHOD | {"report", "systems", "sampling", "inference", "approximation", "agent", "checks", "data"}
BELOW_COMMANDS = BELOW_TASKS | {"tasks", "verbs", "experiments"}
MAY_IMPORT = {  # bottom first: each folder or file, and what it may import besides itself and `contents`
    "contents": set(),
    "errors": set(),
    "course": set(),
    "memory": {"errors"},
    "symmetry": {"errors"},
    "stats": {"errors"},
    "exact": {"errors"},
    "report": {"errors"},  # reads a Result, never reruns physics
    "run": {"errors", "memory", "report"},  # a job on disk: figures and page are drawn when it is saved
    "result": {"report", "run"},
    "systems": MATHEMATICS,  # never a method
    "observables": MATHEMATICS | {"systems"},
    "nets": MATHEMATICS | {"observables", "systems.particle.interatomic"},
    "training": MATHEMATICS | {"run", "nets"},  # no physics
    "sampling": METHOD,  # methods: never a concrete system, never another method
    "inference": METHOD,
    "approximation": METHOD,
    "agent": METHOD,
    "checks": MATHEMATICS | {"result", "systems", "observables", "nets", "training"},  # never a method
    "data": {"errors", "memory", "run", "result", "systems"},  # never a method
    "tasks": BELOW_TASKS,  # the only place where methods and checks meet
    "verbs": {"errors", "result", "run", "tasks"},
    "experiments": BELOW_TASKS | {"tasks", "verbs"},
    "lab": BELOW_TASKS | {"tasks", "verbs"},  # a page that shows all of it
    "doctor": {"result", "systems"},
    "flags": BELOW_COMMANDS,
    "jobs": BELOW_COMMANDS | {"flags"},
    "completion": set(),
    "commands": BELOW_COMMANDS | {"doctor", "flags", "jobs", "completion", "lab"},
    "cli": {"errors", "flags", "run", "tasks", "commands", "__version__"},
    "command_words": BELOW_COMMANDS | {"flags", "jobs", "cli"},
    "stubs": {"tasks", "completion", "command_words"},
    "__main__": {"cli"},
    "__init__": BELOW_COMMANDS,
}


def imports(source: str) -> set[str]:
    """What of ours a file imports, inside functions too, as dotted names below isinglass; not for type checkers."""
    found, left = set(), [ast.parse(source)]
    while left:
        node = left.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            left += node.orelse
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "isinglass":
            found |= {f"{node.module}.{alias.name}".removeprefix("isinglass.") for alias in node.names}
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.split(".")[0] == "isinglass"]
            found |= {name.removeprefix("isinglass.") for name in names}
        left += ast.iter_child_nodes(node)
    return found


def violations(folder: str, source: str) -> list[str]:
    """Imports that go upwards or sideways."""
    allowed = MAY_IMPORT[folder] | {folder, "contents"}
    return [name for name in sorted(imports(source)) if not any(f"{name}.".startswith(f"{a}.") for a in allowed)]


def place(path: Path) -> str:
    """The row of MAY_IMPORT that a file is held to."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_go_downwards(path):
    assert violations(place(path), path.read_text()) == []


def test_every_rule_points_down_the_table():
    """But for plain data: configurations and labelled atoms, which methods read, and the boundary seen in arrays."""
    rows = list(MAY_IMPORT)
    for i, row in enumerate(rows):
        for name in MAY_IMPORT[row] - {
            "data.configurations",
            "data.boundary",
            "data.atoms.labelled_atoms",
            "__version__",
        }:
            assert name.split(".")[0] in rows[:i], (row, name)


@pytest.mark.parametrize(
    ("folder", "line"),
    [
        ("sampling", "from isinglass.systems.lattice.ising import Ising"),
        ("sampling", "from isinglass.systems import Ising"),
        ("sampling", "from isinglass import sample"),
        ("sampling", "from isinglass.approximation.variational import ansatz"),
        ("inference", "def f():\n    import isinglass.systems.lattice.potts"),
        ("inference", "from isinglass.data.files import read"),
        ("approximation", "from isinglass.checks.energy import energy"),
        ("checks", "from isinglass.sampling.ensemble.driver import draw"),
        ("systems", "from isinglass.sampling import metropolis"),
        ("systems", "from isinglass.result import Result"),
        ("training", "from isinglass.systems.system import AbstractSystem"),
        ("stats", "from isinglass.exact.lattice.onsager import energy"),
        ("nets", "from isinglass.report.table import render"),
        ("exact", "from isinglass import tasks"),
        ("observables", "from isinglass.inference.phases.features import encode"),
        ("observables", "from isinglass.nets.density import AbstractDensity"),
        ("data", "from isinglass.sampling.ensemble.driver import Draws"),
        ("report", "from isinglass.result import Result"),
        ("report", "from isinglass.run.directory import load"),
        ("run", "def load():\n    from isinglass.result import Result"),
        ("run", "from isinglass.data.files import write"),
        ("result", "from isinglass.systems.system import AbstractSystem"),
        ("tasks", "from isinglass.experiments.catalogue import find"),
        ("tasks", "def run():\n    from isinglass.verbs import sample"),
        ("experiments", "from isinglass.commands import show"),
        ("verbs", "from isinglass.sampling.choice import choose"),
    ],
)
def test_a_planted_violation_is_caught(folder, line):
    assert violations(folder, line)


def test_what_is_for_type_checkers_is_no_import():
    code = "if TYPE_CHECKING:\n    from isinglass.result import Result\nelse:\n    from isinglass import tasks"
    assert imports(code) == {"tasks"}


def file_of(name: str) -> str:
    """The module that a dotted name is of; a folder hands out names of files below it."""
    parts = name.split(".")
    for n in range(len(parts), 0, -1):
        path = SOURCE.joinpath(*parts[:n])
        if path.with_suffix(".py").is_file():
            return ".".join(parts[:n])
        if path.is_dir():
            package = ".".join(["isinglass", *parts[:n]])
            modules, names = contents(package, path)
            handed = (names | modules).get(parts[n], package) if n < len(parts) else package
            return handed.removeprefix("isinglass.")
    return "__init__"


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Modules that import each other round about; empty if there are none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_no_circle_of_imports():
    """Imports inside functions counted, and names that a folder hands out traced to their files."""
    dotted = lambda path: ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")  # noqa: E731
    needed = lambda source: {file_of(name) for name in imports(source)}  # noqa: E731
    graph = {dotted(path): needed(path.read_text()) - {dotted(path)} for path in FILES}
    assert circle(graph) == []
    planted = needed("def later():\n    from isinglass.sampling import driver\n")
    assert set(circle(graph | {"stats.convergence": planted})) >= {"stats.convergence", "sampling.ensemble.driver"}
    assert circle(graph | {"errors": needed("from isinglass.result import Check")})


def crowded(counts: dict[str, int]) -> list[str]:
    """Folders of more than twenty files."""
    return [folder for folder, n in counts.items() if n > 20]


def test_at_most_twenty_files_a_folder():
    counts: dict[str, int] = {}
    for root in (SOURCE, Path(__file__).parent):
        for path in root.rglob("*.py"):
            counts[str(path.parent)] = counts.get(str(path.parent), 0) + (path.name != "__init__.py")
    assert crowded(counts) == []
    assert crowded(counts | {str(SOURCE): 21})


def test_files_are_small_and_have_their_licence_and_names():
    """At most 400 lines, nine of ten at most 200."""
    for path in FILES:
        text = path.read_text()
        assert text.startswith("# SPDX-License-Identifier: Apache-2.0\n"), path
        assert "\n__all__" in text or path.name == "__init__.py", path
        assert text.count("\n") <= 400, path
    assert np.quantile([path.read_text().count("\n") for path in FILES], 0.9) <= 200


def function_lengths(source: str) -> dict[str, int]:
    """Lines of every function, from `def` to its end."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)]
    return {f"{node.name}:{node.lineno}": (node.end_lineno or 0) - node.lineno + 1 for node in nodes}


def test_functions_are_short():
    """At most 60 lines, 99 of 100 at most 35."""
    lengths = {f"{path}::{name}": n for path in FILES for name, n in function_lengths(path.read_text()).items()}
    assert [name for name, n in lengths.items() if n > 60] == []
    assert np.quantile(list(lengths.values()), 0.99) <= 35
    assert function_lengths("def f():\n" + 60 * "    x = 1\n") == {"f:1": 61}  # planted: one line too many


def test_every_folder_says_what_it_holds():
    """A sentence, of more than two words."""
    for path in SOURCE.rglob("__init__.py"):
        sentence = (ast.get_docstring(ast.parse(path.read_text())) or "").split("\n\n")[0]
        assert sentence.endswith("."), path
        assert len(sentence.split()) > 2, path
