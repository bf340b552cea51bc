# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.nets.diffusion import context_score as context_score
from isinglass.nets.diffusion import denoiser as denoiser
from isinglass.nets.diffusion import diffusion as diffusion
from isinglass.nets.diffusion import gaussian_reference as gaussian_reference
from isinglass.nets.diffusion import noise_embedding as noise_embedding
from isinglass.nets.diffusion import noise_schedule as noise_schedule
from isinglass.nets.diffusion import score_field as score_field
from isinglass.nets.diffusion import score_mlp as score_mlp
from isinglass.nets.diffusion import score_particles as score_particles
from isinglass.nets.diffusion.context_score import ContextScore as ContextScore
from isinglass.nets.diffusion.denoiser import AbstractDenoiser as AbstractDenoiser
from isinglass.nets.diffusion.denoiser import Denoiser as Denoiser
from isinglass.nets.diffusion.denoiser import Prediction as Prediction
from isinglass.nets.diffusion.denoiser import data_from as data_from
from isinglass.nets.diffusion.denoiser import from_data as from_data
from isinglass.nets.diffusion.diffusion import Diffusion as Diffusion
from isinglass.nets.diffusion.diffusion import Likelihood as Likelihood
from isinglass.nets.diffusion.diffusion import ProbabilityFlow as ProbabilityFlow
from isinglass.nets.diffusion.gaussian_reference import AbstractGaussian as AbstractGaussian
from isinglass.nets.diffusion.gaussian_reference import CenteredGaussian as CenteredGaussian
from isinglass.nets.diffusion.gaussian_reference import IsotropicGaussian as IsotropicGaussian
from isinglass.nets.diffusion.gaussian_reference import SpectralGaussian as SpectralGaussian
from isinglass.nets.diffusion.gaussian_reference import centered_gaussian as centered_gaussian
from isinglass.nets.diffusion.gaussian_reference import isotropic_gaussian as isotropic_gaussian
from isinglass.nets.diffusion.gaussian_reference import spectral_gaussian as spectral_gaussian
from isinglass.nets.diffusion.noise_embedding import NoiseEmbedding as NoiseEmbedding
from isinglass.nets.diffusion.noise_schedule import AbstractNoiseSchedule as AbstractNoiseSchedule
from isinglass.nets.diffusion.noise_schedule import Discrete as Discrete
from isinglass.nets.diffusion.noise_schedule import Scales as Scales
from isinglass.nets.diffusion.noise_schedule import VarianceExploding as VarianceExploding
from isinglass.nets.diffusion.noise_schedule import VariancePreserving as VariancePreserving
from isinglass.nets.diffusion.score_field import ScoreField as ScoreField
from isinglass.nets.diffusion.score_mlp import ScoreMLP as ScoreMLP
from isinglass.nets.diffusion.score_particles import ScoreParticles as ScoreParticles
