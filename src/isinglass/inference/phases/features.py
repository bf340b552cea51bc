# SPDX-License-Identifier: Apache-2.0
"""Configurations as fields, their Fourier modes and two-point functions: inputs of networks and order parameters."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Shaped

from isinglass.data.configurations import Configurations
from isinglass.observables.structure_factor import two_point_function, wave_power

__all__ = ["chunks", "components", "correlations", "encode", "powers", "standardize"]


def simplex(q: int) -> Float[np.ndarray, "q components"]:
    """The q unit vectors of equal angles, e_a·e_b = -1/(q-1): the states of a Potts spin without a preferred one."""
    centered = np.eye(q) - 1 / q
    basis = np.linalg.svd(centered)[0][:, : q - 1]
    return np.sqrt(q / (q - 1)) * (centered @ basis)


def reference(data: Configurations) -> tuple[float, float]:
    """(shift, scale) that bring a real field to order one; a field of both signs keeps its zero."""
    if data.kind != "real":
        return 0.0, 1.0
    mean, deviation = float(data.x.mean()), float(data.x.std()) or 1.0
    return (0.0 if abs(mean) < deviation else mean), deviation


def components(
    x: Shaped[np.ndarray, "n *axis"], kind: str, q: int, shift: float = 0.0, scale: float = 1.0
) -> Float[np.ndarray, "n *site inner"]:
    """Unit vectors: s, the simplex vector of a Potts state, (cos, sin), a vector as it is; a real field is scaled."""
    if kind == "vector":
        return x.astype(np.float32)
    if kind == "angle":
        return np.stack([np.cos(x), np.sin(x)], axis=-1).astype(np.float32)
    if kind == "potts":
        return simplex(q).astype(np.float32)[x.astype(np.int64)]
    return ((x[..., None] - shift) / scale).astype(np.float32)


def encode(data: Configurations, rows: slice | np.ndarray = slice(None)) -> Float[np.ndarray, "n *lattice component"]:
    """The chosen configurations as vector fields, channels last.  Law: |s_i| = 1 (per channel) but for real fields."""
    x = data.x[rows]
    field = components(x, data.kind, max(2, int(data.x.max()) + 1) if data.kind == "potts" else 2, *reference(data))
    return field.reshape(len(x), *data.lattice, -1)


def chunks(data: Configurations, size: int = 4_000_000) -> Iterator[slice]:
    """Slices of rows whose fields fit into a few ten megabytes."""
    step = max(1, size // (int(np.prod(data.shape)) * data.components))
    return (slice(i, min(i + step, data.n)) for i in range(0, data.n, step))


def powers(data: Configurations, rows: slice | np.ndarray = slice(None)) -> Float[np.ndarray, "n *k"]:
    """|s_k|² of the chosen configurations, summed over components.  Law: Σ_k |s_k|² = (1/N) Σ_r |s_r|²."""
    field = encode(data, rows)
    return wave_power(field, range(1, field.ndim - 1)).sum(axis=-1)


def half_lags(sides: tuple[int, ...], reach: int) -> np.ndarray:
    """Displacements with |r_i| <= reach, one of each pair r, -r, without 0."""
    lags = np.stack(np.meshgrid(*[np.arange(-min(reach, L // 2), min(reach, L // 2) + 1) for L in sides]), -1)
    lags = lags.reshape(-1, len(sides))
    return np.array([r for r in lags.tolist() if r > [0] * len(r)])


def correlations(data: Configurations, reach: int = 3) -> Float[np.ndarray, "n feature"]:
    """Two-point function of each configuration, (1/N) Σ_i s_i·s_{i+r} at short r, and the size of its longest waves.

    Shape: lags |r_i| <= reach, then |s_k| for k = 0, the smallest k and the edges of the zone.
    Law: invariant under translations and the global symmetry; contains the energy of any two-body model of this reach.
    """
    sides = data.lattice
    lags = half_lags(sides, reach)
    waves = {tuple(k) for k in np.stack(np.meshgrid(*[[0, 1, L // 2] for L in sides]), -1).reshape(-1, len(sides))}
    out = []
    for rows in chunks(data):
        p = powers(data, rows)
        g = two_point_function(p, range(1, p.ndim))
        long = np.sqrt(np.stack([p[(slice(None), *k)] for k in sorted(waves)], axis=1))
        out.append(np.concatenate([g[(slice(None), *lags.T)], long], axis=1))
    return np.concatenate(out).astype(np.float32)


def standardize(features: Float[np.ndarray, "n feature"]) -> Float[np.ndarray, "n feature"]:
    """Mean 0 and variance 1 for each feature; constant ones become 0."""
    deviation = features.std(axis=0)
    return ((features - features.mean(axis=0)) / np.where(deviation > 0, deviation, 1)).astype(np.float32)
