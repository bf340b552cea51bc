# SPDX-License-Identifier: Apache-2.0
"""Densities of the parameters given data: what may follow linear regression, and what each is trained by."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.inference.posterior.linear_baseline import linear_regression
from isinglass.nets.density import AbstractDensity, StandardNormal
from isinglass.nets.diffusion.context_score import ContextScore
from isinglass.nets.diffusion.denoiser import Denoiser
from isinglass.nets.diffusion.diffusion import ProbabilityFlow
from isinglass.nets.diffusion.gaussian_reference import IsotropicGaussian
from isinglass.nets.diffusion.noise_schedule import VariancePreserving
from isinglass.nets.flow.autoregressive_splines import AutoregressiveSplines
from isinglass.nets.flow.coupling_splines import CouplingSplines
from isinglass.nets.flow.mixture_density import MixtureDensity
from isinglass.nets.transport.context_velocity import ContextVelocity
from isinglass.nets.transport.continuous_flow import ContinuousFlow, Transport
from isinglass.run.blas import one_blas_thread

__all__ = [
    "DENSITIES", "MatchedVelocity", "NegativeLogPosterior", "Regressed",
    "conditional_density",
]  # fmt: skip

DENSITIES = ("autoregressive", "coupling", "mixture", "flow_matching", "diffusion", "normal")
STEPS = 16  # of the integration from noise to a sample


class Regressed(AbstractDensity):
    """u = A c + b + L v, v ~ q(v given c): begins, with v ~ N(0, 1), as linear regression with normal errors.

    `q.given(c)` is the density for one c.  Law: ln q(u) = ln q(v) - Σ ln L_ii.
    """

    base: Any  # of v
    slope: Float[Array, " dC"]  # A, row by row: what is not a matrix does not decay in training, and these are fixed
    b: Float[Array, " d"]
    factor: Float[Array, " dd"]  # L
    inverse: Float[Array, " dd"]  # L⁻¹
    context: Float[Array, " C"]  # which is given and not trained

    @property
    def shape(self) -> tuple[int, ...]:
        return self.b.shape

    def given(self, c: Float[Array, " C"]) -> "Regressed":
        """The density for one c."""
        c = c.astype(jnp.float32)
        return eqx.tree_at(lambda q: (q.context, q.base), self, (c, with_context(self.base, c)))

    def mean(self) -> Float[Array, " d"]:
        """A c + b."""
        A, b = jax.lax.stop_gradient((self.slope, self.b))
        return A.reshape(len(b), -1) @ self.context + b

    def scale(self) -> Float[Array, "d d"]:
        """L."""
        return jax.lax.stop_gradient(self.factor).reshape(len(self.b), -1)

    def whitened(self, u: Float[Array, " d"]) -> Float[Array, " d"]:
        """v of u."""
        inverse = jax.lax.stop_gradient(self.inverse).reshape(len(self.b), -1)
        return inverse @ (u.astype(jnp.float32) - self.mean())

    def log_prob(self, x: Float[Array, " d"]) -> Float[Array, ""]:
        return self.base.log_prob(self.whitened(x)) - jnp.sum(jnp.log(jnp.diag(self.scale())))

    def regression_log_prob(self, x: Float[Array, " d"]) -> Float[Array, ""]:
        """The same before training: ln N(u; A c + b, L Lᵀ)."""
        return StandardNormal(self.b.shape).log_prob(self.whitened(x)) - jnp.sum(jnp.log(jnp.diag(self.scale())))

    def draw(self, key: Key[Array, ""]) -> Float[Array, " d"]:
        """Without its density, which may cost more."""
        return self.mean() + self.scale() @ self.base.draw(key)

    def draw_with_log_prob(self, key: Key[Array, ""]) -> tuple[Float[Array, " d"], Float[Array, ""]]:
        u = self.draw(key)
        return u, self.log_prob(u)

    def latent(self, u: Float[Array, " d"]) -> Float[Array, " d"] | None:
        """The normal variables z, whose factor `with_factor` sets; None of a density without them."""
        return self.base.latent(self.whitened(u)) if isinstance(self.base, AutoregressiveSplines) else None

    def with_factor(self, L: Float[np.ndarray, "d d"]) -> "Regressed":
        """The same with z = L ε, ε normal.  Law: ln q changes by (|z|² - |L⁻¹ z|²)/2 - Σ_i ln L_ii."""
        return eqx.tree_at(lambda q: q.base, self, self.base.with_factor(L))


def with_context(base: Any, c: Float[Array, " C"]) -> Any:
    """The density of v for one c."""
    if isinstance(base, StandardNormal):
        return base
    if isinstance(base, ContinuousFlow):
        velocity: Any = base.velocity
        return eqx.tree_at(lambda q: q.transport.velocity, base, velocity.given(c))
    if isinstance(base, ProbabilityFlow):
        denoiser: Any = base.denoiser
        return eqx.tree_at(lambda q: q.denoiser.net, base, denoiser.net.given(c))
    return base.given(c)


@eqx.filter_jit
def base_density(
    kind: str, key: Key[Array, ""], d: int, conditions: int, hidden: tuple[int, ...], bins: int
) -> AbstractDensity:
    """An untrained density of v, in one program."""
    size = {"size": d, "conditions": conditions, "hidden": hidden}
    made: dict[str, Callable] = {
        "autoregressive": lambda: AutoregressiveSplines(
            key=key, shape=(d,), hidden=hidden, bins=bins, conditions=conditions, correlated=True
        ),
        "coupling": lambda: CouplingSplines(key=key, bins=bins, **size),
        "mixture": lambda: MixtureDensity(key=key, **size),
        "flow_matching": lambda: ContinuousFlow(
            StandardNormal((d,)), Transport(ContextVelocity(key=key, **size), steps=STEPS)
        ),
        "diffusion": lambda: ProbabilityFlow(
            Denoiser(
                net=ContextScore(key=key, **size), gaussian=IsotropicGaussian(shape=(d,)), schedule=VariancePreserving()
            ),
            STEPS,
        ),
    }
    return made[kind]()


@one_blas_thread()
def conditional_density(
    kind: str, key: Key[Array, ""], u: Float[Array, "n d"], c: Float[Array, "n C"] | None, *, conditions: int,
    hidden: tuple[int, ...], bins: int,
) -> Any:  # fmt: skip
    """An untrained q(u given c) of one of DENSITIES: linear regression of u on c; without c as wide as u.

    What the network sees of u are residuals: a posterior far narrower than the prior is as easy as a wide one.
    Of kind `normal` there is no network; its L is wider by (1 + (C + 1)/n)^½, as A and b have errors.
    """
    d = u.shape[1]
    z = np.zeros((len(u), 0)) if c is None else np.asarray(c, float)
    A, b, C = linear_regression(np.asarray(u, float), z)
    A = np.zeros((d, conditions)) if c is None else A
    of = lambda a: jnp.asarray(a, jnp.float32).ravel()  # noqa: E731
    L = np.linalg.cholesky(C)
    if normal := kind == "normal":
        L = L * (1 + (z.shape[1] + 1) / len(z)) ** 0.5
    return Regressed(
        StandardNormal((d,)) if normal else base_density(kind, key, d, conditions, hidden, bins),
        of(A),
        of(b),
        of(L),
        of(np.linalg.inv(L)),
        of(np.zeros(conditions)),
    )


class NegativeLogPosterior(eqx.Module):
    """-ln q(u given z), the mean over a batch of free parameters u and standardized data z."""

    def __call__(self, key: Any, flow: Any, batch: Any) -> Float[Array, ""]:
        u, z = batch
        return -jnp.mean(jax.vmap(lambda u, z: flow.given(z).log_prob(u))(u, z))


class MatchedVelocity(eqx.Module):
    """|v(t, x_t) - (x_1 - x_0)|²/d, x_t = (1-t) x_0 + t x_1 of noise x_0 and whitened parameters x_1, t uniform.

    Law: the minimum carries N(0, 1) to the posterior.  Ref: Lipman et al. 2022, arXiv:2210.02747.
    """

    def __call__(self, key: Key[Array, ""], flow: Any, batch: Any) -> Float[Array, ""]:
        u, z = batch
        key_noise, key_time = jax.random.split(key)
        x0 = jax.random.normal(key_noise, u.shape, jnp.float32)
        t = (jnp.arange(len(u), dtype=jnp.float32) + jax.random.uniform(key_time, (), jnp.float32)) / len(u)

        def one(x0, t, u, z):
            q = flow.given(z)
            x1 = q.whitened(u)
            return jnp.mean((q.base.velocity(t, (1 - t) * x0 + t * x1) - (x1 - x0)) ** 2)

        return jnp.mean(jax.vmap(one)(x0, jax.random.permutation(key_time, t), u, z))
