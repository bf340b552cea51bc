# SPDX-License-Identifier: Apache-2.0
"""Linear regression by the verb and from files: right fits pass, wrong ones do not, bad input is one line."""

import h5py
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.errors import InputError
from isinglass.exact.learning.information import bayes_accuracy_of_gaussians
from isinglass.inference.linear import TargetTable, repeats, rows_to_test
from isinglass.result import Result
from isinglass.tasks.linear.linear_file import LinearFile
from isinglass.verbs import infer

RNG = np.random.default_rng(1)
N = 400
X = RNG.normal(size=(N, 4))
Y = 1 + X @ [1.0, 0.5, 0.0, -2.0] + 0.3 * RNG.normal(size=N)
WORDS = np.where(RNG.random(N) < 1 / (1 + np.exp(-X[:, 0] - 1)), "signal", "background")
NAMES = ("a", "b", "c", "d")


def fitted(X=X, y=Y, error=None, **settings):
    return infer(0, TargetTable(X, y, error=error), progress=False, **settings)


def verdicts(result, word):
    """Of the checks whose law has the word."""
    return [check.verdict for check in result.checks if word in check.law]


@pytest.mark.parametrize("settings", [{}, {"model": "ridge"}, {"model": "ridge", "penalty_by": "cross_validation"},
                                      {"model": "ridge", "penalty": 0.1}])  # fmt: skip
def test_a_linear_relation_is_found(settings):
    result = fitted(**settings)
    assert result.verdict == "pass"
    for i, w in enumerate([1.0, 0.5, 0.0, -2.0]):
        found = result.estimates[f"coefficient/x_{i}"]
        assert found.value == pytest.approx(w, abs=4 * found.error)
        assert found.error == pytest.approx(0.3 / N**0.5, rel=0.2)
    assert result.estimates["noise"].value == pytest.approx(0.3, rel=0.15)
    assert result.estimates["r_squared"].value == pytest.approx(1 - 0.09 / (0.09 + 5.25), abs=0.02)
    assert ("log_evidence" in result.estimates) == bool(settings)


def test_the_model_predicts_and_is_saved(tmp_path):
    result = infer(0, TargetTable(X, Y, NAMES), progress=False)
    result.save(tmp_path / "run")
    mean, error, deviation = Result.load(tmp_path / "run").models["linear"](jnp.asarray(X[0]))
    assert float(mean) == pytest.approx(Y[0], abs=4 * 0.3)
    assert float(deviation) == pytest.approx((float(error) ** 2 + result.estimates["noise"].value ** 2) ** 0.5)
    assert {"coefficient/a", "coefficient/d"} <= set(result.estimates)


def test_errors_that_are_given_are_tested():
    assert fitted(error=np.full(N, 0.3)).verdict == "pass"
    wrong = fitted(error=np.full(N, 0.2))
    assert verdicts(wrong, "given errors") == ["fail"]
    assert wrong.estimates["reduced_chi2"].value == pytest.approx(2.25, rel=0.3)


def test_two_classes_of_words():
    result = fitted(y=WORDS)
    assert result.verdict == "pass"
    assert result.estimates["coefficient/x_0"].value == pytest.approx(1.0, abs=0.6)
    assert "log odds against background" in result.notes
    assert float(result.models["linear"](jnp.asarray(X[0])).sum()) == pytest.approx(1.0)


@pytest.mark.parametrize("K", [2, 3])
def test_gaussians_reach_the_accuracy_of_bayes(K):
    """K unit Gaussians, all a distance 2 apart: within 4 errors, and not above."""
    rng = np.random.default_rng(2)
    y = rng.integers(0, K, 6000)
    x = rng.normal(size=(6000, K)) + 2**0.5 * np.eye(K)[y]
    result = fitted(x[:, : K - 1] - x[:, K - 1 :], y)  # differences tell all, and no column is a sum of others
    found = result.estimates["accuracy"]
    assert abs(found.value - bayes_accuracy_of_gaussians(K, 2.0)) < 4 * found.error + 0.005
    assert result.verdict == "pass"


def test_separable_classes_are_not_passed():
    """Planted: a plane separates them, so that the likelihood has no maximum."""
    for y in (X[:, 0] > 0, np.where(X[:, 0] > 0.5, "a", np.where(X[:, 0] < -0.5, "b", "c"))):
        result = fitted(y=y)
        assert verdicts(result, "separate") == ["unknown"]
        assert result.verdict == "unknown"
        assert any("penalty" in note for note in result.notes)


def test_a_curved_boundary_is_refuted():
    y = RNG.random(N) < 1 / (1 + np.exp(-2 * X[:, 0] ** 2 + 2))
    assert verdicts(fitted(y=y), "probabilities") == ["fail"]


