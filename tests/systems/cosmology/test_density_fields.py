# SPDX-License-Identifier: Apache-2.0
"""Density fields: bounds of Fisher, likelihoods against SciPy, spectra of many draws, galaxies behind a mask."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from isinglass.errors import InputError
from isinglass.exact.field.fisher_information import cramer_rao
from isinglass.exact.field.gaussian_field import covariance
from isinglass.systems.cosmology.density_field import GaussianDensity, LognormalDensity, lattice_power
from isinglass.systems.cosmology.galaxy_catalogue import GalaxyCatalogue, survey_mask
from isinglass.systems.cosmology.spectrum import MatterSpectrum, PowerLaw
from isinglass.systems.cosmology.spectrum_summary import SpectrumSummary
from isinglass.systems.cosmology.torus import Torus
from isinglass.systems.simulator.score_summary import score_summary

THETA = jnp.array([0.3, 2.1])
SMALL = Torus(8, 2, 3.0)
FIELD = GaussianDensity(torus=SMALL)
FLAT = PowerLaw(slope=0.0)  # white: every site counts for itself


def many(simulator, theta, n, seed=0):
    """n simulations at one θ."""
    keys = jax.random.split(jax.random.key(seed), n)
    return np.asarray(jax.jit(jax.vmap(lambda key: simulator.simulate(key, theta)))(keys))


@pytest.mark.parametrize("simulator", [GaussianDensity(), LognormalDensity()], ids=["Gaussian", "lognormal"])
def test_fisher_bounds_of_a_power_law(simulator):
    """32 x 32: 0.0442158 with the slope known, 0.2179958 and 0.0886222 jointly, whatever θ is."""
    for theta in ([0.0, 2.0], [1.0, 1.3]):
        F = simulator.fisher(theta)
        assert F[0, 0] ** -0.5 == pytest.approx(0.0442158, abs=1e-7)
        np.testing.assert_allclose(cramer_rao(F), [0.2179958, 0.0886222], atol=1e-7)


def test_likelihood_is_that_of_the_sites():
    """N(0, C) on the 63 dimensions without the mean, C_rs = ξ(r - s), by SciPy; and its Fisher information."""
    x = many(FIELD, THETA, 1)[0]
    C = covariance(np.asarray(lattice_power(FIELD.spectrum, SMALL, THETA)))
    basis = np.linalg.svd(np.ones((1, 64)))[2][1:]  # orthonormal, without the mean
    exact = stats.multivariate_normal(np.zeros(63), basis @ C @ basis.T).logpdf(basis @ x.ravel())
    assert float(FIELD.log_likelihood(THETA, jnp.asarray(x))) == pytest.approx(exact, rel=1e-10)
    assert x.mean() == pytest.approx(0.0, abs=1e-12)


def test_spectrum_of_draws_in_the_units_of_the_torus():
    """v <|x̃(k)|²> = A k^-n, k = 2π n/ℓ: within 5 errors of √(2/4000) = 2 % at each of the 63 modes; ξ(0) = Σ_k P/V."""
    x = many(FIELD, THETA, 4000)
    found = (np.abs(np.fft.fft2(x)) ** 2).mean(axis=0) / 64 * (3 / 8) ** 2
    n = np.fft.fftfreq(8, 1 / 8)
    k = 2 * np.pi / 3 * np.hypot(n[:, None], n[None])
    exact = np.exp(0.3) * k.ravel()[1:] ** -2.1
    assert np.abs(found.ravel()[1:] / exact - 1).max() < 5 * (2 / 4000) ** 0.5
    assert x.var() == pytest.approx(exact.sum() / 9, rel=0.03)


def test_the_score_is_unbiased_and_has_the_least_covariance():
    """<t> = θ*, Cov t = F⁻¹, for 4000 fields; false alarm 1e-4."""
    F = FIELD.fisher(THETA)
    summary = score_summary(FIELD, THETA, fisher=F)
    t = many(summary, THETA, 4000)
    bound = cramer_rao(F)
    assert (np.abs(t.mean(axis=0) - np.asarray(THETA)) < 4.2 * bound / 4000**0.5).all()
    np.testing.assert_allclose(t.std(axis=0), bound, rtol=0.07)
    by_draws = score_summary(FIELD, THETA)
    np.testing.assert_allclose(by_draws.inverse, summary.inverse, rtol=0.35)
    assert summary.prior().names == ("log_amplitude", "n")


def test_the_lognormal_field_loses_nothing():
    """g comes back from δ; δ is above -1, of mean 0; the likelihood is that of g."""
    lognormal, key = LognormalDensity(torus=SMALL), jax.random.key(3)
    g, delta = FIELD.simulate(key, THETA), lognormal.simulate(key, THETA)
    np.testing.assert_allclose(lognormal.gaussian(delta), g, atol=1e-10)
    assert float(delta.min()) > -1
    assert float(delta.mean()) == pytest.approx(0.0, abs=1e-12)
    assert float(lognormal.log_likelihood(THETA, delta)) == pytest.approx(float(FIELD.log_likelihood(THETA, g)))
    assert float(jnp.abs(delta - g).max()) > 0.1


def test_the_summary_is_the_spectrum_in_shells():
    """exp(summary) is the mean of v |x̃|² over modes with |n| rounded, by NumPy; the 5 modes of 5 and 6 are of 4."""
    x = many(FIELD, THETA, 1)[0]
    n = np.fft.fftfreq(8, 1 / 8)
    shell = np.rint(np.hypot(n[:, None], n[None])).astype(int)
    assert [int((shell == i).sum()) for i in (4, 5, 6)] == [22, 4, 1]
    shell = np.minimum(shell, 4)
    square = np.abs(np.fft.fft2(x)) ** 2 / 64 * (3 / 8) ** 2
    exact = [np.log(square[shell == i].mean()) for i in range(1, shell.max() + 1)]
    summary = SpectrumSummary(FIELD)
    np.testing.assert_allclose(summary.summary(jnp.asarray(x)), exact, rtol=1e-10)
    k = 2 * np.pi / 3 * np.hypot(n[:, None], n[None])
    np.testing.assert_allclose(summary.wave_numbers()[0], k[shell == 1].mean())
    assert len(summary.wave_numbers()) == 4
    key = jax.random.key(1)
    np.testing.assert_allclose(summary.simulate(key, THETA), summary.summary(FIELD.simulate(key, THETA)))


def catalogue(**changes):
    """White density in two dimensions, three holes."""
    torus = Torus(16, 2, 100.0)
    settings = {"density": 0.1, "bias": 1.0, "spectrum": FLAT, "torus": torus} | changes
    return GalaxyCatalogue(survey_mask(torus, holes=3, radius=20.0), **settings)


def test_galaxies_have_their_mean_their_variance_and_their_holes():
    """<N> = n̄ v W; <N²> - <N>² = <N> + <N>² (exp(s²) - 1), s² = A/v; N = 0 in the holes.  Over 2000 catalogues."""
    sky, theta = catalogue(), jnp.array([1.5])
    N, W = many(sky, theta, 2000), np.asarray(sky.mask)
    mean, v = 0.1 * (100 / 16) ** 2, (100 / 16) ** 2
    s2 = np.exp(1.5) / v * 255 / 256
    assert (N[:, W == 0] == 0).all()
    assert 0.5 < W.mean() < 0.95
    assert (np.rint(N) == N).all()
    seen = N[:, W == 1]
    assert seen.mean() == pytest.approx(mean, rel=0.01)
    assert seen.var() == pytest.approx(mean + mean**2 * np.expm1(s2), rel=0.02)
    assert catalogue(bias=2.0).prior().names == ("log_amplitude",)
    clustered = many(catalogue(bias=3.0), theta, 2000)[:, W == 1]
    assert clustered.var() == pytest.approx(mean + mean**2 * np.expm1(9 * s2), rel=0.05)


def test_power_of_masked_galaxies_is_that_of_the_density_and_shot_noise():
    """White density: v (exp(s²) - 1) + 1/n̄ in every shell, W of the window divided out; 2000 catalogues, 2 %."""
    sky, theta = catalogue(), jnp.array([1.5])
    v = (100 / 16) ** 2
    P = np.exp(many(SpectrumSummary(sky), theta, 2000)).mean(axis=0)
    exact = v * np.expm1(np.exp(1.5) / v * 255 / 256) + 10.0
    np.testing.assert_allclose(P[2:8], exact, rtol=0.03)


def test_masks_are_of_the_torus():
    torus = Torus(8, 3, 10.0)
    W = np.asarray(survey_mask(torus, holes=2, radius=2.0))
    assert W.shape == (8, 8, 8)
    assert (W == W[..., :1]).all()
    np.testing.assert_array_equal(W, survey_mask(torus, holes=2, radius=2.0))
    x = (np.arange(8) + 0.5) * 10 / 8  # one hole, wrapped around the torus, by hand
    c = np.random.default_rng(5).uniform(0, 10, (1, 2))[0]
    apart = np.minimum(np.abs(x[:, None] - c), 10 - np.abs(x[:, None] - c))
    one = np.asarray(survey_mask(Torus(8, 2, 10.0), holes=1, radius=3.0, seed=5))
    np.testing.assert_array_equal(one == 0, np.hypot(apart[:, 0][:, None], apart[:, 1][None]) < 3.0)


@pytest.mark.parametrize(
    ("make", "said"),
    [(lambda: Torus(2), "4 sites a side"), (lambda: Torus(8, 4), "1 to 3 dimensions"),
     (lambda: Torus(8, 2, -1.0), "length above 0"), (lambda: Torus(8, 2, np.nan), "length above 0"),
     (lambda: GalaxyCatalogue(jnp.ones((4, 4))), "mask of shape"),
     (lambda: GalaxyCatalogue(jnp.zeros((16, 16, 16))), "not 0 everywhere"),
     (lambda: GalaxyCatalogue(2 * jnp.ones((16, 16, 16))), "from 0 to 1"),
     (lambda: MatterSpectrum(Omega_b=0.2), "Omega_b between 0 and 0.1"),
     (lambda: MatterSpectrum(depth=-1.0), "depth above 0"), (lambda: MatterSpectrum(z=-0.5), "z of 0 or more"),
     (lambda: catalogue(density=0.0), "density and a bias above 0"),
     (lambda: score_summary(FIELD, [0.3]), "2 parameters within the prior"),
     (lambda: score_summary(FIELD, [9.0, 2.0]), "within the prior"),
     (lambda: score_summary(catalogue(), [0.0]), "with a log likelihood"),
     (lambda: score_summary(FIELD, [0.0, 2.0], fisher=[[1.0, 2.0], [2.0, 1.0]]), "positive Fisher")],
)  # fmt: skip
def test_bad_input_is_refused(make, said):
    with pytest.raises(InputError, match=said):
        make()


def test_matter_in_a_box_and_in_a_slab():
    """A plane through a box of depth 100: P/100; σ(Ω_m) and σ(σ_8) of 8³ sites are finite and small."""
    k = jnp.array([0.02, 0.2])
    box, slab = MatterSpectrum(), MatterSpectrum(depth=100.0)
    theta = jnp.array([0.3, 0.8])
    np.testing.assert_allclose(100 * slab.power(theta, k), box.power(theta, k), rtol=1e-12)
    field = GaussianDensity(box, Torus(8, 3, 250.0))
    F = field.fisher(theta)
    assert F[1, 1] ** -0.5 == pytest.approx(0.8 / np.sqrt(2 * 511), rel=1e-9)  # P ∝ σ_8²
    assert 0.03 < cramer_rao(F)[0] < 0.1
    assert field.prior().names == ("Omega_m", "sigma_8")
