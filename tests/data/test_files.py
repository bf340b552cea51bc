# SPDX-License-Identifier: Apache-2.0
"""Configurations come back from every format as they went in; everything else is refused in one line."""

import os

import h5py
import numpy as np
import pytest
import xarray as xr

from isinglass.data import Configurations, read, write
from isinglass.data.kind import detect_kind
from isinglass.errors import InputError
from isinglass.result import Result

T = np.repeat([1.5, 2.0, 2.5], 4)


def spins(rng, shape=(12, 6, 6)):
    return rng.choice(np.array([-1, 1], np.int8), shape)


@pytest.fixture
def rng():
    return np.random.default_rng(1944)


def store(path, **arrays):
    """Write arrays with the format's own library, not with ours."""
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    elif path.suffix == ".nc":
        variables = {k: (("n", *(f"d_{k}_{i}" for i in range(v.ndim - 1))), v) for k, v in arrays.items()}
        xr.Dataset(variables).to_netcdf(path, engine="h5netcdf")
    else:
        with h5py.File(path, "w") as file:
            for name, array in arrays.items():
                file[name] = array
    return path


@pytest.mark.parametrize("suffix", [".npz", ".h5", ".hdf5", ".nc"])
def test_reads_every_format(suffix, tmp_path, rng):
    x, chain = spins(rng), np.tile(np.arange(4), 3)
    got = read(store(tmp_path / f"a{suffix}", configurations=x, temperature=T, chain=chain))
    np.testing.assert_array_equal(got.x, x)
    np.testing.assert_array_equal(got.parameter, T)
    np.testing.assert_array_equal(got.chain, chain)
    assert (got.kind, got.x.dtype, got.channels, got.parameter_name) == ("ising", np.int8, False, "temperature")


@pytest.mark.parametrize("suffix", [".npz", ".nc"])
def test_energies_come_along_where_each_row_has_one(suffix, tmp_path, rng):
    x, energy = spins(rng), rng.normal(size=12)
    got = read(store(tmp_path / f"a{suffix}", configurations=x, temperature=T, energy=energy))
    np.testing.assert_array_equal(got.energy, energy)
    np.testing.assert_array_equal(read(write(got, tmp_path / "b.nc")).energy, energy)
    for i, wrong in enumerate((energy[:3], np.where(energy > 0, np.nan, energy))):
        path = store(tmp_path / f"wrong{i}.npz", configurations=x, temperature=T, energy=wrong)
        assert read(path).energy is None


def test_another_parameter(tmp_path, rng):
    path = store(tmp_path / "a.npz", configurations=spins(rng), coupling=T)
    assert read(path, parameter="coupling").parameter_name == "coupling"


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda r, s: r.choice([-1, 1], s), "ising"),
        (lambda r, s: r.choice([0, 1], s), "ising"),
        (lambda r, s: r.choice([False, True], s), "ising"),
        (lambda r, s: r.choice([-1.0, 1.0], s), "ising"),
        (lambda r, s: r.integers(0, 3, s), "potts"),
        (lambda r, s: r.integers(0, 10, s).astype(np.float32), "potts"),
        (lambda r, s: r.uniform(-np.pi, np.pi, s), "angle"),
        (lambda r, s: r.uniform(0, 2 * np.pi, s).astype(np.float32), "angle"),
        (lambda r, s: r.uniform(-1, 1, s), "real"),
        (lambda r, s: r.normal(size=s), "real"),
        (lambda r, s: 3 * r.normal(size=s), "real"),
    ],
)
def test_kind_from_values(make, kind, rng):
    assert detect_kind(np.asarray(make(rng, (50, 8, 8)))) == kind


def test_zero_and_one_become_spins(tmp_path, rng):
    bits = rng.integers(0, 2, (12, 6, 6))
    got = read(store(tmp_path / "a.npz", configurations=bits, temperature=T)).x
    np.testing.assert_array_equal(got, 2 * bits - 1)


def test_kind_by_hand_and_by_attribute(tmp_path, rng):
    narrow = rng.uniform(-1, 1, (12, 6, 6))
    path = store(tmp_path / "a.h5", configurations=narrow, temperature=T)
    assert read(path).kind == "real"
    assert read(path, kind="angle").kind == "angle"
    with h5py.File(path, "a") as file:
        file.attrs["kind"] = "angle"
    assert read(path).kind == "angle"


def test_links_of_a_gauge_theory_are_channels(tmp_path, rng):
    links = store(tmp_path / "a.npz", configurations=spins(rng, (12, 6, 6, 2)), temperature=T)
    cube = store(tmp_path / "b.npz", configurations=spins(rng, (12, 4, 4, 4)), temperature=T)
    assert read(links, axes="row site site channel").channels
    assert read(links, axes="row site site site").lattice == (6, 6, 2)
    with pytest.raises(InputError, match="links.*axes='row site site channel'"):
        read(links)
    assert not read(cube).channels


@pytest.mark.parametrize("kind", ["ising", "potts", "angle", "real"])
def test_written_file_reads_back_equal_and_opens_in_xarray(kind, tmp_path, rng):
    x = {"ising": spins(rng), "potts": rng.integers(0, 3, (12, 6, 6)).astype(np.int8)}.get(
        kind, rng.normal(size=(12, 6, 6))
    )
    before = Configurations(x, T, kind, "coupling", np.arange(12) % 4, source="here")
    path = write(before, tmp_path / "a.nc")
    after = read(path, parameter="coupling")
    np.testing.assert_array_equal(after.x, before.x)
    np.testing.assert_array_equal(after.group, before.group)
    assert (after.kind, after.channels) == (kind, False)
    with xr.open_dataset(path, engine="h5netcdf") as dataset:
        assert dataset["configurations"].dims == ("sample", "axis_0", "axis_1")
        np.testing.assert_array_equal(dataset["coupling"], T)


