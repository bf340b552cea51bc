# SPDX-License-Identifier: Apache-2.0
"""Mixtures of normal distributions: normalized density, exact samples, any number of separate modes."""

import math
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.errors import InputError
from isinglass.memory import require_memory
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.variable import AbstractVariable, Reals
from isinglass.systems.system import AbstractSystem, positive, whole

__all__ = ["GaussianMixture", "ring", "two_modes"]


class GaussianMixture(AbstractSystem):
    """E(x) = -ln Σ_k w_k N(x; μ_k, diag σ_k²), so that exp(-E) is normalized: ln Z = 0 at temperature 1.

    Shape: x (d,).  Law: Σ_k w_k = 1.  `log_prob`, `draw` and `sample` are those of temperature 1, whatever beta is.
    Exact score and moments: `exact/surface/gaussian_mixture.py`.
    """

    beta: Float[Array, ""]
    weight: Float[Array, " K"]
    mean: Float[Array, "K d"]
    scale: Float[Array, "K d"]
    variable: ClassVar[AbstractVariable] = Reals()
    symmetries: tuple[AbstractSymmetry, ...] = eqx.field(static=True)

    def __init__(self, mean: Any, *, scale: Any = 1.0, weight: Any = None, temperature=1.0):
        """`mean` [K, d]; `scale` one number, [K, 1] or [K, d]; `weight` [K], normalized, equal by default."""
        means = np.asarray(mean, float)
        if means.ndim != 2 or not np.isfinite(means).all():
            raise ValueError(f"A mixture needs finite means [K, d], got shape {means.shape}; use [[-3.0], [3.0]].")
        weights = np.ones(len(means)) if weight is None else np.asarray(weight, float)
        if weights.shape != means.shape[:1] or not (np.isfinite(weights).all() and (weights > 0).all()):
            raise ValueError(f"Expected {len(means)} positive weights, got {weight}; leave out a mode of weight 0.")
        self.beta = jnp.asarray(1.0 / positive("temperature", temperature))
        self.weight, self.mean = jnp.asarray(weights / weights.sum()), jnp.asarray(means)
        self.scale = jnp.asarray(np.broadcast_to(positive("scale", scale), means.shape))
        self.symmetries = ()

    @property
    def shape(self) -> tuple[int, ...]:
        return self.mean.shape[-1:]

    def log_parts(self, x: Shaped[Array, "*site"]) -> Float[Array, " K"]:
        """ln [w_k N(x; μ_k, diag σ_k²)] for each mode k."""
        w, mu, sigma = (table.astype(x.dtype) for table in (self.weight, self.mean, self.scale))
        z = (x[None] - mu) / sigma
        return jnp.log(w) - jnp.sum(0.5 * z * z + jnp.log(sigma), axis=1) - 0.5 * x.size * math.log(2 * math.pi)

    def log_prob(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """ln p(x) = ln Σ_k w_k N(x; μ_k, diag σ_k²), normalized."""
        return jax.nn.logsumexp(self.log_parts(x))

    def energy(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """E(x) = -ln p(x)."""
        return -self.log_prob(x)

    def component(self, x: Shaped[Array, "*site"]) -> Int[Array, ""]:
        """argmax_k p(k | x), the most probable mode of x."""
        return jnp.argmax(self.log_parts(x))

    def draw(self, key: Key[Array, ""]) -> Float[Array, "*site"]:
        """One sample x ~ p: a mode by its weight, then a normal variable."""
        key_mode, key_normal = jax.random.split(key)
        k = jax.random.categorical(key_mode, jnp.log(self.weight))
        return self.mean[k] + self.scale[k] * jax.random.normal(key_normal, self.shape)

    def sample(self, key: Key[Array, ""], n: int) -> Float[Array, "n *site"]:
        """n independent samples x ~ p, [n, d]."""
        return jax.vmap(self.draw)(jax.random.split(key, n))

    def random_configuration(self, key) -> Float[Array, "*site"]:
        """Normal around the mean, as wide as all modes: a starting configuration, not a sample at beta = 0."""
        center = self.weight @ self.mean
        width = jnp.sqrt(jnp.max(self.scale**2 + (self.mean - center[None]) ** 2))
        return center + width * jax.random.normal(key, self.shape)

    def known_modes(self) -> Float[Array, "K *site"]:
        """μ_k: a narrow mode is met by no other start."""
        return self.mean

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        return x[0]

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"] | None:
        """d/2 (T + ln 2π) + Σ ln σ, per coordinate, for a single mode; else None."""
        if len(self.weight) > 1:
            return None
        return 0.5 * (np.asarray(temperature) + np.log(2 * np.pi)) + float(jnp.mean(jnp.log(self.scale)))


def two_modes(d: int = 2, *, distance: float = 8.0, weight: float = 0.5, scale: float = 1.0) -> GaussianMixture:
    """Two modes at ±distance/2 along x_1; `weight` is that of the mode at -distance/2."""
    d = whole("d", d, 1)
    if not 0 < weight < 1:
        raise InputError("a weight between 0 and 1", f"{weight}", "use for example weight=0.5")
    require_memory("coordinates", 32 * d, f"d = {d}")
    mean = np.zeros((2, d))
    mean[:, 0] = positive("distance", distance) * [-0.5, 0.5]
    return GaussianMixture(mean, scale=scale, weight=[weight, 1 - weight])


def ring(modes: int = 8, *, radius: float = 4.0, scale: float = 0.3) -> GaussianMixture:
    """`modes` equal modes on a circle of radius `radius` in the plane, standard deviation `scale`."""
    modes = whole("modes", modes, 1)
    require_memory("modes", 64 * modes, f"{modes} modes")
    angle = 2 * np.pi * np.arange(modes) / modes
    return GaussianMixture(positive("radius", radius) * np.stack([np.cos(angle), np.sin(angle)], axis=1), scale=scale)


def examples() -> dict[str, GaussianMixture]:
    """Instances by name, on which the tests check every law."""
    return {"two_modes": two_modes(3, weight=0.3), "ring": ring()}
