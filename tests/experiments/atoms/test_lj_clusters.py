# SPDX-License-Identifier: Apache-2.0
"""Training never sees the answer; a surface that is cut short has other minima; the claims of the smoke preset."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.approximation.harmonic.basin_hopping import Cluster
from isinglass.errors import InputError
from isinglass.experiments.atoms import lj_clusters
from isinglass.experiments.atoms.lj_clusters import SECOND, LJClusters, around, down, hopping, seen
from isinglass.systems.particle.lennard_jones import icosahedron
from isinglass.systems.particle.potential.pair_lennard_jones import PairLennardJones

TINY = {"sizes": (7,), "learned_sizes": (7,), "frames": 12, "epochs": 2, "hops": 10}


@pytest.mark.parametrize(("n", "compact"), [(13, -40.0), (38, -165.0)])
def test_training_does_not_see_the_answer(n, compact):
    """No frame is in the basin of the deepest minimum, nor of one below the second; some are nearly at rest."""
    x = jnp.asarray([frame.positions for frame in hopping(jax.random.key(0), n, 60)])
    cluster = Cluster(lj_clusters.lennard_jones(), jnp.zeros(n, int))
    assert float(seen(cluster, down(cluster, x))[0].min()) > SECOND[n]
    assert float(seen(cluster, x)[0].min()) < compact


def test_nor_do_clusters_around_the_answer():
    """From the icosahedron itself steps are so far that 20 clusters around it rest elsewhere, on higher minima."""
    answer = icosahedron()
    cluster = Cluster(lj_clusters.lennard_jones(), jnp.zeros(13, int))
    x = jnp.asarray([frame.positions for frame in around(jax.random.key(0), np.asarray(answer), 20)])
    assert len(x) == 20
    assert float(seen(cluster, down(cluster, x))[0].min()) > SECOND[13]
    assert float(seen(cluster, down(cluster, jnp.asarray(answer)[None]))[0][0]) == pytest.approx(-44.326801, abs=1e-5)


@pytest.mark.slow
def test_a_surface_that_is_cut_short_fails(monkeypatch):
    monkeypatch.setattr(
        lj_clusters, "lennard_jones", lambda: PairLennardJones(epsilon=1.0, sigma=1.0, onset=1.3, cutoff=1.8)
    )
    found = LJClusters(**TINY).run(jax.random.key(0))
    (check,) = [c for c in found.checks if c.of == "energy/7"]
    assert check.verdict == "fail"


def test_sizes_without_a_known_minimum_are_refused():
    with pytest.raises(InputError, match="sizes among 7, 13, 19, 38"):
        LJClusters(sizes=(12,)).run(jax.random.key(0))
    with pytest.raises(InputError, match="learned_sizes among 7, 13, 38"):
        LJClusters(learned_sizes=(19,)).run(jax.random.key(0))


@pytest.mark.slow
def test_the_claims_hold():
    found = LJClusters(**LJClusters.presets["smoke"]).run(jax.random.key(0))
    assert found.verdict == "pass", found
