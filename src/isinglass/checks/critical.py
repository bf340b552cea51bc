# SPDX-License-Identifier: Apache-2.0
"""Critical temperatures and exponents against their exact values."""

from isinglass.result import Check, Estimate

__all__ = ["critical_temperature", "exponent", "honest"]


def critical_temperature(
    estimate: Estimate, expected: float, *, tolerance: float, method: str, source: str = "Onsager 1944", of: str = ""
) -> Check:
    """|T_c - exact| <= tolerance.

    The claim is the tolerance; `unknown` where it is missed by less than 4 errors.  `honest` tests the error.
    """
    law = f"critical temperature from {method}"
    return Check.within(law, estimate.value, expected, tolerance, error=estimate.error, source=source, of=of).resolved()


def exponent(
    estimate: Estimate,
    expected: float,
    *,
    tolerance: float,
    name: str = "nu",
    source: str = "Onsager 1944",
    of: str = "",
) -> Check:
    """|exponent - exact| <= tolerance; `unknown` where it is missed by less than 4 errors."""
    law = f"critical exponent {name}"
    return Check.within(law, estimate.value, expected, tolerance, error=estimate.error, source=source, of=of).resolved()


def honest(
    estimate: Estimate, expected: float, *, largest_error: float, name: str, source: str = "", of: str = ""
) -> Check:
    """The exact value lies within 4 of the stated errors, and the error is no larger than `largest_error`.

    False alarm 6e-5 if the errors are right and normal.  Resolution: a bias of 7 errors is detected with probability
    0.999.  An estimate without error proves nothing.
    """
    law = f"{name}: exact value within 4 stated errors of at most {largest_error:g}"
    if estimate.error is None or not estimate.error > 0:
        return Check(law, estimate.value, expected, None, "unknown", None, source, of)
    if estimate.error > largest_error:
        return Check(law, estimate.value, expected, 4 * largest_error, "fail", estimate.error, source, of)
    return Check.within(law, estimate.value, expected, 4 * estimate.error, error=estimate.error, source=source, of=of)
