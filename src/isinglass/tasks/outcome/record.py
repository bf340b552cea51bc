# SPDX-License-Identifier: Apache-2.0
"""Samples and settings as a result keeps them."""

from typing import Any

import numpy as np
from jaxtyping import Float

from isinglass.sampling.ensemble.driver import Draws
from isinglass.symmetry.lattice import Translation
from isinglass.systems.system import AbstractPairSystem, AbstractSystem
from isinglass.tasks.outcome.annotation import annotated

__all__ = ["described_settings", "to_arrays"]


def to_arrays(draws: Draws, temperature: Float[np.ndarray, " T"], samples: int, system: AbstractSystem):
    """The samples as a table, temperature by temperature; configurations, if they were kept; the diagnosis."""
    import xarray as xr

    T, R, D = draws.x.shape[:3]
    there = slice(draws.stride - 1, None, draws.stride)  # measurements at which a configuration was kept
    channels = not isinstance(system, AbstractPairSystem)  # variables on links: several at each lattice site
    attributes = {"kind": system.variable.name, "channels": int(channels)}
    attributes |= {"boundary": "periodic"} if system.has(Translation) else {}
    site = tuple(f"axis_{i}" for i in range(draws.x.ndim - 3))
    rows = lambda a: np.concatenate(np.swapaxes(a, 1, 2).reshape(T, D * R, *a.shape[3:])[:, :samples])  # noqa: E731
    label = lambda a: rows(np.broadcast_to(a, (T, R, D)))  # noqa: E731
    kept = {"configurations": (("sample", *site), rows(draws.x), attributes)}
    table = xr.Dataset(
        (kept if draws.x.size else {})
        | {
            "temperature": ("sample", label(temperature[:, None, None])),
            "chain": ("sample", label(np.arange(R)[None, :, None])),
            "draw": ("sample", label(np.arange(D)[None, None, :])),
            "energy": ("sample", rows(draws.energy[:, :, there])),
            "order_parameter": ("sample", rows(draws.order[:, :, there])),
            "effective_sample_size": ("point", draws.diagnosis.effective_samples),
            "r_hat": ("point", draws.diagnosis.r_hat),
            "autocorrelation_time": ("point", draws.diagnosis.autocorrelation_time * draws.thin),
        },
        coords={"point": ("point", temperature)},
    )
    return annotated(table, system)


def described_settings(module: Any) -> dict[str, Any]:
    """A system or method in words and plain numbers."""
    fields = {}
    for name in module.__dataclass_fields__:
        value = getattr(module, name)
        if hasattr(value, "__dataclass_fields__"):
            value = described_settings(value)
        elif hasattr(value, "shape") and np.size(value) > 16:
            continue
        fields[name] = value
    return {"class": type(module).__name__, **fields}
