# SPDX-License-Identifier: Apache-2.0
"""Silicon by pairs and triplets of atoms: the potential of Stillinger and Weber."""

from itertools import combinations_with_replacement

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from isinglass.systems.particle.interatomic import AbstractInteratomic, NeighborTable

__all__ = ["StillingerWeber"]

LEAST = 0.01  # of a - r/σ: exp(-1/0.01) is no number beside 1


class StillingerWeber(AbstractInteratomic):
    """E = ε Σ_(i<j) A (B x⁻ᵖ - x⁻q) h(x) + ε λ Σ_i Σ_(j<k) g_j g_k (cos θ_jik + c)², x = r/σ, c = 1/3.

    h = e^(1/(x - a)), g = e^(γ/(x - a)), both 0 from x = a on.  With s = Σ_j g_j, p = Σ g_j r̂_j, Q = Σ g_j r̂_j ⊗ r̂_j
        Σ_(j<k) g_j g_k (r̂_j · r̂_k + c)² = ½ [|Q|² + 2c |p|² + c² s² - (1 + c)² Σ_j g_j²],
    so that triplets cost no more than pairs.  Law: diamond has -2ε an atom at its minimum, a = 5.431 Å.
    Ref: Stillinger and Weber 1985, doi:10.1103/PhysRevB.31.5262; ε = 2.1683 eV as in LAMMPS.
    """

    epsilon: float = 2.1683
    sigma: float = 2.0951
    a: float = 1.8
    lam: float = 21.0  # λ
    gamma: float = 1.2
    A: float = 7.049556277
    B: float = 0.6022245584
    c: float = 1 / 3  # minus the cosine of the angle that is preferred
    p: int = eqx.field(static=True, default=4)
    q: int = eqx.field(static=True, default=0)
    numbers: tuple[int, ...] = eqx.field(static=True, default=(14,))

    @property
    def cutoff(self) -> float:
        """a σ."""
        return self.a * self.sigma

    def atom_energies(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        """Half of the pairs, and the triplets with the atom at their corner."""
        distance = jnp.sqrt(jnp.sum(r * r, axis=-1))
        x, to = distance / self.sigma, [r[..., a] / distance for a in range(3)]
        pairs = self.A * (self.B * x**-self.p - x**-self.q) * self.decay(x, 1.0)
        g = self.decay(x, self.gamma)
        held = lambda f: jnp.square(jnp.sum(f, axis=1))  # noqa: E731
        p = sum(held(g * a) for a in to)
        Q = sum((1 if a is b else 2) * held(g * a * b) for a, b in combinations_with_replacement(to, 2))
        triplets = Q + 2 * self.c * p + self.c**2 * held(g) - (1 + self.c) ** 2 * jnp.sum(g * g, axis=1)
        return self.epsilon * (jnp.sum(pairs, axis=1) / 2 + self.lam / 2 * triplets)

    def decay(self, x: Float[Array, "n K"], strength: float) -> Float[Array, "n K"]:
        """e^(strength/(x - a)) below a, 0 beyond."""
        room = self.a - x
        inside = room > LEAST
        return jnp.where(inside, jnp.exp(-strength / jnp.where(inside, room, 1.0)), 0.0)
