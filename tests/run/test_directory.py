# SPDX-License-Identifier: Apache-2.0
"""A run comes back as it went; what is no run is refused in one line; nothing is overwritten."""

import json
import math
import tomllib

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from tests.report.example import example

from isinglass import verbs
from isinglass.errors import InputError
from isinglass.nets.layer.mlp import MLP
from isinglass.report.figures import draw
from isinglass.result import Check, Estimate, Result
from isinglass.run import directory as run_directory
from isinglass.run.directory import find, new_run, read_config, save
from isinglass.run.document import plain, to_toml


@pytest.fixture
def result():
    made = example(60)
    made.figures = ["confusion", "extrapolation/cnn+mlp"]
    return made


def test_loads_back_equal(result, tmp_path):
    result.estimates["unknown"] = Estimate(math.nan, None)
    result.metrics.append({"step": 1e300, "odd": -0.1})
    back = Result.load(save(result, tmp_path / "run", report=False))
    assert back.to_json() == result.to_json()
    assert back.metrics == result.metrics
    xr.testing.assert_identical(back.arrays, result.arrays)


def test_files_of_a_run(result, tmp_path):
    folder = save(result, tmp_path / "run")
    names = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    figures = {f"figures/{n}.{s}" for n in ("confusion", "extrapolation-cnn-mlp") for s in ("png", "svg")}
    assert names == {"config.toml", "result.json", "arrays.nc", "metrics.csv", "report.html"} | figures
    assert tomllib.loads((folder / "config.toml").read_text())["settings"]["sizes"] == [8, 16, 32]
    assert json.loads((folder / "result.json").read_text())["verdict"] == "fail"
    with xr.open_dataset(folder / "arrays.nc", engine="h5netcdf") as arrays:
        assert arrays.sizes["guess"] == 29


def test_models_come_back(tmp_path, key):
    model = MLP(key=key, in_shape=(4, 4), out=1)
    back = Result.load(save(Result("run", models={"mlp": model}), tmp_path / "run")).models["mlp"]
    x = jnp.ones((4, 4), jnp.float32)
    np.testing.assert_array_equal(back(x), model(x))
    assert Result.load(tmp_path / "run", whole=False).models == {}


class Lost(eqx.Module):
    """What no file can hold: its constructor's `n` is no field."""

    x: jnp.ndarray

    def __init__(self, n: int):
        self.x = jnp.ones(n)


def test_a_model_that_cannot_be_stored_costs_a_note_not_the_numbers(result, tmp_path, key):
    """It is told in the result and its file; the other model is there."""
    result.models = {"lost": Lost(2), "mlp": MLP(key=key, in_shape=(2,), out=1)}
    folder = save(result, tmp_path / "run", report=False)
    (note,) = [note for note in result.notes if "was not saved" in note]
    assert note.startswith("the model 'lost' (Lost) was not saved: expected a field for every parameter")
    assert "self.n = n" in note
    back = Result.load(folder)
    assert back.to_json() == result.to_json()
    assert note in back.notes
    xr.testing.assert_identical(back.arrays, result.arrays)
    assert back.metrics == result.metrics
    assert set(back.models) == {"mlp"}
    save(result, tmp_path / "again", report=False)
    assert result.notes.count(note) == 1


def test_numbers_are_written_before_models(result, tmp_path, key, monkeypatch):
    """The planted error is a full disk at the models: every number is in its file by then."""
    from isinglass.run import model_file

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(model_file, "write", full)
    result.models = {"mlp": MLP(key=key, in_shape=(2,), out=1)}
    with pytest.raises(OSError, match="space"):
        run_directory.fill(result, tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"result.json", "config.toml", "arrays.nc", "metrics.csv"}


@pytest.mark.parametrize("name", ["model.json", "model.safetensors"])
def test_refuses_damaged_models(name, tmp_path, key):
    folder = save(Result("run", models={"mlp": MLP(key=key, in_shape=(4,), out=1)}), tmp_path / "run")
    (folder / name).write_bytes((folder / name).read_bytes()[:40])
    with pytest.raises(InputError) as error:
        Result.load(folder)
    assert "\n" not in str(error.value)


def test_result_saves_and_loads_itself(tmp_path):
    before = Result("small", estimates={"x": Estimate(1.0, 0.1)}, checks=[Check.within("x is 1", 1.0, 1.0, 0.1)])
    assert Result.load(before.save(tmp_path / "a")).to_json() == before.to_json()


def test_never_overwrites(result, tmp_path):
    save(result, tmp_path / "run", report=False)
    before = (tmp_path / "run" / "result.json").read_bytes()
    with pytest.raises(InputError, match="does not exist yet"):
        save(Result("other"), tmp_path / "run")
    assert (tmp_path / "run" / "result.json").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_failed_save_leaves_nothing(result, tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run_directory, "write_netcdf", full)
    with pytest.raises(OSError, match="space"):
        save(result, tmp_path / "run")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["result.json", "arrays.nc", "metrics.csv"])
