# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.outcome import correction as correction
from isinglass.tasks.outcome import judgement as judgement
from isinglass.tasks.outcome import line as line
from isinglass.tasks.outcome import observed as observed
from isinglass.tasks.outcome import record as record
from isinglass.tasks.outcome.correction import Corrected as Corrected
from isinglass.tasks.outcome.correction import Samples as Samples
from isinglass.tasks.outcome.correction import corrected as corrected
from isinglass.tasks.outcome.correction import measured as measured
from isinglass.tasks.outcome.correction import samples_of as samples_of
from isinglass.tasks.outcome.judgement import followed_columns as followed_columns
from isinglass.tasks.outcome.judgement import followed_estimates as followed_estimates
from isinglass.tasks.outcome.judgement import verdicts as verdicts
from isinglass.tasks.outcome.judgement import with_least_error as with_least_error
from isinglass.tasks.outcome.judgement import worst_of as worst_of
from isinglass.tasks.outcome.line import Energies as Energies
from isinglass.tasks.outcome.line import energy_checks as energy_checks
from isinglass.tasks.outcome.line import exact_energies as exact_energies
from isinglass.tasks.outcome.line import first_state as first_state
from isinglass.tasks.outcome.observed import along_chains as along_chains
from isinglass.tasks.outcome.observed import by_temperature as by_temperature
from isinglass.tasks.outcome.observed import by_weights as by_weights
from isinglass.tasks.outcome.observed import check_observables as check_observables
from isinglass.tasks.outcome.observed import columns as columns
from isinglass.tasks.outcome.observed import finite_observables as finite_observables
from isinglass.tasks.outcome.observed import numbers as numbers
from isinglass.tasks.outcome.record import described_settings as described_settings
from isinglass.tasks.outcome.record import to_arrays as to_arrays