def test_write_a_result(tmp_path, rng):
    arrays = xr.Dataset({"configurations": (("sample", "x", "y"), spins(rng)), "temperature": ("sample", T)})
    assert read(write(Result("sample", arrays=arrays), tmp_path / "a.nc")).n == 12
    with pytest.raises(InputError, match="holds configurations"):
        write(Result("nothing"), tmp_path / "b.nc")


def nan(x):
    x = x.astype(float)
    x[3, 2, 1] = np.nan
    return x


REFUSED = {  # arrays of the file -> what the line must say
    "no configurations": (lambda x: {"energy": x, "temperature": T}, "energy"),
    "no temperature": (lambda x: {"configurations": x, "energy": T}, "energy"),
    "lengths": (lambda x: {"configurations": x, "temperature": T[:-1]}, "12 configurations"),
    "chain length": (lambda x: {"configurations": x, "temperature": T, "chain": np.zeros(3, int)}, "chain"),
    "nan": (lambda x: {"configurations": nan(x), "temperature": T}, "1 NaN"),
    "infinite": (lambda x: {"configurations": x, "temperature": np.where(T == 2, np.inf, T)}, "4 NaN or infinite"),
    "one temperature": (lambda x: {"configurations": x, "temperature": 0 * T + 2}, "two or more values"),
    "one axis": (lambda x: {"configurations": x[:, 0, 0], "temperature": T}, "lattice"),
    "empty": (lambda x: {"configurations": x[:0], "temperature": T[:0]}, "for 0 configurations"),
    "complex temperatures": (lambda x: {"configurations": x, "temperature": T + 1j}, "complex"),
    "equal everywhere": (lambda x: {"configurations": 0 * x + 5, "temperature": T}, "differ"),
    "text": (lambda x: {"configurations": x.astype(str), "temperature": T}, "numbers"),
    "objects": (lambda x: {"configurations": x.astype(object), "temperature": T}, "pickle"),
    "odd integers": (lambda x: {"configurations": x * np.arange(36).reshape(6, 6), "temperature": T}, "Potts"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_in_one_line(case, tmp_path, rng):
    arrays, says = REFUSED[case]
    np.savez(tmp_path / "a.npz", **arrays(spins(rng)))
    with pytest.raises(InputError, match=says) as error:
        read(tmp_path / "a.npz")
    assert one_line(error)


def one_line(error) -> bool:
    text = str(error.value)
    return "\n" not in text and text.startswith("expected ") and "; found " in text


@pytest.mark.parametrize("suffix", [".npz", ".h5", ".nc"])
@pytest.mark.parametrize("harm", ["truncated", "empty", "foreign", "missing", "folder"])
def test_refuses_files_that_are_none(suffix, harm, tmp_path, rng):
    path = store(tmp_path / f"a{suffix}", configurations=spins(rng), temperature=T)
    whole = path.read_bytes()
    path.unlink()
    if harm == "folder":
        path.mkdir()
    elif harm != "missing":
        path.write_bytes({"truncated": whole[: len(whole) // 2], "empty": b"", "foreign": b"PK no such thing"}[harm])
    with pytest.raises(InputError) as error:
        read(path)
    assert one_line(error)


def test_refuses_pickles_and_unknown_suffixes(tmp_path):
    for name in ("a.pkl", "a.npy", "a"):
        (tmp_path / name).write_bytes(b"\x80\x04.")
        with pytest.raises(InputError, match=r"\.npz"):
            read(tmp_path / name)


def test_objects_beside_arrays_are_left_unread(tmp_path, rng):
    """What they would run when they are opened is not run; the arrays are read."""

    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    x = spins(rng)
    np.savez(tmp_path / "a.npz", configurations=x, temperature=T, more=np.array([Trap()], object))
    np.testing.assert_array_equal(read(tmp_path / "a.npz").x, x)
    assert not (tmp_path / "ran").exists()
    assert b"mkdir" in (tmp_path / "a.npz").read_bytes()  # there it is


def test_never_overwrites(tmp_path, rng):
    data = Configurations(spins(rng), T, "ising")
    path = write(data, tmp_path / "a.nc")
    before = path.read_bytes()
    with pytest.raises(InputError, match="exists"):
        write(data, path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.nc"]


def test_refuses_output_paths(tmp_path, rng):
    data = Configurations(spins(rng), T, "ising")
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder.nc").mkdir()
    for path in ("missing/a.nc", "file/a.nc", "folder.nc", "a.txt"):
        with pytest.raises(InputError) as error:
            write(data, tmp_path / path)
        assert one_line(error)
    with pytest.raises(InputError, match="a path to write the"):
        write(data, "/proc/a.nc")  # where nobody may write, root neither


def test_a_failed_write_leaves_nothing(tmp_path, rng, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xr.Dataset, "to_netcdf", full)
    with pytest.raises(OSError, match="space"):
        write(Configurations(spins(rng), T, "ising"), tmp_path / "a.nc")
    assert not list(tmp_path.iterdir())
