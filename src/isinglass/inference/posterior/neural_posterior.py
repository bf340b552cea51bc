# SPDX-License-Identifier: Apache-2.0
"""Neural posterior estimation: q(θ given x) that maximizes Σ ln q(θ_n given x_n) over simulated pairs.

Papamakarios and Murray 2016, arXiv:1605.06376; Greenberg et al. 2019, arXiv:1905.07488.
"""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Key, Shaped

from isinglass.errors import InputError
from isinglass.inference.posterior.conditional import conditional_density
from isinglass.inference.posterior.normal_residuals import normality
from isinglass.nets.density import AbstractDensity, StandardNormal
from isinglass.nets.embedding.deep_set import ABSENT, DeepSet
from isinglass.nets.embedding.lattice_scales import LatticeScales
from isinglass.nets.embedding.strided_cnn import StridedCNN
from isinglass.nets.flow.rescaled import Rescaled, rescaled, standardized_rows
from isinglass.systems.constraint import Interval
from isinglass.systems.simulator.prior import Prior

__all__ = [
    "EMBEDDINGS",
    "EmbeddedFlow",
    "GivenObservation",
    "NeuralPosterior",
    "RatioOf",
    "drawn",
    "drawn_within",
    "flow_log_probs",
    "log_probs_and_slopes",
    "standardized",
    "standardized_data",
    "units_of_data",
    "untrained_posterior",
]

DRAWS, ROWS = 100, 100  # samples of one row, rows at once
NORMAL = 0.01  # p-value of normal residuals
ATTEMPTS = 30  # draws for each sample that has to lie where the prior is not zero


class GivenObservation(AbstractDensity):
    """q(θ given x) for one x, a density of θ [d]: zero outside of the prior's range."""

    density: Rescaled  # of the free numbers u, in their units
    range: Interval

    @property
    def shape(self) -> tuple[int, ...]:
        return self.density.shape

    def log_prob(self, x: Shaped[Array, " d"]) -> Float[Array, ""]:
        """ln q(θ given x) = ln q(u) - Σ ln |dθ/du|."""
        inside = jnp.all((x >= self.range.low) & (x <= self.range.high))
        u = self.range.inverse(jnp.clip(x, self.range.low, self.range.high))
        return jnp.where(inside, self.density.log_prob(u) - self.range.forward(u)[1], -jnp.inf)

    def draw_with_log_prob(self, key: Key[Array, ""]) -> tuple[Float[Array, " d"], Float[Array, ""]]:
        u, log_q = self.density.draw_with_log_prob(key)
        theta, log_slope = self.range.forward(u)
        return theta, log_q - log_slope

    def draw(self, key: Key[Array, ""]) -> Float[Array, " d"]:
        """Without its density, which costs as much again."""
        return self.range.forward(self.density.draw(key))[0]


class RatioOf(eqx.Module):
    """θ -> ln q(θ given x)/p(θ); -inf outside of the prior."""

    posterior: GivenObservation
    prior: Prior

    def __call__(self, theta: Float[Array, " d"]) -> Float[Array, ""]:
        ratio = self.posterior.log_prob(theta) - self.prior.log_prob(theta)
        return jnp.where(self.prior.inside(theta), ratio, -jnp.inf)


class EmbeddedFlow(eqx.Module):
    """q(u given z) whose context is f(z), f a network that is trained with it; z itself where there is none."""

    flow: Any  # with `given`
    embedding: Any
    in_shape: tuple[int, ...] = eqx.field(static=True)

    def features(self, z: Float[Array, " m"]) -> Float[Array, " C"]:
        """f(z), z in the shape of the data."""
        return z if self.embedding is None else self.embedding(z.reshape(self.in_shape)).reshape(-1)

    def given(self, z: Float[Array, " m"]) -> Any:
        """The density of u for one z."""
        return self.flow.given(self.features(z))


class NeuralPosterior(eqx.Module):
    """q(θ given x): a spline flow of the free numbers u of θ, whose context is x; both in units of the simulations."""

    flow: Any  # EmbeddedFlow, or several of them
    range: Interval
    parameters: Rescaled  # the units of u
    data: Rescaled  # the units of x

    def given(self, x: Shaped[Array, "*data"]) -> GivenObservation:
        """The posterior of one observation."""
        flow = self.flow.given(standardized(self.data, x))
        return GivenObservation(eqx.tree_at(lambda r: r.base, self.parameters, flow), self.range)

    def log_slope(self, theta: Float[Array, " d"]) -> Float[Array, ""]:
        """Σ ln |dθ/du|, of u in their units: ln q(u) = ln q(θ) + this."""
        u = self.parameters.standardized(self.range.inverse(theta))
        normal: Any = self.parameters.base
        return normal.log_prob(u).astype(theta.dtype) - GivenObservation(self.parameters, self.range).log_prob(theta)


