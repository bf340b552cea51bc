# SPDX-License-Identifier: Apache-2.0
"""Enumeration of the Blume-Capel model."""

import itertools

import numpy as np

from isinglass.result import Check


def enumerated(L: int, D: float, T: float) -> tuple[float, float]:
    """ln Z and <E>/N over all 3^(L²) states of a torus, J = 1."""
    s = np.array(list(itertools.product((-1, 0, 1), repeat=L * L)), float).reshape(-1, L, L)
    E = -(s * np.roll(s, 1, 1) + s * np.roll(s, 1, 2)).sum((1, 2)) + D * (s * s).sum((1, 2))
    w = np.exp(-(E - E.min()) / T)
    return float(np.log(w.sum()) - E.min() / T), float((w * E).sum() / w.sum() / L**2)


def energy_is(exact: float, E, chain) -> Check:
    """<E>/N within 4.5 errors of the exact one; the error is that of the means of independent chains."""
    means = np.array([E[chain == c].mean() for c in np.unique(chain)])
    error = means.std(ddof=1) / len(means) ** 0.5
    return Check.within("<E>/N as enumerated", means.mean(), exact, 4.5 * error, error=error, source="enumeration")
