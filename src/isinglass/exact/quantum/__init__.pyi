# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.exact.quantum import free_fermion_chain as free_fermion_chain
from isinglass.exact.quantum import hartree_fock as hartree_fock
from isinglass.exact.quantum import heisenberg as heisenberg
from isinglass.exact.quantum import hubbard as hubbard
from isinglass.exact.quantum import toric_code as toric_code
from isinglass.exact.quantum import transverse_field_ising as transverse_field_ising
from isinglass.exact.quantum import trial_states as trial_states
from isinglass.exact.quantum.free_fermion_chain import couplings as couplings
from isinglass.exact.quantum.free_fermion_chain import energy as energy
from isinglass.exact.quantum.free_fermion_chain import evolved as evolved
from isinglass.exact.quantum.free_fermion_chain import ground_state as ground_state
from isinglass.exact.quantum.free_fermion_chain import renyi_entropy as renyi_entropy
from isinglass.exact.quantum.free_fermion_chain import renyi_slope as renyi_slope
from isinglass.exact.quantum.free_fermion_chain import transverse_magnetization as transverse_magnetization
from isinglass.exact.quantum.hartree_fock import Determinants as Determinants
from isinglass.exact.quantum.heisenberg import majumdar_ghosh as majumdar_ghosh
from isinglass.exact.quantum.hubbard import free_energy_of_hopping as free_energy_of_hopping
from isinglass.exact.quantum.hubbard import two_sites as two_sites
from isinglass.exact.quantum.toric_code import DEGENERACY as DEGENERACY
from isinglass.exact.quantum.toric_code import gap as gap
from isinglass.exact.quantum.transverse_field_ising import fidelity_susceptibility as fidelity_susceptibility
from isinglass.exact.quantum.transverse_field_ising import first_excited_energy as first_excited_energy
from isinglass.exact.quantum.transverse_field_ising import magnetization_after_quench as magnetization_after_quench
from isinglass.exact.quantum.trial_states import grid_points as grid_points
from isinglass.exact.quantum.trial_states import helium as helium
from isinglass.exact.quantum.trial_states import hydrogen as hydrogen
