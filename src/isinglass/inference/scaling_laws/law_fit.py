# SPDX-License-Identifier: Apache-2.0
"""A scaling law of a table: the best of many starts, its replicas, the law without far runs, that of smaller runs."""

from typing import Any, NamedTuple

import jax
import numpy as np

from isinglass.inference.scaling_laws.power_law import LossLaw, power_laws
from isinglass.inference.scaling_laws.resample import Alike, counts_of, groups_of, likeness
from isinglass.inference.scaling_laws.robust_fit import box_of, fit_laws, starts_of

__all__ = ["Early", "LawFit", "fit_law", "scatter_of"]

FAR = 6.0  # of the scatter
HELD = 0.1  # share of the largest runs that the others predict
EARLY = 200  # replicas of these
DOUBT = 0.01  # p-value of the likeness of residuals from which groups are resampled


class Early(NamedTuple):
    """The laws of all but the largest runs."""

    held: np.ndarray  # which these are [n]
    law: LossLaw
    replicas: LossLaw  # [B]
    without_floor: LossLaw
    line: np.ndarray  # ln L = c_0 + Σ_j c_j ln x_j by least squares [1 + k]


class LawFit(NamedTuple):
    """What was fitted; residuals are ln L_i - ln L(x_i)."""

    law: LossLaw
    starts: LossLaw  # [s], from all starts
    starts_loss: np.ndarray  # Huber loss of each [s]
    replicas: LossLaw  # [B]
    t: np.ndarray  # ln x, centered [n, k]
    residual: np.ndarray  # [n]
    group: np.ndarray  # number of the group that a row is resampled with [n]
    alike: Alike
    far: np.ndarray  # which rows are beyond 6 times the scatter [n]
    without_far: LossLaw
    early: Early


def fit_law(
    key: Any, x: np.ndarray, loss: np.ndarray, size: np.ndarray, replicas: int, delta: float, resample: str
) -> LawFit:
    """The law L(x) of x [n, k]; `size` [n] says which runs are the largest; resample: auto, runs or groups."""
    log_x, log_y = np.log(x), np.log(loss)
    center = log_x.mean(axis=0)
    t, (n, k) = log_x - center, x.shape
    held = np.zeros(n, bool)
    held[np.argsort(size, kind="stable")[-max(3, round(HELD * n)) :]] = True
    theta, value = many_starts(t, log_y, held, delta)
    best = [part[np.argmin(v)] for part, v in zip(theta, value, strict=True)]  # all rows; all but the largest; no floor
    law = power_laws(best[0], center)
    residual = log_y - np.log(law.loss(x))
    alike = likeness(t, residual)
    key_group, key_count = jax.random.split(key)
    grouped = resample == "groups" or (resample == "auto" and alike.p_value < DOUBT)
    seed = int(jax.random.randint(key_group, (), 0, 2**31 - 1))
    group = groups_of(t, seed) if grouped else np.arange(n)
    count, far = counts_of(key_count, group, replicas), np.abs(residual) > FAR * scatter_of(residual)
    early = count[:EARLY] * ~held
    weights = np.concatenate([count, ~far[None], early])
    starts = np.stack([best[0]] * (replicas + 1) + [best[1]] * len(early))
    top = np.broadcast_to(box_of(log_y, k).high, starts.shape)
    again = fit_laws(starts, weights, top, t, log_y, delta, near=True)[0]
    laws = power_laws(again, center)
    part = lambda which: LossLaw(*(a[which] for a in laws))  # noqa: E731
    line = np.linalg.lstsq(np.column_stack([np.ones(n), log_x])[~held], log_y[~held], rcond=None)[0]
    return LawFit(
        law, power_laws(theta[0], center), value[0], part(slice(replicas)),
        t, residual, group, alike, far, part(replicas),
        Early(held, power_laws(best[1], center), part(slice(replicas + 1, None)), power_laws(best[2], center), line),
    )  # fmt: skip


def many_starts(
    t: np.ndarray, log_y: np.ndarray, held: np.ndarray, delta: float
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """θ and loss from every start: of all rows, of all but the largest, and of these without a floor."""
    k = t.shape[1]
    starts = [starts_of(log_y, k, floor=floor) for floor in (True, True, False)]
    tops = [np.broadcast_to(box_of(log_y, k, floor=floor).high, s.shape)
            for floor, s in zip((True, True, False), starts, strict=True)]  # fmt: skip
    rows = [np.broadcast_to(w, (len(s), len(t))) for w, s in zip((np.ones(len(t)), ~held, ~held), starts, strict=True)]
    begun, weights, top = (np.concatenate(a).astype(float) for a in (starts, rows, tops))
    theta, value = fit_laws(begun, weights, top, t, log_y, delta)
    ends = np.cumsum([len(s) for s in starts])[:-1]
    return np.split(theta, ends), np.split(value, ends)


def scatter_of(residual: np.ndarray) -> float:
    """Standard deviation of normal residuals, by the median of their size."""
    return 1.4826 * float(np.median(np.abs(residual)))
