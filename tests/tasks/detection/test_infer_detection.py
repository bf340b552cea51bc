# SPDX-License-Identifier: Apache-2.0
"""Detection by the verb and from files: the optimum is reached and never passed, planted errors are seen, bad input is
one line.
"""

from dataclasses import replace

import h5py
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import expit

from isinglass.errors import InputError
from isinglass.exact.learning.signal_detection import known_signal_auc, known_signal_power, unknown_phase_power
from isinglass.inference import detection
from isinglass.inference.detection import Labelled
from isinglass.result import Result
from isinglass.tasks.detection.detected import Detected
from isinglass.tasks.detection.detection_file import DetectionFile
from isinglass.tasks.detection.infer_detection import sides
from isinglass.verbs import infer

N, COLUMNS, SNR = 12000, 16, 2.0
QUICK = {"steps": 600, "false_alarm": 0.05, "progress": False}
SHAPE = np.random.default_rng(9).normal(size=COLUMNS)
SHAPE *= SNR / np.linalg.norm(SHAPE)


def known(seed=0, n=N):
    """A known signal of ρ = 2 in unit noise, with its likelihood ratio."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    x = rng.normal(size=(n, COLUMNS)) + y[:, None] * SHAPE
    return Labelled(x, y, log_ratio=x @ SHAPE - SNR**2 / 2)


@pytest.fixture(scope="module")
def found():
    return infer(0, known(), **QUICK)


def check(result, words):
    """The check whose law has these words."""
    (one,) = [c for c in result.checks if words in c.law]
    return one


def test_a_known_signal_is_detected_as_by_the_matched_filter(found):
    assert found.verdict == "pass"
    area, power = found.estimates["auc"], found.estimates["detection_probability"]
    assert abs(area.value - known_signal_auc(SNR)) < 0.01 + 4 * area.error
    assert abs(power.value - known_signal_power(SNR, 0.05)) < 0.02 + 4 * power.error
    best = found.estimates["auc/likelihood_ratio"]
    assert abs(best.value - known_signal_auc(SNR)) < 4 * best.error


def test_an_unknown_phase_is_found_by_the_network_and_not_by_logistic_regression():
    """ρ = 4 at 1 %: Marcum's 0.866570; logistic regression is at chance.  Within 0.03 for so short a training."""
    rng, y = np.random.default_rng(1), np.arange(20000) % 2
    phase = rng.uniform(0, 2 * np.pi, len(y))
    x = rng.normal(size=(len(y), 8))
    x[:, :2] += 4 * y[:, None] * np.stack([np.cos(phase), np.sin(phase)], axis=1)
    result = infer(0, Labelled(x, y), progress=False, steps=1500)
    power = result.estimates["detection_probability"]
    assert abs(power.value - unknown_phase_power(4.0, 0.01)) < 0.03 + 4 * power.error
    assert abs(result.estimates["auc/logistic"].value - 0.5) < 0.05
    assert result.verdict == "pass"


def test_a_series_of_channels():
    rng, y = np.random.default_rng(2), np.arange(6000) % 2
    shape = np.sin(np.arange(64) / 3)[None] * np.array([[1.0], [-0.5]])
    shape *= 4 / np.linalg.norm(shape)
    x = rng.normal(size=(len(y), 2, 64)) + y[:, None, None] * shape
    result = infer(0, Labelled(x, y), progress=False, steps=1000, filters=(8, 8), hidden=(32,))
    assert result.estimates["auc"].value > 0.98  # 0.99766 is possible
    assert result.verdict != "fail"


def test_its_figures_are_drawn(found):
    assert set(found.plot()) == set(found.figures) != set()


def test_the_model_gives_the_same_probabilities_when_loaded(found, tmp_path):
    found.save(tmp_path / "run")
    loaded = Result.load(tmp_path / "run").models["detector"]
    x = known(5).x[:7]
    p = detection.probabilities(found.models["detector"], x)
    np.testing.assert_array_equal(detection.probabilities(loaded, x), p)
    assert float(loaded.probability(jnp.asarray(x[0]))) == pytest.approx(p[0], rel=1e-5)


def test_same_key_same_numbers(found):
    again = infer(0, known(), **QUICK)
    np.testing.assert_array_equal(again.arrays["probability"], found.arrays["probability"])


