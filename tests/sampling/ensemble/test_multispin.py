# SPDX-License-Identifier: Apache-2.0
"""Bit-packed Metropolis against Kaufman's energies and enumerated Boltzmann laws, with planted errors."""

import itertools
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import chi2, norm

from isinglass.sampling.ensemble import color_table as tables
from isinglass.sampling.ensemble.bitstream import binary_digits
from isinglass.sampling.ensemble.color_table import Listed, Shifted, color_table
from isinglass.sampling.ensemble.multispin import WIDE_VECTORS, Multispin, accept, at_least, pack, unpack

FALSE_ALARM = 1e-4
TEMPERATURES = [1.5, 2.0, 2.269185314213022, 2.5, 3.0, 4.0]
KAUFMAN = {  # energy per site of the L x L torus (Kaufman 1949, doi:10.1103/PhysRev.76.1232)
    8: [-1.95111543085, -1.74568317029, -1.49158910744, -1.22232064325, -0.841315427852, -0.558491136608],
    16: [-1.95111657307, -1.74553066899, -1.45306485281, -1.13131798441, -0.81768936787, -0.55727283272],
}


def square(L):
    """Neighbors and colors of the L x L torus."""
    i, j = np.divmod(np.arange(L * L), L)
    site = lambda a, b: (a % L) * L + b % L  # noqa: E731
    neighbors = np.stack([site(i - 1, j), site(i + 1, j), site(i, j - 1), site(i, j + 1)], axis=1)
    return neighbors, np.stack([np.flatnonzero((i + j) % 2 == c) for c in (0, 1)])


def triangular(L):
    """Neighbors and three colors of the L x L triangular torus, 3 | L."""
    i, j = np.divmod(np.arange(L * L), L)
    steps = [(1, 0), (0, 1), (1, -1), (-1, 0), (0, -1), (-1, 1)]
    neighbors = np.stack([((i + a) % L) * L + (j + b) % L for a, b in steps], axis=1)
    return neighbors, np.stack([np.flatnonzero((i + 2 * j) % 3 == c) for c in range(3)])


def cube():
    """The corners of a cube: z = 3, as on the honeycomb lattice."""
    i = np.arange(8)
    odd = np.array([bin(k).count("1") % 2 for k in i])
    return np.stack([i ^ 1, i ^ 2, i ^ 4], axis=1), np.stack([np.flatnonzero(odd == c) for c in (0, 1)])


def eight():
    """Four even sites, each beside all four odd ones: z = 4."""
    odd, even = np.arange(1, 8, 2), np.arange(0, 8, 2)
    return np.stack([odd if i % 2 == 0 else even for i in range(8)]), np.stack([even, odd])


def random_signs(neighbors, seed=0):
    """J_ij = ±1 for each pair, as a table of [J_ij < 0]."""
    i = np.arange(len(neighbors))[:, None]
    low, high = np.minimum(i, neighbors), np.maximum(i, neighbors)
    return np.random.default_rng(seed).random((len(neighbors),) * 2)[low, high] < 0.5


def no_signs(neighbors):
    return np.zeros(neighbors.shape, bool)


def all_negative(neighbors):
    return np.ones(neighbors.shape, bool)


def energy(s, neighbors, negative):
    """E(s) = -½ Σ_i Σ_j J_ij s_i s_j, from the table as it stands; s [..., N]."""
    J = np.where(negative, -1.0, 1.0)
    return -0.5 * (s[..., None] * s[..., neighbors] * J).sum((-2, -1))


def run(key, s, neighbors, colors, negative, beta, n_sweeps, sampler=None):
    """Final configurations [T, R, N] of replicas that start from s, the same at each temperature.

    The law is the same for any number of own digits; with four the program is small and compiles quickly.
    """
    sampler = Multispin(4) if sampler is None else sampler
    s = np.broadcast_to(s, (len(beta), *s.shape[1:]))
    table = color_table(neighbors, colors, negative if negative.any() else None)
    step = jax.jit(sampler.step, static_argnums=3, compiler_options=WIDE_VECTORS)
    state = step(sampler.init(key, jnp.asarray(s), table), jnp.asarray(beta), table, n_sweeps)
    return np.asarray(sampler.configurations(state, table))


@jax.jit
def measure(s):
    """Energy per site [T, R] of the torus, -s_i (s_right + s_down)."""
    return -jnp.mean((s * (jnp.roll(s, 1, 2) + jnp.roll(s, 1, 3))).astype(jnp.float32), axis=(2, 3))


