# SPDX-License-Identifier: Apache-2.0
"""One case for each way in which people store configurations: read as what they are, and the line says how."""

import h5py
import numpy as np
import pytest
from scipy.io import savemat
from tests.data.fields import POINTS, ROWS, angles, potts, spins, temperatures, vectors

from isinglass.data import read, read_sizes
from isinglass.errors import InputError

T = temperatures()
S, V, A, P = spins(0), vectors(1), angles(2), potts(3)
SQUARE = (16, 16)
LEVELS = T[::ROWS]
BY_POINT = S.reshape(POINTS, ROWS, 16, 16)

# what is stored -> the words for `read`, what the configurations must be, their kind, what the line must say
NPZ = {
    "vectors last": (dict(x=V, T=T), {}, V, "vector", "3 components, vectors last"),
    "vectors first": (dict(x=np.moveaxis(V, -1, 1), T=T), {}, V, "vector", "vectors first"),
    "vectors of spin 1/2": (dict(x=0.5 * V, T=T), {}, 0.5 * V, "vector", "of length 0.5"),
    "vectors at each point": (
        dict(x=np.moveaxis(V, -1, 1).reshape(POINTS, ROWS, 3, 16, 16), T=LEVELS),
        {},
        V,
        "vector",
        "point row vector site site",
    ),
    "points first": (dict(configs=BY_POINT, temperature=LEVELS), {}, S, "ising", "point row site site"),
    "rows first": (dict(configs=BY_POINT.swapaxes(0, 1), temperature=LEVELS), {}, S, "ising", "row point site site"),
    "points of a column": (dict(configs=BY_POINT, temperature=LEVELS[:, None]), {}, S, "ising", "point row"),
    "a temperature for each of [T, n]": (dict(x=BY_POINT, t=T.reshape(POINTS, ROWS)), {}, S, "ising", "point row"),
    "rows last": (dict(spins=np.moveaxis(S, 0, -1), T=T), {}, S, "ising", "site site row"),
    "an image of one channel": (dict(X=S[:, None], T=T), {}, S, "ising", "axes of one dropped"),
    "channels last": (dict(X=S[..., None], y=T), {}, S, "ising", "axes of one dropped"),
    "flattened": (dict(X=S.reshape(-1, 256), T=T), {"shape": "16 16"}, S, "ising", "256 sites in a row as 16 x 16"),
    "flattened at each point": (
        dict(X=S.reshape(POINTS, ROWS, 256), T=LEVELS),
        {"shape": (16, 16)},
        S,
        "ising",
        "point",
    ),
    "flattened vectors": (dict(X=V.reshape(-1, 768), T=T), {"shape": "16 16"}, V, "vector", "768 numbers in a row"),
    "packed bits": (dict(X=np.packbits(S.reshape(-1, 256) > 0, axis=1), T=T), {"shape": "16 16"}, S, "ising", "packed"),
    "one hot": (dict(X=np.eye(3)[P], T=T), {}, P, "potts", "one of 3 marked by 1"),
    "one hot first": (dict(X=np.moveaxis(np.eye(3, dtype=int)[P], -1, 1), T=T), {}, P, "potts", "one of 3"),
    "labels 1 .. q": (dict(x=P + 1, T=T), {}, P, "potts", "labels 1, 2, 3"),
    "any labels": (dict(x=np.array([10, 20, 40])[P], T=T), {}, P, "potts", "labels 10, 20, 40"),
    "Potts labels around 0": (dict(x=P - 1, T=T), {}, P, "potts", "labels -1, 0, 1"),
    "a black and white image": (dict(x=(255 * (S > 0)).astype(np.uint8), T=T), {}, S, "ising", "0/255 in the file"),
    "percent": (dict(x=(50 * (S + 1)), T=T), {}, S, "ising", "0/100 in the file"),
    "spins of 1/2": (dict(x=0.5 * S, T=T), {}, S, "ising", "-0.5/0.5"),
    "booleans": (dict(x=S > 0, T=T), {}, S, "ising", "0/1 in the file"),
    "radian": (dict(x=A, T=T), {}, A, "angle", "in radian"),
    "radian from 0": (dict(x=A % (2 * np.pi), T=T), {}, A % (2 * np.pi), "angle", "in radian"),
    "degrees": (dict(x=np.degrees(A) % 360, T=T), {}, np.radians(np.degrees(A) % 360), "angle", "in degrees"),
    "signed degrees": (dict(x=np.degrees(A), T=T), {}, A, "angle", "in degrees"),
    "turns": (dict(x=A / (2 * np.pi) % 1, T=T), {}, A % (2 * np.pi), "angle", "in turns"),
    "phases": (dict(x=np.exp(1j * A), T=T), {}, A, "angle", "complex"),
    "a period of one's own": (dict(x=(A / np.pi + 1) * 128, T=T), {"period": 256}, A + np.pi, "angle", "period 256"),
    "beta": (dict(x=S, beta=1 / T), {}, S, "ising", "beta (inverse temperature)"),
    "a probability": (dict(x=S, p=T / 4), {}, S, "ising", "8 values of p 0.25"),
    "a name of one's own": (dict(x=S, my_control=T), {}, S, "ising", "my_control"),
    "observables beside": (
        dict(x=S, T=T, magnetization=S.mean(axis=(1, 2)), energies=T),
        {},
        S,
        "ising",
        "temperature",
    ),
    "one array by name": (dict(before=S, after=S[::-1], T=T), {"configurations": "before"}, S, "ising", "temperature"),
}


