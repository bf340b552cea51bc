# SPDX-License-Identifier: Apache-2.0
"""Sources of symbols by the verb: a chain to its entropy rate; leaks, copies, drifts and bad input are seen."""

import json
from typing import Any

import jax
import numpy as np
import pytest

from isinglass import approximate, checks
from isinglass.approximation.sequence.word_counts import counted_losses
from isinglass.cli import main
from isinglass.errors import InputError
from isinglass.exact.sequence.markov_chain import entropy_rate
from isinglass.result import Estimate
from isinglass.systems.sequence.markov_source import MarkovSource
from isinglass.tasks.sequence.symbol_rows import checked_symbols, split_windows

P = np.array([[0.9, 0.1], [0.3, 0.7]])
H = entropy_rate(P)
QUICK: dict[str, Any] = {
    "method": "transformer",
    "context": 8,
    "width": 8,
    "layers": 1,
    "steps": 400,
    "progress": False,
}


def chain(n, P=P, seed=0):
    return np.asarray(MarkovSource(P).samples(jax.random.key(seed), 1, n))[0]


@pytest.fixture(scope="module")
def learned():
    return approximate(0, chain(16_000), entropy=H, **QUICK)


def test_a_chain(learned):
    """Passes; every loss is at the floor of 8 symbols, of which the first has the entropy of π."""
    assert learned.verdict == "pass", [c for c in learned.checks if c.verdict != "pass"]
    floor = (0.5623 + 7 * H) / 8
    for name in ("loss", "loss/order_1"):
        loss = learned.estimates[name]
        assert abs(loss.value - floor) < 4 * loss.error + 0.005 * floor
    assert learned.estimates["loss/order_0"].value == pytest.approx(0.5623, abs=0.03)
    assert list(learned.plot()) == ["sequence_loss"]


def test_a_loss_below_the_entropy_given_fails(learned):
    """As if a mask were off by one."""
    loss = Estimate(0.9 * H, 0.005)
    assert checks.sequences.not_below_entropy(loss, H).verdict == "fail"
    assert checks.sequences.not_below_entropy(learned.estimates["loss"], H).verdict == "pass"


def test_rows_on_both_sides_fail():
    """Each row twice: a split at random puts copies on both sides."""
    x = np.random.default_rng(0).integers(0, 4, (300, 12))
    found = approximate(0, np.concatenate([x, x]), **(QUICK | {"steps": 20, "context": 12}))
    assert [c.verdict for c in found.checks if "in the training" in c.law] == ["fail"]
    other = approximate(0, x, **(QUICK | {"steps": 20, "context": 12}))
    assert [c.verdict for c in other.checks if "in the training" in c.law] == ["pass"]


def test_a_source_that_changes_is_unknown():
    x = np.concatenate([chain(14_000), chain(2000, np.array([[0.5, 0.5], [0.5, 0.5]]))])
    found = approximate(0, x, **QUICK)
    (check,) = [c for c in found.checks if "later half" in c.law]
    assert (check.verdict, found.verdict) == ("unknown", "unknown")


def test_a_network_that_counting_beats_is_unknown():
    found = approximate(0, chain(8000), **(QUICK | {"steps": 1}))
    assert [c.verdict for c in found.checks if "counting words" in c.law] == ["unknown"]


def test_counting_is_that_of_pencil_and_paper():
    """q(1 | 0) = (1 + 1/2)/(2 + 1) of 0 1 0 0; the first symbol by all four."""
    trained, held = np.array([[0, 1, 0, 0]]), np.array([[0, 1]])
    assert counted_losses(trained, held, 2, 1) == pytest.approx(-np.log([[3.5 / 5, 1.5 / 3]]))
    assert counted_losses(trained, held, 2, 0) == pytest.approx(-np.log([[3.5 / 5, 1.5 / 5]]))
    with pytest.raises(ValueError, match=r"2\^20"):
        counted_losses(trained, held, 256, 3)


def test_the_end_of_a_sequence_is_held_out():
    """In order; of rows any, and no row on two sides."""
    rows = checked_symbols(np.arange(800) % 7, 10)
    side = split_windows(np.random.default_rng(0), rows, 0.25)
    assert np.concatenate(side).ravel() == pytest.approx(np.arange(800) % 7)
    assert len(side.held) == 20
    many = split_windows(np.random.default_rng(0), checked_symbols(np.arange(800).reshape(80, 10) % 256, 10), 0.25)
    assert len({row.tobytes() for row in np.concatenate(many)}) == 80


def test_letters():
    assert checked_symbols(list("abab" * 100), 4).kinds == ["a", "b"]


@pytest.mark.parametrize(
    ("x", "more", "word"),
    [(np.zeros(1000), {}, "kinds"), (np.linspace(0, 1, 1000), {}, "whole numbers"), (np.arange(100) % 2, {}, "windows"),
     (np.zeros((4, 5, 6), int), {}, "shape"), (chain(1000), {"width": 10}, "four heads"),
     (chain(1000), {"held_out": 0.95}, "held_out")],
)  # fmt: skip
def test_bad_input(x, more, word):
    with pytest.raises(InputError, match=word):
        approximate(0, x, **(QUICK | more))


def test_the_command(tmp_path, capsys):
    """Numbers and text."""
    np.save(tmp_path / "x.npy", chain(4000))
    (tmp_path / "x.txt").write_text("".join("ab"[i] for i in chain(4000)))
    flags = ["--context", "8", "--width", "8", "--layers", "1", "--steps", "20", "--json"]
    told = []
    for name, more in (("x.npy", []), ("x.txt", ["--text"])):
        with pytest.raises(SystemExit):
            main(["sequence", str(tmp_path / name), *more, *flags, "--out", str(tmp_path / f"of_{name}")])
        told.append(json.loads(capsys.readouterr().out))
    assert told[0]["estimates"]["loss/order_1"]["value"] == told[1]["estimates"]["loss/order_1"]["value"]


def test_a_word_again_and_again_is_unknown():
    """A period of 8 in windows of 8."""
    found = approximate(0, np.tile([0, 1, 1, 0, 1, 0, 0, 0], 100), **(QUICK | {"steps": 20}))
    assert [c.verdict for c in found.checks if "that differ" in c.law] == ["unknown"]
    assert found.verdict != "pass"


def test_halves_agree_or_not():
    early = Estimate(0.4, 0.01)
    assert checks.sequences.steady(early, Estimate(0.43, 0.01)).verdict == "pass"
    assert checks.sequences.steady(early, Estimate(0.6, 0.01)).verdict == "unknown"
    assert checks.sequences.same_symbols(early, Estimate(0.6, 0.01)).verdict == "unknown"


def test_a_guess_that_is_better_is_told():
    assert checks.sequences.better_than_chance(Estimate(0.69, 0.01), 2).verdict == "pass"
    assert checks.sequences.better_than_chance(Estimate(0.77, 0.006), 2).verdict == "unknown"


def test_a_source_that_changes_before_the_held_out_part():
    """Symbols that are 1 in a tenth, then in half: a loss of 0.77 where ln 2 is 0.69."""
    rng = np.random.default_rng(0)
    x = np.r_[rng.random(2000) < 0.1, rng.random(2000) < 0.5].astype(int)
    found = approximate(0, x, method="transformer", steps=50, width=8, layers=1, progress=False)
    assert found.verdict == "unknown"
    assert any("held-out ones less those" in c.law and c.verdict == "unknown" for c in found.checks)
