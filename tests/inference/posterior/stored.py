# SPDX-License-Identifier: Apache-2.0
"""A run that keeps its simulations, to be killed: stored.py FOLDER N OUT.npz, or stored.py FOLDER for ever."""

import sys
import time

import numpy as np

D = 2


def slow(rng, theta):
    """θ + N(0, 1), in 5 ms."""
    time.sleep(0.005)
    return theta + rng.normal(size=D)


def kept_for_ever(folder):
    """Files of a thousand simulations, as fast as they are written."""
    import h5py  # noqa: F401 - now, so that it is killed while it writes

    from isinglass.inference.posterior.records import Records
    from isinglass.inference.posterior.simulation_store import SimulationStore

    with SimulationStore(folder).opened(("a", "b"), {"key": "0"}) as store:
        before = store.read()
        first = 0 if before is None else int(before.number.max()) + 1
        print("begun", flush=True)
        while True:
            number = np.arange(first, first + 1000)
            theta = np.stack([number, -number], axis=1).astype(float)
            store.append(Records(number, theta, np.zeros(1000, np.int8), {(D,): (np.arange(1000), 2 * theta)}, {}))
            first += 1000


def main(folder, n, out):
    """n simulations by two processes."""
    import jax

    from isinglass.inference.posterior import Farming, farmed, simulate_at
    from isinglass.systems.simulator import PythonSimulator

    farmed.SAVED_EVERY = 0.1
    said = lambda done, total, message: print(done, flush=True)  # noqa: E731
    theta = np.random.default_rng(0).normal(size=(int(n), D))
    farming = Farming(2, None, folder)
    pairs = simulate_at(jax.random.key(0), PythonSimulator(slow), theta, ("a", "b"), said, farming)
    np.savez(out, theta=pairs.theta, x=pairs.x)


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) > 2 else kept_for_ever(sys.argv[1])
