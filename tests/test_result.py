# SPDX-License-Identifier: Apache-2.0
"""Records: a relation holds up to its tolerance and no further, verdicts add up, JSON brings everything back."""

import json
import math

import pytest

from isinglass.result import Check, Estimate, Result
from isinglass.run.document import dumps

NAN = float("nan")


@pytest.mark.parametrize(("share", "verdict"), [(0.9, "pass"), (1.1, "fail"), (NAN, "unknown"), (math.inf, "unknown")])
@pytest.mark.parametrize(
    ("make", "signs", "relation"),
    [(Check.within, (1, -1), "="), (Check.at_most, (1,), "<="), (Check.at_least, (-1,), ">=")],
)
def test_a_relation_holds_up_to_its_tolerance(make, signs, relation, share, verdict):
    """At 0.9 of it, at 1.1 of it, and where nothing is known."""
    for sign in signs:
        check = make("law", 2.0 + sign * share * 0.5, 2.0, tolerance=0.5, of="x", error=NAN)
        assert (check.verdict, check.relation, check.of, check.error) == (verdict, relation, "x", None)


@pytest.mark.parametrize(
    ("make", "sign"), [(Check.within, 1), (Check.within, -1), (Check.at_most, 1), (Check.at_least, -1)]
)
def test_a_claim_missed_by_less_than_four_errors_is_not_refuted(make, sign):
    """3.6 errors beyond bound and tolerance are unknown, 4.4 refute it; without an error any miss does."""
    at = lambda missed, **more: make("law", 2.0 + sign * (0.5 + missed), 2.0, tolerance=0.5, **more).resolved()  # noqa: E731
    found = at(0.36, error=0.1)
    assert found.verdict == "unknown"
    assert "missed by 3.6 standard errors" in found.law
    assert at(0.44, error=0.1).verdict == at(1e-9).verdict == "fail"
    assert at(-0.01, error=0.1).law == "law"
    assert at(-0.01, error=0.1).verdict == "pass"
    assert at(NAN, error=0.1).verdict == "unknown"


@pytest.mark.parametrize(("make", "far"), [(Check.at_most, -1e9), (Check.at_least, 1e9)])
def test_a_bound_has_one_side(make, far):
    assert make("law", far, 2.0).verdict == "pass"


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [((), "unknown"), (("pass",), "pass"), (("pass", "unknown"), "unknown"), (("unknown",), "unknown"),
     (("pass", "fail"), "fail"), (("fail", "unknown"), "fail"), (("pass", "pass"), "pass")],
)  # fmt: skip
def test_unknown_is_no_pass_and_one_failure_fails(verdicts, expected):
    checks = [Check("law", None, None, None, verdict) for verdict in verdicts]
    assert Result("r", checks=checks).verdict == expected


def test_json_brings_back_every_field():
    checks = [
        Check.within("a", 1.0, 1.1, 0.2, error=0.1, source="exact", of="x"),
        Check.at_most("b", 1.0, 2.0),
        Check.at_least("c", 1.0, 2.0, tolerance=0.1),
        Check("d", None, None, None, "unknown"),
    ]
    result = Result("r", {"x": Estimate(1.0, 0.1, "J"), "y": Estimate(2.0)}, checks, seed=3, notes=["n"])
    record = json.loads(dumps(result.to_json()))
    assert [c["relation"] for c in record["checks"]] == ["=", "<=", ">=", "="]
    assert [c["of"] for c in record["checks"]] == ["x", "", "", ""]
    assert set(record["checks"][0]) == {
        "law", "of", "measured", "error", "relation", "expected", "tolerance", "source", "verdict",
    }  # fmt: skip
    again = Result.from_json(record)
    assert again.checks == checks
    assert again.estimates == result.estimates
    assert again.to_json() == result.to_json()


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [(2.26918, 0.0031, "2.2692 ± 0.0031"), (2.26918, None, "2.26918"), (12345.6, 78.0, "12346 ± 78"),
     (0.5, 0.25, "0.50 ± 0.25"), (1.0, 0.0, "1"), (3.14159265, NAN, "3.14159"), (1.0, 0.095, "1.000 ± 0.095"),
     (2.242e-6, 4.9e-8, "(2.242 ± 0.049)e-06"), (0.0, 3e-20, "(0.0 ± 3.0)e-20"), (-3e-5, 1e-6, "(-3.00 ± 0.10)e-05")],
)  # fmt: skip
def test_an_estimate_is_printed_with_two_digits_of_its_error(value, error, text):
    assert str(Estimate(value, error)) == text
    assert str(Estimate(value, error, "J")) == f"{text} J"
