# SPDX-License-Identifier: Apache-2.0
"""Configurations embedded in a plane by an unsupervised method.

embedding_OF(sample, 2), sample_parameter(sample); cluster(sample), integers, if present: a second panel.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import color, legend, named, new_figure, parameter_of, sample_parameter

__all__ = ["CAPTION", "caption", "draw"]

CAPTION = "Each point is a configuration; the axes have no unit. Colors: the control parameter."


def caption(arrays: xr.Dataset, of: str) -> str:
    """Of the clusters where they are drawn."""
    return CAPTION + " Right: the clusters found." * ("cluster" in arrays)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Points colored by the control parameter, and by cluster."""
    z = arrays[named("embedding", of)].to_numpy()
    label = parameter_of(arrays)[1]
    clustered = "cluster" in arrays
    figure, panels = new_figure(1 + clustered)
    dots = panels[0].scatter(z[:, 0], z[:, 1], c=sample_parameter(arrays), s=7, linewidths=0, rasterized=True)
    figure.colorbar(dots, ax=panels[0], label=label)
    panels[0].set(title=readable(of))
    if clustered:
        cluster = arrays["cluster"].to_numpy().astype(int)
        for k in range(cluster.max() + 1):
            rows = cluster == k
            style = {"s": 7, "linewidths": 0, "rasterized": True, "label": f"cluster {k + 1}"}
            panels[1].scatter(z[rows, 0], z[rows, 1], color=color(k), **style)
        legend(panels[1], markerscale=2)
    for axes in panels:
        axes.set(xticks=[], yticks=[])
    return figure
