# SPDX-License-Identifier: Apache-2.0
"""A prior and a likelihood as the user gave them, checked."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass import systems
from isinglass.errors import InputError
from isinglass.result import Check

if TYPE_CHECKING:
    from isinglass.systems.simulator.prior import Prior

__all__ = ["called_with", "checked_likelihood", "edge_notes", "of_simulator", "prior_of"]

EDGE, PILED = 0.02, 0.06  # share of a range next to its end, and of the samples that lie there


def prior_of(given: Any, problem: Any) -> "Prior":
    """The prior that was given, or the simulator's own.  Errors: InputError where there is none."""
    if isinstance(problem, systems.simulator.AbstractSimulator):
        given = of_simulator(given, problem.prior())
    if given is None:
        raise InputError("a prior of the parameters", "none", "give prior={name: distribution}")
    return systems.simulator.make_prior(given)


def of_simulator(given: Any, own: "Prior") -> Any:
    """The prior that was given by the names of the simulator's own, in its order; without one the own."""
    if given is None:
        return own
    if isinstance(given, Mapping) and set(given) == set(own.names):
        return {name: given[name] for name in own.names}
    return given


def called_with(prior: "Prior", problem: Any, observation: Any) -> Callable:
    """ln L(θ) of θ [d].  Errors: InputError for a simulator without one, or for what is no function."""
    import jax.numpy as jnp

    if not isinstance(problem, systems.simulator.AbstractSimulator):
        if not callable(problem.of):
            raise InputError("LogLikelihood of a function of theta", type(problem.of).__name__, "give the function")
        if not problem.names:
            return problem.of
        return lambda theta: problem.of(dict(zip(prior.names, theta, strict=True)))
    if observation is None:
        raise InputError("an observation", "none", "give observation=x, of the shape that the simulator returns")
    x = jnp.asarray(observation)
    if problem.log_likelihood(prior.range.forward(jnp.zeros(len(prior.names)))[0], x) is None:
        found = f"{type(problem).__name__} has none"
        raise InputError("a simulator with log_likelihood(theta, x)", found, "leave the method out, or use npe")
    return lambda theta: problem.log_likelihood(theta, x)


def checked_likelihood(key: Any, prior: "Prior", log_likelihood: Callable, n: int) -> tuple[list[Check], bool]:
    """Is it a number at draws of the prior, and finite at all of them?

    Errors: InputError for a function that JAX cannot trace, that returns no single number, +inf, or never a number.
    """
    import jax
    import jax.numpy as jnp

    theta = jax.vmap(prior.sample)(jax.random.split(key, n))
    try:
        shape = jax.eval_shape(log_likelihood, theta[0])
    except Exception as error:  # whatever a user's function may raise
        found = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise InputError("ln L(theta), a function of JAX", found, "write it with jax.numpy") from error
    if getattr(shape, "shape", None) != () or not jnp.issubdtype(shape.dtype, jnp.floating):
        found = str(getattr(shape, "shape", type(shape).__name__))
        raise InputError("one real number ln L(theta)", f"shape {found}", "sum over the data")
    with jax.debug_nans(False), jax.debug_infs(False):  # noqa: FBT003  what fails is counted
        value = np.asarray(jax.jit(jax.vmap(log_likelihood))(theta), float)
    if (value == np.inf).any() or not np.isfinite(value).any():
        found = "+inf at a draw of the prior" if (value == np.inf).any() else "no finite value at draws of the prior"
        raise InputError("ln L(theta) finite within the prior", found, "look at the function, or narrow the prior")
    smooth = bool(np.isfinite(value).all()) and not zero_between(prior, theta)
    if not (lost := int(np.isnan(value).sum())):
        return [], smooth
    law = f"ln L is a number at draws of the prior (not at {lost} of {n}: there the likelihood was taken as 0)"
    return [Check(law, 1 - lost / n, 1.0, 0.0, "unknown", relation=">=")], smooth


def zero_between(prior: "Prior", theta: Any) -> bool:
    """Whether a prior of one's own is zero within its range: between its draws θ [n, d], or half as far beyond them."""
    import jax
    import jax.numpy as jnp

    if prior.fills_range:
        return False
    step = (jnp.roll(theta, 1, axis=0) - theta) / 2
    near = jnp.concatenate([theta + step, theta - step])
    with jax.debug_nans(False), jax.debug_infs(False):  # noqa: FBT003  ln 0 is looked for
        log_p = np.asarray(jax.jit(jax.vmap(prior.log_prob))(near))
    return bool((~np.isfinite(log_p) & np.asarray(jax.vmap(prior.inside)(near))).any())


def edge_notes(theta: np.ndarray, prior: "Prior") -> list[str]:
    """Parameters whose samples pile up at an end of the prior, which then decides with the data."""
    low, high = (np.asarray(end, float) for end in (prior.range.low, prior.range.high))
    said = []
    for i, name in enumerate(prior.names):
        for end, other in ((low[i], high[i]), (high[i], low[i])):
            width = abs(other - end)
            if np.isfinite(width) and np.mean(np.abs(theta[:, i] - end) < EDGE * width) > PILED:
                said.append(f"{name} piles up at {end:g}, an end of its prior: the prior decides there, not the data")
    return said
