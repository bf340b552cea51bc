# SPDX-License-Identifier: Apache-2.0
"""Lennard-Jones pairs of atoms in any cell, smoothly cut."""

from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from isinglass.errors import InputError
from isinglass.systems.particle.interatomic import AbstractInteratomic, NeighborTable
from isinglass.systems.particle.potential.smooth_cutoff import checked_range, switched

__all__ = ["PairLennardJones"]


class PairLennardJones(AbstractInteratomic):
    """E_i = ½ Σ_j 4ε [(σ/r)¹² - (σ/r)⁶] s(r), s the smooth cutoff from `onset` to `cutoff`.

    Between species ε = √(ε_a ε_b), σ = (σ_a + σ_b) / 2 (Lorentz 1881, Berthelot 1898).
    Law: the uncut pair has its minimum -ε at 2^(1/6) σ.  Unit: eV, Å.
    """

    epsilon: tuple[float, ...]  # of each species
    sigma: tuple[float, ...]
    onset: float
    cutoff: float
    numbers: tuple[int, ...] = eqx.field(static=True)

    def __init__(
        self, numbers: Sequence[int] = (18,), *, epsilon: float | Sequence[float] = 0.0104,
        sigma: float | Sequence[float] = 3.4, cutoff: float | None = None, onset: float | None = None,
    ):  # fmt: skip
        """One ε and σ for all species, or one for each; cutoff 3 times the largest σ, onset 2/3 of that."""
        self.numbers = tuple(int(z) for z in numbers)
        self.epsilon, self.sigma = (of_each(value, len(self.numbers)) for value in (epsilon, sigma))
        if not all(0 < s < float("inf") for s in self.sigma) or not all(0 <= e < float("inf") for e in self.epsilon):
            raise InputError("epsilon >= 0 and sigma > 0", f"{self.epsilon} and {self.sigma}", "correct them")
        self.cutoff = 3 * max(self.sigma) if cutoff is None else float(cutoff)
        self.onset = 2 / 3 * self.cutoff if onset is None else float(onset)
        checked_range(self.onset, self.cutoff)

    def atom_energies(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        """Half of each pair's energy."""
        epsilon, sigma = (jnp.asarray(value, r.dtype)[species] for value in (self.epsilon, self.sigma))
        depth = jnp.sqrt(epsilon[:, None] * epsilon[neighbors.index])
        size = (sigma[:, None] + sigma[neighbors.index]) / 2
        square = jnp.sum(r * r, axis=-1)
        s6 = (size * size / square) ** 3
        return 2 * jnp.sum(depth * s6 * (s6 - 1) * switched(square, self.onset, self.cutoff), axis=1)


def of_each(value: float | Sequence[float], n: int) -> tuple[float, ...]:
    """A number for each of n species.  Errors: InputError for another count."""
    values = tuple(float(v) for v in value) if isinstance(value, Sequence) else (float(value),) * n
    if len(values) != n:
        raise InputError(f"one number for each of {n} species", f"{len(values)}", "give as many, or a single one")
    return values
