# SPDX-License-Identifier: Apache-2.0
"""Lattice fields: free field (B11), phi^4 (B12) and U(1) against published and independent numbers."""

import math

import numpy as np
import pytest
from scipy.special import gamma

from isinglass.errors import InputError
from isinglass.exact.field import free_field, phi4, u1

B11 = [  # shape, m², <φ²>, G(x=1), ln Z
    ((8,), 1.0, 0.447619047619, 0.171428571429, 3.5022668717),
    ((16,), 0.25, 0.970848618254, 0.592204695536, 10.7439170053),
    ((4, 4), 1.0, 0.263492063492, 0.079365079365, 2.6870456299),
    ((8, 8), 1.0, 0.254173997690, 0.067717497113, 10.5578245206),
    ((8, 8), 0.25, 0.385501189089, 0.159595013407, 17.8473952236),
    ((16, 16), 0.25, 0.376958111158, 0.150517993106, 71.2372603405),
    ((4, 4, 4), 1.0, 0.174159174159, 0.036519036519, -0.9690014019),
    ((4, 4, 4, 4), 1.0, 0.128442799031, 0.019498148910, -38.3658259279),
]
B12 = [  # L, λ, nodes, digits, ln Z, <φ²>, <φ⁴>, χ at m² = -4
    (2, 8.0, 18, 11, 0.914433978425, 0.171434423240, 0.056169583896, 0.450481641481),
    (3, 8.0, 12, 9, 1.476528667281, 0.154404191979, 0.047601948585, 0.604369375277),
    pytest.param(4, 8.0, 8, 7, 2.40513896, 0.14774621, 0.0443759, 0.6839676),
    pytest.param(4, 6.975, 8, 6, 3.2183289, 0.1673918, 0.0557090, 0.9349727, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("shape", "m2", "phi2", "G1", "log_Z"), B11)
def test_free_field(shape, m2, phi2, G1, log_Z):
    G = free_field.propagator(shape, m2)
    np.testing.assert_allclose([free_field.phi_squared(shape, m2), G.ravel()[1]], [phi2, G1], atol=1e-11)
    np.testing.assert_allclose(free_field.log_partition_function(shape, m2), log_Z, atol=1e-9)
    np.testing.assert_allclose(G.sum(), free_field.susceptibility(m2), rtol=1e-12)


def test_free_field_is_the_determinant_of_its_matrix():
    """Independent: dense linear algebra of S = ½ φᵀ K φ on a 3 x 4 torus, at temperature 2."""
    n = np.arange(12).reshape(3, 4)
    K = np.eye(12) * 4.7
    for axis in (0, 1):
        for shift in (1, -1):
            np.add.at(K, (n.ravel(), np.roll(n, shift, axis).ravel()), -1)
    np.testing.assert_allclose(2 * np.linalg.inv(K)[0], free_field.propagator((3, 4), 0.7, 2.0).ravel(), rtol=1e-12)
    log_Z = 6 * math.log(4 * math.pi) - np.linalg.slogdet(K)[1] / 2
    np.testing.assert_allclose(free_field.log_partition_function((3, 4), 0.7, 2.0), log_Z, rtol=1e-12)


@pytest.mark.parametrize(("L", "lam", "nodes", "digits", "log_Z", "phi2", "phi_4", "chi"), B12)
def test_phi4_torus(L, lam, nodes, digits, log_Z, phi2, phi_4, chi):
    exact = phi4.torus(L, L, J=2.0, r=0.0, lam=lam, nodes=nodes)
    np.testing.assert_allclose(exact, (log_Z, phi2, phi_4, chi), atol=2 * 10.0**-digits)


def test_phi4_torus_is_the_free_field_and_does_not_care_which_way_it_lies():
    free = phi4.torus(2, 2, J=2.0, r=5.0, lam=0.0, nodes=24)  # Albergo's free field: twice the action
    np.testing.assert_allclose([free.log_Z, free.chi], [-0.41859043, 0.5], atol=1e-8)
    np.testing.assert_allclose(free.phi2, free_field.phi_squared((2, 2), 1.0) / 2, atol=1e-9)
    both = [phi4.torus(*shape, J=2.0, r=0.0, lam=8.0, nodes=8) for shape in ((2, 3), (3, 2))]
    np.testing.assert_allclose(*both, rtol=1e-11)
    chain = phi4.chain(3, J=2.0, r=0.0, lam=8.0).moments  # planted: without the bonds inside a row it is no torus
    assert abs(chain.chi - both[0].chi) > 0.01


def test_phi4_torus_by_brute_force():
    """Independent: 2 x 2 sites on 40 x 40 x 40 x 40 equally spaced points."""
    phi = np.linspace(-1.6, 1.6, 40)
    a, b, c, d = np.meshgrid(phi, phi, phi, phi, indexing="ij", sparse=True)
    S = 8 * (a**4 + b**4 + c**4 + d**4) - 4 * (a * b + b * d + d * c + c * a)  # each pair has two bonds
    weight = np.exp(-S)
    exact = phi4.torus(2, 2, J=2.0, r=0.0, lam=8.0, nodes=18)
    np.testing.assert_allclose(np.log(weight.sum() * (phi[1] - phi[0]) ** 4), exact.log_Z, atol=1e-9)
    np.testing.assert_allclose(np.sum(weight * a**4) / weight.sum(), exact.phi4, atol=1e-9)


@pytest.mark.parametrize(("J", "r", "lam"), [(1.0, 0.4, 0.3), (-1.0, 0.4, 0.3), (2.0, -4.0, 2.0)])
def test_phi4_torus_in_the_ordered_phase(J, r, lam):
    """Independent: 2 x 2 sites on 44 points each; there <φ²> is 2 to 2.4.  Planted: 6 nodes are not enough."""
    phi = np.linspace(-3.2, 3.2, 44)
    a, b, c, d = np.meshgrid(phi, phi, phi, phi, indexing="ij", sparse=True)
    S = sum(r * x**2 + lam * x**4 for x in (a, b, c, d)) - 2 * J * (a * b + b * d + d * c + c * a)
    weight = np.exp(S.min() - S)
    log_Z = np.log(weight.sum() * (phi[1] - phi[0]) ** 4) - S.min()
    moments = [np.sum(weight * a**k) / weight.sum() for k in (2, 4)]
    exact = phi4.torus(2, 2, J=J, r=r, lam=lam)
    np.testing.assert_allclose(exact[:3], [log_Z, *moments], rtol=1e-4)
    assert not phi4.agree(exact, phi4.by_nodes(2, 2, J=J, r=r, lam=lam, nodes=6))


def test_a_torus_that_the_nodes_do_not_resolve_has_no_exact_moments():
    """A thousand times colder; six sites wide."""
    with pytest.raises(InputError, match="a field that Gauss nodes resolve"):
        phi4.torus(2, 2, J=1000.0, r=400.0, lam=300.0)
    with pytest.raises(InputError, match="rows of up to 4 sites"):
        phi4.torus(6, 6, J=1.0, r=0.4, lam=0.3)


@pytest.mark.parametrize(("n", "m2"), [(8, 1.0), (16, 0.25), (64, 0.25)])
def test_phi4_chain_is_the_free_field(n, m2):
    exact = phi4.chain(n, J=1.0, r=1.0 + m2 / 2, lam=0.0)
    np.testing.assert_allclose(exact.moments.log_Z, free_field.log_partition_function((n,), m2), rtol=1e-10)
    np.testing.assert_allclose(exact.propagator, free_field.propagator((n,), m2), atol=1e-12)
    np.testing.assert_allclose(exact.gap, 2 * math.asinh(math.sqrt(m2) / 2), rtol=1e-10)
    np.testing.assert_allclose(exact.moments.chi, 1 / m2, rtol=1e-10)


@pytest.mark.parametrize(("lam", "levels"), [(0.1, (0.55914633, 1.76950264)), (0.5, (0.69617582, 2.32440635))])
def test_phi4_chain_becomes_the_anharmonic_oscillator(lam, levels):
    """B12: in the limit of small steps a the mass gap is E_1 - E_0 of p²/2 + x²/2 + λ x⁴; the error is of order a²."""
    gap = [phi4.chain(8, J=1 / a, r=1 / a + a / 2, lam=a * lam).gap / a for a in (0.1, 0.05)]
    error = np.array(gap) - (levels[1] - levels[0])
    assert 3.9 < error[0] / error[1] < 4.1
    np.testing.assert_allclose((4 * gap[1] - gap[0]) / 3, levels[1] - levels[0], atol=1e-5)


def test_a_single_site():
    site = phi4.single_site(0.0, 1.0)
    np.testing.assert_allclose(np.exp(site.log_Z), 2 * gamma(1.25), rtol=1e-12)
    np.testing.assert_allclose([site.phi2, site.phi4], [0.3379891200, 0.25], atol=1e-10)
    np.testing.assert_allclose(phi4.single_site(2.0, 0.0).log_Z, math.log(math.pi / 2) / 2, rtol=1e-12)
    assert phi4.mean_action(site, 1.0) == pytest.approx(0.25, abs=1e-12)


def plaquettes(V, beta, n=200_000):
    """Independent draws of V plaquette angles whose sum is 2πQ: V - 1 von Mises angles and a weight for the last."""
    angle = np.random.default_rng(V).vonmises(0, beta, (n, V - 1))
    total = angle.sum(axis=1)
    last = (np.pi - total) % (2 * np.pi) - np.pi
    weight = np.exp(beta * (np.cos(last) - 1))
    return np.cos(last), np.round((total + last) / (2 * np.pi)), weight / weight.sum()


@pytest.mark.parametrize(("V", "beta"), [(4, 1.0), (9, 2.0)])
def test_u1_against_independent_draws(V, beta):
    """Within 4 standard errors (6e-5 each); resolution 1 % of the plaquette and 5 % of the susceptibility."""
    cosine, Q, weight = plaquettes(V, beta)
    charges, P = u1.charge_distribution(beta, V)
    exact = [
        (cosine, u1.plaquette(beta, V)),
        (Q**2 / V, u1.topological_susceptibility(beta, V)),
        (Q == 0, P[V // 2]),
        (Q == 1, P[V // 2 + 1]),
    ]
    for value, expected in exact:
        mean = weight @ value
        error = np.sqrt(np.sum(weight**2 * (value - mean) ** 2))
        assert abs(mean - expected) < 4 * error
        assert abs(mean - expected * 1.3) > 4 * error  # planted
    assert charges[V // 2] == 0
    np.testing.assert_allclose(P, P[::-1], atol=1e-14)


def test_u1_laws():
    slope = (u1.log_partition_function(2.0 + 1e-5, 6) - u1.log_partition_function(2.0 - 1e-5, 6)) / 2e-5
    np.testing.assert_allclose(slope / 6, u1.plaquette(2.0, 6), rtol=1e-8)
    np.testing.assert_allclose(u1.log_partition_function(0.0, 6), 12 * math.log(2 * math.pi), rtol=1e-12)
    np.testing.assert_allclose(u1.plaquette(2.0, 400), u1.plaquette(2.0), rtol=1e-10)
    np.testing.assert_allclose(u1.topological_susceptibility(2.0, 256), u1.topological_susceptibility(2.0), rtol=1e-8)
    np.testing.assert_allclose(u1.topological_susceptibility(0.0), 1 / 12, rtol=1e-12)
    np.testing.assert_allclose(u1.topological_susceptibility(200.0) * 4 * math.pi**2 * 200, 1, rtol=5e-3)
    np.testing.assert_allclose(u1.wilson_loop(2.0, 0, 12), 1, rtol=1e-12)
    np.testing.assert_allclose(u1.wilson_loop(2.0, 12, 12), 1, rtol=1e-12)  # around everything is around nothing
