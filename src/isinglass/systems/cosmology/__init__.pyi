# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.systems.cosmology import band_powers as band_powers
from isinglass.systems.cosmology import density_field as density_field
from isinglass.systems.cosmology import distances as distances
from isinglass.systems.cosmology import galaxy_catalogue as galaxy_catalogue
from isinglass.systems.cosmology import matter_power as matter_power
from isinglass.systems.cosmology import spectrum as spectrum
from isinglass.systems.cosmology import spectrum_summary as spectrum_summary
from isinglass.systems.cosmology import torus as torus
from isinglass.systems.cosmology.band_powers import TiltedSpectrum as TiltedSpectrum
from isinglass.systems.cosmology.band_powers import binning as binning
from isinglass.systems.cosmology.band_powers import cosmic_variance as cosmic_variance
from isinglass.systems.cosmology.band_powers import spectrum_of_Dl as spectrum_of_Dl
from isinglass.systems.cosmology.density_field import AbstractDensityField as AbstractDensityField
from isinglass.systems.cosmology.density_field import GaussianDensity as GaussianDensity
from isinglass.systems.cosmology.density_field import LognormalDensity as LognormalDensity
from isinglass.systems.cosmology.density_field import lattice_power as lattice_power
from isinglass.systems.cosmology.distances import AcousticScale as AcousticScale
from isinglass.systems.cosmology.distances import HubbleLaw as HubbleLaw
from isinglass.systems.cosmology.distances import acoustic_scale as acoustic_scale
from isinglass.systems.cosmology.distances import hubble_diagram as hubble_diagram
from isinglass.systems.cosmology.galaxy_catalogue import GalaxyCatalogue as GalaxyCatalogue
from isinglass.systems.cosmology.galaxy_catalogue import survey_mask as survey_mask
from isinglass.systems.cosmology.spectrum import AbstractSpectrum as AbstractSpectrum
from isinglass.systems.cosmology.spectrum import MatterSpectrum as MatterSpectrum
from isinglass.systems.cosmology.spectrum import PowerLaw as PowerLaw
from isinglass.systems.cosmology.spectrum_summary import SpectrumSummary as SpectrumSummary
from isinglass.systems.cosmology.torus import Torus as Torus
from isinglass.systems.cosmology.torus import drawn as drawn
from isinglass.systems.cosmology.torus import squared_modes as squared_modes
