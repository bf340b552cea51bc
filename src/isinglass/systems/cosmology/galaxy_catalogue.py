# SPDX-License-Identifier: Apache-2.0
"""Counts of galaxies in cells behind a survey mask: a Poisson sample of a lognormal density.

N_r ~ Poisson(n̄ v W_r exp(b g_r - b² s²/2)), g a Gaussian field of spectrum P(k; θ), s² its variance, W the share of a
cell that is seen.  Ref: Coles and Jones 1991, doi:10.1093/mnras/248.1.1; Feldman et al. 1994, astro-ph/9304022.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key, Shaped

from isinglass.errors import InputError
from isinglass.systems.cosmology.density_field import AbstractDensityField, lattice_power
from isinglass.systems.cosmology.spectrum import AbstractSpectrum, MatterSpectrum
from isinglass.systems.cosmology.torus import Torus, drawn
from isinglass.systems.simulator.prior import Prior

__all__ = ["GalaxyCatalogue", "survey_mask"]


class GalaxyCatalogue(AbstractDensityField):
    """Galaxies in the cells of a torus that a mask leaves to be seen; their mean density and bias are known.

    Law: <N_r> = n̄ v W_r; the power of N/(n̄ v) - W is that of the density, mixed by the mask, and 1/n̄ of shot noise.
    Errors: InputError for a mask of another shape or range, or a density or bias that is not above 0.
    """

    mask: Shaped[Array, "*site"] | Shaped[np.ndarray, "*site"]  # W, from 0 to 1
    density: float = 1e-3  # n̄, galaxies in (Mpc/h)³, or what the torus is measured in
    bias: float = 1.5
    spectrum: AbstractSpectrum = MatterSpectrum()
    torus: Torus = Torus(16, 3, 500.0)

    def __check_init__(self):
        """Errors: see above."""
        W = np.asarray(self.mask, float)
        if W.shape != self.torus.shape:
            raise InputError(f"a mask of shape {list(self.torus.shape)}", f"{list(W.shape)}", "give a share a cell")
        if not (np.isfinite(W).all() and (W >= 0).all() and (W <= 1).all() and W.any()):
            raise InputError("a mask from 0 to 1, not 0 everywhere", f"{W.min():g} to {W.max():g}", "1 is seen")
        if not (0 < self.density < np.inf and 0 < self.bias < np.inf):
            raise InputError("a density and a bias above 0", f"{self.density:g} and {self.bias:g}", "change them")

    def prior(self) -> Prior:
        return self.spectrum.prior()

    def simulate(self, key: Key[Array, ""], theta: Float[Array, " d"]) -> Float[Array, "*site"]:
        """Counts, as real numbers."""
        key_field, key_counts = jax.random.split(key)
        P = self.bias**2 * lattice_power(self.spectrum, self.torus, theta)
        mean = self.density * self.torus.cell * jnp.asarray(self.mask, P.dtype)
        density = jnp.exp(drawn(key_field, P) - jnp.mean(P) / 2)
        return jax.random.poisson(key_counts, mean * density).astype(theta.dtype)

    def lattice(self) -> Torus:
        return self.torus

    def contrast(self, x: Shaped[Array, "*site"]) -> Float[Array, "*site"]:
        """(N/(n̄ v) - W)/√<W²>."""
        W = jnp.asarray(self.mask, x.dtype)
        return (x / (self.density * self.torus.cell) - W) / jnp.sqrt(jnp.mean(W**2))


def survey_mask(torus: Torus, *, holes: int = 10, radius: float, seed: int = 0) -> Float[Array, "*site"]:
    """1, but 0 within `radius` (in units of the torus) of random centers, as around bright stars.

    In three dimensions the holes are cylinders along the last axis, the line of sight.
    """
    across = min(2, torus.dimensions)
    centers = np.random.default_rng(seed).uniform(0, torus.length, (holes, across))
    axis = (np.arange(torus.side) + 0.5) * torus.length / torus.side
    seen = np.ones((torus.side,) * across)
    for center in centers:
        apart = [np.abs((axis - c + torus.length / 2) % torus.length - torus.length / 2) for c in center]
        seen[np.sqrt(sum(d**2 for d in np.meshgrid(*apart, indexing="ij"))) < radius] = 0.0
    W = seen if torus.dimensions == across else np.repeat(seen[..., None], torus.side, axis=-1)
    return jnp.asarray(W)
