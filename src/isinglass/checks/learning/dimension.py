# SPDX-License-Identifier: Apache-2.0
"""Is an intrinsic dimension one: the same at two scales, from many neighbors, from distances that differ?"""

import numpy as np

from isinglass.result import Check, Estimate

__all__ = ["dimension_at_scales", "distances_differ", "estimators_agree", "few_copies", "no_hubs"]

BIAS = 0.15  # of the dimension
SPREAD = 2.0  # errors
TIES = 0.02  # each share s of ties moves d up by about s d
COPIES = 0.01
HUB = 0.05  # five percent of the rows have one nearest neighbor
FACCO = "Facco et al. 2017, doi:10.1038/s41598-017-11873-y"
SCALE = "bias of the dimension by how it changes with the distance of neighbors, as a part of it"
MACOCCO = "Macocco et al. 2023, arXiv:2207.09688"


def bounded(law: str, value: float, bound: float, why: str, source: str, error: float | None = None) -> Check:
    """Pass at most the bound, two errors included; else unknown, with the reason."""
    shown = value + SPREAD * (error or 0.0) <= bound
    law, verdict = (law, "pass") if shown else (f"{law}; {why}", "unknown")
    return Check(law, value, bound, 0.0, verdict, error, source=source, relation="<=")  # pyright: ignore


def dimension_at_scales(d: Estimate, larger: Estimate, parts: int) -> tuple[Check, float]:
    """The bias of d, (d - d_larger)/(parts^(1/d) - 1), if it is as the distance of neighbors, and its check.

    d_larger: of one row in `parts`, or of `parts` times as many neighbors.  That is how borders and curvature
    disappear.  At most 15 % of d, two errors included, passes: rows of 10 or more
    dimensions take so many rows that it is `unknown`.  False pass of a bias of 15 %: 2 %.
    """
    if not (np.isfinite(d.value + larger.value) and d.value > 0):
        return bounded(SCALE, np.inf, BIAS, "no dimension fits", FACCO), np.inf
    growth = parts ** (1 / d.value) - 1
    bias = abs(d.value - larger.value) / growth / d.value
    error = float(np.hypot(d.error or 0.0, larger.error or 0.0)) / growth / d.value
    why = "the dimension depends on the scale: noise, borders, curvature, or too few rows to tell"
    return bounded(SCALE, bias, BIAS, why, FACCO, error), bias * d.value


def distances_differ(ties: float) -> Check:
    """Rows whose two nearest neighbors are equally far bias the dimension upwards."""
    why = "distances are rounded or counts, so that ratios of two of them do not tell the dimension"
    return bounded("rows whose nearest two neighbors are equally far, share", ties, TIES, why, FACCO)


def few_copies(copies: float) -> Check:
    """Rows that occur twice."""
    return bounded("rows that occur twice, share", copies, COPIES, "leave copies out", FACCO)


def no_hubs(hub: float) -> Check:
    """One row is not the nearest neighbor of many: else it alone decides, and errors are larger than told."""
    why = "one row is the nearest neighbor of many: density changes within the distance of neighbors, and errors of a "
    why += "dimension are several times larger than d/√n"
    law = "rows that have one and the same nearest neighbor, share"
    return bounded(law, hub, HUB, why, "Radovanović et al. 2010, J. Mach. Learn. Res. 11, 2487")


def estimators_agree(counted: Estimate, nearest: Estimate) -> Check:
    """Counts and nearest neighbors, ties broken at random, at most 25 % more, two errors included.

    Where rows are unevenly dense, counts see the dense places alone, and give less.  Broken ties lower the other.
    """
    change = nearest.value / counted.value - 1 if np.isfinite(counted.value) and counted.value > 0 else np.inf
    error = (nearest.error or 0.0) / counted.value if np.isfinite(change) else 0.0
    why = "rows are not equally dense, so that there is not one dimension"
    return bounded("dimension by nearest neighbors over that by counts, less 1", change, 0.25, why, MACOCCO, error)
