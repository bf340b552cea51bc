# SPDX-License-Identifier: Apache-2.0
"""One small instance of every system: a new class joins this list and is tested by every law."""

import jax

from isinglass.systems import XY, Ising, IsingGauge, Potts, SquareIce, edwards_anderson, sherrington_kirkpatrick

KEY = jax.random.key(5)
ALL_SYSTEMS = {
    "ising": Ising((4, 4), temperature=2.5),
    "ising_field": Ising((3, 4), temperature=2.0, h=0.3),
    "ising_triangular": Ising((3, 3), temperature=3.6, lattice="triangular"),
    "ising_honeycomb": Ising((4, 4), temperature=1.5, lattice="honeycomb"),
    "ising_chain": Ising((7,), temperature=1.0, lattice="chain"),
    "ising_cubic": Ising((2, 2, 3), temperature=4.5),
    "potts": Potts((3, 3), q=3, temperature=1.0),
    "xy": XY((4, 4), temperature=0.9),
    "gauge": IsingGauge((2, 3), temperature=1.0),
    "ice": SquareIce((2, 3), temperature=1.0),
    "edwards_anderson": edwards_anderson(KEY, (4, 3), temperature=1.2),
    "sherrington_kirkpatrick": sherrington_kirkpatrick(KEY, 10, temperature=0.5),
}
DISCRETE = {name: system for name, system in ALL_SYSTEMS.items() if system.values is not None}
