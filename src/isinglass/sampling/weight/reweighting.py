# SPDX-License-Identifier: Apache-2.0
"""Multistage reweighting: samples at J couplings are one sample of the mixture Σ_j w_j / (J Z_j), reweighted to any.

The self-consistent Z_j, Z_j = Σ_n w_j(x_n) / Σ_k (N/J) w_k(x_n)/Z_k, maximize the likelihood: MBAR, the
multistate Bennett acceptance ratio.  One coupling is the single-histogram method of Ferrenberg and Swendsen.
Refs: Shirts and Chodera 2008, doi:10.1063/1.2978177; Ferrenberg and Swendsen 1988, doi:10.1103/PhysRevLett.61.2635;
overlap: Klimovich, Shirts and Mobley 2015, doi:10.1007/s10822-015-9840-9.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.scipy.special import logsumexp
from jaxtyping import Array, Float, Key

from isinglass.result import Estimate
from isinglass.stats.resampling import bootstrap_error
from isinglass.stats.weights import ess_fraction

__all__ = ["Pooled", "average_at", "log_weights_at", "pool", "pooled_free_energies", "share_at"]

STEPS, TOLERANCE = 200, 1e-11


class Pooled(NamedTuple):
    """Samples at J couplings, R chains each, as one sample of their mixture."""

    log_z: Float[Array, " J"]  # ln Z_j / Z_0
    log_mixture: Float[Array, "J R M"]  # ln Σ_k (1/J) w_k(x) / (Z_k / Z_0) at every sample
    overlap: Float[Array, "J J"]  # O_jk = <p(k | x)>_j, the overlap matrix; rows sum to 1


def log_weights_at(beta: Float[Array, " K"], energy: Float[Array, "J R M"]) -> Float[Array, "K J R M"]:
    """ln w_k(x) = -beta_k E(x), for a ladder of temperatures."""
    return -beta[:, None, None, None] * energy[None]


@jax.jit
def pool(log_weight: Float[Array, "J J R M"]) -> Pooled:
    """Solve for the J - 1 ratios of partition functions; log_weight[k, j] is ln w_k at the samples of j.

    Newton's method on the convex κ(b) = <ln Σ_k exp(b_k + ln w_k)> - Σ b_k / J, b = -ln J Z; where a Newton step does
    not reduce the gradient, a self-consistent iteration is taken.  Law: ln w_k + c_k shifts ln Z_k by c_k.
    """
    J = log_weight.shape[0]
    flat = log_weight.reshape(J, -1)

    def shares(b):
        """p(k | x), the probability that x was sampled at k."""
        return jax.nn.softmax(b[:, None] + flat, axis=0)

    def gradient(b):
        return shares(b).mean(axis=1) - 1 / J

    def step(state):
        i, b, slope = state
        p = shares(b)
        hessian = jnp.diag(p.mean(axis=1)) - p @ p.T / p.shape[1]
        regular = hessian[1:, 1:] + 1e-13 * jnp.eye(J - 1)
        newton = b.at[1:].add(-jnp.linalg.solve(regular, slope[1:]))
        plain = b - jnp.log(p.mean(axis=1) * J)
        choices = jnp.stack([newton, plain - plain[0]])
        slopes = jax.vmap(gradient)(choices)
        size = jnp.max(jnp.abs(slopes), axis=1)
        best = jnp.where(size[0] < jnp.max(jnp.abs(slope)), 0, 1)
        return i + 1, choices[best], slopes[best]

    def unfinished(state):
        i, _, slope = state
        return (i < STEPS) & (jnp.max(jnp.abs(slope)) > TOLERANCE)

    start = -neighbor_ratios(log_weight)
    _, b, _ = jax.lax.while_loop(unfinished, step, (0, start, gradient(start)))
    p = shares(b)
    log_mixture = logsumexp(b[:, None] + flat, axis=0) - jnp.log(J)
    overlap = J * (p @ p.T) / p.shape[1]
    return Pooled(-b, log_mixture.reshape(log_weight.shape[1:]), overlap)


def neighbor_ratios(log_weight: Float[Array, "J J R M"]) -> Float[Array, " J"]:
    """Initial ln Z_k: ln Z_(k+1)/Z_k by first-order perturbation, averaged over both directions."""
    J = log_weight.shape[0]
    k = jnp.arange(J - 1)
    change = log_weight[1:] - log_weight[:-1]  # [pair, j, R, M]
    ends = (change[k, k].mean(axis=(1, 2)) + change[k, k + 1].mean(axis=(1, 2))) / 2
    return jnp.concatenate([jnp.zeros(1), jnp.cumsum(ends)])


def log_z_at(target: Float[Array, "J R M"], pooled: Pooled) -> Float[Array, ""]:
    """ln Z_t / Z_0 = ln <w_t / mixture>."""
    return logsumexp(target - pooled.log_mixture) - jnp.log(target.size)


def share_at(target: Float[Array, "J R M"], pooled: Pooled) -> Estimate:
    """ESS/n of the pooled samples for ln w_t, which shows how far reweighting reaches."""
    log_weight = jnp.moveaxis(target - pooled.log_mixture, 1, 0)
    value, error = jax.jit(ess_fraction)(log_weight)
    return Estimate(float(value), float(error))


def pooled_free_energies(
    key: Key[Array, ""], log_weight: Float[Array, "J J R M"], *, resamples: int = 100
) -> tuple[Float[Array, " J"], Float[Array, " J"]]:
    """ln Z_j / Z_0 and their errors, by bootstrap over the R chains.

    Chain r is resampled at all couplings together, so that exchanges between couplings are allowed.
    """
    groups = jnp.moveaxis(jnp.asarray(log_weight), 2, 0)
    statistic = lambda chains: pool(jnp.moveaxis(chains, 0, 2)).log_z  # noqa: E731
    return jax.jit(lambda key, groups: bootstrap_error(key, statistic, groups, resamples))(key, groups)


def average_at(
    key: Key[Array, ""],
    values: Float[Array, "J R M"],
    target: Float[Array, "J R M"],
    log_weight: Float[Array, "J J R M"],
    *,
    resamples: int = 100,
) -> tuple[Estimate, Estimate]:
    """<f>_t and ln Z_t / Z_0 at a coupling t that need not be among the J; errors by bootstrap over chains."""
    together = jnp.concatenate([jnp.asarray(log_weight), jnp.stack([target, values])])

    def statistic(chains):
        *weights, target, values = jnp.moveaxis(chains, 0, 2)
        pooled = pool(jnp.stack(weights))
        share = jax.nn.softmax((target - pooled.log_mixture).ravel())
        return jnp.stack([jnp.sum(share * values.ravel()), log_z_at(target, pooled)])

    run = jax.jit(lambda key, groups: bootstrap_error(key, statistic, groups, resamples))
    value, error = run(key, jnp.moveaxis(together, 2, 0))
    mean, log_z = (Estimate(float(v), float(e)) for v, e in zip(value, error, strict=True))
    return mean, log_z
