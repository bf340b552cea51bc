# SPDX-License-Identifier: Apache-2.0
"""The fidelity of two neural states, F = |<a|b>|² / (<a|a><b|b>), and how quickly it falls with a coupling."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.approximation.variational.ensemble import AbstractBornAverage, ChainAverage, log_amplitudes, sample
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
from isinglass.result import Estimate
from isinglass.stats.resampling import jackknife

__all__ = ["fidelity", "fidelity_of_neighbors", "fidelity_susceptibility", "log_ratio"]

BLOCKS = 64  # of the jackknife


def fidelity(
    key: Key[Array, ""], ensemble: AbstractBornAverage, a: AbstractQuantumState, b: AbstractQuantumState
) -> Estimate:
    """F = Re( <b/a>_a <a/b>_b ) from samples of both states.

    Error: that of a product, δF = Re(δA B + A δB), over pairs of chains.
    Law: 0 <= F <= 1; F(a, b) = F(b, a); 1 without error for states that differ by a factor.
    """
    value, error = overlap(key, ensemble, a, b)
    return Estimate(float(value), float(error))


@eqx.filter_jit
def overlap(key, ensemble, a, b) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """F and its standard error."""
    draws = [sample(jax.random.fold_in(key, k), ensemble, psi)[0] for k, psi in enumerate((a, b))]
    log_b, log_a = (log_ratio(ensemble, of, under, d.n) for of, under, d in ((b, a, draws[0]), (a, b, draws[1])))
    scale = log_b.real.mean().astype(log_b.dtype)  # of the norms, which cancels
    b_over_a, a_over_b = jnp.exp(log_b - scale), jnp.exp(log_a + scale)
    A, B = (ensemble.average(r, d.weights)[0] for r, d in zip((b_over_a, a_over_b), draws, strict=True))
    change = (b_over_a * B + A * a_over_b).real
    return (A * B).real, ensemble.average(change, draws[0].weights)[1]


def fidelity_of_neighbors(
    key: Key[Array, ""], ensemble: ChainAverage, a: AbstractQuantumState, b: AbstractQuantumState
) -> Estimate:
    """F = |<b/a>_a|² / <|b/a|²>_a from samples of a alone; b must not be large where a is small.

    Error: jackknife over chains.  Law: its error is O(1 - F), that of `fidelity` is O(√(1 - F)).
    """
    value, error = neighbors(key, ensemble, a, b)
    return Estimate(float(value), float(error))


@eqx.filter_jit
def neighbors(key, ensemble, a, b) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """F and its standard error."""
    log_b = log_ratio(ensemble, b, a, sample(key, ensemble, a)[0].n).astype(complex)
    r = jnp.exp(log_b - log_b.real.mean().astype(complex))
    moments = jnp.stack([r.real, r.imag, jnp.abs(r) ** 2]).mean(axis=2).T  # of each chain
    F = lambda moments: (m := moments.mean(axis=0), (m[0] ** 2 + m[1] ** 2) / m[2])[1]  # noqa: E731
    return jackknife(F, moments, min(BLOCKS, len(moments)))


def log_ratio(
    ensemble: AbstractBornAverage, of: AbstractQuantumState, under: AbstractQuantumState, n: Int[Array, "R D N"]
) -> Shaped[Array, "R D"]:
    """ln (of(n) / under(n)), up to the ratio of the norms."""
    numerator, denominator = (log_amplitudes(psi, ensemble.space, n) for psi in (of, under))
    dtype = jnp.result_type(numerator.dtype, denominator.dtype) if numerator.dtype == denominator.dtype else complex
    return numerator.astype(dtype) - denominator.astype(dtype)


def fidelity_susceptibility(fidelity: Estimate, distance: float) -> Estimate:
    """χ_F = -ln F / δ² of the states of two couplings a distance δ apart; F = 1 - χ_F δ² + ..., bias O(δ²).

    Gu 2010, arXiv:0811.3127.
    """
    error = None if fidelity.error is None else fidelity.error / fidelity.value / distance**2
    return Estimate(-math.log(fidelity.value) / distance**2, error)
