# SPDX-License-Identifier: Apache-2.0
"""Machines by the verb: of rows whose law is known, likelihood beside the exact one; what is wrong does not pass."""

import json
from itertools import product

import jax
import numpy as np
import pytest

from isinglass import approximate, checks
from isinglass.cli import main
from isinglass.errors import InputError
from isinglass.result import Estimate
from isinglass.tasks.energy.discrete_rows import split_sides

RNG = np.random.default_rng(3)
STATES = np.array(list(product((-1, 1), repeat=6)))
J = np.triu(RNG.normal(size=(6, 6)) * 0.5, 1)
P = np.exp(((STATES @ J) * STATES).sum(axis=1))
P /= P.sum()
QUICK = {"hidden_units": 6, "epochs": 60, "batch": 50, "progress": False}


def rows(n, seed=0):
    return STATES[np.random.default_rng(seed).choice(64, n, p=P)]


@pytest.fixture(scope="module")
def learned():
    return approximate(0, rows(6000).reshape(-1, 2, 3), method="rbm", **QUICK)


def test_rows_of_a_known_law(learned):
    """Passes; ln p of held-out rows is that of the law within 4 errors and 0.02, and never above it."""
    assert learned.verdict == "pass", [c for c in learned.checks if c.verdict != "pass"]
    held = learned.arrays["held_out"].to_numpy().reshape(-1, 6)
    number = ((held + 1) // 2 @ 2 ** np.arange(5, -1, -1)).astype(int)
    exact = np.log(P)[number]
    less = exact.mean() - learned.estimates["log_likelihood"].value
    assert -0.01 < less < 0.02, less
    assert learned.arrays["configurations"].shape == (2000, 2, 3)
    assert list(learned.plot()) == ["moments", "machine_weights"]


def test_ln_z_by_annealing_is_that_by_enumeration():
    found = approximate(0, rows(1000), method="rbm", partition="annealed", annealing_steps=100, **QUICK)
    (check,) = [c for c in found.checks if c.source == "enumeration"]
    assert check.verdict == "pass"
    assert check.error < 0.05


def test_a_machine_of_one_unit_does_not_pass():
    """Couplings of both signs need more."""
    found = approximate(0, rows(6000), method="rbm", **(QUICK | {"hidden_units": 1}))
    assert found.verdict != "pass"
    assert [c.verdict for c in found.checks if "products of pairs" in c.law] == ["fail"]


def test_coins_do_not_pass():
    """Independent units: nothing is gained over them."""
    found = approximate(0, RNG.integers(0, 2, (2000, 6)), method="rbm", **QUICK)
    (check,) = [c for c in found.checks if "independent units" in c.law and c.of]
    assert check.verdict == "unknown"
    assert found.verdict == "unknown"


def test_few_rows_are_overfitted():
    x = np.random.default_rng(1).integers(0, 2, (120, 30))
    found = approximate(0, x, method="rbm", hidden_units=20, epochs=600, batch=30, rate=0.1, progress=False)
    assert [c.verdict for c in found.checks if "training rows" in c.law] == ["unknown"]


def test_no_row_and_no_chain_is_on_both_sides():
    x, chain = rows(400), np.repeat(np.arange(10), 40)
    for chains in (None, chain):
        split = split_sides(np.random.default_rng(0), x, chains, 0.25)
        assert not set(split.trained) & set(split.held)
        assert len(split.trained) + len(split.held) == 400
        assert 80 <= len(split.held) <= 140
    assert not set(chain[split.trained]) & set(chain[split.held])
    blocks = split_sides(np.random.default_rng(0), np.repeat(x, 10, axis=0), None, 0.25)
    assert np.mean(np.diff(np.sort(blocks.held)) == 1) > 0.9


def test_chains_that_differ_are_seen():
    hot, cold = RNG.normal(size=(2, 200, 5, 3))
    assert checks.boltzmann_machine.chains_mixed(hot, cold).verdict == "pass"
    assert checks.boltzmann_machine.chains_mixed(hot, cold + [0, 0, 0.5]).verdict == "unknown"


def test_losses_on_rows_held_out():
    """A tenth of the gain and four errors."""
    lost = lambda off: checks.boltzmann_machine.not_overfitted(Estimate(off, 0.1), Estimate(0.0, 0.0), Estimate(5.0))  # noqa: E731
    assert [lost(off).verdict for off in (0.85, 0.95)] == ["pass", "unknown"]


def test_gains_and_losses():
    gained = lambda value: checks.boltzmann_machine.better_than_independent(Estimate(value, 1.0)).verdict  # noqa: E731
    assert [gained(value) for value in (4.4, 3.6, -3.6, -4.4)] == ["pass", "unknown", "unknown", "fail"]


WRONG = {
    "real numbers": (RNG.normal(size=(100, 4)), {}, "of 0 and 1, or of ±1; found values"),
    "gray levels": (RNG.integers(0, 17, (100, 4)), {}, "found values 0 to 16; compare with a threshold"),
    "two levels": (RNG.choice([0, 255], (100, 4)), {}, "found 0 and 255"),
    "NaN": (np.full((100, 4), np.nan), {}, "NaN"),
    "constant": (np.ones((100, 4)), {}, "found 1 everywhere"),
    "few": (rows(20), {}, "40 or more"),
    "a row": (rows(100)[0], {}, "40 or more"),
    "exact": (RNG.integers(0, 2, (100, 30)), {"partition": "exact", "hidden_units": 25}, "at most 20 units"),
    "batch": (rows(100), {"batch": 90}, "a batch of at most 37"),
    "chains": (rows(100), {"batch": 20, "chain": [1, 2]}, "one chain for each row"),
    "one chain": (rows(100), {"batch": 20, "chain": np.zeros(100)}, "two chains or more"),
    "symmetric": (RNG.integers(0, 2, (100, 6)), {"batch": 20, "symmetric": True}, "spins for a symmetric machine"),
    "share": (rows(100), {"batch": 2, "held_out": 0.95}, "held_out between 0 and 0.9"),
}


@pytest.mark.parametrize("name", WRONG)
def test_other_rows_are_refused_in_one_line(name):
    x, settings, message = WRONG[name]
    with pytest.raises(InputError, match=message) as caught:
        approximate(0, x, method="rbm", progress=False, **settings)
    assert "\n" not in str(caught.value)
    assert "--" not in str(caught.value)


def test_the_command(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("rows.npz", configurations=rows(600).reshape(-1, 2, 3), chain=np.repeat(np.arange(30), 20))
    np.save("real.npy", RNG.normal(size=(100, 4)))

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main(["machine", *words, "--json", "--out", words[0].partition(".")[0]])
        return ended.value.code

    assert run("rows.npz", "--hidden-units", "4", "--epochs", "30", "--batch", "50") in (0, 1)
    told = json.loads(capsys.readouterr().out)
    assert told["estimates"]["log_likelihood"]["value"] < 0
    assert run("real.npy") == 2
    assert "of 0 and 1, or of ±1" in " ".join(capsys.readouterr().err.split())


def test_a_saved_machine_is_the_same(learned, tmp_path):
    from isinglass import Result

    machine = Result.load(learned.save(tmp_path / "run", report=False)).models["machine"]
    for a, b in zip(jax.tree.leaves(machine), jax.tree.leaves(learned.models["machine"]), strict=True):
        np.testing.assert_array_equal(a, b)
