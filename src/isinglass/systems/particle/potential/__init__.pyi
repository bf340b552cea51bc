# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.systems.particle.potential import pair_lennard_jones as pair_lennard_jones
from isinglass.systems.particle.potential import smooth_cutoff as smooth_cutoff
from isinglass.systems.particle.potential import stillinger_weber as stillinger_weber
from isinglass.systems.particle.potential import sum_of_potentials as sum_of_potentials
from isinglass.systems.particle.potential import zbl as zbl
from isinglass.systems.particle.potential.pair_lennard_jones import PairLennardJones as PairLennardJones
from isinglass.systems.particle.potential.smooth_cutoff import checked_range as checked_range
from isinglass.systems.particle.potential.smooth_cutoff import switched as switched
from isinglass.systems.particle.potential.stillinger_weber import StillingerWeber as StillingerWeber
from isinglass.systems.particle.potential.sum_of_potentials import SumOfPotentials as SumOfPotentials
from isinglass.systems.particle.potential.zbl import ZBL as ZBL
