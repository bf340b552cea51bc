# SPDX-License-Identifier: Apache-2.0
"""A posterior for ArviZ: its samples, the observation, data simulated from it, and draws of the prior."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["is_posterior", "posterior_tree"]


def is_posterior(arrays: "xr.Dataset") -> bool:
    """Samples of named parameters."""
    return "parameter" in arrays.coords and set(map(str, arrays["parameter"].to_numpy())) <= set(map(str, arrays))


def posterior_tree(arrays: "xr.Dataset") -> "xr.DataTree":
    """Groups `posterior` [chain, draw], and where they are known `prior`, `observed_data`, `posterior_predictive`.

    Independent samples are one chain.  The prior is that of held-out pairs, whose parameters were drawn from it.
    """
    import xarray as xr

    names = [str(name) for name in arrays["parameter"].to_numpy()]
    one = lambda a: (("chain", "draw", *(f"x_{i}" for i in range(a.ndim - 1))), np.asarray(a)[None])  # noqa: E731
    groups: dict[str, dict[str, Any]] = {"posterior": {name: one(arrays[name].to_numpy()) for name in names}}
    if "held_out" in arrays:
        columns = arrays["held_out"].to_numpy().T
        groups["prior"] = {name: one(column) for name, column in zip(names, columns, strict=True)}
    if "observation" in arrays:
        x = arrays["observation"].to_numpy()
        groups["observed_data"] = {"x": (tuple(f"x_{i}" for i in range(x.ndim)), x)}
    if "replicated" in arrays:
        groups["posterior_predictive"] = {"x": one(arrays["replicated"].to_numpy())}
    made = {f"/{name}": xr.Dataset(group, attrs=arrays.attrs) for name, group in groups.items()}
    label = lambda d: d.assign_coords({k: np.arange(d.sizes[k]) for k in ("chain", "draw") if k in d.dims})  # noqa: E731
    return xr.DataTree.from_dict({name: label(d) for name, d in made.items()})
