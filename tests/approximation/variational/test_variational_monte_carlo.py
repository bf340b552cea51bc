# SPDX-License-Identifier: Apache-2.0
"""Local energies, chains, steps: against sparse matrices, enumeration and imaginary time."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg
import scipy.stats

from isinglass.approximation.exact.exact_diagonalization import dense
from isinglass.approximation.variational.born_sampling import FullSummation, MarkovChains, Tempered
from isinglass.approximation.variational.energy import measure
from isinglass.approximation.variational.local_energy import local_energies
from isinglass.approximation.variational.log_derivatives import (
    as_real,
    from_real,
    jacobian,
    log_derivatives,
    params_like,
)
from isinglass.approximation.variational.markov_chain import Exchange, Flip, sweeps
from isinglass.approximation.variational.stochastic_reconfiguration import natural_step
from isinglass.approximation.variational.variational_monte_carlo import VariationalMonteCarlo, block
from isinglass.nets.wavefunction.quantum_state import PlainWalker
from isinglass.nets.wavefunction.rbm import RBM, log_cosh
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.heisenberg import heisenberg
from isinglass.systems.quantum.hilbert_space import spins
from isinglass.systems.quantum.operator import X, Y, Z
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

RING = hypercubic((6,))
HAMILTONIANS = {
    "transverse field": transverse_field_ising(RING, 0.8),
    "heisenberg": heisenberg(RING),
    "with Y": Hamiltonian(sum(X(i) + 0.5 * Y(i) @ Z((i + 1) % 6) @ X((i + 2) % 6) for i in range(6)), spins(6)),
}


def machine(key, dtype="float64", n_sites=6, scale=0.5):
    return RBM(key=key, n_sites=n_sites, alpha=2, dtype=dtype, scale=scale)


def all_states(space):
    n = jax.vmap(space.decode)(jnp.asarray(space.states()))
    return n, space.variables(n, float)


def amplitudes(psi, space):
    return np.exp(np.asarray(jax.jit(jax.vmap(psi.log_psi))(all_states(space)[1])))


SLOW = [pytest.param(n, d, marks=pytest.mark.slow) for n in HAMILTONIANS for d in ("float64", "complex128")]


@pytest.mark.parametrize(("name", "dtype"), SLOW)
def test_local_energy_is_that_of_the_matrix(key, name, dtype):
    """(H ψ)(n) / ψ(n), for any chunk; planted: the wrong sign of one bond."""
    hamiltonian, psi = HAMILTONIANS[name], machine(key, dtype)
    n, _ = all_states(hamiltonian.space)
    amplitude = amplitudes(psi, hamiltonian.space)
    expected = dense(hamiltonian) @ amplitude / amplitude
    for chunk in (None, 5):
        np.testing.assert_allclose(local_energies(hamiltonian, psi, n, chunk), expected, rtol=1e-9)
    wrong = Hamiltonian(hamiltonian.operator - 2 * Z(0) @ Z(1), hamiltonian.space)
    assert np.abs(np.asarray(local_energies(wrong, psi, n)) - expected).max() > 0.1


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_a_walk_by_tables_is_one_evaluated_anew(key, dtype):
    """Flips of two sites, of one and of none: ψ'/ψ, and again after them."""
    psi = machine(key, dtype)
    tables, anew = psi.walker(), PlainWalker(psi)
    x = jnp.array([1.0, -1, 1, 1, -1, -1])
    for sites, y in (([1, 3], [1, -1]), ([2, 3], [-1, -1]), ([0, 5], [1, -1]), ([4, 1], [1, 1])):
        sites, y = jnp.array(sites), jnp.array(y, float)
        kept = tables.keep(x)
        ratio, new = tables.move(kept, x, sites, y)
        expected, _ = anew.move(anew.keep(x), x, sites, y)
        np.testing.assert_allclose(ratio, expected, rtol=1e-10)
        x = x.at[sites].set(y)
        np.testing.assert_allclose(new, tables.keep(x), rtol=1e-9)


def test_log_cosh_neither_overflows_nor_loses_digits():
    z = jnp.array([0.3, -2.0, 500.0, -500.0])
    expected = [np.log(np.cosh(0.3)), np.log(np.cosh(2.0)), 500 - np.log(2), 500 - np.log(2)]
    np.testing.assert_allclose(log_cosh(z), expected)
    w = jnp.array([0.3 + 1j, -2.0 + 0.5j])
    np.testing.assert_allclose(jnp.exp(log_cosh(w)), jnp.cosh(w), rtol=1e-12)


@pytest.mark.parametrize(
    ("move", "hamiltonian"),
    [pytest.param("flip", "transverse field", marks=pytest.mark.slow), ("exchange", "heisenberg")],
)
def test_chains_follow_the_square_of_the_amplitude(key, move, hamiltonian):
    """Final states of 20,000 independent chains, chi-square at 1e-4; planted: |ψ| in place of |ψ|²."""
    space, psi = HAMILTONIANS[hamiltonian].space, machine(key, "complex128", scale=0.15)
    kind = Flip() if move == "flip" else Exchange(RING.bonds)
    start = jax.vmap(space.random_state)(jax.random.split(key, 20_000))
    end, accepted = eqx.filter_jit(sweeps)(key, start, psi, space, kind, 100)
    assert 0.1 < accepted < 1
    counts = np.bincount(np.searchsorted(space.states(), jax.vmap(space.encode)(end)), minlength=space.size)
    weight = np.abs(amplitudes(psi, space)) ** 2
    assert fit(counts, weight) > 1e-4
    assert fit(counts, np.sqrt(weight)) < 1e-4