@pytest.mark.parametrize(
    ("y", "law"),
    [(Y + X[:, 2] ** 2, "curvature"), (X[:, 0] + np.exp(X[:, 1]) * RNG.normal(size=N), "one width"),
     (X[:, 0] + RNG.standard_t(1.5, N), "normal"), (np.append(Y[1:], 1e6), "normal")],
)  # fmt: skip
def test_a_relation_that_is_not_what_it_says_is_refuted(y, law):
    result = fitted(y=y)
    assert result.verdict == "fail"
    assert verdicts(result, law) == ["fail"]


def test_a_series_in_time_is_refuted():
    e = np.zeros(N)
    for i in range(1, N):
        e[i] = 0.9 * e[i - 1] + RNG.normal()
    assert verdicts(fitted(y=X[:, 0] + e), "neighbouring") == ["fail"]


@pytest.mark.parametrize(
    ("x", "y", "settings", "law"),
    [(np.column_stack([X, 3 * Y + 2]), Y, {}, "target itself"),
     (np.column_stack([X, X[:, 0]]), Y, {}, "sums of others"),
     (X[:30, :1] @ np.ones((1, 40)) + RNG.normal(size=(30, 40)), Y[:30], {"model": "least_squares"}, "rows beyond"),
     (np.concatenate([X, X]), np.concatenate([Y, Y]), {}, "repeat"), (np.where(X > 3, np.nan, X), Y, {}, "whole"),
     (X, X @ np.arange(4.0), {}, "spread as predicted"), (X, RNG.normal(size=N), {"model": "ridge"}, "best λ")],
)  # fmt: skip
def test_what_is_not_known_is_said(x, y, settings, law):
    result = fitted(x, y, **settings)
    assert verdicts(result, law) == ["unknown"]
    assert result.verdict == "unknown"


def test_columns_that_are_equal_have_no_error_alone():
    result = fitted(np.column_stack([X, X[:, 0]]))
    assert [result.estimates[f"coefficient/x_{i}"].error is None for i in range(5)] == [True, False, False, False, True]


