# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.separable import infer_separable as infer_separable
from isinglass.tasks.separable import separable_file as separable_file
from isinglass.tasks.separable.infer_separable import InferSeparable as InferSeparable
from isinglass.tasks.separable.separable_file import SeparableFile as SeparableFile
