# SPDX-License-Identifier: Apache-2.0
"""Do several methods give the same number?"""

import math
from collections.abc import Mapping

from isinglass.result import Check, Estimate

__all__ = ["agreement"]


def agreement(readings: Mapping[str, Estimate], combined: Estimate, *, name: str, errors: float = 4.0) -> Check:
    """Every reading lies within 4 of its own standard errors of the combined value; `unknown` with fewer than two.

    The combined value is made of the readings, so that the test is on the lenient side: false alarm below 6e-5 each.
    Resolution: a reading that deviates by 7 of its errors.
    """
    law = f"{name}: methods agree, largest deviation in standard errors"
    known = {k: e for k, e in readings.items() if e.error and math.isfinite(e.error)}
    if len(known) < 2:
        return Check(law, None, errors, 0.0, "unknown", relation="<=")
    worst = max(abs(e.value - combined.value) / float(e.error or math.inf) for e in known.values())
    return Check.at_most(law, worst, errors)
