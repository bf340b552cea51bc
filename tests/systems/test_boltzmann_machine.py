# SPDX-License-Identifier: Apache-2.0
"""Machines: free energies by enumeration, a Hopfield network and an Ising model as machines, offsets, bad input."""

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.errors import InputError
from isinglass.exact.lattice import kaufman
from isinglass.systems import HopfieldNetwork, RestrictedBoltzmannMachine
from isinglass.systems.lattice.boltzmann_machine import examples, ising_machine

VALUES = {"binary": (0, 1), "spin": (-1, 1)}


@pytest.mark.parametrize("name", ["machine_binary_binary", "machine_spin_spin", "machine_gaussian_binary"])
def test_free_energy_is_the_sum_over_hidden_states(key, name):
    machine = examples()[name]
    v = machine.random_configuration(key).reshape(-1).astype(float)
    h = jnp.array(list(product(VALUES[machine.hidden], repeat=3)), float)
    by_sum = -jax.nn.logsumexp(-jax.vmap(lambda h: machine.joint_energy(v, h))(h))
    np.testing.assert_allclose(machine.free_energy(v), by_sum, rtol=1e-12)


@pytest.mark.parametrize("name", ["machine_binary_binary", "machine_spin_spin", "machine_spin_gaussian"])
def test_ln_z_is_that_of_the_visible_states(name):
    machine = examples()[name]
    v = jnp.array(list(product(VALUES[machine.visible], repeat=6)), float)
    by_sum = jax.nn.logsumexp(-jax.vmap(machine.free_energy)(v))
    np.testing.assert_allclose(machine.log_partition(), by_sum, rtol=1e-12)
    W, a, b, constant = machine.plain
    plain = RestrictedBoltzmannMachine(W, a, b, machine.visible, machine.hidden)
    np.testing.assert_allclose(plain.free_energy(v[3]) + constant, machine.free_energy(v[3]), rtol=1e-12)


def test_gaussian_hidden_units_make_a_hopfield_network():
    """F(s) = E(s) - P/2 at beta 1 with W = ξ/√N: arXiv:1105.2790."""
    patterns = np.random.default_rng(0).choice([-1, 1], (3, 12))
    network = HopfieldNetwork(patterns)
    machine = RestrictedBoltzmannMachine(patterns.T / 12**0.5, np.zeros(12), np.zeros(3), "spin", "gaussian")
    s = jnp.asarray(np.random.default_rng(1).choice([-1, 1], (5, 12)), jnp.int8)
    off = jax.vmap(machine.energy)(s) - jax.vmap(network.energy)(s)
    np.testing.assert_allclose(off, -1.5 - 1.5 * np.log(2 * np.pi), rtol=1e-10)


def test_the_ising_model_is_a_machine():
    """Kaufman's ln Z of the 4 x 4 torus from 16 visible and 32 hidden spins."""
    site = np.arange(16).reshape(4, 4)
    first = np.tile(site.ravel(), 2)
    second = np.concatenate([np.roll(site, -1, axis=axis).ravel() for axis in (0, 1)])
    machine, more = ising_machine(first, second, 1 / 2.5, 16)
    np.testing.assert_allclose(machine.log_partition() - more, 16 * kaufman.log_partition_function(2.5, 4), rtol=1e-12)


W, A, B = np.ones((4, 2)), np.zeros(4), np.zeros(2)
WRONG = {
    "lengths": ((W, B, A), {}, "a bias for each unit; found 2 and 4 biases"),
    "units": ((W, A, B, "bits"), {}, "visible units among binary, spin, gaussian; found 'bits'"),
    "two gaussian": ((W, A, B, "gaussian", "gaussian"), {}, "one side that is not gaussian"),
    "NaN": ((W * np.nan, A, B), {}, "finite weights; found NaN"),
    "a list of rows": (([[1.0], [1.0, 2.0]], A, B), {}, "weights, real numbers with 2 axes; found rows of several"),
    "sides": ((W, A, B), {"sides": (3, 2)}, r"sides \[3, 2\]"),
}


@pytest.mark.parametrize("name", WRONG)
def test_other_machines_are_refused_in_one_line(name):
    args, settings, message = WRONG[name]
    with pytest.raises(InputError, match=message):
        RestrictedBoltzmannMachine(*args, **settings)
