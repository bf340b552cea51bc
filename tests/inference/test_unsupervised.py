# SPDX-License-Identifier: Apache-2.0
"""Methods without labels find the magnetization; the crossing of their moments finds Onsager's temperature."""

from types import SimpleNamespace

import jax
import numpy as np
import pytest
from scipy.linalg import eigh
from tests.inference import lattices

from isinglass.exact.lattice.critical import critical_temperature
from isinglass.inference.phases.features import encode
from isinglass.inference.phases.unsupervised import (
    Components,
    Unsupervised,
    latent,
    leading_component,
    pca_transition,
    unsupervised,
)
from isinglass.result import Estimate


@pytest.fixture(scope="module")
def ising():
    return lattices.ising(0, 8, np.linspace(1.5, 3.5, 9), chains=60, sweeps=100)


def test_leading_component_is_the_magnetization(ising):
    z = leading_component(ising).scores[:, 0]
    assert abs(np.corrcoef(z, ising.x.mean(axis=(1, 2)))[0, 1]) > 0.99


def test_variances_are_the_eigenvalues_of_the_covariance(ising):
    flat = encode(ising).reshape(ising.n, -1).astype(float)
    values = eigh(np.cov(flat.T), eigvals_only=True)[::-1]
    assert leading_component(ising).explained[:3] == pytest.approx(values[:3] / values.sum(), rel=1e-3)


@pytest.mark.parametrize("kind", ["autoencoder", "vae"])
def test_one_latent_number_is_the_magnetization(ising, kind):
    z = latent(jax.random.key(0), ising, kind, Unsupervised(steps=300, hidden=(32,)))
    assert abs(np.corrcoef(z, ising.x.mean(axis=(1, 2)))[0, 1]) > 0.95


def test_spins_without_memory_of_temperature_have_no_leading_component():
    """Planted error: T = ∞ everywhere; no component stands out and none is the magnetization of order."""
    data = lattices.ising(0, 8, np.full(2, 1e6) + [0, 1], chains=400, sweeps=5)
    assert leading_component(data).explained[0] < 0.05


def test_crossing_of_component_moments():
    """Two sizes, <z⁴>/<z²>² crosses within 4 errors of T_c and an error below 2 %."""
    temperatures = np.linspace(2.0, 2.6, 9)
    by_size = {L: lattices.ising(L, L, temperatures, chains=300, sweeps=5 * L) for L in (4, 10)}
    estimate = pca_transition(np.random.default_rng(0), by_size, Components(draws=100))
    exact = critical_temperature("ising").value
    assert abs(estimate.value - exact) < 4 * estimate.error + 0.03  # L = 4: corrections to scaling
    assert estimate.error < 0.02 * exact


def test_a_fit_that_ends_at_the_edge_is_none(monkeypatch):
    """Planted error: the fit of a real crossing runs to the last temperatures."""
    temperatures = np.linspace(2.0, 2.6, 9)
    by_size = {L: lattices.ising(L, L, temperatures, chains=100, sweeps=5 * L) for L in (4, 10)}
    for critical, kept in ((2.3, True), (2.01, False), (2.58, False)):
        found = SimpleNamespace(critical=Estimate(critical, 0.01))
        monkeypatch.setattr("isinglass.inference.phases.unsupervised.scaling_fit", lambda *_, found=found, **__: found)
        assert (pca_transition(np.random.default_rng(0), by_size, Components(draws=20)) is not None) == kept


def test_result_carries_what_the_figures_draw(ising):
    result = unsupervised(jax.random.key(0), ising, Unsupervised(shown=90, steps=300, hidden=(32,)))
    assert set(result.figures) == {"components/pca", "components/autoencoder", "components/vae", "embedding/t_sne"}
    assert result.arrays["embedding_t_sne"].shape == (90, 2)
    assert result.estimates["correlation/pca"].value > 0.95
