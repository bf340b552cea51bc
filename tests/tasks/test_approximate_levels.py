# SPDX-License-Identifier: Apache-2.0
"""Correlations of exact ground states, against the eigenvectors of NumPy, and their figure."""

import io

import jax
import numpy as np
import pytest
import xarray as xr

from isinglass import approximate
from isinglass.approximation.exact.lanczos import lowest
from isinglass.approximation.variational.ground_state import product
from isinglass.errors import InputError
from isinglass.report.figures import caption
from isinglass.result import Result
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.lattice_symmetry import translations
from isinglass.systems.quantum.quantum_numbers import QuantumNumbers
from isinglass.systems.quantum.symmetric_space import SymmetricSpace
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising
from isinglass.tasks.outcome.correlation import level_correlations

BONDS = {
    "ring": (hypercubic((6,)), [(i, (i + 1) % 6) for i in range(6)]),
    "torus": (hypercubic((3, 3)), [(3 * i + j, k) for i in range(3) for j in range(3)
                                   for k in (3 * ((i + 1) % 3) + j, 3 * i + (j + 1) % 3)]),
    "open chain": (hypercubic((4,), periodic=False), [(0, 1), (1, 2), (2, 3)]),
}  # fmt: skip


def by_numpy(bonds, h):
    """<Z_i Z_j> of the ground state of -Σ Z Z - h Σ X, from Kronecker products."""
    N = 1 + max(max(bond) for bond in bonds)
    Z = [1.0 - 2 * ((np.arange(2**N) >> i) & 1) for i in range(N)]
    H = -np.diag(sum(Z[i] * Z[j] for i, j in bonds))
    for i in range(N):
        H[np.arange(2**N), np.arange(2**N) ^ (1 << i)] -= h
    p = np.linalg.eigh(H)[1][:, 0] ** 2
    return np.array([[(p * a * b).sum() for a in Z] for b in Z])


@pytest.mark.parametrize("name", BONDS)
def test_correlations_of_the_exact_state(name):
    graph, bonds = BONDS[name]
    found = approximate(0, transverse_field_ising(graph, 1.3), ansatz="exact", lattice=graph.shape)
    expected = by_numpy(bonds, 1.3)
    expected = expected if name == "open chain" else expected[0, :4] if name == "ring" else expected[0].reshape(3, 3)
    np.testing.assert_allclose(found.arrays["zz_correlation"], expected, atol=1e-8)
    assert not found.arrays["zz_correlation_error"].any()
    figure = found.plot()["correlation"]
    figure.savefig(io.BytesIO(), format="png", dpi=40)
    assert "not connected" in caption(found, "correlation")
    assert ("r = 0" in caption(found, "correlation")) == (name != "open chain")


def test_correlations_in_a_block_are_those_of_the_whole_space(monkeypatch):
    """By the images of the representatives; planted: the representatives alone."""
    graph, bonds = BONDS["torus"]
    H, group = transverse_field_ising(graph, 1.3), translations(graph)
    numbers = QuantumNumbers(group, np.ones(len(group), complex), 1)
    monkeypatch.setattr("isinglass.tasks.outcome.correlation.torus", lambda *_: None)
    psi = lowest(jax.random.key(0), product(H, numbers), 1).states[0]
    found = level_correlations(H, psi, numbers, None)["zz_correlation"].to_numpy()
    np.testing.assert_allclose(found, by_numpy(bonds, 1.3), atol=1e-8)
    codes, p = SymmetricSpace(H.space, *numbers.whole()).codes, np.abs(np.asarray(psi)) ** 2
    z = 1 - 2 * (codes[:, None] // H.space.radix % 2)
    assert np.abs((z * p[:, None]).T @ z / p.sum() - by_numpy(bonds, 1.3)).max() > 0.01


def test_a_figure_of_correlations_that_are_not_there():
    with pytest.raises(InputError, match="correlations"):
        Result("x", arrays=xr.Dataset({"energy": ("level", np.zeros(2))}), figures=["correlation"]).plot()
