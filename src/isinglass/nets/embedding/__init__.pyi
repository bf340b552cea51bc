# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.nets.embedding import deep_set as deep_set
from isinglass.nets.embedding import lattice_scales as lattice_scales
from isinglass.nets.embedding import strided_cnn as strided_cnn
from isinglass.nets.embedding.deep_set import ABSENT as ABSENT
from isinglass.nets.embedding.deep_set import DeepSet as DeepSet
from isinglass.nets.embedding.lattice_scales import LatticeScales as LatticeScales
from isinglass.nets.embedding.strided_cnn import StridedCNN as StridedCNN
