# SPDX-License-Identifier: Apache-2.0
"""Velocities without momentum, and in open space without angular momentum; how many are left."""

import numpy as np
from jaxtyping import Bool, Float

__all__ = ["at_rest", "degrees_of_freedom"]


def at_rest(
    x: Float[np.ndarray, "n 3"], v: Float[np.ndarray, "n 3"], masses: Float[np.ndarray, " n"], *, turning: bool
) -> Float[np.ndarray, "n 3"]:
    """v - P/M, and where `turning` - ω × (x - x̄) with I ω = L.  Law: Σ m v = 0, and Σ m (x - x̄) × v = 0."""
    m = masses[:, None]
    v = v - np.sum(m * v, axis=0) / m.sum()
    if not turning or len(x) < 2:
        return v
    r = x - np.sum(m * x, axis=0) / m.sum()
    inertia = np.sum(m * r * r) * np.eye(3) - (m * r).T @ r
    omega = np.linalg.lstsq(inertia, np.sum(np.cross(r, m * v), axis=0), rcond=1e-10)[0]
    return v - np.cross(omega, r)


def degrees_of_freedom(x: Float[np.ndarray, "n 3"], pbc: Bool[np.ndarray, " 3"]) -> int:
    """3n - 3 of atoms in a periodic cell; in open space less the turns: 3n - 6, of atoms on a line 3n - 5."""
    r = x - x.mean(axis=0)
    turns = 0 if pbc.any() or len(x) < 2 else 3 if np.linalg.matrix_rank(r, tol=1e-6) > 1 else 2
    return 3 * len(x) - 3 - turns
