# SPDX-License-Identifier: Apache-2.0
"""Simulations on a Dask cluster of two workers."""

import os
import signal
import threading

import numpy as np
import pytest
from tests.run.farm import simulators
from tests.run.farm.test_farm import EXACT, SEEDS, THETA, data, outcomes

distributed = pytest.importorskip("distributed")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def client():
    """Two processes with a thread each."""
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        with cluster.get_client() as client:
            yield client


def test_the_same_bits(client):
    """Through its executor, and by the client itself; with a time limit, in processes beside the workers."""
    for executor, limit in ((client.get_executor(), None), (client, None), (client, 30.0)):
        np.testing.assert_array_equal(data(outcomes(simulators.noisy, executor=executor, limit=limit)), EXACT)


def test_a_killed_worker_loses_nothing(client):
    """SIGKILL in mid-run: of 1200 simulations all are there, each with its own data."""
    theta, seeds = np.tile(THETA, (10, 1)), np.tile(SEEDS, (10, 1))
    found = {}
    worker = next(iter(client.run(os.getpid).values()))
    threading.Timer(1.0, os.kill, (worker, signal.SIGKILL)).start()
    from isinglass.run.farm import run_farm
    from isinglass.systems.simulator import PythonSimulator

    run_farm(PythonSimulator(simulators.noisy), seeds, theta, found.__setitem__, executor=client)
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
    np.testing.assert_array_equal(data([found[i] for i in range(len(theta))]), np.tile(EXACT, (10, 1)))


def test_what_kills_its_worker_every_time_is_counted(client):
    theta = np.zeros((40, 2))
    theta[7, 0] = 1
    found = outcomes(simulators.killing, theta, executor=client)
    assert [i for i, one in enumerate(found) if one.status] == [7]
