# SPDX-License-Identifier: Apache-2.0
"""Arrays as netCDF-4."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["write_netcdf"]


def write_netcdf(dataset: "xr.Dataset", path: Path) -> None:
    """NetCDF-4, compressed.

    Made in memory and then written: where the disk is full HDF5 itself would crash the process, a plain write says so.
    """
    packed = {
        str(name): {"zlib": True, "complevel": 4}
        for name, variable in dataset.variables.items()
        if variable.ndim and isinstance(variable.dtype, np.dtype) and variable.dtype.kind in "iuf"
    }
    path.write_bytes(dataset.to_netcdf(None, engine="h5netcdf", encoding=packed))
