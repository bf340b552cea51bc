# SPDX-License-Identifier: Apache-2.0
"""Training history: losses and accuracies against step.

Input, from `result.metrics`: rows with `step` (or `epoch`) and numbers such as `loss`, `validation_loss`, `accuracy`;
names of several networks start with OF/ (`cnn/loss`). Variables with `accuracy` in their name are in the right panel.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import color, legend, new_figure

__all__ = ["caption", "draw"]


def caption(arrays: xr.Dataset, of: str) -> str:
    """Training history, and of which data the validation is if there is one."""
    validated = any("validation" in str(name) for name in arrays.data_vars if not of or str(name).startswith(f"{of}/"))
    return "Training history" + "; validation: on data that are not in the training set" * validated + "."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Losses in the left panel, accuracies in the right one."""
    axis = "epoch" if "epoch" in arrays and "step" not in arrays else "step"
    names = [str(name) for name in arrays.data_vars if name != axis and (not of or str(name).startswith(f"{of}/"))]
    accuracies = [name for name in names if "accuracy" in name]
    losses = [name for name in names if "loss" in name and name not in accuracies]
    groups = [group for group in (losses or [n for n in names if n not in accuracies], accuracies) if group]
    x = arrays[axis].to_numpy() if axis in arrays else np.arange(arrays.sizes["row"])
    figure, panels = new_figure(max(1, len(groups)))
    for axes, group in zip(panels, groups, strict=False):
        for i, name in enumerate(group):
            y = arrays[name].to_numpy()
            rows = np.isfinite(y)
            axes.plot(x[rows], y[rows], color=color(i), label=name.removeprefix(f"{of}/").replace("_", " "))
        axes.set(xlabel=axis, ylabel="accuracy" if group is accuracies else "loss" if losses else "")
        axes.set_title(readable(of) if axes is panels[0] else "")
        legend(axes)
        if (
            all((arrays[name].to_numpy()[np.isfinite(arrays[name])] > 0).all() for name in group)
            and group is not accuracies
        ):
            axes.set_yscale("log")
    return figure
