# SPDX-License-Identifier: Apache-2.0
"""Posterior estimation from 10,000 pairs: ours and sbi with its defaults, the same pairs, observations and classifier.

usage: posterior_estimation.py [--seeds 3] [--simulations 10000] [--only two_moons gaussian_linear slcp] [--splines]

The peer runs in its own environment, one folder per set of peers under $ISINGLASS_PEERS (default .peers):
    python3 -m venv .peers/sbi && .peers/sbi/bin/pip install torch sbi==0.27.0
Every training is a process of its own, ours without a cache of compiled programs; ours and the peer's alternate.
`seconds` goes from the pairs to a trained posterior, compilation included, the mean of the seeds; `whole_seconds` is
`infer` with its samples and all its checks.  `accuracy` is C2ST against exact samples (of SLCP: of sequential Monte
Carlo by its likelihood), 2000 of each side, mean of three observations and all seeds; 0.5 is best.  The classifier is
that of sbibm: two layers of 10 d units, 1000 iterations, five-fold cross validation.  `density` is what `infer` found
in our pairs: `normal` where linear regression with normal residuals is all that they tell (no network is trained then);
with --splines a flow is trained whatever they tell.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
PEERS = pathlib.Path(os.environ.get("ISINGLASS_PEERS", HERE.parent / ".peers"))
SIMULATORS = {"two_moons": "TwoMoons", "gaussian_linear": "GaussianLinear", "slcp": "SLCP"}
OBSERVATIONS, SAMPLES, COMPARED = 3, 10_000, 2000
SPEED, FASTEST = 8.0, 0.05  # times the peer's; seconds for SAMPLES


def simulator(task):
    """One of ours, by the name of the task."""
    from isinglass.systems import simulator as simulators

    return getattr(simulators, SIMULATORS[task])()


def pairs(task, seed, n):
    """θ of the prior and x, n of each."""
    import jax

    made = simulator(task)
    keys = jax.random.split(jax.random.key(seed), (2, n))
    theta = jax.jit(jax.vmap(made.prior().sample))(keys[0])
    return np.asarray(theta, float), np.asarray(jax.jit(jax.vmap(made.simulate))(keys[1], theta), float)


def reference(task, x, seed):
    """COMPARED samples of the posterior, exact or by sequential Monte Carlo."""
    from isinglass import infer

    made, rng = simulator(task), np.random.default_rng(seed)
    exact = made.posterior_samples(rng, x, COMPARED)
    if exact is not None:
        return exact
    found = infer(seed, made, observation=x, method="smc", samples=16_000, progress=False)
    if found.verdict != "pass":
        raise SystemExit(f"the reference of {task} is {found.verdict}")
    rows = rng.permutation(len(found.arrays["sample"]))[:COMPARED]
    return np.stack([found.arrays[name].to_numpy()[rows] for name in made.prior().names], axis=1)


def ours(task, seed, path, density):
    """The child: `infer` from the pairs, then samples for each observation, compiled once."""
    import equinox as eqx
    import jax

    from isinglass import infer
    from isinglass.inference.posterior import Simulations
    from isinglass.tasks.posterior.infer_posterior import InferPosterior

    with np.load(path) as held:
        theta, x, observations = held["theta"], held["x"], held["observations"]
    prior, fitted, seconds = simulator(task).prior(), InferPosterior.fitted, []

    def timed(*arguments):
        begun = time.perf_counter()
        found = fitted(*arguments)
        seconds.append(time.perf_counter() - begun)
        return found

    InferPosterior.fitted = timed
    begun = time.perf_counter()
    found = infer(seed, Simulations(theta, x, prior.names), prior=prior, observation=observations[0],
                  density=density, progress=False)  # fmt: skip
    whole = time.perf_counter() - begun
    draw = eqx.filter_jit(lambda model, x, key: model.given(x).sample(key, SAMPLES))
    samples, model, sampling = [], found.models["posterior"], []
    for i, observed in enumerate(observations):
        jax.block_until_ready(draw(model, observed, jax.random.key(i)))
        begun = time.perf_counter()
        samples.append(np.asarray(jax.block_until_ready(draw(model, observed, jax.random.key(i)))))
        sampling.append(time.perf_counter() - begun)
    return samples, {"seconds": seconds[0], "whole_seconds": whole, "sampling_seconds": min(sampling),
                     "verdict": str(found.verdict), "density": "splines" if found.metrics else "normal"}  # fmt: skip


def trained(name, task, seed, path, density):
    """Samples and seconds of one training, in a process of its own; None where there is no such peer."""
    own = [sys.executable, pathlib.Path(__file__).resolve(), "--child", task, str(seed), path, density]
    python = PEERS.absolute() / "sbi" / "bin" / "python"
    command = own if name == "isinglass" else [python, HERE / "peers" / "posterior_sbi.py", task, str(seed), path]
    if not pathlib.Path(command[0]).exists():
        print(f"no sbi: python3 -m venv {PEERS}/sbi && {PEERS}/sbi/bin/pip install torch sbi==0.27.0", file=sys.stderr)
        return None
    cold = os.environ | {"JAX_ENABLE_COMPILATION_CACHE": "false"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=cold, cwd=path.parent)
    return json.loads(next(line for line in reversed(done.stdout.splitlines()) if line.startswith("{")))


def compared(task, seeds, n, folder, density):
    """All trainings of one task, by name."""
    from isinglass.checks.learning.two_samples import c2st

    observations = pairs(task, 123, OBSERVATIONS)[1]
    exact = [reference(task, x, i) for i, x in enumerate(observations)]
    runs = {"isinglass": [], "sbi": []}
    for seed in range(seeds):
        theta, x = pairs(task, 1000 + seed, n)
        path = folder / f"{task}_{seed}.npz"
        np.savez(path, theta=theta, x=x, observations=observations)
        for name, kept in runs.items():
            if (told := trained(name, task, seed, path, density)) is not None:
                with np.load(path.with_suffix(f".{name}.npz")) as held:
                    told["c2st"] = [c2st(exact[i], held[f"samples_{i}"][:COMPARED]).value for i in range(OBSERVATIONS)]
                print(json.dumps({"task": task, "seed": seed, "by": name} | told), file=sys.stderr)
                kept.append(told)
    return runs


def lines(task, runs, n):
    """One line for each side, for training and for sampling."""
    mean = lambda name, key: float(np.mean([told[key] for told in runs[name]]))  # noqa: E731
    both = bool(runs["sbi"])
    for name, kept in runs.items():
        if not kept:
            continue
        seconds = mean(name, "seconds")
        line = {"name": name, "workload": f"posterior, {task}, {n} pairs", "metric": 60 / seconds,
                "unit": "trainings/min", "seconds": seconds, "accuracy": mean(name, "c2st")}  # fmt: skip
        if name == "isinglass":
            line |= {"whole_seconds": mean(name, "whole_seconds"), "verdicts": [told["verdict"] for told in kept],
                     "density": sorted({told["density"] for told in kept})}  # fmt: skip
            line["target"] = f"{SPEED:g} x sbi, C2ST no worse"
            if both:
                line["met"] = seconds * SPEED <= mean("sbi", "seconds") and line["accuracy"] <= mean("sbi", "c2st")
        yield line
        sampling = mean(name, "sampling_seconds")
        line = {"name": name, "workload": f"{SAMPLES} posterior samples, {task}", "metric": SAMPLES / sampling,
                "unit": "samples/s", "seconds": sampling}  # fmt: skip
        if name == "isinglass":
            line |= {"target": f"{1000 * FASTEST:g} ms", "met": sampling <= FASTEST}
        yield line


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--simulations", type=int, default=10_000)
    parser.add_argument("--only", nargs="+", choices=SIMULATORS, default=list(SIMULATORS))
    parser.add_argument("--splines", action="store_true")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        task, seed, path, density = options.child
        samples, told = ours(task, int(seed), path, density)
        np.savez(pathlib.Path(path).with_suffix(".isinglass.npz"), **{f"samples_{i}": s for i, s in enumerate(samples)})
        print(json.dumps(told))
        return
    with tempfile.TemporaryDirectory() as folder:
        for task in options.only:
            density = "autoregressive" if options.splines else "auto"
            runs = compared(task, options.seeds, options.simulations, pathlib.Path(folder), density)
            for line in lines(task, runs, options.simulations):
                print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
