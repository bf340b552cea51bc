# SPDX-License-Identifier: Apache-2.0
"""Thermodynamic integration, ln Z(b) - ln Z(a) = ∫_a^b <∂ ln w/∂λ>_λ dλ, at Gauss-Legendre nodes.

Over temperature, ∂ ln w/∂beta = -E.  Ref: Kirkwood 1935, doi:10.1063/1.1749657.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.result import Estimate
from isinglass.sampling.chain.sampler import AbstractEnsemble
from isinglass.sampling.ensemble.diagnosis import Diagnosis, diagnose
from isinglass.sampling.ensemble.driver import SamplingPlan, draw
from isinglass.sampling.ensemble.start import Start, starts
from isinglass.sampling.weight.importance import wide
from isinglass.systems.system import AbstractSystem, at_temperatures

__all__ = ["Integral", "gauss_legendre", "integrate", "integrate_coupling", "integrate_temperature"]


class Integral(NamedTuple):
    """∫_a^b f dλ with its statistical and quadrature errors, and the integrand."""

    value: Estimate  # error: √(statistical² + quadrature²)
    statistical: float
    quadrature: float
    nodes: Float[np.ndarray, " n"]
    integrand: Float[np.ndarray, "n R"]  # mean of each chain at each node


def gauss_legendre(a: float, b: float, n: int) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Nodes and weights on [a, b].  Law: exact for polynomials of degree 2n - 1."""
    x, w = np.polynomial.legendre.leggauss(n)
    return (a + b) / 2 + (b - a) / 2 * x, (b - a) / 2 * w


def integrate(chain_means: Float[np.ndarray, "n R"], a: float, b: float) -> Integral:
    """∫ f from R independent estimates of f at each of the n nodes.

    Statistical error: scatter of the whole integral between chains.  Quadrature: see `quadrature_error`.
    """
    chain_means = np.asarray(chain_means, float)
    n, R = chain_means.shape
    nodes, weights = gauss_legendre(a, b, n)
    integrals = weights @ chain_means
    statistical = float(integrals.std(ddof=1) / R**0.5) if R > 1 else float("inf")
    quadrature = quadrature_error(chain_means, a, b)
    value = Estimate(float(integrals.mean()), float(np.hypot(statistical, quadrature)))
    return Integral(value, statistical, quadrature, nodes, chain_means)


def quadrature_error(f: Float[np.ndarray, "n R"], a: float, b: float) -> float:
    """|b - a| c_max (c_last / c_max)^(3/2) from the Legendre coefficients of the interpolating polynomial.

    Coefficients of a smooth function fall geometrically; interpolation errs by about the last, and Gauss's rule, whose
    degree is twice as high, by its square; the power 3/2 is conservative for less smooth functions.  Two standard
    errors over the R chains are subtracted from the last coefficients, so that noise does not count.
    """
    n, R = f.shape
    x, w = np.polynomial.legendre.leggauss(n)
    each = np.polynomial.legendre.legvander(x, n - 1).T @ (w[:, None] * f) * (np.arange(n) + 0.5)[:, None]
    c = np.abs(each.mean(axis=1))
    noise = 2 * each.std(axis=1, ddof=1) / R**0.5 if R > 1 else np.zeros(n)
    largest, last = float(c.max()), float(np.maximum(c - noise, 0)[-2:].max())
    return 0.0 if largest == 0 else abs(b - a) * largest * (last / largest) ** 1.5


def integrate_temperature(
    key: Key[Array, ""],
    ensemble: AbstractEnsemble,
    system: AbstractSystem,
    beta: tuple[float, float],
    *,
    nodes: int = 12,
    plan: SamplingPlan,
    start: Start = "random",
    **options: Any,
) -> tuple[Integral, Diagnosis]:
    """ln Z(beta_b) - ln Z(beta_a) = -∫ <E> dbeta, all nodes sampled together; beta >= 0.  options: of `draw`.

    With the agreement of the chains on the integrand at every node: without it the integral may be wrong.
    """
    at, _ = gauss_legendre(*beta, nodes)
    order = np.argsort(1 / at)  # temperatures must ascend
    batch = at_temperatures(system, 1 / at[order])
    x = starts(jax.random.fold_in(key, 0), system, nodes, plan.chains, start)
    draws = draw(jax.random.fold_in(key, 1), ensemble, batch, x, plan, **options)
    return integral_of_chains(-draws.energy[np.argsort(order)], beta, plan)


def integrate_coupling(
    key: Key[Array, ""],
    ensemble: AbstractEnsemble,
    path: Callable[[Array], AbstractSystem],
    ends: tuple[float, float],
    *,
    nodes: int = 8,
    plan: SamplingPlan,
    start: Start = "random",
) -> tuple[Integral, Diagnosis]:
    """ln Z(b) - ln Z(a) along `path` for any coupling λ; ∂ ln w/∂λ by automatic differentiation at the samples.

    With the agreement of the chains on the integrand at every node: without it the integral may be wrong.
    """
    series = []
    for i, at in enumerate(gauss_legendre(*ends, nodes)[0]):
        node, coupling = jax.random.fold_in(key, i), jnp.asarray(at)
        system = path(coupling)
        x = jitted_starts(jax.random.fold_in(node, 0), system, 1, plan.chains, start)
        batch = at_temperatures(system, 1 / np.atleast_1d(np.asarray(system.beta, float)))
        kept = draw(jax.random.fold_in(node, 1), ensemble, batch, x, plan).x[0]
        series.append(np.asarray(slopes(path, coupling, jnp.asarray(kept))))
    return integral_of_chains(np.array(series), ends, plan)


def integral_of_chains(
    series: Float[np.ndarray, "n R M"], ends: tuple[float, float], plan: SamplingPlan
) -> tuple[Integral, Diagnosis]:
    """The integral over the means of R chains at n nodes, and whether these agree."""
    return integrate(series.mean(axis=2), *ends), diagnose(series[None], plan.samples, ("the integrand",))


jitted_starts = eqx.filter_jit(starts)  # for many systems that differ in parameter values alone


@eqx.filter_jit
def slopes(path: Callable, coupling: Float[Array, ""], x: Array) -> Float[Array, "R M"]:
    """∂ ln w/∂λ at every configuration, [R, M]."""
    slope = jax.grad(lambda coupling, x: path(coupling).log_weight(x))
    return jax.vmap(jax.vmap(lambda x: slope(coupling, wide(x))))(x)
