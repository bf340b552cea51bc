# SPDX-License-Identifier: Apache-2.0
"""Seconds for a step of variational Monte Carlo against sites, samples and parameters, for every ansatz.

usage: step_cost.py [--only NAME ...] [--sites 8 16 32 64] [--samples 128 512 2048 4096] [--widths 1 2 4 8]
                    [--limit 20] [--clock wall] [--figure step_cost.svg] [--lines LINES.jsonl]

Each line is JSON: the best of several blocks of steps, without compilation.  One of the three grows, the others are
16 sites, 512 samples and width 1; an ansatz without a width has one point there.  Spins: the Ising ring at h = 1;
determinants: the open Hubbard chain at U = 4 and half filling, N its modes.  Sampler and rule are the defaults: a
chain for each sample, N proposals between two, or direct draws; stochastic reconfiguration in the form that is smaller.
What has taken `--limit` seconds a step ends its curve, with a line that says so.  `--clock cpu` counts processor
seconds, which other programs on the machine disturb less; best on one core, `taskset -c 0 python ...`.  `--lines`
draws the lines of an earlier run.
"""

import argparse
import json
import os
import pathlib
import time
from dataclasses import replace

os.environ.setdefault("JAX_ENABLE_X64", "1")

import equinox as eqx
import jax
import numpy as np

from curves import best, draw
from isinglass.approximation.variational.ansatz import neural_state
from isinglass.approximation.variational.ground_state import method_for
from isinglass.approximation.variational.variational_monte_carlo import block
from isinglass.nets.wavefunction.listing import ansaetze
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hubbard import hubbard
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

USUAL = {"sites": 16, "samples": 512, "width": 1}
BLOCK, CHUNK = 4, 64
WITHOUT_WIDTH = ("mean-field", "jastrow", "slater")
CLOCKS = {"wall": (time.perf_counter, "seconds a step"), "cpu": (time.process_time, "processor seconds a step")}


def problem(name, sites):
    """Of so many sites or modes."""
    if name.startswith("slater"):
        return hubbard(hypercubic((sites // 2,), periodic=False), 4.0, (sites // 4, sites // 4))
    return transverse_field_ising(hypercubic((sites,)))


def cost(name, sizes, limit, clock):
    """One line."""
    key, hamiltonian = jax.random.key(0), problem(name, sizes["sites"])
    psi = neural_state(key, hamiltonian, name, sizes["width"], stoquastic=True)
    method = replace(method_for(hamiltonian, psi, sizes["samples"], 300), chunk=CHUNK)
    state, static = method.init(key, psi), eqx.filter(psi, eqx.is_inexact_array, inverse=True)
    began = time.perf_counter()
    run = lambda: block(key, method, state, static, BLOCK)  # noqa: E731
    seconds = best(run, limit=limit * BLOCK, clock=CLOCKS[clock][0]) / BLOCK
    return {
        "name": name,
        "workload": "cost of a step",
        **sizes,
        "parameters": sum(np.size(leaf) for leaf in jax.tree.leaves(state.params)),
        "metric": seconds,
        "unit": CLOCKS[clock][1].removesuffix(" a step"),
        "took": time.perf_counter() - began,
    }


def curve(name, axis, values, known, options):
    """Lines along one axis, until one is too slow; `known`, by their three sizes, are not measured again."""
    for value in values:
        sizes = USUAL | {axis: value}
        at = (name, *sizes.values())
        if at not in known:
            known[at] = cost(name, sizes, options.limit, options.clock)
            print(json.dumps(known[at]), flush=True)
        if known[at]["metric"] > options.limit:
            print(json.dumps({"name": name, "ended": axis, "at": value, "seconds": known[at]["metric"]}), flush=True)
            return


def figure(lines, path):
    """Three panels."""
    panels = []
    for axis, label in (("sites", "sites or modes"), ("samples", "samples"), ("parameters", "parameters")):
        moving = "width" if axis == "parameters" else axis
        others = [other for other in USUAL if other != moving]
        curves = {}
        for line in lines:
            if all(line[other] == USUAL[other] for other in others):
                curves.setdefault(line["name"], {})[line[axis]] = line["metric"]
        kept = ", ".join(f"{other} {USUAL[other]}" for other in others)
        panels.append((f"{label}  ({kept})", f"{lines[0]['unit']} a step", {k: c.items() for k, c in curves.items()}))
    draw(path, panels)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(ansaetze()), default=list(ansaetze()))
    parser.add_argument("--sites", type=int, nargs="+", default=[8, 16, 32, 64])
    parser.add_argument("--samples", type=int, nargs="+", default=[128, 512, 2048, 4096])
    parser.add_argument("--widths", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--limit", type=float, default=20.0)
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    parser.add_argument("--figure")
    parser.add_argument("--lines", type=pathlib.Path)
    options = parser.parse_args()
    known = {}
    if options.lines:
        lines = [json.loads(text) for text in options.lines.read_text().splitlines()]
        lines = [line for line in lines if "metric" in line]
    else:
        for name in options.only:
            curve(name, "sites", options.sites, known, options)
            curve(name, "samples", options.samples, known, options)
            if name not in WITHOUT_WIDTH:
                curve(name, "width", options.widths, known, options)
        lines = list(known.values())
    if options.figure:
        figure(lines, options.figure)


if __name__ == "__main__":
    main()
