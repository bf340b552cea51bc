# SPDX-License-Identifier: Apache-2.0
"""A step in the kernel form (minSR) beside a plain gradient step: 10,000 parameters, 1000 samples, time and memory.

usage: kernel_form.py [--only rbm group-convolution residual-cnn vision-transformer] [--chunk 20] [--repeats 5]

Each line is JSON.  Both take the same samples and local energies in the same compiled program; Adam steps along the
plain gradient, stochastic reconfiguration solves for 1000 unknowns (2000 where ln psi is complex).  `seconds` is the
median of several blocks of two steps, the blocks of the two alternating in time, without compilation; `cpu_seconds`
that of the processor time, which other programs on the machine disturb less.  Every measurement is a process of its
own; `peak_megabytes` is the most it held, `rise_megabytes` how much of that came after the imports.
The threads of LAPACK spin while they wait: on a machine that others use, run it on one core, `taskset -c 0 python ...`.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time

os.environ.setdefault("JAX_ENABLE_X64", "1")

import equinox as eqx
import jax
import numpy as np
import optax

from isinglass.approximation.variational.born_sampling import MarkovChains
from isinglass.approximation.variational.markov_chain import move_for
from isinglass.approximation.variational.stochastic_reconfiguration import StochasticReconfiguration
from isinglass.approximation.variational.update_rule import GradientDescent
from isinglass.approximation.variational.variational_monte_carlo import VariationalMonteCarlo, block
from isinglass.nets.wavefunction.group_convolution import GroupConvolution
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.nets.wavefunction.residual_cnn import ResidualCNN
from isinglass.nets.wavefunction.vision_transformer import VisionTransformer
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.heisenberg import heisenberg
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

SAMPLES, STEPS = 1000, 2
RULES = {"kernel": StochasticReconfiguration(1e-2, form="kernel"), "gradient": GradientDescent(optax.adam(1e-3))}


def ring_of_100(key):
    """The Ising ring at its transition, by one hidden unit to a site: 10,200 parameters."""
    return transverse_field_ising(hypercubic((100,))), RBM(key=key, n_sites=100)


def heisenberg_ring(key):
    """A complex ψ with 5472 complex parameters, 10,944 real ones: two rows of derivatives to a sample."""
    shifts = np.array([np.roll(np.arange(20), k) for k in range(20)])
    return heisenberg(hypercubic((20,))), GroupConvolution(key=key, perms=shifts, features=16, dtype="complex128")


def square(key):
    """The Ising model on 6 x 6 at its transition: 9712 parameters."""
    return transverse_field_ising(hypercubic((6, 6)), 3.04), ResidualCNN(key=key, lattice=(6, 6), channels=16)


def patches(key):
    """The Ising ring of 40 in 20 patches: 10,548 parameters."""
    psi = VisionTransformer(key=key, lattice=(40,), patch=(2,), width=28)
    return transverse_field_ising(hypercubic((40,))), psi


CASES = {
    "rbm": ring_of_100,
    "group-convolution": heisenberg_ring,
    "residual-cnn": square,
    "vision-transformer": patches,
}


def program(case, rule, chunk):
    """A compiled function that takes STEPS steps, the seconds of its compilation, the number of real parameters."""
    key = jax.random.key(0)
    hamiltonian, psi = CASES[case](key)
    sampler = MarkovChains(move_for(hamiltonian), SAMPLES, SAMPLES)
    vmc = VariationalMonteCarlo(hamiltonian, sampler, RULES[rule], chunk)
    state, static = vmc.init(key, psi), eqx.filter(psi, eqx.is_inexact_array, inverse=True)
    leaves = jax.tree.leaves(state.params)
    parameters = sum(leaf.size * (2 if np.iscomplexobj(leaf) else 1) for leaf in leaves)

    began = time.perf_counter()
    compiled = block.lower(key, vmc, state, static, STEPS).compile()
    compilation = time.perf_counter() - began

    def run():
        _, diagnostics = jax.block_until_ready(compiled(key, vmc, state, static, STEPS))
        assert np.isfinite(diagnostics.energy).all()

    return run, compilation, parameters


def timed(run):
    """Seconds a step, and those of the processor."""
    began = time.perf_counter(), time.process_time()
    run()
    return (time.perf_counter() - began[0]) / STEPS, (time.process_time() - began[1]) / STEPS


def times(case, chunk, repeats):
    """Of each rule: seconds a step, processor seconds, compilation; and the number of parameters."""
    programs = {rule: program(case, rule, chunk) for rule in RULES}
    for run, _, _ in programs.values():
        run()
    blocks = [{rule: timed(run) for rule, (run, _, _) in programs.items()} for _ in range(repeats)]
    seconds, processor = ({rule: float(np.median([b[rule][k] for b in blocks])) for rule in RULES} for k in (0, 1))
    return {
        "seconds": seconds,
        "cpu_seconds": processor,
        "compile_seconds": {rule: compilation for rule, (_, compilation, _) in programs.items()},
        "parameters": programs["kernel"][2],
    }


def peak():
    """Megabytes, of this process until now."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


def memory(case, rule, chunk):
    """Megabytes at most in two steps, and how many of them came after the imports."""
    before = peak()
    program(case, rule, chunk)[0]()
    return {"peak_megabytes": round(peak()), "rise_megabytes": round(peak() - before)}


def apart(what, options, case):
    """`times` or a rule's `memory`, in a process of its own, which begins with no more memory than the imports take."""
    command = [sys.executable, __file__, "--measure", what, "--only", case, "--chunk", options.chunk]
    done = subprocess.run([*map(str, command), "--repeats", str(options.repeats)], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def line(case, options):
    """One case."""
    found = apart("times", options, case)
    used = {rule: apart(rule, options, case) for rule in RULES}
    ratio, cpu_ratio = (found[kind]["kernel"] / found[kind]["gradient"] for kind in ("seconds", "cpu_seconds"))
    return {
        "name": case,
        "workload": f"kernel form, {found['parameters']} real parameters, {SAMPLES} samples, chunk {options.chunk}",
        "metric": ratio,
        "unit": "plain gradient steps",
        "cpu_ratio": cpu_ratio,
        **found,
        **{quantity: {rule: used[rule][quantity] for rule in RULES} for quantity in used["kernel"]},
        "target": "at most 3 plain gradient steps, 2 GB",
        "met": ratio <= 3 and used["kernel"]["peak_megabytes"] <= 2000,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--chunk", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--measure", choices=["times", *RULES], help=argparse.SUPPRESS)
    options = parser.parse_args()
    for case in options.only:
        if options.measure == "times":
            found = times(case, options.chunk, options.repeats)
        elif options.measure:
            found = memory(case, options.measure, options.chunk)
        else:
            found = line(case, options)
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
