# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.systems.particle import alanine_dipeptide as alanine_dipeptide
from isinglass.systems.particle import dimer as dimer
from isinglass.systems.particle import force_field as force_field
from isinglass.systems.particle import lennard_jones as lennard_jones
from isinglass.systems.particle import numbering as numbering
from isinglass.systems.particle import openmm_energy as openmm_energy
from isinglass.systems.particle import particles as particles
from isinglass.systems.particle.alanine_dipeptide import AlanineDipeptide as AlanineDipeptide
from isinglass.systems.particle.alanine_dipeptide import GAS as GAS
from isinglass.systems.particle.alanine_dipeptide import METHYLS as METHYLS
from isinglass.systems.particle.alanine_dipeptide import PDB as PDB
from isinglass.systems.particle.alanine_dipeptide import TURNING as TURNING
from isinglass.systems.particle.alanine_dipeptide import ZMATRIX as ZMATRIX
from isinglass.systems.particle.alanine_dipeptide import rotated_methyls as rotated_methyls
from isinglass.systems.particle.dimer import Dimer as Dimer
from isinglass.systems.particle.force_field import ForceField as ForceField
from isinglass.systems.particle.lennard_jones import LennardJones as LennardJones
from isinglass.systems.particle.lennard_jones import icosahedron as icosahedron
from isinglass.systems.particle.numbering import dimer_images as dimer_images
from isinglass.systems.particle.numbering import in_order as in_order
from isinglass.systems.particle.numbering import ordered as ordered
from isinglass.systems.particle.openmm_energy import FORCE_FIELDS as FORCE_FIELDS
from isinglass.systems.particle.openmm_energy import constants as constants
from isinglass.systems.particle.openmm_energy import make_openmm as make_openmm
from isinglass.systems.particle.particles import centered as centered
from isinglass.systems.particle.particles import pair_table as pair_table
from isinglass.systems.particle.particles import relaxed as relaxed
from isinglass.systems.particle.particles import separations as separations
from isinglass.systems.particle.particles import squared_distances as squared_distances