@pytest.mark.parametrize("case", NPZ)
def test_layouts_of_arrays(case, tmp_path):
    arrays, words, x, kind, says = NPZ[case]
    np.savez(tmp_path / "a.npz", **arrays)
    got = read(tmp_path / "a.npz", **words)
    order = np.lexsort((got.parameter,)) if got.parameter_name != "beta" else np.arange(got.n)
    shown = got.x[order] if case == "rows first" else got.x
    expected = x.reshape(POINTS, ROWS, *x.shape[1:]).reshape(x.shape)
    np.testing.assert_allclose(np.asarray(shown, float), np.asarray(expected, float), atol=1e-6)
    np.testing.assert_allclose(np.sort(got.parameter), np.sort(next(iter(expected_parameter(arrays)))), atol=1e-12)
    assert (got.kind, got.lattice, got.channels) == (kind, SQUARE, False)
    assert says in got.source
    assert got.boundary == "periodic"


def expected_parameter(arrays):
    """The values of the parameter of all rows."""
    for name in ("T", "t", "temperature", "beta", "p", "my_control", "y"):
        if name in arrays:
            values = np.ravel(arrays[name])
            yield values if len(values) == len(T) else np.repeat(values, ROWS)


def test_unwrapped_angles(tmp_path):
    wound = A + 2 * np.pi * np.random.default_rng(0).integers(-3, 4, A.shape)
    for period, name in ((2 * np.pi, "radian"), (360.0, "degrees"), (1.0, "turns")):
        np.savez(tmp_path / "a.npz", x=wound / (2 * np.pi) * period, T=T)
        got = read(tmp_path / "a.npz")
        assert got.kind == "angle"
        assert f"{name}, unwrapped" in got.source
        np.testing.assert_allclose(np.exp(1j * got.x), np.exp(1j * A), atol=1e-6)


def test_angles_wound_by_vortices_alone(tmp_path):
    """A cold start: sites wind where it is hot, all of a cold row drift together."""
    rng = np.random.default_rng(0)
    hot = (T > 2.5)[:, None, None]
    wound = A / 6 * np.where(hot, 6, 1) + rng.normal(size=T.shape)[:, None, None] * 9
    wound = wound + 2 * np.pi * np.where(hot, rng.integers(-1, 2, A.shape), 0)
    np.savez(tmp_path / "a.npz", x=wound, T=T)
    assert "in radian, unwrapped" in read(tmp_path / "a.npz").source


def test_the_name_says_that_they_are_angles(tmp_path):
    np.savez(tmp_path / "a.npz", theta=A / 6, T=T)
    assert read(tmp_path / "a.npz").kind == "angle"
    np.savez(tmp_path / "b.npz", theta=A * 30, T=T)
    with pytest.raises(InputError, match="period=360"):
        read(tmp_path / "b.npz")
    np.savez(tmp_path / "c.npz", x=np.rint(np.degrees(A)).astype(int) % 360, T=T)
    assert "in degrees" in read(tmp_path / "c.npz").source


