# SPDX-License-Identifier: Apache-2.0
"""Can a learned sampler be trusted?  Traps of importance weights and of reverse KL, each as one sentence.

ln w = -beta E(x) - ln q(x), of draws of q unless said otherwise.
"""

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Shaped

from isinglass.checks.symmetry import violation
from isinglass.result import Check, Estimate
from isinglass.stats.pareto import LARGEST_K, pareto_k, tail_size
from isinglass.stats.weights import ess_fraction, forward_ess_fraction

__all__ = [
    "accepted_share",
    "both_states",
    "density_of_data",
    "inside_support",
    "light_weights",
    "log_z_agrees",
    "modes_kept",
    "normalized_by_enumeration",
    "normalized_by_quadrature",
    "overlap",
    "symmetric_density",
    "target_finite",
]

NO_MEAN = 1.0
FEW = 3  # draws of the target in what is lost
Z_1E4 = 3.719  # one-sided normal quantile of 1 - 1e-4


def light_weights(log_weight: Float[np.ndarray, " n"]) -> Check:
    """Pareto-k <= 0.7, above which neither averages nor their errors can be believed (arXiv:1507.02646).

    k of n draws has standard error (1 + k)/√M, M = 3 √n: 0.12 for 4000.  Above 0.7 by less than four of them it is
    `unknown`, but from 1 on, where there is no mean, `fail`.  False alarm below 1e-4 for k <= 0.5 at 4000; resolution:
    k >= 1.7.  Draws of zero weight count.
    """
    law = "importance weights can be averaged (Pareto-k of their tail at most 0.7)"
    if len(log_weight) < 25 or np.isnan(log_weight).any():
        return Check(
            f"{law}; too few or not finite", None, LARGEST_K, 0.0, "unknown", source="arXiv:1507.02646", relation="<="
        )
    k = float(jax.jit(pareto_k)(jnp.asarray(log_weight)))
    if k > LARGEST_K:
        law += ": heavy; a few samples carry the average: train longer or use more samples"
    k = max(k, -1.0)
    error = (1 + k) / tail_size(len(log_weight)) ** 0.5
    found = Check.at_most(law, k, LARGEST_K, error=error, source="arXiv:1507.02646")
    return found if k >= NO_MEAN else found.resolved()


def modes_kept(log_weight: Float[np.ndarray, " n"], of_target: Float[np.ndarray, "groups *draws"]) -> Check:
    """Forward ESS at least half the reverse one: samples of p find no region that q has lost.

    `of_target` is ln w at draws of the target, a few chains of Monte Carlo each in its modes; reverse ESS alone is
    blind to what q never visits.  `unknown` where the error of the forward ESS exceeds a quarter of the reverse, or
    where one or two draws of p alone lie in what is lost.
    False alarm 1e-4 for normal errors.  Resolution: a mode whose share of p is above 3/(number of draws of p).
    Ref: Nicoli et al. 2023, arXiv:2302.14082.
    """
    law = "no mode is lost: ESS fraction from samples of the target, against half of that from its own samples"
    source = "forward ESS, arXiv:2302.14082"
    if np.isnan(log_weight).any() or np.isnan(of_target).any():
        return Check(f"{law} (weights that are not finite)", None, None, 0.0, "unknown", source=source, relation=">=")
    reverse = float(jax.jit(ess_fraction)(jnp.asarray(log_weight))[0])
    forward, error = (float(v) for v in jax.jit(forward_ess_fraction)(jnp.asarray(of_target)))
    if forward + Z_1E4 * error < reverse / 2:
        capped = np.minimum(of_target, np.sort(of_target, axis=None)[-min(FEW, of_target.size)])
        without, its_error = (float(v) for v in jax.jit(forward_ess_fraction)(jnp.asarray(capped)))
        if without + Z_1E4 * its_error >= reverse / 2 and np.isfinite(of_target.max()):
            law += f": it rests on fewer than {FEW} samples of the target; more of them decide"
            return Check(law, forward, reverse / 2, Z_1E4 * error, "unknown", error, source, relation=">=")
        law += f": the density looks {reverse:.0%} effective by its own samples and has lost part of the target"
        return Check(law, forward, reverse / 2, Z_1E4 * error, "fail", error, source, relation=">=")
    if error > reverse / 4:
        return Check(
            f"{law} (too few samples of the target)", forward, reverse / 2, 0.0, "unknown", error, source, relation=">="
        )
    return Check.at_least(law, forward, reverse / 2, tolerance=Z_1E4 * error, error=error, source=source)


def both_states(first: Float[np.ndarray, " n"], log_weight: Float[np.ndarray, " n"], *, least: float = 50.0) -> Check:
    """At least 50 effective draws, (Σ w)² / Σ w², in each of two states: fewer do not determine its weight.

    Resolution: a difference of free energies with an error of 0.2 kT and more.
    """
    law = "effective samples in the state that has fewer"
    if np.isnan(log_weight).any() or not np.isfinite(log_weight).any():
        return Check(f"{law} (weights that are not finite)", None, least, 0.0, "unknown")
    w = np.exp(log_weight - log_weight.max())
    sizes = [float((w * f).sum() ** 2 / max((w * w * f).sum(), np.finfo(float).tiny)) for f in (first, 1 - first)]
    return Check.at_least(law, min(sizes), least)


def target_finite(log_weight: Float[np.ndarray, "*n"]) -> Check:
    """No ln w is NaN or +inf: the energy is a number at every draw (+inf, no weight, is allowed: `inside_support`).

    Deterministic.  Resolution: a share of 7/n of such draws is detected with probability 0.999.
    """
    bad = np.isnan(log_weight) | (log_weight == np.inf)
    law = "the target is finite at every sample"
    if bad.any():
        first = int(np.argmax(bad.ravel()))
        law += f": {int(bad.sum())} of {bad.size} weights are not finite, the first at sample {first}; check the energy"
    return Check.at_most(law, float(bad.sum()), 0.0)


