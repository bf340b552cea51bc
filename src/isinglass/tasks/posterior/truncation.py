# SPDX-License-Identifier: Apache-2.0
"""The prior where the posterior of an observation lies: p(θ), cut to q(θ given x)/p(θ) >= c of every earlier round.

Of all regions with as much of the posterior this is the one with the least of the prior.  A prior that is cut, not
reweighted, needs no correction of any loss.  Ref: Deistler, Gonçalves and Macke 2022, arXiv:2210.04815.
"""

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Key

from isinglass.sampling.weight.annealed_importance import moved
from isinglass.sampling.weight.differential_evolution import DifferentialEvolution
from isinglass.systems.simulator.prior import Prior
from isinglass.tasks.posterior.free_posterior import free_posterior, theta_of

__all__ = ["Drawn", "Inside", "PosteriorRegion", "TruncatedPrior", "ratios", "region_of"]

LEFT_OUT, DOUBTED = 1e-4, 1e-2  # share of the posterior of a round outside of its region; of an inner one
CHUNK, MOST = 20_000, 2_000_000  # draws of the prior at once; at most
SWEEPS = 200  # moves of every walker, where the region is too small a part of the prior
FEWEST = 100  # different draws of q that have a ratio; else the region is empty
OFTEN = 2e-3  # share of the prior that suffices for draws of it


class Drawn(NamedTuple):
    """Parameters of the truncated prior."""

    theta: Float[np.ndarray, "n d"]
    share: float  # of the prior that is within; 0 where none of CHUNK draws is


class PosteriorRegion(eqx.Module):
    """Where q/p is at least c: LEFT_OUT of the posterior q is outside, DOUBTED where it is below `inner`."""

    log_ratio: Callable  # ln q(θ)/p(θ) and a constant, a module
    least: Float[Array, ""]  # ln c
    inner: Float[Array, ""]

    def share_doubted(self, theta: Float[np.ndarray, "n d"]) -> float:
        """Of θ, where q/p is below the inner level: DOUBTED for θ of q."""
        return float(np.mean(ratios(self.log_ratio, theta) < float(self.inner)))


def region_of(log_ratio: Callable, theta: Float[np.ndarray, "n d"]) -> PosteriorRegion:
    """Levels of q/p by draws θ of q."""
    found = ratios(log_ratio, theta)
    found = found[np.isfinite(found)]
    levels = np.quantile(found, [LEFT_OUT, DOUBTED]) if len(found) >= FEWEST else [np.inf, np.inf]
    return PosteriorRegion(log_ratio, *(jnp.asarray(level) for level in levels))


def ratios(log_ratio: Callable, theta: Float[np.ndarray, "n d"]) -> Float[np.ndarray, " n"]:
    """ln q/p, row by row."""
    each = eqx.filter_jit(lambda of, theta: jax.lax.map(of, theta, batch_size=4096))
    with jax.debug_nans(False), jax.debug_infs(False):  # noqa: FBT003  at the ends of the prior there is none
        return np.asarray(each(log_ratio, jnp.asarray(theta)), float)


class Inside(eqx.Module):
    """ln 1 where every region holds θ, else ln 0."""

    regions: tuple[PosteriorRegion, ...]

    def __call__(self, theta: Float[Array, " d"]) -> Float[Array, ""]:
        kept = jnp.stack([region.log_ratio(theta) >= region.least for region in self.regions]).all()
        return jnp.where(kept, 0.0, -jnp.inf)


class TruncatedPrior(eqx.Module):
    """p(θ) where every region of an earlier round holds θ, 0 elsewhere."""

    prior: Prior
    inside: Inside

    def draw(self, key: Key[Array, ""], n: int, start: Float[np.ndarray, "k d"]) -> Drawn:
        """n draws by rejection from the prior; where that is rare, by walkers that begin at `start`, draws of q.

        None where hardly any of these is in the region.
        """
        walkers = start[np.isfinite(ratios(self.inside, start))]
        if len(np.unique(walkers, axis=0)) < FEWEST:
            return Drawn(start[:0], 0.0)
        parts, found, tried = [], 0, 0
        while found < n and tried < MOST:
            key, now = jax.random.split(key)
            theta, kept = of_prior(self, jax.random.split(now, CHUNK))
            parts.append(np.asarray(theta)[np.asarray(kept)])
            found, tried = found + len(parts[-1]), tried + CHUNK
            if found < OFTEN * tried:
                return Drawn(self.walked(key, n, walkers), found / tried)
        return Drawn(np.concatenate(parts)[:n], found / tried)

    def walked(self, key: Key[Array, ""], n: int, start: Float[np.ndarray, "k d"]) -> Float[np.ndarray, "n d"]:
        """n walkers after SWEEPS moves by their differences."""
        key_start, key_moves = jax.random.split(key)
        chosen = jax.random.choice(key_start, len(start), (n + n % 2,), replace=n > len(start))
        u = jax.jit(jax.vmap(self.prior.range.inverse))(jnp.asarray(start)[chosen])
        u = walk(key_moves, u, free_posterior(self.prior, self.inside))
        return theta_of(self.prior, np.asarray(u)[:n])


@eqx.filter_jit
def walk(key: Key[Array, ""], u: Float[Array, "n d"], system) -> Float[Array, "n d"]:
    """Walkers, moved."""
    return moved(key, DifferentialEvolution(), u, system, SWEEPS)[0]


@eqx.filter_jit
def of_prior(cut: TruncatedPrior, keys: Key[Array, " n"]) -> tuple[Float[Array, "n d"], Bool[Array, " n"]]:
    """Draws of the prior, and whether they are inside."""
    theta = jax.vmap(cut.prior.sample)(keys)
    return theta, jnp.isfinite(jax.lax.map(cut.inside, theta, batch_size=4096))
