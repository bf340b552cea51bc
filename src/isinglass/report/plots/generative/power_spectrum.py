# SPDX-License-Identifier: Apache-2.0
"""Power spectrum of sampled fields and the expected one: power_OF(shell_OF), power_OF_error, power_OF_exact.

The attribute `precision` of the last one: what is claimed of their ratio.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, legend, new_figure, points

__all__ = ["caption", "draw"]


def caption(arrays: xr.Dataset, of: str) -> str:
    """With the precision that is claimed."""
    claim = arrays[f"power_{of}_exact"].attrs.get("precision", 0.05)
    return f"Left: power in shells of wave number; line: expected. Right: their ratio; gray band: {100 * claim:.3g} %."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """The spectrum, and its ratio to the expected one."""
    k = arrays[f"shell_{of}"].to_numpy()
    P, error, exact = (arrays[f"power_{of}{end}"].to_numpy() for end in ("", "_error", "_exact"))
    figure, (left, right) = new_figure(2)
    left.plot(k, exact, color=EXACT, linewidth=1.0, label="expected")
    points(left, k, P, error, 0, "diffusion", line=False)
    left.set(xlabel=r"$|\hat k|$", ylabel="$P(k)$", yscale="log")
    legend(left)
    claim = arrays[f"power_{of}_exact"].attrs.get("precision", 0.05)
    right.axhspan(1 - claim, 1 + claim, color="#e6e6e6")
    right.axhline(1.0, color=EXACT, linewidth=1.0)
    points(right, k, P / exact, error / exact, 0, line=False)
    reach = max(0.1, 1.2 * float(np.max(np.abs(P / exact - 1) + error / exact)))
    right.set(xlabel=r"$|\hat k|$", ylabel="ratio to the expected", ylim=(1 - reach, 1 + reach))
    return figure
