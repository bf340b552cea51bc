# SPDX-License-Identifier: Apache-2.0
"""Exponents of the Ising model from configurations of two sizes; what shows no transition stays unknown."""

from dataclasses import replace

import numpy as np
import pytest

from isinglass import checks, data
from isinglass.data.configurations import Configurations
from isinglass.errors import InputError
from isinglass.result import Estimate
from isinglass.systems import Ising
from isinglass.verbs import infer, sample

T = np.repeat(np.linspace(2.0, 3.0, 5), 40)


def configurations(L, draw, **words):
    return Configurations(draw(np.random.default_rng(L), L), T, "ising", boundary="periodic", **words)


def coins(rng, L):
    return rng.choice([-1, 1], (len(T), L, L)).astype(np.int8)


def in_a_field(rng, L):
    """Independent spins whose mean falls with T: no transition."""
    up = 0.5 + 0.45 * np.tanh(3 - T)[:, None, None]
    return (2 * (rng.random((len(T), L, L)) < up) - 1).astype(np.int8)


def frozen(rng, L):
    return np.ones((len(T), L, L), np.int8)


@pytest.mark.parametrize("draw", [coins, in_a_field, frozen])
def test_where_nothing_turns_nothing_is_told(draw):
    found = infer(0, {L: configurations(L, draw) for L in (16, 8)}, method="renormalization", draws=40)
    assert found.verdict == "unknown"
    assert found.estimates == {}
    assert "does not turn" in found.status


def test_what_cannot_be_compared_is_refused():
    ask = lambda problem, **words: infer(0, problem, method="renormalization", **words)  # noqa: E731
    one = configurations(16, coins)
    with pytest.raises(InputError, match="two lattice sizes; found one"):
        ask(one)
    with pytest.raises(InputError, match=r"L and L/2.*found L = 8, 12"):
        ask({12: configurations(12, coins), 8: configurations(8, coins)})
    with pytest.raises(InputError, match="16 along every axis"):
        ask({16: configurations(8, coins), 8: one})
    with pytest.raises(InputError, match="spins ±1"):
        ask({16: replace(one, kind="real"), 8: configurations(8, coins)})
    with pytest.raises(InputError, match="within the range of both sizes; found 0"):
        ask({16: one, 8: replace(configurations(8, coins), parameter=T + 5)})
    with pytest.raises(InputError, match="2 sites or more"):
        ask({16: one, 8: one}, scale=1)
    with pytest.raises(InputError, match="20 bootstrap draws"):
        ask({16: one, 8: one}, draws=3)


@pytest.fixture(scope="module")
def sizes():
    about = np.linspace(2.17, 2.37, 9)
    plan = {"method": "metropolis", "chains": 64, "effective_samples": None, "progress": False}
    return {L: sample(L, Ising((L, L)), about, samples=4096, thin=thin, warmup=80 * thin, **plan)
            for L, thin in ((32, 23), (16, 5))}  # fmt: skip


@pytest.mark.slow
def test_the_ising_model_has_its_exponents(sizes):
    """T_c = 2.2692, y_T = 1, y_h = 15/8 within 4 errors; the same with the coupling as parameter."""
    found = infer(0, sizes, method="renormalization")
    assert found.verdict == "pass"
    exact = {"critical_temperature": 2.269185, "thermal_exponent": 1.0, "magnetic_exponent": 1.875, "exponent_nu": 1.0}
    largest = {"critical_temperature": 0.01, "thermal_exponent": 0.1, "magnetic_exponent": 0.02, "exponent_nu": 0.1}
    for name, value in exact.items():
        assert abs(found.estimates[name].value - value) < 4 * found.estimates[name].error
        assert found.estimates[name].error < largest[name]
    by_coupling = {L: replace(c, parameter=1 / c.parameter, parameter_name="coupling")
                   for L, c in ((L, data.from_dataset(r.arrays)) for L, r in sizes.items())}  # fmt: skip
    K = infer(0, by_coupling, method="renormalization").estimates["critical_coupling"]
    assert abs(K.value - 0.4406868) < 4 * K.error


@pytest.mark.slow
def test_open_pieces_are_not_believed(sizes):
    """Pieces cut out of larger lattices: their boundary is no torus."""
    cut = {L: replace(data.from_dataset(r.arrays), boundary="part") for L, r in sizes.items()}
    assert infer(0, cut, method="renormalization").verdict == "unknown"


def test_thresholds_of_the_checks():
    of, e = checks.renormalization, Estimate
    assert of.flow_turns(e(0.5, 0.1), e(-0.45, 0.1)).verdict == "pass"
    assert of.flow_turns(e(0.5, 0.1), e(-0.35, 0.1)).verdict == "unknown"
    assert of.flow_turns(e(0.5, 0.1), e(0.45, 0.1)).verdict == "unknown"
    assert of.flow_turns(e(0.5, None), e(-0.5, None)).verdict == "unknown"
    assert of.levels_agree(e(0.03, 0.01), 0.003, "y").verdict == "pass"
    assert of.levels_agree(e(0.036, 0.01), 0.003, "y").verdict == "unknown"
    assert of.exponents_agree(e(1.0, 0.03), e(1.1, 0.03), "y", "another", 0.0).verdict == "pass"
    assert of.exponents_agree(e(1.0, 0.03), e(1.15, 0.03), "y", "another", 0.0).verdict == "unknown"
    assert of.exponents_agree(e(1.0, 0.1), e(1.0, 0.1), "y", "another", 0.0).verdict == "unknown"  # too loose
    assert of.exponents_agree(e(1.0, None), e(1.0, 0.01), "y", "another", 0.1).verdict == "unknown"
    exponents = {"a": e(2.05, 0.01), "b": e(1.9, 0.01), "c": e(0.1, 0.05), "d": e(1.9, None), "e": e(-1.0, 0.1)}
    assert [c.verdict for c in of.relevant(exponents, 2)] == ["fail", "pass", "unknown", "unknown", "unknown"]
    assert of.on_a_torus("open").verdict == "unknown"
