# SPDX-License-Identifier: Apache-2.0
"""The claim of the smoke preset; a Hamiltonian network with its sign lost is refuted."""

import jax
import numpy as np
import pytest

from isinglass.experiments.mechanics import hamiltonian_network
from isinglass.experiments.mechanics.hamiltonian_network import HamiltonianNetworks, bounded, learned_period

SMOKE = HamiltonianNetworks.presets["smoke"]


@pytest.mark.slow
def test_the_claims_hold():
    found = HamiltonianNetworks(**SMOKE).run(jax.random.key(0))
    assert found.verdict == "pass", found
    assert found.estimates["improvement/pendulum_hamiltonian"].value > 100


@pytest.mark.slow
def test_a_plain_network_in_its_place_is_refuted(monkeypatch):
    """Planted: the plain network under the name of the Hamiltonian one."""
    right = HamiltonianNetworks.learned
    plain = lambda self, key, name, method, *more: right(self, key, name, "plain", *more)  # noqa: E731
    monkeypatch.setattr(HamiltonianNetworks, "learned", plain)
    found = HamiltonianNetworks(**(SMOKE | {"steps": 300, "periods": 20})).run(jax.random.key(0))
    (check,) = [c for c in found.checks if c.law.startswith("energy error of the plain")]
    assert check.verdict == "fail"


def test_the_period_of_a_known_motion():
    """The exact pendulum in place of a network; a motion that does not swing has none."""
    system = hamiltonian_network.SYSTEMS["pendulum"]
    field = lambda y: system.vector_field(0.0, y)  # noqa: E731
    for amplitude, T in ((0.5, 6.3827896977), (2.0, 8.3497529269)):
        assert learned_period(field, amplitude) == pytest.approx(T, rel=1e-6)
    assert np.isnan(learned_period(lambda y: 0 * y, 1.0))
    assert bounded(np.nan) == bounded(1e9) == 1e3
