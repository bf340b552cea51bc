# SPDX-License-Identifier: Apache-2.0
"""Two densities of one variable, critics between them, and generators of one of them, measured by quadrature."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from scipy.stats import norm

from isinglass.exact.generative import divergence
from isinglass.nets.latent.adversarial_pair import Critic, ImplicitGenerator
from isinglass.result import Estimate
from isinglass.sampling.objective.adversarial import Adversarial, AdversarialTraining, train_pair, untrained_pair
from isinglass.training.fit import fit
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

__all__ = ["EDGES", "NODES", "CriticByQuadrature", "MassesOfGenerator", "by_quadrature", "density_p", "density_q",
           "fresh_value", "masses_of", "masses_p", "measured_value", "penalized_objective", "sampled_p", "sampled_q",
           "trained_critic", "trained_generator"]  # fmt: skip

NODES = np.linspace(-8.0, 8.0, 1601)
EDGES = np.linspace(-8.0, 8.0, 321)  # of the bins of a generator
WEIGHT, MEANS, WIDTHS = (0.4, 0.6), (-1.0, 1.0), (0.5, 0.7)  # of p
CENTER, WIDTH = -1.2, 1.0  # of q
Column = Float[np.ndarray, "n 1"]


class CriticByQuadrature(NamedTuple):
    """What a critic is between p and q."""

    T: Float[np.ndarray, " n"]  # at the nodes
    value: float  # <ln D>_p + <ln(1 - D)>_q
    off_optimum: float  # root mean square of D - p/(p + q) over (p + q)/2
    gap: float  # <T>_p - <T>_q
    steepest: float  # largest |T'| where p + q is above 1e-3


class MassesOfGenerator(NamedTuple):
    """A generator of one latent beside p, in bins."""

    mass: Float[np.ndarray, " k"]
    jensen_shannon: float
    wasserstein: float


def density_p(x: np.ndarray) -> np.ndarray:
    """0.4 N(-1, ½²) + 0.6 N(1, 0.7²)."""
    return np.sum([w * norm.pdf(x, m, s) for w, m, s in zip(WEIGHT, MEANS, WIDTHS, strict=True)], axis=0)


def density_q(x: np.ndarray) -> np.ndarray:
    """N(-1.2, 1)."""
    return norm.pdf(x, CENTER, WIDTH)


def masses_p() -> np.ndarray:
    """p in the bins."""
    return np.diff(sum(w * norm.cdf(EDGES, m, s) for w, m, s in zip(WEIGHT, MEANS, WIDTHS, strict=True)))


def sampled_p(rng: np.random.Generator, n: int) -> Column:
    """n samples of p."""
    k = (rng.random(n) < WEIGHT[1]).astype(int)
    return (np.array(MEANS)[k] + np.array(WIDTHS)[k] * rng.normal(size=n)).astype(np.float32)[:, None]


def sampled_q(rng: np.random.Generator, n: int) -> Column:
    """n samples of q."""
    return (CENTER + WIDTH * rng.normal(size=n)).astype(np.float32)[:, None]


def trained_critic(key: Any, x: Column, y: Column, loss: Adversarial, steps: int) -> Critic:
    """A critic alone, which tells x from y."""
    key_net, key_fit = jax.random.split(key)
    settings = Training(Optimizer("adam", 3e-3, "cosine"), steps=steps, batch_size=512, block=min(250, steps), ema=0.99)
    return fit(key_fit, Critic(key=key_net, in_shape=(1,)), loss, (x, y), settings=settings).model


def at_nodes(critic: Critic) -> np.ndarray:
    """T at the nodes."""
    return np.asarray(jax.vmap(critic)(jnp.asarray(NODES[:, None], jnp.float32)), float)


def by_quadrature(critic: Critic) -> CriticByQuadrature:
    """Integrals of a critic over p and q."""
    T, p, q, step = at_nodes(critic), density_p(NODES), density_q(NODES), NODES[1] - NODES[0]
    off = (p + q) / 2 * (1 / (1 + np.exp(-T)) - p / (p + q)) ** 2
    seen = p + q > 1e-3
    value = float((p * -np.logaddexp(0, -T) - q * np.logaddexp(0, T)).sum() * step)
    steepest = float(np.abs(np.gradient(T, NODES))[seen].max())
    return CriticByQuadrature(T, value, float(off.sum() * step) ** 0.5, float(((p - q) * T).sum() * step), steepest)


def penalized_objective(found: CriticByQuadrature, penalty: float) -> float:
    """<T>_p - <T>_q - λ ∫ r max(0, |T'| - 1)²."""
    r = divergence.interpolated_density(density_p(NODES), density_q(NODES), NODES)
    beyond = np.maximum(np.abs(np.gradient(found.T, NODES)) - 1, 0.0)
    return found.gap - penalty * float((r * beyond**2).sum() * (NODES[1] - NODES[0]))


def measured_value(critic: Critic, x: Column, y: Column) -> Estimate:
    """<ln D(x)> + <ln(1 - D(y))> of samples that were not trained on."""
    T = jax.jit(jax.vmap(critic))
    a, b = (np.asarray(T(jnp.asarray(rows)), float) for rows in (x, y))
    a, b = -np.logaddexp(0, -a), -np.logaddexp(0, b)
    return Estimate(float(a.mean() + b.mean()), float((a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)) ** 0.5), "nat")


def fresh_value(key: Any, x: Column, y: Column, steps: int) -> Estimate:
    """That of a discriminator which is trained anew on one half of each, and measured on the other."""
    n = len(x) // 2
    critic = trained_critic(key, x[:n], y[:n], Adversarial(penalty=0.0), steps)
    return measured_value(critic, x[n:], y[n:])


def trained_generator(key: Any, x: Column, loss: Adversarial, steps: int) -> ImplicitGenerator:
    """A generator of one latent, against its critic."""
    key_net, key_fit = jax.random.split(key)
    how = AdversarialTraining(loss, steps, critic_steps=5, rate=4e-3)
    return train_pair(key_fit, untrained_pair(key_net, 1, latent=1), x, how).pair.generator


def masses_of(generator: ImplicitGenerator) -> MassesOfGenerator:
    """Its probability in each bin, by quadrature over the latent."""
    z = np.linspace(-6.0, 6.0, 4001)
    x = np.asarray(jax.vmap(generator.net)(jnp.asarray(z[:, None], jnp.float32)), float)[:, 0]
    mass, p = divergence.masses_of_map(x, np.diff(norm.cdf(z)), EDGES), masses_p()
    W = float(np.abs(np.cumsum(p - mass)).sum() * (EDGES[1] - EDGES[0]))
    return MassesOfGenerator(mass, divergence.jensen_shannon(p, mass, 1.0), W)
