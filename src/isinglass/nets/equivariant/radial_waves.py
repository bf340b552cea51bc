# SPDX-License-Identifier: Apache-2.0
"""Radial functions and repulsion that know the elements by their covalent radii, as potentials of mace-torch use them.

Refs: Batatia et al. 2024, arXiv:2401.00096; Witt et al. 2023, doi:10.1063/5.0158783.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from isinglass.nets.equivariant.radial import envelope
from isinglass.systems.particle.interatomic import NeighborTable

__all__ = ["AgnesiTransform", "CovalentRepulsion", "RadialWaves"]

RATE = (3.2, 0.9423, 0.4028, 0.2016)
COULOMB, BOHR = 14.3996, 0.529  # eV Å and Å, rounded as mace-torch has them


def fixed(value: Float[Array, "*n"], like: Float[Array, "*m"]) -> Float[Array, "*n"]:
    """A number that is not trained, as precise as another."""
    return jax.lax.stop_gradient(value).astype(like.dtype)


class AgnesiTransform(eqx.Module):
    """u(d) = 1/(1 + a x^q/(1 + x^(q-p))), x = d/r0, r0 = (R_i + R_j)/2.  Law: u falls from 1 to 0 as d grows."""

    a: Float[Array, ""]
    q: Float[Array, ""]
    p: Float[Array, ""]
    radius: Float[Array, " Z"]  # Å, R of every species

    def __call__(self, d: Float[Array, "n K"], mean_radius: Float[Array, "n K"]) -> Float[Array, "n K"]:
        a, q, p = (fixed(x, d) for x in (self.a, self.q, self.p))
        x = d / mean_radius
        return 1 / (1 + a * x**q / (1 + x ** (q - p)))


class RadialWaves(eqx.Module):
    """e_k = b sin(ω_k u)/u f(d/c), f the envelope; u is the distance d, or its transform.  None of it is trained."""

    frequency: Float[Array, " k"]
    amplitude: Float[Array, ""]  # b
    transform: AgnesiTransform | None
    cutoff: float = eqx.field(static=True)
    p: int = eqx.field(static=True)

    @property
    def count(self) -> int:
        """Radial functions."""
        return self.frequency.shape[0]

    def __call__(
        self, d: Float[Array, "n K"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, "n K k"]:
        """e_k of every neighbor; 0 at the cutoff and beyond."""
        u = d
        if self.transform is not None:
            u = self.transform(d, pair_radius(self.transform.radius, d, neighbors, species) / 2)
        wave = jnp.sin(u[..., None] * fixed(self.frequency, d)[None, None]) / u[..., None]
        return fixed(self.amplitude, d) * wave * envelope(d / self.cutoff, self.p)[..., None]


class CovalentRepulsion(eqx.Module):
    """E_i = scale/2 Σ_j Z_i Z_j e²/(4π ε_0 d) φ(d/a) f(d/(R_i + R_j)): nuclei that are nearer than a covalent bond.

    φ(x) = Σ_k c_k e^(-d_k x), a = a_0 · 0.529 Å/(Z_i^q + Z_j^q).  Unit: eV, Å.  None of it is trained.
    """

    charge: Float[Array, " Z"]
    radius: Float[Array, " Z"]
    share: Float[Array, " 4"]  # c_k
    length: Float[Array, ""]  # a_0
    power: Float[Array, ""]  # q
    scale: Float[Array, ""]
    cutoff: float = eqx.field(static=True)  # of the potential that it is a part of: no pair beyond it is seen
    p: int = eqx.field(static=True)

    def __call__(
        self, d: Float[Array, "n K"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        """Half of each pair's energy."""
        charge, share = fixed(self.charge, d)[species], fixed(self.share, d)
        power = charge ** fixed(self.power, d)
        x = d * (power[:, None] + power[neighbors.index]) / (fixed(self.length, d) * BOHR)
        screening = sum(share[k] * jnp.exp(-rate * x) for k, rate in enumerate(RATE))
        fade = envelope(d / pair_radius(self.radius, d, neighbors, species), self.p)
        pair = COULOMB * charge[:, None] * charge[neighbors.index] / d * screening * fade
        return fixed(self.scale, d) / 2 * jnp.sum(jnp.where(d < self.cutoff, pair, 0), axis=1)


def pair_radius(
    radius: Float[Array, " Z"], d: Float[Array, "n K"], neighbors: NeighborTable, species: Int[Array, " n"]
) -> Float[Array, "n K"]:
    """R_i + R_j of every place."""
    R = fixed(radius, d)[species]
    return R[:, None] + R[neighbors.index]
