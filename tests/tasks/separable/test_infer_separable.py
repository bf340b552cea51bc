# SPDX-License-Identifier: Apache-2.0
"""Planes between two classes: proofs, margins beside LIBSVM's, labels that are no surprise, bad input in one line."""

import json

import numpy as np
import pytest
from sklearn.svm import SVC

from isinglass import infer
from isinglass.cli import main
from isinglass.errors import InputError
from isinglass.inference.linear import LabelledPoints
from isinglass.inference.linear.plane import best_margin, distance, separating_plane, with_intercept

RNG = np.random.default_rng(2)
X = RNG.normal(size=(60, 4))
Y = np.where(X[:, 0] + 0.5 * X[:, 1] > 0.3, "on", "off")


def of(X, y, **settings):
    return infer(0, LabelledPoints(X, y), progress=False, **{"permutations": 20} | settings)


def test_a_plane_is_found_or_refuted():
    result = of(X, Y)
    assert result.verdict == "pass"
    assert result.estimates["separable"].value == 1
    assert (np.sign(result.arrays["side"]) == result.arrays["label"]).all()
    mixed = of(X, RNG.permutation(Y))
    assert mixed.verdict == "pass"
    assert mixed.estimates["separable"].value == 0
    through = of(X + 10, Y, intercept=False)
    assert through.estimates["dimensions"].value == 4


def test_proofs_exclude_each_other():
    """Near the capacity, where both happen; xor has no plane and one with an intercept neither."""
    for k in range(60):
        rng = np.random.default_rng(k)
        plane = separating_plane(rng.normal(size=(20, 10)), rng.choice([-1.0, 1.0], 20))
        assert plane.separable != (plane.residual < 1e-7)
    xor = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    assert of(xor, [0, 1, 1, 0]).estimates["separable"].value == 0
    assert of(xor, [0, 1, 1, 1]).estimates["separable"].value == 1


def test_margins_are_those_of_libsvm():
    y = np.where(Y == "on", 1.0, -1.0)
    Z = with_intercept(X)
    fit = SVC(kernel="linear", C=1e8, tol=1e-8).fit(Z[:, :-1], y)
    assert distance(Z, y) == pytest.approx(1 / np.linalg.norm(fit.coef_), rel=1e-3)
    far, side = X[:20], np.where(X[:20, 0] > 0.8, 1.0, -1.0)  # a plane that is far from the mean
    fit = SVC(kernel="linear", C=1e8, tol=1e-8).fit(with_intercept(far)[:, :-1], side)
    assert distance(with_intercept(far), side) == pytest.approx(1 / np.linalg.norm(fit.coef_), rel=1e-4)
    both = np.concatenate([X, -X]), np.concatenate([np.sign(X[:, 0]), -np.sign(X[:, 0])])  # the best plane is through 0
    fit = SVC(kernel="linear", C=1e8, tol=1e-8).fit(*both)
    assert best_margin(*both) == pytest.approx(1 / np.linalg.norm(fit.coef_), rel=1e-3)


def test_without_a_plane_there_is_no_margin():
    """Exclusive or with a coordinate 1: not a number, and not a large one by rounding."""
    X = np.array([[0.0, 0, 1], [1, 1, 1], [0, 1, 1], [1, 0, 1]])
    assert np.isnan(best_margin(X, np.array([1.0, 1, -1, -1])))
    rng = np.random.default_rng(1)
    for _ in range(20):
        X, y = rng.normal(size=(16, 8)), rng.choice([-1.0, 1.0], 16)
        assert (best_margin(X, y) > 0) == separating_plane(X, y).separable


def test_a_linear_map_changes_nothing():
    turn = RNG.normal(size=(4, 4))
    assert of(X @ turn * 1e6 + 3, Y).estimates["separable"].value == 1


def test_few_points_are_always_separable_and_tell_nothing():
    result = of(X[:5], ["a", "b", "a", "b", "b"])
    assert result.verdict == "unknown"
    assert result.estimates["separable"].value == result.estimates["cover_probability"].value == 1
    assert any("tells nothing" in check.law for check in result.checks)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [(X, Y[:5], "a row for each"), (X, np.arange(60), "labels of two kinds; found 60"), (X, ["a"] * 60, "found 1"),
     (np.where(np.arange(60)[:, None] == 3, np.nan, X), Y, "row 4"), (X.astype(str), Y, "real numbers"),
     (X, np.where(np.arange(60) == 3, np.nan, np.arange(60) % 2), "none in row 4")],
    ids=["short", "many", "one", "nan", "words", "unknown"],
)  # fmt: skip
def test_bad_input_is_one_line(X, y, message):
    with pytest.raises(InputError, match=message):
        of(X, y)


def test_the_command(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open("points.csv", "w") as file:
        file.write("a,b,c,d,class\n" + "\n".join(",".join([*map(str, row), y]) for row, y in zip(X, Y, strict=True)))

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main(["separable", "points.csv", "--json", "--permutations", "20", *words])
        return ended.value.code

    assert run("--out", "o") == 0
    assert json.loads(capsys.readouterr().out)["estimates"]["separable"]["value"] == 1
    for words, message in ((("--label", "z"), "a column of labels"), (("--inputs", "z"), "columns z"),
                           (("--label", "a"), "labels of two kinds")):  # fmt: skip
        assert run(*words) == 2
        assert message in " ".join(capsys.readouterr().err.split())
