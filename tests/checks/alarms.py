# SPDX-License-Identifier: Apache-2.0
"""What every threshold is tested with: 0.9 and 1.1 of a tolerance, and how often a right sample may fail."""

from collections.abc import Iterable

import pytest
from scipy.stats import binom

from isinglass.result import Check

__all__ = ["SHARES", "fails", "may_fail", "must_fail"]

SHARES = pytest.mark.parametrize(("share", "verdict"), [(0.9, "pass"), (1.1, "fail")])  # of the stated tolerance


def fails(checks: Iterable[Check]) -> int:
    """How many failed."""
    return sum(check.verdict == "fail" for check in checks)


def may_fail(rate: float, n: int) -> int:
    """The most failures of n that a false-alarm rate explains; more have probability 1e-4."""
    return int(binom.isf(1e-4, n, rate))


def must_fail(n: int, missed: float = 1e-3) -> int:
    """The fewest failures of n where each error is missed with probability `missed`."""
    return n - may_fail(missed, n)
