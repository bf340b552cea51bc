# SPDX-License-Identifier: Apache-2.0
"""The law of least Huber loss: Σ_i w_i ρ(ln L(x_i) - ln L_i), ρ quadratic up to δ and linear beyond.

With δ = 1e-3, below the scatter of any table, it is nearly Σ |r|: a run that went wrong pulls no more than any other.
Ref: Huber 1964, doi:10.1214/aoms/1177703732; δ = 1e-3 as in Hoffmann et al. 2022, arXiv:2203.15556.

Newton's method from δ = 0.1 down to the δ asked for.  Where no run is within δ its Hessian vanishes; it is damped by
that of the parabolas that touch ρ from above (iterated least squares), and, for valleys along which E and exponents
make up for each other, by a multiple of 1 (Marquardt 1963, doi:10.1137/0111030).  Cost: n p² a step.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.inference.scaling_laws.power_law import NO_FLOOR, log_loss

__all__ = ["Box", "box_of", "fit_laws", "huber", "starts_of"]

WIDEST, STAGES, STEPS, LAST = 0.1, 6, 20, 100  # first δ; stages, steps of each, and of the last one
NEAR_STEPS, NEAR_LAST = 15, 45  # of fits that begin near
LARGEST_STEP = 2.0  # of any coordinate
ISOTROPIC = 1e-3  # damping by 1, in traces of the Hessian
RIDGE, TINY = 1e-13, 1e-300
EXPONENTS = (1e-3, 10.0)
NUMBERS_AT_ONCE = 2**23  # of one array, in a batch of fits


class Box(NamedTuple):
    """Where θ may be [p]."""

    low: np.ndarray
    high: np.ndarray


def huber(r: Float[Array, "*n"], delta: Float[Array, ""]) -> Float[Array, "*n"]:
    """ρ(r)/δ: r²/(2δ) up to δ, |r| - δ/2 beyond."""
    near = jnp.minimum(jnp.abs(r), delta)
    return near * (jnp.abs(r) - near / 2) / delta


def box_of(log_y: Float[np.ndarray, " n"], k: int, *, floor: bool = True) -> Box:
    """No term is above the largest loss; exponents from 1e-3 to 10."""
    top, (least, most) = float(log_y.max()), np.log(EXPONENTS)
    low = np.array([top - 30.0] * k + [least] * k + [NO_FLOOR])
    return Box(low, np.array([top] * k + [most] * k + [top if floor else NO_FLOOR]))


def starts_of(log_y: Float[np.ndarray, " n"], k: int, *, floor: bool = True) -> Float[np.ndarray, "starts p"]:
    """All of α = 0.1, 0.3, 0.8 and E = 0.1, 0.5, 0.9 of the smallest loss; equal terms, to the median loss."""
    made = []
    for part in (0.1, 0.5, 0.9) if floor else (0.0,):
        E = part * np.exp(log_y.min())
        term = np.log((np.exp(np.median(log_y)) - E) / k)
        for alpha in np.stack(np.meshgrid(*[[0.1, 0.3, 0.8]] * k), axis=-1).reshape(-1, k):
            made.append([*[term] * k, *np.log(alpha), np.log(E) if floor else NO_FLOOR])
    return np.array(made)


def newton(
    theta: Float[Array, " p"], weight: Float[Array, " n"], t: Float[Array, "n k"], log_y: Float[Array, " n"],
    low: Float[Array, " p"], high: Float[Array, " p"], deltas: Float[Array, " steps"],
) -> tuple[Float[Array, " p"], Float[Array, ""]]:  # fmt: skip
    """The minimum from one start, and the loss there."""

    def value(theta, delta):
        y, jacobian = log_loss(theta, t)
        return jnp.sum(weight * huber(y - log_y, delta)), y - log_y, jacobian

    def step(carry, delta):
        theta, damping = carry
        before, r, J = value(theta, delta)
        gradient = J.T @ (weight * jnp.clip(r / delta, -1.0, 1.0))
        curvature = jnp.where(jnp.abs(r) <= delta, 1 / delta, 0.0)
        curvature += jnp.minimum(damping, 1.0) / jnp.maximum(jnp.abs(r), delta)
        hessian = J.T @ ((weight * curvature)[:, None] * J)
        hessian += (ISOTROPIC * damping + RIDGE) * jnp.trace(hessian) * jnp.eye(len(theta))
        move = -jnp.linalg.solve(hessian, gradient)
        move *= jnp.minimum(1.0, LARGEST_STEP / jnp.maximum(jnp.max(jnp.abs(move)), TINY))
        tried = jnp.clip(theta + move, low, high)
        better = value(tried, delta)[0] <= before
        damping = jnp.clip(jnp.where(better, damping / 4, damping * 4), 1e-9, 1e4)
        return (jnp.where(better, tried, theta), damping), None

    (theta, _), _ = jax.lax.scan(step, (theta, jnp.ones_like(log_y[0])), deltas)
    return theta, value(theta, deltas[-1])[0]


def fit_laws(
    starts: Float[np.ndarray, "m p"], weights: Float[np.ndarray, "m n"], top: Float[np.ndarray, "m p"],
    t: Float[np.ndarray, "n k"], log_y: Float[np.ndarray, " n"], delta: float, *, near: bool = False,
) -> tuple[Float[np.ndarray, "m p"], Float[np.ndarray, " m"]]:  # fmt: skip
    """A fit for each start with its weights and upper ends of θ, all in one compiled program; θ and loss of each.

    near: the starts are laws of nearly the same rows, from which δ may begin at ten times its last value.
    """
    stages = np.geomspace(max(10 * delta if near else WIDEST, delta), delta, 2 if near else STAGES)
    steps, last = (NEAR_STEPS, NEAR_LAST) if near else (STEPS, LAST)
    deltas = np.concatenate([np.repeat(stages[:-1], steps), np.full(last, delta)])
    low = box_of(log_y, t.shape[1]).low
    batch = max(1, min(len(starts), NUMBERS_AT_ONCE // t.size))
    theta, loss = every_fit(*(jnp.asarray(a) for a in (starts, weights, top, t, log_y, low, deltas)), batch=batch)
    return np.asarray(theta), np.asarray(loss)


@partial(jax.jit, static_argnames="batch")
def every_fit(starts, weights, top, t, log_y, low, deltas, *, batch: int):
    """`newton` for all, `batch` of them at once."""
    one = lambda given: newton(given[0], given[1], t, log_y, low, given[2], deltas)  # noqa: E731
    return jax.lax.map(one, (starts, weights, top), batch_size=batch)
