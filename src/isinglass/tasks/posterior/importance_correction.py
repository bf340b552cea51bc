# SPDX-License-Identifier: Apache-2.0
"""Samples of a learned posterior weighed by a likelihood that is known: w = p(x given θ) p(θ)/q(θ given x).

Dax et al. 2023, doi:10.1103/PhysRevLett.130.171403.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass import sampling
from isinglass.result import Check, Estimate
from isinglass.tasks.posterior.estimator import AtObservation

if TYPE_CHECKING:
    from isinglass.systems.simulator.prior import Prior

__all__ = ["corrected"]

FEWEST = 200  # samples that the weighted ones are worth
LARGEST = 0.1  # share of all weight in one sample


def corrected(
    key: Any, model: Any, prior: "Prior", log_likelihood: Callable, x: np.ndarray, found: AtObservation
) -> AtObservation:
    """Samples drawn anew by their weights; ln Z = ln <w>, and the share of samples that they are worth.

    `unknown` where few samples carry the weight.  Law: <w f>_q = Z <f>_p, wherever q > 0.  A mode that q lacks stays
    lost.
    """
    import equinox as eqx
    import jax
    import jax.numpy as jnp

    of = sampling.weight.importance
    share = found.estimates.get("acceptance", Estimate(1.0)).value  # q was cut to where the prior is not zero

    @eqx.filter_jit
    def weigh(model, theta):
        one = lambda t: (log_likelihood(t) + prior.log_prob(t), model.given(jnp.asarray(x)).log_prob(t))  # noqa: E731
        return jax.vmap(one)(theta)

    with jax.debug_nans(False), jax.debug_infs(False):  # noqa: FBT003  ln 0 is meant
        log_p, log_q = (np.asarray(a, float) for a in weigh(model, jnp.asarray(found.theta)))
    log_w = np.where(np.isfinite(log_p), log_p - log_q + np.log(share), -np.inf)
    if not np.isfinite(log_w).any():
        return found._replace(checks=[*found.checks, Check("samples that the likelihood allows", 0.0, 1.0, 0.0, "fail",
                                                           relation=">=")])  # fmt: skip
    weighted = of.Weighted(found.theta, log_w, log_q)
    efficiency, log_z = of.ess_fraction(weighted), of.log_partition_function(weighted)
    worth, w = efficiency.value * len(log_w), np.exp(log_w - log_w.max())
    law = "samples that the posterior's are worth beside the likelihood"
    enough = worth >= FEWEST and w.max() / w.sum() <= LARGEST
    check = Check(law if enough else f"{law} (few carry the weight)", worth, float(FEWEST), 0.0,
                  "pass" if enough else "unknown", relation=">=")  # fmt: skip
    told = {"importance_efficiency": efficiency, "log_evidence": Estimate(log_z.value, log_z.error, "nat")}
    rows = of.resample(key, weighted, len(found.theta))
    return AtObservation(found.theta[rows], found.estimates | told, [*found.checks, check])
