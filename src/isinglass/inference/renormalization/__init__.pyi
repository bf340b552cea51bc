# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.inference.renormalization import block_spins as block_spins
from isinglass.inference.renormalization import machine_flow as machine_flow
from isinglass.inference.renormalization import matching as matching
from isinglass.inference.renormalization import stability as stability
from isinglass.inference.renormalization.block_spins import SMALLEST as SMALLEST
from isinglass.inference.renormalization.block_spins import blocked as blocked
from isinglass.inference.renormalization.block_spins import even_products as even_products
from isinglass.inference.renormalization.block_spins import odd_products as odd_products
from isinglass.inference.renormalization.machine_flow import IsingThermometry as IsingThermometry
from isinglass.inference.renormalization.machine_flow import MachineFlow as MachineFlow
from isinglass.inference.renormalization.machine_flow import STEPS as STEPS
from isinglass.inference.renormalization.machine_flow import hidden_spins as hidden_spins
from isinglass.inference.renormalization.machine_flow import reconstructed as reconstructed
from isinglass.inference.renormalization.machine_flow import thermometry as thermometry
from isinglass.inference.renormalization.matching import BlockFlow as BlockFlow
from isinglass.inference.renormalization.matching import MatchedDraws as MatchedDraws
from isinglass.inference.renormalization.matching import flow_of as flow_of
from isinglass.inference.renormalization.matching import matched as matched
from isinglass.inference.renormalization.matching import pair_of as pair_of
from isinglass.inference.renormalization.stability import ProductMoments as ProductMoments
from isinglass.inference.renormalization.stability import leading_exponent as leading_exponent
from isinglass.inference.renormalization.stability import moments as moments