@pytest.mark.parametrize("scale", [1.0, 20.0, 100.0])
def test_smooth_numbers_are_no_angles(scale, tmp_path):
    """Numbers in [0, 1], or over many turns, whose neighbors know nothing of a turn."""
    field = np.log(np.abs(A) + 0.1)
    np.savez(tmp_path / "a.npz", x=scale * (field - field.min()) / np.ptp(field), T=T)
    assert read(tmp_path / "a.npz").kind == "real"


def test_clock_states_as_angles(tmp_path):
    for turn in (2 * np.pi, 360.0, 1.0):
        np.savez(tmp_path / "a.npz", x=P * turn / 3, T=T)
        got = read(tmp_path / "a.npz")
        assert (got.kind, "clock" in got.source or "labels" in got.source) == ("potts", True)
        np.testing.assert_array_equal(got.x, P)


def test_a_larger_spin_is_a_number(tmp_path):
    """Blume and Capel's -1, 0, 1: beside the majority of one sign, 0 is far more frequent than the other sign."""
    x = np.clip(np.rint(2 * np.sin(A)), -1, 1) * (S.mean(axis=(1, 2)) > -2)[:, None, None]
    x = np.where(S > 0, np.abs(x), x * 0)  # one sign and 0
    x[0, 0, 0] = -1
    np.savez(tmp_path / "a.npz", x=x, T=T)
    got = read(tmp_path / "a.npz")
    assert got.kind == "real"
    assert "as numbers" in got.source


@pytest.mark.parametrize("kind", ["ising", "potts", "angle", "vector"])
def test_open_boundaries_are_seen(kind, tmp_path):
    from tests.data.fields import smooth

    field = smooth(5, (20, 20), opened=True, parts=3)
    x = {"ising": np.sign(field[..., 0]), "potts": field.argmax(-1), "angle": np.arctan2(field[..., 0], field[..., 1]),
         "vector": field / np.linalg.norm(field, axis=-1, keepdims=True)}[kind]  # fmt: skip
    np.savez(tmp_path / "a.npz", x=x, T=T)
    got = read(tmp_path / "a.npz")
    assert (got.kind, got.boundary) == (kind, "open")
    assert "open boundaries" in got.source
    assert read(tmp_path / "a.npz", boundary="periodic").boundary == "periodic"


def test_a_window_of_a_larger_lattice_is_no_open_one(tmp_path):
    """Its edges are as ordered as its middle; taken as open, an Ising lattice gave 2.47(2) for T_c, with `pass`."""
    from tests.data.fields import smooth

    window = np.sign(smooth(5, (20, 20), opened=True, surface=False)[..., 0])
    np.savez(tmp_path / "a.npz", x=window, T=T)
    got = read(tmp_path / "a.npz")
    assert got.boundary == "part"
    assert "part of a larger lattice" in got.source


def test_one_open_side_is_said(tmp_path):
    from tests.data.fields import smooth

    field = smooth(6, (20, 20), opened=True)[..., 0]
    cylinder = np.concatenate([field, field[:, ::-1]], axis=1)  # periodic along the first axis alone
    np.savez(tmp_path / "a.npz", x=np.sign(cylinder), T=T)
    assert "open boundaries along axis 2" in read(tmp_path / "a.npz").source


def test_independent_spins_show_no_boundary(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.random.default_rng(0).choice([-1, 1], (len(T), 16, 16)), T=T)
    assert read(tmp_path / "a.npz").boundary == "unknown"


# --- other formats


@pytest.mark.parametrize("packed", [False, True])
def test_matlab(packed, tmp_path):
    """Written by SciPy, whose reader crashes on broken files."""
    for x, kind in ((np.moveaxis(S, 0, -1).astype(float), "ising"), (np.exp(1j * np.moveaxis(A, 0, -1)), "angle")):
        savemat(tmp_path / "a.mat", {"spins": x, "T": T, "words": "text", "c": {"a": 1}}, do_compression=packed)
        got = read(tmp_path / "a.mat")
        np.testing.assert_allclose(got.x, S if kind == "ising" else A)
        np.testing.assert_array_equal(got.parameter, T)


