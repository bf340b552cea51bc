# SPDX-License-Identifier: Apache-2.0
"""Scaling laws by the verb and from files: right tables pass, wrong ones do not, bad input is one line."""

from typing import Any

import numpy as np
import pytest

from isinglass.cli import main
from isinglass.errors import InputError
from isinglass.inference.scaling_laws import RunsTable, clean_runs
from isinglass.tasks.scaling_laws.scaling_file import ScalingFile
from isinglass.verbs import infer

RNG = np.random.default_rng(3)
N_RUNS = 100
N = np.exp(RNG.uniform(np.log(5e7), np.log(1e10), N_RUNS))
D = np.exp(RNG.uniform(np.log(1e9), np.log(3e11), N_RUNS))
NOISE = np.exp(0.004 * RNG.normal(size=N_RUNS))
TERM_N, TERM_D = 400 * N**-0.34, 2000 * D**-0.37
LOSS = (1.8 + TERM_N + TERM_D) * NOISE


def fitted(loss: Any = LOSS, parameters: Any = N, tokens: Any = D, compute: Any = None, asked: Any = None, **settings):
    settings = {"replicas": 100, "progress": False, "compute": asked} | settings
    return infer(0, RunsTable(loss, parameters, tokens, compute), **settings)


def verdict(result, word):
    """Of the one check whose law has the word."""
    (found,) = [check.verdict for check in result.checks if word in check.law]
    return found


@pytest.fixture(scope="module")
def right():
    """The planted law, found."""
    return fitted(compute=6 * N * D, law="both")


def test_the_planted_law_is_found(right):
    assert right.verdict == "pass", [c for c in right.checks if c.verdict != "pass"]
    truth = {"irreducible_loss": 1.8, "exponent/parameters": 0.34, "exponent/tokens": 0.37, "coefficient/tokens": 2000,
             "coefficient/parameters": 400, "optimal_exponent/parameters": 0.37 / 0.71}  # fmt: skip
    for name, value in truth.items():
        found = right.estimates[name]
        assert abs(found.value - value) < 4 * found.error, name
    assert right.estimates["exponent/parameters"].error < 0.1 * 0.34
    assert right.estimates["scatter"].value == pytest.approx(0.004, rel=0.4)
    assert right.estimates["extrapolation_error/law"].value < right.estimates["extrapolation_error/straight_line"].value


def test_figures_are_drawn(right):
    assert list(right.plot()) == ["loss_size", "loss_residuals", "iso_loss"]


def test_any_two_of_three_sizes_give_the_third():
    for given in (RunsTable(LOSS, N, None, 6 * N * D), RunsTable(LOSS, None, D, 6 * N * D), RunsTable(LOSS, N, D)):
        size = clean_runs(given).size
        assert size["parameters"] == pytest.approx(N)
        assert size["tokens"] == pytest.approx(D)
        assert size["compute"] == pytest.approx(6 * N * D)


def test_a_compute_is_split(right):
    """6 N D = C, and N is that of the planted law."""
    C = float((6 * N * D).max())
    name = next(key for key in right.estimates if key.startswith("optimal_parameters"))
    case = name.split("/")[1]
    product = 6 * right.estimates[name].value * right.estimates[f"optimal_tokens/{case}"].value
    assert product == pytest.approx(C)
    ratio = right.estimates[f"tokens_per_parameter/{case}"]
    assert ratio.value == pytest.approx(C / 6 / right.estimates[name].value ** 2)
    N_best = (0.34 * 400 / (0.37 * 2000)) ** (1 / 0.71) * (C / 6) ** (0.37 / 0.71)
    assert abs(right.estimates[name].value - N_best) < 4 * right.estimates[name].error


def test_a_compute_far_beyond_is_not_passed():
    assert verdict(fitted(asked=(1e30,)), "asked for") == "unknown"


def test_same_key_same_numbers(right):
    assert fitted(compute=6 * N * D, law="both").to_json()["estimates"] == right.to_json()["estimates"]


