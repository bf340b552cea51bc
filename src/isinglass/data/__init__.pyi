# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.data import configurations as configurations
from isinglass.data import files as files
from isinglass.data import hamiltonian as hamiltonian
from isinglass.data import kind as kind
from isinglass.data import molecular_dynamics as molecular_dynamics
from isinglass.data.configurations import Boundary as Boundary
from isinglass.data.configurations import Configurations as Configurations
from isinglass.data.configurations import Kind as Kind
from isinglass.data.configurations import concatenated as concatenated
from isinglass.data.configurations import kept as kept
from isinglass.data.configurations import snapshots as snapshots
from isinglass.data.files import check_configurations as check_configurations
from isinglass.data.files import check_netcdf_path as check_netcdf_path
from isinglass.data.files import from_dataset as from_dataset
from isinglass.data.files import read as read
from isinglass.data.files import to_dataset as to_dataset
from isinglass.data.files import write as write
from isinglass.data.hamiltonian import QuantumProblem as QuantumProblem
from isinglass.data.hamiltonian import read_hamiltonian as read_hamiltonian
from isinglass.data.kind import KINDS as KINDS
from isinglass.data.kind import as_kind as as_kind
from isinglass.data.kind import detect_kind as detect_kind
from isinglass.data.molecular_dynamics import MolecularTrajectory as MolecularTrajectory
from isinglass.data.molecular_dynamics import free_energy_profile as free_energy_profile
from isinglass.data.molecular_dynamics import replica_exchange as replica_exchange
