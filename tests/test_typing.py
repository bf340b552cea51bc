# SPDX-License-Identifier: Apache-2.0
"""What a user's type checker sees: no error in the examples and in README's Python, and one in each planted mistake."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MISTAKES = """import isinglass
from isinglass.systems import Ising, hypercubic, transverse_field_ising

isinglass.sample(0, Ising((4, 4)), 2.0, smaples=3)
isinglass.approximate(0, Ising((4, 4)))
isinglass.infer(0, isinglass.Result("r"), preset="huge")
isinglass.sample(0, Ising((4, 4)), 2.0).nothing
isinglass.approximate(0, transverse_field_ising(hypercubic((4,))), steps="many")
"""


def blocks(text: str) -> list[str]:
    """The Python of a page."""
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def errors(folder: Path, *more: Path) -> list[tuple[str, int]]:
    """(file, line) of each error that pyright finds."""
    command = [
        sys.executable,
        "-m",
        "pyright",
        "--outputjson",
        "--pythonpath",
        sys.executable,
        str(folder),
        *map(str, more),
    ]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, cwd=folder).stdout)
    return [(Path(d["file"]).name, d["range"]["start"]["line"] + 1) for d in found["generalDiagnostics"]
            if d["severity"] == "error"]  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """One run over all of it: it takes some seconds to start."""
    folder = tmp_path_factory.mktemp("typed")
    for page in (ROOT / "README.md", ROOT / "docs" / "index.md"):
        for i, block in enumerate(blocks(page.read_text())):
            (folder / f"{page.stem}_{i}.py").write_text(block)
    (folder / "mistakes.py").write_text(MISTAKES)
    return errors(folder, *sorted((ROOT / "examples").glob("*.py")))


def test_examples_and_readme_have_no_error(found):
    assert [place for place in found if place[0] != "mistakes.py"] == []
    assert blocks((ROOT / "README.md").read_text())


def test_planted_mistakes_are_seen(found):
    assert {line for name, line in found if name == "mistakes.py"} == {4, 5, 6, 7, 8}
