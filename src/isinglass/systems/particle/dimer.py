# SPDX-License-Identifier: Apache-2.0
"""A bistable dimer in a dense bath of repulsive discs, which must make room for it to open or close."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from isinglass.exact.particle import dimer
from isinglass.memory import require_memory
from isinglass.symmetry.particle import ParticlePermutation
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.value import Reflection
from isinglass.symmetry.variable import AbstractVariable, Reals
from isinglass.systems.particle.particles import pair_table, relaxed, squared_distances
from isinglass.systems.system import AbstractSystem, finite, positive, whole

__all__ = ["Dimer"]


class Dimer(AbstractSystem):
    """E(x) = U(r_01) + k [(x_0 + x_1)² + y_0² + y_1²] + ε Σ_(i<j) (r_m/r_ij)¹² + w Σ_i,μ max(0, |x_iμ| - l)².

    U(r) = -½ s - 25 s² + 10 s⁴, s = 2 (r - 1.5): closed at r = 0.94, open at 2.06, both 15 kT deep.  Particles
    0 and 1 form the dimer and do not repel each other; k holds it at the center and on the x axis; w is the wall.
    Shape: x (n + 2, 2).  Unit: kT = 1 at temperature 1.  Law: E is unchanged by x -> -x and permutations of the bath.
    Ref: Noé et al. 2019, arXiv:1812.01729, with the parameters of their code (where w is twice its k = 100).
    """

    pairs: Float[np.ndarray, "particles pairs"]
    beta: Float[Array, ""]
    epsilon: Float[Array, ""]
    r_m: Float[Array, ""]
    k: Float[Array, ""]
    box: Float[Array, ""]
    wall: Float[Array, ""]
    n: int = eqx.field(static=True)
    variable: ClassVar[AbstractVariable] = Reals()
    symmetries: tuple[AbstractSymmetry, ...] = eqx.field(static=True)

    def __init__(self, n: int = 36, *, temperature=1.0, epsilon=1.0, r_m=1.1, k=20.0, box=3.0, wall=200.0):
        """`n` discs in the bath, a square number or 0; the walls are at ±`box` in x and y."""
        n = whole("n", n, 0)
        if round(n**0.5) ** 2 != n:
            raise ValueError(f"The bath starts on a square grid and needs 0, 1, 4, 9 ... discs, got n = {n}; use n=36.")
        require_memory("pairs of discs", 8 * n**2, f"{n} discs")
        self.pairs = pair_table(*np.triu_indices(n + 2, 1), n + 2)[:, 1:]  # without the first pair, the dimer
        self.beta = jnp.asarray(1.0 / positive("temperature", temperature))
        self.epsilon, self.r_m = jnp.asarray(finite("epsilon", epsilon), float), jnp.asarray(positive("r_m", r_m))
        self.k, self.box, self.wall = (jnp.asarray(positive("k, box and wall", v)) for v in (k, box, wall))
        self.n = n
        self.symmetries = (ParticlePermutation(first=2), Reflection())

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.n + 2, 2)

    def distance(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """r_01, the length of the dimer."""
        return jnp.hypot(*(x[1] - x[0]))

    def energy(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """E(x): U(r_01), harmonic restraint of the dimer, repulsion, walls.  Shape: x (n + 2, 2)."""
        epsilon, r_m, k, box, wall = (p.astype(x.dtype) for p in (self.epsilon, self.r_m, self.k, self.box, self.wall))
        s = 2 * (self.distance(x) - dimer.MIDDLE)
        bond = s * (dimer.SLOPE + s * (-dimer.A + dimer.B * s * s))
        ties = k * ((x[0, 0] + x[1, 0]) ** 2 + x[0, 1] ** 2 + x[1, 1] ** 2)
        repulsion = epsilon * jnp.sum((r_m * r_m / squared_distances(x, self.pairs)) ** 6)
        return bond + ties + repulsion + wall * jnp.sum(jnp.maximum(jnp.abs(x) - box, 0) ** 2)

    def random_configuration(self, key) -> Float[Array, "*site"]:
        """The dimer closed or open, the bath uniform, relaxed: a starting configuration, not a sample at beta = 0."""
        key_length, key_bath = jax.random.split(key)
        r = jnp.where(jax.random.bernoulli(key_length), 0.94, 2.06)
        pair = jnp.stack([jnp.stack([-r / 2, jnp.zeros(())]), jnp.stack([r / 2, jnp.zeros(())])])
        bath = self.box * jax.random.uniform(key_bath, (self.n, 2), minval=-1.0)
        return relaxed(self.energy, jnp.concatenate([pair, bath]))

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """r_01, the length of the dimer."""
        return self.distance(x)

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"] | None:
        """<E> per coordinate by quadrature, without a bath; else None."""
        if self.n:
            return None
        return np.array([dimer.mean_energy(float(T), float(self.k)) for T in temperature]) / 4


def examples() -> dict[str, Dimer]:
    """Small instances by name, on which the tests check every law."""
    return {"dimer": Dimer(9), "dimer_alone": Dimer(0)}
