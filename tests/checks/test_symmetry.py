# SPDX-License-Identifier: Apache-2.0
"""Checks of symmetry and continuity on functions known to have them or not; planted: frames, jumps, orders."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.checks.alarms import SHARES

from isinglass.checks.symmetry import continuity, equivariance, invariance, measured_violation
from isinglass.errors import InputError
from isinglass.nets.classifier.pooled_cnn import PooledCNN
from isinglass.nets.layer.mlp import MLP
from isinglass.symmetry.euclidean import Euclidean
from isinglass.symmetry.gauge import PhaseGauge
from isinglass.symmetry.lattice import Translation
from isinglass.symmetry.permutation import Permutation

X = np.random.default_rng(0).choice(np.array([-1, 1], np.int8), (20, 6, 6))
TRANSLATIONS = [lambda x, s=s: jnp.roll(x, s, axis=(0, 1)) for s in ((1, 0), (0, 1), (2, 3))]


def test_pooled_convolution_holds_translations(key):
    net = PooledCNN(key=key)
    assert invariance(lambda x: net(x)[0], X, TRANSLATIONS, name="translations").verdict == "pass"


def test_a_perceptron_does_not(key):
    net = MLP(key=key, in_shape=(6, 6), out=1)
    assert invariance(lambda x: net(x)[0], X, TRANSLATIONS, name="translations").verdict == "fail"


def test_flip_symmetry_of_the_energy():
    def E(x):
        s = x.astype(float)
        return -(s * (jnp.roll(s, 1, 0) + jnp.roll(s, 1, 1))).sum()

    assert invariance(E, X, [jnp.negative], name="spin flip").verdict == "pass"
    assert invariance(lambda x: E(x) + 0.01 * x.astype(float).sum(), X, [jnp.negative], name="field").verdict == "fail"
    assert jax.vmap(E)(jnp.asarray(X)).shape == (20,)


@SHARES
def test_threshold_is_relative_to_the_largest_value(share, verdict):
    """1e-5 of max |f|, of 1 where f is small; another where asked; only configurations with x_00 = 1 break it."""
    broken = lambda scale, off: lambda x: scale + jnp.where(x[0, 0] == 1, off, 0.0)  # noqa: E731
    judge = lambda f, **k: invariance(f, X, [jnp.negative], name="flip", **k).verdict  # noqa: E731
    assert judge(broken(100.0, share * 1e-3)) == verdict
    assert judge(broken(0.0, share * 1e-5)) == verdict
    assert judge(broken(1.0, share * 0.1), tolerance=0.1 / 1.1) == verdict


RNG = np.random.default_rng(1)
ATOMS = RNG.normal(size=(10, 5, 3))
FIELDS, LINKS, THREE = RNG.normal(size=(5, 6, 6)), RNG.uniform(0, 6.28, (5, 4, 4, 2)), RNG.normal(size=(9, 3))
ABOUT, AROUND = Euclidean(3, translations=False), Translation(((1, 0), (0, 1)))


def vandermonde(x):
    return (x[0] - x[1]) * (x[1] - x[2]) * (x[0] - x[2])


def distances(x):
    i, j = np.triu_indices(x.shape[0], 1)
    return jnp.sqrt(((x[i] - x[j]) ** 2).sum(axis=1))


def energy(x):
    return (1 / distances(x)).sum()


def leaked(x):
    """A Cartesian frame: an energy that knows where z is."""
    return energy(x) + 1e-3 * jnp.std(x[:, 2])


def crossed(x):
    """Jumps where the distance of two atoms passes 2."""
    return energy(x) + jnp.where(distances(x)[0] < 2.0, 0.3, 0.0)


LAWFUL = {
    "an energy": (energy, Euclidean(3), ATOMS, {}),
    "forces": (jax.grad(energy), Euclidean(3), ATOMS, {"output": "vector"}),
    "a virial": (lambda x: (x - x.mean(0)[None]).T @ jax.grad(energy)(x), Euclidean(3), ATOMS, {"output": "tensor"}),
    "exchange": (energy, Permutation(5), ATOMS, {}),
    "several groups": (energy, (Euclidean(3), Permutation(5)), ATOMS, {}),
    "forces, two groups": (jax.grad(energy), (Euclidean(3), Permutation(5)), ATOMS, {"output": ("vector", "same")}),
    "charges": (lambda q, x: q @ x, Permutation(5), (RNG.normal(size=(10, 5)), ATOMS), {"inputs": ("same", "same")}),
    "a torque": (lambda x: jnp.cross(x, 2 * x[::-1]), ABOUT, ATOMS, {"output": "pseudovector"}),
    "NumPy": (lambda x: float(np.linalg.norm(np.asarray(x)[0] - np.asarray(x)[1])), Euclidean(3), ATOMS, {}),
    "a field": (lambda x: x * jnp.roll(x, 1, 0), AROUND, FIELDS, {"output": "same"}),
    "links": (lambda x: jnp.cos(flux(x)), PhaseGauge(), LINKS, {}),
    "fermions": (vandermonde, Permutation(3), THREE, {"output": "sign"}),
}  # fmt: skip
LAWLESS = {
    "a leaked frame": (leaked, Euclidean(3), ATOMS, {}),
    "a jump in a frame": (lambda x: energy(x) + (x[0, 2] > 0) * 1e-2, Euclidean(3), ATOMS, {}),
    "an order": (lambda x: energy(x) + 1e-3 * (x[0] ** 2).sum(), Permutation(5), ATOMS, {}),
    "a force of 1e-3": (lambda x: jax.grad(energy)(x) + 1e-3, Euclidean(3), ATOMS, {"output": "vector"}),
    "reflections": (lambda x: jnp.linalg.det(x[:3] - x[3:4]), Euclidean(3), ATOMS, {}),
    "a vector for an axial one": (lambda x: jnp.cross(x, 2 * x[::-1]), ABOUT, ATOMS, {"output": "vector"}),
    "forces of none": (jax.grad(energy), (Euclidean(3), Permutation(5)), ATOMS, {"output": "vector"}),
    "an edge": (lambda x: x[1:, :].mean(), AROUND, FIELDS, {}),
    "a link": (lambda x: jnp.cos(flux(x)).sum() + 1e-3 * jnp.cos(x[0, 0, 0]), PhaseGauge(), LINKS, {}),
    "bosons": (lambda x: vandermonde(x) ** 2, Permutation(3), THREE, {"output": "sign"}),
}  # fmt: skip


def flux(x):
    one, two = x[..., 0], x[..., 1]
    return one + jnp.roll(two, -1, 0) - jnp.roll(one, -1, 1) - two


@pytest.mark.parametrize("name", LAWFUL)
def test_what_is_lawful_passes(name):
    f, group, x, settings = LAWFUL[name]
    assert equivariance(f, group, x, **settings).verdict == "pass"


@pytest.mark.parametrize("name", LAWLESS)
def test_what_breaks_a_law_by_a_thousandth_fails(name):
    f, group, x, settings = LAWLESS[name]
    assert equivariance(f, group, x, **settings).verdict == "fail"


def test_single_precision_is_told_from_a_violation():
    f = lambda x: energy(x.astype(jnp.float32))  # noqa: E731
    assert equivariance(f, Euclidean(3), ATOMS.astype(np.float32)).verdict == "pass"
    assert equivariance(lambda x: f(x) + 1e-3 * x[0, 0], Euclidean(3), ATOMS.astype(np.float32)).verdict == "fail"


@SHARES
def test_the_tolerance_is_that_of_the_violation(share, verdict):
    """±1 for the two orders of a pair: a violation of 2 a, by a spread of 1."""
    x = np.array([[[0.0], [1.0]], [[2.0], [0.0]], [[1.0], [4.0]], [[6.0], [5.0]]])
    f = lambda x: x.sum() + share * 0.1 * jnp.sign(x[0, 0] - x[1, 0])  # noqa: E731
    found = measured_violation(f, Permutation(2), x)
    assert found.relative == pytest.approx(0.2 * share / found.scale)
    assert equivariance(f, Permutation(2), x, tolerance=0.2 / found.scale).verdict == verdict


UNDECIDED = {
    "noise": (lambda x: energy(jnp.asarray(x)).item() + np.random.default_rng().normal(), "from call to call"),
    "no number": (lambda x: jnp.log(x[0, 0]), "not finite"),
    "chaos": (lambda x: jnp.sin(1e14 * energy(x)), "last digit"),
}


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_says_nothing_is_unknown(name):
    f, words = UNDECIDED[name]
    with jax.debug_nans(False):  # noqa: FBT003
        found = equivariance(f, Euclidean(3), ATOMS)
    assert found.verdict == "unknown"
    assert words in found.law


def test_arguments_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="an action for each argument"):
        equivariance(energy, Euclidean(3), ATOMS, inputs=("same", "scalar"))
    with pytest.raises(InputError, match="an action for each argument"):
        equivariance(energy, Euclidean(3), ATOMS[:0])
    with pytest.raises(InputError, match="two configurations"):
        continuity(energy, ATOMS[:1])


def test_a_cutoff_that_jumps_is_seen_though_it_is_invariant():
    """A step of 0.3 at a distance of 2, and one of 1e-3; smooth ones pass, steep ones too."""
    assert equivariance(crossed, Euclidean(3), ATOMS).verdict == "pass"
    assert continuity(crossed, ATOMS).verdict == "fail"
    assert continuity(energy, ATOMS).verdict == "pass"
    steep = lambda x: jnp.tanh(300 * (distances(x)[0] - 2.0))  # noqa: E731
    assert continuity(steep, ATOMS).verdict == "pass"
    flat = lambda x: jnp.where(distances(x)[0] < 2.0, 1.0, 1.0 - 3e-4)  # noqa: E731
    assert continuity(lambda x: jnp.tanh(x[0, 0]) * 1e-1 + flat(x), ATOMS, points=4000).verdict == "fail"
