# SPDX-License-Identifier: Apache-2.0
"""A continuous flow for data of any size: it learns in variables of variance 1."""

from collections.abc import Sequence

from jaxtyping import Array, Float, Key

from isinglass.nets.density import StandardNormal
from isinglass.nets.flow.act_norm import ActNorm
from isinglass.nets.flow.flow import Flow
from isinglass.nets.transport.continuous_flow import ContinuousFlow, Transport
from isinglass.nets.transport.velocity import DenseVelocity

__all__ = ["scaled_flow"]


def scaled_flow(key: Key[Array, ""], x: Float[Array, "n *site"], hidden: Sequence[int] = (64, 64, 64)) -> Flow:
    """Normal variables, a dense velocity, one scale for each variable of the data; for flow matching."""
    shape = x.shape[1:]
    scale = ActNorm(shape=shape, block=1, shift=False).of_data(x)
    velocity = DenseVelocity(key=key, shape=shape, hidden=tuple(hidden))
    return Flow(ContinuousFlow(StandardNormal(shape), Transport(velocity)), scale)
