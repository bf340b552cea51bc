# SPDX-License-Identifier: Apache-2.0
"""The periodic network: brute-force convolution, exact translation and spin-flip invariance, any lattice."""

from itertools import product

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.nets.classifier.periodic_cnn import PeriodicCNN
from isinglass.nets.layer.encode import Encoded, Encoding
from isinglass.nets.layer.periodic_conv import PeriodicConv, convolve_by_matmul, convolve_by_xla
from isinglass.nets.layer.symmetrized import Symmetrized, negate, symmetry_violation

CASES = [
    ((5,), 1, 4, 3),
    ((7,), 6, 4, 5),
    ((4, 6), 1, 5, 3),
    ((5, 4), 6, 3, 3),
    ((4, 3), 3, 2, 2),
    ((3, 4, 5), 4, 3, 3),
]


def brute_force(weight, x):
    """y(r) = sum_a W(a) x(r + a - c), site by site."""
    *kernel, _, m = weight.shape
    lattice = x.shape[:-1]
    y = np.zeros((*lattice, m))
    for r in product(*(range(n) for n in lattice)):
        for a in product(*(range(k) for k in kernel)):
            site = tuple((i + b - k // 2) % n for i, b, k, n in zip(r, a, kernel, lattice, strict=True))
            y[r] += x[site] @ weight[a]
    return y


@pytest.mark.parametrize("convolve", [convolve_by_matmul, convolve_by_xla])
@pytest.mark.parametrize(("lattice", "n", "m", "k"), CASES)
def test_convolution_is_the_sum_over_neighbors(convolve, lattice, n, m, k):
    rng = np.random.default_rng(0)
    weight, x = rng.normal(size=(k,) * len(lattice) + (n, m)), rng.normal(size=(*lattice, n))
    y = jax.jit(convolve)(jnp.asarray(weight), jnp.asarray(x))
    assert np.abs(y - brute_force(weight, x)).max() < 1e-12
    assert np.abs(y - brute_force(weight[::-1], x)).max() > 1e-2  # planted: the kernel reversed


@pytest.mark.parametrize(("n", "m"), [(1, 4), (6, 4)])
def test_gradients_agree_with_the_compilers(key, n, m):
    weight, x, g = (
        jax.random.normal(k, shape)
        for k, shape in zip(jax.random.split(key, 3), [(3, 3, n, m), (4, 6, n), (4, 6, m)], strict=True)
    )
    gradients = [
        jax.jit(jax.grad(lambda w, x, f=f: (f(w, x) * g).sum(), argnums=(0, 1)))(weight, x)
        for f in (convolve_by_matmul, convolve_by_xla)
    ]
    for ours, compilers in zip(*gradients, strict=True):
        assert np.abs(ours - compilers).max() < 1e-12


class ZeroPadded(eqx.Module):
    """The planted error: a convolution that sees walls."""

    weight: jax.Array

    def __call__(self, x):
        padded = jnp.pad(x, ((1, 1), (1, 1), (0, 0)))[None]
        return jax.lax.conv_general_dilated(
            padded, self.weight, (1, 1), "VALID", dimension_numbers=("NXYC", "XYIO", "NXYC")
        )[0]


def translations(dimension):
    return [lambda x, axis=axis: jnp.roll(x, 1, axis) for axis in range(-dimension, 0)]


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_translation_invariance(key, dimension):
    net = PeriodicCNN(key=key, dimension=dimension, channels=(4, 4), out=2, dtype="float64")
    for lattice in [(4,) * dimension, (5,) * dimension]:  # the same weights on two lattices
        x = jax.random.rademacher(key, (10, *lattice), jnp.int8)
        assert symmetry_violation(net, x, translations(dimension)) < 1e-13


def test_a_convolution_with_walls_is_caught(key):
    net = PeriodicCNN(key=key, channels=(8, 8), out=2)
    walls = eqx.tree_at(lambda n: n.convolutions[1], net, ZeroPadded(net.convolutions[1].weight))
    x = jax.random.rademacher(key, (10, 6, 6), jnp.int8)
    assert symmetry_violation(walls, x, translations(2)) > 1e-3
    flat = PeriodicCNN(key=key, channels=(8,), out=2, pool=None, lattice=(6, 6))  # sees places, by design
    assert symmetry_violation(flat, x, translations(2)) > 1e-3


def test_spin_flip_symmetry(key):
    plain = PeriodicCNN(key=key, channels=(8,), out=2)
    x = jax.random.rademacher(key, (10, 6, 6), jnp.int8)
    assert symmetry_violation(Symmetrized(plain), x, [negate]) < 1e-6
    assert symmetry_violation(plain, x, [negate]) > 1e-3  # planted: without the group average


def test_encodings(key):
    potts = Encoding("potts", 3)(jnp.asarray([[0, 1], [2, 1]], jnp.int8))
    assert potts.shape == (3, 2, 2)
    assert np.array_equal(potts.argmax(axis=0), [[0, 1], [2, 1]])
    x = jnp.linspace(0.0, 3.0, 4)
    angle = Encoding("angle")
    assert np.allclose(angle(x), angle(x + 2 * jnp.pi), atol=1e-6)
    assert np.allclose(angle(x)[1], np.sin(x))
    links = jax.random.rademacher(key, (4, 4, 2), jnp.int8)
    assert np.array_equal(Encoding("links", 2)(links)[1], links[:, :, 1])
    assert Encoding()(links[:, :, 0]).shape == (1, 4, 4)
    net = Encoded(PeriodicCNN(key=key, in_channels=2, channels=(4,), out=2), Encoding("links", 2))
    assert eqx.filter_jit(net)(links).shape == (2,)
    with pytest.raises(ValueError, match="states >= 2"):
        Encoding("potts")


def test_initial_variance_is_kept(key):
    """He initialization: E y^2 = 2 E x^2; 1 % resolution over 4e5 numbers."""
    conv = PeriodicConv(2, 64, 64, key=key, dtype="float64")
    x = jax.random.normal(key, (80, 80, 64))
    assert abs(float((eqx.filter_jit(conv)(x) ** 2).mean()) - 2) < 0.05
