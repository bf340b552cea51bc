# SPDX-License-Identifier: Apache-2.0
"""What experiments hold beside theory: means over samples, claims within three errors, curves to draw."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from isinglass.result import Check, Estimate

__all__ = ["SIGMAS", "beyond", "fitted_exponent", "held", "over_samples", "theory_curve"]

SIGMAS = 3.0


def held(law: str, of: str, found: Estimate, exact: float, source: str) -> Check:
    """Within three errors of the exact value; not refuted below four more."""
    return Check.within(law, found.value, exact, SIGMAS * (found.error or 0.0), error=found.error, source=source,
                        of=of).resolved()  # fmt: skip


def beyond(law: str, found: Estimate, bound: float, source: str, of: str = "") -> Check:
    """Above the bound by three errors passes, below it by three fails, else unknown."""
    z = (found.value - bound) / (found.error or np.inf)
    verdict = "pass" if z > SIGMAS else "fail" if z < -SIGMAS else "unknown"
    if verdict == "unknown":
        law += " (more samples decide)"
    return Check(law, found.value, bound, 0.0, verdict, found.error, source, of, ">=")


def over_samples(rows: Any) -> Estimate:
    """Mean and standard error."""
    rows = np.asarray(rows)
    return Estimate(float(rows.mean()), float(rows.std(ddof=1) / len(rows) ** 0.5))


def fitted_exponent(x: Sequence[float], y: Sequence[Estimate]) -> Estimate:
    """m of ln y = c - m ln x, by weighted least squares."""
    relative = np.array([(e.error or np.nan) / e.value for e in y])
    A = np.stack([np.ones(len(x)), -np.log(x)], axis=1) / relative[:, None]
    covariance = np.linalg.inv(A.T @ A)
    best = covariance @ A.T @ (np.log([e.value for e in y]) / relative)
    return Estimate(float(best[1]), float(covariance[1, 1] ** 0.5))


def theory_curve(  # noqa: PLR0913
    of: str,
    series: Sequence[str],
    x: Any,
    found: Sequence[Sequence[Estimate]],
    dense: Any,
    exact: Any,
    *,
    caption: str,
    xlabel: str,
    ylabel: str,
    xscale: str = "log",
    yscale: str = "log",
    **limits: float,
) -> dict[str, xr.DataArray]:
    """The arrays of the figure `theory_curve/OF`: found [series][x], exact [series][dense]; limits: bottom, top."""
    coords = {f"{of}_series": list(series), f"{of}_x": np.asarray(x, float), f"{of}_dense": np.asarray(dense, float)}
    value, error = (np.array([[np.nan if (a := getattr(e, name)) is None else a for e in row] for row in found])
                    for name in ("value", "error"))  # fmt: skip
    look = {"caption": caption, "xlabel": xlabel, "ylabel": ylabel, "xscale": xscale, "yscale": yscale} | limits
    measured, curves = ((f"{of}_series", f"{of}_x"), (f"{of}_series", f"{of}_dense"))
    made = {of: (measured, value, look), f"{of}_error": (measured, error), f"{of}_exact": (curves, np.asarray(exact))}
    return {name: xr.DataArray(given[1], {d: coords[d] for d in given[0]}, given[0], attrs=dict(*given[2:]))
            for name, given in made.items()}  # fmt: skip
