# SPDX-License-Identifier: Apache-2.0
"""Every mechanical system: equations by hand, conservation laws, simulated motions against the closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.errors import InputError
from isinglass.exact.mechanics import kepler, springs, three_bodies
from isinglass.systems.mechanics.gravity import GravitatingBodies, KeplerProblem
from isinglass.systems.mechanics.mechanics import simulated
from isinglass.systems.mechanics.pendulum import Pendulum
from isinglass.systems.mechanics.spring_chain import SpringChain
from isinglass.systems.mechanics.trajectories import Trajectories

ALL = {
    "pendulum": Pendulum(),
    "springs": SpringChain(3, 2.0),
    "kepler": KeplerProblem(0.5),
    "two": GravitatingBodies(2),
    "three": GravitatingBodies(3, 0.01),
}
KEY = jax.random.key(3)


@pytest.fixture(params=ALL)
def system(request):
    return ALL[request.param]


def test_the_energy_is_conserved_by_the_field_and_by_what_is_simulated(system):
    """∇H · f = 0, and E constant to 1e-9 over two periods; planted: a force of the wrong sign."""
    data = simulated(KEY, system, 3, np.linspace(0.0, 2 * system.time_scale, 41))
    H = jax.vmap(jax.vmap(system.hamiltonian))
    E = np.asarray(H(jnp.asarray(data.y)))
    assert np.ptp(E, axis=1).max() < 1e-9 * np.abs(E).max()
    y = jnp.asarray(data.y[:, 5])
    assert data.rate is not None
    along = (jax.vmap(jax.grad(system.hamiltonian))(y) * jnp.asarray(data.rate[:, 5])).sum(axis=1)
    assert np.abs(along).max() < 1e-10
    flipped = data.rate[:, 5] * np.repeat([1, -1], system.degrees)
    assert np.abs((jax.vmap(jax.grad(system.hamiltonian))(y) * jnp.asarray(flipped)).sum(axis=1)).max() > 1e-3


def test_derivatives_are_those_of_the_motion(system):
    data = simulated(KEY, system, 2, np.linspace(0.0, 0.02, 21))
    assert data.rate is not None
    slope = (data.y[:, 11] - data.y[:, 9]) / (data.t[11] - data.t[9])
    assert np.abs(slope - data.rate[:, 10]).max() < 1e-4 * np.abs(data.rate).max()


def test_the_pendulum_falls():
    assert np.allclose(Pendulum().vector_field(0.0, jnp.array([0.5, 0.2])), [0.2, -np.sin(0.5)])


def test_springs_follow_their_modes():
    system, t = ALL["springs"], np.linspace(0.0, 5.0, 11)
    data = simulated(KEY, system, 2, t)
    for y in data.y:
        assert np.abs(y - springs.motion(t, y[0], 2.0)).max() < 1e-10


def test_kepler_keeps_all_its_invariants():
    system = KeplerProblem(0.5)
    data = simulated(KEY, system, 20, np.linspace(0.0, 2 * np.pi, 9), 20)
    E, L, e = kepler.invariants(data.y)
    assert np.allclose(E, -0.5, atol=1e-9)
    assert max(np.ptp(L, axis=1).max(), np.ptp(e, axis=1).max()) < 1e-8
    assert np.abs(data.y[:, -1] - data.y[:, 0]).max() < 1e-7
    size = np.linalg.norm(e[:, 0], axis=-1)
    assert 0 < size.min() < 0.2 < 0.4 < size.max() < 0.5


def test_two_bodies_are_keplers_problem():
    """r = q_1 - q_2 follows r'' = -2 r/r³: an ellipse of a = 1 with μ = 2."""
    data = simulated(KEY, GravitatingBodies(2, 0.3), 5, np.linspace(0.0, 3.0, 7))
    q, p = data.y[..., :4].reshape(5, 7, 2, 2), data.y[..., 4:].reshape(5, 7, 2, 2)
    relative = np.concatenate([q[..., 0, :] - q[..., 1, :], p[..., 0, :] - p[..., 1, :]], axis=-1)
    assert np.allclose(kepler.invariants(relative, 2.0).energy, -1.0, atol=1e-9)
    assert np.abs(p.sum(axis=2)).max() < 1e-12


def test_the_figure_eight_has_its_energy():
    system = GravitatingBodies(3)
    assert float(system.hamiltonian(jnp.asarray(three_bodies.figure_eight()))) == pytest.approx(
        -1.2871419918, abs=1e-10
    )


def test_swings_reach_to_the_amplitude():
    system = Pendulum(2.0)
    y = jax.vmap(system.random_state)(jax.random.split(KEY, 2000))
    top = np.arccos(-np.asarray(jax.vmap(system.hamiltonian)(y)))
    assert 1.9 < top.max() < 2.0
    assert abs(float(y[:, 0].mean())) < 0.1


REFUSED = {
    "another shape": (lambda: Trajectories(np.arange(5.0), np.zeros((2, 4, 2))), "q and p at every time"),
    "q alone": (lambda: Trajectories(np.arange(5.0), np.zeros((2, 5, 3))), "2d"),
    "times": (lambda: Trajectories(np.array([0.0, 2.0, 1.0]), np.zeros((3, 2))), "ascend"),
    "NaN": (lambda: Trajectories(np.arange(3.0), np.full((3, 2), np.nan)), "6 that are not"),
    "angles": (lambda: Trajectories(np.arange(3.0), np.zeros((3, 2)), angles=(1,)), "angles among 0 ... 0"),
    "bodies": (lambda: Trajectories(np.arange(3.0), np.zeros((3, 6)), bodies=2), "2 bodies for 3 coordinates"),
    "over the top": (lambda: Pendulum(4.0), "between 0 and 3.14"),
    "a hyperbola": (lambda: KeplerProblem(1.0), "below 1"),
    "four bodies": (lambda: GravitatingBodies(4), "2 or 3"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_motion_is_refused_in_one_line(name):
    made, words = REFUSED[name]
    with pytest.raises(InputError, match=words) as found:
        made()
    assert "\n" not in str(found.value)


def test_pieces_are_the_same_motion():
    data = simulated(KEY, Pendulum(), 2, np.linspace(0.0, 5.0, 20))
    cut = data.in_pieces(3)
    assert cut.y.shape == (6, 6, 2)
    assert np.array_equal(cut.y[1], data.y[0, 6:12])
    assert np.array_equal(data.rows(np.array([1])).y[0], data.y[1])
