# SPDX-License-Identifier: Apache-2.0
"""Couplings by the verb: known ones within their errors, other interactions not passed, bad input in one line."""

import json
from itertools import product

import numpy as np
import pytest

from isinglass import infer
from isinglass.cli import main
from isinglass.errors import InputError
from isinglass.inference import SpinSamples
from isinglass.inference.inverse.couplings import couplings

RNG = np.random.default_rng(8)
N = 7
STATES = np.array(list(product((-1, 1), repeat=N)))
J = np.triu(RNG.normal(size=(N, N)) * 0.5, 1)
J, H = J + J.T, 0.2 * RNG.normal(size=N)


def drawn(n, seed=0, more=0.0):
    """Rows of the model, with a coupling of three spins `more`."""
    log_w = ((STATES @ J) * STATES).sum(axis=1) / 2 + STATES @ H + more * STATES[:, :3].prod(axis=1)
    p = np.exp(log_w)
    return STATES[np.random.default_rng(seed).choice(len(STATES), n, p=p / p.sum())]


def inferred(s, **settings):
    chain = settings.pop("chain", None)
    return infer(0, SpinSamples(s, chain), progress=False, **settings)


@pytest.mark.parametrize("method", ["boltzmann", "pseudolikelihood"])
def test_couplings_are_known_within_their_errors(method):
    """28 numbers: rms deviation in errors between 0.6 and 1.5, chance 1e-4."""
    result = inferred(drawn(6000), method=method)
    assert result.verdict == "pass", [c for c in result.checks if c.verdict != "pass"]
    i, j = np.triu_indices(N, 1)
    of = {name: result.arrays[name].to_numpy() for name in ("coupling", "coupling_error", "field", "field_error")}
    z = np.concatenate([((of["coupling"] - J) / (of["coupling_error"] + np.eye(N)))[i, j],
                        (of["field"] - H) / of["field_error"]])  # fmt: skip
    assert 0.6 < np.sqrt(np.mean(z**2)) < 1.5, z
    np.testing.assert_array_equal(of["coupling"], of["coupling"].T)
    assert list(result.plot()) == ["coupling_matrix"]


def test_errors_are_the_scatter_of_repeats():
    """Over 60 sets of samples: within a fifth, 4 errors of a mean over 28 numbers; rows alike within groups too."""
    for twice in (1, 4):
        s = [np.repeat(drawn(6000 // twice, seed), twice, axis=0).astype(float) for seed in range(60)]
        group = np.arange(len(s[0])) * 50 // len(s[0])
        found = [couplings(x, group, "boltzmann") for x in s]
        i, j = np.triu_indices(N, 1)
        scatter = np.std([c.J[i, j] for c in found], axis=0, ddof=1)
        stated = np.mean([c.J_error[i, j] for c in found], axis=0)
        assert 0.8 < np.mean(stated / scatter) < 1.2


def test_mean_field_does_not_pass_where_couplings_are_strong():
    for method in ("tap", "mean-field"):
        assert inferred(drawn(20_000), method=method).verdict == "fail"


@pytest.mark.parametrize("method", ["boltzmann", "pseudolikelihood"])
def test_three_spins_together_are_seen(method):
    """A coupling of three spins is none of pairs: products of three are not reproduced."""
    result = inferred(drawn(8000, more=0.4), method=method)
    assert result.verdict == "fail"
    assert [c.verdict for c in result.checks if "three spins" in c.law] == ["fail"]


def test_zeros_and_ones_are_spins():
    s = drawn(500)
    for a, b in zip(*(inferred(x).estimates.values() for x in (s, (s + 1) // 2)), strict=True):
        assert a == b


def test_rows_of_a_chain_do_not_fail():
    """Each row ten times: tests that count them too often are undecided, unless chains are given."""
    s = np.repeat(drawn(300), 10, axis=0)
    assert inferred(s).verdict == "unknown"
    assert inferred(s, chain=np.repeat(np.arange(300), 10)).verdict in ("pass", "unknown")


def test_chains_sample_more_spins():
    """21 spins, one more than are enumerated: independent ones."""
    result = inferred(RNG.choice([-1, 1], (1500, 21)))
    assert result.verdict == "pass", [c for c in result.checks if c.verdict != "pass"]
    assert result.estimates["couplings_seen"].value <= 1


COPIES = drawn(200).copy()
COPIES[:, 1] = -COPIES[:, 0]
WRONG = {
    "never flips": (np.concatenate([drawn(100), np.ones((100, 1))], axis=1), {}, "spin 7 never does"),
    "copies": (COPIES, {}, "spins 0 and 1 in every row"),
    "one spin": (drawn(100)[:, :1], {}, "two spins or more"),
    "many": (RNG.choice([-1, 1], (50, 25)), {"method": "boltzmann"}, "at most 20 spins for boltzmann"),
    "too many": (RNG.choice([-1, 1], (50, 401)), {}, "at most 400 spins"),
    "ridge": (drawn(100), {"ridge": 0.1}, "ridge for pseudolikelihood alone"),
    "rows": (RNG.choice([-1, 1], (50, 60)), {"method": "tap"}, "more rows than 60 spins"),
    "few rows": (RNG.choice([-1, 1], (200, 60)), {}, "4 rows or more for each spin"),
    "numbers": (RNG.normal(size=(100, 4)), {}, "of 0 and 1, or of ±1"),
    "chains": (drawn(100), {"chain": np.arange(3)}, "one chain for each row"),
    "few chains": (drawn(100), {"chain": np.arange(100) % 3}, "8 chains or more"),
    "method": (drawn(100), {"method": "tapp"}, "did you mean 'tap'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_other_samples_are_refused_in_one_line(name):
    s, settings, message = WRONG[name]
    with pytest.raises(InputError, match=message) as caught:
        inferred(s, **settings)
    assert "\n" not in str(caught.value)
    assert "--" not in str(caught.value)


def test_the_command(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("spins.npy", drawn(1000))
    with pytest.raises(SystemExit) as ended:
        main(["couplings", "spins.npy", "--json", "--out", "o"])
    assert ended.value.code == 0
    told = json.loads(capsys.readouterr().out)
    assert told["settings"]["method"] == "boltzmann"
    with pytest.raises(SystemExit) as ended:
        main(["couplings", "spins.npy", "--method", "tap", "--ridge", "0.1", "--out", "p"])
    assert ended.value.code == 2
