# SPDX-License-Identifier: Apache-2.0
"""Fidelities against the vectors themselves, and their symmetry."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.approximation.variational.ensemble import chains, full_summation
from isinglass.approximation.variational.fidelity import fidelity, fidelity_of_neighbors, fidelity_susceptibility
from isinglass.approximation.variational.markov_chain import Flip
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.result import Estimate
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

H = transverse_field_ising(hypercubic((6,)))
FULL, CHAINS = full_summation(H.space), chains(H, Flip(), 2048, 512, warm_up=4)


def machine(key, k, dtype="complex128", scale=0.2):
    return RBM(key=jax.random.fold_in(key, k), n_sites=6, dtype=dtype, scale=scale)


def exact(a, b):
    n = jax.vmap(H.space.decode)(jnp.asarray(H.space.states()))
    va, vb = (np.exp(np.asarray(jax.vmap(psi.log_psi)(H.space.variables(n, float)))) for psi in (a, b))
    return np.abs(va.conj() @ vb) ** 2 / (np.linalg.norm(va) * np.linalg.norm(vb)) ** 2


@pytest.mark.parametrize("dtypes", [("complex128", "complex128"), ("float64", "complex128")])
def test_over_all_states_it_is_that_of_the_vectors(key, dtypes):
    a, b = (machine(key, k, dtype) for k, dtype in enumerate(dtypes))
    found = fidelity(key, FULL, a, b)
    assert found.value == pytest.approx(exact(a, b), abs=1e-12)
    assert found.error == 0
    assert abs(found.value - exact(a, machine(key, 2))) > 1e-3  # planted: another state


@pytest.mark.slow
def test_over_chains_with_its_error(key):
    """Within 5 errors, both ways around."""
    a, b = machine(key, 0), machine(key, 1)
    forth, back = fidelity(key, CHAINS, a, b), fidelity(jax.random.fold_in(key, 9), CHAINS, b, a)
    assert forth.value == pytest.approx(exact(a, b), abs=5 * forth.error)
    assert back.value == pytest.approx(forth.value, abs=5 * np.hypot(forth.error, back.error))
    assert 0 < forth.error < 0.05


@pytest.mark.slow
def test_neighbors_by_draws_of_one(key):
    """b = a + ε (c - a): exact within 5 errors; the error falls as ε², that of the other estimate as ε."""
    a, c = machine(key, 0), machine(key, 1)
    errors = {}
    for epsilon in (0.1, 0.01):
        b = jax.tree.map(lambda p, q, epsilon=epsilon: p + epsilon * (q - p), a, c)
        found = fidelity_of_neighbors(key, CHAINS, a, b)
        assert found.value == pytest.approx(exact(a, b), abs=5 * found.error)
        assert exact(a, b) < 1 - 5 * found.error  # planted: F = 1
        errors[epsilon] = np.array([found.error, fidelity(key, CHAINS, a, b).error])
    order = np.log10(errors[0.1] / errors[0.01])
    np.testing.assert_allclose(order, [2, 1], atol=0.3)


def test_a_factor_changes_nothing(key):
    """b = i a: 1 without error, on chains."""
    a = machine(key, 0)
    small = chains(H, Flip(), 64, 64, warm_up=1)
    found = fidelity(key, small, a, a)
    assert found.value == pytest.approx(1, abs=1e-12)
    assert found.error < 1e-12


def test_susceptibility_of_a_gaussian_fall():
    """F = exp(-χ δ²): χ = 3 from δ = 0.2, and the error of ln F; planted: δ forgotten once."""
    found = fidelity_susceptibility(Estimate(np.exp(-3 * 0.04), 0.001), 0.2)
    assert found.value == pytest.approx(3)
    assert found.error == pytest.approx(0.001 / np.exp(-0.12) / 0.04)
    assert abs(found.value * 0.2 - 3) > 1
