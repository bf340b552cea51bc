# SPDX-License-Identifier: Apache-2.0
"""Waves of a distance by addition of angles: NumPy's sines, and derivatives by its cosines, to the third order."""

import jax
import jax.numpy as jnp
import numpy as np

from isinglass.nets.equivariant.radial import BesselBasis, envelope, multiple_angles

X = np.linspace(0.01, 3.3, 60).reshape(3, 20)
K = np.arange(1, 9)


def test_sines_and_cosines_of_all_multiples():
    sines, cosines = multiple_angles(jnp.asarray(X), 8)
    np.testing.assert_allclose(sines, np.sin(np.multiply.outer(K, X)), atol=1e-14)
    np.testing.assert_allclose(cosines, np.cos(np.multiply.outer(K, X)), atol=1e-14)
    single, _ = multiple_angles(jnp.asarray(X, jnp.float32), 8)
    np.testing.assert_allclose(single, np.sin(np.multiply.outer(K, X)), atol=5e-6)


def test_derivatives_are_multiples_of_the_others():
    """Backward, forward over backward, and of the third order: k cos kx, -k² sin kx, -k³ cos kx."""
    one = lambda k: lambda x: multiple_angles(x, 8)[0][k - 1]  # noqa: E731
    for k in (1, 3, 8):
        first = jax.grad(one(k))
        second = jax.jacfwd(first)
        third = jax.grad(second)
        for x in jnp.asarray([0.2, 1.7, 3.0]):
            found = [float(f(x)) for f in (first, second, third)]
            np.testing.assert_allclose(found, [k * np.cos(k * x), -(k**2) * np.sin(k * x), -(k**3) * np.cos(k * x)],
                                       atol=1e-11)  # fmt: skip


def test_bessel_waves_are_those_of_the_definition():
    """√(2/c) sin(kπd/c)/d f(d/c), neighbors first or last; 0 from the cutoff on."""
    d = jnp.asarray(1.0 + X)
    basis = BesselBasis(4.0, 8)
    expected = np.sqrt(0.5) * np.sin(np.multiply.outer(d, K * np.pi / 4)) * (envelope(d / 4, 5) / d)[..., None]
    np.testing.assert_allclose(basis(d), expected, atol=1e-14)
    np.testing.assert_allclose(basis.waves(d), np.moveaxis(expected, -1, 0), atol=1e-14)
    assert not np.any(basis(jnp.asarray([4.0, 5.0])))
