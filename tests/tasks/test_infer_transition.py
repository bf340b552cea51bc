# SPDX-License-Identifier: Apache-2.0
"""The transition from several lattice sizes, by the verb: the same as by the method, and what is refused."""

import jax
import numpy as np
import pytest
from tests.inference.test_supervised import toy

from isinglass import infer
from isinglass.data.configurations import concatenated, kept
from isinglass.errors import InputError
from isinglass.inference.phases.supervised import Supervised, supervised

KNOBS = Supervised(members=1, steps=50, resamples=5, omega=None)
LAW = "curves of all sizes fall onto one, chi2 per degree of freedom"


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    return {L: toy(L, rng, chains=16) for L in (8, 12, 16)}


@pytest.mark.slow
def test_the_verb_finds_what_the_method_finds_and_networks_serve_again(data):
    found = infer(0, data, method=KNOBS)
    by_hand = supervised(jax.random.key(0), data, KNOBS)
    assert {n: e.value for n, e in found.estimates.items()} == {n: e.value for n, e in by_hand.estimates.items()}
    assert [check.law for check in found.checks] == [f"{LAW} (supervised_mlp)"]
    networks = {L: found.models[f"supervised_mlp/L={L}"] for L in data}
    middle = {L: kept(c, (c.parameter > 1.9) & (c.parameter < 2.7)) for L, c in data.items()}
    again = infer(1, middle, method=KNOBS, networks=networks)
    crossing = "critical_temperature/{}_crossing"
    first, second = (one.arrays[f"crossing_{name}"] for one, name in ((found, "supervised_mlp"), (again, "transfer")))
    np.testing.assert_array_equal(first, second)
    assert crossing.format("transfer") in again.estimates


@pytest.mark.slow
def test_sizes_that_do_not_belong_together_do_not_collapse(data):
    """Planted: the largest lattice at temperatures that are wrong by 0.15."""
    shifted = data[16].parameter + np.where(np.abs(data[16].parameter - 2.3) < 0.4, 0.15, 0.0)
    from dataclasses import replace

    right = infer(0, data, method=KNOBS).checks[0].measured
    wrong = infer(0, data | {16: replace(data[16], parameter=shifted)}, method=KNOBS).checks[0].measured
    assert wrong > 3 * right


def test_sets_of_rows_are_joined_and_taken_apart(data):
    c = data[8]
    low = c.parameter < 2.0
    again = concatenated(kept(c, low), kept(c, ~low))
    assert again.n == c.n
    np.testing.assert_array_equal(again.chain, np.concatenate([c.chain[low], c.chain[~low]]))
    np.testing.assert_array_equal(kept(again, again.parameter < 2.0).x, c.x[low])


@pytest.mark.parametrize(
    ("problem", "settings", "said"),
    [
        ({}, {}, "one lattice size or more"),
        ("data", {"method": "confuse"}, "did you mean 'confusion'"),
        ("data", {"method": 3}, "method among supervised"),
        ("data", {"networks": {8: None}}, "networks for L = 8, 12, 16"),
    ],
)
def test_what_is_none_of_it_is_refused(data, problem, settings, said):
    with pytest.raises(InputError, match=said):
        infer(0, data if problem == "data" else problem, **settings)
