# SPDX-License-Identifier: Apache-2.0
"""Couplings of spin glasses and cuts: `sample(key, read_couplings(file), method="annealing")` against known optima.

The optimum is given as a cut; E = Σ w - 2 cut for E = Σ w_ij s_i s_j.  It is a bound: no energy may lie below it.
"""

from pathlib import Path

import numpy as np

from validation.case import Case, Measured, files

__all__ = ["cases"]

GSET = "best known cut, Benlic and Hao 2013, doi:10.1016/j.engappai.2012.09.001"
BIQMAC = "optimal cut, Biq Mac library"
CUTS = {
    "G1": (11624, GSET), "G2": (11620, GSET), "G3": (11622, GSET), "G4": (11646, GSET), "G5": (11631, GSET),
    "G6": (2178, GSET), "G7": (2006, GSET), "G8": (2005, GSET), "G9": (2054, GSET), "G10": (2000, GSET),
    "G11": (564, GSET), "G12": (556, GSET), "G13": (582, GSET), "G14": (3064, GSET), "G15": (3050, GSET),
    "G16": (3052, GSET), "G17": (3047, GSET), "G18": (992, GSET), "G19": (906, GSET), "G20": (941, GSET),
    "t2g10_5555": (6049461, BIQMAC), "t2g15_5555": (15051133, BIQMAC), "t2g20_5555": (24838942, BIQMAC),
    "t3g5_5555": (10933215, BIQMAC), "ising2.5-100_5555": (2460049, BIQMAC),
}  # fmt: skip
SWEEPS = {"smoke": 500, "laptop": 4000, "paper": 20000}


def cases(roots: list[Path]) -> list[Case]:
    """Files optimisation/gset_NAME.txt.gz and biqmac_NAME.txt.gz."""
    found = []
    for path in files(roots, "optimisation/*.txt*"):
        name = path.name.removeprefix("gset_").removeprefix("biqmac_").removesuffix(".gz").removesuffix(".txt")
        if name in CUTS:
            cut, source = CUTS[name]
            found.append(Case("couplings", path, energy_of(path, cut), source, lowest, bound=True, tolerance=0.5))
    return found


def energy_of(path: Path, cut: float) -> float:
    """E = Σ w - 2 cut."""
    from isinglass.data.couplings import read_couplings

    return -float(np.sum(read_couplings(path).J)) - 2 * cut


def lowest(path: Path, preset: str) -> Measured:
    """The lowest energy of 64 coolings from a few times the size of the couplings."""
    import jax

    from isinglass import sample
    from isinglass.data.couplings import read_couplings

    system = read_couplings(path)
    size = float(np.sqrt(np.mean(np.square(system.J)) * 2 * system.graph.n_bonds / system.graph.n_sites))
    found = sample(
        jax.random.key(0), system, method="annealing", hot=size, cold=0.05 * size, sweeps=SWEEPS[preset], runs=64
    )
    return Measured(found.estimates["lowest_energy"].value, None, found.verdict, f"{SWEEPS[preset]} sweeps, 64 runs")
