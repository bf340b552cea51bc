# SPDX-License-Identifier: Apache-2.0
"""Conditional sampling, p(x_0 given y) for a noisy observation y of some sites, from an unconditional diffusion model.

∇ ln p_t(x given y) = ∇ ln p_t(x) + ∇ ln p(y given x_t), the last with the denoiser's estimate of x_0 as mean and
the error of the Wiener filter as covariance.  Exact for Gaussian data; else an approximation that becomes exact
as the noise level goes to zero.  Ref: Rozet and Louppe 2023, arXiv:2306.10574; Chung et al. 2022,
arXiv:2209.14687.
"""

import equinox as eqx
import jax
from jaxtyping import Array, Float

from isinglass.nets.diffusion.denoiser import AbstractDenoiser
from isinglass.nets.diffusion.gaussian_reference import AbstractGaussian
from isinglass.nets.diffusion.noise_schedule import AbstractNoiseSchedule, Scales

__all__ = ["Conditioned"]

Field = Float[Array, "*site"]


class Conditioned(AbstractDenoiser):
    """D(x) + (σ²/α) ∇_x ln N(y; M D(x), M C Mᵀ + n), C = S σ²/Λ, M the sites with mask 1, n the noise variance.

    It is a denoiser itself, for any sampler.  The linear system is solved by conjugate gradients.
    """

    denoiser: AbstractDenoiser
    y: Field  # the observation; not used where mask = 0
    mask: Field  # 1 at observed sites, else 0
    noise: float | Float[Array, ""]  # standard deviation of the observation
    iterations: int = eqx.field(static=True, default=30)

    @property
    def gaussian(self) -> AbstractGaussian:
        """The reference Gaussian of the prior."""
        return self.denoiser.gaussian

    @property
    def schedule(self) -> AbstractNoiseSchedule:
        """The noise schedule of the prior."""
        return self.denoiser.schedule

    def data(self, x: Field, log_snr: Float[Array, ""]) -> Field:
        """The estimate of x_0 from x_t and y.  Law: D + C Mᵀ (M C Mᵀ + n)⁻¹ (y - M D) where the data are Gaussian."""
        at = self.schedule.scales(log_snr)
        guess, pull_back = jax.vjp(lambda x: self.denoiser.data(x, log_snr), x)
        mask = self.mask.astype(x.dtype)
        misfit = mask * (self.y.astype(x.dtype) / self.gaussian.in_units(x.dtype) - guess)
        solved, _ = jax.scipy.sparse.linalg.cg(
            lambda z: self.expected_spread(z, mask, at), misfit, tol=1e-5, maxiter=self.iterations
        )
        return guess + (at.sigma**2 / at.alpha) * pull_back(mask * solved)[0]

    def expected_spread(self, z: Field, mask: Field, at: Scales) -> Field:
        """(M C Mᵀ + n) z, the covariance of y given x_t applied to z."""
        half = self.gaussian.scale_residual(mask * z, at)
        noise = self.noise / self.gaussian.in_units(z.dtype)
        return mask * self.gaussian.scale_residual(half, at) + noise**2 * z
