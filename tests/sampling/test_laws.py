# SPDX-License-Identifier: Apache-2.0
"""Every sampler on every system it serves leaves the enumerated Boltzmann law invariant; planted errors are seen.

False alarm of each test 1e-4.  Resolution: see isinglass.checks.equilibrium.
"""

from contextlib import suppress

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.sampling.all_methods import METHODS, SWEEPS
from tests.systems.all_systems import DISCRETE

from isinglass.checks.equilibrium import detailed_balance, flux_balance, reaches_equilibrium, stationarity
from isinglass.checks.equilibrium import transition_matrix as transitions
from isinglass.errors import InputError
from isinglass.exact.lattice.enumeration import configurations
from isinglass.sampling import HeatBath, Metropolis, SwendsenWang, Tempering, Wolff
from isinglass.sampling.chain.cluster import connected_components
from isinglass.sampling.chain.metropolis import acceptance
from isinglass.sampling.choice import choose
from isinglass.sampling.method import methods
from isinglass.systems import Ising, at_temperatures
from isinglass.systems.graph import hypercubic

SYSTEMS = {n: s for n, s in DISCRETE.items() if len(s.variable.values) ** int(np.prod(s.shape)) <= 1024}


def enumerated(system):
    """All states and their log weights."""
    n, q = int(np.prod(system.shape)), len(system.variable.values)
    digits = np.concatenate(list(configurations(n, q)))
    states = np.asarray(system.variable.values, np.int8)[digits].reshape(-1, *system.shape)
    return states, np.asarray(jax.jit(jax.vmap(system.log_weight))(jnp.asarray(states)))


def refused(sampler, system):
    """Does the system lack what the sampler requires?"""
    with suppress(InputError):
        for requirement in sampler.requires:
            requirement("sampler", system)
        return False
    return True


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("method", SWEEPS)
def test_a_sweep_leaves_the_boltzmann_law_invariant(key, name, method):
    """Or is refused in a line where the system lacks what it needs."""
    system, sampler = SYSTEMS[name], SWEEPS[method]()
    if refused(sampler, system):
        with pytest.raises(InputError, match=r"^expected .*; found .*; .*\.$"):
            choose(method, system)
        return
    check = stationarity(key, lambda k, x: sampler.step(k, x, system)[0], *enumerated(system))
    assert check.verdict == "pass", check


def test_methods_are_found_by_their_files():
    """Their names, without an import; parts of other methods are none."""
    known = {"metropolis", "heat_bath", "wolff", "swendsen_wang", "tempering"}
    assert set(METHODS) == set(methods())
    assert known | {"hmc", "mala", "langevin", "random_walk", "nuts"} <= set(METHODS)
    assert all(choose(name, SYSTEMS["ising_small"]) for name in known)


@pytest.mark.parametrize("sampler", [Wolff(), SwendsenWang()], ids=["wolff", "swendsen_wang"])
def test_cluster_steps_are_reversible(key, sampler):
    system = SYSTEMS["ising_small"]
    check = flux_balance(key, lambda k, x: sampler.step(k, x, system)[0], *enumerated(system))
    assert check.verdict == "pass", check


@pytest.mark.parametrize("planted", ["5 % in beta", "wrong acceptance"])
def test_planted_errors_of_a_sampler_are_caught(key, planted):
    system = SYSTEMS["ising_small"]
    wrong = eqx.tree_at(lambda s: s.beta, system, system.beta * (1.05 if planted == "5 % in beta" else 1.0))

    def step(k, x):
        if planted == "wrong acceptance":  # accept every flip that costs nothing, else with half the probability
            y = Metropolis().step(k, x, system)[0]
            return jnp.where(system.energy(y) > system.energy(x) + 4, x, y)
        for i in range(12):
            x = Metropolis().step(jax.random.fold_in(k, i), x, wrong)[0]
        return x

    assert stationarity(key, step, *enumerated(system)).verdict == "fail"


@pytest.mark.slow
def test_missing_equilibration_is_caught(key):
    system = SYSTEMS["ising_small"]
    step = lambda k, x: Metropolis().step(k, x, system)[0]  # noqa: E731
    start = -np.ones((3, 3), np.int8)
    short, long = (reaches_equilibrium(key, step, start, *enumerated(system), steps=n) for n in (2, 60))
    assert (short.verdict, long.verdict) == ("fail", "pass"), (short, long)


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [(acceptance, "pass"), (lambda beta, dE: acceptance(1.05 * beta, dE), "fail"),
     (lambda beta, dE: jnp.minimum(1.0, 0.9 * jnp.exp(-beta * dE)), "fail"),
     (lambda beta, dE: 1 / (1 + jnp.exp(beta * dE)), "pass")],
    ids=["metropolis", "5 % in beta", "wrong acceptance", "heat bath"],
)  # fmt: skip
def test_detailed_balance_by_the_exact_transition_matrix(rule, verdict):
    """All 2^9 states of the 3 x 3 torus: P_ij = (1/N) A(E_j - E_i)."""
    system = SYSTEMS["ising_small"]
    states, log_weight = enumerated(system)
    A = np.asarray(rule(system.beta, jnp.asarray((log_weight[:, None] - log_weight[None]) / system.beta)))
    flips = lambda i: [(i ^ (1 << k), 1 / 9) for k in range(9)]  # noqa: E731
    check = detailed_balance(transitions(states, flips, lambda i, j: A[i, j]), log_weight)
    assert check.verdict == verdict, check


def test_tempering_leaves_the_joint_law_invariant(key):
    """Two temperatures of a 2 x 2 lattice: 16 x 16 joint states; a wrong sign of the exchange is seen."""
    system = Ising((2, 2))
    batch = at_temperatures(system, jnp.array([2.0, 5.0]))
    states = np.asarray(system.variable.values, np.int8)[np.concatenate(list(configurations(8)))].reshape(-1, 2, 2, 2)
    E = np.asarray(jax.vmap(jax.vmap(system.energy))(jnp.asarray(states)))
    ensemble = Tempering(HeatBath())

    def step(k, x, system=batch):
        state = ensemble.init(k, x[:, None], system)
        for i in range(2):
            state, _ = ensemble.step(jax.random.fold_in(k, i), state, system)
        return ensemble.configurations(state)[:, 0]

    assert stationarity(key, step, states, -E @ np.array([1 / 2, 1 / 5])).verdict == "pass"
    assert stationarity(key, step, states, -E @ np.array([1 / 2, 1 / 4.5])).verdict == "fail"


def test_connected_components_are_scipys(key):
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components as reference

    graph = hypercubic((12, 10))
    closed = np.asarray(jax.random.bernoulli(key, 0.5, (graph.n_bonds,)))
    i, j = graph.bonds[closed].T
    n, label = reference(coo_array((np.ones(len(i)), (i, j)), shape=(120, 120)), directed=False)
    ours = np.asarray(connected_components(jnp.asarray(closed), graph))
    smallest = np.array([np.flatnonzero(label == c)[0] for c in range(n)])
    np.testing.assert_array_equal(ours, smallest[label])


def test_clusters_and_heat_bath_refuse_what_they_cannot_do(key):
    with pytest.raises(ValueError, match="reflection"):
        Wolff().step(key, SYSTEMS["ising_field"].random_configuration(key), SYSTEMS["ising_field"])
