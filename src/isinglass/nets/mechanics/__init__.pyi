# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.nets.mechanics import motion_network as motion_network
from isinglass.nets.mechanics import phase_space as phase_space
from isinglass.nets.mechanics.motion_network import HamiltonianNetwork as HamiltonianNetwork
from isinglass.nets.mechanics.motion_network import LagrangianNetwork as LagrangianNetwork
from isinglass.nets.mechanics.motion_network import PlainMotion as PlainMotion
from isinglass.nets.mechanics.phase_space import AbstractMotion as AbstractMotion
from isinglass.nets.mechanics.phase_space import PhaseSpace as PhaseSpace
