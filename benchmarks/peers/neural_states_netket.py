# SPDX-License-Identifier: Apache-2.0
"""NetKet: variational Monte Carlo with stochastic reconfiguration, 1008 samples a step from 16 chains.

usage: neural_states_netket.py WORKLOAD STEPS, WORKLOAD tfim20, tfim64 or heisenberg4x4; prints one JSON object
"""

import json
import os
import sys
import time

os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import netket as nk
import numpy as np

SAMPLES, CHAINS = 1008, 16


def chain(N):
    """-Σ Z Z - Σ X on a ring, a real machine with as many hidden units as spins."""
    graph, space = nk.graph.Chain(N, pbc=True), nk.hilbert.Spin(0.5, N)
    H = nk.operator.IsingJax(space, graph=graph, h=1.0, J=-1.0)
    return H, nk.sampler.MetropolisLocal(space, n_chains=CHAINS), nk.models.RBM(alpha=1), 0.05, 1.0


def square():
    """Heisenberg on 4 x 4 in Pauli matrices, Marshall's signs rotated away, complex machine shared by translations."""
    graph = nk.graph.Square(4, pbc=True)
    space = nk.hilbert.Spin(0.5, 16, total_sz=0)
    H = nk.operator.Heisenberg(space, graph=graph, J=1.0)
    model = nk.models.RBMSymm(symmetries=graph.translation_group(), alpha=4, param_dtype=complex)
    return H, nk.sampler.MetropolisExchange(space, graph=graph, n_chains=CHAINS), model, 0.01, 0.25


WORKLOADS = {"tfim20": lambda: chain(20), "tfim64": lambda: chain(64), "heisenberg4x4": square}


def main():
    workload, steps = sys.argv[1], int(sys.argv[2])
    H, sampler, model, rate, unit = WORKLOADS[workload]()
    state = nk.vqs.MCState(sampler, model, n_samples=SAMPLES, seed=1, sampler_seed=2)
    driver = nk.driver.VMC_SR(H, nk.optimizer.Sgd(rate), diag_shift=0.01, variational_state=state)
    stamps, energies = [time.perf_counter()], []

    def seen(step, log, driver):
        jax.block_until_ready(state.parameters)
        stamps.append(time.perf_counter())
        energies.append(float(np.real(driver._loss_stats.mean)))
        return True

    driver.run(steps, out=(), show_progress=False, callback=seen)
    seconds = np.diff(stamps)
    typical = float(np.median(seconds[2:]))
    print(json.dumps({
        "version": nk.__version__,
        "seconds": typical,
        "best": float(np.min([np.mean(part) for part in np.array_split(seconds[2:], max(1, steps // 10))])),
        "compile_seconds": float(seconds[:2].sum() - 2 * typical),
        "energy": unit * float(np.mean(energies[-20:])),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
