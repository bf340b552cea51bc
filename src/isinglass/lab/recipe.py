# SPDX-License-Identifier: Apache-2.0
"""The networks of the lab, trained once: `python -m isinglass.lab.recipe NAME FOLDER` trains one and saves it.

ising-cnn: ordered or not?  A convolution whose features are odd in the spins, their mean over the lattice, a
perceptron, as in the experiment ising-phases (Carrasquilla and Melko 2017, arXiv:1605.01735).
ring-diffusion: a diffusion model of eight Gaussians on a circle, from samples.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

__all__ = ["MODES", "RADIUS", "RECIPES", "Recipe", "WIDTH"]

ORDERED, DISORDERED = (1.3, 1.5, 1.7, 1.85), (2.75, 2.95, 3.1, 3.3)  # temperatures that the classifier is shown
MODES, RADIUS, WIDTH = 8, 4.0, 0.3  # of the ring of Gaussians
SEED = 0


class Recipe(NamedTuple):
    """How a network is made."""

    make: Callable[[], Any]
    version: int  # a new one where `make` changes: the networks in the caches of users are then trained again


def ising_classifier() -> Any:
    """The classifier, from 32 x 32 lattices of the two phases."""
    import jax

    from isinglass.data.files import from_dataset
    from isinglass.inference.phases.supervised import Supervised, train_at_the_ends
    from isinglass.systems.lattice.ising import Ising
    from isinglass.verbs import sample

    key_sample, key_train = jax.random.split(jax.random.key(SEED))
    data = sample(
        key_sample, Ising((32, 32)), np.array(ORDERED + DISORDERED), method="metropolis", samples=256, chains=32,
        thin=20, warmup=2000, effective_samples=None, progress=False,
    )  # fmt: skip
    settings = Supervised(network="cnn", odd=True, members=1, train_size=32)
    return train_at_the_ends(key_train, {32: from_dataset(data.arrays)}, settings)[32]


def ring_diffusion() -> Any:
    """The diffusion model, from samples of the ring."""
    import jax

    from isinglass.nets.diffusion.diffusion import ProbabilityFlow
    from isinglass.sampling.diffusion import vector_denoiser
    from isinglass.sampling.objective.denoising import Denoising
    from isinglass.systems.surface.gaussian_mixture import ring
    from isinglass.training.fit import fit
    from isinglass.training.optimizer import Optimizer
    from isinglass.training.setting import Training

    key_data, key_net, key_fit = jax.random.split(jax.random.key(SEED), 3)
    system = ring(MODES, radius=RADIUS, scale=WIDTH)
    x = np.asarray(jax.vmap(system.draw)(jax.random.split(key_data, 32_768)), np.float32)
    model = ProbabilityFlow(vector_denoiser(key_net, x, width=96, depth=3))
    settings = Training(Optimizer("adam", 2e-3, schedule="cosine"), steps=4000, batch_size=512, block=500)
    return fit(key_fit, model, Denoising(levels="log_snr"), (x,), settings=settings).model


RECIPES = {"ising-cnn": Recipe(ising_classifier, 1), "ring-diffusion": Recipe(ring_diffusion, 1)}

if __name__ == "__main__":
    from isinglass.run.model_file import save_model

    save_model(Path(sys.argv[2]), RECIPES[sys.argv[1]].make())
