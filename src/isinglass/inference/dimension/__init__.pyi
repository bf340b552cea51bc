# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.inference.dimension import lattice_counts as lattice_counts
from isinglass.inference.dimension import neighbors as neighbors
from isinglass.inference.dimension import two_nearest as two_nearest
from isinglass.inference.dimension.lattice_counts import LatticeDimension as LatticeDimension
from isinglass.inference.dimension.lattice_counts import lattice_dimension as lattice_dimension
from isinglass.inference.dimension.lattice_counts import lattice_radii as lattice_radii
from isinglass.inference.dimension.lattice_counts import log_ball as log_ball
from isinglass.inference.dimension.neighbors import NearestTwo as NearestTwo
from isinglass.inference.dimension.neighbors import distance_blocks as distance_blocks
from isinglass.inference.dimension.neighbors import nearest_two as nearest_two
from isinglass.inference.dimension.neighbors import two_valued as two_valued
from isinglass.inference.dimension.neighbors import whole as whole
from isinglass.inference.dimension.two_nearest import PARTS as PARTS
from isinglass.inference.dimension.two_nearest import TwoNearest as TwoNearest
from isinglass.inference.dimension.two_nearest import apart as apart
from isinglass.inference.dimension.two_nearest import dimension_of as dimension_of
