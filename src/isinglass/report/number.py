# SPDX-License-Identifier: Apache-2.0
"""Numbers with errors as text."""

import math

__all__ = ["to_places", "with_error"]


def with_error(value: float, error: float | None) -> str:
    """value ± error: the error with two significant digits, the value to the same place."""
    if error is None or not math.isfinite(error) or error <= 0:
        return f"{value:.6g}"
    digits = min(max(0, 1 - math.floor(math.log10(error))), 12)
    return f"{value:.{digits}f} ± {error:.{digits}f}"


def to_places(value: float, tolerance: float | None) -> str:
    """A number with six significant digits, more where a tolerance is smaller than the last of them."""
    digits = 6
    if value and tolerance and 0 < tolerance < abs(value):
        digits = min(12, max(6, 2 + math.floor(math.log10(abs(value))) - math.floor(math.log10(tolerance))))
    return f"{value:.{digits}g}"
