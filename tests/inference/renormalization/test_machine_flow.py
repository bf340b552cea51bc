# SPDX-License-Identifier: Apache-2.0
"""Reconstructions keep the law of their machine; thermometers read what was put in; a user's machine and rows."""

import jax
import numpy as np
import pytest
from scipy.stats import chi2

from isinglass import Result, approximate
from isinglass.errors import InputError
from isinglass.exact.lattice.enumeration import configurations, spins
from isinglass.exact.lattice.moments import magnetization_thermometer
from isinglass.exact.lattice.temperature_posterior import temperature_information
from isinglass.inference.renormalization.machine_flow import (
    hidden_spins,
    machine_flow,
    reconstructed,
    thermometry,
)
from isinglass.systems.lattice.boltzmann_machine import RestrictedBoltzmannMachine

RNG = np.random.default_rng(5)
EVERY = spins(np.concatenate(list(configurations(16)))).reshape(-1, 4, 4)
ENERGY = -(EVERY * (np.roll(EVERY, 1, 1) + np.roll(EVERY, 1, 2))).sum(axis=(1, 2), dtype=int)


def ising(T, n):
    """Independent configurations of the 4 x 4 torus."""
    p = np.exp(-(ENERGY - ENERGY.min()) / T)
    return EVERY[RNG.choice(len(EVERY), n, p=p / p.sum())]


def machine(W, **more):
    W = np.asarray(W, float)
    return RestrictedBoltzmannMachine(W, np.zeros(W.shape[0]), np.zeros(W.shape[1]), "spin", "spin", **more)


def permutation(order):
    """h_j = v_order[j], for certain."""
    W = np.zeros((len(order), len(order)))
    W[order, np.arange(len(order))] = 20.0
    return machine(W)


@pytest.mark.parametrize("T", [2.0, 3.0])
def test_thermometers_of_ising_configurations(T):
    """False alarm 2e-4 each; errors are below a twentieth of T and of the spread."""
    found = thermometry(ising(T, 20_000), magnetization_thermometer(4))
    assert found.temperature_error == pytest.approx((20_000 * temperature_information(T, 4)) ** -0.5, rel=0.05)
    for value, error, exact in (
        (found.temperature, found.temperature_error, T),
        (found.by_magnetization, found.by_magnetization_error, T),
        (found.spread, found.spread_error, 1.0),
    ):
        assert abs(value - exact) < 3.7 * error + 1e-3
        assert 0 < error < 0.05 * exact


def test_two_temperatures_are_told_by_the_spread():
    found = thermometry(np.concatenate([ising(1.5, 4000), ising(5.0, 4000)]))
    assert found.spread > 1.5 + 10 * found.spread_error
    assert np.isnan(found.by_magnetization)


def test_equal_spins_and_an_antiferromagnet():
    up = np.ones((4, 4), np.int8)
    board = (1 - 2 * (np.add.outer(np.arange(4), np.arange(4)) % 2)).astype(np.int8)
    assert thermometry(np.array([up, -up])).temperature == 0
    assert thermometry(np.array([board, board])).temperature == np.inf


def test_groups_that_are_copies_have_the_error_of_one():
    s = ising(3.0, 400)
    alone, copied = thermometry(s), thermometry(np.repeat(s, 5, axis=0), None, np.repeat(np.arange(400), 5))
    assert copied.temperature_error == pytest.approx(alone.temperature_error)


def test_rows_of_the_law_of_a_machine_keep_it():
    """Chi-square of 64 states after 5 reconstructions, of 20000 rows; of other rows it is not this law after one."""
    made = machine(RNG.normal(size=(6, 4)))
    v = spins(np.concatenate(list(configurations(6)))).astype(float)
    W = np.asarray(made.weights)
    p = np.prod(2 * np.cosh(v @ W), axis=1)
    p /= p.sum()
    number = lambda x: ((1 - x) / 2 @ (1 << np.arange(6))).astype(int)  # noqa: E731

    def distance(rows, steps):
        seen = np.bincount(number(reconstructed(3, made, rows, steps)[-1]), minlength=64)
        return float(((seen - len(rows) * p) ** 2 / (len(rows) * p)).sum())

    rows = v[RNG.choice(64, 20_000, p=p)]
    assert distance(rows, (0, 5)) < chi2.isf(1e-4, 63)
    assert distance(np.ones((20_000, 6)), (1,)) > 2 * chi2.isf(1e-4, 63)


