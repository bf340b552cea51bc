# SPDX-License-Identifier: Apache-2.0
"""Moves are symmetric and stay in the sector; chains of H's own moves reach all of it."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse.csgraph
import scipy.stats

from isinglass.approximation.variational.born_sampling import MarkovChains
from isinglass.approximation.variational.energy import measure
from isinglass.approximation.variational.markov_chain import (
    Either,
    Exchange,
    Flip,
    HamiltonianMove,
    Hop,
    move_for,
    step,
    sweeps,
)
from isinglass.nets.wavefunction.jastrow import Jastrow
from isinglass.nets.wavefunction.quantum_state import AbstractWalker
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.systems.graph import from_bonds, hypercubic
from isinglass.systems.quantum.conserved import conserved
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.heisenberg import heisenberg
from isinglass.systems.quantum.hilbert_space import bosons, fermions, spins
from isinglass.systems.quantum.hubbard import hubbard
from isinglass.systems.quantum.operator import Operator, Sm, Sp, Z, b, bdag, n
from isinglass.systems.quantum.toric_code import toric_code
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

RING = hypercubic((6,))


def ring_exchange():
    """Two spins up and two down on four sites in a row exchange; magnetization 0 on a ring of 6."""
    total = Operator({})
    for i in range(6):
        j, k, m = ((i + a) % 6 for a in (1, 2, 3))
        term = Sp(i) @ Sp(k) @ Sm(j) @ Sm(m)
        total = total + term + Sm(i) @ Sm(k) @ Sp(j) @ Sp(m) + 0.3 * Z(i) @ Z(j)
    return Hamiltonian(total, spins(6, magnetization=0))


def pairs_of_bosons():
    """Two bosons hop together, and one alone."""
    total = Operator({})
    for i in range(4):
        j = (i + 1) % 4
        for power in (bdag(i) @ b(j), bdag(i) @ bdag(i) @ b(j) @ b(j)):
            total = total - power - power.dagger
        total = total + 0.5 * n(i) @ n(i)
    return Hamiltonian(total, bosons(4, 2, 4))


class OneWay(Hop):
    """Planted: quanta go from the first site of a bond to the second, and never back."""

    def draw(self, key, shape, space):
        """A bond."""
        return jnp.asarray(self.bonds)[jax.random.randint(key, shape, 0, len(self.bonds))]


def proposals(move, space):
    """q(n' | n) of all pairs of states, exact: all choices are equally likely."""
    drawn = np.asarray(move.draw(jax.random.key(0), (4000,), space))
    choices = np.unique(drawn, axis=0)
    states = jax.vmap(space.decode)(jnp.asarray(space.states()))

    def code(choice, n):
        sites, levels = move.apply(choice, n, space)
        return space.encode(n.at[sites].set(levels.astype(n.dtype)))

    there = jax.jit(jax.vmap(lambda choice: jax.vmap(lambda n: code(choice, n))(states)))(jnp.asarray(choices))
    codes = space.states()
    inside = np.isin(np.asarray(there), codes)
    q = np.zeros((space.size, space.size))
    place = np.searchsorted(codes, np.asarray(there)).clip(0, space.size - 1)
    np.add.at(q, (place, np.arange(space.size)[None]), inside / len(choices))
    return q


HEISENBERG, BOSONS = heisenberg(RING), pairs_of_bosons()
MOVES = {
    "flip": (lambda: Flip(), transverse_field_ising(RING).space),
    "exchange": (lambda: Exchange(RING.bonds), HEISENBERG.space),
    "hop": (lambda: Hop(hypercubic((4,)).bonds), BOSONS.space),
    "of H, spins": (lambda: HamiltonianMove(ring_exchange()), HEISENBERG.space),
    "of H, bosons": (lambda: HamiltonianMove(BOSONS), BOSONS.space),
    "either": (lambda: Either(Exchange(RING.bonds), HamiltonianMove(ring_exchange())), HEISENBERG.space),
}


@pytest.mark.parametrize("name", list(MOVES))
def test_moves_are_symmetric_and_stay_in_the_sector(name):
    """q(n' | n) = q(n | n'), exact; Σ q = 1 over the sector: none leaves it."""
    make, space = MOVES[name]
    q = proposals(make(), space)
    np.testing.assert_allclose(q, q.T, atol=1e-12)
    np.testing.assert_allclose(q.sum(0), 1, rtol=1e-12)


def test_planted_moves_are_seen():
    """Hops of one direction are not symmetric; flips leave the sector."""
    space = BOSONS.space
    q = proposals(OneWay(hypercubic((4,)).bonds), space)
    assert np.abs(q - q.T).max() > 0.1
    assert proposals(Flip(), HEISENBERG.space).sum(0).max() < 0.1


def test_metropolis_keeps_detailed_balance(key):
    """p(n) P(n -> n') = p(n') P(n' -> n) with P = q min(1, p'/p), and P p = p; planted: hops of one direction."""
    space = BOSONS.space
    n = jax.vmap(space.decode)(jnp.asarray(space.states()))
    psi = Jastrow(key=key, n_sites=4, scale=0.5)
    p = np.exp(2 * np.asarray(jnp.real(jax.vmap(psi.log_psi)(space.variables(n, float)))))
    p = p / p.sum()
    for move, good in ((HamiltonianMove(BOSONS), True), (OneWay(hypercubic((4,)).bonds), False)):
        P = proposals(move, space) * np.minimum(1, p[:, None] / p[None])
        P = P - np.diag(np.diag(P))
        P = P + np.diag(1 - P.sum(0))
        flow = P * p[None]
        assert bool(np.abs(flow - flow.T).max() < 1e-14) is good
        assert bool(np.abs(P @ p - p).max() < 1e-14) is good


def test_moves_of_h_reach_what_it_connects(key):
    """Ring exchange in its sector: ends of 20,000 chains beside |ψ|² on the connected states, chi-square at 1e-4.

    Planted: exchanges of neighbors also reach the others, and the law of these is another one.
    """
    hamiltonian = ring_exchange()
    space, psi = hamiltonian.space, RBM(key=key, n_sites=6, alpha=1, scale=0.3)
    own = HamiltonianMove(hamiltonian)
    start = jnp.tile(jnp.array([0, 1, 0, 1, 0, 1], jnp.int8), (20_000, 1))
    codes = space.states()
    states = jax.vmap(space.decode)(jnp.asarray(codes))
    weight = np.exp(2 * np.asarray(jax.vmap(psi.log_psi)(space.variables(states, float))))
    q = np.linalg.matrix_power(proposals(own, space), space.size)
    reached = q[:, np.searchsorted(codes, int(space.encode(start[0])))] > 0
    assert 0 < reached.sum() < space.size
    for move, good in ((own, True), (Exchange(RING.bonds), False)):
        end, _ = eqx.filter_jit(sweeps)(key, start, psi, space, move, 300)
        counts = np.bincount(np.searchsorted(codes, jax.vmap(space.encode)(end)), minlength=space.size)
        assert bool(counts[~reached].sum() == 0) is good
        p = weight[reached] / weight[reached].sum()
        if good:
            assert scipy.stats.chisquare(counts[reached], p * counts.sum()).pvalue > 1e-4


def test_chains_outside_the_sector_are_refused(key):
    """A chain begun outside stays outside, with another energy: one line says so; inside it is welcome."""
    space, psi = HEISENBERG.space, RBM(key=key, n_sites=6)
    sampler = MarkovChains(Exchange(RING.bonds), samples=64, chains=64)
    good = sampler.init(key, space)
    measure(key, HEISENBERG, sampler, psi, good, rounds=1)
    with pytest.raises(ValueError, match=r"sites 0 to 5 sum to 3, found 4 in state 7; begin with"):
        measure(key, HEISENBERG, sampler, psi, good.at[7].set(jnp.array([1, 1, 1, 1, 0, 0], jnp.int8)), rounds=1)
    with pytest.raises(ValueError, match="from 0 to 1 at each site"):
        space.require(np.full((1, 6), 2))


PIECES = {
    "ring exchange": ring_exchange(),
    "two pieces": heisenberg(from_bonds(np.array([[0, 1], [1, 2], [3, 4]]), (5,), "graph"), magnetization=0.5),
    "spins 1 in pieces": heisenberg(from_bonds(np.array([[0, 1], [2, 3]]), (4,), "graph"), S=1),
    "electrons by number": Hamiltonian(hubbard(hypercubic((3,)), 4.0, (1, 1)).operator, fermions(3, 3, spinful=True)),
    "bosons": BOSONS,
    "nothing moves": Hamiltonian(Z(0) @ Z(1), spins(4, magnetization=0)),
    "whole space": heisenberg(hypercubic((4,)), magnetization=None),
    "toric code": toric_code(2, 2),
}


@pytest.mark.parametrize("name", PIECES)
def test_moves_reach_the_whole_space(name):
    """From any state to any other, whatever H conserves, by symmetric proposals; planted: H's own moves do not."""
    hamiltonian = PIECES[name]
    space, move = hamiltonian.space, move_for(hamiltonian)
    q = proposals(move, space)
    np.testing.assert_allclose(q, q.T, atol=1e-12)
    assert scipy.sparse.csgraph.connected_components(q > 0)[0] == 1
    if name != "nothing moves" and name != "bosons":
        assert scipy.sparse.csgraph.connected_components(proposals(HamiltonianMove(hamiltonian), space) > 0)[0] > 1
    if conserved(hamiltonian).hidden and len(hamiltonian.moved):  # within a sector they move as well
        labels = np.unique(conserved(hamiltonian).labels(states_of(space)), axis=0, return_inverse=True)[1]
        assert (q[labels[:, None] == labels[None]].reshape(-1) > 0).sum() > space.size


def states_of(space):
    return space.states()[:, None] // space.radix % space.levels


def test_a_sector_of_one_site_is_refused():
    """There is nowhere to move."""
    with pytest.raises(ValueError, match="two sites or more"):
        move_for(Hamiltonian(Z(0), spins(1, magnetization=0.5)))


class Quotient(AbstractWalker):
    """ψ(x')/ψ(x) is a given number, whatever x."""

    ratio: jax.Array

    def keep(self, x):
        return x

    def move(self, kept, x, sites, y):
        return self.ratio, kept


@pytest.mark.parametrize("ratio", [0.5, -0.5, 0.3 + 0.4j, 2.0])
def test_a_move_is_accepted_with_the_square_of_the_amplitudes(ratio):
    """u < |ψ(x')/ψ(x)|², at 0.9 and 1.1 of it."""
    space, n = transverse_field_ising(RING).space, jnp.zeros(6, jnp.int8)
    walker, square = Quotient(jnp.asarray(ratio)), abs(ratio) ** 2
    for share, accepted in ((0.9, True), (1.1, False)):
        after, _, yes = step(walker, space, Flip(), jnp.array([2, 0], jnp.int32), jnp.asarray(share * square), n, n)
        assert bool(yes) == bool(after[2]) == accepted
        assert not after[:2].any()
