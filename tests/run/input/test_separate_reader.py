# SPDX-License-Identifier: Apache-2.0
"""The second process hands over what h5py reads, and ends when it must."""

import json
import os
import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest
import xarray as xr
from scipy.io import loadmat, savemat
from tests.data.hostile import HDF5

from isinglass.errors import InputError
from isinglass.run.input import separate_reader
from isinglass.run.input.separate_reader import read_separately
from isinglass.run.netcdf import read_netcdf, write_netcdf

LOOPS = HDF5[:2100] + b"\0" + HDF5[2101:]
ARRAYS = {
    "int8": np.arange(-3, 3, dtype=np.int8).reshape(2, 3),
    "big_endian": np.arange(4, dtype=">f8"),
    "complex": np.array([1 + 2j, 3]),
    "half": np.array([0.5, -2], np.float16),
    "flags": np.array([True, False]),
    "number": np.float64(2.5),
    "none": np.zeros((0, 4)),
}


def test_arrays_come_as_h5py_reads_them(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name, array in ARRAYS.items():
            file[f"one/two/{name}"] = array
        file["words"] = ["a", "bcd"]
        file["one"].attrs["temperature"] = 2.5
        file["table"] = np.array([(1, 2.5)], [("n", "i4"), ("E", "f8")])
        file.create_dataset("packed", data=np.arange(10**4), chunks=(100,), compression="gzip", shuffle=True)
    whole, one, two = read_separately([tmp_path / "a.h5"])[0]
    assert (whole.name, one.name, two.name, one.constants) == ("", "/one", "/one/two", {"temperature": 2.5})
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(two.arrays[name], array)
        assert two.arrays[name].dtype == np.asarray(array).dtype.newbyteorder("=")
    assert whole.arrays["words"].tolist() == ["a", "bcd"]
    assert (whole.arrays["n"].tolist(), whole.arrays["E"].tolist()) == ([1], [2.5])
    np.testing.assert_array_equal(whole.arrays["packed"], np.arange(10**4))


def test_matlab_as_scipy_reads_it(tmp_path):
    stored = {"x": np.arange(6.0).reshape(2, 3), "z": np.array([1j, 2]), "b": np.array([True]), "i": np.int8(3)}
    for version in ("4", "5"):
        savemat(tmp_path / "a.mat", stored, format=version)
        (found,) = read_separately([tmp_path / "a.mat"])[0]
        for name in stored:
            np.testing.assert_array_equal(found.arrays[name], loadmat(tmp_path / "a.mat", squeeze_me=True)[name])


def test_one_process_for_several_files(tmp_path, monkeypatch):
    started, popen = [], subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: started.append(1) or popen(*a, **k))
    for i in range(3):
        with h5py.File(tmp_path / f"{i}.h5", "w") as file:
            file["i"] = i
    found = read_separately([tmp_path / f"{i}.h5" for i in range(3)])
    assert [groups[0].arrays["i"] for groups in found] == [0, 1, 2]
    assert len(started) == 1
    assert read_separately([]) == []


def test_netcdf_as_xarray_reads_it(tmp_path):
    made = xr.Dataset(
        {"a": (("x", "y"), np.arange(6).reshape(2, 3), {"unit": "J", "levels": [1, 2], "one": 2.5, "words": ["a"]}),
         "flags": ("x", [True, False]), "gap": ("y", [1.0, np.nan, 3.0]), "number": ((), 3.5), "text": ((), "word"),
         "none": ("z", np.zeros(0)), "float32": ("x", np.ones(2, np.float32))},
        coords={"y": [10.0, 20.0, 30.0], "x": ["p", "q"], "other": ("x", [5, 6])}, attrs={"source": "here", "k": 3},
    )  # fmt: skip
    write_netcdf(made, tmp_path / "a.nc")
    xr.testing.assert_identical(read_netcdf(tmp_path / "a.nc"), made)
    with xr.open_dataset(tmp_path / "a.nc", engine="h5netcdf") as theirs:
        xr.testing.assert_identical(read_netcdf(tmp_path / "a.nc"), theirs.load())


def test_a_groups_of_circles_and_of_depth(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        group = file
        for _ in range(300):
            group = group.create_group("g")
        group["x"] = 1.0
        group["back"] = file
        file["again"] = group
    found = read_separately([tmp_path / "a.h5"])[0]
    assert len(found) == 301
    assert sum("x" in group.arrays for group in found) == 1


def test_memory_is_limited(tmp_path, monkeypatch):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = np.zeros(10**6)
    monkeypatch.setattr(separate_reader, "available_memory", lambda: 7 * 10**6)
    with pytest.raises(InputError, match="at most 0.007 GB.*found.* 0.008 GB"):
        read_separately([tmp_path / "a.h5"])


@pytest.mark.parametrize(("memory", "reads"), [(8 * 10**6, True), (-(2**30), False)])
def test_the_reader_is_limited_by_the_system_too(memory, reads, tmp_path):
    """It has 2 GB for itself and twice what it is given: of -1 GB nothing is left, and nothing is read."""
    savemat(tmp_path / "a.mat", {"x": np.zeros(3)})
    path = str(tmp_path / "a.mat")
    asked = {"files": [[path, 4096, "matlab"]], "memory": memory, "seconds": 5, "netcdf": False}
    command = [sys.executable, "-P", separate_reader.__file__.replace("separate_reader", "reader_process")]
    done = subprocess.run(command, input=json.dumps(asked).encode() + b"\n", capture_output=True, check=False)
    assert (b'"array"' in done.stdout) == reads


def test_no_other_process_is_left(tmp_path, monkeypatch):
    """Not after the limit, and not after Ctrl-C, to which libhdf5 is deaf."""
    (tmp_path / "a.h5").write_bytes(LOOPS)
    code = """if True:
        import os, signal, sys
        from pathlib import Path
        from isinglass.run.input import separate_reader
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background may ignore it
        separate_reader.SECONDS = 40.0  # the limit does not end the reader for us
        children = Path(f"/proc/self/task/{os.getpid()}/children")
        print('ready', flush=True)
        try:
            separate_reader.read_separately([Path(sys.argv[1])])
        finally:
            print("left:", children.read_text() if children.exists() else "", flush=True)"""
    command = [sys.executable, "-c", code, str(tmp_path / "a.h5")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        time.sleep(0.5)
        os.kill(parent.pid, signal.SIGINT)  # the parent alone: it is on it to end the reader
        left, said = parent.communicate(timeout=30)
    assert b"KeyboardInterrupt" in said
    assert left.split() == [b"left:"]
    with pytest.raises(ProcessLookupError):
        os.killpg(parent.pid, 0)


def test_ctrl_c_while_the_clock_starts(tmp_path):
    """A clock that was not stopped kept the process for a minute."""
    (tmp_path / "a.h5").write_bytes(LOOPS)
    code = """if True:
        import os, signal, sys, threading
        from pathlib import Path
        from isinglass.run.input import separate_reader
        signal.signal(signal.SIGINT, signal.default_int_handler)
        start = threading.Timer.start
        threading.Timer.start = lambda clock: (start(clock), os.kill(os.getpid(), signal.SIGINT))
        separate_reader.read_separately([Path(sys.argv[1])])"""
    command = [sys.executable, "-c", code, str(tmp_path / "a.h5")]
    done = subprocess.run(command, capture_output=True, timeout=30, check=False)
    assert b"KeyboardInterrupt" in done.stderr
