# SPDX-License-Identifier: Apache-2.0
"""The power spectrum of a field in shells, as what is observed instead of the field."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.systems.cosmology.density_field import AbstractDensityField
from isinglass.systems.cosmology.torus import squared_modes
from isinglass.systems.simulator.prior import Prior
from isinglass.systems.simulator.simulator import AbstractSimulator

__all__ = ["SpectrumSummary"]

FEWEST = 10  # modes of a shell


class SpectrumSummary(AbstractSimulator):
    """ln P̂ of the contrast of a field, in shells |n| = 1, 2, ..., rounded; P̂ = v <|x̃(k)|²>, in units of P(k).

    Law: of a Gaussian field nearly all information is kept; of others what is not in the two-point function is lost.
    """

    of: AbstractDensityField

    def prior(self) -> Prior:
        return self.of.prior()

    def simulate(self, key: Key[Array, ""], theta: Float[Array, " d"]) -> Float[Array, " shell"]:
        """Of a field of the other simulator."""
        return self.summary(self.of.simulate(key, theta))

    def shells(self) -> Int[np.ndarray, " mode"]:
        """|n| of every mode, rounded; the corners of the lattice, of fewer than 10 modes, are one shell with the last.

        Counts may cancel in a single mode, and the logarithm of 0 is no number.
        """
        shell = np.rint(self.of.lattice().whole_numbers()).astype(int).ravel()
        beyond = np.cumsum(np.bincount(shell)[::-1])[::-1]  # modes of a shell and all after it
        return np.minimum(shell, np.flatnonzero(beyond >= FEWEST)[-1])

    def wave_numbers(self) -> Float[np.ndarray, " shell"]:
        """Mean k of every shell."""
        n, shell = self.of.lattice().whole_numbers().ravel(), self.shells()
        mean = np.bincount(shell, n) / np.bincount(shell)
        return 2 * np.pi / self.of.lattice().length * mean[1:]

    def summary(self, x: Shaped[Array, "*site"] | Shaped[np.ndarray, "*site"]) -> Float[Array, " shell"]:
        """Of an observed field."""
        shell = self.shells()
        count = jnp.asarray(np.bincount(shell), float)
        square = squared_modes(self.of.contrast(jnp.asarray(x, float))).ravel()
        power = jnp.zeros(len(count)).at[jnp.asarray(shell)].add(square) / count
        return jnp.log(self.of.lattice().cell * power[1:])
