# SPDX-License-Identifier: Apache-2.0
"""Steps of variational Monte Carlo a second, 1008 samples each: ours with 16 and with 1008 chains, NetKet's with 16.

usage: neural_states.py [--only tfim20 tfim64 heisenberg4x4] [--steps 300]

The peer runs in its own environment, one folder per set of peers under $ISINGLASS_PEERS (default .peers):
    python3 -m venv .peers/netket && .peers/netket/bin/pip install netket==3.23.0
Each line is JSON.  Both sides report the best mean of ten steps, without compilation; `relative_error` is that of the
mean energy of the last 20 steps.  Same ansatz, samples, number type, rule (plain stochastic reconfiguration, shift
0.01) and step in imaginary time; "1008 chains, own rule" adds what is our default: momentum and shift 1e-3.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

os.environ.setdefault("JAX_ENABLE_X64", "1")

import equinox as eqx
import jax
import numpy as np

from isinglass.approximation.variational.born_sampling import MarkovChains
from isinglass.approximation.variational.ground_state import without_signs
from isinglass.approximation.variational.markov_chain import move_for
from isinglass.approximation.variational.stochastic_reconfiguration import StochasticReconfiguration
from isinglass.approximation.variational.variational_monte_carlo import VariationalMonteCarlo, block
from isinglass.exact.quantum import transverse_field_ising as free_fermions
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.nets.wavefunction.symmetric_rbm import SymmetricRBM
from isinglass.run.blas import one_blas_thread
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.heisenberg import heisenberg
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

HERE = pathlib.Path(__file__).resolve().parent
PEERS = pathlib.Path(os.environ.get("ISINGLASS_PEERS", HERE.parent / ".peers"))
SAMPLES, BLOCK = 1008, 10


def chain(N):
    """-Σ Z Z - Σ X on a ring; exact by free fermions."""
    hamiltonian = transverse_field_ising(hypercubic((N,)))
    return hamiltonian, lambda key: RBM(key=key, n_sites=N), 0.1, free_fermions.ground_energy(N, 1.0)


def square():
    """Heisenberg on 4 x 4; exact by diagonalization, Schulz et al. 1996, doi:10.1051/jp1:1996236."""
    sites = np.arange(16).reshape(4, 4)
    shifts = [np.roll(sites, by, (0, 1)).ravel() for by in np.ndindex(4, 4)]
    machine = lambda key: SymmetricRBM(key=key, perms=np.array(shifts), alpha=4, dtype="complex128")  # noqa: E731
    return without_signs(heisenberg(hypercubic((4, 4))))[0], machine, 0.08, -0.7017802 * 16


WORKLOADS = {"tfim20": lambda: chain(20), "tfim64": lambda: chain(64), "heisenberg4x4": square}
RULES = {
    "16 chains": (16, {"shift": 0.01, "momentum": 0.0, "longest": None}),
    "1008 chains": (SAMPLES, {"shift": 0.01, "momentum": 0.0, "longest": None}),
    "1008 chains, own rule": (SAMPLES, {}),
}


@one_blas_thread()
def ours(workload, rule, steps):
    """One optimization, by the blocks of `optimize`."""
    hamiltonian, machine, rate, exact = WORKLOADS[workload]()
    chains, settings = RULES[rule]
    key = jax.random.key(1)
    psi = machine(key)
    sampler = MarkovChains(move_for(hamiltonian), SAMPLES, chains)
    vmc = VariationalMonteCarlo(hamiltonian, sampler, StochasticReconfiguration(rate, **settings))
    state, static = vmc.init(key, psi), eqx.filter(psi, eqx.is_inexact_array, inverse=True)
    began = time.perf_counter()
    jax.block_until_ready(block(key, vmc, state, static, BLOCK))
    first = time.perf_counter() - began
    seconds, energies = [], []
    for k in range(steps // BLOCK):
        began = time.perf_counter()
        state, diagnostics = jax.block_until_ready(block(jax.random.fold_in(key, k), vmc, state, static, BLOCK))
        seconds.append((time.perf_counter() - began) / BLOCK)
        energies.append(diagnostics.energy)
    return {
        "seconds": float(np.median(seconds)),
        "best": min(seconds),
        "compile_seconds": first - BLOCK * min(seconds),
        "relative_error": off(np.concatenate(energies)[-20:].mean(), exact),
    }


def off(energy, exact):
    """(E - E_0) / |E_0|."""
    return float((energy - exact) / abs(exact))


def peer(workload, steps):
    """The same by NetKet; None if it is not installed."""
    python = PEERS / "netket" / "bin" / "python"
    if not python.exists():
        return None
    command = [python, HERE / "peers" / "neural_states_netket.py", workload, str(steps)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"NetKet failed: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--steps", type=int, default=300)
    options = parser.parse_args()
    for workload in options.only:
        other = peer(workload, options.steps)
        exact = WORKLOADS[workload]()[3]
        for rule in RULES:
            found = ours(workload, rule, options.steps)
            least = 3 if rule == "16 chains" else 5
            line = {
                "name": "isinglass",
                "workload": f"{workload}, {rule}",
                "metric": 1 / found["best"],
                "unit": "steps/s",
                **found,
                "target": f"{least} x NetKet",
            }
            if other is not None:
                line |= {
                    "peer": f"netket {other['version']}",
                    "peer_metric": 1 / other["best"],
                    "peer_compile_seconds": other["compile_seconds"],
                    "peer_relative_error": off(other["energy"], exact),
                    "met": other["best"] / found["best"] >= least,
                }
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
