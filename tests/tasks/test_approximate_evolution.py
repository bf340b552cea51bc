# SPDX-License-Identifier: Apache-2.0
"""The task of a motion: exact beside it, laws that fail for what is wrong, words for what does not fit."""

import jax
import numpy as np
import pytest
import scipy.linalg

from isinglass import approximate
from isinglass.approximation.exact.exact_diagonalization import dense
from isinglass.approximation.variational.time_dependent import Evolved, Motion
from isinglass.errors import InputError
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.initial_value_problem import InitialValueProblem
from isinglass.systems.quantum.operator import Operator, X
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising
from isinglass.tasks.approximate_evolution import ApproximateEvolution, whole_motion

N = 3
RING = transverse_field_ising(hypercubic((N,)), 0.7)
M = sum((X(i) for i in range(N)), Operator({})) / N
TIMES = np.linspace(0, 0.3, 16)


def state(n_sites=N):
    return RBM(key=jax.random.key(3), n_sites=n_sites, alpha=2, dtype="complex128", scale=0.3)


def amplitudes():
    """Of the start, in the order of the matrix."""
    n = (np.arange(2**N)[:, None] >> np.arange(N)) & 1
    return np.exp(np.asarray(jax.vmap(state().log_psi)(1.0 - 2.0 * n)))


@pytest.mark.parametrize("imaginary", [False, True])
def test_the_whole_motion_is_an_exponential(imaginary):
    """Against scipy's exponential of the dense matrix, to 1e-8; planted: the other kind of time."""
    problem = InitialValueProblem(RING, state(), TIMES, imaginary=imaginary)
    found = whole_motion(problem, {"m": Hamiltonian(M, RING.space)})["m"]
    H, m = np.asarray(dense(RING)), np.asarray(dense(Hamiltonian(M, RING.space)))

    def exact(factor):
        moved = [scipy.linalg.expm(-factor * t * H) @ amplitudes() for t in TIMES]
        return np.array([(p.conj() @ m @ p).real / (p.conj() @ p).real for p in moved])

    right, wrong = (exact(1.0), exact(1j)) if imaginary else (exact(1j), exact(1.0))
    np.testing.assert_allclose(found, right, atol=1e-8)
    assert np.abs(found - wrong).max() > 1e-3


@pytest.mark.slow
def test_a_motion_passes_beside_the_exact_one(key):
    """An ansatz of as many parameters as states follows within 1e-3; planted: values of another field fail."""
    problem = InitialValueProblem(RING, state(), TIMES)
    result = approximate(key, problem, observables={"magnetization": M}, accuracy=1e-3)
    assert result.verdict == "pass"
    assert result.estimates["largest_error_of_the_magnetization"].value < 1e-3
    other = InitialValueProblem(transverse_field_ising(hypercubic((N,)), 1.5), state(), TIMES)
    wrong = whole_motion(other, {"magnetization": Hamiltonian(M, RING.space)})
    assert approximate(key, problem, observables={"magnetization": M}, exact=wrong).verdict == "fail"


def motion(energy, residual=0.0):
    flat = np.zeros(len(TIMES))
    moved = Motion(energy, flat + 1, flat + residual)
    return Evolved(state(), TIMES, flat[:, None], moved, {"m": flat}, {"m": flat}, "end")


def test_without_exact_values_the_residual_decides():
    """It bounds the distance by √residual x 0.3 here; none bounds it in imaginary time, and then nothing is shown."""
    task, at = ApproximateEvolution(), lambda residual: motion(TIMES * 0 - 5, residual)
    near = lambda residual, **more: task.laws(at(residual), {}, {"m": 0}, 5.0, **more)[0].verdict  # noqa: E731
    assert near((0.9e-2 / 0.3) ** 2, imaginary=False) == "pass"
    assert near((1.1e-2 / 0.3) ** 2, imaginary=False) == "unknown"
    assert near(0.0, imaginary=True) == "unknown"
    known = task.laws(at(1.0), {"m": TIMES * 0}, {"m": 0}, 5.0, imaginary=False)
    assert [check.verdict for check in known] == ["pass", "pass"]


def test_laws_see_what_is_wrong():
    """A drift of 0.9 and of 1.1 times the tolerance; in imaginary time a rise, while a fall is right."""
    task, ramp = ApproximateEvolution(drift=1e-3), np.linspace(0, 1, len(TIMES))
    real = lambda size: task.laws(motion(-5 * (1 + size * ramp)), {}, {}, 5.0, imaginary=False)[-1].verdict  # noqa: E731
    assert (real(0.9e-3), real(1.1e-3), real(-1.1e-3)) == ("pass", "fail", "fail")
    step = (ramp > 0.5).astype(float)
    rise = lambda size: task.laws(motion(-5 + 5 * size * step), {}, {}, 5.0, imaginary=True)[-1].verdict  # noqa: E731
    assert (rise(0.9e-3), rise(1.1e-3), rise(-0.5)) == ("pass", "fail", "pass")


@pytest.mark.parametrize(
    ("start", "settings", "message"),
    [
        (state(4), {}, "a number for 3 sites"),
        (state(), {"observables": {"m": 3.0}}, "an operator for m"),
        (state(), {"solver": "euler"}, "solver among heun, rk4"),
        (state(), {"observables": {"m": M}, "exact": {"m": np.zeros(3)}}, "16 values"),
    ],
)
def test_what_does_not_fit_is_refused(key, start, settings, message):
    with pytest.raises(InputError, match=message):
        approximate(key, InitialValueProblem(RING, start, TIMES), **settings)


@pytest.mark.parametrize("times", [[0.0], [0.1, 0.2], [0.0, 0.2, 0.2]])
def test_times_that_do_not_ascend_are_refused(times):
    with pytest.raises(InputError, match="ascend from 0"):
        InitialValueProblem(RING, state(), np.array(times))
