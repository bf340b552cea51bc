# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.lattice import confusion as confusion
from isinglass.experiments.lattice import critical_slowing_down as critical_slowing_down
from isinglass.experiments.lattice import gauge_phases as gauge_phases
from isinglass.experiments.lattice import ising_data as ising_data
from isinglass.experiments.lattice import ising_phases as ising_phases
from isinglass.experiments.lattice import spin_glass_annealing as spin_glass_annealing
from isinglass.experiments.lattice import unsupervised_phases as unsupervised_phases
from isinglass.experiments.lattice import variational_autoregressive as variational_autoregressive
from isinglass.experiments.lattice.confusion import ConfusionExperiment as ConfusionExperiment
from isinglass.experiments.lattice.confusion import ConfusionReading as ConfusionReading
from isinglass.experiments.lattice.confusion import arrays as arrays
from isinglass.experiments.lattice.confusion import read as read
from isinglass.experiments.lattice.confusion import transition as transition
from isinglass.experiments.lattice.critical_slowing_down import CriticalSlowingDown as CriticalSlowingDown
from isinglass.experiments.lattice.gauge_phases import GaugePhases as GaugePhases
from isinglass.experiments.lattice.ising_data import Spins as Spins
from isinglass.experiments.lattice.ising_data import ising_by_size as ising_by_size
from isinglass.experiments.lattice.ising_data import snapshots as snapshots
from isinglass.experiments.lattice.ising_data import spacing as spacing
from isinglass.experiments.lattice.ising_data import spins as spins
from isinglass.experiments.lattice.ising_phases import IsingPhases as IsingPhases
from isinglass.experiments.lattice.spin_glass_annealing import SpinGlassAnnealing as SpinGlassAnnealing
from isinglass.experiments.lattice.unsupervised_phases import UnsupervisedPhases as UnsupervisedPhases
from isinglass.experiments.lattice.variational_autoregressive import VariationalAutoregressive as VariationalAutoregressive
