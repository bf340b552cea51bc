# SPDX-License-Identifier: Apache-2.0
"""Lennard-Jones clusters in a harmonic trap: a test of flows equivariant under rotations and permutations."""

import math
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from isinglass.memory import require_memory
from isinglass.symmetry.particle import Displacement, ParticlePermutation, Rotation
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.value import Reflection
from isinglass.symmetry.variable import AbstractVariable, Reals
from isinglass.systems.particle.particles import centered, pair_table, relaxed, squared_distances
from isinglass.systems.system import AbstractSystem, finite, positive, whole

__all__ = ["LennardJones", "icosahedron"]


class LennardJones(AbstractSystem):
    """E(x) = ε Σ_(i<j) [(r_m/r_ij)¹² - 2 (r_m/r_ij)⁶] + c/2 Σ_i |x_i - x̄|² + h n/2 |x̄|².

    The pair minimum is -ε at r_m (σ = r_m / 2^(1/6)).  h = 0: the center of mass x̄ is free, the density is over
    the (n - 1) d coordinates x - x̄, and ln Z that of this subspace.  h > 0 confines x̄ by its own spring, so that the
    density in all n d coordinates is normalizable; that of x - x̄ is unchanged, and ln Z gains d/2 ln(2π/(β h n)).
    Shape: x (n, d).  Unit: ε = r_m = k_B = 1.  Law: E is unchanged by rotations, reflections, permutations and, at
    h = 0, translations; LJ13 without trap has its minimum at -44.32680142.  Ref: Köhler et al. 2020, arXiv:2006.02425.
    """

    pairs: Float[np.ndarray, "particles pairs"]
    beta: Float[Array, ""]
    epsilon: Float[Array, ""]
    r_m: Float[Array, ""]
    c: Float[Array, ""]
    h: Float[Array, ""]
    n: int = eqx.field(static=True)
    d: int = eqx.field(static=True)
    variable: ClassVar[AbstractVariable] = Reals()
    symmetries: tuple[AbstractSymmetry, ...] = eqx.field(static=True)

    def __init__(self, n: int = 13, d: int = 3, *, temperature=1.0, epsilon=1.0, r_m=1.0, c=1.0, h=0.0):
        """`n` particles in `d` dimensions; `c` is the trap, without which a cluster evaporates."""
        n, d = whole("n", n, 2), whole("d", d, 1)
        if not (0 <= finite("c", c) and 0 <= finite("h", h)):
            raise ValueError(f"A trap needs springs c, h >= 0, got c = {c}, h = {h}; use c=1, h=0.")
        require_memory("pairs of particles", 8 * n**2 * d, f"{n} particles in {d} dimensions")
        self.pairs = pair_table(*np.triu_indices(n, 1), n)
        self.beta = jnp.asarray(1.0 / positive("temperature", temperature))
        self.epsilon, self.r_m = jnp.asarray(positive("epsilon", epsilon)), jnp.asarray(positive("r_m", r_m))
        self.c, self.h, self.n, self.d = jnp.asarray(c, float), jnp.asarray(h, float), n, d
        free = (Displacement(),) if h == 0 else ()
        self.symmetries = (ParticlePermutation(), Reflection(), Rotation(), *free)

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.n, self.d)

    def energy(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """E(x): Lennard-Jones pairs, harmonic trap, spring on the center of mass.  Shape: x (n, d)."""
        epsilon, r_m, c, h = (k.astype(x.dtype) for k in (self.epsilon, self.r_m, self.c, self.h))
        s6 = (r_m * r_m / squared_distances(x, self.pairs)) ** 3
        inside, center = centered(x), jnp.mean(x, axis=0)
        trap = c / 2 * jnp.sum(inside * inside) + h * self.n / 2 * jnp.sum(center * center)
        return epsilon * jnp.sum(s6 * (s6 - 2)) + trap

    def log_center_volume(self) -> float:
        """d/2 ln(2π/(β h n)): the contribution of x̄ to ln Z at h > 0."""
        return self.d / 2 * math.log(2 * math.pi / float(self.beta * self.h * self.n))

    def random_configuration(self, key) -> Float[Array, "*site"]:
        """Normal positions, relaxed and centered: a starting configuration, not a sample at beta = 0."""
        x = self.n ** (1 / self.d) / 2 * self.r_m * jax.random.normal(key, self.shape)
        return centered(relaxed(self.energy, x))

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """Radius of gyration, √(1/n Σ |x_i - x̄|²)."""
        return jnp.sqrt(jnp.mean(jnp.sum(centered(x) ** 2, axis=1)))

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"] | None:
        """None: no exact value is known."""
        return None


def icosahedron() -> Float[np.ndarray, "13 3"]:
    """One particle and its twelve neighbors at distance 1: the minimum of LJ13 up to the radius of the shell."""
    golden = (1 + math.sqrt(5)) / 2
    signs = [(a, b) for a in (-1.0, 1.0) for b in (-1.0, 1.0)]
    corners = [np.roll([0.0, a, b * golden], k) for k in range(3) for a, b in signs]
    return np.concatenate([np.zeros((1, 3)), np.array(corners) / math.hypot(1, golden)])


def examples() -> dict[str, LennardJones]:
    """Small instances by name, on which the tests check every law."""
    return {
        "lennard_jones": LennardJones(5, 3, temperature=0.5),
        "lennard_jones_held": LennardJones(4, 2, h=0.5),
    }