@pytest.mark.slow
def test_a_law_of_one_size():
    found = fitted((1.8 + TERM_N) * NOISE, tokens=None)
    assert abs(found.estimates["exponent/parameters"].value - 0.34) < 4 * (
        found.estimates["exponent/parameters"].error or 0.0
    )
    assert not any(name.startswith("optimal") for name in found.estimates)
    assert found.verdict == "pass", [c for c in found.checks if c.verdict != "pass"]
    C = fitted((1.8 + 3e3 * (6 * N * D) ** -0.17) * NOISE, None, None, 6 * N * D, law="compute")
    assert abs(C.estimates["exponent/compute"].value - 0.17) < 4 * (C.estimates["exponent/compute"].error or 0.0)
    assert any(name.startswith("predicted_loss/compute_") for name in C.estimates)


@pytest.mark.slow
def test_one_number_of_parameters_leaves_a_law_of_tokens():
    found = fitted((1.8 + TERM_D) * NOISE, parameters=np.full(N_RUNS, 1e9))
    assert "exponent/tokens" in found.estimates
    assert any("exponent is not determined" in note for note in found.notes)


NARROW = (1e8 * (N / 1e8) ** 0.1, 1e9 * (D / 1e9) ** 0.1, 0)
NARROW = (*NARROW[:2], (1.8 + 400 * NARROW[0] ** -0.34 + 2000 * NARROW[1] ** -0.37) * NOISE)
TURNED = (1.8 + TERM_N + TERM_D * np.where(D < 2e10, 1.0, (D / 2e10) ** 0.6)) * NOISE  # another exponent beyond
BENT = LOSS * np.exp(0.03 * np.sin(1.5 * np.log(N)))  # no power law of parameters


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "word", "said"),
    [({"loss": TURNED}, "more noise than law", "fail"), ({"loss": BENT}, "trends in the sizes", "fail"),
     ({"compute": 6 * N * D * np.where(N > 1e9, 2.0, 1.0)}, "compute of the table", "fail"),
     ({"loss": NARROW[2], "parameters": NARROW[0], "tokens": NARROW[1]}, "starts that reach the smallest", "unknown"),
     ({"loss": NARROW[2], "parameters": NARROW[0], "tokens": NARROW[1]}, "exponent of tokens", "unknown"),
     ({"tokens": 20 * N * NOISE**0.1}, "vary independently", "unknown"),
     ({"loss": np.where(N * D > np.quantile(N * D, 0.9), 1.1, 1.0) * LOSS}, "predicts the", "fail"),
     ({"loss": np.concatenate([LOSS[:50], LOSS[:50]]), "parameters": np.tile(N[:50], 2), "tokens": np.tile(D[:50], 2)},
      "repeat another", "unknown"),
     ({"loss": np.where(N > 5e9, np.nan, LOSS)}, "rows that are whole", "unknown")],
)  # fmt: skip
def test_a_table_that_is_wrong_or_tells_too_little_is_not_passed(given, word, said):
    """Planted: a bend, a compute that is no 6 N D, a floor out of sight, N ∝ D, a change at large compute."""
    found = fitted(**given)
    assert verdict(found, word) == said
    assert found.verdict != "pass"


def test_a_bend_is_refuted():
    """Planted: the quick one of the table above."""
    assert verdict(fitted(BENT), "trends in the sizes") == "fail"


def test_an_outlier_is_named_and_changes_little(right):
    spoiled = LOSS.copy()
    spoiled[7] *= 1.5
    found = fitted(spoiled)
    assert any("row 8 (loss" in note for note in found.notes)
    for name in ("exponent/parameters", "exponent/tokens"):
        assert abs(found.estimates[name].value - right.estimates[name].value) < 2 * right.estimates[name].error


