# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.symmetry import permutation_group as permutation_group
from isinglass.symmetry import rotations as rotations
from isinglass.symmetry.permutation_group import PermutationGroup as PermutationGroup
from isinglass.symmetry.permutation_group import characters as characters
from isinglass.symmetry.permutation_group import direct_product as direct_product
from isinglass.symmetry.permutation_group import flip as flip
from isinglass.symmetry.permutation_group import generated as generated
from isinglass.symmetry.permutation_group import taking as taking
from isinglass.symmetry.rotations import angle as angle
from isinglass.symmetry.rotations import dihedral as dihedral
from isinglass.symmetry.rotations import random_rotation as random_rotation
from isinglass.symmetry.rotations import unit as unit
