# SPDX-License-Identifier: Apache-2.0
"""Training on the energy and on samples of the target together."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.density import AbstractDensity
from isinglass.sampling.objective.likelihood import NegativeLogLikelihood
from isinglass.sampling.objective.reverse_kl import ReverseKL

__all__ = ["BothKL"]


class BothKL(eqx.Module):
    """L = (1 - α) KL(q | p) + α KL(p | q) + constant, for `fit(key, q, BothKL(ReverseKL(system)), (x,), ...)`.

    KL(p | q) is infinite for a q that has lost a mode.  x: a few hundred Monte Carlo samples of p.
    Ref: Noé et al. 2019, arXiv:1812.01729.
    """

    energy: ReverseKL
    alpha: float = 0.5  # weight of the likelihood

    def __check_init__(self):
        if not 0 <= self.alpha <= 1:
            raise ValueError(f"expected 0 <= alpha <= 1; found {self.alpha}; try 0.5.")

    def __call__(self, key: Key[Array, ""], model: AbstractDensity, batch: tuple) -> tuple[Float[Array, ""], dict]:
        """L and metrics: the mean over samples of q, and that over the batch (x,) or (x, w)."""
        reverse, metrics = self.energy(key, model, ())
        forward, _ = NegativeLogLikelihood()(key, model, batch)
        alpha = jnp.asarray(self.alpha, reverse.dtype)
        return (1 - alpha) * reverse + alpha * forward.astype(reverse.dtype), metrics
