# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.data.sky import strain_file as strain_file
from isinglass.data.sky.strain_file import read_noise_curve as read_noise_curve
from isinglass.data.sky.strain_file import read_strain as read_strain
from isinglass.data.sky.strain_file import read_template as read_template
