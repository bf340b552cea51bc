# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.spectrum import infer_spectrum as infer_spectrum
from isinglass.tasks.spectrum import spectrum_file as spectrum_file
from isinglass.tasks.spectrum.infer_spectrum import InferSpectrum as InferSpectrum
from isinglass.tasks.spectrum.spectrum_file import SpectrumFile as SpectrumFile
