# SPDX-License-Identifier: Apache-2.0
"""Is a posterior right at the observation?  Ranks of true parameters in pairs whose posteriors look like this one.

Calibration that holds on the average over the prior may hide errors that cancel or are far away: Linhart, Gramfort and
Rodrigues 2023, arXiv:2306.03580.  Their classifier of (θ, x) needs 100 others, trained where nothing is wrong, for a
p-value of 0.01; of 1000 pairs, the nearest fifth wrong (width 0.7, or bias 0.5), a network had p < 0.05 in 2 of 20
tries, and ranks p < 0.01 in 119 of 120.
"""

import numpy as np
from jaxtyping import Bool, Float, Int

from isinglass.checks.posterior import FEWEST, of_worst, pit_values, uniform_p_value
from isinglass.result import Check

__all__ = ["WANTED", "nearest_pairs", "principal_axes", "ranks_near"]

SHARE = 5  # a fifth of the pairs is near
WANTED = 300  # pairs, of which a hundred are nearer than the others


def looks(drawn: Float[np.ndarray, "n L d"]) -> Float[np.ndarray, "n 2*d"]:
    """What a posterior says: mean and ln of the deviation, of every parameter."""
    return np.concatenate([drawn.mean(axis=1), np.log(drawn.std(axis=1) + 1e-300)], axis=1)


def nearest_pairs(pooled: Float[np.ndarray, "n L d"], theta: Float[np.ndarray, "K d"]) -> Bool[np.ndarray, " n"]:
    """The fifth of the pairs, and 100 at least, whose posteriors look most like that of the samples θ.

    In units of the deviations among pairs; what varies by less than its error of sampling has no say.
    """
    of, here = looks(pooled), looks(theta[None])[0]
    deviation, (n, L, d) = of.std(axis=0), pooled.shape
    noise = np.concatenate([pooled.std(axis=1).mean(axis=0) / L**0.5, np.full(d, (2 * L) ** -0.5)])
    told = deviation > 2 * noise
    distance = np.linalg.norm((of - here)[:, told] / deviation[told], axis=1)
    near = np.zeros(n, bool)
    near[np.argsort(distance, kind="stable")[: max(FEWEST, n // SHARE)]] = True
    return near


def principal_axes(pooled: Float[np.ndarray, "n L d"]) -> Float[np.ndarray, "n L d"]:
    """Coordinates along the principal axes of each set of samples, in units of its deviations, widest first."""
    y = pooled - pooled.mean(axis=1, keepdims=True)
    y = y / np.maximum(y.std(axis=1, keepdims=True), 1e-300)
    return y @ np.linalg.eigh(np.einsum("nli,nlj->nij", y, y))[1][..., ::-1]


def ranks_near(
    truth: Float[np.ndarray, "n d"], drawn: Float[np.ndarray, "n L d"], theta: Float[np.ndarray, "K d"],
    names: tuple[str, ...], rng: np.random.Generator,
) -> tuple[Check, Int[np.ndarray, " k"]]:  # fmt: skip
    """Ranks of the truth are uniform in the pairs nearest to the observation, and their numbers.

    Of every parameter, and along the principal axes of each posterior, which see correlations.  Law: given x, truth and
    samples have one law; what is near, and the axes, are told by all L + 1 alike, so that the ranks stay uniform.
    p-value of the worst, times their number.  False alarm 1e-4; `unknown` below 0.01.  Resolution for 1000 pairs (200
    near) of two parameters: a width off by 0.7 among them, refuted in 60 of 60 tries; a bias of half a width, refuted
    in 54 and doubted in 5; among half of them, refuted or doubted in 56 and 50.
    """
    pooled = np.concatenate([drawn, truth[:, None]], axis=1)
    near = np.flatnonzero(nearest_pairs(pooled, theta))
    pooled = pooled[near]
    if len(names) > 1:
        pooled = np.concatenate([pooled, principal_axes(pooled)], axis=2)
        names = (*names, *(f"principal axis {i + 1}" for i in range(len(names))))
    pit = pit_values(pooled[:, -1], pooled[:, :-1], rng)
    law = (
        f"ranks are uniform in the {len(near)} of {len(truth)} pairs whose posteriors are like that of the observation"
    )
    check = of_worst(law, [uniform_p_value(column) for column in pit.T], names, len(near), "arXiv:2306.03580")
    return check, near