@pytest.mark.parametrize("L", [8, pytest.param(16, marks=pytest.mark.slow)])
def test_energy_is_kaufmans(key, L):
    """1,024 replicas at 6 temperatures, 40 times averaged.  4 standard errors; sees 0.004 per site at T_c."""
    neighbors, colors = square(L)
    table, sampler = color_table(neighbors, colors), Multispin()
    beta = 1 / jnp.asarray(TEMPERATURES)
    step = jax.jit(sampler.step, static_argnums=3, compiler_options=WIDE_VECTORS)
    state = sampler.init(key, jnp.ones((6, 1024, L * L), jnp.int8), table)
    state, means = step(state, beta, table, 12 * L**2), []
    for _ in range(40):
        state = step(state, beta, table, L)
        means.append(measure(unpack(state.spins, table).reshape(6, 1024, L, L)))
    replica = np.mean(np.asarray(means, dtype=float), axis=0)
    mean, error = replica.mean(1), replica.std(1, ddof=1) / np.sqrt(1024)
    assert (error < 2e-3).all()
    np.testing.assert_array_less(np.abs(mean - KAUFMAN[L]), 4 * error)


def all_states(N):
    return np.array(list(itertools.product([-1, 1], repeat=N)))


def boltzmann(beta, neighbors, negative):
    """P(s) of all 2^N states."""
    weight = np.exp(-beta * energy(all_states(len(neighbors)), neighbors, negative))
    return weight / weight.sum()


def transition_matrix(beta, neighbors, colors, negative):
    """One sweep, site after site, from dE of the single spins: rows are where one comes from."""
    N, J = len(neighbors), np.where(negative, -1.0, 1.0)
    states, sweep = all_states(N), np.eye(2**N)
    for i in colors.ravel():
        dE = 2 * states[:, i] * (states[:, neighbors[i]] * J[i]).sum(1)
        p = np.minimum(1, np.exp(-beta * dE))
        sweep = sweep * (1 - p) + (sweep * p)[:, np.arange(2**N) ^ (1 << (N - 1 - i))]
    return sweep


def p_value(s, probability):
    """Chi-square of independent states [R, N] against the probabilities of all 2^N, rare states joined."""
    counts = np.bincount((s > 0) @ (1 << np.arange(s.shape[1])[::-1]), minlength=len(probability))
    expected = len(s) * probability
    often = expected >= 10
    observed = np.append(counts[often], counts[~often].sum())
    expected = np.append(expected[often], expected[~often].sum())
    keep = expected > 1e-6
    assert observed[~keep].sum() == 0
    return chi2.sf(((observed - expected)[keep] ** 2 / expected[keep]).sum(), keep.sum() - 1)


GRAPHS = {
    "triangular antiferromagnet": (partial(triangular, 3), all_negative, 0.3),
    "triangular glass": (partial(triangular, 3), random_signs, 0.3),
    "cube glass": (cube, random_signs, 0.5),
    "four and four glass": (eight, random_signs, 0.3),
}


def random_start(key, N, R=2**18):
    return 2 * jax.random.bernoulli(key, shape=(1, R, N)).astype(jnp.int8) - jnp.int8(1)


@pytest.mark.parametrize("name", GRAPHS)
def test_sweeps_follow_the_transition_matrix(key, name):
    """2.6e5 replicas after 2 sweeps from all spins up.  False alarm 1e-4; sees 5 % in beta on every graph."""
    graph, signs, beta = GRAPHS[name]
    neighbors, colors = graph()
    negative = signs(neighbors)
    expected = np.linalg.matrix_power(transition_matrix(beta, neighbors, colors, negative), 2)[-1]
    final = partial(run, key, np.ones((1, 2**18, len(neighbors)), np.int8), neighbors, colors, negative, n_sweeps=2)
    s, wrong = final(beta=[beta, 1.05 * beta])
    assert p_value(s, expected) > FALSE_ALARM
    assert p_value(wrong, expected) < FALSE_ALARM  # planted


@pytest.mark.parametrize("name", [name for name in GRAPHS if "triangular" not in name])
def test_final_states_follow_boltzmann(key, name):
    """2.6e5 replicas after 60 sweeps from random starts.  False alarm 1e-4; sees 5 % in beta.

    Not on the 3 x 3 triangular lattice, where sweeps in fixed order are not ergodic.
    """
    graph, signs, beta = GRAPHS[name]
    neighbors, colors = graph()
    negative = signs(neighbors)
    s, wrong = run(key, random_start(key, 8), neighbors, colors, negative, [beta, 1.05 * beta], 60, Multispin())
    expected = boltzmann(beta, neighbors, negative)
    assert p_value(s, expected) > FALSE_ALARM
    assert p_value(wrong, expected) < FALSE_ALARM  # planted


