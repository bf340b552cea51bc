# SPDX-License-Identifier: Apache-2.0
"""The report: one HTML page that opens offline, with all figures and the values they show embedded."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from isinglass.report.deviation import check_deviation
from isinglass.report.figures import SavedFigure
from isinglass.report.label import estimate_label
from isinglass.report.link import linked
from isinglass.report.question import asked, headline, settings
from isinglass.report.table import deviation_lines, expected_cells, measured, requirement, verdict_counts

if TYPE_CHECKING:
    from isinglass.result import Result

__all__ = ["page_policy", "render_cell", "render_page", "write_page"]

HERE = Path(__file__).parent
LARGEST = 500_000  # bytes of a drawing, above which the page holds its picture
OPEN = 5  # checks that did not pass, beside the verdict


def write_page(result: "Result", path: Path, figures: Sequence[SavedFigure] = ()) -> None:
    """Write the page of a result to report.html."""
    path.write_text(render_page(result, figures), encoding="utf-8")


def render_page(result: "Result", figures: Sequence[SavedFigure] = ()) -> str:
    """The page as text.  Law: it fetches nothing, and no script but its own can run in it."""
    missed = [check for check in result.checks if check.verdict != "pass"]
    return template("template.html").render(
        **contents_of(result),
        asked=asked(result),
        headline=headline(result),
        missed=[(c.verdict, c.law, measured(c), requirement(c)) for c in missed[:OPEN]],
        more_missed=len(missed[OPEN:]),
        figures=[(f, embedded(f), [s._asdict() for s in f.values]) for f in figures],
        settings=settings(result),
        script=script(),
        policy=page_policy(),
    )


def render_cell(result: "Result") -> str:
    """What the cell of a notebook shows of a result: verdict, estimates, checks and notes."""
    return template("notebook.html").render(**contents_of(result))


def template(name: str) -> jinja2.Template:
    """A template of this folder."""
    loader = jinja2.FileSystemLoader(HERE)
    made = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    made.filters["linked"] = linked
    return made.get_template(name)


def script() -> str:
    """The one script of the page."""
    return (HERE / "report.js").read_text(encoding="utf-8")


def page_policy() -> str:
    """The policy by which a browser loads nothing from outside of the page and runs its own script alone."""
    digest = base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()
    return f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"


def contents_of(result: "Result") -> dict[str, Any]:
    """The cells of the tables, and the sentences beside the verdict."""
    estimates = [(estimate_label(n), str(e), *expected_cells(result, n)) for n, e in result.estimates.items()]
    checks = [(c.law, measured(c), requirement(c), check_deviation(c), c.source, c.verdict) for c in result.checks]
    return {
        "result": result, "counts": f"{verdict_counts(result)}.", "estimates": estimates, "checks": checks,
        "deviations": [f"{line} from what is expected." for line in deviation_lines(result)],
    }  # fmt: skip


def embedded(figure: SavedFigure) -> str:
    """A figure as a data URL: the drawing, or the picture where the drawing is large."""
    path, kind = (figure.svg, "svg+xml") if figure.svg.stat().st_size <= LARGEST else (figure.png, "png")
    return f"data:image/{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
