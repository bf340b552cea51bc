# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.quantum import autoregressive_state as autoregressive_state
from isinglass.experiments.quantum import entanglement as entanglement
from isinglass.experiments.quantum import foundation_state as foundation_state
from isinglass.experiments.quantum import ground_state_cases as ground_state_cases
from isinglass.experiments.quantum import heisenberg_rbm as heisenberg_rbm
from isinglass.experiments.quantum import hubbard as hubbard
from isinglass.experiments.quantum import j1j2 as j1j2
from isinglass.experiments.quantum import quench as quench
from isinglass.experiments.quantum import tfim_ground_state as tfim_ground_state
from isinglass.experiments.quantum.autoregressive_state import AutoregressiveGroundState as AutoregressiveGroundState
from isinglass.experiments.quantum.autoregressive_state import normalization as normalization
from isinglass.experiments.quantum.entanglement import Entanglement as Entanglement
from isinglass.experiments.quantum.entanglement import central_charge as central_charge
from isinglass.experiments.quantum.foundation_state import FoundationStateExperiment as FoundationStateExperiment
from isinglass.experiments.quantum.ground_state_cases import Case as Case
from isinglass.experiments.quantum.ground_state_cases import solve_all as solve_all
from isinglass.experiments.quantum.heisenberg_rbm import HeisenbergRBM as HeisenbergRBM
from isinglass.experiments.quantum.hubbard import ANSAETZE as ANSAETZE
from isinglass.experiments.quantum.hubbard import Hubbard as Hubbard
from isinglass.experiments.quantum.hubbard import falls as falls
from isinglass.experiments.quantum.hubbard import hopping_of as hopping_of
from isinglass.experiments.quantum.j1j2 import J1J2 as J1J2
from isinglass.experiments.quantum.quench import Quench as Quench
from isinglass.experiments.quantum.quench import exact_magnetization as exact_magnetization
from isinglass.experiments.quantum.tfim_ground_state import TfimGroundState as TfimGroundState
