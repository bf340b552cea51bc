# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.scaling_laws import infer_scaling as infer_scaling
from isinglass.tasks.scaling_laws import scaling_evidence as scaling_evidence
from isinglass.tasks.scaling_laws import scaling_file as scaling_file
from isinglass.tasks.scaling_laws.infer_scaling import InferScaling as InferScaling
from isinglass.tasks.scaling_laws.scaling_evidence import ScalingEvidence as ScalingEvidence
from isinglass.tasks.scaling_laws.scaling_file import ScalingFile as ScalingFile
