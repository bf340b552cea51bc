# SPDX-License-Identifier: Apache-2.0
"""The lifted Hamiltonian against its matrix, and the first excited level of the Ising ring."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.approximation.exact.exact_diagonalization import dense
from isinglass.approximation.variational.ensemble import chains, full_summation, sample
from isinglass.approximation.variational.excited_state import ExcitedState
from isinglass.approximation.variational.markov_chain import Flip
from isinglass.approximation.variational.stochastic_reconfiguration import StochasticReconfiguration
from isinglass.approximation.variational.variational_monte_carlo import optimize
from isinglass.exact.quantum.transverse_field_ising import first_excited_energy, ground_energy
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

N = 6
H = transverse_field_ising(hypercubic((N,)))
FULL = full_summation(H.space)


def amplitudes(psi):
    n = jax.vmap(H.space.decode)(jnp.asarray(H.space.states()))
    amplitude = np.exp(np.asarray(jax.jit(jax.vmap(psi.log_psi))(H.space.variables(n, float))))
    return amplitude / np.linalg.norm(amplitude)


def test_the_projector_is_that_of_the_vectors(key):
    """|φ><φ|ψ>/ψ, state by state, and F; norms of φ and ψ do not matter; planted: <φ| forgotten."""
    psi = RBM(key=key, n_sites=N, dtype="complex128", scale=0.4)
    phi = RBM(key=jax.random.fold_in(key, 1), n_sites=N, scale=0.4)
    method = ExcitedState(H, (phi,), 2.0, FULL)
    local, fidelity = method.lifted(psi, sample(key, FULL, psi)[0], phi, sample(key, FULL, phi)[0])
    a, b = amplitudes(psi), amplitudes(phi)
    np.testing.assert_allclose(local[:, 0], b * (b.conj() @ a) / a, rtol=1e-9)
    assert fidelity == pytest.approx(np.abs(b.conj() @ a) ** 2)
    assert np.abs(np.asarray(local)[:, 0] - b / a).max() > 0.1


@pytest.mark.slow
def test_first_excited_level_of_the_ring(key):
    """TFIM, N = 6, h = 1: a complex machine within 1e-2 of the gap of E_1 = -7.464102, above E_0, orthogonal to φ_0.

    φ_0 is found by the same code with nothing below it.  Planted: without a penalty it falls to E_0.
    """
    E_0, E_1 = ground_energy(N), first_excited_energy(N)
    assert np.linalg.eigvalsh(dense(H))[:2] == pytest.approx([E_0, E_1])  # Pfeuty's levels
    ground = optimize(key, ExcitedState(H, (), 0.0, FULL), RBM(key=key, n_sites=N), 200)
    assert ground.history["energy"][-1] == pytest.approx(E_0, abs=2e-3)
    start = RBM(key=jax.random.key(1), n_sites=N, dtype="complex128", scale=0.3)
    found = optimize(key, ExcitedState(H, (ground.psi,), 2.0, FULL, StochasticReconfiguration(shift=0.003)), start, 300)
    assert found.status == "step limit"
    assert found.history["energy"][-1] == pytest.approx(E_1, abs=0.01 * (E_1 - E_0))
    assert (found.history["energy"] > E_0).all()
    assert found.history["fidelity"][-1] < 1e-3
    free = optimize(key, ExcitedState(H, (ground.psi,), 0.0, FULL), start, 300)
    assert free.history["energy"][-1] < E_1 - 0.5 * (E_1 - E_0)


@pytest.mark.slow
def test_one_step_of_chains_is_that_of_all_states(key):
    """The penalty's part of <H'> from 20,000 draws: fidelity within 0.02, energy within 0.2."""
    psi = RBM(key=key, n_sites=N, dtype="complex128", scale=0.2)
    phi = RBM(key=jax.random.fold_in(key, 1), n_sites=N, scale=0.2)
    found = []
    for source in (FULL, chains(H, Flip(), 20_000, 2000)):
        method = ExcitedState(H, (phi,), 2.0, source)
        found.append(optimize(key, method, psi, 1, block_steps=1).history)
    assert found[0]["fidelity"][0] == pytest.approx(np.abs(amplitudes(phi).conj() @ amplitudes(psi)) ** 2)
    assert found[1]["fidelity"][0] == pytest.approx(float(found[0]["fidelity"][0]), abs=0.02)
    assert found[1]["energy"][0] == pytest.approx(float(found[0]["energy"][0]), abs=0.2)


def test_a_run_that_diverges_says_so(key):
    """A rate of 1e6: the last good block is kept, and the step is named."""
    psi = RBM(key=key, n_sites=N, dtype="complex128", scale=0.2)
    with jax.debug_nans(False):  # noqa: FBT003
        found = optimize(
            key, ExcitedState(H, (), 0.0, FULL, StochasticReconfiguration(1e6, longest=None)), psi, 4, block_steps=2
        )
    assert "diverged" in found.status
    assert bool(jnp.isfinite(found.psi.W).all())
