# SPDX-License-Identifier: Apache-2.0
"""A wavefunction of neighbors."""

import equinox as eqx
import jax
import jax.numpy as jnp

from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState, PlainWalker


class Neighbors(AbstractQuantumState):
    """ln ψ(x) = Σ_r v_r Σ_i x_i x_(i+r) on a ring, r = 1 ... reach.  Law: ψ(-x) = ψ(x)."""

    v: jax.Array
    reach: int = eqx.field(static=True)

    def __init__(self, *, key, reach):
        self.reach = reach
        self.v = 0.01 * jax.random.normal(key, (reach,), jnp.float64)

    def log_psi(self, x):
        return self.v @ jnp.stack([(x * jnp.roll(x, r)).sum() for r in range(1, self.reach + 1)])

    def walker(self):
        return PlainWalker(self)
