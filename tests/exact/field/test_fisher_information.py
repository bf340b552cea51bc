# SPDX-License-Identifier: Apache-2.0
"""Fisher information against numbers of another program, closed forms, and the scatter of estimates."""

import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.errors import InputError
from isinglass.exact.field.fisher_information import cramer_rao, normal_fisher, spectral_fisher

# A k^-n on L x L, all modes but one: σ(ln A) with n known, both unknown, and σ(n) with A known
BOUNDS = {16: (0.0885615, 0.3313516, 0.1850660, 0.0494632), 32: (0.0442158, 0.2179958, 0.0886222, 0.0179751),
          64: (0.0220998, 0.1368759, 0.0435895, 0.0070379)}  # fmt: skip


@pytest.mark.parametrize("side", BOUNDS)
def test_power_laws_on_a_torus(side):
    n = np.fft.fftfreq(side, 1 / side)
    k = jnp.asarray(np.hypot(n[:, None], n[None]).ravel()[1:])
    F = spectral_fisher(lambda theta: theta[0] - theta[1] * jnp.log(k), [0.3, 2.0])
    found = (F[0, 0] ** -0.5, *cramer_rao(F), F[1, 1] ** -0.5)
    np.testing.assert_allclose(found, BOUNDS[side], rtol=2e-6)
    assert found[0] == pytest.approx(np.sqrt(2 / (side**2 - 1)))


def test_a_straight_line():
    """y = a + b t: (AᵀC⁻¹A)⁻¹ is the covariance of least squares, by hand for two uncorrelated points."""
    t = jnp.array([0.0, 1.0])
    C = np.diag([0.04, 0.09])
    F = normal_fisher(lambda theta: theta[0] + theta[1] * t, [7.0, 3.0], C)
    np.testing.assert_allclose(np.linalg.inv(F), [[0.04, -0.04], [-0.04, 0.13]], rtol=1e-10)
    np.testing.assert_allclose(cramer_rao(F), [0.2, 0.13**0.5], rtol=1e-10)


def test_a_direction_that_changes_nothing_is_refused():
    F = spectral_fisher(lambda theta: (theta[0] + 2 * theta[1]) * jnp.ones(5), [0.0, 0.0])
    with pytest.raises(InputError, match="changes nothing"):
        cramer_rao(F)
