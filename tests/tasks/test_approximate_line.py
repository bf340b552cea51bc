# SPDX-License-Identifier: Apache-2.0
"""A line of Hamiltonians: by one network, and by a state carried along."""

import jax
import numpy as np
import pytest

from isinglass import approximate
from isinglass.approximation.exact.exact_diagonalization import dense
from isinglass.errors import InputError
from isinglass.exact.quantum import transverse_field_ising as exact
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian_line import HamiltonianLine
from isinglass.systems.quantum.heisenberg import heisenberg
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising
from isinglass.tasks.approximate_family import ApproximateFamily
from isinglass.tasks.approximate_path import ApproximatePath
from isinglass.tasks.find import find

RING = hypercubic((4,))
BONDS, FIELD = transverse_field_ising(RING, 0.0), transverse_field_ising(RING, 1.0, J=0.0)
LINE = HamiltonianLine(BONDS, FIELD, (0.8, 1.0, 1.4), "h")


@pytest.mark.parametrize("h", [0.0, 0.8, 1.3])
def test_a_point_of_the_line_is_that_hamiltonian(h):
    """By its matrix; planted: another field.  Programs are shared, so its pattern is that of all others."""
    found = np.asarray(dense(LINE.at(h)))
    np.testing.assert_array_equal(found, np.asarray(dense(transverse_field_ising(RING, h))))
    assert np.abs(found - np.asarray(dense(transverse_field_ising(RING, h + 0.1)))).max() > 0.05
    assert jax.tree.structure(LINE.at(h)) == jax.tree.structure(LINE.at(2.0))


def test_what_is_no_line_is_refused():
    with pytest.raises(InputError, match="on one space"):
        HamiltonianLine(BONDS, heisenberg(RING), (0.0, 1.0))
    for couplings in ((), (1.0, 0.5), (1.0, 1.0)):
        with pytest.raises(InputError, match="ascend"):
            HamiltonianLine(BONDS, FIELD, couplings)


def test_the_task_is_chosen_by_one_network(key):
    assert find("approximate", LINE, {}) is ApproximateFamily
    assert find("approximate", LINE, {"one_network": False}) is ApproximatePath
    with pytest.raises(InputError, match="a neural state for a line"):
        approximate(key, LINE, ansatz="exact")
    with pytest.raises(InputError, match=r"couplings between 0\.8 and 1\.4"):
        approximate(key, LINE, asked=(0.5,))
    with pytest.raises(InputError, match="blocks of 1 to 3 sites"):
        approximate(key, LINE, one_network=False, blocks=(4,))


@pytest.mark.slow
def test_one_network_knows_all_fields(key):
    """Energies above those of free fermions and within 1 %, also at the middles; planted: energies of other fields."""
    line = HamiltonianLine(BONDS, FIELD, (1.0, 1.2, 1.4), "h")
    settings = {"degree": 1, "steps": 80, "samples": 64, "measured": 2048, "accuracy": 1e-2}
    result = approximate(key, line, exact=lambda h: exact.ground_energy(4, h), **settings)
    assert result.verdict == "pass"
    assert result.notes == []
    np.testing.assert_allclose(result.arrays["coupling"], [1.0, 1.1, 1.2, 1.3, 1.4])
    assert result.arrays["trained"].to_numpy().tolist() == [True, False, True, False, True]
    assert "fidelity_susceptibility/h_1.1" in result.estimates
    wrong = approximate(key, line, exact=lambda h: exact.ground_energy(4, h + 0.2), **(settings | {"degree": 2}))
    assert wrong.verdict == "fail"
    assert "may swing" in wrong.notes[0]


@pytest.mark.slow
def test_a_state_is_carried_along(key):
    """S_2 of half the ring within 0.1 of the vector's, the fall of fidelity of free fermions."""
    line = HamiltonianLine(BONDS, FIELD, (1.0, 1.2), "h")
    result = approximate(
        key, line, one_network=False, first_steps=100, steps=50, samples=128, draws=4096, accuracy=1e-2
    )
    assert result.verdict == "pass"
    psi = np.linalg.eigh(np.asarray(dense(transverse_field_ising(RING, 1.0))))[1][:, 0].reshape(4, 4)
    purity = (np.linalg.svd(psi, compute_uv=False) ** 4).sum()
    S = result.estimates["renyi_entropy/h_1"]
    assert abs(S.value + np.log(purity)) < max(4 * (S.error or 0), 0.1)
    chi, known = result.estimates["fidelity_susceptibility/h_1.1"], -np.log(exact.fidelity(4, 1.2, 1.0)) / 0.04
    assert abs(chi.value - known) < max(4 * (chi.error or 0), 0.3 * known)
    assert set(result.models) == {"h_1", "h_1.2"}
