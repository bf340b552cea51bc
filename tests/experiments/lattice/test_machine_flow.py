# SPDX-License-Identifier: Apache-2.0
"""Mixtures by every state, claims of made-up flows, shapes of made-up fields, the exact map and its planted errors."""

import jax
import numpy as np
import pytest

from isinglass.exact.lattice.enumeration import configurations, spins
from isinglass.exact.lattice.moments import magnetization_thermometer
from isinglass.experiments.lattice import exact_map as maps
from isinglass.experiments.lattice.flow_claims import TrainedSet, end_checks, end_estimates, length_checks
from isinglass.experiments.lattice.trained_flows import (
    MachineRecipe,
    Mixture,
    StartFlows,
    block_order,
    field_shape,
    hidden_order,
    mixture,
    translated,
)
from isinglass.inference.renormalization.machine_flow import IsingThermometry
from isinglass.systems.lattice.boltzmann_machine import RestrictedBoltzmannMachine

RNG = np.random.default_rng(4)
THERMOMETER = magnetization_thermometer(4)


def test_a_mixture_by_every_state():
    """Energies of T = 1.5 and 4, each as often, on the 4 x 4 torus; and the temperature that has their mean."""
    s = spins(np.concatenate(list(configurations(16)))).reshape(-1, 4, 4).astype(float)
    u, m = -(s * (np.roll(s, 1, 1) + np.roll(s, 1, 2))).mean(axis=(1, 2)), np.abs(s.mean(axis=(1, 2)))

    def law(T):
        p = np.exp(-16 * (u + 2) / T)
        return p / p.sum()

    p = (law(1.5) + law(4.0)) / 2
    found = mixture(np.array([1.5, 4.0]), 4, THERMOMETER)
    at = law(found.temperature)
    assert at @ u == pytest.approx(p @ u, abs=1e-9)
    variance = lambda q: q @ u**2 - (q @ u) ** 2  # noqa: E731
    assert found.spread == pytest.approx(variance(p) / variance(at))
    assert law(found.by_magnetization) @ m == pytest.approx(p @ m, abs=1e-3)
    alone = mixture(np.array([2.5]), 4, THERMOMETER)
    assert alone == pytest.approx((2.5, 2.5, 1.0), abs=1e-6)


def flow(first, last, spread=1.0):
    """From 1 and from 6 to about these, of four trainings."""
    at = lambda T, s=1.0: IsingThermometry(T, 0.01, T, 0.01, s, 0.02)  # noqa: E731
    return StartFlows([[at(1.0), at(first)], [at(6.0), at(last)]], at((first + last) / 2, spread))


def made_set(first, last, exact, spread=1.0):
    jitter = 0.01 * np.array([1, -1, 0.5, -0.5])
    flows = [flow(first + j, last + j, spread + j) for j in jitter]
    return TrainedSet(MachineRecipe((), 4, ("", 1), 1), [], flows, Mixture(exact, exact, 3.0))


def sets(**changed):
    """As they should be, but for some."""
    good = {"all temperatures": made_set(2.6, 2.7, 2.65, 2.9), "low temperatures": made_set(1.5, 1.5, 1.5),
            "temperatures near T_c": made_set(2.3, 2.3, 2.3), "high temperatures": made_set(4.0, 4.0, 4.0),
            "contrastive divergence": made_set(1.9, 1.9, 2.65)}  # fmt: skip
    return good | {name.replace("_", " "): one for name, one in changed.items()}


def verdicts(**changed):
    made = sets(**changed)
    return [c.verdict for c in end_checks(made, end_estimates(made, {}), 0.15, 0.25)]


