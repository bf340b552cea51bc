# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.inference.detection import detector as detector
from isinglass.inference.detection import labelled as labelled
from isinglass.inference.detection import logistic_baseline as logistic_baseline
from isinglass.inference.detection.detector import Detector as Detector
from isinglass.inference.detection.detector import DetectorNetwork as DetectorNetwork
from isinglass.inference.detection.detector import calibrated_map as calibrated_map
from isinglass.inference.detection.detector import detector_logits as detector_logits
from isinglass.inference.detection.detector import make_detector as make_detector
from isinglass.inference.detection.detector import probabilities as probabilities
from isinglass.inference.detection.labelled import CheckedRows as CheckedRows
from isinglass.inference.detection.labelled import Labelled as Labelled
from isinglass.inference.detection.labelled import checked_labels as checked_labels
from isinglass.inference.detection.logistic_baseline import logistic_scores as logistic_scores
