# SPDX-License-Identifier: Apache-2.0
"""Peer: the same networks in PyTorch, one after another, full batches, Adam.

usage: ensemble_torch.py DATA.npz steps; prints one JSON line.
"""

import json
import sys
import time

import numpy as np
import torch
from torch import nn

data, steps = np.load(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(1)  # networks this small are slower with two
torch.manual_seed(0)
x, y, x_test, y_test = (torch.from_numpy(data[name]) for name in ("x", "y", "x_test", "y_test"))


def train(n, width):
    net = nn.Sequential(nn.Linear(x.shape[1], width), nn.Tanh(), nn.Linear(width, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=float(data["rate"]))
    for _ in range(steps):
        optimizer.zero_grad(set_to_none=True)
        loss = ((net(x[:n])[:, 0] - y[:n]) ** 2).mean()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return [((net(a[:k])[:, 0] - b[:k]) ** 2).mean().item() for a, b, k in ((x, y, n), (x_test, y_test, None))]


began, cpu = time.perf_counter(), time.process_time()
losses = [train(int(n), int(width)) for n, width in zip(data["rows"], data["widths"], strict=True)]
seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
print(json.dumps({"seconds": seconds, "cpu_seconds": cpu, "losses": losses}))
