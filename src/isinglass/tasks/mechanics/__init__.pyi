# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.mechanics import approximate_motion as approximate_motion
from isinglass.tasks.mechanics import trajectory_file as trajectory_file
from isinglass.tasks.mechanics.approximate_motion import ApproximateMotion as ApproximateMotion
from isinglass.tasks.mechanics.trajectory_file import MotionFile as MotionFile
