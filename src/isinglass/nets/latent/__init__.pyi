# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.nets.latent import adversarial_pair as adversarial_pair
from isinglass.nets.latent import gaussian_vae as gaussian_vae
from isinglass.nets.latent import rescaled_generator as rescaled_generator
from isinglass.nets.latent.adversarial_pair import AdversarialPair as AdversarialPair
from isinglass.nets.latent.adversarial_pair import Critic as Critic
from isinglass.nets.latent.adversarial_pair import ImplicitGenerator as ImplicitGenerator
from isinglass.nets.latent.gaussian_vae import GaussianVAE as GaussianVAE
from isinglass.nets.latent.rescaled_generator import RescaledGenerator as RescaledGenerator
