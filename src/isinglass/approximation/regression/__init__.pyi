# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.approximation.regression import force_matching as force_matching
from isinglass.approximation.regression import frame_rows as frame_rows
from isinglass.approximation.regression.force_matching import ForceMatching as ForceMatching
from isinglass.approximation.regression.force_matching import PredictedFrames as PredictedFrames
from isinglass.approximation.regression.force_matching import frame_errors as frame_errors
from isinglass.approximation.regression.force_matching import predicted as predicted
from isinglass.approximation.regression.force_matching import symmetry_functions as symmetry_functions
from isinglass.approximation.regression.frame_rows import Neighborhoods as Neighborhoods
from isinglass.approximation.regression.frame_rows import PackedFrames as PackedFrames
from isinglass.approximation.regression.frame_rows import packed as packed
from isinglass.approximation.regression.frame_rows import rows_of_frames as rows_of_frames
