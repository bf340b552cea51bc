# SPDX-License-Identifier: Apache-2.0
"""Strain in GWOSC's layout, written here, and noise curves as text; files that are none are one line."""

import gzip

import h5py
import numpy as np
import pytest

from isinglass.data.sky.strain_file import read_noise_curve, read_strain, read_template
from isinglass.errors import InputError

X = 1e-21 * np.random.default_rng(0).normal(size=8 * 256)


def write(path, *, attributes=None, mask=None, name="Strain"):
    """A file as gwosc.org serves it, 8 s at 256 Hz."""
    with h5py.File(path, "w") as file:
        strain = file.create_dataset(f"strain/{name}", data=X)
        said = {"Npoints": len(X), "Xlabel": "GPS time", "Xspacing": 1 / 256, "Xstart": 1126259446, "Xunits": "second",
                "Ylabel": "Strain", "Yunits": ""}  # fmt: skip
        strain.attrs.update(said if attributes is None else attributes)
        file["meta/Detector"], file["meta/GPSstart"], file["meta/Duration"] = "H1", 1126259446, 8
        file["quality/simple/DQmask"] = np.full(8, 127, np.uint32) if mask is None else mask
        file["quality/simple/DQShortnames"] = np.array([b"DATA", b"CBC_CAT1"])
    return path


def test_a_file_is_read_as_it_was_written(tmp_path):
    s = read_strain(write(tmp_path / "H-H1_LOSC_4_V2-1126259446-32.hdf5"))
    np.testing.assert_array_equal(s.x, X)
    assert (s.start, s.step, s.detector, s.seconds) == (1126259446.0, 1 / 256, "H1", 8.0)
    assert s.time[256] == 1126259447.0
    assert s.good is not None
    assert s.usable().good.all()


def test_seconds_of_bad_quality_are_seen(tmp_path):
    """Words without bit 0 (no data) and without bit 1 (CBC_CAT1)."""
    mask = np.array([127, 127, 126, 125, 3, 127, 127, 127], np.uint32)
    s = read_strain(write(tmp_path / "a.hdf5", mask=mask))
    assert s.good is not None
    np.testing.assert_array_equal(s.good[::256], [True, True, False, False, True, True, True, True])
    with pytest.raises(InputError, match="2 of 8 s missing or of bad quality"):
        s.usable()
    assert len(s.between(1126259450.0, 1126259454.0).usable().x) == 1024


@pytest.mark.parametrize(
    ("how", "said"),
    [({"name": "Other"}, "strain/Strain in a.hdf5; found.* strain/Other"), ({"attributes": {}}, "Xstart"),
     ({"attributes": {"Xstart": 1.0}}, "Xspacing"), ({"attributes": {"Xstart": 1.0, "Xspacing": 0.0}}, "above 0")],
)  # fmt: skip
def test_other_layouts_are_one_line(how, said, tmp_path):
    with pytest.raises(InputError, match=said) as error:
        read_strain(write(tmp_path / "a.hdf5", **how))
    assert "\n" not in str(error.value)


def test_what_is_no_hdf5(tmp_path):
    (tmp_path / "a.hdf5").write_text("strain")
    for read in (read_strain, read_template):
        with pytest.raises(InputError, match="an HDF5 file"):
            read(tmp_path / "a.hdf5")
    with pytest.raises(InputError, match=r"template \[2, n\]"):
        read_template(write(tmp_path / "b.hdf5"))


def test_templates(tmp_path):
    with h5py.File(tmp_path / "t.hdf5", "w") as file:
        file["template"] = np.stack([X, -X])
    cosine, sine = read_template(tmp_path / "t.hdf5")
    np.testing.assert_array_equal(cosine, X)
    np.testing.assert_array_equal(sine, -X)


@pytest.mark.parametrize("suffix", [".txt", ".txt.gz", ".csv"])
def test_noise_curves_of_two_columns(suffix, tmp_path):
    """Amplitudes: S is the square; between frequencies S is linear, outside it is infinite."""
    lines = "10 2e-23\n20 1e-23\n40 3e-23\n".replace(" ", "," if suffix == ".csv" else " ")
    path = tmp_path / f"curve{suffix}"
    path.write_bytes(gzip.compress(lines.encode()) if suffix.endswith("gz") else lines.encode())
    curve = read_noise_curve(path)
    np.testing.assert_allclose(curve.power(np.array([10.0, 15.0, 40.0])), [4e-46, 2.5e-46, 9e-46], rtol=1e-12)
    assert np.isinf(curve.power(np.array([5.0, 50.0]))).all()
    assert read_noise_curve(path, power=True).power(np.array([20.0])) == pytest.approx(1e-23)


def test_a_table_that_is_no_curve(tmp_path):
    (tmp_path / "a.txt").write_text("1 2 3\n2 3 4\n3 4 5\n")
    with pytest.raises(InputError, match="two columns"):
        read_noise_curve(tmp_path / "a.txt")
    (tmp_path / "b.txt").write_text("3 1e-23\n2 1e-23\n1 1e-23\n")
    with pytest.raises(InputError, match="that rise"):
        read_noise_curve(tmp_path / "b.txt")
