# SPDX-License-Identifier: Apache-2.0
"""What nature does: one file, one system."""

import importlib

PLACES = {
    "XY": "xy",
    "AbstractLatticeSystem": "system",
    "AbstractPairSystem": "system",
    "AbstractSystem": "system",
    "AlanineDipeptide": "alanine_dipeptide",
    "Dimer": "dimer",
    "DoubleWell": "double_well",
    "GaussianMixture": "gaussian_mixture",
    "Graph": "graph",
    "Ising": "ising",
    "IsingGauge": "gauge",
    "LennardJones": "lennard_jones",
    "MuellerBrown": "mueller_brown",
    "Phi4": "phi4",
    "Potts": "potts",
    "SquareIce": "square_ice",
    "U1Gauge": "u1",
    "at_temperatures": "system",
    "edwards_anderson": "ising",
    "free_field": "phi4",
    "phi4_hopping": "phi4",
    "ring": "gaussian_mixture",
    "sherrington_kirkpatrick": "ising",
    "two_modes": "gaussian_mixture",
}
__all__ = list(PLACES)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str):
    """Import a system when it is first used."""
    if name in PLACES:
        return getattr(importlib.import_module(f"isinglass.systems.{PLACES[name]}"), name)
    raise AttributeError(f"isinglass.systems has no {name!r}; it has {', '.join(__all__)}")


def __dir__():
    return __all__
