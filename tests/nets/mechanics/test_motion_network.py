# SPDX-License-Identifier: Apache-2.0
"""Networks that are a motion: what each conserves whatever its weights, units, angles; a Lagrangian known by hand."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.nets.mechanics.motion_network import LagrangianNetwork, motion_network
from isinglass.nets.mechanics.phase_space import PhaseSpace, phase_space
from isinglass.run.model_file import load_model, save_model
from isinglass.symmetry.symplectic import gauss_step, symplectic_violation

SPACE = PhaseSpace((0.1, -0.2, 0.0, 0.0), (1.5, 1.5, 0.7, 0.7), 2.0)
WORDS = ("hamiltonian", "lagrangian", "plain")


@pytest.fixture(params=WORDS)
def net(request, key):
    return motion_network(key, request.param, SPACE, (16, 16))


def test_what_has_an_energy_conserves_it(net):
    """∇E · f = 0 at random states; the plain network has none."""
    y = jax.random.normal(jax.random.key(1), (20, 4))
    if net.energy(y[0]) is None:
        assert type(net).__name__ == "PlainMotion"
        return
    f, slope = jax.vmap(net)(y), jax.vmap(jax.grad(net.energy))(y)
    assert np.abs((f * slope).sum(axis=1)).max() < 1e-12
    planted = f * jnp.array([1.0, 1.0, 1.01, 1.01])[None]
    assert np.abs((planted * slope).sum(axis=1)).max() > 1e-5


def test_hamiltonian_flow_is_symplectic_and_a_plain_one_is_not(key):
    violation = [symplectic_violation(lambda y, net=motion_network(key, word, SPACE, (16, 16)): gauss_step(net, y, 0.1),
                                      jnp.ones(4)) for word in ("hamiltonian", "plain")]  # fmt: skip
    assert violation[0] < 1e-10
    assert violation[1] > 1e-4


def test_a_lagrangian_of_a_known_system(key):
    """L = v²/2 - q²/2 + ½ q v² has the equation a = (-q - v²/2)/(1 + q)."""

    class Known(eqx.Module):
        space: PhaseSpace

        def __call__(self, z):
            q, v = z
            return jnp.stack([-(q**2) / 2 + q * v**2 / 2])

    space = PhaseSpace((0.0, 0.0), (1.0, 1.0), 1.0)
    net = eqx.tree_at(lambda n: n.net, LagrangianNetwork(key=key, space=space), Known(space))
    q, v = 0.3, 0.7
    assert np.allclose(net(jnp.array([q, v])), [v, (-q - v**2 / 2) / (1 + q)])
    assert np.allclose(net.energy(jnp.array([q, v])), v**2 / 2 + q * v**2 / 2 + q**2 / 2)


def test_angles_are_turned_without_change(key):
    space = PhaseSpace((0.0, 0.0), (1.0, 1.0), 1.0, angles=(0,))
    for word in WORDS:
        net = motion_network(key, word, space, (8,))
        assert np.allclose(net(jnp.array([0.4, 0.2])), net(jnp.array([0.4 + 2 * np.pi, 0.2])))
    other = motion_network(key, "plain", PhaseSpace((0.0, 0.0), (1.0, 1.0), 1.0), (8,))
    assert not np.allclose(other(jnp.array([0.4, 0.2])), other(jnp.array([0.4 + 2 * np.pi, 0.2])))


BODIES = {
    "kepler": PhaseSpace((0.0,) * 4, (1.2,) * 2 + (0.8,) * 2, 1.0, isotropic=True),
    "two": PhaseSpace((0.0,) * 8, (0.7,) * 8, 1.0, bodies=2),
    "three": PhaseSpace((0.0,) * 12, (0.7,) * 12, 1.0, bodies=3, isotropic=True),
}


def momenta(y):
    """Total momentum, and angular momentum about the origin."""
    q, p = (a.reshape(-1, 2) for a in jnp.split(y, 2))
    return p.sum(axis=0), (q[:, 0] * p[:, 1] - q[:, 1] * p[:, 0]).sum()


@pytest.mark.parametrize("name", BODIES)
def test_what_does_not_matter_is_conserved(name, key):
    """Noether: differences conserve the momentum, products the angular momentum; else not."""
    space = BODIES[name]
    y = jax.random.normal(jax.random.key(2), (2 * space.degrees,))
    for word in ("hamiltonian", "lagrangian"):
        net = motion_network(key, word, space, (8, 8))
        assert np.abs(jax.grad(net.energy)(y) @ net(y)) < 1e-11
    change = lambda word: jax.jvp(momenta, (y,), (motion_network(key, word, space, (8, 8))(y),))[1]  # noqa: E731
    total, angular = change("hamiltonian")
    assert (np.abs(total).max() < 1e-12) == (space.bodies > 1)
    assert (abs(float(angular)) < 1e-12) == space.isotropic
    total, angular = change("plain")
    assert min(np.abs(total).max(), abs(float(angular))) > 1e-3


def test_units_are_those_of_the_data():
    """q, p and t in other units: the same up to these."""
    rng = np.random.default_rng(0)
    y, rate = rng.normal(size=(2, 500, 2))
    one = phase_space(y, rate)
    scale = np.array([[1e3, 1e-2]])
    other = phase_space(y * scale, rate * scale / 7)
    assert np.allclose(np.divide(other.width, one.width), scale[0])
    assert other.time == pytest.approx(7 * one.time)
    assert other.energy == pytest.approx(one.energy * 10 / 7)


def test_it_is_saved_and_loaded(net, tmp_path):
    save_model(tmp_path, net)
    y = jnp.array([0.1, 0.2, 0.3, 0.4])
    assert np.array_equal(load_model(tmp_path)(y), net(y))
