# SPDX-License-Identifier: Apache-2.0
"""The variational free energy: exact gradient by enumeration, no noise at the target, a bound, annealing."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.exact.lattice.enumeration import configurations
from isinglass.nets.autoregressive.autoregressive import numbers_of
from isinglass.nets.autoregressive.masked_dense import MaskedDense
from isinglass.sampling.objective.likelihood import NegativeLogLikelihood
from isinglass.sampling.objective.variational_autoregressive import VariationalFreeEnergy
from isinglass.systems import Ising, Potts
from isinglass.systems.graph import from_bonds
from isinglass.training.fit import fit
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

N = 4


def open_chain(temperature=1.5):
    """Four spins in a row; ln Z = N ln 2 + (N - 1) ln cosh K."""
    bonds = np.array([[i, i + 1] for i in range(N - 1)])
    return Ising((N,), temperature=temperature, lattice=from_bonds(bonds, (N,), "open chain"))


def states(values, n=N):
    """All configurations."""
    return np.asarray(values, np.int8)[np.concatenate(list(configurations(n, len(values))))]


def random_net(values=(-1, 1)):
    """Far from the target."""
    net = MaskedDense(key=jax.random.key(0), shape=(N,), values=values, hidden=2)
    leaves, tree = jax.tree.flatten(net)
    keys = jax.random.split(jax.random.key(1), len(leaves))
    add = lambda k, leaf: leaf + 0.3 * jax.random.normal(k, leaf.shape, leaf.dtype)  # noqa: E731
    return tree.unflatten(map(add, keys, leaves))


def flat(tree):
    """All numbers of a gradient."""
    return jnp.concatenate([leaf.ravel() for leaf in jax.tree.leaves(tree)])


@eqx.filter_jit
def exact_gradient(net, system, x):
    """∇ Σ_x q (beta E + ln q)."""

    def free_energy(net):
        log_q = jax.vmap(net.log_prob)(x)
        return jnp.sum(jnp.exp(log_q) * (log_q - jax.vmap(system.log_weight)(x).astype(log_q.dtype)))

    value, gradient = eqx.filter_value_and_grad(free_energy)(net)
    return value, flat(gradient)


@eqx.filter_jit
def estimated(loss, net, keys):
    """Loss and gradient for each key."""

    def one(key):
        (value, _), gradient = eqx.filter_value_and_grad(lambda net: loss(key, net, ()), has_aux=True)(net)
        return value, flat(gradient)

    return jax.lax.map(one, keys)


class WithoutEntropy(VariationalFreeEnergy):
    """Planted: the cost forgets ln q, so that the minimum is the ground state."""

    def __call__(self, key, model, batch):
        x = jax.lax.stop_gradient(model.sample(key, self.batch))
        log_q = jax.vmap(model.log_prob)(x)
        cost = -jax.vmap(self.system.log_weight)(x).astype(log_q.dtype)
        return jnp.sum((cost - cost.mean()) * log_q) / (self.batch - 1), {}


def worst(loss, net, system, x, n=1500):
    """Largest deviation of the mean gradient from the exact one, in standard errors."""
    _, exact = exact_gradient(net, system, x)
    _, found = estimated(loss, net, jax.random.split(jax.random.key(2), n))
    found = np.asarray(found, float)
    error = found.std(axis=0, ddof=1) / n**0.5
    at_work = error > 1e-9  # weights behind a mask have none
    assert not np.asarray(exact)[~at_work].any()
    return np.abs((found.mean(axis=0) - np.asarray(exact))[at_work] / error[at_work]).max()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ising", "potts"])
def test_mean_gradient_is_the_exact_one(kind):
    """1500 batches of 32, at most 200 numbers: a deviation of 5.5 standard errors has a false alarm below 1e-5."""
    system = open_chain() if kind == "ising" else Potts((N,), q=3, lattice="chain")
    net, x = random_net(system.variable.values), jnp.asarray(states(system.variable.values))
    assert worst(VariationalFreeEnergy(system, 32, 0.0), net, system, x) < 5.5
    assert worst(WithoutEntropy(system, 32, 0.0), net, system, x) > 20


def exact_net(system):
    """The open chain itself: logits ± K s_(i-1)."""
    K = float(system.beta)
    net = MaskedDense(key=jax.random.key(0), shape=(N,), hidden=1)
    direct = np.zeros(net.direct.shape, np.float32)
    for i in range(1, N):
        direct[i, :, i - 1, :] = K * np.array([[1, -1], [-1, 1]])
    return eqx.tree_at(lambda net: net.direct, net, jnp.asarray(direct))


def test_at_the_target_the_loss_is_minus_log_z_and_the_gradient_zero_for_every_batch():
    system = open_chain()
    log_z = N * np.log(2) + (N - 1) * np.log(np.cosh(float(system.beta)))
    loss, keys = VariationalFreeEnergy(system, 16, 0.0), jax.random.split(jax.random.key(0), 8)
    values, gradients = estimated(loss, exact_net(system), keys)
    assert np.allclose(values, -log_z, atol=1e-5)
    assert float(jnp.abs(gradients).max()) < 1e-5
    warmer = open_chain(temperature=4.0)  # planted: the density of another temperature
    values, gradients = estimated(loss, exact_net(warmer), keys)
    assert float(values.mean()) > -log_z + 1e-3
    assert float(jnp.abs(gradients).max()) > 1e-3


def test_the_free_energy_is_a_bound():
    system, x = open_chain(), jnp.asarray(states((-1, 1)))
    log_z = N * np.log(2) + (N - 1) * np.log(np.cosh(float(system.beta)))
    value, _ = exact_gradient(random_net(), system, x)
    assert float(value) > -log_z + 0.1
    found, _ = estimated(VariationalFreeEnergy(system, 64, 0.0), random_net(), jax.random.split(jax.random.key(3), 500))
    found = np.asarray(found, float)
    assert abs(found.mean() - float(value)) < 4.5 * found.std() / 500**0.5


def test_beta_grows_over_the_first_part_of_the_run():
    loss = VariationalFreeEnergy(open_chain(temperature=2.0), 16, 0.4, start=0.2)
    of = lambda share: float(loss.at(jnp.float32(share)).system.beta)  # noqa: E731
    assert [round(of(share), 6) for share in (0.0, 0.2, 0.4, 1.0)] == [0.1, 0.3, 0.5, 0.5]
    seen = fit(
        jax.random.key(0),
        random_net(),
        loss,
        None,
        settings=Training(Optimizer("sgd", 1e-9), steps=10, block=2),
    ).history.loss  # -log Z of a network that stands still: the energy's share grows with beta, then stays
    assert abs(seen[0] - seen[2]) > 5 * abs(seen[3] - seen[4]) or seen[0] != pytest.approx(seen[4], abs=0.01)


def test_likelihood_of_weighted_states_reaches_the_entropy():
    """KL(p | q) < 1e-3 from all 16 states with their weights; a network of independent spins stays 0.3 above."""
    system, x = open_chain(), jnp.asarray(states((-1, 1)))
    log_p = np.asarray(jax.vmap(system.log_weight)(x))
    p = np.exp(log_p) / np.exp(log_p).sum()
    entropy = -float(p @ np.log(p))
    data = (x, jnp.asarray(16 * p, jnp.float32))
    settings = Training(Optimizer("adam", 0.05), steps=300, block=100)
    trained = fit(jax.random.key(0), random_net(), NegativeLogLikelihood(), data, settings=settings)
    assert -1e-5 < trained.history.loss[-1] - entropy < 1e-3
    log_q = np.asarray(jax.vmap(trained.model.log_prob)(x), float)
    assert float(p @ (np.log(p) - log_q)) < 1e-3
    a = numbers_of(x, (-1, 1)).mean(axis=0)
    independent = -float(np.sum(np.asarray(a) * np.log(a) + (1 - np.asarray(a)) * np.log(1 - a)))
    assert independent - entropy > 0.3
