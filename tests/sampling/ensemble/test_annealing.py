# SPDX-License-Identifier: Apache-2.0
"""Annealing: the exact ground state, several systems at once, and a run that is killed goes on with the same bits."""

import os
import signal

import jax
import numpy as np
import pytest
from tests.run.killed import assert_goes_on_bit_for_bit

from isinglass.errors import Interrupted
from isinglass.exact.lattice.enumeration import ising_energies
from isinglass.sampling.chain.metropolis import Metropolis
from isinglass.sampling.ensemble import annealing
from isinglass.sampling.ensemble.annealing import Geometric, anneal
from isinglass.systems import edwards_anderson

GLASSES = [edwards_anderson(jax.random.key(k), (4, 4)) for k in range(3)]


def annealed(key, glasses=GLASSES, **options):
    return anneal(key, Metropolis(), glasses, Geometric(3.0, 0.1), sweeps=200, runs=8, **options)


def alike(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.fixture(scope="module")
def whole():
    return annealed(jax.random.key(5))


def test_the_best_runs_end_in_the_exact_ground_state(whole):
    """By enumeration of 2^16 states; planted: another glass's ground state is not reached by all three."""
    states = [ising_energies(16, np.asarray(g.graph.bonds), np.asarray(g.J)) for g in GLASSES]
    exact = np.array([min(float(chunk.min()) for chunk in chunks) for chunks in states])
    found = np.asarray(whole.energy).min(axis=1)
    np.testing.assert_array_equal(found, exact)
    np.testing.assert_array_equal(np.nanmin(whole.trace, axis=1), whole.energy)
    assert not np.array_equal(found, exact - 2)


def test_one_of_several_systems_is_as_alone(whole):
    alone = annealed(jax.random.split(jax.random.key(5), 3)[1], GLASSES[1])
    assert alike(alone[:3], [part[1] for part in whole[:3]])
    assert not np.array_equal(alone.trace, whole.trace[0])  # planted: another system


def test_stopped_after_any_block_it_goes_on_bit_for_bit(tmp_path, monkeypatch, whole):
    """SIGTERM after each block of a tenth of the run; planted: another key is refused."""
    monkeypatch.setattr(annealing, "SITES_PER_BLOCK", 20 * 3 * 8 * 16)
    file, told = tmp_path / "saved.safetensors", []

    def stop(done, total, text):
        told.append(done)
        os.kill(os.getpid(), signal.SIGTERM)

    for _ in range(10):
        with pytest.raises(Interrupted):
            annealed(jax.random.key(5), checkpoint=file, progress=stop)
    assert told == list(range(20, 220, 20))
    assert alike(annealed(jax.random.key(5), checkpoint=file), whole)
    with pytest.raises(ValueError, match="this very run"):
        annealed(jax.random.key(6), checkpoint=file)


SCRIPT = """
import sys, isinglass, jax, numpy as np
from pathlib import Path
from isinglass.run import loop
from isinglass.sampling.chain.metropolis import Metropolis
from isinglass.sampling.ensemble import annealing
from isinglass.sampling.ensemble.annealing import Geometric, anneal
from isinglass.systems import edwards_anderson
loop.EVERY, loop.SHARE = 0.0, 1e9  # a checkpoint after every block
annealing.SITES_PER_BLOCK = 1  # a block is a sweep
glasses = [edwards_anderson(jax.random.key(k), (6, 6)) for k in range(2)]
file = None if sys.argv[1] == "-" else Path(sys.argv[1])
tell = lambda done, total, text: print(done, flush=True)
found = anneal(jax.random.key(1), Metropolis(), glasses, Geometric(3.0, 0.1), sweeps=800, runs=16, checkpoint=file,
               progress=tell)
np.savez(sys.argv[2], x=found.x, energy=found.energy, trace=found.trace)
"""


@pytest.mark.slow
def test_an_annealing_killed_by_sigkill_goes_on_bit_for_bit(tmp_path):
    """Start, kill after some blocks, start again: configurations, energies and trace of an undisturbed run."""
    assert_goes_on_bit_for_bit(SCRIPT, tmp_path, after=200, blocks=800)
