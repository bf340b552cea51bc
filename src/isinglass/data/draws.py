# SPDX-License-Identifier: Apache-2.0
"""Draws as a table of samples, as every file of configurations has it."""

import numpy as np
from jaxtyping import Float

from isinglass.sampling.ensemble.driver import Draws
from isinglass.systems.system import AbstractPairSystem, AbstractSystem

__all__ = ["to_arrays"]


def to_arrays(draws: Draws, temperature: Float[np.ndarray, " T"], samples: int, system: AbstractSystem):
    """The draws as a table of samples, temperature by temperature, and the diagnosis per temperature."""
    import xarray as xr

    T, R, D = draws.x.shape[:3]
    there = slice(draws.stride - 1, None, draws.stride)  # measurements at which a configuration was kept
    channels = not isinstance(system, AbstractPairSystem)  # variables on links: several at each lattice site
    site = tuple(f"axis_{i}" for i in range(draws.x.ndim - 3))
    rows = lambda a: np.swapaxes(a, 1, 2).reshape(T, D * R, *a.shape[3:])[:, :samples].reshape(-1, *a.shape[3:])  # noqa: E731
    label = lambda a: rows(np.broadcast_to(a, (T, R, D)))  # noqa: E731
    return xr.Dataset(
        {
            "configurations": (("sample", *site), rows(draws.x), {"kind": system.kind, "channels": int(channels)}),
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
