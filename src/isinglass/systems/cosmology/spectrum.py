# SPDX-License-Identifier: Apache-2.0
"""Power spectra P(k; θ) of density fields, each with a prior of its parameters."""

from abc import abstractmethod

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float
from numpyro import distributions as dist

from isinglass.errors import InputError
from isinglass.exact.cosmology.background import Cosmology
from isinglass.systems.cosmology.matter_power import matter_power
from isinglass.systems.simulator.prior import Prior, make_prior

__all__ = ["AbstractSpectrum", "MatterSpectrum", "PowerLaw"]

LEAST = 0.1  # Ω_m of the prior


class AbstractSpectrum(eqx.Module):
    """P(k; θ) = ∫ d^d r ξ(r; θ) exp(-i k·r), k > 0."""

    @abstractmethod
    def prior(self) -> Prior:
        """p(θ), with the names of the parameters."""

    @abstractmethod
    def power(self, theta: Float[Array, " d"], k: Float[Array, "*mode"]) -> Float[Array, "*mode"]:
        """P(k; θ)."""


class PowerLaw(AbstractSpectrum):
    """P(k) = A k^-n, θ = (ln A, n); θ = (ln A) where the slope n is given.  Unit: none.

    ln A uniform in ±1.5, n in (1, 3).  Law: the Fisher information does not depend on θ.
    """

    slope: float | None = None

    def prior(self) -> Prior:
        slope = {} if self.slope is not None else {"n": dist.Uniform(1.0, 3.0)}
        return make_prior({"log_amplitude": dist.Uniform(-1.5, 1.5)} | slope)

    def power(self, theta: Float[Array, " d"], k: Float[Array, "*mode"]) -> Float[Array, "*mode"]:
        """exp(ln A - n ln k)."""
        return jnp.exp(theta[0] - (theta[1] if self.slope is None else self.slope) * jnp.log(k))


class MatterSpectrum(AbstractSpectrum):
    """Linear matter in flat ΛCDM, θ = (Ω_m, σ_8), uniform in (0.1, 0.6) and (0.5, 1.1).

    Unit: k in h/Mpc, P in (Mpc/h)³.  `depth`: of a slab whose mean along the line of sight is seen, in Mpc/h; the torus
    closes behind it, so that P is P(k)/depth, k across.  Needs jax-cosmo.
    """

    z: float = 0.0
    Omega_b: float = 0.05
    h: float = 0.7
    n_s: float = 0.96
    depth: float | None = None

    def __check_init__(self):
        """Errors: InputError for baryons beyond the matter of the prior, or what has to be above 0 and is not."""
        if not 0 < self.Omega_b < LEAST:
            found = f"{self.Omega_b:g}"
            raise InputError(f"Omega_b between 0 and {LEAST:g}, the least Omega_m of the prior", found, "change it")
        if not (self.z >= 0 and self.h > 0 and self.n_s > 0 and (self.depth is None or self.depth > 0)):
            found = f"z {self.z:g}, h {self.h:g}, n_s {self.n_s:g}, depth {self.depth}"
            raise InputError("z of 0 or more; h, n_s and depth above 0", found, "change them")

    def prior(self) -> Prior:
        return make_prior({"Omega_m": dist.Uniform(LEAST, 0.6), "sigma_8": dist.Uniform(0.5, 1.1)})

    def power(self, theta: Float[Array, " d"], k: Float[Array, "*mode"]) -> Float[Array, "*mode"]:
        """(Mpc/h)³, or (Mpc/h)² of a slab."""
        cosmology = Cosmology(theta[0], h=self.h)
        P = matter_power(k, cosmology, theta[1], z=self.z, Omega_b=self.Omega_b, n_s=self.n_s)
        return P if self.depth is None else P / self.depth
