# SPDX-License-Identifier: Apache-2.0
"""Units of atoms: eV, Å, amu; time in Å √(amu/eV).  What is said to people: fs, K, GPa, THz.

Ref: CODATA 2018, Tiesinga et al. 2021, doi:10.1103/RevModPhys.93.025010; e and k_B are exact in the SI.
"""

import math

__all__ = ["BOLTZMANN", "COULOMB_CONSTANT", "FEMTOSECOND", "GIGAPASCAL", "TERAHERTZ"]

ELEMENTARY_CHARGE, DALTON = 1.602176634e-19, 1.66053906660e-27  # C, kg
BOLTZMANN = 1.380649e-23 / ELEMENTARY_CHARGE  # eV/K
FEMTOSECOND = 1e-5 * math.sqrt(ELEMENTARY_CHARGE / DALTON)  # in Å √(amu/eV): 1e-15 s / (1e-10 m √(kg/J))
GIGAPASCAL = 1e9 * 1e-30 / ELEMENTARY_CHARGE  # in eV/Å³
TERAHERTZ = 1e-3 / FEMTOSECOND  # in cycles per Å √(amu/eV)
COULOMB_CONSTANT = 14.399645478425668  # e²/(4π ε_0) in eV Å
