# SPDX-License-Identifier: Apache-2.0
"""The fidelity of two neural states, F = |<a|b>|² / (<a|a><b|b>) = Re( <b/a>_a <a/b>_b ), and how quickly it falls."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.approximation.ensemble import AbstractEnsemble, log_amplitudes, sample
from isinglass.nets.quantum_state import AbstractQuantumState
from isinglass.result import Estimate

__all__ = ["fidelity", "fidelity_susceptibility", "log_ratio"]


def fidelity(
    key: Key[Array, ""], ensemble: AbstractEnsemble, a: AbstractQuantumState, b: AbstractQuantumState
) -> Estimate:
    """F from draws of both states.

    Error: that of a product, δF = Re(δA B + A δB), over pairs of chains.
    Law: 0 <= F <= 1; F(a, b) = F(b, a); 1 without error for states that differ by a factor.
    """
    value, error = overlap(key, ensemble, a, b)
    return Estimate(float(value), float(error))


@eqx.filter_jit
def overlap(key, ensemble, a, b) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """F and its standard error."""
    draws = [sample(jax.random.fold_in(key, k), ensemble, psi) for k, psi in enumerate((a, b))]
    log_b, log_a = (log_ratio(ensemble, of, under, d.n) for of, under, d in ((b, a, draws[0]), (a, b, draws[1])))
    scale = log_b.real.mean().astype(log_b.dtype)  # of the norms, which cancels
    b_over_a, a_over_b = jnp.exp(log_b - scale), jnp.exp(log_a + scale)
    A, B = (ensemble.average(r, d.weights)[0] for r, d in zip((b_over_a, a_over_b), draws, strict=True))
    change = (b_over_a * B + A * a_over_b).real
    return (A * B).real, ensemble.average(change, draws[0].weights)[1]


def log_ratio(
    ensemble: AbstractEnsemble, of: AbstractQuantumState, under: AbstractQuantumState, n: Int[Array, "R D N"]
) -> Shaped[Array, "R D"]:
    """Ln of(n)/under(n)."""
    numerator, denominator = (log_amplitudes(psi, ensemble.space, n) for psi in (of, under))
    dtype = jnp.result_type(numerator.dtype, denominator.dtype) if numerator.dtype == denominator.dtype else complex
    return numerator.astype(dtype) - denominator.astype(dtype)


def fidelity_susceptibility(fidelity: Estimate, distance: float) -> Estimate:
    """χ_F = -ln F / δ² from two couplings a distance δ apart; F = 1 - χ_F δ² + ..., bias O(δ²).

    Gu 2010, arXiv:0811.3127.
    """
    error = None if fidelity.error is None else fidelity.error / fidelity.value / distance**2
    return Estimate(-float(jnp.log(fidelity.value)) / distance**2, error)
