# SPDX-License-Identifier: Apache-2.0
"""Diffusion models of a system from its samples: a reference Gaussian, and a network for the non-Gaussian part."""

from typing import Any

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.errors import InputError
from isinglass.nets.diffusion.denoiser import Denoiser
from isinglass.nets.diffusion.diffusion import ProbabilityFlow
from isinglass.nets.diffusion.gaussian_reference import centered_gaussian, isotropic_gaussian, spectral_gaussian
from isinglass.nets.diffusion.noise_schedule import VariancePreserving
from isinglass.nets.diffusion.score_field import ScoreField
from isinglass.nets.diffusion.score_mlp import ScoreMLP
from isinglass.nets.diffusion.score_particles import ScoreParticles
from isinglass.nets.transport.pair_velocity import PairVelocity
from isinglass.symmetry.lattice import Translation
from isinglass.symmetry.particle import FREE_PARTICLES
from isinglass.symmetry.value import Reflection
from isinglass.symmetry.variable import Reals
from isinglass.systems.system import AbstractSystem

__all__ = ["diffusion_for", "field_denoiser", "particle_denoiser", "sampled_fields", "vector_denoiser"]

Data = Float[np.ndarray | Array, "n *site"]


def diffusion_for(key: Key[Array, ""], system: AbstractSystem, data: Data) -> ProbabilityFlow:
    """An untrained model with the system's symmetries, for `fit(key, model, Denoising(), (data,))`.

    Errors: InputError for variables that are not real numbers.
    """
    if not isinstance(system.variable, Reals):
        found = type(system.variable).__name__
        raise InputError("real variables for diffusion", found, "use method='flow' or method='autoregressive'")
    x = np.asarray(data, np.float32)
    if system.has(*FREE_PARTICLES):
        return ProbabilityFlow(particle_denoiser(key, x))
    if system.has(Translation):
        return ProbabilityFlow(field_denoiser(key, x, odd=system.has(Reflection)), steps=12)
    return ProbabilityFlow(vector_denoiser(key, x))


def field_denoiser(key: Key[Array, ""], x: Data, *, odd: bool = False, channels: int = 16, depth: int = 2) -> Denoiser:
    """A denoiser of fields on a periodic lattice; exact before training if they are Gaussian."""
    net = ScoreField(key=key, dimension=x.ndim - 1, channels=channels, depth=depth, odd=odd)
    return Denoiser(net=net, gaussian=spectral_gaussian(x, centered=odd), schedule=VariancePreserving())


def particle_denoiser(key: Key[Array, ""], x: Data, velocity: Any = None) -> Denoiser:
    """A denoiser of particles without fixed positions; by default with forces between pairs."""
    net = ScoreParticles(PairVelocity(key=key, shape=x.shape[1:]) if velocity is None else velocity)
    return Denoiser(net=net, gaussian=centered_gaussian(x), schedule=VariancePreserving())


def vector_denoiser(key: Key[Array, ""], x: Data, *, width: int = 64, depth: int = 2) -> Denoiser:
    """A denoiser of a few variables without symmetry."""
    net = ScoreMLP(key=key, shape=x.shape[1:], width=width, depth=depth)
    return Denoiser(net=net, gaussian=isotropic_gaussian(x), schedule=VariancePreserving())


def sampled_fields(key: Key[Array, ""], flow: ProbabilityFlow, n: int, chunk: int) -> Float[np.ndarray, "n *site"]:
    """n samples of the probability flow, `chunk` at a time."""
    return np.asarray(sample_all(jax.random.split(key, n), flow, min(chunk, n)))


@eqx.filter_jit
def sample_all(keys: Key[Array, " n"], flow: ProbabilityFlow, chunk: int) -> Float[Array, "n *site"]:
    """One sample for each key, `chunk` at a time."""
    return jax.lax.map(flow.draw, keys, batch_size=chunk)
