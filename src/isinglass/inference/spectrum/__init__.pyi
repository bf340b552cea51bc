# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.inference.spectrum import data_matrix as data_matrix
from isinglass.inference.spectrum import spikes as spikes
from isinglass.inference.spectrum.data_matrix import DataMatrix as DataMatrix
from isinglass.inference.spectrum.data_matrix import Eigensystem as Eigensystem
from isinglass.inference.spectrum.data_matrix import eigensystem as eigensystem
from isinglass.inference.spectrum.spikes import ALARM as ALARM
from isinglass.inference.spectrum.spikes import Spikes as Spikes
from isinglass.inference.spectrum.spikes import find_spikes as find_spikes
