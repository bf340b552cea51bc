# SPDX-License-Identifier: Apache-2.0
"""Peer: neural posterior estimation of sbi with all its defaults, from pairs in a file.

usage: posterior_sbi.py TASK SEED DATA.npz; writes DATA.sbi.npz, and prints one JSON line.
"""

import json
import pathlib
import sys
import time
import warnings

import numpy as np
import torch

warnings.filterwarnings("ignore")
from sbi.inference import NPE  # noqa: E402
from sbi.utils import BoxUniform  # noqa: E402

task, seed, path = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])
prior = {
    "two_moons": lambda: BoxUniform(-torch.ones(2), torch.ones(2)),
    "gaussian_linear": lambda: torch.distributions.MultivariateNormal(torch.zeros(10), 0.1 * torch.eye(10)),
    "slcp": lambda: BoxUniform(-3 * torch.ones(5), 3 * torch.ones(5)),
}[task]()
with np.load(path) as held:
    theta, x, observations = (torch.tensor(held[k], dtype=torch.float32) for k in ("theta", "x", "observations"))
torch.manual_seed(seed)
begun = time.perf_counter()
inference = NPE(prior=prior, show_progress_bars=False).append_simulations(theta, x)
inference.train()
seconds = time.perf_counter() - begun
posterior, samples, sampling = inference.build_posterior(), {}, []
for i, observed in enumerate(observations):
    posterior.sample((100,), x=observed, show_progress_bars=False)
    begun = time.perf_counter()
    samples[f"samples_{i}"] = posterior.sample((10_000,), x=observed, show_progress_bars=False).numpy()
    sampling.append(time.perf_counter() - begun)
np.savez(path.with_suffix(".sbi.npz"), **samples)
told = {"seconds": seconds, "sampling_seconds": min(sampling), "epochs": inference.summary["epochs_trained"][-1]}
print("\n" + json.dumps(told))
