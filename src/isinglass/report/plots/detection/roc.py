# SPDX-License-Identifier: Apache-2.0
"""Detection probability against false-alarm probability: the ROC of each detector.

Input: `power` and `power_error` [detector, false_alarm], attribute `asked_false_alarm`; `exact_power` [false_alarm]
where it is known in closed form.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, color, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Detection probability against false-alarm probability on rows that were not trained on, with errors that "
    "are binomial in both classes; dotted: the false-alarm probability that was asked for, gray: by chance."
)
LABEL = {"network": "network", "logistic": "logistic regression", "likelihood_ratio": "likelihood ratio"}


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """One panel."""
    end = f"_{of}" if of else ""
    figure, (axes,) = new_figure()
    alarm = arrays[f"false_alarm{end}"].to_numpy()
    for i, name in enumerate(arrays[f"detector{end}"].to_numpy()):
        power = arrays[f"power{end}"].to_numpy()[i]
        error = arrays[f"power{end}_error"].to_numpy()[i]
        axes.plot(alarm, power, color=color(i), label=LABEL.get(str(name), str(name)))
        axes.fill_between(alarm, power - error, (power + error).clip(max=1), color=color(i), alpha=0.2, linewidth=0)
    if f"exact_power{end}" in arrays:
        axes.plot(alarm, arrays[f"exact_power{end}"], color=EXACT, linestyle="--", linewidth=1.1, label="exact")
    axes.plot(alarm, alarm, color="#999999", linewidth=0.8, label="by chance")
    if "asked_false_alarm" in arrays.attrs:
        axes.axvline(float(arrays.attrs["asked_false_alarm"]), color=EXACT, linestyle=":", linewidth=1.0,
                     label="asked for")  # fmt: skip
    axes.set(xscale="log", xlabel="false-alarm probability", ylabel="detection probability", ylim=(0, 1.02),
             xlim=(alarm[0], 1))  # fmt: skip
    legend(axes)
    return figure