def test_claims_of_flows():
    """Two directions, four ends, three sides of T_c, two of the spread, one of contrastive divergence."""
    assert verdicts() == ["pass"] * 12
    away = verdicts(all_temperatures=made_set(0.5, 9.0, 2.65, 2.9))
    assert away[:2] == ["fail", "fail"]
    assert verdicts(high_temperatures=made_set(2.27, 2.27, 4.0))[5] == "fail"
    assert verdicts(low_temperatures=made_set(2.5, 2.5, 1.5))[8] == "fail"
    assert verdicts(all_temperatures=made_set(2.269, 2.269, 2.65, 2.9))[6] == "unknown"
    assert verdicts(all_temperatures=made_set(2.6, 2.7, 2.65, 1.0))[9:11] == ["unknown", "fail"]
    assert verdicts(contrastive_divergence=made_set(3.0, 3.0, 2.65))[11] == "fail"


def test_the_claim_of_the_length():
    def check(few, many):
        return length_checks({("contrastive divergence", 8, n): made_set(T, T, 2.0) for n, T in ((1, few), (9, many))})

    assert [check(2.4, 2.0)[0].verdict, check(2.0, 2.4)[0].verdict, check(2.0, 2.0)[0].verdict] == [
        "pass", "fail", "unknown"]  # fmt: skip


def test_shapes_of_fields():
    block, even, wall = np.zeros((8, 8)), np.ones((8, 8)), np.ones((8, 8))
    block[3:5, 7], block[3:5, 0] = -2.0, -2.0  # across the edge of the torus
    wall[:4] = -1
    found = [field_shape(np.stack([f, f]), 2) for f in (block, even, wall)]
    assert [f.in_block.value for f in found] == pytest.approx([1.0, 4 / 64, 4 / 64])
    assert [f.one_sign.value for f in found] == pytest.approx([1.0, 1.0, 0.0])
    assert field_shape(np.stack([even, even]), 4).in_block.value == pytest.approx(0.25)


def test_order_of_hidden_spins_and_blocks():
    """A machine whose hidden spins copy four sites, two of them with the other sign; every 2 x 2 block of one sign."""
    W = np.zeros((16, 4))
    W[[0, 5, 10, 15], range(4)] = [20.0, -20.0, 20.0, -20.0]
    machine = RestrictedBoltzmannMachine(W, np.zeros(16), np.zeros(4), "spin", "spin")
    up, striped = np.ones((3, 4, 4)), np.ones((3, 4, 4))
    striped[:, :2] = -1
    x = np.stack([up, striped]).astype(np.int8)
    assert hidden_order(jax.random.key(0), (machine,), x)[0].tolist() == [1.0, 0.0]
    assert block_order(np.random.default_rng(0), x, 1)[0].tolist() == [1.0, 0.0]


def test_translated_rows_have_the_energy_of_the_original():
    s = RNG.choice([-1, 1], (2, 4, 4))
    energy = lambda s: -(s * (np.roll(s, 1, -1) + np.roll(s, 1, -2))).sum(axis=(-2, -1))  # noqa: E731
    rows = translated(RNG, s, 100).reshape(-1, 4, 4)
    assert set(energy(rows)) == set(energy(s))
    assert len(np.unique(rows.reshape(100, -1), axis=0)) > 30


def test_the_exact_map():
    assert {c.verdict for c in maps.exact_map()} == {"pass"}


@pytest.mark.parametrize("name", ["decimated", "square"])
def test_a_wrong_coupling_is_refuted(monkeypatch, name):
    """½ ln cosh 2K off by a part in 10^9; four spins left out."""
    if name == "decimated":
        known = maps.decimation.decimated
        monkeypatch.setattr(maps.decimation, "decimated", lambda K: known(K) * (1 + 1e-9))
    else:
        known = maps.square_decimation
        monkeypatch.setattr(maps, "square_decimation", lambda K: (*known(K)[:2], 0.0))
    assert "fail" in {c.verdict for c in maps.exact_map()}


def test_a_trained_machine_violates_the_condition_by_its_divergence():
    step = maps.trained_step(jax.random.key(0), 2, 2000, 10)
    assert step.free_energy_change == pytest.approx(0.0, abs=1e-9)
    assert step.mean_log_sum == pytest.approx(-step.divergence, abs=1e-10)
    assert 0.2 < step.divergence < 1.0
