# SPDX-License-Identifier: Apache-2.0
"""Small matrices are factored in one thread: inside the context, and in every loop that a user calls."""

import jax
import numpy as np
import pytest

from isinglass.approximation.exact.dmrg import dmrg
from isinglass.approximation.exact.lanczos import krylov
from isinglass.approximation.variational.born_sampling import MarkovChains
from isinglass.approximation.variational.markov_chain import move_for
from isinglass.approximation.variational.variational_monte_carlo import VariationalMonteCarlo, optimize
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.run.blas import libraries, one_blas_thread
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

KEY = jax.random.key(0)
RING = transverse_field_ising(hypercubic((4,)))


def threads():
    """Of each BLAS that is loaded and has threads, as PySCF's has not."""
    found = [library for library in libraries().info() if library["user_api"] == "blas"]
    return [library["num_threads"] for library in found if library.get("threading_layer") != "disabled"]


@pytest.fixture(autouse=True)
def two_threads():
    """Whatever machine this is, there are two to be seen outside."""
    with libraries().limit(limits=2, user_api="blas"):
        yield


def test_inside_there_is_one_thread_and_outside_as_many_as_before():
    with one_blas_thread():
        assert set(threads()) == {1}
    assert set(threads()) == {2}
    with pytest.raises(ZeroDivisionError), one_blas_thread():
        raise ZeroDivisionError
    assert set(threads()) == {2}


def by_steps(seen):
    vmc = VariationalMonteCarlo(RING, MarkovChains(move_for(RING), 16, 16))
    optimize(KEY, vmc, RBM(key=KEY, n_sites=4), 2, block_steps=1, progress=seen)


def by_sweeps(seen):
    dmrg(KEY, RING, 4, progress=seen)


def by_lanczos(seen):
    class Diagonal:
        dim, dtype = 4, np.dtype(float)

        def __call__(self, v):
            return v * np.arange(4.0)

    krylov(KEY, Diagonal(), progress=seen)


@pytest.mark.parametrize("work", [by_steps, by_sweeps, by_lanczos])
def test_loops_with_small_matrices_run_in_one_thread(work):
    seen = []
    work(lambda done, total, text: seen.append(set(threads())))
    assert seen
    assert all(one == {1} for one in seen)
    assert set(threads()) == {2}
