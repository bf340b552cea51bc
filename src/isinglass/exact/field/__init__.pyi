# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.exact.field import fisher_information as fisher_information
from isinglass.exact.field import free_field as free_field
from isinglass.exact.field import gaussian_field as gaussian_field
from isinglass.exact.field import phi4 as phi4
from isinglass.exact.field import u1 as u1
from isinglass.exact.field.fisher_information import cramer_rao as cramer_rao
from isinglass.exact.field.fisher_information import normal_fisher as normal_fisher
from isinglass.exact.field.fisher_information import spectral_fisher as spectral_fisher
from isinglass.exact.field.free_field import phi_squared as phi_squared
from isinglass.exact.field.free_field import propagator as propagator
from isinglass.exact.field.free_field import susceptibility as susceptibility
from isinglass.exact.field.gaussian_field import Posterior as Posterior
from isinglass.exact.field.gaussian_field import correlation as correlation
from isinglass.exact.field.gaussian_field import lognormal as lognormal
from isinglass.exact.field.gaussian_field import lognormal_cdf as lognormal_cdf
from isinglass.exact.field.gaussian_field import lognormal_spectrum as lognormal_spectrum
from isinglass.exact.field.gaussian_field import spectrum_of as spectrum_of
from isinglass.exact.field.gaussian_field import wave_numbers as wave_numbers
from isinglass.exact.field.gaussian_field import wiener_posterior as wiener_posterior
from isinglass.exact.field.phi4 import FieldMoments as FieldMoments
from isinglass.exact.field.phi4 import RingAverages as RingAverages
from isinglass.exact.field.phi4 import chain as chain
from isinglass.exact.field.phi4 import single_site as single_site
from isinglass.exact.field.phi4 import torus as torus
from isinglass.exact.field.u1 import charge_distribution as charge_distribution
from isinglass.exact.field.u1 import plaquette as plaquette
from isinglass.exact.field.u1 import topological_susceptibility as topological_susceptibility
from isinglass.exact.field.u1 import wilson_loop as wilson_loop
