# SPDX-License-Identifier: Apache-2.0
"""The equation of motion against least squares and exponentials of matrices; order, conservation, bound."""

import itertools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg

from isinglass.approximation.exact.exact_diagonalization import dense
from isinglass.approximation.variational.ensemble import chains, full_summation, orbits
from isinglass.approximation.variational.log_derivatives import jacobian
from isinglass.approximation.variational.markov_chain import Flip
from isinglass.approximation.variational.time_dependent import TimeDependent, evolve, velocity
from isinglass.checks.dynamics import energy_is_conserved, follows
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState, PlainWalker
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.nets.wavefunction.symmetric_rbm import SymmetricRBM
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import spins
from isinglass.systems.quantum.operator import X, Y, Z
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

H = Hamiltonian(-Z(0) @ Z(1) - Z(1) @ Z(2) - 0.7 * (X(0) + X(1) + X(2)) + 0.4 * Y(0), spins(3))
FULL = full_summation(H.space)
RING = transverse_field_ising(hypercubic((4,)), 0.8)
EVERY = np.array(list(itertools.permutations(range(4))))
TURNS = np.array([np.roll(np.arange(4), k) for k in range(4)])


solve = eqx.filter_jit(velocity)


class Table(AbstractQuantumState):
    """Ln ψ of each state of three spins is a parameter: it spans the space."""

    values: jax.Array

    def log_psi(self, x):
        code = ((1 - x) / 2) @ jnp.array([1.0, 2.0, 4.0])
        return self.values[code.astype(int)]

    def walker(self):
        return PlainWalker(self)


@pytest.fixture
def table(key):
    return Table(0.3 * jax.random.normal(key, (8,), complex))


def vector(psi, n_sites):
    states = jnp.asarray(1.0 - 2 * ((np.arange(2**n_sites)[:, None] >> np.arange(n_sites)) & 1))
    amplitude = np.exp(np.asarray(jax.jit(jax.vmap(psi.log_psi))(states)))
    return amplitude / np.linalg.norm(amplitude)


def infidelity(a, b):
    return 1 - np.abs(a.conj() @ b) ** 2 / (np.linalg.norm(a) * np.linalg.norm(b)) ** 2


@pytest.mark.parametrize(("imaginary", "z"), [(False, -1j), (True, -1)])
def test_an_ansatz_that_spans_the_space_is_exact(key, table, imaginary, z):
    """exp(zHt) ψ by scipy, t = 0.4: infidelity below 1e-9; planted: time runs the other way."""
    method = TimeDependent(H, FULL, imaginary=imaginary)
    found = evolve(key, method, table, np.linspace(0, 0.4, 21), {"X": Hamiltonian(X(1), H.space)})
    start, end = vector(table, 3), vector(found.psi, 3)
    matrix = dense(H)
    exact = scipy.linalg.expm(z * 0.4 * matrix) @ start
    assert infidelity(exact, end) < 1e-9
    assert infidelity(scipy.linalg.expm(-z * 0.4 * matrix) @ start, end) > 1e-2
    exact /= np.linalg.norm(exact)
    assert found.observables["X"][-1] == pytest.approx((exact.conj() @ dense(Hamiltonian(X(1), H.space)) @ exact).real)
    assert found.motion.energy[-1] == pytest.approx((exact.conj() @ matrix @ exact).real, abs=1e-5)
    assert found.motion.residual.max() < 1e-10
    drift = np.ptp(np.asarray(found.motion.energy))
    assert drift > 0.1 if imaginary else drift < 1e-5


@pytest.mark.parametrize(("solver", "order"), [("heun", 2), ("rk4", 4)])
def test_order_of_the_steps(key, table, solver, order):
    """Distance from the exact state falls as dt^order when dt is halved: slope within 0.4."""
    exact = scipy.linalg.expm(-1j * dense(H)) @ vector(table, 3)
    distance = []
    for steps in (20, 40):
        found = evolve(key, TimeDependent(H, FULL, solver=solver), table, np.linspace(0, 1, steps + 1))
        distance.append(infidelity(exact, vector(found.psi, 3)) ** 0.5)
    assert np.log2(distance[0] / distance[1]) == pytest.approx(order, abs=0.4)


def test_velocity_is_a_least_squares_solution(key):
    """Random O and rates, with weights, complex and real, against numpy.linalg.lstsq; planted: equal weights."""
    keys = jax.random.split(key, 4)
    real, imaginary = jax.random.normal(keys[0], (2, 30, 5))
    rate = jax.random.normal(keys[1], (30,), complex)
    weights = jax.nn.softmax(jax.random.normal(keys[2], (30,)))
    rate = rate - weights.astype(complex) @ rate
    w, root = np.asarray(weights), np.sqrt(np.asarray(weights))
    for part in (imaginary, None):
        rows = [np.asarray(a) for a in (real, part) if a is not None]
        A = np.concatenate([root[:, None] * (a - w @ a) for a in rows])
        e = np.concatenate([root * np.asarray(r) for r in (rate.real, rate.imag)])
        padded = np.concatenate([A, np.zeros((60 - len(A), 5))])  # a real ψ cannot turn its phase
        expected, (missed,) = np.linalg.lstsq(padded, e)[:2]
        found, residual = solve(real, part, rate, weights, 30, cutoff=1e-12)
        np.testing.assert_allclose(found, expected, rtol=1e-9)
        assert residual == pytest.approx(missed / (e @ e), rel=1e-9)
    equal, _ = solve(real, imaginary, rate, jnp.full(30, 1 / 30), 30, cutoff=1e-12)
    assert np.abs(np.asarray(equal) - expected).max() > 0.01


