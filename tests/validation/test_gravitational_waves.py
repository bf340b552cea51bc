# SPDX-License-Identifier: Apache-2.0
"""The cases of real strain, on files that are written here: found by events.json, filtered at the time of the event."""

import json

import h5py
import numpy as np
from scipy.signal import hilbert
from validation.case import judged

from isinglass.systems.gravitational_wave.chirp import newtonian_strain
from validation import gravitational_waves as gw

RATE, SECONDS, SNR, START = 4096, 32, 30.0, 1126259446


def write(folder):
    """Two detectors with one chirp in white noise, and its template, laid out as the tutorial's."""
    home = folder / "gravitational_waves"
    home.mkdir()
    n, rng = RATE * SECONDS, np.random.default_rng(0)
    t = (np.arange(n) - n // 2) / RATE
    pair = hilbert(newtonian_strain(t, 30.0, 1000.0) * np.clip((t + 0.5) / 0.1, 0, 1))
    pair *= SNR / np.linalg.norm(pair.real)  # in white noise of variance 1
    event = {"fn_template": "t.hdf5", "tevent": START + SECONDS / 2 + 1.0, "fn_H1": "H.hdf5", "fn_L1": "L.hdf5"}
    for file in ("H.hdf5", "L.hdf5"):
        with h5py.File(home / file, "w") as out:
            out["strain/Strain"] = 1e-21 * (rng.normal(size=n) + np.roll(pair.real, RATE))
            out["strain/Strain"].attrs.update({"Xstart": START, "Xspacing": 1 / RATE})
    with h5py.File(home / "t.hdf5", "w") as out:
        out["template"] = np.stack([pair.real, pair.imag])
    (home / "events.json").write_text(json.dumps({"GW150914": event}))


def test_the_filter_finds_the_chirp_at_its_time(tmp_path):
    write(tmp_path)
    found = gw.cases([tmp_path])
    assert [c.kind for c in found] == ["filter", "filter", "found", "mass-smc", "mass-npe"]
    measured = found[0].measure(found[0].file, "smoke")
    assert measured.verdict == "pass"
    assert measured.value is not None
    assert abs(measured.value - SNR) < 5
    assert judged(found[0], measured) == "wrong"  # it is not 18.56


def test_a_chirp_at_another_time_is_none(tmp_path):
    write(tmp_path)
    path = tmp_path / "gravitational_waves/events.json"
    said = json.loads(path.read_text())
    said["GW150914"]["tevent"] += 0.2
    path.write_text(json.dumps(said))
    case = gw.cases([tmp_path])[0]
    assert case.measure(case.file, "smoke").verdict == "fail"


def test_windows_are_cut_from_a_place_of_each():
    x = np.stack([np.arange(1000.0), -np.arange(1000.0)])
    windows = gw.cut(x, np.array([[3, 5], [0, 700]]))
    assert windows.shape == (2, 2, gw.WINDOW)
    assert windows[0, 0, 0] == 3
    assert windows[0, 1, 0] == -5
    assert windows[1, 1, 1] == -701
