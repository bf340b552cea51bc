# SPDX-License-Identifier: Apache-2.0
"""Results as text tables: estimates with errors, checks with verdicts, and a verdict line."""

import io
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from isinglass.report.deviation import check_deviation, deviations, expected_of, sigmas
from isinglass.report.label import readable
from isinglass.report.number import to_places, with_error

if TYPE_CHECKING:
    from isinglass.result import Check, Result

__all__ = [
    "deviation_lines",
    "expected_cells",
    "measured",
    "render",
    "render_comparison",
    "render_rows",
    "render_seeds",
    "render_verdicts",
    "requirement",
    "verdict_counts",
    "verdict_line",
]

SIGN = {"=": "=", "<=": "≤", ">=": "≥"}
SLACK = {"=": "±", "<=": "+", ">=": "-"}
COLOR = {"pass": "green", "fail": "bold red", "unknown": "yellow"}
WIDTH = 110
NO_CHECK: Any = SimpleNamespace(
    law="(no check)", measured=None, error=None, expected=None, tolerance=None, relation="=", of="", verdict="unknown"
)


def render(result: "Result", *, color: bool = False, width: int = WIDTH) -> str:
    """The tables of one result; plain text unless `color`."""
    parts: list[RenderableType] = [Text(title(result), style="bold")]
    if result.estimates:
        rows = [(short(name), estimate, *expected_cells(result, name)) for name, estimate in result.estimates.items()]
        parts.append(table(("estimate", "value", "expected", "deviation"), rows, left=1))
    if result.checks:
        parts.append(table(("check", "measured", "expected", "deviation", "verdict"), map(check_row, result.checks)))
    parts += [Text(f"* {note}") for note in result.notes]
    if result.status != "done":
        parts.append(Text(f"status: {result.status}", style="yellow"))
    parts.append(Text(verdict_line(result), style=COLOR["unknown" if deviations(result) else result.verdict]))
    return printed(parts, color=color, width=width)


def render_rows(columns: Sequence[str], rows: Iterable[Sequence[object]], *, color: bool = False) -> str:
    """Rows of cells as a table of text."""
    return printed([table(columns, rows, left=len(columns))], color=color, width=WIDTH)


def render_verdicts(results: "Iterable[Result]", *, color: bool = False) -> str:
    """Claim, measured, expected and verdict of several experiments, one line per check."""
    results = list(results)
    rows = [(result.name, *check_row(check)) for result in results for check in result.checks or [NO_CHECK]]
    columns = ("experiment", "claim", "measured", "expected", "deviation", "verdict")
    far = [Text(f"{result.name}: {line}") for result in results for line in deviation_lines(result)]
    return printed([table(columns, rows, left=2), *far], color=color)


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
        off = sigmas(one.value - other.value, one.error, other.error) if one and other else None
        rows.append((short(name), one or "-", other or "-", "" if off is None else f"{off:+.1f} σ"))
    laws = dict.fromkeys(check.law for check in (*a.checks, *b.checks))
    checks = [row for law in laws for row in compared(*([c for c in one.checks if c.law == law] for one in (a, b)))]
    parts = [
        Text(f"a: {title(a)}\nb: {title(b)}"),
        table(("estimate", "a", "b", "a - b"), rows, left=1),
        table(("check", "expected", "a", "b"), checks),
        *(Text(f"{name}: {verdict_line(one)}") for name, one in (("a", a), ("b", b))),
    ]
    return printed(parts, color=color)


def compared(a: "Sequence[Check]", b: "Sequence[Check]") -> Iterable[tuple]:
    """A line for each check of one law in two results: what is expected, and what each measured."""
    for one, other in zip_longest(a, b):
        wanted = dict.fromkeys(requirement(check) for check in (one, other) if check is not None)
        found = ("-" if c is None else Text(f"{measured(c)} {c.verdict}", style=COLOR[c.verdict]) for c in (one, other))
        yield (one or other).law, ", ".join(wanted), *found


