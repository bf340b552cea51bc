# SPDX-License-Identifier: Apache-2.0
"""Distances and growth against the tables of a code comparison, SciPy's quadrature, Heath's integral, closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad

from isinglass.errors import InputError
from isinglass.exact.cosmology import background, growth
from isinglass.exact.cosmology.background import Cosmology

# Chisari et al. 2019, arXiv:1812.05995: benchmarks of CCL (BSD-3-Clause), at z = 1, 3, 5; all Ω_m = 0.3, h = 0.7
# name -> (Ω_Λ, w0, wa), D_C [Mpc/h], μ [mag], D
CODES = {
    "model 1": ((0.7, -1.0, 0.0), (2312.680, 4448.980, 5442.759), (44.10007614, 47.02563757, 48.34366895),
                (0.4765851, 0.2483706, 0.1663410)),
    "model 2": ((0.7, -0.9, 0.0), (2265.688, 4365.270, 5352.957), (44.05550759, 46.98440678, 48.30755744),
                (0.4687370, 0.2472678, 0.1660466)),
    "model 3": ((0.7, -0.9, 0.1), (2256.882, 4341.011, 5324.543), (44.04705244, 46.97231217, 48.29600780),
                (0.4645434, 0.2463657, 0.1657487)),
    "model 4": ((0.65, -0.9, 0.1), (2229.515, 4273.092, 5242.161), (44.03056337, 46.97471432, 48.31719358),
                (0.4480479, 0.2410459, 0.1632542)),
    "model 5": ((0.75, -0.9, 0.1), (2285.537, 4412.740, 5411.408), (44.06391789, 46.96854677, 48.27187192),
                (0.4823812, 0.2519587, 0.1683326)),
}  # fmt: skip
Z = jnp.array([1.0, 3.0, 5.0])
RADIATION = 4.1834e-5 / 0.49  # 2.7255 K and 3.046 massless neutrinos: in the table of moduli, not in that of distances
FLAT = Cosmology(0.3)
AT = jnp.asarray


@pytest.mark.parametrize("name", CODES)
def test_five_cosmologies_of_the_code_comparison(name):
    """All to less than 1e-4: what is printed, distances to 1e-6, growth to 2e-6, moduli to 3e-6 mag with radiation."""
    (dark, w0, wa), distance, modulus, grown = CODES[name]
    cosmology = Cosmology(0.3, 1 - 0.3 - dark, w0, wa, 0.7)
    np.testing.assert_allclose(background.comoving_distance(cosmology, Z), distance, rtol=1e-6)
    np.testing.assert_allclose(growth.growth_factor(cosmology, Z), grown, rtol=2e-6)
    hot = Cosmology(0.3, 1 - 0.3 - dark - RADIATION, w0, wa, 0.7, RADIATION)
    np.testing.assert_allclose(background.distance_modulus(hot, Z), modulus, atol=3e-6)
    np.testing.assert_allclose(background.distance_modulus(cosmology, Z), modulus, atol=7e-4)


def test_flat_universe_to_ten_digits():
    """Ω_m = 0.3 by another program, distances in Mpc/h."""
    z = jnp.array([0.1, 0.5, 1.0, 2.0, 1100.0])
    exact = [292.918141, 1322.037777, 2312.680164, 3625.903452, 9578.457357]
    np.testing.assert_allclose(background.comoving_distance(FLAT, z), exact, rtol=3e-9)
    assert float(background.cosmic_time(FLAT, AT(0.0))) == pytest.approx(0.9640993816, abs=2e-10)
    assert float(background.cosmic_time(FLAT, AT(0.0))) * 9.777922217 / 0.7 == pytest.approx(13.466983947, abs=2e-9)
    D = growth.growth_factor(FLAT, jnp.array([0.0, 1.0]))
    assert float(D[0]) == pytest.approx(0.7789810168, rel=3e-7)
    assert float(D[1] / D[0]) == pytest.approx(0.6118057533, rel=3e-7)
    assert float(growth.growth_rate(FLAT, AT(0.0))) == pytest.approx(0.51279633, rel=3e-7)
    slope = jax.grad(lambda m: background.comoving_distance(Cosmology(m), AT(1.0)))(0.3)
    assert float(slope) == pytest.approx(-1372.1987039, rel=1e-9)


def test_matter_alone_is_known_in_closed_form():
    """Einstein and de Sitter: D_C = 2 c/H_0 (1 - 1/√(1+z)), H_0 t = 2/3 (1+z)^(-3/2), D = a, f = 1.  Milne: sinh."""
    z, matter = jnp.array([0.0, 0.3, 4.0]), Cosmology(1.0)
    exact = 2 * background.HUBBLE_DISTANCE * (1 - 1 / np.sqrt(1 + np.asarray(z)))
    np.testing.assert_allclose(background.comoving_distance(matter, z), exact, rtol=1e-12)
    np.testing.assert_allclose(background.cosmic_time(matter, z), 2 / 3 * (1 + np.asarray(z)) ** -1.5, rtol=1e-12)
    np.testing.assert_allclose(growth.growth_factor(matter, z), 1 / (1 + np.asarray(z)), rtol=1e-9)
    np.testing.assert_allclose(growth.growth_rate(matter, z), 1.0, rtol=1e-9)
    empty = Cosmology(1e-12, 1.0)
    np.testing.assert_allclose(background.transverse_distance(empty, z),
                               background.HUBBLE_DISTANCE * np.sinh(np.log1p(z)), rtol=1e-9)  # fmt: skip


@pytest.mark.parametrize("Omega_k", [-0.2, 0.0, 0.15])
def test_heaths_integral_where_w_is_minus_one(Omega_k):
    """D = (5/2) Ω_m E ∫ da/(a E)³, by SciPy, curved too."""
    E = lambda a: np.sqrt(0.3 / a**3 + Omega_k / a**2 + 0.7 - Omega_k)  # noqa: E731
    cosmology = Cosmology(0.3, Omega_k)
    for z in (0.0, 0.7, 3.0):
        exact = 2.5 * 0.3 * E(1 / (1 + z)) * quad(lambda a: (a * E(a)) ** -3, 0, 1 / (1 + z))[0]
        assert float(growth.growth_factor(cosmology, AT(z))) == pytest.approx(exact, rel=2e-6)
        step = 1e-4 * np.array([-1.0, 1.0])
        ends = np.log(growth.growth_factor(cosmology, AT((1 + z) * np.exp(step) - 1)))
        assert float(growth.growth_rate(cosmology, AT(z))) == pytest.approx((ends[0] - ends[1]) / 2e-4, rel=5e-6)


def test_distances_obey_their_laws():
    """D_L = (1+z)² D_A; D_H = dD_C/dz; sinh and sin of curved space by NumPy; smooth where space is flat."""
    for Omega_k in (-0.3, 0.3):
        cosmology = Cosmology(0.3, Omega_k)
        flat = np.asarray(background.comoving_distance(cosmology, Z)) / background.HUBBLE_DISTANCE
        root = np.sqrt(abs(Omega_k))
        exact = background.HUBBLE_DISTANCE * (np.sinh if Omega_k > 0 else np.sin)(root * flat) / root
        np.testing.assert_allclose(background.transverse_distance(cosmology, Z), exact, rtol=1e-12)
        D_A = background.angular_diameter_distance(cosmology, Z)
        np.testing.assert_allclose(background.luminosity_distance(cosmology, Z), (1 + Z) ** 2 * D_A, rtol=1e-12)
    slope = jax.vmap(jax.grad(lambda z: background.comoving_distance(FLAT, z)))(Z)
    np.testing.assert_allclose(slope, background.hubble_distance(FLAT, Z), rtol=1e-10)
    of_k = lambda k: background.transverse_distance(Cosmology(0.3, k), AT(1.0))  # noqa: E731
    left, middle, right = (float(jax.grad(of_k)(k)) for k in (-2e-3, 0.0, 2e-3))
    assert (left + right) / 2 == pytest.approx(middle, rel=1e-5)
    assert float(of_k(9.9e-4 / 0.5951)) == pytest.approx(float(of_k(1.01e-3 / 0.5951)), rel=1e-4)


def test_redshifts_that_stay():
    """The nodes of many redshifts at once: as one by one, to 1e-9, curved dark energy too."""
    z = np.array([1.5, 0.01, 20.0, 0.7])
    for cosmology in (FLAT, Cosmology(0.25, 0.1, -0.8, -0.5), Cosmology(0.9, -0.1, -1.5, 0.3)):
        one_by_one = background.comoving_distance(cosmology, jnp.asarray(z))
        np.testing.assert_allclose(background.redshifts(z).comoving_distance(cosmology), one_by_one, rtol=2e-9)


def test_any_order_and_zero():
    """Unsorted redshifts and z = 0 are redshifts; below a bounce nothing is known."""
    z = jnp.array([2.0, 0.0, 1.0])
    D = np.asarray(background.comoving_distance(FLAT, z))
    assert D[1] == 0
    np.testing.assert_allclose(D[[1, 2, 0]], background.comoving_distance(FLAT, jnp.array([0.0, 1.0, 2.0])))
    with jax.debug_nans(False):  # noqa: FBT003
        assert np.isnan(background.expansion(Cosmology(0.1, -1.5), AT(1.0)))  # a universe that bounced


@pytest.mark.parametrize("z", [2, 2.0, [2], np.array([2]), np.array(2.0), jnp.array([2])])
def test_redshifts_of_any_kind(z):
    """Whole numbers and lists too: D_C(2) = 3625.903452, D(2) = 0.3282982, H_0 t(2) by SciPy."""
    one = lambda a: float(np.ravel(a)[0])  # noqa: E731
    assert one(background.comoving_distance(FLAT, z)) == pytest.approx(3625.903452, rel=1e-8)
    assert one(background.luminosity_distance(FLAT, z)) == pytest.approx(3 * 3625.903452, rel=1e-8)
    assert one(background.hubble_distance(FLAT, z)) == pytest.approx(2997.92458 / np.sqrt(0.3 * 27 + 0.7))
    assert one(growth.growth_factor(FLAT, z)) == pytest.approx(0.3282982, rel=1e-6)
    age = quad(lambda a: 1 / (a * np.sqrt(0.3 / a**3 + 0.7)), 0, 1 / 3)[0]
    assert one(background.cosmic_time(FLAT, z)) == pytest.approx(age, rel=1e-8)


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"Omega_m": 0.0}, "Omega_m above 0"), ({"Omega_m": -0.3}, "Omega_m above 0"), ({"h": 0.0}, "h above 0"),
     ({"Omega_m": np.nan}, "finite Omega_m"), ({"w0": -0.5, "wa": 0.6}, "w0 . wa below 0")],
)  # fmt: skip
def test_impossible_universes_are_refused(settings, said):
    with pytest.raises(InputError, match=said):
        Cosmology(**settings)
