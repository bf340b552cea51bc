# SPDX-License-Identifier: Apache-2.0
"""Deepest minima of the Cambridge Cluster Database; energies as another search of neighbors has them; resume."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.approximation.harmonic import basin_hopping
from isinglass.approximation.harmonic.basin_hopping import (
    BasinHopping,
    Cluster,
    all_pairs,
    deepest,
    heat,
    hops,
    quenched,
    started,
)  # fmt: skip
from isinglass.errors import InputError, Interrupted
from isinglass.systems.particle.evaluation import evaluate
from isinglass.systems.particle.lennard_jones import icosahedron
from isinglass.systems.particle.potential.pair_lennard_jones import PairLennardJones
from isinglass.systems.particle.potential.stillinger_weber import StillingerWeber
from isinglass.systems.particle.structure import AtomicStructure

UNCUT = PairLennardJones(epsilon=1.0, sigma=1.0, onset=15.0, cutoff=20.0)
LJ7 = -16.505384  # Cambridge Cluster Database; doi:10.1021/jp970984n


def cluster(n: int, potential=UNCUT) -> Cluster:
    """Of one element."""
    return Cluster(potential, jnp.zeros(n, int))


def starts(key, walkers: int, n: int):
    """Random."""
    return 2.2 * jax.random.ball(key, 3, shape=(walkers, n), dtype=float)


@pytest.mark.parametrize("potential", [UNCUT, StillingerWeber()])
def test_the_energy_is_that_of_vesin(potential):
    x = 2.2 * np.asarray(icosahedron()) * (1.0 if potential is not UNCUT else 0.5)
    x = x + 0.1 * np.random.default_rng(0).normal(size=x.shape)
    number = np.full(13, potential.numbers[0])
    atoms = AtomicStructure(x, number, np.zeros((3, 3)), np.zeros(3, bool), np.ones(13))
    found = float(cluster(13, potential).energy(jnp.asarray(x)))
    assert found == pytest.approx(evaluate(potential, atoms).energy, rel=1e-12)


def test_places_of_pairs():
    index, reverse = all_pairs(5)
    i = np.repeat(np.arange(5), 4)
    assert np.array_equal(i[reverse.ravel()], index.ravel())
    assert np.array_equal(index.ravel()[reverse.ravel()], i)


def test_the_icosahedron_is_the_minimum_that_it_belongs_to():
    x, value, is_one = quenched(cluster(13), BasinHopping(force=1e-6), jnp.asarray(1.1 * icosahedron()))
    assert bool(is_one)
    assert float(value) == pytest.approx(-44.326801, abs=1e-6)
    assert float(cluster(13).nearest(x)) == pytest.approx(1.0819, abs=1e-3)


def test_seven_atoms_find_the_pentagonal_bipyramid():
    walkers, lowest, *_ = deepest(jax.random.key(0), cluster(7), starts(jax.random.key(1), 4, 7), count=60)
    assert np.asarray(walkers.best_value) == pytest.approx(np.full(4, LJ7), abs=1e-5)
    assert (np.diff(lowest, axis=0) <= 0).all()


@pytest.mark.parametrize("epsilon", [1.0, 0.0104])
def test_the_temperature_is_in_units_of_what_binds(epsilon):
    """13 atoms have -44.327 ε: 0.682 ε, in whatever unit; atoms that nothing binds need a temperature."""
    potential = PairLennardJones(epsilon=epsilon, sigma=1.0, onset=15.0, cutoff=20.0)
    bound, method = cluster(13, potential), BasinHopping(force=1e-4 * epsilon)
    walkers = started(bound, method, jnp.asarray(0.0), jnp.asarray(1.05 * icosahedron())[None])
    assert heat(bound, method, walkers) == pytest.approx(0.2 * 44.326801 / 13 * epsilon, rel=1e-5)
    assert heat(bound, BasinHopping(temperature=0.8), walkers) == 0.8
    with pytest.raises(InputError, match="state hop_temperature"):
        heat(bound, method, walkers._replace(value=jnp.ones(1)))


def test_walkers_side_by_side_hop_as_one_by_one():
    """x' = x + s u, rest, accept with probability min(1, exp(-ΔE/T)), hop by hop in Python."""
    method, atoms = BasinHopping(temperature=jnp.asarray(0.5)), cluster(10)  # of many minima
    begin = started(atoms, method, jnp.asarray(0.0), starts(jax.random.key(1), 3, 10))
    keys = jax.random.split(jax.random.key(2), (6, 3))
    end, lowest = hops(atoms, method, jnp.asarray(0.0), begin, keys)
    rest = eqx.filter_jit(quenched)
    for w in range(3):
        x, E, best, accepted = begin.x[w], float(begin.value[w]), float(begin.value[w]), 0
        for k in range(6):
            key_u, key_accept = jax.random.split(keys[k, w])
            u = jax.random.uniform(key_u, x.shape, float, -1.0, 1.0)
            y, new, is_one = rest(atoms, method, x + 0.4 * u)
            if is_one and np.log(jax.random.uniform(key_accept, (), float)) < (E - float(new)) / 0.5:
                x, E, accepted = y - y.mean(axis=0)[None], float(new), accepted + 1
            best = min(best, E)
            assert float(lowest[k, w]) == pytest.approx(best, abs=1e-5)
        assert float(end.value[w]) == pytest.approx(E, abs=1e-5)
        assert int(end.accepted[w]) == accepted


def test_what_is_nearer_than_trained_is_refused():
    """Minima have distances of 1.1; asked for 1.5, none is accepted."""
    x = starts(jax.random.key(1), 2, 7)
    walkers, *_ = deepest(jax.random.key(0), cluster(7), x, count=5, apart=1.5)
    assert int(walkers.accepted.sum()) == 0


def test_every_hop_of_every_walker_has_a_key_of_its_own(monkeypatch):
    """25 hops in three blocks of at most ten."""
    used = []

    def told(cluster, method, apart, walkers, keys):
        used.append(np.asarray(jax.random.key_data(keys)).reshape(-1, 2))
        return walkers, jnp.zeros(keys.shape)

    monkeypatch.setattr(basin_hopping, "hops", told)
    deepest(jax.random.key(0), cluster(2), starts(jax.random.key(1), 3, 2), count=25)
    assert len(np.unique(np.concatenate(used), axis=0)) == 75


def test_resumed_is_uninterrupted(tmp_path):
    x = starts(jax.random.key(1), 2, 5)
    whole, rows, *_ = deepest(jax.random.key(0), cluster(5), x, count=20)

    def stop(done, total, message):
        import os
        import signal

        if done == 10:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Interrupted):
        deepest(jax.random.key(0), cluster(5), x, count=20, checkpoint=tmp_path, progress=stop)
    again, rows_again, *_ = deepest(jax.random.key(0), cluster(5), x, count=20, checkpoint=tmp_path)
    assert np.array_equal(rows, rows_again)
    assert np.array_equal(whole.x, again.x)
