# SPDX-License-Identifier: Apache-2.0
"""One small instance of every system: a new class joins this list and is tested by every law."""

import jax

from isinglass.systems import (
    XY,
    AlanineDipeptide,
    Dimer,
    DoubleWell,
    Ising,
    IsingGauge,
    LennardJones,
    MuellerBrown,
    Phi4,
    Potts,
    SquareIce,
    U1Gauge,
    edwards_anderson,
    free_field,
    phi4_hopping,
    ring,
    sherrington_kirkpatrick,
    two_modes,
)

KEY = jax.random.key(5)
LATTICE = {
    "ising": Ising((4, 4), temperature=2.5),
    "ising_field": Ising((3, 4), temperature=2.0, h=0.3),
    "ising_triangular": Ising((3, 3), temperature=3.6, lattice="triangular"),
    "ising_honeycomb": Ising((4, 4), temperature=1.5, lattice="honeycomb"),
    "ising_chain": Ising((7,), temperature=1.0, lattice="chain"),
    "ising_cubic": Ising((2, 2, 3), temperature=4.5),
    "potts": Potts((3, 3), q=3, temperature=1.0),
    "xy": XY((4, 4), temperature=0.9),
    "gauge": IsingGauge((2, 3), temperature=1.0),
    "u1": U1Gauge((2, 3), beta=1.5),
    "ice": SquareIce((2, 3), temperature=1.0),
    "phi4": Phi4((4, 3), m2=-4.0, lam=8.0),
    "phi4_chain": phi4_hopping((5,), kappa=0.3, lam=0.5),
    "free_field": free_field((2, 2, 3), m2=0.5, temperature=2.0),
    "edwards_anderson": edwards_anderson(KEY, (4, 3), temperature=1.2),
    "sherrington_kirkpatrick": sherrington_kirkpatrick(KEY, 10, temperature=0.5),
}
DISCRETE = {name: system for name, system in LATTICE.items() if system.values is not None}
CONTINUUM = {
    "double_well": DoubleWell(),
    "double_well_even": DoubleWell(3, c=0.0, temperature=2.0),
    "mueller_brown": MuellerBrown(),
    "two_modes": two_modes(3, weight=0.3),
    "ring": ring(),
    "lennard_jones": LennardJones(5, 3, temperature=0.5),
    "lennard_jones_held": LennardJones(4, 2, h=0.5),
    "dimer": Dimer(9),
    "dimer_alone": Dimer(0),
    "alanine_dipeptide": AlanineDipeptide(),
    "alanine_vacuum": AlanineDipeptide(solvent="vacuum", temperature=500.0),
}
ALL_SYSTEMS = LATTICE | CONTINUUM
SMOOTH = {name: system for name, system in ALL_SYSTEMS.items() if name not in DISCRETE}  # has a gradient
