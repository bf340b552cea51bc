# SPDX-License-Identifier: Apache-2.0
"""A motion that is stopped or killed goes on with the same bits; one that diverges says where."""

import os
import signal

import jax
import numpy as np
import pytest
from tests.run.killed import assert_goes_on_bit_for_bit

from isinglass.approximation.variational.ensemble import chains
from isinglass.approximation.variational.markov_chain import Flip
from isinglass.approximation.variational.time_dependent import TimeDependent, evolve
from isinglass.errors import Interrupted
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

RING = transverse_field_ising(hypercubic((3,)), 0.8)
METHOD = TimeDependent(RING, chains(RING, Flip(), 32, 16, warm_up=1), solver="heun", cutoff=1e-3)
PSI = RBM(key=jax.random.key(1), n_sites=3, dtype="complex128", scale=0.3)
TIMES = np.linspace(0, 0.1, 12)  # 11 steps and a look, in blocks of 4
SEEN = {"energy": RING}


def moved(key, **settings):
    return evolve(key, METHOD, PSI, TIMES, SEEN, block_steps=5, **settings)


@pytest.fixture(scope="module")
def whole():
    return moved(jax.random.key(7))


def alike(a, b):
    """Path, motion, observables and errors, bit for bit."""
    rows = zip(jax.tree.leaves(a[2:-1]), jax.tree.leaves(b[2:-1]), strict=True)
    return all(np.array_equal(x, y) for x, y in rows) and np.array_equal(a.psi.W, b.psi.W)


@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_a_stopped_motion_goes_on_bit_for_bit(tmp_path, whole, blocks):
    """Draws of chains, SIGTERM after any block, the last too; planted: another key, which is told from it."""
    file, told = tmp_path / "saved.safetensors", []

    def stop(done, total, text):
        told.append((done, total))
        if len(told) == blocks:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Interrupted):
        moved(jax.random.key(7), checkpoint=file, progress=stop)
    assert told == [(3, 11), (7, 11), (11, 11)][:blocks]
    again = moved(jax.random.key(7), checkpoint=file)
    assert alike(again, whole)
    assert not alike(moved(jax.random.key(8)), whole)
    with pytest.raises(ValueError, match="this very run"):
        moved(jax.random.key(8), checkpoint=file)


def test_a_motion_that_diverges_keeps_its_last_good_block(whole):
    """A step of length 1e200 from t = 0.05 on: NaN after the first block, and the reason; the good one is as it was."""
    times = np.where(TIMES > 0.05, 1e200 * TIMES, TIMES)
    with jax.debug_nans(False):  # noqa: FBT003
        found = evolve(jax.random.key(7), METHOD, PSI, times, SEEN, block_steps=5)
    assert "diverged after t = 0.0" in found.status
    assert whole.status == "end of the times"
    np.testing.assert_array_equal(found.motion.energy[:4], whole.motion.energy[:4])
    assert np.isnan(found.path[4:]).all()
    assert np.isfinite(found.psi.W).all()


SCRIPT = """
import os, sys
os.environ["JAX_ENABLE_X64"] = "1"
import jax, numpy as np
from pathlib import Path
from isinglass.approximation.variational.ensemble import chains
from isinglass.approximation.variational.markov_chain import Flip
from isinglass.approximation.variational.time_dependent import TimeDependent, evolve
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.run import loop
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising
loop.EVERY, loop.SHARE = 0.0, 1e9  # a checkpoint after every block
ring = transverse_field_ising(hypercubic((4,)), 0.8)
method = TimeDependent(ring, chains(ring, Flip(), 64, 32), cutoff=1e-3)
psi = RBM(key=jax.random.key(3), n_sites=4, dtype="complex128", scale=0.3)
file = None if sys.argv[1] == "-" else Path(sys.argv[1])
tell = lambda done, total, text: print(done, flush=True)
times = np.linspace(0, 0.4, 400)
run = evolve(jax.random.key(0), method, psi, times, {"H": ring}, block_steps=5, checkpoint=file, progress=tell)
np.savez(sys.argv[2], path=run.path, energy=run.observables["H"], error=run.errors["H"], W=run.psi.W)
"""


@pytest.mark.slow
def test_a_motion_killed_by_sigkill_goes_on_bit_for_bit(tmp_path):
    """Start, kill after some blocks, start again: path, energies, errors and weights of an undisturbed run."""
    assert_goes_on_bit_for_bit(SCRIPT, tmp_path)
