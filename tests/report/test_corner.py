# SPDX-License-Identifier: Apache-2.0
"""Regions of the corner figure are as large as the law says, whatever the number of samples."""

import numpy as np
import pytest

from isinglass.report.plots.posterior.corner import smallest_regions, spread


@pytest.mark.parametrize("n", [2000, 4096, 20_000])
def test_regions_have_the_size_of_the_law(n):
    """Ellipses: areas 2π ln(1/0.05) σ_x σ_y and 2π ln(1/0.32) σ_x σ_y, to 15 %; planted: few bins."""
    x, y = np.random.default_rng(n).normal(size=(2, n)) * [[2.0], [0.1]]
    for keep, right in ((slice(None), True), (slice(None, None, 4), False)):
        edges = [spread(column)[keep] for column in (x, y)]
        density, cuts = smallest_regions(x, y, *edges)
        cell = (edges[0][1] - edges[0][0]) * (edges[1][1] - edges[1][0])
        found = [cell * np.sum(density >= cut) for cut in cuts]
        assert (np.abs(found / (2 * np.pi * np.log([20.0, 1 / 0.32]) * 0.2) - 1) < 0.15).all() == right
