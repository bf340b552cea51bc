# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.approximation.regression import committee_errors as committee_errors
from isinglass.approximation.regression import compared_frames as compared_frames
from isinglass.approximation.regression import force_matching as force_matching
from isinglass.approximation.regression import frame_layout as frame_layout
from isinglass.approximation.regression import packed_frames as packed_frames
from isinglass.approximation.regression.committee_errors import CommitteeErrors as CommitteeErrors
from isinglass.approximation.regression.committee_errors import calibrated as calibrated
from isinglass.approximation.regression.committee_errors import errors_of_committee as errors_of_committee
from isinglass.approximation.regression.compared_frames import ComparedFrames as ComparedFrames
from isinglass.approximation.regression.compared_frames import LabelledValues as LabelledValues
from isinglass.approximation.regression.compared_frames import compared as compared
from isinglass.approximation.regression.force_matching import ForceMatching as ForceMatching
from isinglass.approximation.regression.force_matching import PredictedFrames as PredictedFrames
from isinglass.approximation.regression.force_matching import all_predicted as all_predicted
from isinglass.approximation.regression.force_matching import predicted as predicted
from isinglass.approximation.regression.force_matching import residual as residual
from isinglass.approximation.regression.force_matching import symmetry_functions as symmetry_functions
from isinglass.approximation.regression.frame_layout import FrameLayout as FrameLayout
from isinglass.approximation.regression.frame_layout import FramePlace as FramePlace
from isinglass.approximation.regression.frame_layout import RowPart as RowPart
from isinglass.approximation.regression.frame_layout import layout as layout
from isinglass.approximation.regression.frame_layout import packed as packed
from isinglass.approximation.regression.frame_layout import places as places
from isinglass.approximation.regression.packed_frames import NeighborRows as NeighborRows
from isinglass.approximation.regression.packed_frames import PackedFrames as PackedFrames
from isinglass.approximation.regression.packed_frames import rows_of_frames as rows_of_frames
