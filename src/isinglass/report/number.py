# SPDX-License-Identifier: Apache-2.0
"""Numbers with errors as text."""

import math

__all__ = ["to_places", "with_error"]

LARGE = 1e5  # errors beyond it are written with a power of ten


def with_error(value: float, error: float | None) -> str:
    """value ± error: the error with two significant digits, the value to the same place.

    Small and large ones as (2.2 ± 0.1)e-06, (7.5 ± 3.0)e+10.
    """
    if error is None or not math.isfinite(error) or error <= 0:
        return f"{value:.6g}"
    digits, size = max(0, 1 - math.floor(math.log10(error))), max(abs(value), error)
    if (size < 1e-3 and digits > 5) or error >= LARGE:
        power = math.floor(math.log10(size))
        return f"({with_error(value / 10.0**power, error / 10.0**power)})e{power:+03d}"
    digits = min(digits, 12)
    return f"{value:.{digits}f} ± {error:.{digits}f}"


def to_places(value: float, tolerance: float | None) -> str:
    """A number with six significant digits, more where a tolerance is smaller than the last of them."""
    digits = 6
    if value and tolerance and 0 < tolerance < abs(value):
        digits = min(12, max(6, 2 + math.floor(math.log10(abs(value))) - math.floor(math.log10(tolerance))))
    return f"{value:.{digits}g}"
