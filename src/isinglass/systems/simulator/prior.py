# SPDX-License-Identifier: Apache-2.0
"""Priors p(θ) of named parameters."""

from collections.abc import Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Key
from numpyro import distributions as dist

from isinglass.errors import InputError
from isinglass.systems.constraint import Interval

__all__ = ["RESULT_NAMES", "Prior", "make_prior", "unbounded"]

TRIED = 512  # draws by which a prior is tried
RESULT_NAMES = frozenset({  # names of arrays, dimensions and estimates that a posterior has beside its parameters
    "acceptance", "accepted", "budget", "coverage", "effective_sample_size", "epsilon",
    "exact_posterior", "exact_sample", "gain_of_doubling", "held_out", "importance_efficiency", "log_evidence",
    "log_prob", "log_prob_gain", "member_disagreement", "near", "near_pair", "observation", "pair", "parameter",
    "predictive_p_value", "prior_share", "r_hat", "rank", "replicated", "replication", "sample", "told",
    "told_error", "training", "truth",
})  # fmt: skip


class Prior(eqx.Module):
    """p(θ) = Π_k p_k of blocks of entries of θ [d], each a NumPyro distribution, or an object of one's own."""

    names: tuple[str, ...] = eqx.field(static=True)
    blocks: tuple[Any, ...]
    sizes: tuple[int, ...] = eqx.field(static=True)
    range: Interval  # of θ: a uniform parameter is N(0, 1) in the free numbers

    def __check_init__(self):
        """Each name is one parameter's own.  Errors: InputError for a name that stands twice, or that results need."""
        wrong = [
            name for name in self.names if name in RESULT_NAMES or self.names.count(name) > 1 or not name or "/" in name
        ]
        if wrong:
            expected = "for each parameter a name of its own, without /, that results do not use for something else"
            raise InputError(
                expected, repr(wrong[0]), f"rename it, to {wrong[0].replace('/', '_') or 'a'}_1 for example"
            )

    def sample(self, key: Key[Array, ""]) -> Float[Array, " d"]:
        """One θ."""
        keys = jax.random.split(key, len(self.blocks))
        return jnp.concatenate([jnp.ravel(b.sample(k)).astype(float) for b, k in zip(self.blocks, keys, strict=True)])

    def log_prob(self, theta: Float[Array, " d"]) -> Float[Array, ""]:
        """ln p(θ); -inf outside of the range."""
        ends, inside = np.cumsum(self.sizes), self.inside(theta)
        theta = jnp.where(inside, theta, self.range.forward(jnp.zeros_like(theta))[0])
        parts = [theta[end - n : end] for end, n in zip(ends, self.sizes, strict=True)]
        each = [jnp.sum(b.log_prob(part.reshape(event(b)))) for b, part in zip(self.blocks, parts, strict=True)]
        return jnp.where(inside, sum(each), -jnp.inf)

    def inside(self, theta: Float[Array, " d"]) -> Bool[Array, ""]:
        """Is θ within the range?"""
        return jnp.all((theta >= self.range.low) & (theta <= self.range.high))

    @property
    def fills_range(self) -> bool:
        """Whether p > 0 in all of the range; of an object of one's own that is not known."""
        return not any(isinstance(block, OwnPrior) for block in self.blocks)


def make_prior(given: Any, names: Sequence[str] | None = None) -> Prior:
    """A prior of a dict of NumPyro distributions by name, of one of them, or of an own object with sample and log_prob.

        make_prior({"Omega_m": dist.Uniform(0.1, 0.5), "sigma_8": dist.Normal(0.8, 0.1)})

    Errors: InputError for anything else, for whole numbers, and for a range that is neither an interval nor a line.
    """
    if isinstance(given, Prior):
        return given
    called = dict(given) if isinstance(given, Mapping) else {"theta": given}
    if not called:
        raise InputError("a prior of a parameter or more", "an empty dict", "give a distribution for each parameter")
    for name, one in called.items():
        check_block(str(name), one)
    blocks = tuple(called.values())
    sizes = tuple(size_of(one) for one in blocks)
    own = [name if n == 1 and isinstance(given, Mapping) else f"{name}_{i}"
           for name, n in zip(called, sizes, strict=True) for i in range(n)]  # fmt: skip
    if names is not None and len(names) != len(own):
        raise InputError(f"{len(own)} names of parameters", f"{len(names)}", "give one for each entry of the prior")
    bounds = [bounds_of(str(name), one, n) for name, one, n in zip(called, blocks, sizes, strict=True)]
    low, high = (jnp.asarray(np.concatenate([b[side] for b in bounds]), float) for side in (0, 1))
    bounded = Interval(low=low, high=high, normal=True)  # pyright: ignore[reportCallIssue]
    prior = Prior(tuple(map(str, names or own)), tuple(map(of_jax, blocks)), sizes, bounded)
    check_draws(prior)
    return prior


