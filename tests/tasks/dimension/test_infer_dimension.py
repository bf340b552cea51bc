# SPDX-License-Identifier: Apache-2.0
"""Dimensions by the verb and from files: right ones pass, what depends on scale is unknown, bad input is one line."""

import json

import numpy as np
import pytest

from isinglass import infer
from isinglass.cli import main
from isinglass.errors import InputError
from isinglass.inference.spectrum import DataMatrix

RNG = np.random.default_rng(4)


def of(X, **settings):
    return infer(0, DataMatrix(X), method="dimension", progress=False, **settings)


def sphere(n):
    """A sphere, bent into 40 columns."""
    s = RNG.normal(size=(n, 3))
    s /= np.linalg.norm(s, axis=1)[:, None]
    return np.concatenate([s, s**2, s * np.roll(s, 1, axis=1)], axis=1) @ RNG.normal(size=(9, 40))


def reasons(result):
    assert result.verdict == "unknown"
    return " / ".join(check.law for check in result.checks if check.verdict != "pass")


@pytest.mark.parametrize(
    ("X", "d"),
    [(RNG.random((2000, 1)) @ RNG.normal(size=(1, 5)), 1), (sphere(2500), 2), (RNG.integers(0, 4000, (2000, 1)), 1),
     (RNG.integers(0, 60, (2000, 2)), 2)],
    ids=["line", "sphere", "numbers", "lattice"],
)  # fmt: skip
def test_known_dimensions(X, d):
    result = of(X)
    assert result.verdict == "pass", [c for c in result.checks if c.verdict != "pass"]
    found = result.estimates["dimension"]
    error = found.error or 0.0
    assert abs(found.value - d) < 3.5 * error
    assert error < 0.12 * d


def test_units_of_columns():
    X = RNG.random((2000, 2)) * (1.0, 1e-6)
    assert of(X).estimates["dimension"].value < 1.3
    assert of(X, standardize=True).estimates["dimension"].value == pytest.approx(2.0, abs=0.25)


def test_what_is_unknown():
    noisy = sphere(2000) + 0.1 * RNG.normal(size=(2000, 40))
    assert "depends on the scale" in reasons(of(noisy))
    copied = np.concatenate([X := sphere(1500), X[:100]])
    assert "copies" in reasons(of(copied))
    assert "ratios" in reasons(of(np.round(RNG.random((2000, 2)), 2)))
    domains = np.sign(RNG.normal(size=(1500, 1)) * RNG.random((1500, 1)) ** 3 + 0.2 * RNG.normal(size=(1500, 64)))
    assert "rows are not equally dense" in reasons(of(domains))
    hubs = np.where(RNG.random((1000, 4000)) < 0.3 * RNG.random((1000, 1)), 0, 1)
    assert "nearest neighbor of many" in reasons(of(hubs))


@pytest.mark.parametrize(
    ("X", "said"),
    [(np.ones((500, 3)), "constant"), (np.zeros(500), r"\[500\]"), (RNG.random((100, 3)), "400 rows"),
     (np.full((500, 2), np.nan), "finite"), (np.array([["a"] * 2] * 500), "real numbers")],
)  # fmt: skip
def test_bad_input(X, said):
    with pytest.raises(InputError, match=said):
        of(X)


def test_a_file(tmp_path, capsys, monkeypatch):
    np.save(tmp_path / "x.npy", sphere(1500))
    monkeypatch.chdir(tmp_path)
    for name, code in (("x.npy", 0), ("none.npy", 2)):
        with pytest.raises(SystemExit) as ended:
            main(["dimension", name, "--json"])
        assert ended.value.code == code
        if code == 0:
            told = json.loads(capsys.readouterr().out)
            assert told["estimates"]["dimension"]["value"] == pytest.approx(2.0, abs=0.3)
