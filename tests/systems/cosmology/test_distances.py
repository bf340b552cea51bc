# SPDX-License-Identifier: Apache-2.0
"""Hubble diagrams, acoustic scales and band powers: against SciPy's normal law, known distances; what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpyro import distributions as dist
from scipy import stats

from isinglass.errors import InputError
from isinglass.systems.cosmology.band_powers import band_powers, binning, cosmic_variance, spectrum_of_Dl
from isinglass.systems.cosmology.distances import acoustic_scale, hubble_diagram
from isinglass.systems.simulator.noisy_model import cholesky_of, noisy_model
from isinglass.systems.simulator.score_summary import score_summary

COVARIANCE = np.array([[0.04, 0.01, 0.0], [0.01, 0.09, 0.02], [0.0, 0.02, 0.05]])
Z = np.array([1.0, 0.1, 0.5])  # unsorted
D = np.array([2312.680164, 292.918141, 1322.037777])  # Mpc/h, Ω_m = 0.3, by another program
THETA = jnp.array([0.3, -18.5])
EVERY = {"Omega_m": dist.Uniform(0.1, 0.9), "Omega_k": dist.Uniform(-0.2, 0.2), "w0": dist.Uniform(-2.0, -0.4),
         "wa": dist.Uniform(-1.0, 0.3)}  # fmt: skip


def test_a_hubble_diagram_is_five_logarithms_of_known_distances():
    """m = 5 lg[(1 + z_hel) D] + 25 + M, with D in Mpc/h; z_hel = z by default."""
    found = hubble_diagram(Z, COVARIANCE).model(THETA)
    np.testing.assert_allclose(found, 5 * np.log10((1 + Z) * D) + 25 - 18.5, atol=1e-8)
    other = hubble_diagram(Z, COVARIANCE, z_heliocentric=Z + 0.01).model(THETA)
    np.testing.assert_allclose(other - found, 5 * np.log10((1.01 + Z) / (1 + Z)), atol=1e-12)


def test_the_likelihood_is_normal():
    simulator, m = hubble_diagram(Z, COVARIANCE), np.array([24.0, 19.0, 22.5])
    mean = np.asarray(simulator.model(THETA))
    exact = stats.multivariate_normal(mean, COVARIANCE).logpdf(m)
    assert float(simulator.log_likelihood(THETA, jnp.asarray(m))) == pytest.approx(exact, rel=1e-12)
    off = m - mean
    assert float(simulator.chi_squared(THETA, jnp.asarray(m))) == pytest.approx(off @ np.linalg.inv(COVARIANCE) @ off)


def test_simulations_have_mean_and_covariance():
    """10,000 diagrams: means within 4.5 errors, covariances within 5 %."""
    simulator = hubble_diagram(Z, COVARIANCE)
    keys = jax.random.split(jax.random.key(0), 10_000)
    m = np.asarray(jax.jit(jax.vmap(lambda key: simulator.simulate(key, THETA)))(keys))
    errors = np.sqrt(np.diag(COVARIANCE) / 10_000)
    assert (np.abs(m.mean(axis=0) - np.asarray(simulator.model(THETA))) < 4.5 * errors).all()
    np.testing.assert_allclose(np.cov(m.T), COVARIANCE, atol=0.004)


def test_acoustic_distances_by_hand():
    """D_M, D_H = c/(H_0 E), D_V over r_d at Ω_m = 0.3, z = 0.5; h r_d = 100 Mpc."""
    E = np.sqrt(0.3 * 1.5**3 + 0.7)
    D_M, D_H = 1322.037777, 2997.92458 / E
    found = acoustic_scale([0.5] * 3, ["DM_over_rs", "DH", "dv"], np.ones(3)).model(jnp.array([0.3, 100.0]))
    np.testing.assert_allclose(found, np.array([D_M, D_H, np.cbrt(0.5 * D_M**2 * D_H)]) / 100, rtol=1e-9)


def test_more_parameters_in_any_order():
    """w0, wa, Omega_k and Omega_m by their names: at the values of ΛCDM the distances are those."""
    order = ("w0", "offset", "wa", "Omega_m", "Omega_k")
    prior = {name: (EVERY | {"offset": dist.Uniform(-20.0, -18.0)})[name] for name in order}
    simulator = hubble_diagram(Z, COVARIANCE, prior=prior)
    assert simulator.prior().names == order
    theta = jnp.array([-1.0, -18.5, 0.0, 0.3, 0.0])
    np.testing.assert_allclose(simulator.model(theta), hubble_diagram(Z, COVARIANCE).model(THETA), atol=1e-10)
    assert float(jnp.abs(simulator.model(theta.at[4].set(0.1)) - simulator.model(theta)).max()) > 0.01


def test_a_best_fit_has_its_amplitude_back():
    """Band powers of 1.03 C_ℓ (ℓ/500)^0.02: the score summary at (0, 0) is near (ln 1.03, 0.02)."""
    ell = np.arange(30, 330.0)
    C = 1000 / ell**2
    W = binning(np.arange(30, 330, 10), np.arange(39, 330, 10), np.full(300, 0.1), ell)
    np.testing.assert_allclose(W.sum(axis=1), 1.0)
    sigma = cosmic_variance(np.arange(35, 330, 10)) / 10**0.5 * (W @ C)
    bands = band_powers(C, ell, W, sigma)
    seen = jnp.asarray(W @ (1.03 * C * (ell / 500) ** 0.02))
    assert float(bands.chi_squared(jnp.array([np.log(1.03), 0.02]), seen)) == pytest.approx(0.0, abs=1e-20)
    summary = score_summary(bands, [0.0, 0.0], fisher=bands.fisher([0.0, 0.0]))
    np.testing.assert_allclose(summary.summary(seen), [np.log(1.03), 0.02], atol=2e-3)
    C_of_D = spectrum_of_Dl(ell * (ell + 1) / (2 * np.pi) * C, ell)
    np.testing.assert_allclose(C_of_D, C, rtol=1e-12)
    modes = np.random.default_rng(0).normal(size=(4000, 2 * 50 + 1))  # a full sky at ℓ = 50
    assert (modes**2).mean(axis=1).std() == pytest.approx(float(cosmic_variance(50)), rel=0.06)


def test_standard_deviations_stand_for_their_diagonal():
    one, other = (hubble_diagram(Z, c) for c in ([0.1, 0.2, 0.3], np.diag([0.01, 0.04, 0.09])))
    m, key = jnp.array([24.0, 19.0, 22.5]), jax.random.key(0)
    for of in ("log_likelihood", "chi_squared"):
        assert float(getattr(one, of)(THETA, m)) == pytest.approx(float(getattr(other, of)(THETA, m)), rel=1e-12)
    np.testing.assert_allclose(one.simulate(key, THETA), other.simulate(key, THETA), rtol=1e-12)
    np.testing.assert_allclose(one.fisher(THETA), other.fisher(THETA), rtol=1e-10)
    np.testing.assert_allclose(cholesky_of(COVARIANCE) @ cholesky_of(COVARIANCE).T, COVARIANCE)


BOX = {"a": dist.Uniform(0.0, 1.0)}


@pytest.mark.parametrize(
    ("make", "said"),
    [(lambda: hubble_diagram([0.0, 0.1], [0.1, 0.1]), "redshifts above 0.*found 0"),
     (lambda: hubble_diagram([-0.1, 0.1], [0.1, 0.1]), "redshifts above 0"),
     (lambda: hubble_diagram([np.nan, 0.1], [0.1, 0.1]), "redshifts above 0"),
     (lambda: hubble_diagram([23.1, 24.0], [0.1, 0.1]), "are these magnitudes"),
     (lambda: hubble_diagram(0.5, [0.1]), r"redshifts \[m\]"),
     (lambda: hubble_diagram(Z, COVARIANCE, z_heliocentric=[0.1]), "3 heliocentric"),
     (lambda: hubble_diagram(Z, COVARIANCE, prior={"Om": dist.Uniform(0.0, 1.0)}), "prior of Omega_m and offset"),
     (lambda: hubble_diagram(Z, COVARIANCE, prior={"Omega_m": dist.Normal(0.3, 0.1), "offset": dist.Normal(0.0, 1.0)}),
      "Omega_m above 0 by its prior"),
     (lambda: hubble_diagram(Z, COVARIANCE[:2, :2]), "a model of 2 data"),
     (lambda: hubble_diagram(Z, -COVARIANCE), "positive definite"),
     (lambda: hubble_diagram(Z, np.ones((3, 3))), "positive definite"),
     (lambda: hubble_diagram(Z, np.triu(COVARIANCE)), "symmetric"),
     (lambda: hubble_diagram(Z, [0.1, 0.0, 0.1]), "deviations above 0"),
     (lambda: hubble_diagram(Z, [0.1, np.inf, 0.1]), "finite numbers"),
     (lambda: acoustic_scale(Z, ["DM", "DH", "f_sigma8"], COVARIANCE), "kinds of distances DM, DH, DV; found F"),
     (lambda: acoustic_scale(Z, ["DM", "DH"], COVARIANCE), "3 kinds"),
     (lambda: noisy_model(lambda theta: np.asarray(theta), [0.1], BOX), "a function of JAX"),
     (lambda: noisy_model(lambda theta: (theta, theta), [0.1], BOX), "a model of 1 data"),
     (lambda: band_powers([1.0], [1.0], [[1.0]], [0.1]), "2 or more"),
     (lambda: band_powers([1.0, 2.0], [3.0], [[1.0]], [0.1]), r"C \[n\], ell"),
     (lambda: binning([2], [9], np.ones(3), np.arange(2, 5)), "bands within 2 to 4"),
     (lambda: binning([2], [4], np.ones(4), np.arange(2, 5)), "a weight for every")],
)  # fmt: skip
def test_bad_input_is_one_line(make, said):
    with pytest.raises(InputError, match=said) as error:
        make()
    assert "\n" not in str(error.value)
