# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.renormalization import infer_renormalization as infer_renormalization
from isinglass.tasks.renormalization.infer_renormalization import InferRenormalization as InferRenormalization
