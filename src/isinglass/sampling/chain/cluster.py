# SPDX-License-Identifier: Apache-2.0
"""Cluster sampling: whole clusters are reflected at once, which reduces critical slowing down.

A reflection R of the variables leaves e(a, b) invariant when both ends of a bond are reflected.  A bond is closed with
probability 1 - exp(-beta max(0, ΔE)), where ΔE is its energy if one end alone were reflected; clusters are what
closed bonds join.  Refs: Swendsen and Wang 1987, doi:10.1103/PhysRevLett.58.86; Wolff 1989,
doi:10.1103/PhysRevLett.62.361 (the reflection for any spin); Shiloach and Vishkin 1982 (labels by pointer jumping).
"""

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
from jax.core import Tracer
from jaxtyping import Array, Bool, Float, Int, Shaped

from isinglass.sampling.chain.reach import invariant_reflections, reflections_reach_all
from isinglass.sampling.chain.sampler import AbstractSampler
from isinglass.systems.graph import Graph
from isinglass.systems.system import AbstractPairSystem

__all__ = ["ClusterDiagnostics", "SwendsenWang", "Wolff", "connected_components"]


class ClusterDiagnostics(NamedTuple):
    """Diagnostics of an update."""

    reflected: Float[Array, ""]  # fraction of the variables reflected


class Wolff(AbstractSampler):
    """Reflect the cluster of one random site.  Law: detailed balance without rejections.

    Cost: N z per labelling pass, about log N passes.  Errors: InputError where a field breaks the symmetry.
    """

    requires: ClassVar = (invariant_reflections,)
    ergodic: ClassVar = staticmethod(reflections_reach_all)

    def step(self, key, x: Shaped[Array, "*site"], system: AbstractPairSystem):
        """Reflect the cluster of one site, chosen uniformly."""
        key_clusters, key_seed = jax.random.split(key)
        label, reflected = clusters(key_clusters, x, system)
        chosen = label == label[jax.random.randint(key_seed, (), 0, x.size)]
        return reflect(x, reflected, chosen)


class SwendsenWang(AbstractSampler):
    """Reflect each cluster with probability one half.  Law: detailed balance.  Cost: as Wolff."""

    requires: ClassVar = (invariant_reflections,)
    ergodic: ClassVar = staticmethod(reflections_reach_all)

    def step(self, key, x: Shaped[Array, "*site"], system: AbstractPairSystem):
        """Build all clusters and reflect each with probability one half."""
        key_clusters, key_coins = jax.random.split(key)
        label, reflected = clusters(key_clusters, x, system)
        return reflect(x, reflected, jax.random.bernoulli(key_coins, shape=(x.size,))[label])


def reflect(x, reflected, chosen: Bool[Array, " N"]):
    """The reflected value where `chosen`, else x; whether a site is chosen is given per site [N]."""
    return jnp.where(chosen.reshape(x.shape), reflected, x), ClusterDiagnostics(jnp.mean(chosen.astype(float)))


def clusters(
    key, x: Shaped[Array, "*site"], system: AbstractPairSystem
) -> tuple[Int[Array, " N"], Shaped[Array, "*site"]]:
    """Cluster labels [N] after closing bonds with probability 1 - exp(-beta max(0, ΔE)), and R x."""
    if not any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(system)):  # else `draw` has checked
        with jax.ensure_compile_time_eval():
            invariant_reflections("clusters", system)
    key_reflect, key_bonds = jax.random.split(key)
    reflected = system.reflect(key_reflect, x)
    (a, b), (a_reflected, _) = system.graph.ends(x), system.graph.ends(reflected)
    dE = system.J * (system.pair_energy(a_reflected, b) - system.pair_energy(a, b))
    closed = jax.random.uniform(key_bonds, dE.shape) < -jnp.expm1(-system.beta * jnp.maximum(dE, 0.0))
    return connected_components(closed, system.graph), reflected


def connected_components(closed: Bool[Array, " B"], graph: Graph) -> Int[Array, " N"]:
    """The cluster label of each site: its smallest site.

    Each pass takes the smallest label among neighbors over closed bonds, then the label of that label, to convergence.
    """
    n = graph.n_sites
    open_ended = jnp.append(closed, False)  # noqa: FBT003
    neighbors = jnp.where(open_ended[jnp.asarray(graph.neighbor_bonds)], jnp.asarray(graph.neighbors), n)

    def spread(label):
        nearby = jnp.append(label, n)[neighbors].min(axis=1)
        root = jnp.minimum(label, nearby)
        root = label.at[label].min(root)  # relabel the whole tree, not only the site
        return root[root[root]]

    start = jnp.arange(n, dtype=jnp.int32)
    label, _ = jax.lax.while_loop(
        lambda pair: jnp.any(pair[0] != pair[1]), lambda pair: (spread(pair[0]), pair[0]), (spread(start), start)
    )
    return label
