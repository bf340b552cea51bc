# SPDX-License-Identifier: Apache-2.0
"""Critical temperatures and exponents against their exact values."""

from isinglass.result import Check, Estimate

__all__ = [
    "collapsed",
    "critical_fluctuations",
    "critical_temperature",
    "exponent",
    "honest",
    "hyperscaling",
    "known_class",
    "no_mean",
    "one_class",
    "spontaneous",
    "unproven",
    "within_range",
]


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
    """The exact value lies within 4 of the stated errors; `unknown` where the error is larger than `largest_error`.

    False alarm 6e-5 if the errors are right and normal.  Resolution: a bias of 7 errors is detected with probability
    0.999.  An estimate without error proves nothing.
    """
    law = f"{name}: exact value within 4 stated errors of at most {largest_error:g}"
    if estimate.error is None or not estimate.error > 0:
        return Check(law, estimate.value, expected, None, "unknown", None, source, of)
    if estimate.error > largest_error:
        return Check(law, estimate.value, expected, 4 * largest_error, "unknown", estimate.error, source, of)
    return Check.within(law, estimate.value, expected, 4 * estimate.error, error=estimate.error, source=source, of=of)


def no_mean(share: Estimate) -> Check:
    """|<m>|²/<m²> <= 0.05 in the disordered phase: order is spontaneous, no response to a field or to a drift.

    Fails at four errors above; `unknown` where the error is above 0.05 or cannot be had.  False alarm 1e-4 for a
    symmetric law.  Resolution: a field that makes a quarter of <m²>.
    """
    law = "the order parameter has mean zero in the disordered phase, |<m>|²/<m²>"
    if share.error is None or not share.error <= 0.05:
        return Check(law, share.value, 0.05, None, "unknown", share.error, relation="<=")
    return Check.at_most(law, share.value, 0.05, tolerance=4 * share.error, error=share.error)


def critical_fluctuations(shape: Estimate, expected: float) -> Check:
    """S(Q+k)/S(Q+2k) at the crossing of ξ/L is that of a transition, within a fifth and four errors.

    It is 1 for independent sites whatever their mean.  `unknown`, not refuted, where it is another: the transition may
    be of first order or of another class.  False alarm 1e-4.  Resolution: a fifth, once the error is a twentieth.
    """
    law = "correlations beyond the mean are critical, S(Q+k)/S(Q+2k)"
    error = shape.error or 0.0
    tolerance = 0.2 * expected + 4 * error
    verdict = "pass" if error <= 0.15 * expected and abs(shape.value - expected) <= tolerance else "unknown"
    return Check(law, shape.value, expected, tolerance, verdict, shape.error)


def spontaneous(ordered: Estimate, disordered: Estimate, critical: Estimate, normal: Estimate) -> list[Check]:
    """<m⁴>/<m²>² is below its critical value in the ordered phase and above it in the other, each by two errors.

    A normal law has 1 + 2/n everywhere.  `unknown` where it is not shown.  Resolution: half of the way to either side.
    """
    found = []
    for name, e, sign in (("ordered", ordered, -1), ("disordered", disordered, 1)):
        shown = sign * (e.value - critical.value) > 2 * (e.error or 0.0)
        law = f"<m⁴>/<m²>² in the {name} phase against its critical value (normal law: {normal.value:.3g})"
        relation = ">=" if sign > 0 else "<="
        found.append(
            Check(law, e.value, critical.value, 0.0, "pass" if shown else "unknown", e.error, relation=relation)
        )
    return found


def one_class(apart: Estimate) -> Check:
    """ξ/L and the moments take the values of the class at one place: their difference within three errors.

    The error holds noise and corrections to scaling.  `unknown` where they differ: another class of transition, a first
    order one, or none.  False alarm 3e-3.
    """
    law = "ξ/L and <m⁴>/<m²>² give one transition, so that the class is right; difference"
    if apart.error is None or not apart.error > 0:
        return Check(law, apart.value, 0.0, None, "unknown", apart.error)
    verdict = "pass" if abs(apart.value) <= 3 * apart.error else "unknown"
    return Check(law, apart.value, 0.0, 3 * apart.error, verdict, apart.error)


def known_class(name: str, boundary: str) -> Check:
    """The universal values belong to a class that is known, on a lattice whose boundary is known."""
    law = f"universal values of the class are known ({name or 'none'}, {boundary} boundary)"
    return Check(law, None, None, None, "pass" if name and boundary != "unknown" else "unknown")


def within_range(beyond: int, groups: int) -> list[Check]:
    """Three points or more lie beyond the transition on each side; three independent groups of rows or more at each.

    Where it lies at the edge, or where no error can be had, the number stays `unknown`.
    """
    laws = {
        "values of the parameter beyond the transition on either side": beyond,
        "independent groups of rows": groups,
    }
    return [Check(law, n, 3, 0.0, "pass" if n >= 3 else "unknown", relation=">=") for law, n in laws.items()]


def collapsed(chi2: float, freedom: int, symmetry: str) -> Check:
    """The curves of all sizes fall onto one: χ² per degree of freedom of at most 3, with five degrees or more.

    Corrections to scaling of small sizes raise it, and the errors with it.  `unknown` above 3, and for planar spins in
    two dimensions, whose curves join below the transition and collapse with no power.
    """
    law = "curves of all sizes fall onto one, chi2 per degree of freedom"
    ratio = chi2 / max(freedom, 1)
    shown = ratio <= 3 and freedom >= 5 and not symmetry.startswith(("xy", "clock"))
    return Check(law, ratio, 3.0, 0.0, "pass" if shown else "unknown", relation="<=")


def hyperscaling(exponents: Estimate, dimension: int) -> Check:
    """2β/ν + γ/ν = d within three errors and a tenth of d, for corrections to scaling; else `unknown`.

    False alarm 3e-3.  Resolution: a deviation of an exponent by 0.2 d.
    """
    tolerance = 3 * (exponents.error or 0.0) + 0.1 * dimension
    shown = exponents.error is not None and abs(exponents.value - dimension) <= tolerance < dimension / 2
    law, source = "hyperscaling, 2 beta/nu + gamma/nu = d", "Fisher 1964"
    return Check(law, exponents.value, dimension, tolerance, "pass" if shown else "unknown", exponents.error, source)


def unproven(law: str) -> Check:
    """A claim that nothing here could find wrong: `unknown`, and the sentence says what would decide it."""
    return Check(law, None, None, None, "unknown")
