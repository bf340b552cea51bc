# SPDX-License-Identifier: Apache-2.0
"""Peer: the same CNN in PyTorch, channels last, Adam.

usage: cnn_torch.py DATA.npz steps batch; prints one JSON line.
"""

import json
import sys
import time

import numpy as np
import torch
from torch import nn

data, steps, batch = np.load(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(2)
torch.manual_seed(0)
x, y, x_test, y_test = (torch.from_numpy(data[name]) for name in ("x", "y", "x_test", "y_test"))
y, y_test = y.long(), y_test.long()


def image(x):
    return x[:, None].float().contiguous(memory_format=torch.channels_last)


circular = {"padding": 1, "padding_mode": "circular"}
net = nn.Sequential(
    *(nn.Conv2d(1, 32, 3, **circular), nn.ReLU(), nn.Conv2d(32, 32, 3, **circular), nn.ReLU()),
    *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 2)),
).to(memory_format=torch.channels_last)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)


def step(rows):
    optimizer.zero_grad(set_to_none=True)
    nn.functional.cross_entropy(net(image(x[rows])), y[rows]).backward()
    optimizer.step()


def train(n):
    began, cpu, order = time.perf_counter(), time.process_time(), torch.empty(0, dtype=torch.long)
    for _ in range(n):
        if len(order) < batch:
            order = torch.randperm(len(x))
        step(order[:batch])
        order = order[batch:]
    return time.perf_counter() - began, time.process_time() - cpu


first, _ = train(1)  # allocations and kernel selection
seconds, cpu = train(steps)
with torch.no_grad():
    right = [
        (net(image(x_test[i : i + batch])).argmax(1) == y_test[i : i + batch]) for i in range(0, len(x_test), batch)
    ]
accuracy = torch.cat(right).float().mean().item()
compiled = max(0.0, first - seconds / steps)
print(json.dumps({"seconds": seconds, "cpu_seconds": cpu, "compile_seconds": compiled, "accuracy": accuracy}))
