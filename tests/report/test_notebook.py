# SPDX-License-Identifier: Apache-2.0
"""What a notebook shows: progress, the table of a result as HTML and as text, figures with captions, printed text."""

import re

import nbformat
import pytest
from nbclient import NotebookClient

CELLS = {
    "sample": "import isinglass\nfrom isinglass.systems import Ising\n"
    "result = isinglass.sample(0, Ising((4, 4)), [2.0, 3.0], samples=64, chains=8)\nresult",
    "print": "print(result)",
    "silent": "_ = isinglass.sample(0, Ising((4, 4)), [2.0, 3.0], samples=64, chains=8, progress=False)",
    "one piece": "from isinglass.run.progress import automatic\n"
    "with automatic() as progress:\n    progress(0, 1, 'one piece'); progress(3, 10, 'many')",
    "stopped": "try:\n    with automatic() as progress:\n        progress(0, 1, 'one piece'); 1 / 0\n"
    "except ZeroDivisionError:\n    pass",
    "plot": "figures = result.plot()",
    "one": "result.plot('samples')",
    "script": "import subprocess, sys\n"
    "subprocess.run([sys.executable, '-c', 'from isinglass.run import in_notebook; print(in_notebook())'],"
    "capture_output=True, text=True, check=True).stdout",
}


@pytest.fixture(scope="module")
def outputs():
    """Name of a cell -> its outputs, from a kernel of this Python."""
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS.values()]
    notebook = NotebookClient(nbformat.v4.new_notebook(cells=cells), timeout=120, kernel_name="python3").execute()
    return {name: cell.outputs for name, cell in zip(CELLS, notebook.cells, strict=True)}


def data(outputs, kind):
    """The outputs of a cell in one format."""
    return [one.data[kind] for one in outputs if kind in one.get("data", {})]


def test_a_call_shows_its_progress_unless_it_is_told_not_to(outputs):
    progress = outputs["sample"][0]
    assert progress.output_type == "display_data"
    assert re.search(r": (\d+)/\1, \d+ s$", progress.data["text/plain"])
    assert "<progress" not in progress.data["text/html"]  # it has ended
    assert outputs["silent"] == []


def test_one_piece_of_work_is_done_when_the_call_has_returned(outputs):
    assert data(outputs["one piece"], "text/plain") == ["one piece: 1/1, 0 s\nmany: 3/10, 0 s"]
    assert data(outputs["stopped"], "text/plain") == ["one piece: 0/1, 0 s"]


def test_a_result_is_a_table_of_html_and_of_text(outputs):
    (page,) = [text for text in data(outputs["sample"], "text/html") if "isinglass" in text and "<table" in text]
    text = outputs["sample"][-1].data["text/plain"]
    assert "verdict: " in text
    assert "Estimate(" not in text
    for word in ("energy", "deviation", "checks passed"):
        assert word in page
    assert not any(word in page for word in ("<script", "src=", "url(", "<link", "<body"))
    assert page.count("http") == page.count('<a href="http')  # links, which are followed by a person


def test_printing_prints(outputs):
    (stream,) = outputs["print"]
    assert (stream.name, stream.text.strip().splitlines()[-1][:8]) == ("stdout", "verdict:")


def test_figures_are_shown_with_their_captions(outputs):
    assert len(data(outputs["plot"], "image/png")) >= 1
    assert len(data(outputs["plot"], "text/html")) == len(data(outputs["plot"], "image/png"))
    assert len(data(outputs["one"], "image/png")) == 1
    assert outputs["one"][-1].data["text/plain"].startswith("{'samples': <Figure size")


def test_a_script_is_no_notebook(outputs):
    assert data(outputs["script"], "text/plain") == ["'False\\n'"]
