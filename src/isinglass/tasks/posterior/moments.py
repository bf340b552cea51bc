# SPDX-License-Identifier: Apache-2.0
"""Samples of a posterior as a table, and what they say of each parameter."""

from typing import Any

import numpy as np

from isinglass import checks
from isinglass.result import Estimate

__all__ = ["contractions", "means", "samples"]


def samples(theta: np.ndarray, names: tuple[str, ...]) -> Any:
    """Posterior samples by name."""
    import xarray as xr

    kept: dict[str, Any] = {name: ("sample", theta[:, i]) for i, name in enumerate(names)}
    return xr.Dataset(kept, coords={"parameter": list(names)})


def means(theta: np.ndarray, names: tuple[str, ...]) -> dict[str, Estimate]:
    """Mean and deviation of every parameter."""
    return {name: Estimate(float(column.mean()), float(column.std(ddof=1)))
            for name, column in zip(names, theta.T, strict=True)}  # fmt: skip


def contractions(theta: np.ndarray, prior: np.ndarray, names: tuple[str, ...]) -> dict[str, Estimate]:
    """1 - Var(posterior)/Var(prior) of every parameter, by draws of both."""
    shrunk = checks.posterior.contraction(theta, prior)
    return {f"contraction/{name}": Estimate(float(c)) for name, c in zip(names, shrunk, strict=True)}
