# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.nets.equivariant import behler_parrinello as behler_parrinello
from isinglass.nets.equivariant import irreps as irreps
from isinglass.nets.equivariant import mace as mace
from isinglass.nets.equivariant import message as message
from isinglass.nets.equivariant import moment_potential as moment_potential
from isinglass.nets.equivariant import nequip as nequip
from isinglass.nets.equivariant import radial as radial
from isinglass.nets.equivariant import scaled_potential as scaled_potential
from isinglass.nets.equivariant import schnet as schnet
from isinglass.nets.equivariant import unit_width as unit_width
from isinglass.nets.equivariant.behler_parrinello import BehlerParrinello as BehlerParrinello
from isinglass.nets.equivariant.irreps import SymmetricPower as SymmetricPower
from isinglass.nets.equivariant.irreps import coupling as coupling
from isinglass.nets.equivariant.irreps import harmonics as harmonics
from isinglass.nets.equivariant.irreps import product_paths as product_paths
from isinglass.nets.equivariant.irreps import symmetric_power as symmetric_power
from isinglass.nets.equivariant.mace import Mace as Mace
from isinglass.nets.equivariant.mace import MaceLayer as MaceLayer
from isinglass.nets.equivariant.mace import SymmetricContraction as SymmetricContraction
from isinglass.nets.equivariant.message import Message as Message
from isinglass.nets.equivariant.moment_potential import MomentPotential as MomentPotential
from isinglass.nets.equivariant.nequip import Nequip as Nequip
from isinglass.nets.equivariant.nequip import NequipLayer as NequipLayer
from isinglass.nets.equivariant.radial import BesselBasis as BesselBasis
from isinglass.nets.equivariant.radial import RadialNetwork as RadialNetwork
from isinglass.nets.equivariant.radial import envelope as envelope
from isinglass.nets.equivariant.radial import mixed as mixed
from isinglass.nets.equivariant.radial import mixed_by_species as mixed_by_species
from isinglass.nets.equivariant.scaled_potential import ScaledPotential as ScaledPotential
from isinglass.nets.equivariant.schnet import SchNet as SchNet
from isinglass.nets.equivariant.unit_width import of_unit_width as of_unit_width
