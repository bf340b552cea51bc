# SPDX-License-Identifier: Apache-2.0
"""Samples for other programs: a tree that ArviZ judges as we do, a table of text, coordinates and attributes."""

import csv

import arviz_stats
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

from isinglass import data, sample
from isinglass.errors import InputError
from isinglass.result import Result
from isinglass.stats.convergence import bulk_ess, rhat
from isinglass.systems import Ising

T = [2.0, 3.0]


@pytest.fixture(scope="module")
def result():
    """100 samples of 8 chains: the last draw is not of all chains."""
    observables = {"m2": lambda x: x.mean() ** 2, "row": lambda x: x[0].astype(float)}
    return sample(7, Ising((3, 4), h=0.1), T, samples=100, chains=8, effective_samples=None, observables=observables)


def cube(result, name):
    """[temperature, chain, draw], by rows of the table alone."""
    table = {(t, c, d): v for t, c, d, v in zip(*(result.arrays[n].to_numpy().tolist() for n in
             ("temperature", "chain", "draw", name)), strict=True)}  # fmt: skip
    return np.array([[[table[t, c, d] for d in range(12)] for c in range(8)] for t in T])


def test_the_tree_holds_the_samples_by_chain_draw_and_temperature(result):
    tree = result.to_datatree()
    assert tree["posterior"]["energy"].dims == ("chain", "draw", "temperature")
    assert tree["posterior"]["row"].dims == ("chain", "draw", "temperature", "row_axis_0")
    assert tree["configurations"]["configurations"].dtype == np.int8
    for name in ("energy", "order_parameter", "m2"):
        np.testing.assert_array_equal(
            tree["posterior"][name].transpose("temperature", "chain", "draw"), cube(result, name)
        )
    spins = tree["configurations"]["configurations"].mean(("axis_0", "axis_1"))
    np.testing.assert_allclose(spins, tree["posterior"]["order_parameter"])


def test_arviz_judges_the_tree_as_we_judge_the_chains(result):
    """ESS and R-hat of ArviZ from the tree, of ours from the same chains; planted: chains in another order of draws."""
    tree, series = result.to_datatree(), cube(result, "energy")
    ess = arviz_stats.ess(tree, var_names=["energy"])["energy"].to_numpy()
    r_hat = arviz_stats.rhat(tree, var_names=["energy"])["energy"].to_numpy()
    np.testing.assert_allclose(ess, [float(bulk_ess(jnp.asarray(one))) for one in series], rtol=1e-6)
    np.testing.assert_allclose(r_hat, [float(rhat(jnp.asarray(one))) for one in series], rtol=1e-6)
    mixed = series.swapaxes(1, 2).reshape(series.shape)
    assert abs(ess - np.array([float(bulk_ess(jnp.asarray(one))) for one in mixed])).max() > 1


def test_a_temperature_is_selected(result):
    at = result.arrays.set_xindex("temperature").sel(temperature=3.0)
    assert at.sizes["sample"] == 100
    assert set(at["temperature"].to_numpy()) == {3.0}
    np.testing.assert_allclose(
        result.to_datatree()["posterior"].sel(temperature=3.0)["energy"].to_numpy(), cube(result, "energy")[1]
    )


def test_arrays_say_what_they_are(result, tmp_path):
    """Coordinates, units, names, system, seed, version and conventions, in memory and in the file."""
    for arrays in (result.arrays, xr.load_dataset(data.write(result, tmp_path / "a.nc"), engine="h5netcdf")):
        assert {"temperature", "chain", "draw"} <= set(arrays.coords)
        assert arrays["energy"].attrs["units"] == "J = k_B = 1"
        assert arrays["order_parameter"].attrs["long_name"].startswith("Magnetization per site")
        assert arrays.attrs["system"] == "Ising"
        assert arrays.attrs["parameters"] == "shape = 3 x 4, lattice = square, J = 1, h = 0.1"
        assert "Σ_<ij>" in arrays.attrs["energy_function"]
        assert arrays.attrs["random_seed"] == 7
        assert arrays.attrs["isinglass_version"] == result.versions["isinglass"]
        assert "whole configuration" in arrays.attrs["conventions"]


def test_a_file_with_coordinates_is_read_back(result, tmp_path):
    got = data.read(data.write(result, tmp_path / "a.nc"))
    for ours, name in ((got.x, "configurations"), (got.parameter, "temperature"), (got.chain, "chain"),
                       (got.energy, "energy")):  # fmt: skip
        np.testing.assert_array_equal(ours, result.arrays[name])
    again = data.read(data.write(got, tmp_path / "b.nc"))
    np.testing.assert_array_equal(again.parameter, got.parameter)


def test_a_table_has_a_row_for_each_sample(result, tmp_path):
    """Numbers in full, a plain header; written by the writer of files too."""
    for path in (result.to_csv(tmp_path / "a.csv"), data.write(result, tmp_path / "b.csv")):
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert list(rows[0])[:5] == ["temperature", "chain", "draw", "energy", "order_parameter"]
        assert {"m2", "row_0", "row_3"} <= set(rows[0])
        assert len(rows) == 200
        for name in ("temperature", "energy", "m2"):
            np.testing.assert_array_equal([float(row[name]) for row in rows], result.arrays[name])
    with pytest.raises(InputError, match="exists"):
        result.to_csv(tmp_path / "a.csv")


def test_samples_without_chains_are_one_chain(result):
    bare = Result("r", arrays=result.arrays[["energy"]].drop_vars(["temperature", "chain", "draw"]))
    energy = bare.to_datatree()["posterior"]["energy"]
    np.testing.assert_array_equal(energy.to_numpy()[0, :, 0], result.arrays["energy"])
    np.testing.assert_array_equal(energy["draw"], np.arange(200))


@pytest.mark.parametrize("way", [Result.to_datatree, lambda r: r.to_csv("x.csv")])
def test_a_result_without_samples_says_so(way):
    with pytest.raises(InputError, match="holds samples"):
        way(Result("r"))


def test_a_draw_that_some_chains_lack_is_left_out(result):
    """Three samples of draw 5 are taken away; planted: chains that share no draw are refused."""
    tree = Result("r", arrays=result.arrays.isel(sample=np.delete(np.arange(200), [40, 41, 42]))).to_datatree()
    assert tree["posterior"]["draw"].to_numpy().tolist() == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]
    chain, draw = (result.arrays[name].to_numpy() for name in ("chain", "draw"))
    apart = Result("r", arrays=result.arrays.isel(sample=np.flatnonzero((chain < 4) == (draw < 6))))
    with pytest.raises(InputError, match="as many samples"):
        apart.to_datatree()
