# SPDX-License-Identifier: Apache-2.0
"""Training of machines: the gradient against autodiff of the exact likelihood, stationary chains, resume, learning."""

import os
import signal
from itertools import product

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import chisquare

from isinglass.errors import Interrupted
from isinglass.sampling.objective import contrastive_divergence as cd
from isinglass.systems.lattice.boltzmann_machine import RestrictedBoltzmannMachine

RNG = np.random.default_rng(4)
VALUES = {"binary": (0.0, 1.0), "spin": (-1.0, 1.0)}


def machine_of(kind, scale=0.8):
    W, a, b = scale * RNG.normal(size=(5, 3)), 0.3 * RNG.normal(size=5), 0.3 * RNG.normal(size=3)
    return RestrictedBoltzmannMachine(W, a, b, kind, kind, None, np.full(5, 0.3), np.full(3, 0.1))


def single(tree):
    return jax.tree.map(lambda x: jnp.asarray(x, jnp.float32), tree)


def joint_law(machine):
    """All (v, h) and ln p of each."""
    v = jnp.array(list(product(VALUES[machine.visible], repeat=5)))
    h = jnp.array(list(product(VALUES[machine.hidden], repeat=3)))
    E = jax.vmap(lambda v: jax.vmap(lambda h: machine.joint_energy(v, h))(h))(v)
    return v, h, -E - jax.nn.logsumexp(-E)


def equilibrium(key, machine, B, shares=1):
    """Chains whose h are of the law at each share."""
    chains = cd.fresh_chains(key, single(machine), B, shares)
    t = np.linspace(1, 0, shares) if shares > 1 else [1.0]
    rows = []
    for k, share in zip(jax.random.split(key, shares), t, strict=True):
        _, h, log_p = joint_law(machine.at_share(share))
        rows.append(h[jax.random.categorical(k, jax.nn.logsumexp(log_p, axis=0), shape=(B,))])
    return chains._replace(h=jnp.stack(rows).astype(jnp.float32))


@pytest.mark.parametrize("kind", ["binary", "spin"])
def test_the_gradient_is_that_of_the_exact_likelihood(key, kind):
    """A step of chains in equilibrium, 40 000 of them: within 0.02, four errors.  A wrong sign would be off by more."""
    machine = machine_of(kind)
    rows = jnp.asarray(RNG.choice(VALUES[kind], (40_000, 5), p=[0.3, 0.7]))
    learned = lambda m: (m.weights, m.visible_bias, m.hidden_bias)  # noqa: E731

    def log_likelihood(parameters):
        m = eqx.tree_at(learned, machine, parameters)
        return -jax.vmap(m.free_energy)(rows).mean() - m.log_partition()

    exact = jax.grad(log_likelihood)(learned(machine))
    state = cd.MachineState(single(machine), equilibrium(key, machine, 40_000), single(machine))
    how = cd.ContrastiveDivergence("persistent", 1, 40_000, jnp.float32(1.0), 1, weight_decay=jnp.float32(0.0))
    new = eqx.filter_jit(cd.step)(state, rows.astype(jnp.float32), jnp.float32(1.0), jnp.float32(1.0), how).machine
    for found, old, by_autodiff in zip(learned(new), learned(machine), exact, strict=True):
        np.testing.assert_allclose(np.asarray(found) - np.asarray(old), by_autodiff, atol=0.02)
    assert max(float(jnp.abs(g).max()) for g in exact) > 0.2


def merged(count, expected):
    """Rare states together."""
    rare = expected < 10
    both = [np.append(a[~rare], a[rare].sum()) if rare.any() else a for a in (count, expected)]
    return both[0], both[1] * both[0].sum() / both[1].sum()


@pytest.mark.parametrize("shares", [1, 4])
def test_sweeps_leave_the_law_invariant(key, shares):
    """Chi-square of 2^5 states of v, 40 000 chains, three sweeps with exchanges: false alarm 1e-4."""
    machine, B = machine_of("spin", 1.0), 40_000
    v_all, _, log_p = joint_law(machine)
    chains = equilibrium(key, machine, B, shares)

    def p_value(of):
        state, v = chains, None
        for _ in range(3):
            v, _, state = eqx.filter_jit(cd.sweep)(single(of), state)
        number = ((np.asarray(v)[0] + 1) / 2 @ 2.0 ** np.arange(4, -1, -1)).astype(int)
        expected = B * np.exp(np.asarray(jax.nn.logsumexp(log_p, axis=1)))
        count = np.bincount(number, minlength=len(v_all)).astype(float)
        return chisquare(*merged(count, expected)).pvalue

    assert p_value(machine) > 1e-4
    assert p_value(machine.at_share(1.15)) < 1e-4


def data(key, machine, n):
    """Rows of a machine, exactly."""
    v, _, log_p = joint_law(machine)
    return np.asarray(v[jax.random.categorical(key, jax.nn.logsumexp(log_p, axis=1), shape=(n,))])


@pytest.mark.parametrize("negative", ["persistent", "tempering"])
def test_a_machine_is_learned_from_its_samples(key, negative):
    """<ln p - ln q> over new rows: 0.01 nats or less; of independent units it is more than 0.1."""
    W = 0.9 * np.random.default_rng(5).normal(size=(5, 3))
    truth = RestrictedBoltzmannMachine(W, np.zeros(5), np.zeros(3), "spin", "spin")
    x, new = data(key, truth, 4000), data(jax.random.fold_in(key, 1), truth, 4000)
    how = cd.ContrastiveDivergence(negative, 1, 100, 0.1, 100, shares=4)
    start = cd.untrained(key, x, 4, "spin", "spin")
    log_p = lambda m: -np.asarray(jax.vmap(m.free_energy)(jnp.asarray(new))) - float(m.log_partition())  # noqa: E731
    found = cd.train(key, start, x, how, held=new)
    less = [(log_p(truth) - log_p(m)).mean() for m in (found.machine, start.at_share(0.0))]
    assert less[0] < 0.01, less
    assert less[1] > 0.1, less
    assert found.diverged is None


def test_symmetric_machines_have_no_field(key):
    x = data(key, machine_of("spin"), 500)
    how = cd.ContrastiveDivergence(batch=50, epochs=5, symmetric=True)
    found = cd.train(key, cd.untrained(key, 0 * x, 3, "spin", "spin"), x, how).machine
    v = jnp.asarray(x[0])
    np.testing.assert_allclose(found.free_energy(v), found.free_energy(-v), rtol=1e-12)


def test_resumed_is_uninterrupted(key, tmp_path):
    x = data(key, machine_of("binary"), 300)
    start, how = cd.untrained(key, x, 3, "binary", "binary"), cd.ContrastiveDivergence(batch=50, epochs=40)

    def stop(done, total, message):
        if done == 7:
            os.kill(os.getpid(), signal.SIGTERM)

    whole = cd.train(key, start, x, how)
    with pytest.raises(Interrupted):
        cd.train(key, start, x, how, checkpoint=tmp_path / "c.safetensors", progress=stop)
    again = cd.train(key, start, x, how, checkpoint=tmp_path / "c.safetensors")
    for a, b in zip(jax.tree.leaves(whole.machine), jax.tree.leaves(again.machine), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_rate_that_diverges_is_told(key):
    x = data(key, machine_of("binary"), 300)
    how = cd.ContrastiveDivergence(batch=50, epochs=20, rate=1e38)
    with jax.debug_nans(False):  # noqa: FBT003
        found = cd.train(key, cd.untrained(key, x, 3, "binary", "gaussian"), x, how)
    assert found.diverged == 1
    assert np.isfinite(found.machine.weights).all()
