# SPDX-License-Identifier: Apache-2.0
"""The symmetry of the variables, which decides the class of a transition, and the shape of the lattice, from the data.

Labels 0 .. q-1 may be Potts states (all permutations), the directions of a clock (neighbors on the circle are closer),
or the heights of a spin (0 and q-1 are mirror images): the pairs of neighbors say which.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int

from isinglass.data.boundary import seen_boundary
from isinglass.data.configurations import Configurations

__all__ = ["as_spins", "boundary_of", "symmetry_of", "torus_modulus"]


def as_spins(data: Configurations) -> tuple[Configurations, list[str]]:
    """Labels as what they are: Potts states stay, a clock's become angles, heights of a spin become centered numbers.

    Law: an excess of pairs one step apart on the circle over other unequal pairs, by a tenth and five errors of
    binomial counts, makes a clock (q >= 4); states whose share differs by a fifth from the mean make heights, where the
    mirror image has the same share.
    """
    if data.kind != "potts":
        return data, []
    values = np.unique(data.x)
    x = np.searchsorted(values, data.x).astype(np.int8)
    q = len(values)
    data, pairs = replace(data, x=x), neighbor_pairs(x, q)
    share = pairs.sum(axis=0) / pairs.sum()
    mirrored = np.abs(share - share[::-1]).max() < 0.1 / q
    if q == 2:
        return replace(data, x=(2 * x - 1).astype(np.int8), kind="ising"), []
    if q >= 3 and mirrored and np.abs(share - 1 / q).max() > 0.2 / q:
        return replace(data, x=x - (q - 1) / 2, kind="real"), [f"The {q} labels are read as heights of a spin."]
    if q >= 4 and is_clock(pairs):
        text = f"The {q} labels are read as directions of a clock: neighbors on the circle meet most often."
        return replace(data, x=2 * np.pi * x / q, kind="angle"), [text]
    return data, []


def neighbor_pairs(x: np.ndarray, q: int) -> Float[np.ndarray, "q q"]:
    """Counts of the states of neighbors along each axis, symmetrized."""
    counts = np.zeros((q, q))
    for axis in range(1, x.ndim):
        pair = x.astype(np.int64) * q + np.roll(x, 1, axis)
        counts += np.bincount(pair.ravel(), minlength=q * q).reshape(q, q)
    return (counts + counts.T) / 2


def is_clock(pairs: Float[np.ndarray, "q q"]) -> bool:
    """Whether unequal neighbors are one step apart more often than further."""
    q = len(pairs)
    step = np.abs(np.subtract.outer(np.arange(q), np.arange(q)))
    step = np.minimum(step, q - step)
    near, far = pairs[step == 1], pairs[step > 1]
    error = (near.sum() / near.size**2 + far.sum() / far.size**2) ** 0.5
    return bool(near.mean() - far.mean() > max(5 * error, 0.1 * far.mean()))


def symmetry_of(data: Configurations) -> str:
    """The name that `critical_ratios` knows it by: ising, pottsQ, clockQ, xy, heisenberg, oN, channels."""
    if data.channels and data.kind != "vector":
        return "channels"
    if data.kind in ("ising", "real"):
        return "ising"
    if data.kind == "potts":
        return f"potts{data.components + 1}"
    if data.kind == "angle":
        directions = len(np.unique(data.x[:: max(1, data.n // 50)]))
        return f"clock{directions}" if directions <= 24 else "xy"
    return {1: "ising", 2: "xy", 3: "heisenberg"}.get(data.components, f"o{data.components}")


def boundary_of(data: Configurations, unit: Float[np.ndarray, "n *site"], group: Int[np.ndarray, " n"]) -> str:
    """As stated or seen, of unit vectors; where errors forbid to see, periodic if opposite edges are half as alike."""
    if data.boundary != "unknown":
        return data.boundary
    seen, _ = seen_boundary(unit, group)
    if seen != "unknown":
        return seen
    found = []
    for axis in range(1, unit.ndim - 1):
        first, second, last = (np.take(unit, i, axis=axis) for i in (0, 1, -1))
        mean = first.mean(axis=0), second.mean(axis=0), last.mean(axis=0)
        inner = ((first - mean[0]) * (second - mean[1])).sum(axis=-1).mean()
        across = ((first - mean[0]) * (last - mean[2])).sum(axis=-1).mean()
        found.append(across / inner if abs(inner) > 0.02 else np.nan)
    return "periodic" if np.isfinite(found).any() and np.nanmean(found) >= 0.5 else "unknown"


def torus_modulus(structure: Float[np.ndarray, "T *k"], sides: tuple[int, ...], wave: tuple[int, ...]) -> complex:
    """τ of a two-dimensional lattice from S(k) in the disordered phase, where S(Q)/S(Q+k) - 1 is a quadratic form of k.

    |τ|² n_1² - 2 Re τ n_1 n_2 + n_2² for k = 2π (n_1/L_1, n_2/L_2).  Law: i L_2/L_1 for a square lattice, exp(iπ/3) or
    exp(2iπ/3) for a triangular one stored as a square array, whichever its third bond is.
    """
    expected = 1j * sides[1] / sides[0]
    known = (expected, np.exp(1j * np.pi / 3), np.exp(2j * np.pi / 3))
    twice = tuple(2 * q % L for q, L in zip(wave, sides, strict=True))
    if any(twice) or min(sides) < 6:
        return expected
    at = lambda n: structure[(slice(None), *((q + m) % L for q, m, L in zip(wave, n, sides, strict=True)))]  # noqa: E731
    excess = lambda n: at((0, 0)) / np.maximum((at(n) + at((-n[0], -n[1]))) / 2, 1e-12) - 1  # noqa: E731
    a, b, plus, minus = (excess(n) for n in ((1, 0), (0, 1), (1, 1), (1, -1)))
    used = (np.minimum(a, b) > 0.5) & (np.maximum(a, b) < 8)
    if used.sum() < 1:
        return expected
    real = -float(np.mean(((plus - minus) / (4 * b))[used]))
    modulus = float(np.sqrt(np.mean((a / b)[used])))
    if abs(real) > 0.9 * modulus:
        return expected
    found = complex(real, (modulus**2 - real**2) ** 0.5)
    near = min(known, key=lambda tau: abs(tau - found) / tau.imag)
    return near if abs(near - found) < 0.3 * near.imag else found
