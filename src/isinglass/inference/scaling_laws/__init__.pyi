# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.inference.scaling_laws import compute_optimal as compute_optimal
from isinglass.inference.scaling_laws import flop_count as flop_count
from isinglass.inference.scaling_laws import law_fit as law_fit
from isinglass.inference.scaling_laws import power_law as power_law
from isinglass.inference.scaling_laws import resample as resample
from isinglass.inference.scaling_laws import robust_fit as robust_fit
from isinglass.inference.scaling_laws import runs_table as runs_table
from isinglass.inference.scaling_laws.compute_optimal import ComputeSplit as ComputeSplit
from isinglass.inference.scaling_laws.compute_optimal import optimal_split as optimal_split
from isinglass.inference.scaling_laws.flop_count import FLOP as FLOP
from isinglass.inference.scaling_laws.flop_count import TransformerShape as TransformerShape
from isinglass.inference.scaling_laws.flop_count import matrix_flops as matrix_flops
from isinglass.inference.scaling_laws.flop_count import training_compute as training_compute
from isinglass.inference.scaling_laws.law_fit import Early as Early
from isinglass.inference.scaling_laws.law_fit import LawFit as LawFit
from isinglass.inference.scaling_laws.law_fit import fit_law as fit_law
from isinglass.inference.scaling_laws.law_fit import scatter_of as scatter_of
from isinglass.inference.scaling_laws.power_law import LossLaw as LossLaw
from isinglass.inference.scaling_laws.power_law import NO_FLOOR as NO_FLOOR
from isinglass.inference.scaling_laws.power_law import bounded_exp as bounded_exp
from isinglass.inference.scaling_laws.power_law import log_loss as log_loss
from isinglass.inference.scaling_laws.power_law import power_laws as power_laws
from isinglass.inference.scaling_laws.resample import Alike as Alike
from isinglass.inference.scaling_laws.resample import counts_of as counts_of
from isinglass.inference.scaling_laws.resample import groups_of as groups_of
from isinglass.inference.scaling_laws.resample import likeness as likeness
from isinglass.inference.scaling_laws.robust_fit import Box as Box
from isinglass.inference.scaling_laws.robust_fit import box_of as box_of
from isinglass.inference.scaling_laws.robust_fit import fit_laws as fit_laws
from isinglass.inference.scaling_laws.robust_fit import huber as huber
from isinglass.inference.scaling_laws.robust_fit import starts_of as starts_of
from isinglass.inference.scaling_laws.runs_table import CleanRuns as CleanRuns
from isinglass.inference.scaling_laws.runs_table import FEWEST as FEWEST
from isinglass.inference.scaling_laws.runs_table import RunsTable as RunsTable
from isinglass.inference.scaling_laws.runs_table import clean_runs as clean_runs
