# SPDX-License-Identifier: Apache-2.0
"""Order from the structure factor: which wave orders, and where ξ/L takes the value it has at a transition.

The mean over translations of principal component analysis: the principal components of a translation-invariant
ensemble are its Fourier modes, and the structure factor S(k) is their variance.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from isinglass.data.configurations import Configurations
from isinglass.exact.lattice.critical_ratios import CriticalRatios, critical_ratios
from isinglass.inference.phases.features import chunks, encode, powers
from isinglass.inference.phases.symmetry_class import boundary_of, symmetry_of, torus_modulus
from isinglass.observables.order_parameter import (
    correlation_ratio,
    moment_ratio,
    ordering_wave,
    powers_beside,
    susceptibility,
)

__all__ = ["Order", "OrderCurves", "bootstrap_means", "crossing", "order_curves"]


class OrderCurves(NamedTuple):
    """Moments of the ordering wave at each point; the first axis counts the data (0) and its bootstrap samples."""

    correlation_ratio: Float[np.ndarray, "draw T"]  # ξ/L, second-moment correlation length over the side
    moment_ratio: Float[np.ndarray, "draw T"]  # <m⁴> / <m²>²
    m_abs: Float[np.ndarray, "draw T"]  # <|m|>
    susceptibility: Float[np.ndarray, "draw T"]  # N (<m²> - <|m|>²)
    m2: Float[np.ndarray, "draw T"]  # <m²>
    shape: Float[np.ndarray, "draw T"]  # S(Q+k) / S(Q+2k): 1 for independent sites, whatever their mean


class Order(NamedTuple):
    """The ordering wave, its curves against the parameter, and what is known of a transition of this symmetry."""

    points: Float[np.ndarray, " T"]
    wave: tuple[int, ...]  # Q in units of 2π/L_i; 0 is a uniform order
    curves: OrderCurves
    critical: CriticalRatios | None  # values at a transition; None: unknown
    symmetry: str  # as `symmetry_of` names it
    boundary: str  # periodic, open, part, unknown
    field: Float[np.ndarray, "n component"]  # s_Q of each row, real and imaginary parts
    bonds: Float[np.ndarray, " n"]  # correlation of nearest neighbors in each row


def order_curves(
    rng: np.random.Generator, data: Configurations, draws: int = 200
) -> tuple[Order, Float[np.ndarray, "T *k"]]:
    """Moments of the ordering wave against the parameter, with bootstrap samples of groups, and S(k)/N itself."""
    points, label = np.unique(data.parameter, return_inverse=True)
    sides, n_points = data.lattice, np.bincount(label)
    structure, bonds = np.zeros((len(points), *sides)), []
    for rows in chunks(data):
        power = powers(data, rows)
        np.add.at(structure, label[rows], power)
        bonds.append(nearest(power))
    structure /= n_points.reshape(-1, *[1] * len(sides))
    wave = ordering_wave(structure)
    records = np.concatenate([wave_records(powers(data, rows), wave) for rows in chunks(data)])
    m2, axes = records[:, 0], records.shape[1] // 2
    means = bootstrap_means(rng, np.column_stack([m2**2, np.sqrt(m2), records]), data.group, label, draws)
    mean4, mean_abs, mean2 = means[..., 0], means[..., 1], means[..., 2]
    beside, further = means[..., 3 : 3 + axes], means[..., 3 + axes :]
    ratio = correlation_ratio(mean2, beside, sides)
    shape = np.maximum(beside.sum(axis=-1), 1e-30) / np.maximum(further.sum(axis=-1), 1e-30)
    chi = susceptibility(mean2, mean_abs, int(np.prod(sides)))
    curves = OrderCurves(ratio, moment_ratio(mean2, mean4), mean_abs, chi, mean2, shape)
    field = np.concatenate([amplitudes(encode(data, rows), wave) for rows in chunks(data)])
    some = slice(0, None, max(1, data.n // 2000))
    boundary = boundary_of(data, encode(data, some), data.group[some])
    symmetry = symmetry_of(data)
    critical = known_ratios(data, symmetry, boundary, structure, wave)
    return Order(points, wave, curves, critical, symmetry, boundary, field, np.concatenate(bonds)), structure


def known_ratios(
    data: Configurations, symmetry: str, boundary: str, structure: Float[np.ndarray, "T *k"], wave: tuple[int, ...]
) -> CriticalRatios | None:
    """The universal values for these data; None also for a part of a lattice, or one that cannot hold the order."""
    sides = data.lattice
    if symmetry == "channels" or len(sides) == 1 or boundary == "part":
        return None
    if any(2 * q % L and 2 * abs(2 * q - L) <= 4 for q, L in zip(wave, sides, strict=True)):
        return None  # Q next to π: an odd side frustrates a staggered order
    L = float(np.prod(sides) ** (1 / len(sides)))
    tau = torus_modulus(structure, sides, wave) if len(sides) == 2 and boundary != "open" else 1j
    return critical_ratios(symmetry, len(sides), L, "open" if boundary == "open" else "periodic", tau)


def nearest(power: Float[np.ndarray, "n *k"]) -> Float[np.ndarray, " n"]:
    """(1/N) Σ_<ij> s_i·s_j of each row along the axes, Σ_k |s_k|² cos k."""
    waves = [np.cos(2 * np.pi * np.arange(L) / L) for L in power.shape[1:]]
    total = sum(w.reshape([-1 if i == axis else 1 for i in range(len(waves))]) for axis, w in enumerate(waves))
    return (power * total).reshape(len(power), -1).sum(axis=1)


def wave_records(power: Float[np.ndarray, "n *k"], wave: tuple[int, ...]) -> Float[np.ndarray, "n column"]:
    """|s_Q|², then its values at Q + k along each axis, then at Q + 2k."""
    near, far = powers_beside(power, wave), powers_beside(power, wave, steps=2)
    return np.concatenate([near, far[:, 1:]], axis=1)


def amplitudes(field: Float[np.ndarray, "n *site c"], wave: tuple[int, ...]) -> Float[np.ndarray, "n part"]:
    """s_Q of each row and component, its real and (where it has one) imaginary part."""
    sides = field.shape[1:-1]
    angle = sum(2 * np.pi * q * i / L for q, i, L in zip(wave, np.indices(sides), sides, strict=True))
    flat = field.reshape(len(field), -1, field.shape[-1])
    parts = [np.cos(angle)] + ([np.sin(angle)] if any(2 * q % L for q, L in zip(wave, sides, strict=True)) else [])
    return np.concatenate([np.einsum("nsc,s->nc", flat, part.ravel() / part.size) for part in parts], axis=1)


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
