# SPDX-License-Identifier: Apache-2.0
"""Results as text tables: estimates with errors, checks with verdicts, and a verdict line."""

import io
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import zip_longest
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from isinglass.report.number import with_error

if TYPE_CHECKING:
    from isinglass.result import Check, Estimate, Result

__all__ = [
    "expected",
    "expected_cells",
    "expected_of",
    "measured",
    "number",
    "render",
    "render_comparison",
    "render_rows",
    "render_seeds",
    "render_verdicts",
    "sigmas",
    "verdict_line",
]

SIGN = {"=": "", "<=": "≤ ", ">=": "≥ "}
COLOR = {"pass": "green", "fail": "bold red", "unknown": "yellow"}
WIDTH = 110
NO_CHECK: Any = SimpleNamespace(
    law="(no check)", measured=None, error=None, expected=None, relation="=", of="", verdict="unknown"
)


def render(result: "Result", *, color: bool = False, width: int = WIDTH) -> str:
    """The tables of one result; plain text unless `color`."""
    parts: list[RenderableType] = [Text(title(result), style="bold")]
    if result.estimates:
        rows = [(name, estimate, *expected_cells(result, name)) for name, estimate in result.estimates.items()]
        parts.append(table(("estimate", "value", "expected", "off by"), rows, left=1))
    if result.checks:
        parts.append(table(("check", "measured", "expected", "tolerance", "verdict"), map(check_row, result.checks)))
    parts += [Text(f"* {note}") for note in result.notes]
    if result.status != "done":
        parts.append(Text(f"status: {result.status}", style="yellow"))
    parts.append(Text(verdict_line(result), style=COLOR[result.verdict]))
    return printed(parts, color=color, width=width)


def render_rows(columns: Sequence[str], rows: Iterable[Sequence[object]], *, color: bool = False) -> str:
    """Rows of cells as a table of text."""
    return printed([table(columns, rows, left=len(columns))], color=color, width=WIDTH)


def render_verdicts(results: "Iterable[Result]", *, color: bool = False) -> str:
    """Claim, measured, expected and verdict of several experiments, one line per check."""
    rows = [
        (result.name, check.law, measured(check), expected(check), verdict_cell(check))
        for result in results
        for check in result.checks or [NO_CHECK]
    ]
    return printed([table(("experiment", "claim", "measured", "expected", "verdict"), rows, left=2)], color=color)


def render_seeds(results: "Iterable[Result]") -> str:
    """How many seeds of each experiment passed, and the checks of the others that did not."""
    by_name: dict[str, list[Result]] = {}
    for result in results:
        by_name.setdefault(result.name, []).append(result)
    rows = []
    for name, found in by_name.items():
        verdicts = Counter(result.verdict for result in found)
        rows.append((name, "", *(verdicts[word] for word in ("pass", "unknown", "fail"))))
        missed = ((one.seed, check) for one in found for check in one.checks if check.verdict != "pass")
        rows += [("", f"seed {seed}: {check.law}, {check.verdict}", "", "", "") for seed, check in missed]
    return printed([table(("experiment", "what did not pass", "pass", "unknown", "fail"), rows, left=2)], color=False)


def render_comparison(a: "Result", b: "Result", *, color: bool = False) -> str:
    """Two runs side by side, with differences in units of their standard error."""
    names = [*a.estimates, *(name for name in b.estimates if name not in a.estimates)]
    rows = []
    for name in names:
        one, other = a.estimates.get(name), b.estimates.get(name)
        off = sigmas(one, other.value, other.error) if one and other else ""
        rows.append((name, one or "-", other or "-", off))
    verdicts = zip_longest(a.checks, b.checks)
    checks = [((x or y).law, verdict_cell(x), verdict_cell(y)) for x, y in verdicts]
    parts = [
        Text(f"a: {title(a)}\nb: {title(b)}"),
        table(("estimate", "a", "b", "a - b"), rows, left=1),
        table(("check", "a", "b"), checks),
    ]
    return printed(parts, color=color)