def untrained_posterior(
    key: Key[Array, ""], range_: Interval, theta: Float[np.ndarray, "n d"], x: Shaped[np.ndarray, "n *data"], *,
    hidden: tuple[int, ...] = (64, 64), bins: int = 8, embedding: Any = None,
    density: str = "autoregressive", of: np.ndarray | slice = slice(None),
) -> tuple[NeuralPosterior, tuple[Float[Array, "n d"], Float[Array, "n m"]]]:  # fmt: skip
    """An untrained posterior in the units of the simulations, and these in its units: (u, z) for the training.

    `embedding`: a word of `EMBEDDINGS`, or a module of one standardized x.  `density`: a word of `DENSITIES`,
    or `auto`: `normal` where nothing in the pairs speaks against it, see `normality`, else `autoregressive`.
    `of`: the pairs whose linear regression it begins with.
    """
    key_flow, key_embedding = jax.random.split(key)
    free = np.asarray(jax.jit(jax.vmap(range_.inverse))(jnp.asarray(theta)))
    of_u, of_x = rescaled(StandardNormal((theta.shape[1],)), free), units_of_data(x, embedding)
    u, z = standardized_rows(of_u, free), jax.jit(jax.vmap(lambda x: standardized(of_x, x)))(jnp.asarray(x, float))
    made = EMBEDDINGS[embedding](key_embedding, x.shape[1:]) if isinstance(embedding, str) else embedding
    C = z.shape[1] if made is None else features_of(made, x.shape[1:])
    if density == "auto":
        normal = made is None and normality(np.asarray(u)[of], np.asarray(z)[of]) > NORMAL
        density = "normal" if normal else "autoregressive"
    flow = conditional_density(density, key_flow, u[of], z[of] if made is None else None, conditions=C, hidden=hidden,
                               bins=bins)  # fmt: skip
    return NeuralPosterior(EmbeddedFlow(flow, made, x.shape[1:]), range_, of_u, of_x), (u, z)


def standardized(data: Rescaled, x: Shaped[Array, "*data"]) -> Float[Array, " m"]:
    """z of one x; what is NaN in x is ABSENT."""
    gone = jnp.isnan(x.astype(float))
    z = data.standardized(jnp.where(gone, data.center, x.astype(float)))
    return jnp.where(gone.reshape(-1), jnp.float32(ABSENT), z)


def standardized_data(data: Rescaled, x: Shaped[np.ndarray, "n *data"]) -> Float[np.ndarray, "n m"]:
    """z of every row."""
    return np.asarray(jax.jit(jax.vmap(lambda x: standardized(data, x)))(jnp.asarray(x, float)))


def features_of(embedding: Callable, shape: tuple[int, ...]) -> int:
    """How many numbers a module makes of one x.  Errors: InputError for one that does not take it."""
    try:
        return int(np.prod(eqx.filter_eval_shape(embedding, jnp.zeros(shape, jnp.float32)).shape))
    except Exception as error:  # whatever a user's module may raise
        found = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise InputError(
            f"an embedding of data of shape {list(shape)}", found, "return one array of numbers"
        ) from error


EMBEDDINGS: dict[str, Callable[[Key[Array, ""], tuple[int, ...]], Any]] = {
    "none": lambda key, shape: None,
    "series": lambda key, shape: StridedCNN(key=key, in_shape=shape, dimension=1),
    "image": lambda key, shape: StridedCNN(key=key, in_shape=shape, dimension=2, kernel=3),
    "lattice": lambda key, shape: LatticeScales(key=key, in_shape=shape),
    "set": lambda key, shape: DeepSet(key=key, in_shape=shape),
}


def units_of_data(x: Shaped[np.ndarray, "n *data"], embedding: Any) -> Rescaled:
    """Units of every entry; one unit for all sites of a lattice or an image, and for all rows of a set."""
    shape, kept = x.shape[1:], np.asarray(x, float)
    if embedding in ("lattice", "image"):
        kept = kept.reshape(-1, 1)
    elif embedding == "set":
        rows = kept.reshape(len(kept) * shape[0], -1)
        kept = rows[~np.isnan(rows).any(axis=1)]
    elif not isinstance(embedding, str) and embedding is not None:
        kept = kept.reshape(-1, 1)  # what a module makes of places is not known
    unit = rescaled(StandardNormal((int(np.prod(shape)),)), kept)
    if kept.shape[1:] == shape:
        return unit
    inner = shape[1:] if embedding == "set" else ()
    spread = lambda a: jnp.broadcast_to(a.reshape(inner), shape)  # noqa: E731
    return Rescaled(unit.base, *(spread(a) for a in (unit.center, unit.width, unit.heavy)))