def judged(found, **changes):
    """The verdict on altered scores of the held-out rows of a result."""
    a = found.arrays
    score = dict(zip(a["detector"].to_numpy().tolist(), a["score"].to_numpy(), strict=True))
    group = np.arange(a.sizes["held_out"])
    detected = Detected(score, a["probability"].to_numpy(), a["signal"].to_numpy(), group, 0.05, 1800, 0.0)
    return Result("x", checks=replace(detected, **{k: f(detected) for k, f in changes.items()}).checks())


def test_planted_errors_are_seen(found):
    """Overconfidence; a network worse than logistic regression; one better than possible; a wrong ratio."""
    assert judged(found).verdict == "pass"
    sure = judged(found, probability=lambda d: expit(2 * np.log(d.probability / (1 - d.probability))))
    assert check(sure, "probabilities are true (").verdict == "fail"
    rng = np.random.default_rng(0)
    weak = judged(found, score=lambda d: d.score | {"network": d.score["network"] + 3 * rng.normal(size=len(d.signal))})
    assert check(weak, "not below that of logistic").verdict == "fail"
    assert check(weak, "detection probability is within").verdict == "fail"
    leaked = judged(found, score=lambda d: d.score | {"network": d.score["network"] + 1.0 * d.signal})
    assert check(leaked, "area under the ROC does not exceed").verdict == "fail"
    assert check(leaked, "detection probability does not exceed").verdict == "fail"
    other = judged(found, score=lambda d: d.score | {"likelihood_ratio": 3 * d.score["likelihood_ratio"]})
    assert other.verdict == check(other, "likelihood ratio that was given").verdict == "unknown"


def test_a_label_in_the_noise_is_above_the_optimum():
    """Planted: a column that knows the label, which the likelihood ratio does not use."""
    rows = known()
    x = np.c_[rows.x, np.random.default_rng(3).normal(size=N) + 2.0 * rows.y]
    result = infer(0, replace(rows, x=x), **QUICK)
    assert result.verdict == check(result, "area under the ROC does not exceed").verdict == "fail"


def test_the_label_as_a_column_is_refuted():
    rows = known()
    result = infer(0, replace(rows, x=np.c_[rows.x, rows.y], log_ratio=None), **QUICK)
    assert result.verdict == check(result, "the label itself").verdict == "fail"


def test_shuffled_labels_do_not_pass():
    rows = known()
    y = np.random.default_rng(4).permutation(rows.y)
    result = infer(0, replace(rows, y=y, log_ratio=None), **QUICK)
    assert result.verdict == "unknown"
    assert check(result, "above that of chance").verdict == "unknown"


def test_copies_are_on_one_side():
    """Each row four times: else what was trained on is tested; errors are those of rows without copies."""
    rows = known(n=1200)
    copied = Labelled(np.repeat(rows.x, 4, axis=0), np.repeat(rows.y, 4))
    checked = detection.checked_labels(copied)
    parts = sides(*keys(), checked)
    kinds = [set(map(bytes, checked.x[part])) for part in parts]
    assert sum(map(len, parts)) == 4800
    assert all(kinds[i].isdisjoint(kinds[j]) for i, j in ((0, 1), (0, 2), (1, 2)))
    result = infer(0, copied, **QUICK)
    assert any("3600 rows occur more than once" in note for note in result.notes)
    single = infer(0, Labelled(rows.x, rows.y), **QUICK)
    assert result.estimates["auc"].error == pytest.approx(single.estimates["auc"].error, rel=0.4)


def keys():
    """Two keys."""
    import jax

    return jax.random.split(jax.random.key(0))


