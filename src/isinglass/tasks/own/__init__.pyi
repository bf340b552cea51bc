# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.own import approximate_density as approximate_density
from isinglass.tasks.own import density_rows as density_rows
from isinglass.tasks.own import function_system as function_system
from isinglass.tasks.own import latent_models as latent_models
from isinglass.tasks.own import sample_density as sample_density
from isinglass.tasks.own import sample_function as sample_function
from isinglass.tasks.own.approximate_density import ApproximateDensity as ApproximateDensity
from isinglass.tasks.own.density_rows import DensityFile as DensityFile
from isinglass.tasks.own.density_rows import checked_rows as checked_rows
from isinglass.tasks.own.density_rows import split_rows as split_rows
from isinglass.tasks.own.function_system import rows_of_starts as rows_of_starts
from isinglass.tasks.own.latent_models import DRAWN_AT_ONCE as DRAWN_AT_ONCE
from isinglass.tasks.own.latent_models import LATENT_METHODS as LATENT_METHODS
from isinglass.tasks.own.latent_models import LatentEvidence as LatentEvidence
from isinglass.tasks.own.latent_models import LatentModel as LatentModel
from isinglass.tasks.own.latent_models import drawn_rows as drawn_rows
from isinglass.tasks.own.latent_models import fit_latent as fit_latent
from isinglass.tasks.own.latent_models import told_of as told_of
from isinglass.tasks.own.sample_density import SampleDensity as SampleDensity
from isinglass.tasks.own.sample_function import SampleFunction as SampleFunction
