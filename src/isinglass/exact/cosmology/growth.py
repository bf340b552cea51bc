# SPDX-License-Identifier: Apache-2.0
"""Linear growth of density contrasts, δ(a) ∝ D(a), in a universe of matter, curvature and dark energy.

D'' + (2 + E'/E) D' = (3/2) Ω_m(a) D, ' = d/d ln a, Ω_m(a) = Ω_m/(a³ E²).  Law: where w = -1, Heath's integral
D = (5/2) Ω_m E ∫ da/(a E)³.  Dark energy takes the share of radiation, which would let D = a never be.
Ref: Heath 1977, doi:10.1093/mnras/179.3.351; Linder and Jenkins 2003, astro-ph/0305286.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from isinglass.exact.cosmology.background import Cosmology, Given, Redshift, expansion, real

__all__ = ["growth_factor", "growth_rate"]

EARLY = 1e-6  # where D = a
STEPS = 256


def growth_factor(cosmology: Cosmology, z: Given) -> Redshift:
    """D(z), D = a in early times.  Unit: none.  D(z)/D(0) is normalized today.  Error: 1e-6."""
    z = real(z)
    return jnp.vectorize(lambda z: grown(cosmology, z)[0])(z) / (1 + z)


def growth_rate(cosmology: Cosmology, z: Given) -> Redshift:
    """f = d ln D/d ln a.  Law: f = 1 where matter is alone; about Ω_m(a)^0.55 in flat ΛCDM."""

    def one(z):
        g, slope = grown(cosmology, z)
        return 1 + slope / g

    return jnp.vectorize(one)(real(z))


def grown(cosmology: Cosmology, z: Float[Array, ""]) -> Float[Array, "2"]:
    """g = D/a and dg/d ln a at one redshift, by 256 steps of Runge and Kutta from a = 1e-6, where g = 1."""
    without = Cosmology(cosmology.Omega_m, cosmology.Omega_k, cosmology.w0, cosmology.wa)

    def slope(x, y):
        """g'' = -(4 + E'/E) g' - (3 + E'/E - (3/2) Ω_m(a)) g."""
        E, dE = jax.jvp(lambda x: expansion(without, jnp.expm1(-x)), (x,), (jnp.ones_like(x),))
        bend, matter = dE / E, cosmology.Omega_m * jnp.exp(-3 * x) / E**2
        return jnp.stack([y[1], -(4 + bend) * y[1] - (3 + bend - 1.5 * matter) * y[0]])

    begin = jnp.log(jnp.asarray(EARLY, z.dtype))
    step = (-jnp.log1p(z) - begin) / STEPS

    def advance(y, i):
        x = begin + i * step
        k1 = slope(x, y)
        k2 = slope(x + step / 2, y + step / 2 * k1)
        k3 = slope(x + step / 2, y + step / 2 * k2)
        k4 = slope(x + step, y + step * k3)
        return y + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4), None

    return jax.lax.scan(advance, jnp.array([1.0, 0.0], z.dtype), jnp.arange(STEPS, dtype=z.dtype))[0]
