# SPDX-License-Identifier: Apache-2.0
"""The local energy against the matrix: E_loc(n) = (H ψ)_n / ψ_n."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.approximation.exact.exact_diagonalization import dense
from isinglass.approximation.variational.local_energy import local_energies
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import spins
from isinglass.systems.quantum.operator import X, Y, Z
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

HAMILTONIANS = {
    "real": transverse_field_ising(hypercubic((3,)), h=0.7, longitudinal=0.2),
    "complex": Hamiltonian(Y(0) @ Z(1) @ X(2) + 0.3 * Y(2) - 0.1 * Y(0) @ Y(1) + 0.5 * X(1), spins(3)),
}


@pytest.mark.parametrize("name", HAMILTONIANS)
def test_it_is_that_of_the_matrix(key, name):
    """All eight states; a sign of the moves and a conjugate are seen."""
    hamiltonian = HAMILTONIANS[name]
    space, psi = hamiltonian.space, RBM(key=key, n_sites=3, dtype="complex128", scale=0.5)
    n = jax.vmap(space.decode)(jnp.asarray(space.states()))
    amplitude = np.exp(np.asarray(jax.vmap(psi.log_psi)(space.variables(n, float))))
    expected = np.asarray(dense(hamiltonian)) @ amplitude / amplitude
    np.testing.assert_allclose(eqx.filter_jit(local_energies)(hamiltonian, psi, n), expected, atol=1e-12)
