# SPDX-License-Identifier: Apache-2.0
"""A posterior for ArviZ: its summary has our means, also of the file that is written and read back."""

import arviz_stats
import numpy as np
import pytest
import xarray as xr

from isinglass.systems.simulator import GaussianLinear
from isinglass.verbs import infer

SEEN = np.array([0.3, -0.2])


@pytest.fixture(scope="module")
def result():
    return infer(0, GaussianLinear(dimension=2), observation=SEEN, simulations=3000, steps=200, samples=2000, width=16,
                 progress=False)  # fmt: skip


def test_arviz_has_our_means_and_reads_the_file_back(result, tmp_path):
    result.to_datatree().to_netcdf(tmp_path / "tree.nc", engine="h5netcdf")
    for tree in (result.to_datatree(), xr.open_datatree(tmp_path / "tree.nc", engine="h5netcdf")):
        assert {"posterior", "prior", "observed_data", "posterior_predictive"} == set(tree.children)
        assert tree["posterior"]["theta_0"].dims == ("chain", "draw")
        found = arviz_stats.summary(tree, round_to="none")
        for name in ("theta_0", "theta_1"):
            assert float(found.loc[name, "mean"]) == pytest.approx(result.estimates[name].value, rel=1e-9)
            assert float(found.loc[name, "sd"]) == pytest.approx(result.estimates[name].error, rel=1e-3)
        np.testing.assert_array_equal(tree["observed_data"]["x"], SEEN)
        assert tree["posterior_predictive"]["x"].dims == ("chain", "draw", "x_0")
        tree.close()


def test_the_predicted_data_have_their_law(result):
    """x_rep = θ + N(0, 0.1): mean x/2, variance 0.05 + 0.1; 500 of them.  A bias of 0.1 is seen."""
    x = result.to_datatree()["posterior_predictive"]["x"].to_numpy()[0]
    np.testing.assert_allclose(x.mean(axis=0), SEEN / 2, atol=0.1)
    np.testing.assert_allclose(x.var(axis=0), 0.15, rtol=0.3)
