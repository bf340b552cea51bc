# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.detection import detected as detected
from isinglass.tasks.detection import detection_file as detection_file
from isinglass.tasks.detection import infer_detection as infer_detection
from isinglass.tasks.detection.detected import Detected as Detected
from isinglass.tasks.detection.detection_file import DetectionFile as DetectionFile
from isinglass.tasks.detection.infer_detection import InferDetection as InferDetection