@eqx.filter_jit
def flow_log_probs(flow: Any, u: Float[Array, "n d"], z: Float[Array, "n m"]) -> Float[Array, " n"]:
    """ln q(u given z), row by row."""
    return jax.vmap(lambda u, z: flow.given(z).log_prob(u))(u, z)


def log_probs_and_slopes(
    model: NeuralPosterior, theta: Float[np.ndarray, "n d"], x: Shaped[np.ndarray, "n *data"]
) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """ln q(θ given x) and Σ ln |dθ/du| of every pair."""
    log_q, slope = pair_log_probs(model, jnp.asarray(theta), jnp.asarray(x))
    return np.asarray(log_q, float), np.asarray(slope, float)


@eqx.filter_jit
def pair_log_probs(model: NeuralPosterior, theta: Float[Array, "n d"], x: Shaped[Array, "n *data"]):
    """Of `log_probs_and_slopes`, compiled once for all models of a kind."""
    return jax.vmap(lambda theta, x: (model.given(x).log_prob(theta), model.log_slope(theta)))(theta, x)


def drawn(
    key: Key[Array, ""], model: NeuralPosterior, x: Shaped[np.ndarray, "k *data"], n: int
) -> Float[np.ndarray, "k n d"]:
    """n posterior samples for each row of x."""
    blocks = -(-n // DRAWS)  # of each row
    size = min(ROWS, len(x) * blocks)
    which = np.arange(-(-len(x) * blocks // size) * size) // blocks
    which, keys = np.minimum(which, len(x) - 1), jax.random.split(key, len(which))
    parts = [np.asarray(block_drawn(model, jnp.asarray(x[which[i : i + size]]), keys[i : i + size]))
             for i in range(0, len(which), size)]  # fmt: skip
    return np.concatenate(parts)[: len(x) * blocks].reshape(len(x), blocks * DRAWS, -1)[:, :n]


def drawn_within(
    key: Key[Array, ""], model: NeuralPosterior, prior: Prior, x: Shaped[np.ndarray, "k *data"], n: int
) -> tuple[Float[np.ndarray, "k n d"], float]:
    """n samples for each row of x where the prior is not zero, by rejection, and the share of draws that are there.

    Law: p(θ) > 0, of the density q(θ given x)/Q, Q the share.  It ends: after ATTEMPTS draws for each sample what is
    still outside is left there.
    """
    theta = drawn(key, model, x, n)
    if prior.fills_range:
        return theta, 1.0
    inside = where_possible(prior, theta)
    share = float(inside.mean())
    for attempt in range(ATTEMPTS):
        rows = np.flatnonzero(~inside.all(axis=1))
        if not len(rows):
            break
        more = drawn(jax.random.fold_in(key, attempt), model, x[rows], n)
        for row, candidates, good in zip(rows, more, where_possible(prior, more), strict=True):
            places = np.flatnonzero(~inside[row])[: good.sum()]
            theta[row, places], inside[row, places] = candidates[good][: len(places)], True
    return theta, share


def where_possible(prior: Prior, theta: Float[np.ndarray, "k n d"]) -> Bool[np.ndarray, "k n"]:
    """Where the prior is not zero."""
    with jax.debug_nans(False), jax.debug_infs(False):  # noqa: FBT003  ln 0 is meant
        return np.stack([np.isfinite(np.asarray(log_priors(prior, jnp.asarray(row)))) for row in theta])


@eqx.filter_jit
def log_priors(prior: Prior, theta: Float[Array, "n d"]) -> Float[Array, " n"]:
    """ln p(θ), row by row."""
    return jax.vmap(prior.log_prob)(theta)


@eqx.filter_jit
def block_drawn(
    model: NeuralPosterior, x: Shaped[Array, "k *data"], keys: Key[Array, " k"]
) -> Float[Array, "k draws d"]:
    """DRAWS samples for each row: one program for few and for many rows."""
    return jax.vmap(lambda x, key: model.given(x).sample(key, DRAWS))(x, keys)
