# SPDX-License-Identifier: Apache-2.0
"""What densities of a posterior are trained by that are not by their logarithm."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.inference.posterior.conditional import MatchedVelocity
from isinglass.sampling.objective.denoising import Denoising

__all__ = ["LOSSES", "DenoisedPosterior"]


class DenoisedPosterior(eqx.Module):
    """Error of the estimate of whitened parameters from noisy ones, by that of a normal law, at all noise levels.

    Law: the minimum is their mean given x_t and the data.  Ref: Vincent 2011, doi:10.1162/NECO_a_00142.
    """

    def __call__(self, key: Key[Array, ""], flow: Any, batch: Any) -> Float[Array, ""]:
        u, z = batch
        loss, (key_level, key_noise) = Denoising(), jax.random.split(key)
        levels = loss.draw_levels(key_level, flow.flow.base.denoiser, len(u))

        def one(key, level, u, z):
            q = flow.given(z)
            return loss.error(key, q.base.denoiser, q.whitened(u), level)

        return jnp.mean(jax.vmap(one)(jax.random.split(key_noise, len(u)), levels, u, z))


LOSSES: dict[str, Callable[[], Callable]] = {"flow_matching": MatchedVelocity, "diffusion": DenoisedPosterior}