@pytest.mark.parametrize("dtype", [pytest.param("float64", marks=pytest.mark.slow), "complex128"])
def test_a_small_step_is_one_of_imaginary_time(key, dtype):
    """exp(-dt H) ψ seen from the tangent space: the residual is orthogonal to it.  Exact sums, N = 6.

    Law: (1/ψ)(−ΔH ψ) = −ΔO δ + rest, <ΔO^† rest> = 0 with λ = 0 (real parameters: real part).
    """
    hamiltonian, psi = HAMILTONIANS["heisenberg"], machine(key, dtype, scale=0.3)
    n, x = all_states(hamiltonian.space)
    weight = np.abs(amplitudes(psi, hamiltonian.space)) ** 2
    weight = jnp.asarray(weight / weight.sum())
    E = eqx.filter_jit(local_energies)(hamiltonian, psi, n)
    real, imaginary = eqx.filter_jit(jacobian)(psi, x)
    derivatives = log_derivatives(psi, x, weight)
    delta = as_real(params_like(psi, natural_step(derivatives, derivatives.centered(E), 1e-9)))[0]
    weight, E, delta = (np.asarray(a) for a in (weight, E, delta))
    O = np.asarray(real) + (0 if imaginary is None else 1j * np.asarray(imaginary))  # noqa: E741
    centered = O - weight @ O
    rest = E - weight @ E - centered @ delta
    left = np.abs((centered.conj().T @ (weight * rest)).real).max()
    force = np.abs((centered.conj().T @ (weight * (E - weight @ E))).real).max()
    assert left < 1e-5 * force


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_gradient_of_the_energy(key, dtype):
    """2 Re<ΔO^† ΔE> = d<H>/dθ by differentiation of the exact sums, to 1e-8."""
    hamiltonian, psi = HAMILTONIANS["with Y"], machine(key, dtype)
    H, (n, x) = jnp.asarray(dense(hamiltonian)), all_states(hamiltonian.space)
    params, static = eqx.partition(psi, eqx.is_inexact_array)
    theta, form = as_real(params)

    def energy(theta):
        amplitude = jnp.exp(jax.vmap(eqx.combine(from_real(theta, form), static).log_psi)(x))
        amplitude = amplitude.astype(complex)
        return (amplitude.conj() @ (H.astype(complex) @ amplitude)).real / (jnp.abs(amplitude) ** 2).sum()

    weight = np.abs(amplitudes(psi, hamiltonian.space)) ** 2
    weight = weight / weight.sum()
    E = np.asarray(eqx.filter_jit(local_energies)(hamiltonian, psi, n))
    real, imaginary = eqx.filter_jit(jacobian)(psi, x, chunk=10)
    O = np.asarray(real) + (0 if imaginary is None else 1j * np.asarray(imaginary))  # noqa: E741
    force = 2 * (((O - weight @ O).conj() * weight[:, None]).T @ (E - weight @ E)).real
    np.testing.assert_allclose(force, jax.jit(jax.grad(energy))(theta), atol=1e-8)


@pytest.mark.parametrize("ladder", [(1.0, 0.5, 0.2)])
def test_tempered_chains_follow_the_square_of_the_amplitude(key, ladder):
    """Exchange among rungs, chi-square of the first and of the last rung's law; planted: the law of another rung."""
    space, psi = HAMILTONIANS["transverse field"].space, machine(key, scale=0.4)
    sampler = Tempered(Flip(), ladder, samples=4000, chains=4000, sweep=40)
    run = eqx.filter_jit(lambda key, memory: sampler.draw(key, psi, memory, space))
    memory = sampler.init(key, space)
    for k in range(3):
        _, memory = run(jax.random.fold_in(key, k), memory)
    weight = np.abs(amplitudes(psi, space)) ** 2
    for rung in (0, 2):
        counts = np.bincount(np.asarray(jax.vmap(space.encode)(memory[:, rung])), minlength=space.size)
        assert fit(counts, weight ** ladder[rung]) > 1e-4
        assert fit(counts, weight ** ladder[2 - rung]) < 1e-4


def fit(counts, weight):
    """p of chi-square, rare states left out."""
    p = weight / weight.sum()
    big = p * counts.sum() > 5
    return scipy.stats.chisquare(counts[big], p[big] / p[big].sum() * counts[big].sum()).pvalue


def test_full_summation_has_no_noise(key):
    """<H> of a machine by all states is that of the matrix, to round-off, whatever the key."""
    hamiltonian, psi = HAMILTONIANS["heisenberg"], machine(key, "complex128")
    amplitude = amplitudes(psi, hamiltonian.space)
    exact = (amplitude.conj() @ dense(hamiltonian) @ amplitude).real / (np.abs(amplitude) ** 2).sum()
    found = measure(key, hamiltonian, FullSummation(hamiltonian.space), psi)
    np.testing.assert_allclose(found.energy.value, exact, rtol=1e-12)
    assert found.energy.error == 0


@pytest.mark.slow
def test_energy_falls_to_that_of_free_fermions(key):
    """TFIM ring of 12 at h = 1: 1e-3 after 150 steps, and never below by 4 errors of the mean."""
    hamiltonian = transverse_field_ising(hypercubic((12,)))
    psi = RBM(key=key, n_sites=12)
    vmc = VariationalMonteCarlo(hamiltonian, MarkovChains(Flip(), samples=512, chains=512))
    state = vmc.init(key, psi)
    _, diagnostics = block(key, vmc, state, eqx.filter(psi, eqx.is_inexact_array, inverse=True), 150)
    E, error = float(diagnostics.energy[-20:].mean()), float((diagnostics.variance[-20:].mean() / 512 / 20) ** 0.5)
    assert E == pytest.approx(-15.322595151081, rel=1e-3)
    assert E > -15.322595151081 - 4 * error
