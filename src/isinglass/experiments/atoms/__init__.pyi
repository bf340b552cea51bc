# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.atoms import potential_copper as potential_copper
from isinglass.experiments.atoms.potential_copper import PotentialCopper as PotentialCopper
