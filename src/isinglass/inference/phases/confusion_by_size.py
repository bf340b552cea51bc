# SPDX-License-Identifier: Apache-2.0
"""Learning by confusion at several lattice sizes: the peak, and how far it still moves from one size to the next.

Ref: van Nieuwenburg, Liu & Huber 2017, arXiv:1610.02048.
"""

from collections.abc import Mapping

import jax
import numpy as np
import xarray as xr

from isinglass.data.configurations import Configurations
from isinglass.inference.phases.confusion import (
    DEFAULT,
    Confusion,
    ConfusionCurves,
    confusion_curves,
    peak,
    predict_points,
)
from isinglass.result import Estimate, Result
from isinglass.run.document import plain

__all__ = ["confusion_by_size"]


def confusion_by_size(key, by_size: Mapping[int, Configurations], settings: Confusion = DEFAULT) -> Result:
    """One committee of networks for each size; each is evaluated only on chains that it was trained without."""
    found, peaks = {}, {}
    for L, c in by_size.items():
        key_draws, key_train = jax.random.split(jax.random.fold_in(key, L))
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key_draws)))
        predicted = predict_points(key_train, c, settings)
        found[L] = confusion_curves(rng, predicted, window=settings.window, draws=settings.draws)
        tops = np.array([peak(found[L].cut, row).position for row in found[L].information])
        peaks[L] = Estimate(float(tops[0]), float(np.nanstd(tops[1:])))
    parameter = next(iter(by_size.values())).parameter_name
    name = f"critical_{parameter}/confusion"
    return Result(
        "confusion",
        estimates={name: settled(peaks), **{f"{name}_L{L}": p for L, p in peaks.items()}},
        arrays=curves_against_guess(found, peaks).assign_attrs(parameter=parameter),
        settings=plain(vars(settings)),
        status="done" if all(np.isfinite(p.value) for p in peaks.values()) else "no peak inside the range at some size",
        figures=["confusion"],
    )


def settled(peaks: Mapping[int, Estimate]) -> Estimate:
    """The peak at the largest size; its error includes how far it has moved from the size before, if there is one.

    All of the way, also where it is within the errors: it bounds what is left only if it is known.
    """
    ordered = [peaks[L] for L in sorted(peaks)]
    before, last = ordered[-2:] if len(ordered) > 1 else (ordered[0], ordered[0])
    return Estimate(last.value, float(np.hypot(last.error or 0.0, last.value - before.value)))


def curves_against_guess(found: Mapping[int, ConfusionCurves], peaks: Mapping[int, Estimate]) -> xr.Dataset:
    """The W of each size, and its peak."""
    curves = list(found.values())
    both = ("size", "guess")
    return xr.Dataset(
        {
            "confusion_accuracy": (both, np.array([c.accuracy[0] for c in curves])),
            "confusion_accuracy_error": (both, np.array([c.accuracy[1:].std(axis=0) for c in curves])),
            "confusion_peak": ("size", [p.value for p in peaks.values()]),
            "confusion_peak_error": ("size", [p.error for p in peaks.values()]),
        },
        coords={"size": list(found), "guess": curves[0].cut},
    )
