# SPDX-License-Identifier: Apache-2.0
"""Independent spins."""

import equinox as eqx
import jax
import jax.numpy as jnp

from isinglass.nets.density import AbstractDensity


class IndependentSpins(AbstractDensity):
    """q(s) = Π_i p(s_i), s_i = -1, 0, 1.  Law: Σ_s q(s) = 1."""

    p: jax.Array
    shape: tuple[int, ...] = eqx.field(static=True)

    def __check_init__(self):  # looks at the numbers
        if abs(float(self.p.sum()) - 1) > 1e-9:
            raise ValueError(f"expected probabilities; found the sum {float(self.p.sum())}; divide by it.")

    def log_prob(self, x):
        return jnp.log(self.p)[x.astype(int) + 1].sum()

    def draw_with_log_prob(self, key):
        x = jax.random.categorical(key, jnp.log(self.p), shape=self.shape).astype(jnp.int8) - jnp.int8(1)
        return x, self.log_prob(x)
