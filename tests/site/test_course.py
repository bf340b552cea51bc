# SPDX-License-Identifier: Apache-2.0
"""The course: each chapter runs, its solutions are right, no answer is none, and the usual mistakes are refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

jupytext = pytest.importorskip("jupytext")
ROOT = Path(__file__).parents[2]
CHAPTERS = sorted((ROOT / "docs" / "course").glob("[0-9]*.py"))
LAWS = """
exercises = [exercise_1, exercise_2, exercise_3]
assert [exercise.number for exercise in exercises] == [1, 2, 3]
for exercise in exercises:
    assert exercise.solved, f"exercise {exercise.number}: its solution is refused"
    assert len(exercise.wrong) >= 2, f"exercise {exercise.number}: no mistakes to refuse"
    for number, mistake in enumerate(exercise.wrong):
        exercise(mistake)
        assert not exercise.solved, f"exercise {exercise.number}: mistake {number} is accepted"
"""


def tagged(path: Path) -> list[str]:
    """The tags of the cells of code, in their order."""
    cells = jupytext.read(path).cells
    return [tag for cell in cells if cell.cell_type == "code" for tag in cell.metadata.get("tags", [])]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_has_three_exercises_a_check_and_a_place_in_the_list(chapter):
    assert tagged(chapter) == ["grader", "answer", "solution"] * 3
    text = chapter.read_text(encoding="utf-8")
    assert all(part in text for part in ("**The question.**", "## The exact check", "\nassert ", "## To go on"))
    assert f"]({chapter.name})" in (chapter.parent / "index.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_runs_and_its_exercises_grade(chapter, tmp_path):
    path = tmp_path / chapter.name
    path.write_text(chapter.read_text(encoding="utf-8") + LAWS, encoding="utf-8")
    plain = {name: value for name, value in os.environ.items() if name != "XLA_FLAGS"}  # optimized, as a reader runs it
    done = subprocess.run(
        [sys.executable, path], cwd=tmp_path, capture_output=True, text=True, env=plain | {"MPLBACKEND": "Agg"}
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert [f"Exercise {n}: no answer yet." in done.stdout for n in (1, 2, 3)] == [True] * 3
