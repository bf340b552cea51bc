# SPDX-License-Identifier: Apache-2.0
"""Blume 1966, doi:10.1103/PhysRev.141.517; Capel 1966, doi:10.1016/0031-8914(66)90027-9."""

from typing import ClassVar

import jax
import jax.numpy as jnp

from isinglass.symmetry import Levels
from isinglass.systems import AbstractPairSystem, Graph, hypercubic


class BlumeCapel(AbstractPairSystem):
    """E(s) = -J Σ_<ij> s_i s_j + D Σ_i s_i², s_i = -1, 0, 1.  Law: E(-s) = E(s)."""

    graph: Graph
    beta: jax.Array
    J: jax.Array
    D: jax.Array
    variable: ClassVar[Levels] = Levels((-1, 0, 1))
    symmetries: ClassVar[tuple] = ()

    def __init__(self, shape, *, D=0.5, temperature=1.0, J=1.0):
        self.graph = hypercubic(shape)
        self.beta, self.J, self.D = jnp.asarray(1.0 / temperature), jnp.asarray(J), jnp.asarray(D)

    def pair_energy(self, a, b):
        return -(a * b).astype(float)

    def site_energy(self, a):
        return self.D * (a * a).astype(float)

    def propose(self, key, x):
        return (x + 1 + jax.random.randint(key, x.shape, 1, 3, dtype=x.dtype)) % jnp.asarray(3, x.dtype) - 1

    def reflect(self, key, x):
        return -x

    def random_configuration(self, key):
        return jax.random.randint(key, self.shape, -1, 2, dtype=jnp.int8)

    def order_parameter(self, x):
        return jnp.abs(jnp.mean(x.astype(float)))

    def exact_energy(self, temperature):
        return None
