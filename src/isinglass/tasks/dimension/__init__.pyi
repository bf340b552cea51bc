# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.dimension import infer_dimension as infer_dimension
from isinglass.tasks.dimension.infer_dimension import InferDimension as InferDimension