def test_ridge_knows_more_columns_than_rows():
    """100 rows, 150 columns, w of the prior: all checks pass, and the coefficients are within their errors."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(150, 200)), rng.normal(size=200)
    result = fitted(x, x @ w + 2 * rng.normal(size=150))
    assert any("ridge" in note for note in result.notes)
    assert result.verdict == "pass"
    off = (result.arrays["coefficient"].to_numpy() - w) / result.arrays["coefficient_error"].to_numpy()
    assert np.mean(np.abs(off) < 1) == pytest.approx(0.68, abs=0.13)
    assert len([name for name in result.estimates if name.startswith("coefficient/")]) == 50


def test_whole_numbers_are_classes_if_they_are_few():
    counts = RNG.poisson(3.0, N)
    few = fitted(y=(counts > 2).astype(float))
    assert "logistic" in few.notes[0]
    assert "least_squares" in few.notes[0]
    assert "quantities" in fitted(y=counts + 20.0 * (X[:, 0] > 2)).notes[0]
    assert fitted(y=(counts > 2).astype(float), model="least_squares").settings["model"] == "least_squares"


def test_columns_that_do_not_vary_and_rows_that_are_not_finite_are_left_out():
    x = np.column_stack([X, np.ones(N)])
    x[3, 1], y = np.inf, Y.copy()
    y[5] = np.nan
    result = fitted(x, y)
    assert result.settings["rows"] == N - 2
    assert result.settings["columns"] == 4
    assert any("x_4" in note for note in result.notes)
    assert any("2 rows" in note for note in result.notes)


def test_equal_rows_are_on_one_side_and_classes_on_both():
    x, y = np.repeat(X[:50], 4, axis=0), np.repeat(np.arange(50) % 2, 4)
    held = rows_to_test(np.random.default_rng(0), repeats(x, y), 0.3, y)
    assert not set(map(tuple, x[held])) & set(map(tuple, x[~held]))
    assert set(y[held]) == set(y[~held]) == {0, 1}
    assert held.mean() == pytest.approx(0.3, abs=0.05)


def test_same_key_same_numbers():
    a, b = fitted(), fitted()
    assert a.to_json()["checks"] == b.to_json()["checks"]


@pytest.mark.parametrize(
    ("table", "settings", "said"),
    [(TargetTable(X, np.ones(N)), {}, "a target that varies"), (TargetTable(X, ["a"] * N), {}, "a target that varies"),
     (TargetTable(X, Y[:5]), {}, "equally many rows"), (TargetTable(X[:1], Y[:1]), {}, "10 finite rows"),
     (TargetTable(X * np.nan, Y), {}, "found 0, 400 more"),
     (TargetTable(np.ones((N, 2)), Y), {}, "an input that varies"),
     (TargetTable(X + 1j, Y), {}, "complex"), (TargetTable(X, Y, error=[1.0, 2.0]), {}, "one error of y"),
     (TargetTable(X, Y, error=-np.ones(N)), {}, "errors of y above 0"),
     (TargetTable(X, WORDS, error=np.ones(N)), {}, "no errors"),
     (TargetTable(X * 1e-200, Y), {}, "change the units"), (TargetTable(X, Y, names=("a",)), {}, "4 different names"),
     (TargetTable(X, WORDS), {"model": "ridge"}, "numbers for ridge"),
     (TargetTable(X, Y), {"held_out": 2.0}, "held_out"),
     (TargetTable(X, np.arange(N) % 3), {"model": "logistic"}, "use softmax"),
     (TargetTable(X, ["z"] + ["a"] * 200 + ["b"] * 199), {}, "1 of z"),
     (TargetTable(X, np.column_stack([Y, Y])), {}, "a row of each"), (TargetTable(X, Y), {"penalty": -1.0}, "penalty")],
)  # fmt: skip
def test_bad_input_is_one_line(table, settings, said):
    with pytest.raises(InputError, match=said):
        infer(0, table, progress=False, **settings)


def write(folder):
    """The same table as text, arrays and HDF5, and one with gaps."""
    head = ["a,b,c,d,kind,y"]
    rows = [f"{','.join(map(repr, x.tolist()))},{word},{float(y)!r}" for x, word, y in zip(X, WORDS, Y, strict=True)]
    (folder / "t.csv").write_text("\n".join(head + rows))
    (folder / "gaps.csv").write_text("\n".join([*head, *rows[1:], f",1,1,1,signal,{float(Y[0])!r}"]))
    np.savez(folder / "t.npz", x=X, y=Y, kind=WORDS)
    with h5py.File(folder / "t.h5", "w") as file:
        file["x"], file["y"], file["kind"] = X, Y, WORDS.astype("S")
    np.savetxt(folder / "plain.txt", np.column_stack([X, Y]))


@pytest.mark.parametrize(
    ("name", "target", "rows"),
    [("t.csv", "y", N), ("gaps.csv", "y", N), ("t.npz", "y", N), ("t.h5", "y", N), ("plain.txt", "column_4", N)],
)
def test_files_are_read(name, target, rows, tmp_path):
    write(tmp_path)
    table, _, said = LinearFile(tmp_path / name, target).read()
    assert np.shape(table.X) == (rows, 4)
    assert np.sort(table.y) == pytest.approx(np.sort(Y))
    assert name in said["read"]
    assert np.isnan(table.X).sum() == (name == "gaps.csv")


@pytest.mark.parametrize("name", ["t.csv", "t.npz", "t.h5"])
def test_words_are_a_target_and_no_input(name, tmp_path):
    write(tmp_path)
    table, _, _ = LinearFile(tmp_path / name, "kind").read()
    assert infer(0, table, progress=False).settings["model"] == "logistic"
    assert len(LinearFile(tmp_path / name, "y").read()[0].names) == 4


@pytest.mark.parametrize(
    ("asked", "said"),
    [({}, "the target, one of the columns"), ({"target": "q"}, "columns q"),
     ({"target": "y", "inputs": ("a", "y")}, "one place"), ({"target": "y", "inputs": ("kind",)}, "rows of numbers"),
     ({"target": "y", "error": "y"}, "one place")],
)  # fmt: skip
def test_files_that_do_not_say_enough(asked, said, tmp_path):
    write(tmp_path)
    with pytest.raises(InputError, match=said):
        LinearFile(tmp_path / "t.csv", **asked).read()


@pytest.mark.parametrize(
    ("text", "said"), [("a,b\n1,2\n3\n", "2 entries in each row"), ("a,a\n1,2\n3,4\n", "different names"),
                       ("a,b\n", "a header and rows"), ("", "an empty file")])  # fmt: skip
def test_tables_that_are_none(text, said, tmp_path):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(InputError, match=said):
        LinearFile(tmp_path / "t.csv", "b").read()


@pytest.mark.parametrize("y", [Y, WORDS, np.where(X[:, 1] > 0.3, "third", WORDS)], ids=["numbers", "two", "three"])
def test_figures_are_drawn(y):
    figures = fitted(y=y).plot()
    assert list(figures) == ["coefficients", "predicted_observed"]
    assert all(figure.axes[0].has_data() for figure in figures.values())
