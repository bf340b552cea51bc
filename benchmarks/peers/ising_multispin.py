# SPDX-License-Identifier: Apache-2.0
"""Peer: hand-written AVX-512 C (ising_multispin.c), 64 replicas to a word, compiled by gcc -O3 -march=native.

usage: ising_multispin.py L temperatures replicas sweeps threads; replicas must be 64.  Prints one JSON line.
"""

import ctypes as C
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

L, replicas, sweeps, threads = (int(sys.argv[k]) for k in (1, 3, 4, 5))
start, stop, count = sys.argv[2].split(":")
os.environ["OMP_NUM_THREADS"] = str(threads)
T = np.linspace(float(start), float(stop), int(count))
source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ising_multispin.c")
library = os.path.join(tempfile.mkdtemp(), "ising_multispin.so")
flags = ["-O3", "-march=native", "-mprefer-vector-width=512", "-fopenmp", "-shared", "-fPIC"]
began = time.perf_counter()
subprocess.check_call(["gcc", *flags, source, "-o", library])
compile_seconds = time.perf_counter() - began
lib = C.CDLL(library)
lib.words.restype, lib.unsatisfied.restype = C.c_size_t, C.c_long


def pointer(a):
    return a.ctypes.data_as(C.c_void_p)


def aligned(n):
    raw = np.zeros(n * 8 + 64, np.uint8)
    offset = (-raw.ctypes.data) % 64
    return raw[offset : offset + n * 8].view(np.uint64)


def masks(p):
    """The 32 binary digits of each probability, spread over words."""
    digit = (np.round(p * 2**32).astype(np.uint64)[:, None] >> np.arange(31, -1, -1, dtype=np.uint64)) & np.uint64(1)
    return np.ascontiguousarray(digit * np.uint64(2**64 - 1))


p1, p2 = masks(np.exp(-4 / T)), masks(np.exp(-8 / T))
streams = aligned(32 * max(threads, len(T)))
lib.seed(pointer(streams), max(threads, len(T)), C.c_uint64(12345))
A, B = ([aligned(lib.words(L)) for _ in T] for _ in range(2))
for X in (*A, *B):
    lib.init(pointer(X), L)
all_A, all_B = ((C.c_void_p * len(T))(*map(pointer, X)) for X in (A, B))


def run(n):
    began = time.perf_counter()
    if len(T) == 1:
        lib.sweep_rows(pointer(A[0]), pointer(B[0]), L, n, pointer(p1), pointer(p2), pointer(streams), threads)
    else:
        lib.sweep_batches(all_A, all_B, len(T), L, n, pointer(p1), pointer(p2), pointer(streams))
    return time.perf_counter() - began


run(sweeps // 4)
cpu, seconds = time.process_time(), min(run(sweeps) for _ in range(3))
cpu = (time.process_time() - cpu) / 3
e = [-2 + 2 * lib.unsatisfied(pointer(a), pointer(b), L) / (64 * L * L) for a, b in zip(A, B, strict=True)]
attempts = 64 * len(T) * L * L * sweeps
metric = {"attempts_per_ns": attempts / seconds / 1e9, "attempts_per_cpu_ns": attempts / cpu / 1e9}
print(json.dumps({"metric": metric, "seconds": seconds, "compile_seconds": compile_seconds, "energy": e}))
