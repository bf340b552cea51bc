# SPDX-License-Identifier: Apache-2.0
"""Files of other programs: read, or converted by the line that refuses them."""

import gzip
import json
import pathlib
import re
import subprocess

import h5py
import numpy as np
import pytest
import xarray as xr
from scipy.io import savemat
from tests.data.fields import POINTS, ROWS, spins, temperatures

from isinglass import data
from isinglass.data import read, read_hamiltonian, read_sizes
from isinglass.data.text_table import text_arrays
from isinglass.errors import InputError

T = temperatures()
S = spins(0)
LEVELS = T[::ROWS]
FLAT = S.reshape(len(S), -1)


def refused(path, **words) -> str:
    """The fix in the line."""
    with pytest.raises(InputError) as error:
        read(path, **words)
    return error.value.fix


def python(fix: str, folder: pathlib.Path, monkeypatch, **names) -> None:
    """Run the line of Python that a refusal gives."""
    monkeypatch.chdir(folder)
    code = re.split(r"in Python: |, with the names", fix)[1]
    exec(code, {"numpy": np, "json": json, "pathlib": pathlib, "xarray": xr, **names})  # noqa: S102


# --- HDF5


@pytest.mark.parametrize("name", ["a.h5", "a.hdf", "a.nxs", "a.jld2", "a"])
def test_hdf5_by_content_and_groups_at_any_depth(name, tmp_path):
    with h5py.File(tmp_path / name, "w") as file:
        for level, rows in zip(LEVELS, S.reshape(POINTS, ROWS, 16, 16), strict=True):
            group = file.create_group(f"a/b/c/d/e/f/T={level:.2f}")
            group["spins"], group["energy"] = rows, rows.sum(axis=(1, 2))
    got = read(tmp_path / name)
    np.testing.assert_array_equal(got.x, S)
    np.testing.assert_allclose(got.parameter, T, atol=0.005)


