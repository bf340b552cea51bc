# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.sampling.objective import boltzmann_generator as boltzmann_generator
from isinglass.sampling.objective import both_kl as both_kl
from isinglass.sampling.objective import by_name as by_name
from isinglass.sampling.objective import contrastive_divergence as contrastive_divergence
from isinglass.sampling.objective import denoising as denoising
from isinglass.sampling.objective import flow_matching as flow_matching
from isinglass.sampling.objective import likelihood as likelihood
from isinglass.sampling.objective import reverse_kl as reverse_kl
from isinglass.sampling.objective import variational_autoregressive as variational_autoregressive
from isinglass.sampling.objective.boltzmann_generator import EnergyAndLikelihood as EnergyAndLikelihood
from isinglass.sampling.objective.both_kl import BothKL as BothKL
from isinglass.sampling.objective.by_name import needs_data as needs_data
from isinglass.sampling.objective.by_name import objective as objective
from isinglass.sampling.objective.contrastive_divergence import Chains as Chains
from isinglass.sampling.objective.contrastive_divergence import ContrastiveDivergence as ContrastiveDivergence
from isinglass.sampling.objective.contrastive_divergence import TrainedMachine as TrainedMachine
from isinglass.sampling.objective.contrastive_divergence import fresh_chains as fresh_chains
from isinglass.sampling.objective.contrastive_divergence import sampled as sampled
from isinglass.sampling.objective.contrastive_divergence import train as train
from isinglass.sampling.objective.contrastive_divergence import untrained as untrained
from isinglass.sampling.objective.denoising import Denoising as Denoising
from isinglass.sampling.objective.flow_matching import FlowMatching as FlowMatching
from isinglass.sampling.objective.flow_matching import optimal_pairs as optimal_pairs
from isinglass.sampling.objective.likelihood import NegativeLogLikelihood as NegativeLogLikelihood
from isinglass.sampling.objective.reverse_kl import ReverseKL as ReverseKL
from isinglass.sampling.objective.variational_autoregressive import VariationalFreeEnergy as VariationalFreeEnergy
