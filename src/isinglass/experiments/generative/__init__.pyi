# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.generative import deep_energy as deep_energy
from isinglass.experiments.generative import gan_equilibrium as gan_equilibrium
from isinglass.experiments.generative import linear_autoencoders as linear_autoencoders
from isinglass.experiments.generative import one_dimension as one_dimension
from isinglass.experiments.generative import vae_pca as vae_pca
from isinglass.experiments.generative.deep_energy import DeepEnergy as DeepEnergy
from isinglass.experiments.generative.gan_equilibrium import GANEquilibrium as GANEquilibrium
from isinglass.experiments.generative.linear_autoencoders import LinearVAE as LinearVAE
from isinglass.experiments.generative.linear_autoencoders import NormalRows as NormalRows
from isinglass.experiments.generative.linear_autoencoders import fitted_autoencoder as fitted_autoencoder
from isinglass.experiments.generative.linear_autoencoders import fitted_vae as fitted_vae
from isinglass.experiments.generative.linear_autoencoders import normal_rows as normal_rows
from isinglass.experiments.generative.linear_autoencoders import reconstruction_error as reconstruction_error
from isinglass.experiments.generative.one_dimension import CriticByQuadrature as CriticByQuadrature
from isinglass.experiments.generative.one_dimension import EDGES as EDGES
from isinglass.experiments.generative.one_dimension import MassesOfGenerator as MassesOfGenerator
from isinglass.experiments.generative.one_dimension import NODES as NODES
from isinglass.experiments.generative.one_dimension import by_quadrature as by_quadrature
from isinglass.experiments.generative.one_dimension import density_p as density_p
from isinglass.experiments.generative.one_dimension import density_q as density_q
from isinglass.experiments.generative.one_dimension import fresh_value as fresh_value
from isinglass.experiments.generative.one_dimension import masses_of as masses_of
from isinglass.experiments.generative.one_dimension import masses_p as masses_p
from isinglass.experiments.generative.one_dimension import measured_value as measured_value
from isinglass.experiments.generative.one_dimension import penalized_objective as penalized_objective
from isinglass.experiments.generative.one_dimension import sampled_p as sampled_p
from isinglass.experiments.generative.one_dimension import sampled_q as sampled_q
from isinglass.experiments.generative.one_dimension import trained_critic as trained_critic
from isinglass.experiments.generative.one_dimension import trained_generator as trained_generator
from isinglass.experiments.generative.vae_pca import VAEPCA as VAEPCA