@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.dat", "a.csv.gz"])
def test_tables_of_text(name, tmp_path):
    rows = np.column_stack([T, S.reshape(-1, 256)])
    header = {"header": "T," + ",".join(f"s{i}" for i in range(256)), "comments": ""} if "csv" in name else {}
    np.savetxt(tmp_path / name, rows, fmt="%g", delimiter="," if "csv" in name else " ", **header)
    words: dict = {} if "csv" in name else {"parameter": "temperature"}
    got = read(tmp_path / name, shape="16 16", **words)
    np.testing.assert_array_equal(got.x, S)
    np.testing.assert_allclose(got.parameter, T, rtol=1e-5)


def test_rows_of_signs_and_a_file_of_temperatures(tmp_path):
    (tmp_path / "conf.txt").write_text("\n".join("".join("+-"[int(s < 0)] for s in row) for row in S.reshape(-1, 256)))
    np.savetxt(tmp_path / "temperatures.txt", T)
    got = read([tmp_path / "conf.txt", tmp_path / "temperatures.txt"], shape="16 16")
    np.testing.assert_array_equal(got.x, S)


def test_arrays_in_files_of_their_own(tmp_path):
    np.save(tmp_path / "configs.npy", S)
    np.save(tmp_path / "T.npy", T)
    got = read([tmp_path / "configs.npy", tmp_path / "T.npy"])
    np.testing.assert_array_equal(got.x, S)
    assert got.parameter_name == "temperature"
    with pytest.raises(InputError, match="add a file with them"):
        read(tmp_path / "configs.npy")


@pytest.mark.parametrize(
    "pattern", ["T{:.2f}.npy", "ising_L16_T={:.2f}.txt", "16x16/temp_{:.2f}_seed3.npy", "s_{:.2f}.npz"]
)
def test_a_file_for_each_temperature(pattern, tmp_path):
    paths = []
    for level, rows in zip(LEVELS, BY_POINT, strict=True):
        paths.append(tmp_path / pattern.format(level))
        paths[-1].parent.mkdir(exist_ok=True)
        if pattern.endswith("txt"):
            np.savetxt(paths[-1], rows.reshape(-1, 256), fmt="%d")
        elif pattern.endswith("npz"):
            np.savez(paths[-1], rows)
        else:
            np.save(paths[-1], rows)
    words: dict = {"parameter": "temperature"} if pattern.startswith("s_") else {}
    got = read(paths, shape="16 16", **words)
    np.testing.assert_array_equal(got.x, S)
    np.testing.assert_allclose(got.parameter, np.round(T, 2))
    assert got.parameter_name == "temperature"
    if pattern.startswith("s_"):
        with pytest.raises(InputError, match="parameter='temperature'"):
            read(paths, shape="16 16")


def test_a_file_for_each_configuration(tmp_path):
    paths = []
    for i, (t, x) in enumerate(zip(T, S, strict=True)):
        paths.append(tmp_path / f"seed{i % ROWS}_T{t:.2f}.npy")
        np.save(paths[-1], x)
    got = read(paths)
    np.testing.assert_array_equal(got.x, S)
    np.testing.assert_array_equal(got.chain, np.tile(np.arange(ROWS), POINTS))


def test_scalars_say_the_temperature(tmp_path):
    paths = []
    for i, (level, rows) in enumerate(zip(LEVELS, BY_POINT, strict=True)):
        paths.append(tmp_path / f"run_{i}.npz")
        np.savez(paths[-1], spins=rows, temperature=level, size=16)
    np.testing.assert_array_equal(read(paths).x, S)


def test_an_array_for_each_temperature(tmp_path):
    arrays: dict = {f"T={level:.2f}": rows for level, rows in zip(LEVELS, BY_POINT, strict=True)}
    np.savez(tmp_path / "a.npz", **arrays)
    np.testing.assert_array_equal(read(tmp_path / "a.npz").x, S)


