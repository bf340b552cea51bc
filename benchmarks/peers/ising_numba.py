# SPDX-License-Identifier: Apache-2.0
"""Peer: a careful numba checkerboard Metropolis: int8 spins, table of thresholds, one xoroshiro128+ stream per row.

usage: ising_numba.py L temperatures replicas sweeps threads; temperatures are START:STOP:COUNT.  Prints one JSON line.
One lattice is divided between the threads by rows, several lattices are divided between them one by one.
"""

import json
import os
import sys
import time

L, replicas, sweeps, threads = (int(sys.argv[k]) for k in (1, 3, 4, 5))
start, stop, count = sys.argv[2].split(":")
os.environ["NUMBA_NUM_THREADS"] = str(threads)

import numpy as np  # noqa: E402
from numba import njit, prange  # noqa: E402


@njit(fastmath=True)
def update_rows(s, color, threshold, stream, first, last):
    L, u = s.shape[0], np.uint64
    for i in range(first, last):
        up, down = i - 1 if i > 0 else L - 1, i + 1 if i < L - 1 else 0
        a, b = stream[i, 0], stream[i, 1]
        for j in range((i + color) & 1, L, 2):
            left, right = j - 1 if j > 0 else L - 1, j + 1 if j < L - 1 else 0
            aligned = s[i, j] * (s[up, j] + s[down, j] + s[i, left] + s[i, right])
            r = (a + b) >> u(32)
            b ^= a
            a = ((a << u(24)) | (a >> u(40))) ^ b ^ (b << u(16))
            b = (b << u(37)) | (b >> u(27))
            if r < threshold[aligned + 4]:
                s[i, j] = -s[i, j]
        stream[i, 0], stream[i, 1] = a, b


@njit(parallel=True, fastmath=True)
def sweep_many(s, threshold, stream, n):
    for r in prange(s.shape[0]):
        for _ in range(n):
            for color in range(2):
                update_rows(s[r], color, threshold[r], stream[r], 0, s.shape[1])


@njit(parallel=True, fastmath=True)
def sweep_one(s, threshold, stream, n, blocks):
    rows = s.shape[0] // blocks
    for _ in range(n):
        for color in range(2):
            for k in prange(blocks):
                update_rows(s, color, threshold, stream, k * rows, (k + 1) * rows)


T = np.repeat(np.linspace(float(start), float(stop), int(count)), replicas)
threshold = np.full((len(T), 9), 2**32, np.uint64)
threshold[:, 6], threshold[:, 8] = np.exp(-4 / T) * 2**32, np.exp(-8 / T) * 2**32
s = np.ones((len(T), L, L), np.int8)
stream = np.random.default_rng(1).integers(1, 2**63, (len(T), L, 2), np.uint64)


def run(n):
    began = time.perf_counter()
    if len(T) == 1:
        sweep_one(s[0], threshold[0], stream[0], n, threads)
    else:
        sweep_many(s, threshold, stream, n)
    return time.perf_counter() - began


compile_seconds = run(1)
run(sweeps // 4)
cpu, seconds = time.process_time(), min(run(sweeps) for _ in range(3))
cpu = (time.process_time() - cpu) / 3
e = -(s * (np.roll(s, 1, 1) + np.roll(s, 1, 2))).mean((1, 2)).reshape(int(count), replicas).mean(1)
attempts = len(T) * L * L * sweeps
metric = {"attempts_per_ns": attempts / seconds / 1e9, "attempts_per_cpu_ns": attempts / cpu / 1e9}
print(json.dumps({"metric": metric, "seconds": seconds, "compile_seconds": compile_seconds, "energy": e.tolist()}))
