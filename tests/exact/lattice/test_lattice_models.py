# SPDX-License-Identifier: Apache-2.0
"""Gauge theory, square ice, chain, mean field and critical points, against enumeration and published values."""

import math

import numpy as np
import pytest

from isinglass.exact.lattice import chain, critical, gauge, ice, mean_field
from isinglass.exact.lattice.enumeration import boltzmann, configurations, spins


def plaquette_sums(L):
    """Σ_p P_p of all 2^(2 L²) link states of the torus; links U[axis, x, y]."""
    for x in configurations(2 * L * L):
        U = spins(x).reshape(-1, 2, L, L).astype(int)
        P = U[:, 0] * U[:, 1] * np.roll(U[:, 0], -1, axis=2) * np.roll(U[:, 1], -1, axis=1)
        yield P.sum(axis=(1, 2))


@pytest.mark.parametrize(("L", "published"), [(2, (0.5363436040, 0.9004126814)), (3, (0.4637512226, 0.8053565803))])
def test_gauge_theory(L, published):
    energies = [-P for P in plaquette_sums(L)]
    for beta, value in zip((0.5, 1.0), published, strict=True):
        exact = boltzmann(energies, beta)
        assert gauge.plaquette(beta, L * L) == pytest.approx(value, abs=1e-10)
        assert gauge.plaquette(beta, L * L) == pytest.approx(-exact.mean_energy / L**2, rel=1e-12)
        assert gauge.log_partition_function(beta, L * L) == pytest.approx(exact.log_Z, rel=1e-13)
        assert abs(gauge.plaquette(beta) + exact.mean_energy / L**2) > 1e-4  # planted: forgetting Π P = 1
    assert sum((E == -L * L).sum() for E in energies) == gauge.ground_states(L) == 2 ** (L * L + 1)


@pytest.mark.parametrize(("beta", "value"), [(0.5, 0.4621171573), (1.0, 0.7615941560), (2.0, 0.9640275801)])
def test_infinite_gauge_theory(beta, value):
    assert gauge.plaquette(beta) == pytest.approx(value, abs=6e-11)
    assert gauge.plaquette(beta, 400) == pytest.approx(value, abs=1e-4)
    assert gauge.wilson_loop(beta, 1, 9) == gauge.plaquette(beta, 9)
    assert gauge.wilson_loop(beta, 4) == pytest.approx(value**4, abs=1e-9)


def count_ice(L):
    """Vertices at which as many of the four arrows enter as leave, by trying all arrows."""
    count = 0
    for x in configurations(2 * L * L):
        right, up = spins(x).reshape(-1, 2, L, L).swapaxes(0, 1).astype(int)
        flux = right - np.roll(right, 1, axis=1) + up - np.roll(up, 1, axis=2)
        count += int((flux == 0).all(axis=(1, 2)).sum())
    return count


def test_square_ice():
    assert ice.residual_entropy() == pytest.approx(0.4315231087, abs=6e-11)
    assert ice.lieb_constant() == pytest.approx(1.5396007178, abs=6e-11)
    assert [ice.ice_states(L, L) for L in (1, 2, 3, 4, 5, 6)] == [4, 18, 148, 2970, 143224, 16448400]  # OEIS A054759
    assert [count_ice(L) for L in (2, 3)] == [18, 148]
    assert ice.ice_states(3, 5) == ice.ice_states(5, 3)
    entropy = [math.log(ice.ice_states(L, 200)) / (200 * L) for L in (2, 4, 6)]  # → 1.5 ln(4/3) like 1/L²
    assert entropy[2] + (entropy[2] - entropy[1]) * 16 / 20 == pytest.approx(0.43152, abs=1e-3)


def test_chain():
    assert chain.energy(1.0) == pytest.approx(-0.7615941559557649, rel=1e-15)
    for K in (0.3, 1.0, 3.0):
        coarse, constant = chain.decimate(K)
        assert 0.5 * (constant + chain.log_partition_function(coarse)) == pytest.approx(
            chain.log_partition_function(K), rel=1e-14
        )
        assert coarse == pytest.approx(0.5 * np.log(np.cosh(2 * K)), rel=1e-12)
        assert chain.correlation_length(coarse) == pytest.approx(chain.correlation_length(K) / 2, rel=1e-9)
        wrong = 0.5 * (constant + chain.log_partition_function(1.001 * coarse))  # planted
        assert abs(wrong - chain.log_partition_function(K)) > 1e-6


def test_mean_field():
    assert mean_field.critical_temperature(4) == 4
    assert mean_field.magnetization(0.5) == pytest.approx(0.9575040240770475, abs=1e-11)
    assert mean_field.magnetization(1.0) == mean_field.magnetization(3.0) == 0
    assert mean_field.magnetization(1 - 1e-6) == pytest.approx(np.sqrt(3e-6), rel=1e-4)
    for tau in (0.3, 0.7, 0.99):
        m = mean_field.magnetization(tau)
        f = [mean_field.free_energy(m + dm, tau) for dm in (-1e-3 * (1 - m), 0, 1e-3 * (1 - m))]
        assert f[1] == min(f)


@pytest.mark.parametrize(
    ("model", "lattice", "q", "value", "tolerance"),
    [
        ("ising", "square", 2, 2.269185314213022, 1e-14),
        ("ising", "triangular", 2, 3.6409569065, 6e-11),
        ("ising", "honeycomb", 2, 1.5186514350, 6e-11),
        ("ising", "cubic", 2, 4.511523, 6e-7),
        ("potts", "square", 3, 0.9949728611, 6e-11),
        ("xy", "square", 2, 0.8929, 6e-5),
    ],
)
def test_critical_temperatures(model, lattice, q, value, tolerance):
    known = critical.critical_temperature(model, lattice, q)
    assert known.value == pytest.approx(value, abs=tolerance)
    assert "doi:" in known.source or "arXiv:" in known.source


@pytest.mark.parametrize("lattice", ["square", "triangular", "honeycomb"])
def test_two_state_potts_is_ising(lattice):
    ising, potts = (critical.critical_temperature(m, lattice).value for m in ("ising", "potts"))
    assert potts == pytest.approx(ising / 2, rel=1e-14)


def test_triangular_and_honeycomb_are_dual():
    """Star-triangle and duality: v_triangular v_honeycomb = q for every q."""
    for q in (2, 3, 4):
        v = [
            np.expm1(1 / critical.critical_temperature("potts", which, q).value)
            for which in ("triangular", "honeycomb")
        ]
        assert v[0] * v[1] == pytest.approx(q, rel=1e-13)


@pytest.mark.parametrize("exponents", [critical.ising_exponents(2), critical.ising_exponents(3)])
def test_scaling_relations(exponents):
    alpha, beta, gamma, nu, eta = exponents
    d = 2 if nu == 1 else 3
    assert alpha + 2 * beta + gamma == pytest.approx(2, abs=1e-6)
    assert gamma == pytest.approx(nu * (2 - eta), abs=1e-6)
    assert 2 - alpha == pytest.approx(d * nu, abs=1e-6)


@pytest.mark.parametrize("q", [2, 3, 4])
def test_potts_scaling_relations(q):
    alpha, beta, gamma, nu, eta = critical.potts_exponents(q)
    assert [alpha + 2 * beta + gamma, nu * (2 - eta), 2 - 2 * nu] == pytest.approx([2, gamma, alpha], abs=1e-12)


def test_unknown_models_are_refused():
    with pytest.raises(ValueError, match="knows ising/chain"):
        critical.critical_temperature("heisenberg", "square")
    with pytest.raises(ValueError, match="square, triangular"):
        critical.critical_temperature("potts", "cubic", 3)
