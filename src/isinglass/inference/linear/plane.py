# SPDX-License-Identifier: Apache-2.0
"""A plane between two classes of points, or the proof that there is none, by linear programming.

Either w has y_i w·x_i > 0 for all i, or weights c >= 0, Σ c = 1, have Σ_i c_i y_i x_i = 0, never both (Gordan 1873).
With an intercept x has a coordinate 1 more.  The best margin: Lawson & Hanson 1974, doi:10.1137/1.9781611971217.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.optimize import linprog, nnls

from isinglass.errors import InputError

__all__ = ["LabelledPoints", "Plane", "best_margin", "clean_points", "distance", "separating_plane", "with_intercept"]

FEWEST = 4  # points
ROUNDING = 1e-12  # of a margin
FREE = 1e3  # a coordinate of the intercept that costs nothing


@dataclass(frozen=True, eq=False)
class LabelledPoints:
    """Points X [n, d] and a label of two kinds for each."""

    X: Any
    y: Any


class Plane(NamedTuple):
    """Exactly one of the two proofs holds."""

    normal: Float[np.ndarray, " d"]  # with the intercept last, if there is one
    margin: float  # min_i y_i w·x_i/(|w| |x_i|); above 0: separable
    weight: Float[np.ndarray, " n"]  # c of the other proof
    residual: float  # |Σ c y x| for unit x; 0: not separable

    @property
    def separable(self) -> bool:
        """Whether all points are on their sides."""
        return self.margin > 0


def clean_points(given: LabelledPoints) -> tuple[Float[np.ndarray, "n d"], Float[np.ndarray, " n"], tuple[str, str]]:
    """Numbers and signs, and the labels that these stand for.

    Errors: InputError for other shapes, numbers that are not finite, and other than two labels.
    """
    X, y = np.asarray(given.X), np.asarray(given.y)
    X = X[:, None] if X.ndim == 1 else X
    if X.ndim != 2 or X.dtype.kind not in "biuf" or y.shape != X.shape[:1] or len(X) < FEWEST:  # noqa: PLR2004
        found = f"X {list(X.shape)} of {X.dtype}, labels {list(y.shape)}"
        raise InputError(
            f"points X [n, d], real numbers, and n labels, n at least {FEWEST}", found, "give a row for each"
        )
    X = X.astype(float)
    if not np.isfinite(X).all():
        row = int(np.flatnonzero(~np.isfinite(X).all(axis=1))[0]) + 1
        raise InputError("finite numbers", f"another in row {row}", "leave such rows out")
    if y.dtype.kind == "f" and np.isnan(y).any():
        row = int(np.flatnonzero(np.isnan(y))[0]) + 1
        raise InputError("a label for each point", f"none in row {row}", "leave such rows out")
    kinds = np.unique(y)
    if len(kinds) != 2:  # noqa: PLR2004
        shown = ", ".join(map(str, kinds[:5])) + (" ..." if len(kinds) > 5 else "")  # noqa: PLR2004
        raise InputError("labels of two kinds", f"{len(kinds)}: {shown}", "keep the rows of two classes")
    return X, np.where(y == kinds[1], 1.0, -1.0), (str(kinds[0]), str(kinds[1]))


def separating_plane(X: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"]) -> Plane:
    """max t with y_i w·x_i >= t for unit x_i, |w_j| <= 1; the multipliers of these rows are the other proof."""
    unit = X / np.maximum(np.linalg.norm(X, axis=1, keepdims=True), 1e-300)
    G = y[:, None] * unit
    n, d = G.shape
    found = linprog(np.append(np.zeros(d), -1.0), np.column_stack([-G, np.ones(n)]), np.zeros(n),
                    bounds=[(-1, 1)] * d + [(None, 1)], method="highs")  # fmt: skip
    w, c = found.x[:d], np.maximum(-found.ineqlin.marginals, 0)
    c = c / max(float(c.sum()), 1e-300)
    norm = float(np.linalg.norm(w))
    margin = float((G @ w).min() / norm) if norm > 0 else 0.0
    return Plane(w, margin if margin > ROUNDING else min(margin, 0.0), c, float(np.linalg.norm(G.T @ c)))


def best_margin(X: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"]) -> float:
    """max_w min_i y_i w·x_i/|w| of separable points; NaN where no plane separates them."""
    w = best_normal(X, y)
    return float((y * (X @ w)).min() / np.linalg.norm(w))


def best_normal(X: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"]) -> Float[np.ndarray, " d"]:
    """The shortest w with all y_i w·x_i >= 1, by nonnegative least squares; NaN where there is none."""
    scale = float(np.sqrt(np.mean(X**2)))
    A = np.column_stack([y[:, None] * X / scale, np.ones(len(X))]).T
    target = np.append(np.zeros(X.shape[1]), 1.0)
    r = A @ nnls(A, target, maxiter=50 * len(X))[0] - target
    return -r[:-1] / (r[-1] * scale) if abs(r[-1]) > ROUNDING else np.full(len(r) - 1, np.nan)


def with_intercept(X: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n d+1"]:
    """Coordinates in units of their spread, without their means, and a 1: the same planes."""
    spread = X.std(axis=0)
    return np.column_stack([(X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0), np.ones(len(X))])


def distance(X: Float[np.ndarray, "n q"], y: Float[np.ndarray, " n"]) -> float:
    """Largest least distance of points with a last coordinate 1 from a plane: to half that of the two convex hulls.

    min |w| with y_i (w·x_i + b) >= 1: b is free, as a coordinate that is scaled without bound.
    """
    wide = X.copy()
    wide[:, -1] = FREE
    u = best_normal(wide, y)
    w = u[:-1] / np.linalg.norm(u[:-1])
    side = X[:, :-1] @ w
    return float(side[y > 0].min() - side[y < 0].max()) / 2
