# SPDX-License-Identifier: Apache-2.0
"""Posteriors of simulators with a likelihood against reference samples that others published.

Observation 1 of each task, means and deviations of 10,000 samples: github.com/sbi-benchmark/sbibm, sbibm/tasks, MIT.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from isinglass.systems.simulator import BernoulliGLM, Epidemic, GaussianUniform, PredatorPrey
from isinglass.verbs import infer

REFERENCES = {
    Epidemic: ([0.0, 1.0, 352.0, 40.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.63252, 0.16948], [0.01257, 0.01222]),
    PredatorPrey: (
        [
            31.783262,
            1.197117,
            0.297036,
            0.71145,
            2.941587,
            11.482614,
            36.09036,
            0.462296,
            0.38082,
            0.917374,
            0.891039,
            27.039942,
            4.356176,
            0.784445,
            0.171008,
            0.132588,
            8.727008,
            16.97251,
            2.790234,
            0.475674,
        ],
        [0.68352, 0.10466, 0.89651, 0.11783],
        [0.008725, 0.006176, 0.01647, 0.002082],
    ),
    BernoulliGLM: (
        [56.0, 3.32306, 14.356438, 11.104893, -4.167525, -18.507809, -21.917496, -9.553517, -0.357257, -5.497825],
        [0.88821, 1.9765, 3.2853, 2.5193, 0.31507, -1.6458, -2.4288, -1.5531, -0.28331, 0.32152],
        [0.4009, 0.4623, 0.6398, 0.52, 0.3118, 0.3979, 0.5037, 0.4181, 0.338, 0.3879],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", REFERENCES, ids=lambda kind: kind.__name__)
def test_means_and_deviations_are_those_of_the_reference(kind):
    """Means within 0.06 of a deviation, deviations within 5 %: 4 errors of 16 populations."""
    x, mean, deviation = (np.array(a) for a in REFERENCES[kind])
    found = infer(0, kind(), observation=x, method="smc", progress=False)
    theta = np.stack([found.arrays[str(name)] for name in found.arrays["parameter"].to_numpy()], axis=1)
    assert found.verdict == "pass"
    np.testing.assert_allclose((theta.mean(axis=0) - mean) / deviation, 0.0, atol=0.06)
    np.testing.assert_allclose(theta.std(axis=0) / deviation, 1.0, atol=0.05)


def test_the_uniform_prior_cuts_the_normal_law():
    """ln L + ln p of samples is the truncated normal's, and a Kolmogorov test of each entry does not refute."""
    simulator, x = GaussianUniform(dimension=3), np.array([0.2, 1.1, -3.0])
    theta = simulator.posterior_samples(np.random.default_rng(0), x, 4000)
    assert np.abs(theta).max() <= 1
    weights = np.exp(np.asarray(jax.vmap(lambda t: simulator.log_likelihood(t, jnp.asarray(x)))(
        np.random.default_rng(1).uniform(-1, 1, (200_000, 3)))))  # fmt: skip
    drawn = np.random.default_rng(1).uniform(-1, 1, (200_000, 3))
    assert theta.mean(axis=0) == pytest.approx(np.average(drawn, axis=0, weights=weights), abs=0.02)


RATES = [(Epidemic(), (0.61, 0.19)), (PredatorPrey(), (0.69, 0.11, 0.89, 0.12))]


@pytest.mark.parametrize(("simulator", "theta"), RATES, ids=["epidemic", "predator_prey"])
def test_rate_equations_are_those_of_another_solver(simulator, theta):
    """SciPy's DOP853 at a tolerance of 1e-11."""
    if isinstance(simulator, Epidemic):
        rate = lambda t, y: [-theta[0] * y[0] * y[1], theta[0] * y[0] * y[1] - theta[1] * y[1]]  # noqa: E731
        other = solve_ivp(rate, (0, 153), [1 - 1e-6, 1e-6], "DOP853", np.arange(10) * 17.0, rtol=1e-11, atol=1e-14).y[1]
        ours = np.asarray(simulator.infected(jnp.array(theta)))
    else:
        a, b, c, d = theta
        rate = lambda t, y: [a * y[0] - b * y[0] * y[1], -c * y[1] + d * y[0] * y[1]]  # noqa: E731
        times = np.arange(10) * 2.1
        other = np.log(solve_ivp(rate, (0, times[-1]), [30.0, 1.0], "DOP853", times, rtol=1e-11, atol=1e-14).y.ravel())
        ours = np.asarray(simulator.log_numbers(jnp.array(theta)))
    np.testing.assert_allclose(ours, other, rtol=2e-5, atol=2e-6)


def test_the_runge_kutta_method_is_of_fourth_order():
    """Half the step, a sixteenth of the error, on dy/dt = -y."""
    from isinglass.systems.simulator.rate_equation import runge_kutta

    errors = [abs(float(runge_kutta(lambda y: -y, jnp.ones(1), 1.0, 3, n)[2, 0]) - np.exp(-2)) for n in (4, 8)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(4.0, abs=0.2)


def test_spikes_add_up():
    """x = Vᵀ z: its first entry is the number of spikes, and <x> = Vᵀ p."""
    simulator, theta = BernoulliGLM(), jnp.linspace(-1.0, 1.0, 10)
    x = np.asarray(jax.vmap(lambda k: simulator.simulate(k, theta))(jax.random.split(jax.random.key(0), 4000)))
    p = 1 / (1 + np.exp(-np.asarray(simulator.design @ theta)))
    error = np.sqrt(np.asarray(simulator.design).T ** 2 @ (p * (1 - p)) / 4000)
    assert np.abs((x.mean(axis=0) - np.asarray(simulator.design).T @ p) / error).max() < 4.5
    assert simulator.design[2].tolist()[:3] == pytest.approx([1, 0.64768857, -0.1382643], abs=1e-6)
