# SPDX-License-Identifier: Apache-2.0
"""How far a number is from what is expected of it."""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isinglass.result import Check, Result

__all__ = ["FAR", "check_deviation", "deviations", "expected_of", "sigmas"]

FAR = 3.0  # standard errors: beyond it a result says so beside its verdict, whatever the tolerances of its checks
HUGE = 1e5  # standard errors, from which on a deviation is written 2e+05


def sigmas(difference: float, *errors: float | None) -> float | None:
    """difference / √(Σ error²); None where no error is known."""
    total = math.hypot(*(error or 0.0 for error in errors))
    return difference / total if total > 0 and math.isfinite(difference) else None


def expected_of(result: "Result", name: str) -> "Check | None":
    """The check that says what is expected of this estimate: the first of an equality, else the first of a bound."""
    found = [check for check in result.checks if check.of == name and check.expected is not None]
    return min(found, key=lambda check: check.relation != "=", default=None)


def check_deviation(check: "Check | None", value: float | None = None, error: float | None = None) -> str:
    """(value - expected) / error in σ, as text; the difference itself where no error is known.

    Empty for a threshold that holds: a bound without tolerance, or of a number that is no estimate.  `value`, `error`:
    of an estimate; else those measured.  The larger error counts, since that of a check may have the error of what is
    expected in it.
    """
    off = difference(check, value)
    if check is None or off is None:
        return ""
    if check.relation != "=" and check.verdict != "fail" and not (check.of and check.tolerance):
        return ""
    far = sigmas(off, max(error or 0.0, check.error or 0.0))
    if far is None:
        return f"{off:+.2g}"
    return f"{far:+.1f} σ" if abs(far) < HUGE else f"{far:+.0e} σ"


def difference(check: "Check | None", value: float | None = None) -> float | None:
    """Value minus expected, 0 for rounding (below 1e-9 of the value); None where either is not known or finite."""
    value = check.measured if check is not None and value is None else value
    if check is None or check.expected is None or value is None or not math.isfinite(value):
        return None
    off = value - check.expected
    return 0.0 if abs(off) < 1e-9 * abs(value) else off


def deviations(result: "Result") -> dict[str, float]:
    """Estimate -> deviation in standard errors, of those that are further than 3 from what is expected.

    An equality counts on both sides, a bound where it is broken.  A failed check says so itself.
    """
    found = {}
    for name, estimate in result.estimates.items():
        check = expected_of(result, name)
        off = difference(check, estimate.value)
        if check is None or off is None or check.verdict == "fail":
            continue
        far = sigmas(off, max(estimate.error or 0.0, check.error or 0.0))
        broken = {"=": True, "<=": off > 0, ">=": off < 0}[check.relation]
        if far is not None and abs(far) > FAR and broken:
            found[name] = far
    return found
