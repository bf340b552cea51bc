# SPDX-License-Identifier: Apache-2.0
"""docs/where_is.md tells the truth: every `path::name` is there, and the prose links lead somewhere."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "isinglass"
PROSE = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "howto").glob("*.md")),
]
MADE = tuple(ROOT / "docs" / name for name in ("gallery", "reference", "repository"))  # by `make docs`


def names(path: Path) -> set[str]:
    """What a file defines: functions, classes, constants, and Class.member."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        for name in defined(node):
            found.add(name)
            members = node.body if isinstance(node, ast.ClassDef) else []
            found |= {f"{name}.{member}" for inner in members for member in defined(inner)}
    return found


def defined(node: ast.stmt) -> list[str]:
    """The names that one statement defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def missing(text: str) -> list[str]:
    """The `path::name` of a text that do not exist."""
    places = re.findall(r"`([\w/]+\.py)::([\w.]+)`", text)
    return [f"{p}::{n}" for p, n in places if not (SOURCE / p).is_file() or n not in names(SOURCE / p)]


def broken_links(path: Path) -> list[str]:
    """Relative links and images that lead nowhere."""
    links = re.findall(r"\]\(([^)\s]+)\)", path.read_text())
    here = [(link, (path.parent / link.split("#")[0]).resolve()) for link in links if "://" not in link]
    return [link for link, target in here if not target.exists() and not set(MADE) & set(target.parents)]


def test_every_answer_exists():
    text = (ROOT / "docs" / "where_is.md").read_text()
    assert missing(text) == []
    assert text.count("::") >= 50


@pytest.mark.parametrize(
    "planted", ["`sampling/metropolis.py::Gibbs`", "`sampling/gone.py::Metropolis`", "`result.py::Result.nothing`"]
)
def test_a_planted_wrong_answer_is_caught(planted):
    assert len(missing(planted)) == 1


@pytest.mark.parametrize("path", PROSE, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    assert broken_links(path) == []
