# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.approximation.mechanics import motion_fit as motion_fit
from isinglass.approximation.mechanics import rollout as rollout
from isinglass.approximation.mechanics.motion_fit import MotionError as MotionError
from isinglass.approximation.mechanics.motion_fit import StepError as StepError
from isinglass.approximation.mechanics.motion_fit import fit_motion as fit_motion
from isinglass.approximation.mechanics.motion_fit import motion_rows as motion_rows
from isinglass.approximation.mechanics.motion_fit import slopes as slopes
from isinglass.approximation.mechanics.motion_fit import wrapped as wrapped
from isinglass.approximation.mechanics.rollout import mean_period as mean_period
from isinglass.approximation.mechanics.rollout import measured_along as measured_along
