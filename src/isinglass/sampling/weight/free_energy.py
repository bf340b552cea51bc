# SPDX-License-Identifier: Apache-2.0
"""Free-energy differences beta ΔF = -ln(Z_B / Z_A) from samples of both ends, or of one.

Work is reduced: W = beta_B E_B - beta_A E_A = ln w_A - ln w_B at a sample of A; with a map M, which may be a flow,
Φ = W(x → M(x)) - ln |det ∂M/∂x|.  Arrays are [groups, ...]: groups (chains) are independent of each other.
Refs: Zwanzig 1954, doi:10.1063/1.1740409; Jarzynski 2002, doi:10.1103/PhysRevE.65.046122 (targeted);
Bennett 1976, doi:10.1016/0021-9991(76)90078-4.
"""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from isinglass.result import Estimate
from isinglass.sampling.weight.importance import log_target
from isinglass.stats.weights import log_mean_weight, standard_error
from isinglass.systems.system import AbstractSystem

__all__ = ["bennett", "identity", "targeted_work", "zwanzig"]

HALVINGS = 80


def identity(x: Shaped[Array, "*site"]) -> tuple[Shaped[Array, "*site"], Float[Array, ""]]:
    """The identity map of untargeted perturbation: M(x) = x, ln |det| = 0."""
    return x, jnp.zeros(())


@eqx.filter_jit
def targeted_work(
    x: Shaped[Array, "groups *draws_and_site"],
    start: AbstractSystem,
    end: AbstractSystem,
    transport: Callable = identity,
    chunk: int = 4096,
) -> Float[Array, "groups *draws"]:
    """Φ(x) = ln w_A(x) - ln w_B(M(x)) - ln |det ∂M/∂x| at samples x of A; `transport` maps x to (M(x), ln |det|).

    Law: <exp(-Φ)>_A = Z_B/Z_A for every invertible M; constant where M maps p_A to p_B.
    """
    site = len(start.shape)
    leading = x.shape[: x.ndim - site]

    def work(x):
        y, log_det = transport(x)
        return log_target(start, x) - log_target(end, y) - log_det.astype(float)

    flat = x.reshape(-1, *start.shape)
    return jax.lax.map(work, flat, batch_size=min(chunk, flat.shape[0])).reshape(leading)


def zwanzig(work: Float[Array, "groups *draws"]) -> Estimate:
    """Reduced ΔF = -ln <exp(-W)>_A.  Law: at most <W>_A; large variance where A and B overlap little."""
    value, error = jax.jit(log_mean_weight)(-jnp.asarray(work))
    return Estimate(-float(value), float(error))


def bennett(forward: Float[Array, "groups *draws"], reverse: Float[Array, "groups_b *draws_b"]) -> Estimate:
    """Reduced ΔF at which Σ_A f(ln(n_A/n_B) + W_A - ΔF) = Σ_B f(-ln(n_A/n_B) + W_B + ΔF), f(x) = 1/(1 + e^x).

    `forward` is the work A → B at samples of A, `reverse` the work B → A at samples of B.
    Law: minimal variance among estimators from both ends; exchanging forward and reverse changes the sign.  W = +inf
    marks a sample of weight zero at the other end.
    """
    value, error = jax.jit(acceptance_ratio)(jnp.asarray(forward), jnp.asarray(reverse))
    return Estimate(float(value), float(error))


def acceptance_ratio(
    forward: Float[Array, "groups *draws"], reverse: Float[Array, "groups_b *draws_b"]
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """The root by bisection, and its error from the scatter between groups: δΔF = δ(sum of both sides) / slope."""
    M = jnp.log(forward.size / reverse.size)

    def sides(difference):
        return jax.nn.sigmoid(difference - M - forward), jax.nn.sigmoid(M - reverse - difference)

    def halve(_, bracket):
        low, high = bracket
        middle = (low + high) / 2
        left, right = sides(middle)
        too_low = left.sum() < right.sum()
        return jnp.where(too_low, middle, low), jnp.where(too_low, high, middle)

    reach = jnp.abs(M) + 1 + jnp.maximum(largest(forward), largest(reverse))
    low, high = jax.lax.fori_loop(0, HALVINGS, halve, (-reach, reach))
    value = (low + high) / 2
    left, right = sides(value)
    slope = jnp.sum(left * (1 - left)) + jnp.sum(right * (1 - right))
    error = jnp.hypot(left.size * standard_error(left), right.size * standard_error(right)) / slope
    return value, error


def largest(work: Float[Array, "*n"]) -> Float[Array, ""]:
    """max |W| over the finite entries."""
    return jnp.max(jnp.where(jnp.isfinite(work), jnp.abs(work), 0.0))