def test_a_wrong_threshold_is_seen(key):
    """Planted: the largest dE alone is accepted 10 % too rarely."""

    class Wrong(Multispin):
        def thresholds(self, beta_J, z):
            right = Multispin.thresholds(self, beta_J, z)
            p = 0.9 * jnp.exp(-2.0 * beta_J * z)[:, None, None]
            return [*right[:-1], binary_digits(p, self.independent_bits)]

    neighbors, colors = cube()
    final = run(key, random_start(key, 8), neighbors, colors, no_signs(neighbors), [0.4], 60, Wrong(4))[0]
    assert p_value(final, boltzmann(0.4, neighbors, no_signs(neighbors))) < FALSE_ALARM


@pytest.mark.parametrize("z", [2, 3, 4, 6])
def test_decision_in_every_case(z):
    """All 2^z bonds and all nested coins against: accept if u < p_n for the n that holds, or dE <= 0."""
    ordered = range(z // 2 + 1, z + 1)
    for bonds in itertools.product([0, 1], repeat=z):
        n = sum(bonds)
        words = [jnp.full((1,), 0xFFFFFFFF * b, jnp.uint32) for b in bonds]
        assert [int(count[0] != 0) for count in at_least(words)] == [int(n >= m) for m in range(z + 1)]
        for heads in range(len(ordered) + 1):  # u lies below the `heads` largest thresholds
            coins = [jnp.full((1,), 0xFFFFFFFF * (k < heads), jnp.uint32) for k in range(len(ordered))]
            expected = n <= z / 2 or n - ordered[0] < heads
            assert bool(accept(words, coins)[0] == 0xFFFFFFFF) == expected


def test_gauge_transformation_changes_nothing(key):
    """s_i -> g_i s_i, J_ij -> g_i J_ij g_j: with the same random numbers the same flips, bit by bit."""
    neighbors, colors = square(8)
    g = np.where(np.random.default_rng(1).random(64) < 0.5, -1, 1).astype(np.int8)
    up, negative = np.ones((2, 32, 64), np.int8), g[:, None] * g[neighbors] < 0
    plain = run(key, up, neighbors, colors, no_signs(neighbors), [0.3, 0.5], 50)
    glass = run(key, up * g, neighbors, colors, negative, [0.3, 0.5], 50)
    np.testing.assert_array_equal(glass, plain * g)


def test_looking_up_neighbors_gives_the_same_as_shifting(key, monkeypatch):
    neighbors, colors = triangular(6)
    args = (np.ones((1, 32, 36), np.int8), neighbors, colors, random_signs(neighbors), [0.4], 20)
    assert isinstance(color_table(neighbors, colors).neighbors[0][0], Shifted)
    shifted = run(key, *args)
    monkeypatch.setattr(tables, "MOST_SHIFTS", 0)
    assert isinstance(color_table(neighbors, colors).neighbors[0][0], Listed)
    np.testing.assert_array_equal(run(key, *args), shifted)


def test_replicas_of_one_word_are_independent(key):
    """Mean pair correlation of the energies over 2,048 words.  False alarm 1e-4; sees 0.004."""
    neighbors, colors = square(4)
    limit = norm.isf(FALSE_ALARM) * np.sqrt(2 / 2048) / 31
    up = np.ones((1, 32 * 2048, 16), np.int8)

    def correlation(independent_bits):
        s = run(key, up, neighbors, colors, no_signs(neighbors), [0.4], 100, Multispin(independent_bits))
        E = energy(s[0], neighbors, no_signs(neighbors)).reshape(2048, 32)
        return (32 * E.mean(1).var() / E.var() - 1) / 31

    assert abs(correlation(12)) < limit
    assert correlation(1) > limit  # planted: all digits but one are shared


def test_sweeps_may_be_split(key):
    neighbors, colors = square(6)
    table, sampler, beta = color_table(neighbors, colors), Multispin(2), jnp.array([0.4])
    start = sampler.init(key, jnp.ones((1, 32, 36), jnp.int8), table)
    step = jax.jit(sampler.step, static_argnums=3)
    at_once, split = step(start, beta, table, 6), step(step(start, beta, table, 3), beta, table, 3)
    jax.tree.map(np.testing.assert_array_equal, at_once, split)


@pytest.mark.parametrize("R", [1, 32, 40])
def test_packing_is_undone(key, R):
    neighbors, colors = triangular(6)
    table = color_table(neighbors, colors)
    s = 2 * jax.random.bernoulli(key, shape=(3, R, 36)).astype(jnp.int8) - jnp.int8(1)
    np.testing.assert_array_equal(unpack(pack(s, table), table)[:, :R], s)


def test_tables_that_cannot_be_packed_are_refused():
    neighbors, colors = square(4)
    with pytest.raises(ValueError, match="same number of neighbors"):
        color_table(np.where(neighbors == 0, 16, neighbors), colors)
    with pytest.raises(ValueError, match="different colors"):
        color_table(neighbors, np.sort(colors, axis=None).reshape(2, 8))
    with pytest.raises(ValueError, match="a color for every site"):
        color_table(neighbors, colors[:1])
