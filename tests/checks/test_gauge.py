# SPDX-License-Identifier: Apache-2.0
"""Gauge invariance of a density: held by the architecture, violated by a planted one."""

import jax
import pytest

from isinglass.checks.gauge import gauge_invariant_density, gauge_violation
from isinglass.nets.flow.circular_coupling import circular_flow
from isinglass.nets.flow.gauge_sweep import gauge_sweep_flow


@pytest.mark.slow
def test_a_flow_without_gauge_symmetry_fails_the_check(key):
    assert gauge_violation(gauge_sweep_flow((4, 4, 2))) < 1e-6
    flow = circular_flow(key, (4, 4, 2), couplings=2, hidden=(4,), radius=None)
    shaken = jax.tree.map(lambda a: a + 0.3 * jax.random.normal(key, a.shape, a.dtype), flow)
    assert gauge_violation(shaken) > 0.02
    assert gauge_invariant_density(shaken).verdict == "fail"
