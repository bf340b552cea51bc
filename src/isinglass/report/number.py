# SPDX-License-Identifier: Apache-2.0
"""Numbers with errors as text."""

import math

__all__ = ["with_error"]


def with_error(value: float, error: float | None) -> str:
    """value ± error: the error with two significant digits, the value to the same place."""
    if error is None or not math.isfinite(error) or error <= 0:
        return f"{value:.6g}"
    digits = min(max(0, 1 - math.floor(math.log10(error))), 12)
    return f"{value:.{digits}f} ± {error:.{digits}f}"
