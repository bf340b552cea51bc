# SPDX-License-Identifier: Apache-2.0
"""Simulators in NumPy alone, in a file that other processes can import."""

import os
import time

import numpy as np


def noisy(rng, theta):
    """θ + N(0, 1), in 5 ms."""
    time.sleep(0.005)
    return theta + rng.normal(size=len(theta))


def quick(rng, theta):
    """θ + 0.1 N(0, 1)."""
    return theta + 0.1 * rng.normal(size=len(theta))


def troubled(rng, theta):
    """Of θ_0 below 1 all is well; then it raises, hangs, crashes, or returns what is no number."""
    kind = int(theta[0])
    if kind == 1:
        raise ValueError("too large\nfor this")
    if kind == 2:
        time.sleep(100)
    if kind == 3:
        os.abort()
    if kind == 4:
        return "five"
    if kind == 5:
        raise SystemExit(3)
    return quick(rng, theta)


def killing(rng, theta):
    """At θ_0 >= 1 its process is killed, as by the system that has no memory left."""
    if theta[0] >= 1:
        os.kill(os.getpid(), 9)
    return quick(rng, theta)


def once(rng, theta):
    """The first process that comes here is killed: θ_1 numbers a file that tells."""
    mark = os.path.join(os.environ["ISINGLASS_TEST_MARK"], f"{int(theta[1])}")
    if theta[0] >= 1 and not os.path.exists(mark):
        with open(mark, "w"):
            pass
        os.kill(os.getpid(), 9)
    return quick(rng, theta)


def masked(rng, theta):
    """One entry is masked."""
    return np.ma.masked_array(theta + 0.0, mask=[True, False])
