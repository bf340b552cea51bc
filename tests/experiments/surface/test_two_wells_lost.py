# SPDX-License-Identifier: Apache-2.0
"""The trap of reverse KL: its claims hold, and each of them fails when the flow is what it should not be."""

from dataclasses import replace

import jax
import pytest

from isinglass.experiments.catalogue import find
from isinglass.experiments.surface.two_wells_lost import claims
from isinglass.result import Check, Estimate, Result


@pytest.fixture(scope="module")
def smoke():
    """One run at smoke size, with what `claims` were made from."""
    seen = {}
    module = __import__("isinglass.experiments.surface.two_wells_lost", fromlist=["claims"])
    original = module.claims

    def spy(found, reference):
        seen.update(found=found, reference=reference)
        return original(found, reference)

    module.claims = spy
    try:
        result = find("two-wells-lost").preset("smoke").run(jax.random.key(0))
    finally:
        module.claims = original
    return result, seen["found"], seen["reference"]


@pytest.mark.slow
def test_smoke_preset_holds_its_claims(smoke):
    result, _, _ = smoke
    assert result.verdict == "pass", str(result)
    assert result.plot().keys() == set(result.figures)


@pytest.mark.slow
def test_a_flow_that_lost_nothing_or_a_blind_check_fail_the_claims(smoke):
    _, found, reference = smoke
    whole = claims(found | {"reverse_kl": found["mirrored"]}, reference)
    assert [check.verdict for check in whole[1:4]] == ["fail", "fail", "fail"]
    unrepaired = claims(found | {"mirrored": found["reverse_kl"], "with_samples": found["reverse_kl"]}, reference)
    assert [check.verdict for check in unrepaired[4:]] == ["fail", "fail", "pass", "fail"]
    lost = found["reverse_kl"]
    blind = Result("blind", lost.estimates, [Check("no mode is lost", 1.0, 0.5, 0.0, "pass")])
    assert claims(found | {"reverse_kl": blind}, reference)[2].verdict == "fail"
    shifted = claims(found, replace(reference, value=reference.value + 0.5))
    assert shifted[5].verdict == "fail"
    assert claims(found, Estimate(reference.value, None))[5].verdict == "unknown"
