# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.mechanics import hamiltonian_network as hamiltonian_network
from isinglass.experiments.mechanics.hamiltonian_network import HamiltonianNetworks as HamiltonianNetworks
from isinglass.experiments.mechanics.hamiltonian_network import SYSTEMS as SYSTEMS
from isinglass.experiments.mechanics.hamiltonian_network import learned_period as learned_period
