# SPDX-License-Identifier: Apache-2.0
"""The chapters of the course (docs/course/NN_name.py, py:percent) as pages and as notebooks to take away.

Cells are marked by a tag: `grader` (the law that an answer must keep), `answer` (the reader's) and `solution`.  Graders
and solutions are folded.
"""

import re
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode

from site_parts.made import fill

__all__ = ["CHAPTERS", "page", "take_away", "with_link", "write_notebooks"]

HERE = Path(__file__).parents[1] / "course"
CHAPTERS = sorted(HERE.glob("[0-9]*.py"))
FOLDED = {"grader": "the law that an answer must keep", "solution": "a solution"}
INSTALL = """# @title Install isinglass where it is missing (Colab and the like)
# A wheel in this folder is taken, where there is one: on Colab, drag it into the files at the left.
from glob import glob
from importlib.util import find_spec

if find_spec("{module}") is None:
    source = next(iter(glob("isinglass-*.whl")), "isinglass")
    %pip install --quiet {{source}}{extra}"""
EXTRAS = {"ase": "[atoms]"}  # of the modules that a chapter imports and isinglass alone does not bring


def tags(cell: NotebookNode) -> list[str]:
    """The tags of a cell."""
    return cell.metadata.get("tags", [])


def read(text: str) -> NotebookNode:
    """The notebook of a source, without the line of its license."""
    return jupytext.reads(re.sub(r"\A# SPDX.*\n", "", text), fmt="py:percent")


def page(text: str) -> NotebookNode:
    """The notebook of a page: folded cells say what they hide."""
    notebook = read(text)
    for cell in notebook.cells:
        for tag in FOLDED.keys() & set(tags(cell)):
            cell.metadata["tags"] = [*tags(cell), "hide-cell"]
            cell.metadata["mystnb"] = {"code_prompt_show": f"Show {FOLDED[tag]}", "code_prompt_hide": "Hide"}
    return notebook


def take_away(text: str) -> NotebookNode:
    """The notebook that runs elsewhere: it installs the library first; links to pages of the site are plain text."""
    notebook = read(text)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\[([^]]+)\]\((?!\w+:)[^)]+\)", r"\1", cell.source)
        for tag in FOLDED.keys() & set(tags(cell)):
            cell.source = f"# @title {FOLDED[tag].capitalize()}\n{cell.source}"
            cell.metadata |= {"jupyter": {"source_hidden": True}, "cellView": "form"}
    notebook.cells.insert(0, nbformat.v4.new_code_cell(install(text), id="install"))
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return notebook


def install(text: str) -> str:
    """The cell that installs what the chapter imports."""
    needed = re.search(rf"^(?:from|import) ({'|'.join(EXTRAS)})\b", text, re.MULTILINE)
    module = needed[1] if needed else "isinglass"
    return INSTALL.format(module=module, extra=EXTRAS.get(module, ""))


def write_notebooks(app: Any) -> None:
    """Each chapter as course/notebooks/NAME.ipynb, for the links of the pages."""
    made = {
        f"{path.stem}.ipynb": nbformat.writes(take_away(path.read_text(encoding="utf-8"))) + "\n" for path in CHAPTERS
    }
    fill(HERE / "notebooks", made)


def with_link(app: Any, name: str, source: list[str]) -> None:
    """The handler of `source-read`: below the title of a chapter, the notebook."""
    if Path(app.env.doc2path(name)) in CHAPTERS:
        link = f"#\n# {{download}}`This chapter as a notebook <notebooks/{Path(name).name}.ipynb>`"
        source[0] = re.sub(r"^# # .+$", lambda title: f"{title[0]}\n{link}", source[0], count=1, flags=re.MULTILINE)