def test_a_stack_goes_up_and_down_in_order():
    first, second = permutation([1, 2, 0, 3]), permutation([3, 0, 2, 1])
    rows = np.array([[1, -1, -1, 1], [1, 1, -1, 1.0]])
    np.testing.assert_array_equal(hidden_spins(jax.random.key(0), first, rows), rows[:, [1, 2, 0, 3]])
    found = reconstructed(0, (first, second), rows, (0, 1, 4))
    np.testing.assert_array_equal(found, np.stack([rows] * 3))
    many = reconstructed(0, (first, machine(np.zeros((4, 2)))), np.ones((4000, 4)), (1,))
    assert abs(many.mean()) < 4 / 16_000**0.5


def test_steps_are_numbers_of_reconstructions():
    """A machine that exchanges two halves: tanh of the weights is the correlation after each step."""
    made = machine([[0.8]])
    rows = np.ones((40_000, 1))
    found = reconstructed(1, made, rows, (0, 1, 3))[:, :, 0].mean(axis=1)
    once = np.tanh(0.8) ** 2
    np.testing.assert_allclose(found, [1, once, once**3], atol=4 / 200)


def test_the_flow_of_a_users_machine(tmp_path):
    """Of `approximate`, and of what it saved: hot rows are cooled by a machine of cold ones."""
    cold, hot = ising(1.8, 800), ising(6.0, 200)
    result = approximate(0, cold, method="rbm", hidden_units=8, epochs=30, samples=500, progress=False)
    loaded = Result.load(result.save(tmp_path / "run", report=False)).models["machine"]
    found = machine_flow(0, loaded, hot, steps=(0, 100))
    before, after = found.of_step
    assert found.configurations.shape == (2, 200, 4, 4)
    np.testing.assert_array_equal(found.configurations[0], hot)
    assert after.temperature + 3 * after.temperature_error < before.temperature
    again = machine_flow(jax.random.key(0), result.models["machine"], hot, steps=(0, 100))
    assert again.of_step[1].temperature == pytest.approx(after.temperature, rel=0.02)


GOOD = ising(3.0, 10)
MADE = machine(RNG.normal(size=(16, 3)))


@pytest.mark.parametrize(
    ("given", "rows", "more", "words"),
    [
        ("result", GOOD, {}, "RestrictedBoltzmannMachine"),
        ((), GOOD, {}, "found none"),
        ((MADE, MADE), GOOD, {}, "hidden ones below"),
        (MADE, GOOD.reshape(10, 16), {}, r"configurations \[n, L, L\]"),
        (MADE, [[[1, 1], [1, 1]], [[1]]], {}, "several lengths"),
        (MADE, GOOD[:, :2], {}, r"configurations \[n, L, L\]"),
        (MADE, (GOOD + 1) // 2, {}, r"use 2\*x - 1"),
        (MADE, 1.0 * GOOD[:, :3, :3], {}, "16 numbers"),
        (MADE, GOOD, {"steps": (0, 10, 10)}, "rise"),
        (MADE, GOOD, {"steps": ()}, "rise"),
        (MADE, GOOD, {"steps": (0.5,)}, "rise"),
        (MADE, GOOD, {"steps": (-1, 2)}, "rise"),
        (MADE, GOOD, {"groups": np.zeros(10)}, "a group for each"),
        (MADE, GOOD, {"magnetization": magnetization_thermometer(3)}, "thermometer of side 4; found one of side 3"),
        (RestrictedBoltzmannMachine(np.ones((16, 2)), np.zeros(16), np.zeros(2)), GOOD, {}, "machine of binary units"),
    ],
)
def test_bad_input_is_one_line(given, rows, more, words):
    with pytest.raises(InputError, match=words) as error:
        machine_flow(0, given, rows, **more)
    assert "\n" not in str(error.value)
