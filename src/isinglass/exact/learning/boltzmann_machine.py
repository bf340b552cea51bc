# SPDX-License-Identifier: Apache-2.0
"""Restricted Boltzmann machines by enumeration of the side with fewer units.

E(v, h) = -a·v - b·h - v·W h, each unit binary (0, 1), spin (±1) or gaussian (real, ½x² more).  Of a unit in a field f:
λ(f) = ln Σ_x exp(f x) is ln(1 + e^f), ln 2 cosh f, ½ f² + ½ ln 2π, so that
Z = Σ_v exp(a·v + Σ_j λ_j(b_j + Σ_i v_i W_ij)), or the same with the sides exchanged.
Ref: Hinton 2002, doi:10.1162/089976602760128018; Hinton 2012, doi:10.1007/978-3-642-35289-8_32.
"""

import math
from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

__all__ = ["MOST_UNITS", "UNITS", "hidden_log_weight", "log_partition", "mean_of_unit", "state_of", "unit_log_sum"]

MOST_UNITS = 24  # of the enumerated side: 2^24 states, seconds to minutes
CHUNK = 2**12
VALUES = {"binary": (0.0, 1.0), "spin": (-1.0, 1.0)}
UNITS = (*VALUES, "gaussian")


def unit_log_sum(kind: str, f: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """λ(f) = ln Σ_x exp(f x), over real x with exp(-½x²) more.  Law: λ' = `mean_of_unit`."""
    if kind == "binary":
        return jax.nn.softplus(f)
    if kind == "spin":
        return jnp.abs(f) + jnp.log1p(jnp.exp(-2 * jnp.abs(f)))
    return 0.5 * f * f + 0.5 * math.log(2 * math.pi)


def mean_of_unit(kind: str, f: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """<x> in a field: 1/(1 + e^-f), tanh f, f."""
    return {"binary": jax.nn.sigmoid, "spin": jnp.tanh, "gaussian": lambda f: f}[kind](f)


def state_of(kind: str, number: Int[Array, ""], units: int) -> Float[Array, " units"]:
    """The state of discrete units with this number 0 .. 2^units - 1, the first unit the highest digit."""
    low, high = VALUES[kind]
    digit = (number >> jnp.arange(units - 1, -1, -1, dtype=number.dtype)) & 1
    return low + (high - low) * digit.astype(float)


def hidden_log_weight(
    number: Int[Array, ""], W: Float[Array, "D M"], a: Float[Array, " D"], b: Float[Array, " M"], visible: str,
    hidden: str,
) -> Float[Array, ""]:  # fmt: skip
    """ln Σ_v exp(-E(v, h)) = b·h + Σ_i λ_i(a_i + Σ_j W_ij h_j) of the hidden state with this number."""
    h = state_of(hidden, number, len(b))
    return h @ b + unit_log_sum(visible, a + W @ h).sum()


@partial(jax.jit, static_argnames=("visible", "hidden"))
def log_partition(
    W: Float[Array, "D M"], a: Float[Array, " D"], b: Float[Array, " M"], visible: str = "binary",
    hidden: str = "binary",
) -> Float[Array, ""]:  # fmt: skip
    """ln Z, exact to rounding; of two discrete sides the smaller one is enumerated.

    Law: gradient by a, b, W the moments <v>, <h>, <v h>.  Cost: 2^m M for a side of m and one of M units; memory
    bounded.  Errors: ValueError for more than 24 units.
    """
    if hidden == "gaussian" or (visible != "gaussian" and len(a) < len(b)):
        return log_partition(W.T, b, a, hidden, visible)
    if len(b) > MOST_UNITS:
        raise ValueError(f"expected at most {MOST_UNITS} units on one side, found {len(b)}; use annealed importance.")
    n = 2 ** len(b)

    def add(total, first):
        number = first + jnp.arange(min(CHUNK, n))
        log_w = jax.vmap(lambda k: hidden_log_weight(k, W, a, b, visible, hidden))(number)
        return jnp.logaddexp(total, jax.nn.logsumexp(log_w)), None

    return jax.lax.scan(add, jnp.asarray(-jnp.inf, W.dtype), jnp.arange(0, n, CHUNK))[0]