def expected_cells(result: "Result", name: str) -> tuple[str, str]:
    """The expected value or bound of an estimate and the deviation from it; empty where nothing is expected."""
    check, estimate = expected_of(result, name), result.estimates[name]
    if check is None:
        return "", ""
    return bound(check).removeprefix("= "), check_deviation(check, estimate.value, estimate.error)


def short(name: str) -> str:
    """The name by which Python knows an estimate; where a number names its case, that as an equation."""
    quantity, *cases = name.split("/")
    labels = ", ".join(map(readable, cases))
    return f"{quantity}, {labels}" if "=" in labels else name


def title(result: "Result") -> str:
    """Name, preset, seed and time of a result in one line."""
    seconds = "" if result.seconds is None else f"{result.seconds:.1f} s"
    seed = "" if result.seed is None else f"seed {result.seed}"
    return "  ".join(part for part in (result.name, result.preset or "", seed, seconds) if part)


def verdict_counts(result: "Result") -> str:
    """How many checks passed, failed and are unknown."""
    counts = {v: sum(c.verdict == v for c in result.checks) for v in ("pass", "fail", "unknown")}
    if not result.checks:
        return "no check was made"
    total = len(result.checks)
    text = f"{counts['pass']} of {total} check{'s' * (total > 1)} passed"
    return text + "".join(f", {counts[v]} {w}" for v, w in (("fail", "failed"), ("unknown", "unknown")) if counts[v])


def verdict_line(result: "Result") -> str:
    """The verdict of a result with the numbers of checks, and the estimates that are far from what is expected."""
    far = deviation_lines(result)
    more = [f"{len(far) - 2} more such estimates"] if len(far) > 3 else far[2:]
    return f"verdict: {result.verdict} ({'; '.join([verdict_counts(result), *far[:2], *more])})"


def deviation_lines(result: "Result") -> list[str]:
    """A sentence for each estimate that is further than 3 standard errors from what is expected."""
    return [f"{short(name)} deviates by {abs(far):.1f} errors" for name, far in deviations(result).items()]


def check_row(check: "Check") -> tuple:
    """The cells of one check: claim, measured, expected, deviation, verdict."""
    return check.law, measured(check), requirement(check), check_deviation(check), verdict_cell(check)


def measured(check: "Check") -> str:
    """measured ± error of a check, "-" where unknown."""
    if check.measured is None or not math.isfinite(check.measured):
        return "-"
    return with_error(check.measured, check.error) if check.error else to_places(check.measured, check.tolerance)


def bound(check: "Check") -> str:
    """The expected value or bound with its relation, = 2.26919 or ≤ 0.02; "-" where there is none."""
    if check.expected is None:
        return "-"
    return f"{SIGN[check.relation]} {to_places(check.expected, 0.0 if rounding(check) else check.tolerance)}"


def rounding(check: "Check") -> bool:
    """Is the tolerance of an inequality but that of rounding?"""
    return check.relation != "=" and 0 < (check.tolerance or 0.0) < 1e-12 * abs(check.expected or 0.0)


def requirement(check: "Check") -> str:
    """What a check demands of the number measured: = 2.269 ± 0.005, ≤ 0.02, ≥ 0.68 - 0.05."""
    if check.expected is None or not check.tolerance or rounding(check):
        return bound(check)
    if check.expected == 0 and check.relation != "=":
        return f"{SIGN[check.relation]} {'-' * (check.relation == '>=')}{check.tolerance:.2g}"
    return f"{bound(check)} {SLACK[check.relation]} {check.tolerance:.2g}"


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
    console = Console(  # of a notebook too, where rich would print into its cell
        file=stream, width=width, force_terminal=color, color_system=system, highlight=False, force_jupyter=False
    )  # fmt: skip
    for i, part in enumerate(parts):
        if i and (isinstance(part, Table) or isinstance(parts[i - 1], Table)):
            console.print()
        console.print(part)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())
