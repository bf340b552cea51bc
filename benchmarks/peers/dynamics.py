# SPDX-License-Identifier: Apache-2.0
"""Steps per second of velocity Verlet by ASE with a calculator: the best of three times ten."""

import time

from ase import units
from ase.io import read
from ase.md.verlet import VelocityVerlet

STEPS, TIMES = 10, 3


def steps_per_second(calculator, start):
    """Of the atoms in a file, 1 fs a step; three steps before are not counted."""
    atoms, seconds = read(start), []
    atoms.calc = calculator
    motion = VelocityVerlet(atoms, 1 * units.fs)
    motion.run(3)
    for _ in range(TIMES):
        begun = time.perf_counter()
        motion.run(STEPS)
        seconds.append(time.perf_counter() - begun)
    return STEPS / min(seconds)