def test_weak_signals_are_left_out(key):
    """Pure noise moves nothing much; a force of 100 errors is kept to 1 %."""
    keys = jax.random.split(key, 2)
    O = jax.random.normal(keys[0], (4000, 2))  # noqa: E741
    rate = (O[:, 0] + 0.01 * jax.random.normal(keys[1], (4000,))).astype(complex)
    weights = jnp.full(4000, 1 / 4000)
    rate = rate - rate.mean()
    found, _ = solve(O, None, rate, weights, 4000, cutoff=1e-9, signal_to_noise=5.0)
    assert found[0] == pytest.approx(1, abs=0.01)
    assert abs(found[1]) < 1e-3


def test_a_cutoff_that_is_too_large_is_told(key, table):
    """Directions left out: the energy stays and tells nothing, the bound holds and tells it; with 1e-9 it is zero."""
    exact, times = scipy.linalg.expm(-0.4j * dense(H)) @ vector(table, 3), np.linspace(0, 0.4, 21)
    right, wrong = (evolve(key, TimeDependent(H, FULL, cutoff=c), table, times) for c in (1e-9, 0.3))
    distance = np.sqrt(2 - 2 * np.sqrt(1 - infidelity(exact, vector(wrong.psi, 3))))
    assert distance > 0.05
    assert 0.1 * wrong.distance_bound[-1] < distance < wrong.distance_bound[-1]
    assert right.distance_bound[-1] < 1e-4
    assert energy_is_conserved(np.asarray(wrong.motion.energy), 3.0).verdict == "pass"


@pytest.mark.slow
def test_the_residual_bounds_the_distance(key):
    """A machine too small for its task: distance from the exact state below the bound, within a factor of ten of it."""
    ring = transverse_field_ising(hypercubic((6,)), 0.8)
    turns = np.array([np.roll(np.arange(6), k) for k in range(6)])
    psi = SymmetricRBM(key=key, perms=turns, alpha=1, dtype="complex128", scale=0.3)
    found = evolve(key, TimeDependent(ring, orbits(ring.space, turns), cutoff=1e-8), psi, np.linspace(0, 0.6, 61))
    exact = scipy.linalg.expm(-0.6j * dense(ring)) @ vector(psi, 6)
    distance = np.sqrt(2 - 2 * np.sqrt(1 - infidelity(exact, vector(found.psi, 6))))  # up to a phase
    assert 0.1 * found.distance_bound[-1] < distance < found.distance_bound[-1]
    assert energy_is_conserved(np.asarray(found.motion.energy), 6.0).verdict == "pass"  # holomorphic, however small


@pytest.mark.slow
def test_orbits_are_all_states(key):
    """A symmetric state: energy, variance and r² are those of all states; planted: all permutations."""
    psi = SymmetricRBM(key=key, perms=TURNS, alpha=2, dtype="complex128", scale=0.4)
    times = np.linspace(0, 0.1, 3)
    a, b, wrong = (
        evolve(key, TimeDependent(RING, e), psi, times)
        for e in (full_summation(RING.space), orbits(RING.space, TURNS), orbits(RING.space, EVERY))
    )
    for name in ("energy", "variance", "residual"):
        np.testing.assert_allclose(getattr(a.motion, name), getattr(b.motion, name), rtol=1e-6, atol=1e-9)
    assert np.abs(a.motion.variance / wrong.motion.variance - 1).max() > 1e-3


@pytest.mark.slow
def test_chains_move_as_all_states(key):
    """θ' of 20,000 draws within 10 % of the exact one (in the metric S); energies within 5 errors of the mean."""
    psi = RBM(key=key, n_sites=4, dtype="complex128", scale=0.4)
    method = TimeDependent(RING, full_summation(RING.space), cutoff=1e-4)
    drawn = eqx.tree_at(lambda m: m.ensemble, method, chains(RING, Flip(), 20_000, 2000))
    times = np.linspace(0, 0.02, 2)
    exact, found = (evolve(key, m, psi, times) for m in (method, drawn))
    x = jax.vmap(lambda n: RING.space.variables(n, float))(
        jax.vmap(RING.space.decode)(jnp.asarray(RING.space.states()))
    )
    real, imaginary = jacobian(psi, x)
    p = np.abs(vector(psi, 4)) ** 2
    O = np.asarray(real) + 1j * np.asarray(imaginary)  # noqa: E741
    dO = O - p @ O
    move, wrong = (np.sqrt(p @ np.abs(dO @ (path[1] - path[0])) ** 2) for path in (exact.path, found.path - exact.path))
    assert wrong < 0.1 * move
    error = np.sqrt(exact.motion.variance[0] / 20_000)
    assert found.motion.energy[0] == pytest.approx(exact.motion.energy[0], abs=8 * error)


def test_checks_see_what_is_wrong(key, table):
    """Planted: a step that is too long, imaginary time, another Hamiltonian; a NaN proves nothing."""
    times = np.linspace(0, 2, 3)
    coarse = evolve(key, TimeDependent(H, FULL, solver="heun"), table, times)
    assert energy_is_conserved(np.asarray(coarse.motion.energy)).verdict == "fail"
    assert energy_is_conserved(np.array([-1.0, -1.0005])).verdict == "pass"
    assert energy_is_conserved(np.array([-1.0, np.nan])).verdict == "unknown"
    assert follows("A", np.array([0.0, 0.1]), np.array([0.0, 0.105])).verdict == "pass"
    assert follows("A", np.array([0.0, 0.1]), np.array([0.0, 0.12])).verdict == "fail"