def test_chains_are_on_one_side():
    rows = replace(known(n=1200), chain=np.arange(1200) // 40)
    checked = detection.checked_labels(rows)
    parts = sides(*keys(), checked)
    chains = [set(np.asarray(rows.chain)[part]) for part in parts]
    assert all(chains[i].isdisjoint(chains[j]) for i, j in ((0, 1), (0, 2), (1, 2)))


def test_fewer_rows_than_columns_do_not_pass():
    rng = np.random.default_rng(5)
    result = infer(0, Labelled(rng.normal(size=(120, 300)), np.arange(120) % 2), **QUICK)
    assert result.verdict != "pass"
    assert any("fewer than columns" in c.law for c in result.checks)


def test_too_few_false_alarms_give_a_note_and_no_number():
    result = infer(0, known(n=1000), **QUICK | {"false_alarm": 1e-3})
    assert "detection_probability" not in result.estimates
    assert any("less than one false alarm" in note for note in result.notes)


def test_equal_rows_with_both_labels_are_counted():
    rows = known(n=1000)
    x = np.concatenate([rows.x, rows.x[:10]])
    y = np.concatenate([rows.y, 1 - rows.y[:10]])
    result = infer(0, Labelled(x, y), **QUICK)
    assert any("20 rows have equals with the other label" in note for note in result.notes)


NAMES = ("mass", "energy", *(f"{letter}ngle" for letter in "abcdefghijklmn"))
X, Y = known(n=400).x, known(n=400).y


@pytest.mark.parametrize(
    ("problem", "settings", "said"),
    [(Labelled(X, Y[:300]), {}, "a label for each row; found x \\[400, 16\\], y \\[300\\]"),
     (Labelled(X, np.ones(400)), {}, "labels of two values.*found 1 "),
     (Labelled(X, np.arange(400)), {}, "found 400"),
     (Labelled(np.where(X > 3, np.nan, X), Y), {}, "NaN or infinity in"),
     (Labelled(X, np.where(Y > 0, Y, np.nan)), {}, "NaN or infinity in 200 of 400"),
     (Labelled(X[:60], Y[:60] * (np.arange(60) < 20)), {}, "50 rows of each class"),
     (Labelled([[1.0, 2.0], [3.0]], [0, 1]), {}, "rows of unequal lengths"),
     (Labelled(X, np.where(Y, "signal", "noise")), {}, "labels as 0 and 1"),
     (Labelled(X[:, :0], Y), {}, "rows with a number"),
     (Labelled(0 * X, Y), {}, "50 different rows or more; found 1"),
     (Labelled(X, Y, chain=np.zeros(400)), {}, "three independent chains"),
     (Labelled(X, Y, chain=np.zeros(7)), {}, "chain for each row"),
     (Labelled(X, Y, log_ratio=np.full(400, np.nan)), {}, "log_ratio for each row"),
     (Labelled(X, Y), {"false_alarm": 2.0}, "between 0 and 1"),
     (Labelled(X, Y), {"network": "cnn"}, "network among"),
     (Labelled(X, Y, chain=Y + 2.0 * (np.arange(400) > 390)), {}, "both classes in each of three sides")],
)  # fmt: skip
def test_bad_input_is_one_line(problem, settings, said):
    with pytest.raises(InputError, match=said) as error:
        infer(0, problem, **QUICK | settings)
    assert "\n" not in str(error.value)


def write(folder):
    """The same rows in three formats."""
    with h5py.File(folder / "s.h5", "w") as file:
        file["x"], file["label"] = X, Y
    np.savez(folder / "s.npz", data=X, y=Y, run=Y * 0 + 3)
    head = ",".join([*NAMES, "signal"])
    np.savetxt(folder / "s.csv", np.c_[X, Y], delimiter=",", header=head, comments="")


@pytest.mark.parametrize(
    ("name", "asked"), [("s.h5", {}), ("s.npz", {}), ("s.csv", {}), ("s.csv", {"label": "signal"})]
)
def test_files(name, asked, tmp_path):
    write(tmp_path)
    rows, _, read = DetectionFile(tmp_path / name, **asked).read()
    np.testing.assert_allclose(rows.x, X)
    np.testing.assert_array_equal(np.asarray(rows.y), Y)
    assert "label" in read["read"]
    part = DetectionFile(tmp_path / "s.csv", data=("energy", "mass")).read()[0]
    np.testing.assert_allclose(part.x, X[:, [1, 0]])
    assert part.names == ("energy", "mass")


@pytest.mark.parametrize(
    ("name", "asked", "said"),
    [("s.h5", {"label": "q"}, "arrays q"), ("s.npz", {"data": ("data", "y")}, "columns of equal length"),
     ("x.csv", {}, "labels in")],
)  # fmt: skip
def test_files_that_do_not_say_enough(name, asked, said, tmp_path):
    write(tmp_path)
    np.savetxt(tmp_path / "x.csv", X, delimiter=",", header=",".join(NAMES), comments="")
    with pytest.raises(InputError, match=said):
        DetectionFile(tmp_path / name, **asked).read()
