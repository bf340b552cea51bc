# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.atoms import data_efficiency as data_efficiency
from isinglass.experiments.atoms import liquid_structure as liquid_structure
from isinglass.experiments.atoms import lj_clusters as lj_clusters
from isinglass.experiments.atoms import molecule_pyscf as molecule_pyscf
from isinglass.experiments.atoms import potential_copper as potential_copper
from isinglass.experiments.atoms import potential_silicon as potential_silicon
from isinglass.experiments.atoms import power_law as power_law
from isinglass.experiments.atoms import silicon_frames as silicon_frames
from isinglass.experiments.atoms.data_efficiency import CoordinateForces as CoordinateForces
from isinglass.experiments.atoms.data_efficiency import DataEfficiency as DataEfficiency
from isinglass.experiments.atoms.liquid_structure import LiquidStructure as LiquidStructure
from isinglass.experiments.atoms.liquid_structure import decided as decided
from isinglass.experiments.atoms.liquid_structure import difference as difference
from isinglass.experiments.atoms.lj_clusters import LJClusters as LJClusters
from isinglass.experiments.atoms.molecule_pyscf import MoleculePySCF as MoleculePySCF
from isinglass.experiments.atoms.potential_copper import PotentialCopper as PotentialCopper
from isinglass.experiments.atoms.potential_silicon import PotentialSilicon as PotentialSilicon
from isinglass.experiments.atoms.power_law import DataRatio as DataRatio
from isinglass.experiments.atoms.power_law import ForceCurve as ForceCurve
from isinglass.experiments.atoms.power_law import data_ratio as data_ratio
from isinglass.experiments.atoms.silicon_frames import diamond as diamond
from isinglass.experiments.atoms.silicon_frames import liquid_cell as liquid_cell
from isinglass.experiments.atoms.silicon_frames import liquid_frames as liquid_frames
from isinglass.experiments.atoms.silicon_frames import solid_frames as solid_frames
from isinglass.experiments.atoms.silicon_frames import vacancy as vacancy