def test_the_parameter_in_another_group(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["entry/data/spins"], file["entry/sample/beta"], file["meta/box"] = S, 1 / T, np.eye(2)
        file["entry/data"].attrs["boundary"] = "periodic"
    got = read(tmp_path / "a.h5")
    np.testing.assert_array_equal(got.parameter, 1 / T)
    assert (got.parameter_name, got.boundary) == ("beta", "periodic")


def test_a_named_array_in_groups_and_files(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for level, rows in zip(LEVELS, S.reshape(POINTS, ROWS, 16, 16), strict=True):
            file[f"T={level:.2f}/after"], file[f"T={level:.2f}/before"] = rows, rows[::-1]
    np.testing.assert_array_equal(read(tmp_path / "a.h5", configurations="after").x, S)
    assert "configurations=" in refused(tmp_path / "a.h5")
    paths = []
    for level, rows in zip(LEVELS, S.reshape(POINTS, ROWS, 16, 16), strict=True):
        paths.append(tmp_path / f"T{level:.2f}.npz")
        np.savez(paths[-1], after=rows, before=rows[::-1])
    np.testing.assert_array_equal(read(paths, configurations="after").x, S)


def test_a_table_and_what_other_arrays_there_are(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        table = np.zeros(len(T), [("T", "f8"), ("spins", "i1", (16, 16)), ("seed", "i4")])
        table["T"], table["spins"], table["seed"] = T, S, np.arange(len(T)) % ROWS
        file["table"] = table
        file["version"] = "1.2"
        file["again"] = h5py.SoftLink("/table")
    got = read(tmp_path / "a.h5")
    np.testing.assert_array_equal(got.x, S)
    np.testing.assert_array_equal(got.chain, np.arange(len(T)) % ROWS)
    np.save(tmp_path / "b.npy", table)
    np.testing.assert_array_equal(read(tmp_path / "b.npy").x, S)


def test_dimensions_of_netcdf_are_no_arrays(tmp_path):
    made = xr.Dataset({"spins": (("row", "x", "y"), S), "T": ("row", T)})
    made.to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    np.testing.assert_array_equal(read(tmp_path / "a.nc").x, S)


def test_matlab_7_3_has_its_axes_in_reverse(tmp_path):
    """As MATLAB writes spins of size [n 16 16]; the first axis counts rows there, and here."""
    with h5py.File(tmp_path / "a.mat", "w", userblock_size=512) as file:
        for name, array in {"spins": S, "T": T[None]}.items():
            file.create_dataset(name, data=array.T).attrs["MATLAB_class"] = np.bytes_("double")
    with open(tmp_path / "a.mat", "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2IM")
    got = read(tmp_path / "a.mat", axes="row site site")
    np.testing.assert_array_equal(got.x, S)
    assert "axes" not in got.source


def test_sizes_in_files_of_all_formats(tmp_path):
    paths = [tmp_path / name for name in ("L8.npz", "L12.h5", "L16.mat")]
    fields = {L: spins(L, (L, L)) for L in (8, 12, 16)}
    np.savez(paths[0], spins=fields[8], T=T)
    with h5py.File(paths[1], "w") as file:
        file["spins"], file["T"] = fields[12], T
    savemat(paths[2], {"spins": fields[16], "T": T})
    assert {L: c.n for L, c in read_sizes(paths).items()} == {8: len(T), 12: len(T), 16: len(T)}


# --- text


def rows(mark: str, number: str = "{:g}") -> str:
    """Temperature and spins with a header."""
    lines = [mark.join(["T", *(f"s{i}" for i in range(256))])]
    lines += [mark.join([number.format(t), *map(str, x)]) for t, x in zip(T, FLAT, strict=True)]
    return "\n".join(lines) + "\n"


TEXTS = {
    "UTF-16 of Windows": rows("\t").encode("utf-16"),
    "lines of Windows": rows(",").replace("\n", "\r\n").encode(),
    "a byte order mark": rows(",").encode("utf-8-sig"),
    "decimal commas": rows(";").replace(".", ",").encode(),
    "a comma at each end": rows(",").replace("\n", ",\n").encode(),
    "quotes": rows(",").replace("T,", '"T",').encode(),
    "names of runs": ("name," + rows(",").replace("\n", '\n"run, a",')[: -len('"run, a",')]).encode(),
}


@pytest.mark.parametrize("case", TEXTS)
def test_tables_of_text(case, tmp_path):
    (tmp_path / "a.csv").write_bytes(TEXTS[case])
    got = read(tmp_path / "a.csv", shape="16 16")
    np.testing.assert_array_equal(got.x, S)
    np.testing.assert_allclose(got.parameter, T, rtol=1e-5)


def test_columns_of_events_are_no_sites(tmp_path):
    """Of CMS muon pairs: taken as sites, they gave phases of the event number."""
    names = "Run,Event,pt1,eta1,phi1,Q1,pt2,eta2,phi2,Q2"
    np.savetxt(tmp_path / "a.csv", np.random.default_rng(0).normal(size=(50, 10)), header=names, comments="",
               delimiter=",")  # fmt: skip
    assert "s0, s1" in refused(tmp_path / "a.csv")


def test_a_file_of_its_own_has_no_parameter_in_its_name(tmp_path):
    np.save(tmp_path / "GW150914_4.npy", S)
    assert "parameter='NAME'" in refused(tmp_path / "GW150914_4.npy")


def test_time_beside_space_is_no_temperature(tmp_path):
    """The grid of a differential equation: u(x, t)."""
    x, t = np.linspace(-1, 1, 40), np.linspace(0, 1, 30)
    savemat(tmp_path / "a.mat", {"usol": np.sin(x[:, None] - t), "x": x, "t": t})
    assert "say which one: parameter=" in refused(tmp_path / "a.mat")


def test_text_larger_than_memory_is_refused_with_the_number(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text(rows(","))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(rows(",").encode()))
    monkeypatch.setattr("isinglass.data.text_table.available_memory", lambda: 80_000)
    for name in ("a.csv", "a.csv.gz"):
        with pytest.raises(InputError, match=r"at most 10 kB; found (more than )?\d+(.\d)? kB"):
            read(tmp_path / name)


# --- the lines that convert


def test_json(tmp_path, monkeypatch):
    (tmp_path / "a.json").write_text(json.dumps({"configurations": S.tolist(), "temperature": T.tolist()}))
    python(refused(tmp_path / "a.json"), tmp_path, monkeypatch)
    np.testing.assert_array_equal(read(tmp_path / "data.npz").x, S)


def test_classic_netcdf(tmp_path, monkeypatch):
    xr.Dataset({"spins": (("n", "x", "y"), S), "T": ("n", T)}).to_netcdf(tmp_path / "a.nc", engine="scipy")
    python(refused(tmp_path / "a.nc"), tmp_path, monkeypatch)
    np.testing.assert_array_equal(read(tmp_path / "data.nc").x, S)


def test_bytes(tmp_path, monkeypatch):
    S.tofile(tmp_path / "a.bin")
    python(refused(tmp_path / "a.bin"), tmp_path, monkeypatch, n=len(S), L=16, T=T)
    np.testing.assert_array_equal(read(tmp_path / "data.npz").x, S)


def test_sequences(tmp_path, monkeypatch):
    (tmp_path / "a.fasta").write_text("".join(f">{i}\nAC\nDE\n" for i in range(len(T))))
    python(refused(tmp_path / "a.fasta"), tmp_path, monkeypatch, T=T)
    with np.load(tmp_path / "data.npz") as file:
        assert file["configurations"].tolist() == len(T) * [[65, 67, 68, 69]]


@pytest.mark.parametrize("name", ["a.npz.gz", "a.npy.bz2", "a.tar.gz", "a.zip"])
def test_packed_files(name, tmp_path):
    inner = "a.npy" if "npy" in name else "a.npz"
    np.savez(tmp_path / "a.npz", spins=S, T=T)
    np.save(tmp_path / "a.npy", S)
    pack = {"a.npz.gz": "gzip a.npz", "a.npy.bz2": "bzip2 a.npy", "a.tar.gz": "tar czf a.tar.gz a.npz && rm a.npz",
            "a.zip": "python3 -m zipfile -c a.zip a.npz && rm a.npz"}[name]  # fmt: skip
    subprocess.run(pack, shell=True, cwd=tmp_path, check=True)  # noqa: S602
    fix = refused(tmp_path / name).removeprefix("unpack it: ").partition(",")[0]
    if fix.startswith("unzip") and subprocess.run("command -v unzip", shell=True, capture_output=True).returncode:
        pytest.skip("no unzip here")
    subprocess.run(fix, shell=True, cwd=tmp_path, check=True)  # noqa: S602
    assert (tmp_path / inner).is_file()


HYDROGEN = """&FCI NORB=2,NELEC=2,MS2=0,
  ORBSYM=1,5,
  ISYM=1,
 &END
 0.6744931 1 1 1 1
 0.6634720 1 1 2 2
 0.1812875 2 1 2 1
 0.6973979 2 2 2 2
 -1.2524774 1 1 0 0
 -0.4759344 2 2 0 0
 0.7137758 0 0 0 0
"""


def test_integrals_of_electrons(tmp_path, monkeypatch):
    """The script of docs/files.md on H2 in STO-3G at 0.7414 Å: full CI -1.1372702 hartree, O'Malley et al. 2016."""
    import jax

    from isinglass import approximate

    (tmp_path / "h2.FCIDUMP").write_text(HYDROGEN)
    assert "docs/files.md" in refused(tmp_path / "h2.FCIDUMP")
    page = (pathlib.Path(data.__file__).parents[3] / "docs" / "files.md").read_text()
    code = next(block for block in page.split("```python\n")[1:] if "FCIDUMP" in block.split("```")[0]).split("```")[0]
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(code.replace("molecule.FCIDUMP", "h2.FCIDUMP").replace("molecule.toml", "h2.toml"), names)  # noqa: S102
    problem = read_hamiltonian(tmp_path / "h2.toml")
    found = approximate(jax.random.key(0), problem.hamiltonian, ansatz="exact")
    assert abs(found.estimates["ground_state_energy"].value + names["constant"] + 1.1372702) < 2e-6


def test_a_column_that_counts_the_rows_is_no_parameter(tmp_path):
    x = np.random.default_rng(1).choice([-1, 1], (40, 16))
    np.savetxt(tmp_path / "x.txt", np.column_stack([np.arange(40), x]), fmt="%d")
    with pytest.raises(InputError, match="another parameter of a scan"):
        read(tmp_path / "x.txt", shape="4 4")
    T = np.repeat([1.5, 2.5], 20)
    np.savetxt(tmp_path / "xT.txt", np.column_stack([np.arange(1, 41), x, T]), fmt="%g")
    found = read(tmp_path / "xT.txt", shape="4 4")
    np.testing.assert_array_equal(found.parameter, T)
    np.testing.assert_array_equal(found.x.reshape(40, 16), x)


@pytest.mark.parametrize("header", ["temperature s0 s1 s2 s3 s4", "four words are not enough", "1 2 3 4 5 6"])
def test_a_comment_with_a_word_for_each_column_names_them(tmp_path, header):
    """As numpy.savetxt writes it; other comments name nothing."""
    rows = np.column_stack([np.linspace(1, 2, 8), np.sign(np.random.default_rng(0).normal(size=(8, 5)))])
    np.savetxt(tmp_path / "rows.txt", rows, header=f"written today\n{header}")
    found, _ = text_arrays(tmp_path / "rows.txt")
    assert set(found) == {"configurations", "temperature" if header.startswith("temperature") else "column_0"}
    np.testing.assert_allclose(found["configurations"], rows[:, 1:])