@pytest.mark.parametrize("where", ["name", "attribute", "scalar"])
def test_a_group_for_each_temperature(where, tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for i, (level, rows) in enumerate(zip(LEVELS, BY_POINT, strict=True)):
            group = file.create_group(f"T={level:.2f}" if where == "name" else f"set{i:02d}")
            group["spins"] = rows
            if where == "attribute":
                group.attrs["beta"] = 1 / level
            if where == "scalar":
                group["temperature"] = level
    got = read(tmp_path / "a.h5")
    np.testing.assert_array_equal(got.x, S)
    assert got.parameter_name == ("beta" if where == "attribute" else "temperature")


def test_several_sizes(tmp_path):
    for L in (8, 12, 16):
        np.savez(tmp_path / f"L{L}.npz", x=spins(L, (L, L)), T=T)
    got = read_sizes([tmp_path / f"L{L}.npz" for L in (16, 8, 12)])
    assert {L: c.lattice for L, c in got.items()} == {8: (8, 8), 12: (12, 12), 16: (16, 16)}
    with pytest.raises(InputError, match="one lattice"):
        read([tmp_path / "L8.npz", tmp_path / "L12.npz"])
    parts = [tmp_path / "part1.npz", tmp_path / "part2.npz"]
    np.savez(parts[0], x=S[::2], T=T[::2])
    np.savez(parts[1], x=S[1::2], T=T[1::2])
    assert read(parts).n == len(S)


def test_groups_for_sizes_and_temperatures(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for L in (8, 12):
            for level, rows in zip(LEVELS, spins(L, (L, L)).reshape(POINTS, ROWS, L, L), strict=True):
                file[f"L={L}/T={level:.2f}/configurations"] = rows
    assert {L: c.n for L, c in read_sizes(tmp_path / "a.h5").items()} == {8: len(T), 12: len(T)}


# --- what may be read in two ways is asked


NOISE = np.random.default_rng(0)
ASKED = {
    "a thin last axis": (
        dict(x=spins(0, (16, 16, 3)), T=T),
        "axes='row site site channel' or axes='row site site site'",
    ),
    "a thin first axis": (
        dict(x=NOISE.normal(size=(len(T), 2, 16, 16)), T=T),
        "axes='row vector site site'",
    ),
    "a square in a row": (dict(x=S.reshape(-1, 256), T=T), r"256 = 16 x 16\?; sites 16 apart are alike.*shape='16 16'"),
    "noise in a row": (
        dict(x=NOISE.choice([-1, 1], (len(T), 64)), T=T),
        "shape='8 8' or shape='4 4 4'",
    ),
    "two arrays": (dict(spins=S, field=A, T=T), "configurations='spins'"),
    "two scans": (dict(x=S, h=T, p=T / 2), "parameter='"),
    "gray levels": (dict(x=((A + 4) * 30).astype(np.uint8), T=T), "kind='real' for numbers"),
    "noise in [0, 1)": (dict(x=NOISE.random((len(T), 16, 16)), T=T), "period=1, or kind='real'"),
    "a cube at each point": (
        dict(x=NOISE.choice([-1, 1], (9, 9, 9, 9)), T=np.arange(9.0)),
        "in two ways",
    ),
    "blocks without their temperatures": (dict(x=S, T=LEVELS), "same length"),
}


@pytest.mark.parametrize("case", ASKED)
def test_what_cannot_be_known_is_asked(case, tmp_path):
    arrays, says = ASKED[case]
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(InputError, match=says) as error:
        read(tmp_path / "a.npz")
    assert "\n" not in str(error.value)


def test_the_answers_are_taken(tmp_path):
    np.savez(tmp_path / "a.npz", x=spins(0, (16, 16, 3)), T=T)
    assert read(tmp_path / "a.npz", axes="row site site channel").channels
    assert read(tmp_path / "a.npz", axes="row site site site").lattice == (16, 16, 3)
    np.savez(tmp_path / "b.npz", x=S.reshape(-1, 256), T=T)
    assert read(tmp_path / "b.npz", shape="256").lattice == (256,)
    np.savez(tmp_path / "c.npz", x=spins(1, (1000,)), T=T)
    assert read(tmp_path / "c.npz").lattice == (1000,)  # a chain, and seen to be one


@pytest.mark.parametrize("name", ["a.pkl", "a.pt", "a.joblib", "a.pickle"])
def test_pickles_are_refused_with_what_to_do(name, tmp_path):
    (tmp_path / name).write_bytes(b"\x80\x04.")
    with pytest.raises(InputError, match=r"can run code.*numpy\.savez_compressed") as error:
        read(tmp_path / name)
    assert "weights_only=True" in str(error.value) or not name.endswith("pt")


def test_labels_alone(tmp_path):
    np.savez(tmp_path / "a.npz", configurations=S, ordered=(T < 2).astype(int))
    got = read(tmp_path / "a.npz")
    assert got.labels
    assert "labels ordered = 0, 1 of phases and no parameter" in got.source
