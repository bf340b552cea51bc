# SPDX-License-Identifier: Apache-2.0
"""One law, every row of the table of priors: the network holds it on random weights, a perceptron does not."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.checks.symmetry import equivariance
from isinglass.errors import InputError
from isinglass.nets.layer.mlp import MLP
from isinglass.nets.prior.graph_network import GraphNetwork
from isinglass.nets.prior.group_cnn import GroupCNN, quotients, signed_permutations
from isinglass.nets.prior.plaquette_net import plaquettes
from isinglass.nets.prior.table import PRIORS, net_for, table_of_priors
from isinglass.run.model_file import load_model, save_model
from isinglass.symmetry.euclidean import Euclidean
from isinglass.symmetry.gauge import PhaseGauge, SignGauge
from isinglass.symmetry.lattice import PointGroup, Translation, unit_steps
from isinglass.symmetry.law import EnergyConservation, Normalization
from isinglass.symmetry.permutation import Permutation
from isinglass.symmetry.symplectic import gauss_step, symplectic_violation
from isinglass.systems.field.u1 import U1Gauge

GROUPS = {
    "translation": (Translation(unit_steps(2)), (5, 6), "scalar"),
    "translation, 1d": (Translation(unit_steps(1)), (8,), "scalar"),
    "permutation": (Permutation(4), (4, 2), "scalar"),
    "permutation, rows": (Permutation(4), (4, 2), "same"),
    "antisymmetry": (Permutation(3), (3, 2), "sign"),
    "rotation": (Euclidean(3), (4, 3), "scalar"),
    "rotation, vectors": (Euclidean(2), (4, 2), "vector"),
    "point group": (PointGroup((5, 5)), (5, 5), "scalar"),
    "point group, field": (PointGroup((6, 6)), (6, 6), "same"),
    "point group, vectors": (PointGroup((5, 5)), (5, 5), "vector"),
    "point group, cube": (PointGroup((3, 3, 3)), (3, 3, 3), "scalar"),
    "gauge": (PhaseGauge(), (4, 4, 2), "scalar"),
    "gauge, signs": (SignGauge(), (4, 4, 2), "scalar"),
}


def examples(name, n=6):
    """Random x of each kind."""
    group, shape, _ = GROUPS[name]
    rng = np.random.default_rng(0)
    if isinstance(group, PhaseGauge):
        return rng.uniform(0, 2 * np.pi, (n, *shape)).astype(np.float32)
    return (
        rng.choice([-1.0, 1.0], (n, *shape)) if isinstance(group, SignGauge) else rng.normal(size=(n, *shape))
    ).astype(np.float32)


@pytest.mark.parametrize("name", GROUPS)
def test_the_network_holds_the_symmetry(name, key, tmp_path):
    group, shape, output = GROUPS[name]
    net, x = net_for(key, group, shape, output=output, width=8), examples(name)
    check = equivariance(net, group, x, output=output)
    assert check.verdict == "pass", check
    y = np.asarray(jax.vmap(net)(jnp.asarray(x)))
    assert np.std(y) > 1e-3 * np.abs(y).max()  # a constant would hold everything
    save_model(tmp_path, net)
    assert np.array_equal(load_model(tmp_path)(jnp.asarray(x[0])), net(jnp.asarray(x[0])))


@pytest.mark.parametrize("name", GROUPS)
def test_a_perceptron_does_not(name, key):
    group, shape, output = GROUPS[name]
    out = {"scalar": (1,), "sign": (1,), "vector": shape if name.startswith("rotation") else (*shape, len(shape)),
           "same": (*shape, 1) if name.startswith("point") else (shape[0], 1)}[output]  # fmt: skip
    net = MLP(key=key, in_shape=shape, out=int(np.prod(out)), hidden=(16,), activation="silu")
    check = equivariance(lambda x: net(x).reshape(out), group, examples(name), output=output)
    assert check.verdict == "fail"


def test_a_group_convolution_also_commutes_with_translations(key):
    net = GroupCNN(key=key, output="same", features=2)
    x = np.random.default_rng(0).normal(size=(3, 5, 5)).astype(np.float32)
    assert equivariance(net, Translation(unit_steps(2)), x, output="same").verdict == "pass"


def test_the_point_group_of_a_square_and_a_cube():
    assert len(signed_permutations(2)) == 8
    assert len(signed_permutations(3)) == 48
    g = signed_permutations(2)
    assert np.array_equal(g[0], np.eye(2))
    assert all(np.array_equal(g[quotients(2)[a, b]], g[a].T @ g[b]) for a in range(8) for b in range(8))
    with pytest.raises(ValueError, match="an odd kernel"):
        GroupCNN(key=jax.random.key(0), kernel=4)


def test_bonds_of_a_graph_follow_the_permutation(key):
    net, rng = GraphNetwork(key=key, entries=2, bonds=True, hidden=8), np.random.default_rng(0)
    A = rng.integers(0, 2, (6, 5, 5)) * 1.0
    A = np.triu(A, 1) + np.triu(A, 1).swapaxes(1, 2)
    x = rng.normal(size=(6, 5, 2))
    settings = {"inputs": ("same", "pair")}
    assert equivariance(net, Permutation(5), (x, A), **settings).verdict == "pass"
    blind = lambda x, A: net(x, A) + A[0, 1].astype(jnp.float32)  # noqa: E731
    assert equivariance(blind, Permutation(5), (x, A), **settings).verdict == "fail"


def test_fermions_at_one_place_have_no_amplitude(key):
    net = net_for(key, Permutation(3), (3, 2), output="sign", width=8)
    x = jnp.asarray(np.random.default_rng(0).normal(size=(3, 2)))
    assert abs(float(net(x.at[1].set(x[0]))[0])) < 1e-6 < abs(float(net(x)[0]))


def test_plaquettes_are_those_of_the_gauge_theory():
    x = U1Gauge((3, 4), beta=1.0).random_configuration(jax.random.key(0))
    found = plaquettes(x, "phase")
    assert np.allclose(found[0], np.cos(U1Gauge((3, 4), beta=1.0).flux(x)))
    assert np.allclose(found[1], np.sin(U1Gauge((3, 4), beta=1.0).flux(x)))


def test_energy_conservation_gives_a_symplectic_flow(key):
    for velocities in (False, True):
        net = net_for(key, EnergyConservation(2, velocities), width=8)
        y = jnp.array([0.3, -0.1, 0.5, 0.2])
        assert abs(float(jax.grad(net.energy)(y) @ net(y))) < 1e-12
    net = net_for(key, EnergyConservation(2), width=8)
    assert symplectic_violation(lambda y: gauss_step(net, y, 0.1), y) < 1e-9


def test_normalization_gives_a_density(key):
    """∫ q = 1 on a grid of 200² over ±8."""
    net = net_for(key, Normalization(), (2,), width=8)
    s = np.linspace(-8, 8, 200, dtype=np.float32)
    grid = jnp.asarray(np.stack(np.meshgrid(s, s), axis=-1).reshape(-1, 2))
    total = float(jnp.exp(jax.vmap(net.log_prob)(grid)).sum()) * float(s[1] - s[0]) ** 2
    assert total == pytest.approx(1.0, abs=1e-3)


def test_what_the_table_does_not_hold_is_refused(key):
    with pytest.raises(InputError, match="augmented"):
        net_for(key, "rotation")
    with pytest.raises(InputError, match="output among scalar, vector for Euclidean"):
        net_for(key, Euclidean(3), (4, 3), output="tensor")


def test_the_table_is_visible():
    text = table_of_priors()
    assert len(text.splitlines()) == len(PRIORS) + 1
    assert all(row.network in text for row in PRIORS)
    kinds = {kind for row in PRIORS for kind in row.kinds}
    assert {type(group) for group, _, _ in GROUPS.values()} | {EnergyConservation, Normalization} == kinds
