# SPDX-License-Identifier: Apache-2.0
"""Peer: BlackJAX on phi^4, S = Σ_x [-2κ Σ_μ φ_x φ_(x+μ) + (1 - 2λ) φ_x² + λ φ_x⁴], float32, window adaptation.

usage: hmc_blackjax.py L KAPPA LAMBDA CHAINS DRAWS hmc|nuts STEPS OUT.npz

Writes m and φ² of every draw, [chains, draws], and prints one line of JSON.  `seconds`: the best of three runs, without
compilation and adaptation.
"""

import json
import os
import sys
import time

os.environ["JAX_PLATFORMS"] = "cpu"

import blackjax
import jax
import jax.numpy as jnp
import numpy as np

L, CHAINS, DRAWS, STEPS = (int(sys.argv[i]) for i in (1, 4, 5, 7))
KAPPA, LAM = (float(sys.argv[i]) for i in (2, 3))
ALGORITHM, EXTRA = (blackjax.nuts, {}) if sys.argv[6] == "nuts" else (blackjax.hmc, {"num_integration_steps": STEPS})


def log_weight(x):
    p = x.reshape(L, L)
    pairs = p * (jnp.roll(p, 1, 0) + jnp.roll(p, 1, 1))
    return jnp.sum(2 * KAPPA * pairs - (1 - 2 * LAM) * p**2 - LAM * p**4)


def chain(key, state, parameters):
    step = ALGORITHM(log_weight, **{**EXTRA, **parameters}).step

    def one(state, key):
        state, info = step(key, state)
        x = state.position
        return state, (x.mean(), (x * x).mean(), info.acceptance_rate, info.num_integration_steps)

    return jax.lax.scan(one, state, jax.random.split(key, DRAWS))


def main():
    keys = jax.random.split(jax.random.key(0), 6)
    adaptation = blackjax.window_adaptation(ALGORITHM, log_weight, **EXTRA)
    adapt = jax.jit(jax.vmap(lambda key, x: adaptation.run(key, x, num_steps=1000)[0]))
    run = jax.jit(jax.vmap(chain))
    began = time.perf_counter()
    start = 0.1 * jax.random.normal(keys[0], (CHAINS, L * L))
    state, parameters = adapt(jax.random.split(keys[1], CHAINS), start)
    parameters = {k: v for k, v in parameters.items() if k not in EXTRA}
    state, out = jax.block_until_ready(run(jax.random.split(keys[2], CHAINS), state, parameters))
    before = time.perf_counter() - began
    times = []
    for key in keys[3:]:
        began = time.perf_counter()
        state, out = jax.block_until_ready(run(jax.random.split(key, CHAINS), state, parameters))
        times.append(time.perf_counter() - began)
    m, phi2, acceptance, steps = (np.asarray(a, float) for a in out)
    np.savez(sys.argv[8], m=m, phi2=phi2)
    print(json.dumps({"seconds": min(times), "compile_seconds": before, "acceptance": acceptance.mean(),
                      "steps": steps.mean(), "version": blackjax.__version__}))  # fmt: skip


if __name__ == "__main__":
    main()