def inside_support(log_weight: Float[np.ndarray, "*n"], *, at_most: float = 0.0) -> Check:
    """Share of draws with weight zero (infinite energy): they are wasted, and exactness rests on the others.

    Deterministic on the draws given: one too many fails.
    """
    share = float(np.mean(log_weight == -np.inf))
    law = "samples stay inside the support of the target"
    if share > at_most:
        law += f": {share:.1%} have infinite energy; map the variables into their range"
    return Check.at_most(law, share, at_most)


def density_of_data(log_prob: Float[np.ndarray, "*n"]) -> Check:
    """ln q is finite at samples of the target: q > 0 wherever p > 0, without which no correction is exact.

    Deterministic on the draws given: no false alarm.  Resolution: a share of 7/n of the target's weight.
    """
    bad = ~np.isfinite(log_prob)
    law = "the density is positive at samples of the target"
    if bad.any():
        law += f": it is not at {int(bad.sum())} of {bad.size}; no sample can ever give them weight"
    return Check.at_most(law, float(bad.sum()), 0.0)


def accepted_share(accepted: Bool[np.ndarray, "R M"], at_least: float, *, of: str = "") -> Check:
    """Acceptance of independence Metropolis, with its error over chains.

    No tolerance: false alarm 1e-4 for a bound that lies 3.7 errors below the true acceptance, one half at it.
    """
    share = accepted.mean(axis=1)
    error = share.std(ddof=1) / len(share) ** 0.5 if len(share) > 1 else None
    return Check.at_least("acceptance rate", float(share.mean()), at_least, error=error, of=of)


def log_z_agrees(
    found: Estimate, expected: Estimate | float, *, source: str = "", largest_error: float = 0.1, of: str = ""
) -> Check:
    """|ln Z - expected| <= 4 joint standard errors, of at most `largest_error`.  False alarm 6e-5.

    Resolution: 7 errors; a lost mode with half of the weight lowers ln Z by ln 2.
    """
    other = expected if isinstance(expected, Estimate) else Estimate(expected, 0.0)
    error = math.hypot(found.error or math.inf, math.inf if other.error is None else other.error)
    if not error <= largest_error:
        law = f"ln Z agrees (standard error {error:.1g} is too large to tell: at most {largest_error:.1g})"
        return Check(law, found.value, other.value, None, "unknown", None, source, of)
    return Check.within("ln Z agrees", found.value, other.value, 4 * error, error=error, source=source, of=of)


def symmetric_density(log_prob: Callable, x: Shaped[np.ndarray, "n *site"], actions, *, name: str) -> Check:
    """ln q(g x) = ln q(x), within 1e-4 and 1e-5 |ln q|: the round-off of a float32 sum over many sites.

    Deterministic: no false alarm.  Resolution: any violation above it at the configurations given.
    """
    scale = float(jnp.max(jnp.abs(jax.vmap(log_prob)(jnp.asarray(x)))))
    measured = violation(log_prob, x, actions)
    return Check.at_most(f"density is invariant under {name}", measured, 0.0, tolerance=1e-4 + 1e-5 * scale)


def normalized_by_enumeration(
    log_prob: Callable, states: Shaped[np.ndarray, "n *site"], *, tolerance: float = 1e-4, chunk: int = 4096
) -> Check:
    """Σ_x q(x) = 1 over all states; 1e-4 is the round-off of float32 on 2^16 states.

    Deterministic.  Resolution: a factor of 1.0001.
    """
    log_q = jax.lax.map(log_prob, jnp.asarray(states), batch_size=min(chunk, len(states)))
    total = float(np.exp(np.asarray(log_q, float)).sum())
    return Check.within("density sums to one over all states", total, 1.0, tolerance)


def normalized_by_quadrature(
    log_prob: Callable, box: tuple[tuple[float, float], tuple[float, float]], *, nodes: int = 400, tolerance=1e-3
) -> Check:
    """∫∫ q = 1 in two dimensions, by the trapezoidal rule on a box with nothing outside.

    Resolution: a wrong Jacobian that moves the integral by the tolerance.  Features narrower than 3 cells escape it.
    """
    (x0, x1), (y0, y1) = box
    x, y = np.linspace(x0, x1, nodes), np.linspace(y0, y1, nodes)
    points = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2).astype(np.float32)
    log_q = jax.lax.map(log_prob, jnp.asarray(points), batch_size=4096)
    total = float(np.exp(np.asarray(log_q, float)).sum() * (x[1] - x[0]) * (y[1] - y[0]))
    return Check.within("density integrates to one", total, 1.0, tolerance, source=f"quadrature on {nodes} x {nodes}")


def overlap(matrix: Float[np.ndarray, "J J"], *, least: float = 0.03) -> Check:
    """Neighboring couplings of a ladder share draws: each off-diagonal overlap next to the diagonal at least 0.03.

    A rule of thumb, without false alarm: a ladder with less has errors that cannot be believed.

    Ref: Klimovich, Shirts and Mobley 2015, doi:10.1007/s10822-015-9840-9.
    """
    neighbors = np.minimum(np.diag(matrix, 1), np.diag(matrix, -1))
    worst = int(np.argmin(neighbors))
    law = "neighboring couplings overlap"
    if neighbors[worst] < least:
        law += f": not numbers {worst} and {worst + 1}; put one between"
    source = "doi:10.1007/s10822-015-9840-9"
    return Check.at_least(law, float(neighbors[worst]), least, source=source)
