# SPDX-License-Identifier: Apache-2.0
"""L(x) = E + Σ_j A_j x_j^-α_j: a floor, and a power law of each of k sizes (parameters N and tokens D, or one of them).

Coordinates: t_j = ln x_j - mean, and θ = (ln of each term at t = 0, ln of each α, ln E), which keeps all positive:
ln L = ln [exp θ_2k + Σ_j exp(θ_j - α_j t_j)], α_j = exp θ_(k+j).
Ref: Hoffmann et al. 2022, arXiv:2203.15556, eq. 2; Kaplan et al. 2020, arXiv:2001.08361.
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax.scipy.special import logsumexp
from jaxtyping import Array, Float

__all__ = ["NO_FLOOR", "LossLaw", "bounded_exp", "log_loss", "power_laws"]

NO_FLOOR = -80.0  # ln E of a law without floor


class LossLaw(NamedTuple):
    """One law, or several with the same leading axes."""

    floor: np.ndarray  # E [...]
    coefficient: np.ndarray  # A_j [..., k]
    exponent: np.ndarray  # α_j [..., k]

    def loss(self, x: Float[np.ndarray, "n k"]) -> Float[np.ndarray, "*shape n"]:
        """E + Σ_j A_j x_j^-α_j."""
        log_term = np.log(self.coefficient)[..., None, :] - self.exponent[..., None, :] * np.log(x)
        return self.floor[..., None] + bounded_exp(log_term).sum(axis=-1)


def log_loss(theta: Float[Array, " p"], t: Float[Array, "n k"]) -> tuple[Float[Array, " n"], Float[Array, "n p"]]:
    """ln L and its Jacobian.  With the share s_j of each term in L: ∂/∂θ_j = s_j, ∂/∂(ln α_j) = -s_j α_j t_j.

    Law: the shares add up to 1.
    """
    n, k = t.shape
    slope = jnp.exp(theta[None, k : 2 * k]) * t
    term = jnp.concatenate([theta[None, :k] - slope, jnp.broadcast_to(theta[2 * k], (n, 1))], axis=1)
    y = logsumexp(term, axis=1)
    share = jnp.exp(term - y[:, None])
    return y, jnp.concatenate([share[:, :k], -share[:, :k] * slope, share[:, k:]], axis=1)


def power_laws(theta: Float[np.ndarray, "*shape p"], center: Float[np.ndarray, " k"]) -> LossLaw:
    """The laws in the user's units; `center` is the mean of ln x."""
    k = len(center)
    exponent = np.exp(theta[..., k : 2 * k])
    floor = np.where(theta[..., 2 * k] > NO_FLOOR, np.exp(theta[..., 2 * k]), 0.0)
    return LossLaw(floor, bounded_exp(theta[..., :k] + exponent * center), exponent)


def bounded_exp(x: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
    """exp x, within double precision: replicas without a power law have exponents at the ends of their range."""
    return np.exp(np.clip(x, -700.0, 700.0))
