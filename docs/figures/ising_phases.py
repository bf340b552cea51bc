# SPDX-License-Identifier: Apache-2.0
"""The README's figure: `python docs/figures/ising_phases.py RUN` draws it from a run directory of ising-phases."""

import io
import sys
from pathlib import Path

import matplotlib.image as image
import numpy as np

from isinglass.report.figures import draw
from isinglass.result import Result

__all__ = ["compose"]

PANELS = {
    "samples": None,
    "network_output/supervised_mlp": "perceptrons, trained only at T ≤ 1.85 and T ≥ 2.75",
    "collapse/supervised_mlp": None,
}


def compose(run: str, dpi: int = 110) -> np.ndarray:
    """Snapshots above; mean output of the networks and data collapse below.  RGB, [rows, columns, 3]."""
    result = Result.load(run)
    result.figures = list(PANELS)
    drawn = draw(result)
    drawn["samples"].set_size_inches(11.2, 2.25)
    pixels = {}
    for name, figure in drawn.items():
        if PANELS[name]:
            figure.axes[0].set_title(PANELS[name])
        file = io.BytesIO()
        figure.savefig(file, dpi=dpi, format="png")
        file.seek(0)
        pixels[name] = image.imread(file)[..., :3]
    strip, output, collapse = pixels.values()
    return np.concatenate([strip, np.concatenate([output, collapse], axis=1)])


if __name__ == "__main__":
    image.imsave(Path(__file__).with_name("ising-phases.png"), compose(sys.argv[1]))
