# SPDX-License-Identifier: Apache-2.0
"""Ancestral sampling of the causal transformer, 16 x 16: kept keys and values against evaluation anew at each site.

usage: ancestral.py [--repeats 3] [--batch 8] [--side 16]

Both draw from the same network with the same random numbers, alternating in one process, compilation apart; the draws
must be equal.  Each line is JSON; `seconds` is the best of all repeats for one batch.
"""

import argparse
import json
import os
import time

os.environ.setdefault("JAX_ENABLE_X64", "1")

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from isinglass.nets.autoregressive.autoregressive import values_of
from isinglass.nets.autoregressive.causal_transformer import CausalTransformer


def with_kept_state(net, keys):
    """As the library draws."""
    return jax.vmap(net.draw)(keys)


def anew(net, keys):
    """The whole network for each variable, as a program without a cache does."""

    def draw(key):
        noise = jax.random.gumbel(key, (net.size, len(net.values)), jnp.float32)

        def one(a, inputs):
            i, g = inputs
            return a.at[i].set(jnp.argmax(net.logits(a)[i] + g).astype(jnp.int32)), None

        a, _ = jax.lax.scan(one, jnp.zeros(net.size, jnp.int32), (jnp.arange(net.size), noise))
        return values_of(a[np.argsort(net.path)], net.values).reshape(net.shape)

    return jax.vmap(draw)(keys)


class Timed:
    """A way to draw, compiled once."""

    def __init__(self, draw, net, keys):
        began = time.perf_counter()
        self.program = eqx.filter_jit(draw).lower(net, keys).compile()
        self.compile_seconds = time.perf_counter() - began
        self.seconds, self.net = [], net

    def __call__(self, keys):
        """One batch."""
        began = time.perf_counter()
        x = jax.block_until_ready(self.program(self.net, keys))
        self.seconds.append(time.perf_counter() - began)
        return x


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--side", type=int, default=16)
    options = parser.parse_args()
    net = CausalTransformer(key=jax.random.key(0), shape=(options.side, options.side), width=32, layers=2)
    net = eqx.tree_at(lambda n: n.out, net, 0.3 * jax.random.normal(jax.random.key(1), net.out.shape, jnp.float32))
    keys = jax.random.split(jax.random.key(2), options.batch)
    ways = {"kept keys and values": Timed(with_kept_state, net, keys), "evaluation anew": Timed(anew, net, keys)}
    for _ in range(options.repeats + 1):
        draws = [np.asarray(way(keys)) for way in ways.values()]
    ours, peer = ways.values()
    rate, slow = (options.batch / min(way.seconds[1:]) for way in (ours, peer))
    equal = bool(np.array_equal(*draws))
    line = {
        "name": "isinglass",
        "workload": f"transformer draws {options.side} x {options.side}",
        "metric": rate,
        "unit": "draws/s",
        "seconds": min(ours.seconds[1:]),
        "compile_seconds": ours.compile_seconds,
        "peer": "evaluation anew",
        "peer_metric": slow,
        "peer_seconds": min(peer.seconds[1:]),
        "equal_draws": equal,
        "target": "10 x evaluation anew, equal draws",
        "met": equal and rate >= 10 * slow,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
