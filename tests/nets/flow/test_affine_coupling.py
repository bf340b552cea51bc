# SPDX-License-Identifier: Apache-2.0
"""One coupling by itself, with a conditioner that is a line of algebra."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from isinglass.nets.flow.affine_coupling import AffineCoupling


class Line(eqx.Module):
    """s' = 0.3 + still, t = 2 still, on a 2 x 2 lattice."""

    shape: tuple[int, ...] = (2, 2)
    parity: int = 0

    def __call__(self, still):
        return (0.3 + still)[:, None], (2 * still)[:, None]


def test_log_determinant_is_that_of_the_jacobian(key):
    """Both ways; the inverse undoes."""
    coupling, z = AffineCoupling(Line()), jax.random.normal(key, (2, 2))
    x, log_det = coupling.forward(z)
    back, log_back = coupling.inverse(x)
    np.testing.assert_allclose(back, z, atol=1e-12)
    for f, at, found in ((coupling.forward, z, log_det), (coupling.inverse, x, log_back)):
        jacobian = jax.jacrev(lambda v, f=f: f(v.reshape(2, 2))[0].ravel())(at.ravel())
        np.testing.assert_allclose(found, jnp.linalg.slogdet(jacobian)[1], atol=1e-12)
        assert abs(found) > 0.1
