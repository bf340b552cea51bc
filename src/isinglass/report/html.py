# SPDX-License-Identifier: Apache-2.0
"""The report: one HTML page that opens offline, with all figures embedded."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from isinglass.report.figures import SavedFigure
from isinglass.report.table import expected, expected_cells, measured, number, verdict_line

if TYPE_CHECKING:
    from isinglass.result import Result

__all__ = ["render_page", "write_page"]


def write_page(result: "Result", path: Path, figures: Sequence[SavedFigure] = ()) -> None:
    """Write the page of a result to report.html."""
    path.write_text(render_page(result, figures), encoding="utf-8")


def render_page(result: "Result", figures: Sequence[SavedFigure] = ()) -> str:
    """The page as text.  Law: it has no external references."""
    folder = Path(__file__).parent
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    estimates = [(name, str(e), *expected_cells(result, name)) for name, e in result.estimates.items()]
    checks = [(c.law, measured(c), expected(c), number(c.tolerance, 2), c.source, c.verdict) for c in result.checks]
    return environment.get_template("template.html").render(
        result=result,
        sentence=verdict_line(result).removeprefix("verdict: "),
        estimates=estimates,
        checks=checks,
        figures=[(f.name, f.caption, embedded(f.svg)) for f in figures],
        settings=[(name, brief(value)) for name, value in result.to_json()["settings"].items()],
    )


def embedded(path: Path) -> str:
    """An SVG file as a data URL."""
    return "data:image/svg+xml;base64," + base64.b64encode(path.read_bytes()).decode()


def brief(value: Any, length: int = 200) -> str:
    """A setting as text of at most `length` characters."""
    text = str(value)
    return text if len(text) <= length else text[: length - 3] + "..."