@pytest.mark.parametrize("content", [b"", b"{", b"[1, 2]", b'{"estimates": 3}', b"\x80\x04\x95 pickle"])
def test_refuses_damaged_runs_in_one_line(name, content, result, tmp_path):
    folder = save(result, tmp_path / "run", report=False)
    (folder / name).write_bytes(content)
    if name == "metrics.csv" and content in (b"", b"{", b"[1, 2]", b'{"estimates": 3}'):
        assert Result.load(folder).metrics == []
        return
    with pytest.raises(InputError, match=name) as error:
        Result.load(folder)
    assert "\n" not in str(error.value)


def test_refuses_what_is_no_run(tmp_path):
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(InputError, match="run directory"):
            Result.load(folder)


def test_finds_runs_by_name_and_latest(tmp_path):
    for name, stamp in (("a", "20240101T000000Z-1"), ("a", "20250101T000000Z-2"), ("b", "20240601T000000Z-3")):
        (tmp_path / name).mkdir(exist_ok=True)
        save(Result(name), tmp_path / name / stamp, report=False)
    (tmp_path / "a" / "20260101T000000Z-4.partial").mkdir()
    assert find("a", tmp_path).name == "20250101T000000Z-2"
    assert find("latest", tmp_path).name == "20250101T000000Z-2"
    assert find("b", tmp_path).name == "20240601T000000Z-3"
    assert find(str(tmp_path / "a" / "20240101T000000Z-1")).name == "20240101T000000Z-1"
    with pytest.raises(InputError, match="runs of a, b"):
        find("c", tmp_path)


def test_new_runs_have_their_own_names(tmp_path):
    assert len({new_run(tmp_path, "a") for _ in range(20)}) == 20


VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@settings(max_examples=100, deadline=None, database=None)
@given(st.dictionaries(st.text(), VALUES))
def test_toml_comes_back_equal(table):
    # tomllib is the outside truth; a lone surrogate is no text that a file could hold.
    table = plain(table)
    try:
        text = to_toml(table).encode().decode()
    except UnicodeEncodeError:
        return
    assert tomllib.loads(text) == table


def test_config_is_read_back(result, tmp_path):
    config = read_config(save(result, tmp_path / "run", report=False))
    assert (config["name"], config["preset"], config["seed"]) == ("ising-phases", "laptop", 3)


def test_figures_are_drawn_from_arrays_alone(result):
    assert set(draw(result)) == set(result.figures)
    with pytest.raises(InputError, match="arrays"):
        draw(Result("none", figures=["confusion"]))
    with pytest.raises(InputError, match="confusion"):
        draw(Result("none", arrays=result.arrays, figures=["nonsense"]))


def test_a_figure_that_cannot_be_drawn_costs_a_note_not_the_numbers(result, tmp_path, monkeypatch, notes_of_figures):
    """Planted: a figure that raises; the page is there without it, and says so."""

    def broken(result, name):
        if name == result.figures[0]:
            raise KeyError("no such variable")
        return Figure()

    monkeypatch.setattr("isinglass.report.figures.draw_one", broken)
    back = Result.load(save(result, tmp_path / "run"))
    assert f"the figure {result.figures[0]} was not drawn: KeyError" in back.notes[-1]
    assert "was not drawn" in (tmp_path / "run" / "report.html").read_text()
    assert len(list((tmp_path / "run" / "figures").glob("*.svg"))) == len(result.figures) - 1
    assert back.estimates == result.estimates


def test_a_page_that_cannot_be_written_costs_a_note_not_the_numbers(result, tmp_path, monkeypatch, notes_of_figures):
    """Planted: a template that raises."""

    def broken(*_):
        raise KeyError("no such filter")

    monkeypatch.setattr("isinglass.report.html.render_page", broken)
    back = Result.load(save(result, tmp_path / "run"))
    assert "the report was not drawn: KeyError" in back.notes[-1]
    assert back.estimates == result.estimates


def test_in_tests_a_figure_that_is_not_drawn_is_an_error(result, tmp_path, monkeypatch):
    """Planted: a figure that raises; elsewhere it costs a note."""
    monkeypatch.setattr("isinglass.report.figures.draw_one", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save(result, tmp_path / "run")


def test_in_tests_every_figure_of_a_verb_is_drawn():
    """Planted: a result whose figure lacks its array, as a verb would return it."""
    lacking = Result("task", arrays=xr.Dataset({"own": ("row", np.zeros(3))}), figures=["risk_curve"])
    with pytest.raises(KeyError):
        verbs.as_result(lacking, "Planted")
