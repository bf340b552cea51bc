# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.lattice import confusion as confusion
from isinglass.experiments.lattice import coupling_case as coupling_case
from isinglass.experiments.lattice import critical_slowing_down as critical_slowing_down
from isinglass.experiments.lattice import data_manifold as data_manifold
from isinglass.experiments.lattice import gauge_phases as gauge_phases
from isinglass.experiments.lattice import ising_phases as ising_phases
from isinglass.experiments.lattice import ising_thermometer as ising_thermometer
from isinglass.experiments.lattice import renormalisation as renormalisation
from isinglass.experiments.lattice import spin_glass_annealing as spin_glass_annealing
from isinglass.experiments.lattice import unsupervised_phases as unsupervised_phases
from isinglass.experiments.lattice import variational_autoregressive as variational_autoregressive
from isinglass.experiments.lattice.confusion import ConfusionExperiment as ConfusionExperiment
from isinglass.experiments.lattice.coupling_case import AbstractCouplingCase as AbstractCouplingCase
from isinglass.experiments.lattice.coupling_case import FieldCoupling as FieldCoupling
from isinglass.experiments.lattice.coupling_case import IsingTemperature as IsingTemperature
from isinglass.experiments.lattice.critical_slowing_down import CriticalSlowingDown as CriticalSlowingDown
from isinglass.experiments.lattice.data_manifold import DataManifold as DataManifold
from isinglass.experiments.lattice.gauge_phases import GaugePhases as GaugePhases
from isinglass.experiments.lattice.ising_phases import IsingPhases as IsingPhases
from isinglass.experiments.lattice.ising_thermometer import IsingThermometer as IsingThermometer
from isinglass.experiments.lattice.renormalisation import Renormalisation as Renormalisation
from isinglass.experiments.lattice.spin_glass_annealing import SpinGlassAnnealing as SpinGlassAnnealing
from isinglass.experiments.lattice.unsupervised_phases import UnsupervisedPhases as UnsupervisedPhases
from isinglass.experiments.lattice.variational_autoregressive import VariationalAutoregressive as VariationalAutoregressive
