# SPDX-License-Identifier: Apache-2.0
"""Order from the structure factor: which wave orders, and where ξ/L takes the value it has at a transition.

The mean over translations of principal component analysis: the principal components of a translation-invariant
ensemble are its Fourier modes, and the structure factor S(k) is their variance.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from isinglass.data.configurations import Configurations
from isinglass.inference.phases.features import chunks, lattice, powers
from isinglass.observables.order_parameter import (
    correlation_ratio,
    moment_ratio,
    ordering_wave,
    powers_beside,
    susceptibility,
)

__all__ = ["Order", "OrderCurves", "critical_ratio", "crossing", "order_curves"]


class OrderCurves(NamedTuple):
    """Moments of the ordering wave at each point; the first axis counts the data (0) and its bootstrap samples."""

    correlation_ratio: Float[np.ndarray, "draw T"]  # ξ/L, second-moment correlation length over the side
    moment_ratio: Float[np.ndarray, "draw T"]  # <m⁴> / <m²>²
    m_abs: Float[np.ndarray, "draw T"]  # <|m|>
    susceptibility: Float[np.ndarray, "draw T"]  # N (<m²> - <|m|>²)
    m2: Float[np.ndarray, "draw T"]  # <m²>


class Order(NamedTuple):
    """The ordering wave, its curves against the parameter, and the structure factor."""

    points: Float[np.ndarray, " T"]
    wave: tuple[int, ...]  # Q in units of 2π/L_i; 0 is a uniform order
    curves: OrderCurves
    critical: tuple[float, float] | None  # the value of ξ/L at a transition and how far it is known; None: unknown


def critical_ratio(data: Configurations) -> tuple[float, float] | None:
    """ξ/L at a continuous transition on a periodic lattice, and its spread over the unknown universality classes.

    Published: 2D Ising on the square torus 0.905; 2D angles 0.7507 + 0.2124/(ln L + C) at the Kosterlitz-Thouless
    point, η = 1/4; 3D Ising 0.643, XY 0.592.  Measured by us (Swendsen-Wang, L = 10 to 48 at the exact T_c, about 2 %):
    triangular Ising 0.96, Potts q = 3 and 4 0.92 and 0.96, and C = 1.7.  The band of two dimensions, 0.93 ± 0.04, spans
    these classes; it is a choice, and another class of transition may lie outside it.
    Nothing is known for one dimension, where nothing orders.
    Ref: Salas and Sokal 2000, arXiv:cond-mat/9904038; Hasenbusch 2005, arXiv:cond-mat/0502556 (XY);
    Hasenbusch 2010, arXiv:1004.4486; Campostrini et al. 2006, arXiv:cond-mat/0605083.
    """
    sides = lattice(data)
    if len(sides) == 2 and data.kind == "angle":
        logarithm = 0.212430 / (np.log(np.prod(sides)) / 2 + 1.7)
        return 0.7506912 + logarithm, 0.02
    if len(sides) == 3:
        return (0.592 if data.kind == "angle" else 0.63), 0.03
    return (0.93, 0.04) if len(sides) == 2 else None


def order_curves(
    rng: np.random.Generator, data: Configurations, draws: int = 200
) -> tuple[Order, Float[np.ndarray, "T *k"]]:
    """Moments of the ordering wave against the parameter, with bootstrap samples of groups, and S(k)/N itself."""
    points, label = np.unique(data.parameter, return_inverse=True)
    sides, n_points = lattice(data), np.bincount(label)
    structure = np.zeros((len(points), *sides))
    for rows in chunks(data):
        np.add.at(structure, label[rows], powers(data, rows))
    structure /= n_points.reshape(-1, *[1] * len(sides))
    wave = ordering_wave(structure)
    records = np.concatenate([powers_beside(powers(data, rows), wave) for rows in chunks(data)])
    m2, beside = records[:, 0], records[:, 1:]
    columns = np.column_stack([m2, m2**2, np.sqrt(m2), beside])
    means = bootstrap_means(rng, columns, data.group, label, draws)
    mean2, mean4, mean_abs = means[..., 0], means[..., 1], means[..., 2]
    ratio = correlation_ratio(mean2, means[..., 3:], sides)
    chi = susceptibility(mean2, mean_abs, int(np.prod(sides)))
    curves = OrderCurves(ratio, moment_ratio(mean2, mean4), mean_abs, chi, mean2)
    return Order(points, wave, curves, critical_ratio(data)), structure


def bootstrap_means(
    rng: np.random.Generator,
    columns: Float[np.ndarray, "n f"],
    group: Int[np.ndarray, " n"],
    label: Int[np.ndarray, " n"],
    draws: int,
) -> Float[np.ndarray, "draw T f"]:
    """Means at each point: of the data, then of whole groups resampled with replacement.

    With g groups at a point the deviations are stretched by √(g/(g-1)): resamples of few groups vary too little.
    """
    n_groups, n_points = group.max() + 1, label.max() + 1
    sums = np.stack([np.bincount(group, c, n_groups) for c in columns.T.astype(float)], axis=1)
    sizes = np.bincount(group, minlength=n_groups)
    point = np.zeros(n_groups, int)
    point[group] = label
    out = np.empty((1 + draws, n_points, columns.shape[1]))
    for p in range(n_points):
        own = np.flatnonzero(point == p)
        weights = rng.multinomial(len(own), np.full(len(own), 1 / len(own)), size=draws)
        mean = sums[own].sum(axis=0) / sizes[own].sum()
        drawn = (weights @ sums[own]) / (weights @ sizes[own])[:, None]
        stretch = np.sqrt(len(own) / max(len(own) - 1, 1))
        out[0, p], out[1:, p] = mean, mean + stretch * (drawn - mean)
    return out


def crossing(
    points: Float[np.ndarray, " T"], curve: Float[np.ndarray, " T"], level: float, neighbors: int | None = None
) -> float:
    """Where a monotonic curve passes a level: a local quadratic through the nearest points; nan if it never does."""
    n = len(points)
    falls = curve[: max(1, n // 4)].mean() > curve[-max(1, n // 4) :].mean()
    above = (curve > level) == falls  # True on the side of small parameters
    if above.all() or not above.any():
        return float("nan")
    # the cut with the fewest points on the wrong side
    wrong = np.concatenate([[0], np.cumsum(~above)]) + np.concatenate([np.cumsum(above[::-1])[::-1], [0]])
    best = np.flatnonzero(wrong == wrong.min())
    cut = int(best[len(best) // 2])
    if cut in (0, n):
        return float("nan")
    first = (points[cut - 1] + points[cut]) / 2
    near = np.sort(np.argsort(np.abs(points - first), kind="stable")[: neighbors or max(4, round(n / 5))])
    return root(points[near], curve[near] - level, first)


def root(x: Float[np.ndarray, " n"], y: Float[np.ndarray, " n"], first: float) -> float:
    """The zero nearest to `first` of the parabola (of the line, for less than five points) fitted to y(x)."""
    scale = np.ptp(x) or 1.0
    fit = np.polyfit((x - first) / scale, y, 2 if len(x) > 4 else 1)
    zeros = np.roots(fit)
    zeros = zeros[np.abs(zeros.imag) < 1e-9].real
    zeros = zeros[np.abs(zeros) <= 0.75]
    if len(zeros) == 0:
        slope = np.polyfit((x - first) / scale, y, 1)
        zeros = np.array([-slope[1] / slope[0]]) if slope[0] != 0 else np.array([0.0])
        zeros = np.clip(zeros, -0.75, 0.75)
    return float(first + scale * zeros[np.argmin(np.abs(zeros))])
