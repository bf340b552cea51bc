# SPDX-License-Identifier: Apache-2.0
"""The natural step in each of its forms, against direct solutions; the shift against fresh samples."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg

from isinglass.approximation.variational.log_derivatives import Dense, log_derivatives
from isinglass.approximation.variational.stochastic_reconfiguration import (
    HeavyBall,
    Inertia,
    cross_validated_shift,
    natural_step,
)
from isinglass.nets.wavefunction.jastrow import Jastrow
from isinglass.nets.wavefunction.rbm import RBM

FORMS = ("covariance", "kernel", "iterative")


@pytest.mark.parametrize("samples", [30, 60])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_one_step(key, form, samples):
    """Complex rows of 40 real parameters, weighted, from a start: against a direct solution of the ridge regression."""
    keys = jax.random.split(key, 4)
    real, imaginary = jax.random.normal(keys[0], (2, samples, 40))
    E, start = jax.random.normal(keys[1], (samples,), complex), jax.random.normal(keys[2], (40,))
    w = jax.nn.softmax(jax.random.normal(keys[3], (samples,)))
    rows = jnp.concatenate([jnp.sqrt(w)[:, None] * (part - (w @ part)[None]) for part in (real, imaginary)])
    derivatives = Dense(rows, w)
    delta = natural_step(derivatives, derivatives.centered(E), 0.01, start, form)
    O, e, p = np.asarray(real) + 1j * np.asarray(imaginary), np.asarray(E), np.asarray(w)  # noqa: E741
    dO, de = O - p @ O, e - p @ e
    S, F = (dO.conj().T @ (p[:, None] * dO)).real, (dO.conj().T @ (p * de)).real
    expected = scipy.linalg.solve(S + 0.01 * np.eye(40), F + 0.01 * np.asarray(start))
    np.testing.assert_allclose(delta, expected, atol=1e-4 if form == "iterative" else 1e-9)


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_an_outer_product_gives_the_same_four_products(key, dtype):
    """Those of a machine beside the matrix of its derivatives by automatic differentiation; planted: no centering."""
    psi, x = (
        RBM(key=key, n_sites=4, alpha=2, dtype=dtype, scale=0.5),
        jnp.asarray(np.random.default_rng(1).choice([-1.0, 1.0], (20, 4))),
    )
    w = jax.nn.softmax(jax.random.normal(key, (20,)))
    outer = log_derivatives(psi, x, w)
    left, right = jax.vmap(psi.factors)(x)
    O = (left.astype(right.dtype)[:, :, None] * right[:, None]).reshape(20, -1)  # noqa: E741
    gradient = eqx.filter_jit(
        jax.vmap(jax.grad(lambda p, x: p.log_psi(x), holomorphic=dtype == "complex128"), (None, 0))
    )
    by_hand = gradient(psi, x)
    table = O.reshape(20, 5, -1)
    for found, expected in ((table[:, 1:, 0], by_hand.a), (table[:, 0, 1:], by_hand.b), (table[:, 1:, 1:], by_hand.W)):
        np.testing.assert_allclose(found, expected, atol=1e-12)
    p, rows = np.asarray(w), np.asarray(O)
    A = np.sqrt(p)[:, None] * (rows - p @ rows)
    v = np.asarray(jax.random.normal(key, (20,), A.dtype))
    d = np.asarray(jax.random.normal(key, (O.shape[1],), A.dtype))
    np.testing.assert_allclose(outer.covariance(), A.conj().T @ A, atol=1e-12)
    np.testing.assert_allclose(outer.kernel(), A @ A.conj().T, atol=1e-12)
    np.testing.assert_allclose(outer.push(jnp.asarray(d)), A @ d, atol=1e-12)
    np.testing.assert_allclose(outer.pull(jnp.asarray(v)), A.conj().T @ v, atol=1e-12)
    assert np.abs(np.asarray(outer.covariance()) - (rows.conj().T * p) @ rows).max() > 1e-3


def test_many_parameters_are_centered_each_by_its_own_mean(key):
    """33,930 derivatives x_i and x_i x_j of a Jastrow factor against NumPy; planted: those of two samples exchanged.

    Summed over axis 1 of one array of groups in place of a product, jaxlib 0.10.2 gave wrong means beyond column 16,384
    on a CPU (github.com/jax-ml/jax/issues/39103).
    """
    psi, x = Jastrow(key=key, n_sites=260), np.random.default_rng(1).choice([-1.0, 1.0], (64, 260))
    found = eqx.filter_jit(log_derivatives)(psi, jnp.asarray(x))
    assert isinstance(found, Dense)
    A = np.asarray(found.A)
    i, j = np.triu_indices(260, 1)
    O = np.concatenate([x, x[:, i] * x[:, j]], axis=1)  # noqa: E741
    expected = (O - O.mean(axis=0)) / 8
    np.testing.assert_allclose(A, expected, atol=1e-12)
    assert np.abs(A[::-1] - expected).max() > 0.1


def test_the_shift_by_cross_validation_foretells_fresh_samples(key):
    """Ridge regression of noisy values on 60 functions from 200 samples: within 10 % of the best of all shifts."""
    keys = jax.random.split(key, 4)
    scales = 10.0 ** jnp.linspace(0, -3, 60)
    truth = jax.random.normal(keys[0], (60,)) / scales * jnp.where(jnp.arange(60) < 15, 1.0, 0.0)

    def data(key, n):
        key_rows, key_noise = jax.random.split(key)
        rows = jax.random.normal(key_rows, (n, 60)) * scales[None]
        return rows, rows @ truth + 2 * jax.random.normal(key_noise, (n,))

    (rows, values), (fresh, wanted) = data(keys[1], 200), data(keys[2], 20_000)
    w = jnp.full(200, 1 / 200)
    derivatives = Dense(jnp.sqrt(w)[:, None] * (rows - rows.mean(0)[None]), w)
    e = derivatives.centered(values)

    def error(shift):
        delta = natural_step(derivatives, e, shift)
        return float(jnp.mean((wanted - fresh @ delta) ** 2))

    best = min(error(10.0**k) for k in np.linspace(-7, 1, 25))
    chosen = float(cross_validated_shift(derivatives, e))
    assert error(chosen) < 1.1 * best
    assert error(1e-7) > 1.1 * best


def rows_and_energies(key):
    """A of 30 samples and 6 parameters, real, and local energies."""
    rows = np.asarray(jax.random.normal(key, (30, 6)))
    energies = jax.random.normal(jax.random.fold_in(key, 1), (30,))
    return Dense(jnp.asarray((rows - rows.mean(0)) / 30**0.5), jnp.full(30, 1 / 30)), energies


def test_a_heavy_ball_rolls_downhill_only(key):
    """v <- 0.9 v + η δ where v · F > 0 and the energy fell, λ lower; else the natural step, λ higher after a rise."""
    derivatives, energies = rows_and_energies(key)
    rule = HeavyBall(0.1, shift=0.01, longest=1e9, steepest=1e9)
    e, E = derivatives.centered(energies), energies.mean()
    F = derivatives.pull(e)
    for v, before, inertia, factor in ((F, E + 1, 0.9, 0.8), (-F, E + 1, 0.0, 0.8), (F, E - 1, 0.0, 4.0)):
        last = Inertia(v, before, 1e6 * jnp.sum(e**2), jnp.asarray(0.01), jnp.int32(3))
        step, memory = rule.step(derivatives, energies, last)
        np.testing.assert_allclose(step, inertia * v + 0.1 * natural_step(derivatives, e, 0.01 * factor), atol=1e-12)
        np.testing.assert_array_equal(memory.velocity, step)
        assert float(memory.shift) == pytest.approx(0.01 * factor)
    assert np.abs(0.9 * F + 0.1 * natural_step(derivatives, e, 0.04) - step).max() > 1e-3  # planted: inertia kept
    last = Inertia(v, E + 1, 1.25 * jnp.sum(e**2), jnp.asarray(0.001), jnp.int32(3))
    assert float(rule.step(derivatives, energies, last)[1].shift) == pytest.approx(0.008)  # not below its share


@pytest.mark.parametrize(("longest", "steepest"), [(0.01, 1e9), (1e9, 0.01)])
def test_a_heavy_ball_is_held_to_a_distance_of_states(key, longest, steepest):
    """|A v| = `longest`, or the largest change of ln ψ = `steepest`, in the same direction."""
    derivatives, energies = rows_and_energies(key)
    rules = [HeavyBall(0.5, longest=a, steepest=b) for a, b in ((1e9, 1e9), (longest, steepest))]
    free, short = (rule.step(derivatives, energies, rule.init(jnp.zeros(6)))[0] for rule in rules)
    change = derivatives.push(short)
    reached = float(jnp.linalg.norm(change)) if longest < 1 else 30**0.5 * float(jnp.abs(change).max())
    assert reached == pytest.approx(0.01, rel=1e-9)
    np.testing.assert_allclose(short * jnp.linalg.norm(free), free * jnp.linalg.norm(short), rtol=1e-9)
