# SPDX-License-Identifier: Apache-2.0
"""phi4-flow: what it measures and how it judges, with errors planted against both."""

import jax
import pytest

from isinglass.errors import InputError
from isinglass.experiments.field.phi4_flow import EXACT, Phi4Flow, exact_checks
from isinglass.result import Estimate


def test_the_exact_lattice_judges_value_and_error():
    said = {name: Estimate(value * 1.001, value * 0.001) for name, value in EXACT[8.0].items()}
    said["log_partition_function"] = Estimate(EXACT[8.0]["log_partition_function"] + 3e-4, 3e-4)
    assert {c.verdict for c in exact_checks(said, EXACT[8.0], 0.005, "")} == {"pass"}
    off = said | {"susceptibility": Estimate(EXACT[8.0]["susceptibility"] * 1.006, 0.01)}  # planted: 0.6 %
    assert [c.verdict for c in exact_checks(off, EXACT[8.0], 0.005, "")].count("fail") == 1
    sure = said | {"phi_squared": Estimate(EXACT[8.0]["phi_squared"] * 1.001, 1e-6)}  # planted: too small an error
    assert exact_checks(sure, EXACT[8.0], 0.005, "")[-1].verdict == "fail"
    blind = said | {"phi_squared": Estimate(EXACT[8.0]["phi_squared"])}  # an unknown error proves nothing
    assert exact_checks(blind, EXACT[8.0], 0.005, "")[-1].verdict != "pass"


def test_a_size_that_was_not_published_is_refused():
    with pytest.raises(InputError, match="7"):
        Phi4Flow(sizes=(7,)).run(jax.random.key(0))
