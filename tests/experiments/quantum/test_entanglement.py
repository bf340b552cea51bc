# SPDX-License-Identifier: Apache-2.0
"""The claims of `entanglement` and `quench` hold for what is exact, and each fails for what is not."""

import numpy as np
import pytest
import xarray as xr

from isinglass.checks.dynamics import follows
from isinglass.exact.quantum import free_fermion_chain as chain
from isinglass.exact.quantum import transverse_field_ising as exact
from isinglass.experiments.quantum.entanglement import central_charge, claims
from isinglass.experiments.quantum.quench import exact_magnetization
from isinglass.result import Estimate

FIELDS, BLOCKS, N = np.array([1.4, 1.2, 1.0, 0.8]), np.arange(1, 7), 12


@pytest.fixture
def arrays():
    """Exact values with errors of 1e-3."""
    gamma = [chain.ground_state(chain.couplings(N, h)) for h in FIELDS]
    S = np.array([[chain.renyi_entropy(g, int(b)) for b in BLOCKS] for g in gamma])
    F = np.array([exact.fidelity(N, a, b) for a, b in zip(FIELDS[1:], FIELDS[:-1], strict=True)])
    chi = -np.log(F) / np.diff(FIELDS) ** 2
    parts = {"entropy": (("field", "block"), S), "susceptibility": ("middle", chi)}
    errors = {f"{name}_error": (dims, 0 * a + 1e-3) for name, (dims, a) in parts.items()}
    known = {f"exact_{name}": value for name, value in parts.items()}
    middle = (FIELDS[1:] + FIELDS[:-1]) / 2
    return xr.Dataset(parts | errors | known, coords={"field": FIELDS, "block": BLOCKS, "middle": middle}).copy(
        deep=True
    )


def verdicts(arrays, charge=0.53):
    return [check.verdict for check in claims(arrays, Estimate(charge, 0.01), 0.53, 0.02, 0.1)]


def test_each_claim_fails_for_what_is_wrong(arrays):
    assert verdicts(arrays) == ["pass"] * 5
    off = arrays.assign(entropy=arrays["entropy"] + 0.05)
    assert verdicts(off)[:2] == ["fail", "fail"]
    assert verdicts(arrays, 0.7)[2] == "fail"
    assert verdicts(arrays.assign(susceptibility=1.2 * arrays["susceptibility"]))[3] == "fail"
    assert verdicts(arrays.assign(susceptibility=arrays["susceptibility"][::-1].drop_vars("middle")))[4] == "fail"


def test_the_central_charge_of_a_long_ring():
    """Exact entropies of 200 spins: 1/2 to 0.02; planted: h = 1.2 has none."""
    blocks = np.arange(40, 101, 20)
    for h, c in ((1.0, 0.5), (1.2, 0.0)):
        gamma = chain.ground_state(chain.couplings(200, h))
        S = np.array([chain.renyi_entropy(gamma, int(b)) for b in blocks])
        assert central_charge(blocks, S, np.full(4, 1e-3), 200).value == pytest.approx(c, abs=0.02)


def test_another_field_is_not_followed():
    times = np.linspace(0, 1, 6)
    right, wrong = (exact_magnetization(6, 2.0, after, times) for after in (1.25, 1.3))
    assert follows("m", right, right).verdict == "pass"
    assert follows("m", wrong, right).verdict == "fail"
