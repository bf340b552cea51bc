# SPDX-License-Identifier: Apache-2.0
"""Arrays on disk: an xarray Dataset as a netCDF-4 file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass.run.input.separate_reader import read_separately

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["read_netcdf", "write_netcdf"]


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


def read_netcdf(path: Path) -> "xr.Dataset":
    """The inverse of `write_netcdf`, through a process that can be ended, since a run may be another's.

    Errors: InputError for a file that is damaged or lies in part in others; ValueError for dimensions that do not fit.
    """
    import xarray as xr

    (groups,) = read_separately([path], netcdf=True)
    whole = groups[0]
    variables = {
        name: xr.Variable(whole.dims[name], array, {k: as_stored(v) for k, v in whole.attributes[name].items()})
        for name, array in whole.arrays.items()
    }
    return xr.decode_cf(xr.Dataset(variables, attrs={k: as_stored(v) for k, v in whole.constants.items()})).load()


def as_stored(value: Any) -> Any:
    """An attribute as xarray has it: one number by itself, several as an array."""
    if not isinstance(value, list) or any(isinstance(v, str) for v in value):
        return value
    return value[0] if len(value) == 1 else np.asarray(value)
