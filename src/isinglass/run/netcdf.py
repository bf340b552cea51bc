# SPDX-License-Identifier: Apache-2.0
"""Arrays on disk: an xarray Dataset as a netCDF-4 file."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["write_netcdf"]


def write_netcdf(dataset: "xr.Dataset", path: Path) -> None:
    """Write a compressed netCDF-4 file.

    It is made in memory first: on a full disk HDF5 would crash the process, a plain write raises OSError.
    """
    packed = {
        str(name): {"zlib": True, "complevel": 4}
        for name, variable in dataset.variables.items()
        if variable.ndim and isinstance(variable.dtype, np.dtype) and variable.dtype.kind in "iuf"
    }
    path.write_bytes(dataset.to_netcdf(None, engine="h5netcdf", encoding=packed))