def unbounded(names: Sequence[str], theta: Float[np.ndarray, "n d"]) -> Prior:
    """Independent normal parameters with mean and deviation of θ: units for simulations whose prior is not known."""
    blocks = tuple(dist.Normal(float(m), float(s)) for m, s in zip(theta.mean(axis=0), theta.std(axis=0), strict=True))
    without = jnp.full(len(blocks), jnp.inf)
    free = Interval(low=-without, high=without, normal=True)  # pyright: ignore[reportCallIssue]
    return Prior(tuple(names), blocks, (1,) * len(blocks), free)


class OwnPrior(eqx.Module):
    """An object with `sample(key)` and `log_prob(theta)`."""

    of: Any = eqx.field(static=True)

    def sample(self, key):
        """One θ."""
        return jnp.asarray(self.of.sample(key))

    def log_prob(self, theta):
        """ln p."""
        return jnp.asarray(self.of.log_prob(theta))


def of_jax(one: Any) -> Any:
    """A distribution as it is, an own object as a module."""
    return one if isinstance(one, dist.Distribution | OwnPrior) else OwnPrior(one)


def event(one: Any) -> tuple[int, ...]:
    """The shape of one draw."""
    return (*one.batch_shape, *one.event_shape) if isinstance(one, dist.Distribution) else np.shape(one.sample(KEY))


KEY = jax.random.key(0)


def size_of(one: Any) -> int:
    """How many numbers one draw has."""
    return int(np.prod(event(one)))


def check_block(name: str, one: Any) -> None:
    """Errors: InputError for what is no distribution."""
    if isinstance(one, type) or not (
        callable(getattr(one, "sample", None)) and callable(getattr(one, "log_prob", None))
    ):
        expected = f"a distribution for {name!r}: of numpyro.distributions, or with sample(key) and log_prob(theta)"
        raise InputError(expected, type(one).__name__ if not isinstance(one, type) else f"the class {one.__name__}",
                         "for example numpyro.distributions.Uniform(0.0, 1.0)")  # fmt: skip
    if isinstance(one, dist.Distribution) and getattr(one, "is_discrete", False):
        raise InputError(f"a prior of real numbers for {name!r}", f"{type(one).__name__}, of whole numbers",
                         "use a distribution with a density")  # fmt: skip


def bounds_of(name: str, one: Any, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper bounds of the entries of a distribution: of its support; of an own one its `bounds`, or none."""
    low, high = np.full(n, -np.inf), np.full(n, np.inf)
    if not isinstance(one, dist.Distribution):
        given = getattr(one, "bounds", (low, high))
        return tuple(np.broadcast_to(np.asarray(b, float), (n,)) for b in given)  # pyright: ignore[reportReturnType]
    support = one.support
    while hasattr(support, "base_constraint"):
        support = support.base_constraint
    lower = getattr(support, "lower_bound", None)
    upper = getattr(support, "upper_bound", None)
    if lower is None and upper is None and type(support).__name__.strip("_").lower() not in ("real", "realvector"):
        raise InputError(f"a prior on a line, an interval, or a product of these for {name!r}",
                         f"{type(one).__name__} on {type(support).__name__.strip('_')}",
                         "give free parameters, and transform them in the simulator")  # fmt: skip
    spread = lambda b: np.broadcast_to(np.asarray(b, float), event(one)).ravel()  # noqa: E731
    return low if lower is None else spread(lower), high if upper is None else spread(upper)


@eqx.filter_jit
def draws_of(prior: Prior, keys: Key[Array, " n"]) -> tuple[Float[Array, "n d"], Float[Array, " n"]]:
    """θ ~ p and ln p(θ)."""
    return jax.vmap(lambda key: (theta := prior.sample(key), prior.log_prob(theta)))(keys)


def check_draws(prior: Prior) -> None:
    """Errors: InputError for a prior whose draws are not finite, or not where its density is."""
    theta, log_p = jax.device_get(draws_of(prior, jax.random.split(KEY, TRIED)))
    if not np.isfinite(theta).all():
        raise InputError("a prior whose draws are finite", "NaN or infinite draws", "check its parameters")
    if not np.isfinite(log_p).all():
        found = f"ln p = {log_p[~np.isfinite(log_p)][0]:g} at a draw"
        raise InputError("a prior whose log_prob is finite at its own draws", found, "check its parameters")
    if (still := np.asarray(theta).std(axis=0) == 0).any():
        name = prior.names[int(np.argmax(still))]
        raise InputError(
            "parameters that vary", f"{name} is always {float(theta[0, np.argmax(still)]):g}", "leave it out"
        )
