# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.nets.classifier import autoencoder as autoencoder
from isinglass.nets.classifier import classifier as classifier
from isinglass.nets.classifier import periodic_cnn as periodic_cnn
from isinglass.nets.classifier import pooled_cnn as pooled_cnn
from isinglass.nets.classifier import series_cnn as series_cnn
from isinglass.nets.classifier import vae as vae
from isinglass.nets.classifier.autoencoder import Autoencoder as Autoencoder
from isinglass.nets.classifier.classifier import Classifier as Classifier
from isinglass.nets.classifier.periodic_cnn import PeriodicCNN as PeriodicCNN
from isinglass.nets.classifier.pooled_cnn import PooledCNN as PooledCNN
from isinglass.nets.classifier.series_cnn import SeriesCNN as SeriesCNN
from isinglass.nets.classifier.vae import VAE as VAE
