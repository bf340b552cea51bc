# SPDX-License-Identifier: Apache-2.0
"""The report: one HTML page that opens offline, with all figures embedded."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from isinglass.report.deviation import check_deviation
from isinglass.report.figures import SavedFigure
from isinglass.report.label import estimate_label
from isinglass.report.table import deviation_lines, expected_cells, measured, requirement, verdict_counts

if TYPE_CHECKING:
    from isinglass.result import Result

__all__ = ["render_cell", "render_page", "write_page"]


def write_page(result: "Result", path: Path, figures: Sequence[SavedFigure] = ()) -> None:
    """Write the page of a result to report.html."""
    path.write_text(render_page(result, figures), encoding="utf-8")


def render_page(result: "Result", figures: Sequence[SavedFigure] = ()) -> str:
    """The page as text.  Law: it has no external references."""
    return template("template.html").render(
        **contents_of(result),
        figures=[(f.name, f.caption, embedded(f.svg)) for f in figures],
        settings=[(name, brief(value)) for name, value in result.to_json()["settings"].items()],
    )


def render_cell(result: "Result") -> str:
    """What the cell of a notebook shows of a result: verdict, estimates, checks and notes."""
    return template("notebook.html").render(**contents_of(result))


def template(name: str) -> jinja2.Template:
    """A template of this folder."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    return jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True).get_template(name)


def contents_of(result: "Result") -> dict[str, Any]:
    """The cells of the tables, and the sentences beside the verdict."""
    estimates = [(estimate_label(n), str(e), *expected_cells(result, n)) for n, e in result.estimates.items()]
    checks = [(c.law, measured(c), requirement(c), check_deviation(c), c.source, c.verdict) for c in result.checks]
    return {
        "result": result, "counts": f"{verdict_counts(result)}.", "estimates": estimates, "checks": checks,
        "deviations": [f"{line} from what is expected." for line in deviation_lines(result)],
    }  # fmt: skip


def embedded(path: Path) -> str:
    """An SVG file as a data URL."""
    return "data:image/svg+xml;base64," + base64.b64encode(path.read_bytes()).decode()


def brief(value: Any, length: int = 200) -> str:
    """A setting as text of at most `length` characters."""
    text = str(value)
    return text if len(text) <= length else text[: length - 3] + "..."
