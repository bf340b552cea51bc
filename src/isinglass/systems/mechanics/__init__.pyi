# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.systems.mechanics import gravity as gravity
from isinglass.systems.mechanics import mechanics as mechanics
from isinglass.systems.mechanics import pendulum as pendulum
from isinglass.systems.mechanics import spring_chain as spring_chain
from isinglass.systems.mechanics import trajectories as trajectories
from isinglass.systems.mechanics.gravity import GravitatingBodies as GravitatingBodies
from isinglass.systems.mechanics.gravity import KeplerProblem as KeplerProblem
from isinglass.systems.mechanics.mechanics import AbstractMechanics as AbstractMechanics
from isinglass.systems.mechanics.mechanics import simulated as simulated
from isinglass.systems.mechanics.pendulum import Pendulum as Pendulum
from isinglass.systems.mechanics.spring_chain import SpringChain as SpringChain
from isinglass.systems.mechanics.trajectories import Trajectories as Trajectories
