# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.approximation.harmonic import basin_hopping as basin_hopping
from isinglass.approximation.harmonic import crystal as crystal
from isinglass.approximation.harmonic import deformation as deformation
from isinglass.approximation.harmonic import elasticity as elasticity
from isinglass.approximation.harmonic import phonons as phonons
from isinglass.approximation.harmonic import relaxation as relaxation
from isinglass.approximation.harmonic.basin_hopping import BasinHopping as BasinHopping
from isinglass.approximation.harmonic.basin_hopping import Cluster as Cluster
from isinglass.approximation.harmonic.basin_hopping import Search as Search
from isinglass.approximation.harmonic.basin_hopping import Walker as Walker
from isinglass.approximation.harmonic.basin_hopping import deepest as deepest
from isinglass.approximation.harmonic.basin_hopping import quenched as quenched
from isinglass.approximation.harmonic.crystal import StillCrystal as StillCrystal
from isinglass.approximation.harmonic.crystal import still_crystal as still_crystal
from isinglass.approximation.harmonic.deformation import Deformable as Deformable
from isinglass.approximation.harmonic.deformation import Deformed as Deformed
from isinglass.approximation.harmonic.elasticity import Elasticity as Elasticity
from isinglass.approximation.harmonic.phonons import Phonons as Phonons
from isinglass.approximation.harmonic.phonons import force_constants as force_constants
from isinglass.approximation.harmonic.phonons import heights as heights
from isinglass.approximation.harmonic.phonons import repeated as repeated
from isinglass.approximation.harmonic.phonons import repeats_for as repeats_for
from isinglass.approximation.harmonic.relaxation import Relaxation as Relaxation
from isinglass.approximation.harmonic.relaxation import RelaxedState as RelaxedState
from isinglass.approximation.harmonic.relaxation import after_try as after_try
from isinglass.approximation.harmonic.relaxation import direction as direction
from isinglass.approximation.harmonic.relaxation import relax as relax
from isinglass.approximation.harmonic.relaxation import residuals as residuals
