# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.approximation.energy import contrastive_divergence as contrastive_divergence
from isinglass.approximation.energy.contrastive_divergence import Chains as Chains
from isinglass.approximation.energy.contrastive_divergence import ContrastiveDivergence as ContrastiveDivergence
from isinglass.approximation.energy.contrastive_divergence import TrainedMachine as TrainedMachine
from isinglass.approximation.energy.contrastive_divergence import fresh_chains as fresh_chains
from isinglass.approximation.energy.contrastive_divergence import sampled as sampled
from isinglass.approximation.energy.contrastive_divergence import train as train
from isinglass.approximation.energy.contrastive_divergence import untrained as untrained
