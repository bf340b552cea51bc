# SPDX-License-Identifier: Apache-2.0
"""A neuron that fires in answer to a stimulus: a logistic model.  Lueckmann et al. 2021, arXiv:2101.04653, T.5."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key
from numpyro import distributions as dist

from isinglass.errors import InputError
from isinglass.systems.simulator.prior import Prior, make_prior
from isinglass.systems.simulator.simulator import AbstractSimulator

__all__ = ["BernoulliGLM"]


class BernoulliGLM(AbstractSimulator):
    """z_i ~ Bernoulli(1/(1 + exp(-V_i θ))), x = Vᵀ z, which is sufficient; θ = (bias, filter).

    Prior: bias ~ N(0, 2), filter ~ N(0, (Fᵀ F)⁻¹), F = D² + diag(√(i/(d-1))), D the difference, which
    makes it smooth.  V [bins, d]: ones, and the stimulus of the last d - 1 bins; by default that of the benchmark.
    """

    design: Float[Array, "bins d"] = eqx.field(default_factory=lambda: white_stimulus())

    def __check_init__(self):
        if self.design.ndim != 2 or self.design.shape[1] < 2:
            raise InputError(
                "a design matrix [bins, d]", f"shape {list(self.design.shape)}", "give a column of ones first"
            )

    def prior(self) -> Prior:
        d = self.design.shape[1]
        D = np.eye(d - 1) - np.eye(d - 1, k=-1)
        F = D @ D + np.diag(np.sqrt(np.arange(d - 1) / (d - 1)))
        precision = np.zeros((d, d))
        precision[0, 0], precision[1:, 1:] = 0.5, F.T @ F
        return make_prior(dist.MultivariateNormal(jnp.zeros(d), precision_matrix=jnp.asarray(precision)))

    def simulate(self, key: Key[Array, ""], theta: Float[Array, " d"]) -> Float[Array, " d"]:
        z = jax.random.uniform(key, (len(self.design),)) < jax.nn.sigmoid(self.design @ theta)
        return self.design.T @ z.astype(float)

    def log_likelihood(self, theta: Float[Array, " d"], x: Float[Array, " d"]) -> Float[Array, ""]:
        """θ·x - Σ_i ln(1 + exp(V_i θ)), but for the number of z with this x."""
        return theta @ x - jnp.sum(jax.nn.softplus(self.design @ theta))


def white_stimulus(bins: int = 100, d: int = 10) -> Float[Array, "bins d"]:
    """Ones, and normal noise in each bin and the d - 2 before it; before the first there is none."""
    noise = np.random.RandomState(42).standard_normal(bins)  # noqa: NPY002  the numbers that the benchmark has
    lagged = [np.concatenate([np.zeros(k), noise[: bins - k]]) for k in range(d - 1)]
    return jnp.asarray(np.stack([np.ones(bins), *lagged], axis=1))
