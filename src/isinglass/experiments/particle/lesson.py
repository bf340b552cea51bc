# SPDX-License-Identifier: Apache-2.0
"""What a Boltzmann generator is first taught, from the draws of short chains."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
from jaxtyping import Array, Float

from isinglass.nets.density import StandardNormal
from isinglass.nets.flow.act_norm import ActNorm
from isinglass.nets.flow.autoregressive_splines import AutoregressiveSplines
from isinglass.nets.flow.flow import Flow
from isinglass.nets.flow.molecule import Molecule
from isinglass.nets.transport.continuous_flow import ContinuousFlow, Transport
from isinglass.nets.transport.velocity import DenseVelocity
from isinglass.sampling.objective.flow_matching import FlowMatching
from isinglass.sampling.objective.likelihood import NegativeLogLikelihood

__all__ = ["Lesson", "Model", "by_flow_matching", "by_likelihood"]

Model = Flow | AutoregressiveSplines | Molecule


class Lesson(NamedTuple):
    """A network, a loss, data."""

    name: str
    untrained: Any
    loss: Callable
    data: Float[Array, "n *site"]  # in the coordinates of the network
    steps: int
    batch: int
    rate: float = 1.0  # of the experiment's learning rate
    clip: float | None = None
    ema: float | None = 0.99
    whole: Callable = lambda trained: trained  # the density of x that the trained network is


def by_flow_matching(hidden: tuple[int, ...], steps: int, batch: int, key, data: Float[Array, "n *site"]) -> Lesson:
    """A continuous flow on the data scaled to variance 1."""
    shape = data.shape[1:]
    scale = ActNorm(shape=shape, block=1, shift=False).of_data(data)
    z = jax.vmap(lambda x: scale.inverse(x)[0])(data)
    velocity = DenseVelocity(key=key, shape=shape, hidden=hidden)
    flow = ContinuousFlow(StandardNormal(shape), Transport(velocity))
    return Lesson("matching", flow, FlowMatching(), z, steps, batch, whole=lambda trained: Flow(trained, scale))


def by_likelihood(hidden: tuple[int, ...], steps: int, batch: int, key, data: Float[Array, "n *site"]) -> Lesson:
    """An autoregressive density of the coordinates, by maximum likelihood."""
    density = AutoregressiveSplines(key=key, shape=data.shape[1:], hidden=hidden).of_data(data)
    return Lesson("likelihood", density, NegativeLogLikelihood(), data, steps, batch, clip=10.0)