@pytest.mark.parametrize(
    ("given", "said"),
    [({"loss": LOSS[:5]}, "equally many"), ({"loss": -LOSS}, "loss above 0; found .* in row 1 and 99 more"),
     ({"tokens": np.where(D > 1e11, 0.0, D)}, "tokens above 0"), ({"loss": LOSS.astype(str)}, "70e6, not 70M"),
     ({"loss": LOSS[:5], "parameters": N[:5], "tokens": D[:5]}, "12 finite runs"), ({"loss": LOSS * np.nan}, "found 0"),
     ({"parameters": None, "tokens": None}, "losses alone"), ({"loss": np.ones(N_RUNS)}, "losses that vary"),
     ({"parameters": N / 1e6}, "parameters_in=1e6"), ({"tokens": D / 1e9}, "tokens for each parameter"),
     ({"compute": 6e-6 * N * D}, "within a factor 30"), ({"law": "both", "tokens": None}, "no tokens"),
     ({"law": "both", "tokens": np.full(N_RUNS, 1e10)}, "3 values or more of tokens"),
     ({"parameters": np.full(N_RUNS, 1e9), "tokens": np.full(N_RUNS, 1e10)}, "3 values or more"),
     ({"tokens": None, "compute": None, "law": "compute"}, "no compute"), ({"replicas": 5}, "100 replicas"),
     ({"huber": 2.0}, "huber between"), ({"loss_below": 1.0}, "loss below 1"), ({"huber": -1.0}, "huber"),
     ({"loss": LOSS[:, None] * np.ones(2)}, "an array"), ({"loss": LOSS + 1j}, "complex")],
)  # fmt: skip
def test_bad_input_is_one_line(given, said):
    with pytest.raises(InputError, match=said):
        fitted(**given)


@pytest.mark.parametrize(("compute", "said"), [((-1.0,), "computes above 0"), ((), "computes above 0"), ((1e21,), "")])
def test_computes_are_checked(compute, said):
    table = RunsTable(LOSS, N) if not said else RunsTable(LOSS, N, D)
    with pytest.raises(InputError, match=said or "a law of parameters and tokens, or of compute"):
        infer(0, table, compute=compute, progress=False)


def write(path, head="Model Size,Training FLOP,loss", columns=(N, 6 * N * D, LOSS), spoil=None):
    rows = [",".join(repr(float(a)) for a in row) for row in zip(*columns, strict=True)]
    path.write_text("\n".join([head, *([spoil] if spoil else []), *rows]))
    return path


@pytest.mark.parametrize(
    ("head", "columns"),
    [("Model Size,Training FLOP,loss", (N, 6 * N * D, LOSS)), ("N,D,val_loss", (N, D, LOSS)),
     ("params;tokens;Loss", (N, D, LOSS)), ("num_params\ttrain_flops\ttest loss", (N, 6 * N * D, LOSS))],
)  # fmt: skip
def test_columns_are_found_by_their_usual_names(head, columns, tmp_path):
    path = write(tmp_path / "runs.csv", head, columns)
    mark = next(m for m in ",;\t" if m in head)
    path.write_text(path.read_text().replace(",", mark))
    table, _, said = ScalingFile(path).read()
    assert np.asarray(table.loss) == pytest.approx(LOSS)
    assert table.parameters is not None
    assert "parameters" in said["read"]


def test_columns_are_named_and_have_units(tmp_path):
    path = write(tmp_path / "runs.csv", "size_m,d_b,final", (N / 1e6, D / 1e9, LOSS))
    table, _, _ = ScalingFile(path, "final", "size_m", "d_b", parameters_in=1e6, tokens_in=1e9).read()
    assert np.asarray(table.tokens) == pytest.approx(D)


@pytest.mark.parametrize(
    ("head", "settings", "said"),
    [("a,b,c", {}, "a column of losses"), ("a,b,loss", {}, "columns of parameters, tokens or compute"),
     ("N,params,loss", {}, "one column of parameters"), ("N,D,loss", {"tokens": "E"}, "the column E"),
     ("N,D,loss", {"tokens": "N"}, "a column for each size"), ("N,D,loss", {"tokens_in": 0.0}, "a unit of tokens")],
)  # fmt: skip
def test_a_file_that_tells_too_little_is_one_line(head, settings, said, tmp_path):
    path = write(tmp_path / "runs.csv", head)
    with pytest.raises(InputError, match=said):
        ScalingFile(path, **settings).read()


def test_text_among_numbers_is_named(tmp_path):
    path = write(tmp_path / "runs.csv", "N,D,loss", (N, D, LOSS), spoil="70M,1e9,3.0")
    with pytest.raises(InputError, match="'70M' in row 1; write 70e6 for 70M"):
        ScalingFile(path).read()


def test_the_command_refuses_in_one_line(tmp_path, capsys):
    path = write(tmp_path / "runs.csv", "N,D,loss", (N, D, -LOSS))
    with pytest.raises(SystemExit, match="2"):
        main(["scaling", str(path), "--out", str(tmp_path / "run")])
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1
    assert "loss above 0" in said.err