def sigmas(estimate: "Estimate", reference: float, error: float | None = None) -> str:
    """(value - reference) / √(error² + error_ref²) in σ, as text; empty where no error is known."""
    total = ((estimate.error or 0.0) ** 2 + (error or 0.0) ** 2) ** 0.5
    return f"{(estimate.value - reference) / total:+.1f} σ" if total > 0 else ""


def expected_of(result: "Result", name: str) -> "Check | None":
    """The first check of this estimate that has an expected value or a bound."""
    return next((c for c in result.checks if c.of == name and c.expected is not None), None)


def expected_cells(result: "Result", name: str) -> tuple[str, str]:
    """The expected value or bound, and the deviation in σ; empty for a bound that is satisfied.

    Where the check's error is larger, that of what is expected is in it.
    """
    check, estimate = expected_of(result, name), result.estimates[name]
    if check is None or check.expected is None:
        return "", ""
    near = abs(estimate.value - check.expected) <= (check.tolerance or 0.0)
    both = replace(estimate, error=max(estimate.error or 0.0, check.error or 0.0) or None)
    return expected(check), sigmas(both, check.expected) if near or check.verdict == "fail" else ""


def title(result: "Result") -> str:
    """Name, preset, seed and time of a result in one line."""
    seconds = "" if result.seconds is None else f"{result.seconds:.1f} s"
    seed = "" if result.seed is None else f"seed {result.seed}"
    return "  ".join(part for part in (result.name, result.preset or "", seed, seconds) if part)


def verdict_line(result: "Result") -> str:
    """The verdict of a result with the numbers of checks."""
    counts = {v: sum(c.verdict == v for c in result.checks) for v in ("pass", "fail", "unknown")}
    if not result.checks:
        return "verdict: unknown (no check was made)"
    total = len(result.checks)
    text = f"{counts['pass']} of {total} check{'s' * (total > 1)} passed"
    text += "".join(f", {counts[v]} {word}" for v, word in (("fail", "failed"), ("unknown", "unknown")) if counts[v])
    return f"verdict: {result.verdict} ({text})"


def check_row(check: "Check") -> tuple:
    """The cells of one check: claim, measured, expected, verdict."""
    return check.law, measured(check), expected(check), number(check.tolerance, 2), verdict_cell(check)


def measured(check: "Check") -> str:
    """measured ± error of a check, "-" where unknown."""
    known = check.measured is not None and math.isfinite(check.measured)
    return with_error(check.measured, check.error) if known else "-"  # pyright: ignore[reportArgumentType]


def expected(check: "Check") -> str:
    """The expected value of a check, or its bound with ≥ or ≤."""
    return "-" if check.expected is None else SIGN[check.relation] + number(check.expected)


def number(x: float | None, digits: int = 6) -> str:
    """A number with at most `digits` significant digits, "-" for None."""
    return "-" if x is None else f"{x:.{digits}g}"


def verdict_cell(check: "Check | None") -> Text:
    """The verdict of a check in its color."""
    return Text("-") if check is None else Text(check.verdict, style=COLOR[check.verdict])


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], left: int = 1) -> Table:
    """A table with the first `left` columns left-aligned and the others right-aligned."""
    grid = Table(box=None, pad_edge=False, header_style="bold", show_edge=False, padding=(0, 2, 0, 0))
    for i, name in enumerate(columns):
        grid.add_column(name, justify="left" if i < left or name == "verdict" else "right", no_wrap=i >= left)
    for row in rows:
        grid.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
    return grid


def printed(parts: Sequence[RenderableType], *, color: bool, width: int = WIDTH) -> str:
    """The parts as text, with blank lines between them."""
    stream = io.StringIO()
    system = "standard" if color else None
    console = Console(file=stream, width=width, force_terminal=color, color_system=system, highlight=False)
    for i, part in enumerate(parts):
        if i and (isinstance(part, Table) or isinstance(parts[i - 1], Table)):
            console.print()
        console.print(part)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())
