# SPDX-License-Identifier: Apache-2.0
"""Mean, error, effective sample size and R-hat of everything that a run follows, at each temperature."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from isinglass.stats.convergence import agreement, largest_by_chance, multichain_ess, split_chains

__all__ = ["Diagnosis", "diagnose"]

FALSE_ALARM = 1e-4  # of R-hat, for all quantities and temperatures of a run together
LOOSEST = 1.1  # a bound on R-hat above it tells nothing
OWN_DRAWS = 8.0  # effective draws of half a chain, fewest for which the bound on R-hat is calibrated
SHORTEST = 8  # measurements per chain, fewest for an autocorrelation time
RARE = 30  # measurements off the median, fewest for a normal law of the mean
SCATTER = 8  # chains, fewest whose scatter gives the error


class Diagnosis(NamedTuple):
    """Of quantity s at temperature t; the last three are those of the worst quantity."""

    names: tuple[str, ...]
    mean: Float[np.ndarray, "S T"]
    error: Float[np.ndarray, "S T"]  # standard error of the mean; nan where nothing has changed
    each_effective_samples: Float[np.ndarray, "S T"]
    each_r_hat: Float[np.ndarray, "S T"]
    r_hat_bound: Float[np.ndarray, "S T"]  # what converged chains exceed with probability 1e-4 in a run
    enough: Bool[np.ndarray, "S T"]  # long enough for that bound
    rare: Bool[np.ndarray, "S T"]  # hardly ever changes: R-hat is not judged
    finite: Bool[np.ndarray, "S T"]
    effective_samples: Float[np.ndarray, " T"]
    r_hat: Float[np.ndarray, " T"]  # 1 where the chains agree
    autocorrelation_time: Float[np.ndarray, " T"]  # integrated, ½ + Σ_t rho(t), in measurements

    @property
    def disagree(self) -> Bool[np.ndarray, "S T"]:
        """R-hat is above its bound."""
        return self.finite & self.enough & ~self.rare & ~(self.each_r_hat <= self.r_hat_bound)

    @property
    def too_short(self) -> Bool[np.ndarray, "S T"]:
        """Chains too short to tell."""
        return self.finite & ~self.enough & ~self.rare


def diagnose(
    series: Float[np.ndarray, "S T R M"], samples: int, names: Sequence[str] = (), folded: Sequence[bool] = ()
) -> Diagnosis:
    """Effective sample size and R-hat of Vehtari et al. 2021, arXiv:1903.08008; at most `samples`, the number kept.

    Of `folded` quantities the absolute value is judged.  Chains of fewer than eight measurements do not determine
    their autocorrelation: each counts as one sample.
    """
    S, T, R, M = series.shape
    fold = np.asarray(folded if len(folded) else [False] * S)[:, None, None, None]
    series = np.where(fold, np.abs(series), series)
    finite = np.asarray(np.isfinite(series).all(axis=(2, 3)))
    series = np.where(finite[..., None, None], series, 0.0)
    ess, mean_ess, r_hat, own = (np.asarray(a) for a in per_series(worth, series))
    ess = np.where(finite, np.minimum(ess, R * M), 0.0)  # anticorrelated measurements count at most as independent ones
    bound = largest_by_chance(own, R, max(M, 4), FALSE_ALARM / (2 * S * T))
    worst = np.argmax(np.minimum(r_hat, 1e6) ** 2 - bound**2, axis=-1)[..., None]  # of bulk and tail
    r_hat, bound_of = (np.take_along_axis(a, worst, -1)[..., 0] for a in (r_hat, bound))
    enough = (bound.max(axis=-1) <= LOOSEST) & (own.min(axis=-1) >= OWN_DRAWS)
    changed = (series != np.median(series, axis=(2, 3), keepdims=True)).sum(axis=(2, 3))
    rare = finite & (changed < min(RARE, M / 2))
    told = M >= 4  # measurements of which R-hat can be had
    largest = np.where(finite, r_hat, np.inf).max(axis=0)
    return Diagnosis(
        names=tuple(names),
        mean=np.where(finite, series.mean(axis=(2, 3)), np.nan),
        error=errors(series, mean_ess, finite),
        each_effective_samples=ess,
        each_r_hat=np.where(finite & told, r_hat, np.nan),
        r_hat_bound=bound_of,
        enough=enough & told,
        rare=rare,
        finite=finite,
        effective_samples=np.minimum(ess.min(axis=0), samples),
        r_hat=largest if told else np.full(T, np.nan),
        autocorrelation_time=R * M / (2 * np.maximum(ess.min(axis=0), 1e-300)),
    )


def errors(
    series: Float[np.ndarray, "S T R M"], ess: Float[np.ndarray, "S T"], finite: Bool[np.ndarray, "S T"]
) -> Float[np.ndarray, "S T"]:
    """Standard error from the scatter of chain means, of few chains √(Var/ESS); nan where nothing has changed."""
    R = series.shape[2]
    if R >= SCATTER:
        error = series.mean(axis=3).std(axis=2, ddof=1) / R**0.5
    else:
        error = np.sqrt(series.var(axis=(2, 3)) / np.maximum(ess, 1.0))
    varies = series.max(axis=(2, 3)) > series.min(axis=(2, 3))
    return np.where(finite & varies, error, np.nan)


def worth(x: Float[Array, "R M"]) -> tuple[Float[Array, ""], Float[Array, ""], Float[Array, " 2"], Float[Array, " 2"]]:
    """Effective sample sizes of the bulk and of the mean, R-hat and own draws of bulk and tail."""
    R, M = x.shape
    if M < 4:
        one = jnp.ones(2)
        return jnp.asarray(float(R)), jnp.asarray(float(R)), one, one
    found = agreement(x)
    if M < SHORTEST:
        return jnp.asarray(float(R)), jnp.asarray(float(R)), found.r_hat, found.own_draws
    mean = multichain_ess(split_chains(x)) if R < SCATTER else found.bulk_ess
    return found.bulk_ess, mean, found.r_hat, found.own_draws


@partial(jax.jit, static_argnums=0)
def per_series(statistic, series: Float[Array, "S T R M"]):
    """The statistic of each quantity at each temperature."""
    return jax.vmap(lambda each: jax.lax.map(statistic, each))(series)
