# SPDX-License-Identifier: Apache-2.0
"""Clusters that differ, forces that have an energy and no symmetry, swapped networks that refute the claim."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass import data
from isinglass.errors import InputError
from isinglass.experiments.atoms.data_efficiency import CoordinateForces, DataEfficiency, clusters, resolved_factor
from isinglass.experiments.atoms.power_law import ForceCurve, data_ratio
from isinglass.nets.layer.mlp import MLP
from isinglass.result import Check
from isinglass.symmetry.euclidean import random_orthogonal
from isinglass.systems.particle.potential.stillinger_weber import StillingerWeber

SMALL = DataEfficiency(graph_sizes=(5, 10, 20), configurations=(10, 100, 1000))


def test_clusters_are_bonded_and_turned():
    frames = clusters(np.random.default_rng(0), 200, 4, 0.06)
    bonds = [np.sort(frame.get_all_distances()[np.triu_indices(4, 1)])[:3] for frame in frames]
    assert np.mean(bonds) == pytest.approx(2.35, abs=0.02)  # three bonds
    axes = np.array([frame.positions[1] - frame.positions[0] for frame in frames])
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    assert np.abs(axes.mean(axis=0)).max() < 4 / (3 * 200) ** 0.5  # uniform directions, false alarm 2e-4
    whole = clusters(np.random.default_rng(1), 1, 8, 0.0)[0].get_all_distances()
    assert np.sort((np.abs(whole - 2.35) < 1e-9).sum(axis=1)).tolist() == [1] * 6 + [4] * 2
    labelled = data.atoms.calculated(frames[:8], data.atoms.InteratomicCalculator(StillingerWeber()))
    assert np.std(labelled.energy) > 0


def test_coordinate_forces_have_an_energy_and_no_symmetry():
    net = CoordinateForces(MLP(key=jax.random.key(0), in_shape=(4, 3), out=1, hidden=(16,), activation="silu"), 2.0)
    x = jnp.asarray(clusters(np.random.default_rng(0), 1, 4, 0.2)[0].positions, jnp.float32)
    curl = jax.jacfwd(net)(x).reshape(12, 12)
    assert np.asarray(curl) == pytest.approx(np.asarray(curl.T), abs=1e-5)
    assert np.asarray(net(x + 1.0)) == pytest.approx(np.asarray(net(x)), abs=1e-5)
    R = random_orthogonal(jax.random.key(1), 3).astype(x.dtype)
    assert np.abs(net(x @ R.T) - net(x) @ R.T).max() > 0.01


def curves(few: float, many: float) -> dict[str, ForceCurve]:
    """Power laws of exponent ½ by their errors at one configuration."""
    law = lambda size, a: ForceCurve(np.array(size, float), np.repeat(a * np.array(size)[:, None] ** -0.5, 2, 1))  # noqa: E731
    return {"equivariant": law(SMALL.graph_sizes, few), "invariant": law(SMALL.graph_sizes, 2 * few),
            "augmented": law(SMALL.configurations, many), "plain": law(SMALL.configurations, 2 * many)}  # fmt: skip


def claim_of(found: dict[str, ForceCurve]) -> list:
    """Verdicts: the claim, whether the others learned, whether equivariant beats invariant."""
    from isinglass.experiments.atoms.data_efficiency import spread_of
    from isinglass.result import Estimate

    estimates = {f"error/{k}": Estimate(float(np.exp(c.log_mean[-1])), spread_of(c)) for k, c in found.items()}
    ratio = data_ratio(found["equivariant"], found["augmented"])
    return [check.verdict for check in SMALL.checks(estimates, found, ratio, "augmented")]


def test_the_claim_is_of_the_ratio():
    """Of exact laws a N^-½ it is the square of the ratio of a: 100, and 4."""
    assert claim_of(curves(1.0, 10.0)) == ["pass", "pass", "pass"]
    assert claim_of(curves(1.0, 2.0))[0] == "fail"


def test_swapped_networks_refute_it():
    found = curves(1.0, 10.0)
    found["equivariant"], found["invariant"] = found["invariant"], found["equivariant"]
    assert claim_of(found)[2] == "fail"
    found = curves(1.0, 10.0)
    found["equivariant"], found["augmented"] = found["augmented"], found["equivariant"]
    assert claim_of(found)[0] == "fail"


def test_a_factor_must_be_resolved():
    """ln 20/10 = 0.69 is 2 errors above from 0.35 on; ln 10/2.5 = 1.39 is 4 errors below up to 0.35."""
    judged = lambda ratio, error: resolved_factor(Check.at_least("", ratio, 10.0, error=error)).verdict  # noqa: E731
    assert [judged(20.0, 20 * e) for e in (0.34, 0.36)] == ["pass", "unknown"]
    assert [judged(2.5, 2.5 * e) for e in (0.34, 0.36)] == ["fail", "unknown"]
    assert judged(1000.0, None) == "unknown"


def test_others_that_have_not_learned_prove_nothing():
    assert claim_of(curves(1.0, 30.0))[1] == "fail"


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="multiples of 5"):
        DataEfficiency(graph_sizes=(5, 12))
    with pytest.raises(InputError, match="3 to 8 atoms"):
        DataEfficiency(atoms=9)
    with pytest.raises(InputError, match="ascend"):
        DataEfficiency(configurations=(50, 10))


@pytest.mark.slow
def test_nothing_is_refuted_in_the_smoke_preset():
    """Its two trainings may leave the factor unresolved: only that check may be unknown."""
    found = DataEfficiency(**DataEfficiency.presets["smoke"]).run(jax.random.key(0))
    assert {check.verdict for check in found.checks[1:]} == {"pass"}, found
    assert found.checks[0].verdict in ("pass", "unknown")
