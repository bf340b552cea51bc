# SPDX-License-Identifier: Apache-2.0
"""Cost of a draw and of a training step against the number of sites, 8 x 8 to 64 x 64, for every flow.

usage: flow_cost.py [--batch 64] [--sizes 8 16 32 64] [--figure flow_cost.svg]

Each line is JSON: seconds per draw with its density, and per draw in a step of reverse KL training, best of several.
The autoregressive flow draws quickly one way only; here it is the inverse one.
"""

import argparse
import json
import os
import time

os.environ.setdefault("JAX_ENABLE_X64", "1")

import equinox as eqx
import jax

from isinglass.nets.flow.affine_coupling import real_nvp
from isinglass.nets.flow.autoregressive_flow import autoregressive_flow
from isinglass.nets.flow.glow import glow
from isinglass.nets.flow.spline_coupling import spline_flow
from isinglass.sampling.objective.reverse_kl import ReverseKL
from isinglass.systems.field.phi4 import Phi4

FLOWS = {
    "affine couplings, perceptrons": lambda key, shape: real_nvp(key, shape, couplings=8),
    "affine couplings, local": lambda key, shape: real_nvp(key, shape, couplings=8, hidden=(16,), radius=3),
    "spline couplings, local": lambda key, shape: spline_flow(key, shape),
    "Glow": lambda key, shape: glow(key, shape),
    "inverse autoregressive": lambda key, shape: autoregressive_flow(key, shape, inverse=True),
}


def best(f, *arguments, repeats=3):
    """Seconds of the quickest of several calls, the first one not counted."""
    times = []
    for _ in range(repeats + 1):
        begun = time.perf_counter()
        jax.block_until_ready(f(*arguments))
        times.append(time.perf_counter() - begun)
    return min(times[1:])


def cost(name, L, batch):
    """One line."""
    key, shape = jax.random.key(0), (L, L)
    flow = eqx.filter_jit(FLOWS[name])(key, shape)
    loss = ReverseKL(Phi4(shape), batch)
    draw = eqx.filter_jit(lambda flow, key: flow.sample_with_log_prob(key, batch))
    step = eqx.filter_jit(lambda flow, key: eqx.filter_grad(lambda flow: loss(key, flow, ())[0])(flow))
    times = {"draw": best(draw, flow, key) / batch, "step": best(step, flow, key) / batch}
    return {"name": name, "workload": "cost of a flow", "L": L, "sites": L * L, "metric": times, "unit": "s"}


def figure(lines, path):
    """Time against sites, log-log, with the line of proportionality."""
    from isinglass.report.style import color, house_style, new_figure

    with house_style():
        picture, panels = new_figure(2)
        for axes, what in zip(panels, ("draw", "step"), strict=True):
            for i, name in enumerate(FLOWS):
                own = [line for line in lines if line["name"] == name]
                axes.plot([o["sites"] for o in own], [o["metric"][what] for o in own], "o-", color=color(i), label=name)
            axes.set(xscale="log", yscale="log", xlabel="sites", ylabel=f"seconds per draw, {what}")
        panels[0].legend(fontsize=7)
        picture.savefig(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--sizes", type=int, nargs="+", default=[8, 16, 32, 64])
    parser.add_argument("--figure")
    options = parser.parse_args()
    lines = []
    for name in FLOWS:
        for L in options.sizes:
            lines.append(cost(name, L, options.batch))
            print(json.dumps(lines[-1]), flush=True)
    if options.figure:
        figure(lines, options.figure)


if __name__ == "__main__":
    main()
