# SPDX-License-Identifier: Apache-2.0
"""Spikes by the verb and from files: right ones pass, what is none is unknown and says why, bad input is one line."""

import json
from pathlib import Path

import numpy as np
import pytest

from isinglass import infer
from isinglass.cli import main
from isinglass.errors import InputError
from isinglass.inference.spectrum import DataMatrix
from isinglass.tasks.spectrum.spectrum_file import SpectrumFile

RNG = np.random.default_rng(9)
N, P = 240, 80
V = np.linalg.qr(RNG.normal(size=(P, 2)))[0]
NOISE = RNG.normal(size=(N, P))
SIGNAL = RNG.normal(size=(N, 2)) * (3.0, 1.5) @ V.T


def of(X, **settings):
    return infer(0, DataMatrix(X), progress=False, **settings)


def not_passed(result):
    """What is said of the checks that are not passed; none failed."""
    assert result.verdict == "unknown"
    return " / ".join(check.law for check in result.checks if check.verdict != "pass")


def test_two_spikes_are_found():
    result = of(5.0 + 2 * (NOISE + SIGNAL))
    assert result.verdict == "pass", [c for c in result.checks if c.verdict != "pass"]
    told = result.estimates
    assert told["spikes"].value == 2
    for name, exact in (("noise_variance", 4.0), ("strength/1", 9.0), ("strength/2", 2.25)):
        assert abs(told[name].value - exact) < 4 * told[name].error
    overlap2 = np.einsum("kp,pk->k", result.arrays["direction"].to_numpy(), V) ** 2
    assert overlap2 == pytest.approx([told[f"squared_overlap/{k}"].value for k in (1, 2)], abs=0.1)
    assert list(result.plot()) == ["eigenvalues"]


def test_rows_in_another_order_and_rotated_columns_have_the_same_spectrum():
    X = NOISE + SIGNAL
    rotation = np.linalg.qr(RNG.normal(size=(P, P)))[0]
    for other in (X[RNG.permutation(N)], X @ rotation):
        np.testing.assert_allclose(of(other).arrays["eigenvalue"], of(X).arrays["eigenvalue"], rtol=1e-9)


def test_what_is_no_spike_does_not_pass():
    assert of(NOISE).verdict == "pass"
    assert of(NOISE).estimates["spikes"].value == 0
    walk = np.cumsum(NOISE, axis=0)
    assert "not that of white noise" in not_passed(of(walk))
    glitch = NOISE.copy()
    glitch[7] *= 4
    assert "row 8: leave it out" in not_passed(of(glitch))
    loud = NOISE.copy()
    loud[:, 3] *= 4
    assert "column 4: standardize" in not_passed(of(loud))
    assert of(loud, standardize=True).verdict == "pass"
    heavy = np.random.default_rng(0).standard_t(2.1, size=(N, P))
    assert "heavy tails" in not_passed(of(heavy))
    equal = NOISE + np.random.default_rng(0).normal(size=(N, 2)) * 2 @ V.T
    assert "directions 1 and 2 mix" in not_passed(of(equal))


def test_a_spike_that_grows_out_of_the_edge_is_left_open_between():
    """Noise reaches the eigenvalue with probability above 1e-2: none; below 1e-6: one; between: unknown."""
    seen = []
    for ell in np.arange(0.3, 3.0, 0.1):
        result = of(NOISE + ell**0.5 * SIGNAL @ V[:, :1] / 3 * V[:, 0])
        seen.append((result.verdict, int(result.estimates["spikes"].value)))
    found = list(dict.fromkeys(seen))
    assert found[0] == ("pass", 0)
    assert found[-1] == ("pass", 1)
    assert {verdict for verdict, _ in found[1:-1]} == {"unknown"}


@pytest.mark.parametrize(
    ("X", "message"),
    [(np.ones(5), "a matrix X"), (NOISE + 1j, "real numbers"), (NOISE[:5], "20 rows and 20 columns"),
     (np.where(np.arange(P) == 3, 1.0, NOISE), "column 4 is constant"),
     (np.where(np.arange(P) == 3, np.nan, NOISE), "the first in row 1, column 4"),
     (np.ma.masked_array(NOISE, mask=np.eye(N, P) > 0), "the first in row 1, column 1"),
     (np.concatenate([NOISE[:, :30], NOISE[:, :30], NOISE[:, :30]], axis=1), "only 30 of 90 eigenvalues"),
     (1e-150 * NOISE, "another unit")],
    ids=["vector", "complex", "few", "constant", "nan", "masked", "copies", "unit"],
)  # fmt: skip
def test_bad_input_is_one_line(X, message):
    with pytest.raises(InputError, match=message):
        of(X)


def test_the_command(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    X = NOISE + SIGNAL
    np.savez("x.npz", data=X, time=np.arange(N))
    np.savez("two.npz", a=X, b=X)
    names = ",".join(f"q{i}" for i in range(P))
    np.savetxt("x.csv", X, delimiter=",", header=names, comments="")
    with open("words.csv", "w") as file:
        file.write("name," + names + "\n" + "\n".join(f"w{i}," + ",".join(map(str, row)) for i, row in enumerate(X)))

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main(["spectrum", *words, "--json"])
        return ended.value.code

    assert run("words.csv", "--leave-out", "name", "--out", "o") == 0
    assert json.loads(capsys.readouterr().out)["estimates"]["spikes"]["value"] == 2
    for source in (SpectrumFile(Path("x.npz")), SpectrumFile(Path("x.csv")), SpectrumFile(Path("two.npz"), "b")):
        np.testing.assert_array_equal(source.read()[0].X, X)
    np.testing.assert_array_equal(SpectrumFile(Path("x.npz"), transpose=True).read()[0].X, X.T)
    for words, message in (
        (("two.npz",), "one array [n, p] in two.npz"),
        (("words.csv",), "words in name"),
        (("x.csv", "--leave-out", "nothing"), "columns or arrays nothing"),
        (("x.npz", "--matrix", "time"), "a matrix X [n, p]"),
    ):
        assert run(*words) == 2
        assert message in " ".join(capsys.readouterr().err.split())
