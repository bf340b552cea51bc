# SPDX-License-Identifier: Apache-2.0
"""Bayes learning curves against ridge regression, published transitions and rates, and sampled integrals."""

import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.exact.learning.generalized_linear import (
    LinearOutput,
    MagnitudeOutput,
    SignOutput,
    Teacher,
    information,
    learning_curve,
    overlaps,
    wrong_signs,
)
from isinglass.exact.learning.scalar_prior import NormalPrior, SparseSigns
from isinglass.exact.regression.linear_regression import ridge_optimum, ridge_risk

BINARY = Teacher(SparseSigns(), SignOutput())
NORMAL = Teacher(NormalPrior(), SignOutput())
HIDDEN = Teacher(NormalPrior(), MagnitudeOutput())
OUTPUTS = [SignOutput(), LinearOutput(0.3), MagnitudeOutput()]


@pytest.mark.parametrize(("alpha", "noise"), [(0.5, 0.25), (2.0, 0.25), (1.0, 1.0)])
def test_normal_teachers_of_values_are_ridge_regression(alpha, noise):
    """The best penalty of Marchenko and Pastur's theory."""
    q = overlaps(Teacher(NormalPrior(), LinearOutput(noise)), alpha)
    best = ridge_risk(ridge_optimum(1 / alpha, noise), 1 / alpha, noise)
    assert q == pytest.approx((1 - best, 1 - best), abs=1e-9)


@pytest.mark.parametrize("output", OUTPUTS, ids=["sign", "linear", "magnitude"])
def test_gain_of_sampled_scores(output):
    """<g²> and -<∂g> over ω and z: 2^18 samples, four standard errors; sees 2 %."""
    q = 0.6
    omega, rest = np.random.default_rng(2).normal(size=(2, 2**18)) * np.array([[q], [1 - q]]) ** 0.5
    noise = np.random.default_rng(3).normal(size=2**18) * 0.3**0.5
    z = omega + rest
    y = jnp.asarray({"SignOutput": np.sign(z), "MagnitudeOutput": np.abs(z)}.get(type(output).__name__, z + noise))
    g, slope = (np.asarray(of(y, jnp.asarray(omega), 1 - q)) for of in (output.score, output.slope))
    for each in (g**2, -slope):
        assert abs(each.mean() - output.gain(q)) < 4 * each.std() / 2**9 + 1e-9


@pytest.mark.parametrize("output", OUTPUTS, ids=["sign", "linear", "magnitude"])
def test_entropy_falls_by_half_the_gain(output):
    fall = (output.entropy(0.501) - output.entropy(0.499)) / 0.002
    assert fall == pytest.approx(-output.gain(0.5) / 2, abs=1e-5)


@pytest.mark.parametrize(("output", "values"), [(SignOutput(), (-1.0, 1.0)), (MagnitudeOutput(), (0.1, 2.0))])
def test_scores_are_derivatives(output, values):
    omega, V, step = jnp.asarray(0.4), 0.3, 1e-5
    for y in values:
        slope = (output.score(y, omega + step, V) - output.score(y, omega - step, V)) / (2 * step)
        assert float(output.slope(y, omega, V)) == pytest.approx(float(slope), abs=1e-8)


def test_the_hard_phase_of_the_binary_perceptron():
    """Bayes from 1.245 (tests/exact/emergence), message passing from 1.493: arXiv:1708.03395."""
    load, q = learning_curve(BINARY, np.exp(np.linspace(-4, 3.5, 600)))
    top = np.flatnonzero((load[1:-1] > load[:-2]) & (load[1:-1] > load[2:]))[0] + 1
    assert load[top] == pytest.approx(1.493, abs=1e-3)
    assert q[top] < 0.9
    assert overlaps(BINARY, 1.24)[1] < 0.7
    stopped, best = overlaps(BINARY, 1.26)
    assert (stopped < 0.71, best) == (True, 1.0)
    assert overlaps(BINARY, 1.5) == (1.0, 1.0)


def test_phase_retrieval():
    """Message passing learns from α = 1/2 on and finds the teacher from 1.128, Bayes from 1: arXiv:1708.03395."""
    load, q = learning_curve(HIDDEN, np.exp(np.linspace(-9, 9, 300)))
    assert load[0] == pytest.approx(0.5, abs=1e-3)
    assert load.max() == pytest.approx(1.128, abs=1e-3)
    assert load[-1] == pytest.approx(1.0, abs=0.02)
    assert overlaps(HIDDEN, 0.45) == (0.0, 0.0)
    assert overlaps(HIDDEN, 0.95)[1] < 0.5
    stopped, best = overlaps(HIDDEN, 1.05)
    assert (0.5 < stopped < 0.6, best) == (True, 1.0)
    assert overlaps(HIDDEN, 1.14) == (1.0, 1.0)


@pytest.mark.parametrize("q", [1e-3, 0.3, 0.999])
def test_entropy_of_a_hidden_sign_at_both_ends(q):
    """dH/dq = -ψ/2, and ψ = 2 q for small q: <y⁴> = 3."""
    output, h = MagnitudeOutput(), 1e-3 * min(q, 1 - q)
    assert (output.entropy(q + h) - output.entropy(q - h)) / (2 * h) == pytest.approx(-output.gain(q) / 2, rel=1e-3)
    if q < 0.01:
        assert output.gain(q) == pytest.approx(2 * q, rel=0.01)


def test_many_rows():
    """Wrong signs 0.442/α of Bayes, √2 times less than of a student by chance among those with no error.

    Opper & Haussler 1991, doi:10.1103/PhysRevLett.66.2677; Györgyi and Tishby's 0.625/α.
    """
    q = overlaps(NORMAL, 40.0)[0]
    assert 40 * wrong_signs(q) == pytest.approx(0.442, abs=0.002)
    assert 40 * np.arccos(q) / np.pi == pytest.approx(0.625, abs=0.003)


def test_information_is_stationary_at_the_fixed_point():
    """Along q at its own s."""
    teacher = Teacher(SparseSigns(0.2), SignOutput())
    (alpha,), (q,) = learning_curve(teacher, np.array([0.9]))
    values = [information(teacher, alpha, q + d, alpha * teacher.output.gain(q + d)) for d in (-1e-3, 1e-3)]
    assert abs(values[1] - values[0]) / 2e-3 < 1e-4


def test_information_rises_by_the_entropy_of_a_row():
    teacher = Teacher(SparseSigns(0.2), SignOutput())
    alpha, q = learning_curve(teacher, np.array([0.899, 0.901]))
    both = [information(teacher, a, each, a * teacher.output.gain(each)) for a, each in zip(alpha, q, strict=True)]
    rise = (both[1] - both[0]) / (alpha[1] - alpha[0])
    assert rise == pytest.approx(teacher.output.entropy(q.mean()), abs=1e-4)
