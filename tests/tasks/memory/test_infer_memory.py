# SPDX-License-Identifier: Apache-2.0
"""A memory by the verb and from files: patterns are retrieved, what is none does not pass, bad input is one line."""

import json

import numpy as np
import pytest

from isinglass import infer
from isinglass.cli import main
from isinglass.errors import InputError
from isinglass.systems import DenseMemory, HopfieldNetwork

RNG = np.random.default_rng(5)
PATTERNS = RNG.choice([-1, 1], (5, 10, 10))
CUE = PATTERNS[3].copy()
CUE[:2] *= -1  # two rows of ten wrong


def recalled(memory, cue, **settings):
    return infer(0, memory, observation=cue, progress=False, **settings)


def not_passed(result):
    """What is said of the checks that are not passed; none failed."""
    assert result.verdict == "unknown"
    return " / ".join(check.law for check in result.checks if check.verdict != "pass")


@pytest.mark.parametrize(
    "memory",
    [HopfieldNetwork(PATTERNS), HopfieldNetwork(PATTERNS, rule="pseudo-inverse"), DenseMemory(PATTERNS)],
    ids=["hebb", "pseudo-inverse", "dense"],
)
def test_a_pattern_is_retrieved_from_a_damaged_copy(memory):
    result = recalled(memory, CUE)
    assert result.verdict == "pass", [c for c in result.checks if c.verdict != "pass"]
    told = {name: e.value for name, e in result.estimates.items()}
    assert (told["pattern"], told["overlap"], told["overlap/cue"], told["flips"]) == (3, 1.0, 0.6, 20)
    np.testing.assert_array_equal(result.arrays["retrieved"], PATTERNS[3])
    np.testing.assert_allclose(result.arrays["overlap"], (PATTERNS * PATTERNS[3]).mean(axis=(1, 2)))
    assert list(result.plot()) == ["retrieval"]


def test_what_is_no_pattern_does_not_pass():
    network = HopfieldNetwork(PATTERNS)
    mixture = np.sign(PATTERNS[:3].sum(axis=0))
    assert "the mixture of patterns" in not_passed(recalled(network, mixture))
    assert "the negative of pattern 3" in not_passed(recalled(network, -CUE))
    noise = np.random.default_rng(1).choice([-1, 1], (10, 10))
    assert "by chance" in not_passed(recalled(network, noise))


def test_patterns_that_are_alike_are_not_told_apart():
    twice = np.concatenate([PATTERNS, PATTERNS[3:4]])
    assert "pattern 5 is about as near" in not_passed(recalled(HopfieldNetwork(twice), CUE))
    close = PATTERNS[3:4].copy()
    close[0, 0, :2] *= -1
    assert "as near" in not_passed(recalled(HopfieldNetwork(np.concatenate([PATTERNS, close])), CUE))


def test_one_order_of_visits_shows_nothing():
    assert "one order was tried" in not_passed(recalled(HopfieldNetwork(PATTERNS), CUE, runs=1))


def test_above_the_capacity_nothing_passes():
    many = np.random.default_rng(2).choice([-1, 1], (20, 100))
    assert "above the capacity" in not_passed(recalled(HopfieldNetwork(many), many[0]))
    assert recalled(DenseMemory(many), many[0]).verdict == "pass"


def test_one_pattern_alone_and_equal_keys():
    one = recalled(HopfieldNetwork(PATTERNS[:1].reshape(1, 100)), CUE.reshape(100) * 0 + PATTERNS[0].reshape(100))
    assert (one.verdict, one.estimates["overlap/second"].value) == ("pass", 0.0)
    same = [recalled(HopfieldNetwork(PATTERNS), CUE, runs=3).arrays["run_energy"] for _ in range(2)]
    np.testing.assert_array_equal(*same)


WRONG = {
    "no cue": (None, "expected a cue as observation; found none"),
    "another length": (CUE[:9], r"an observation of shape \[10, 10\]; found \[9, 10\]"),
    "a row": (CUE.reshape(-1), r"an observation of shape \[10, 10\]; found \[100\]"),
    "0 and 1": ((CUE + 1) // 2, "observation of numbers ±1; found 0 among them; give 2"),
    "NaN": (np.where(CUE > 0, np.nan, CUE), "found NaN"),
    "words": ("cue.npy", "observation .*found an array"),
}


@pytest.mark.parametrize("name", WRONG)
def test_other_cues_are_refused_in_one_line(name):
    cue, message = WRONG[name]
    with pytest.raises(InputError, match=message) as caught:
        recalled(HopfieldNetwork(PATTERNS), cue)
    assert "\n" not in str(caught.value)


def test_the_command(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("patterns.npz", patterns=PATTERNS, labels=np.arange(5))
    np.save("cue.npy", CUE)
    np.save("short.npy", CUE[:3])

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main(["memory", "patterns.npz", "--json", "--out", "o", *words])
        return ended.value.code

    assert run("--observation", "cue.npy") == 0
    assert json.loads(capsys.readouterr().out)["estimates"]["pattern"]["value"] == 3
    for words, message in (
        ((), "an observation; found none"),
        (("--observation", "short.npy"), "one observation of shape"),
        (("--observation", "cue.npy", "--patterns", "xi"), "one array of patterns in patterns.npz; found"),
        (("--observation", "cue.npy", "--power", "4"), "for dense storage alone"),
    ):
        assert run(*words) == 2
        assert message in " ".join(capsys.readouterr().err.split())
