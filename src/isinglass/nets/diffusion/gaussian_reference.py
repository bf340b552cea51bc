# SPDX-License-Identifier: Apache-2.0
"""Gaussian references: the part of a distribution that diffusion knows in closed form, mode by mode.

For data N(m, S), the noisy sample x = α x_0 + σ ε has variance Λ = α² S + σ², the best estimate of x_0 is the Wiener
filter m + (α S/Λ) (x - α m), and its mean square error is S σ²/Λ.  A network then learns only what is not Gaussian.
"""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from itertools import permutations
from math import log, pi, prod
from typing import TYPE_CHECKING

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Inexact, Key

from isinglass.nets.diffusion.noise_schedule import Scales
from isinglass.observables.structure_factor import structure_factor

__all__ = [
    "AbstractGaussian",
    "CenteredGaussian",
    "IsotropicGaussian",
    "SpectralGaussian",
    "centered_gaussian",
    "isotropic_gaussian",
    "spectral_gaussian",
]

Field = Float[Array, "*site"]


class AbstractGaussian(eqx.Module):
    """N(m, S) with S diagonal in some orthogonal modes, for x_0 = configuration / unit.  Law: `color` undoes `whiten`.

    Unit, m and S are estimated from data once, and stay as they are while a network is trained.
    """

    unit: eqx.AbstractVar[Float[Array, ""]]  # about the standard deviation of the data, so that x_0 is of order one

    if TYPE_CHECKING:  # a field or a property of every subclass

        @property
        def shape(self) -> tuple[int, ...]:
            """Shape of one configuration."""
            ...

    else:
        shape: eqx.AbstractVar[tuple[int, ...]]

    @property
    @abstractmethod
    def dimension(self) -> int:
        """Number of independent variables."""

    @abstractmethod
    def moments(self, dtype) -> tuple[Float[Array, ""], Float[Array, "..."]]:
        """m and S: one mean for all variables, one variance for each mode or for all."""

    @abstractmethod
    def to_modes(self, x: Field) -> Inexact[Array, "*mode"]:
        """Amplitudes of x in the orthogonal modes."""

    @abstractmethod
    def from_modes(self, modes: Inexact[Array, "*mode"]) -> Field:
        """The configuration with these amplitudes."""

    @abstractmethod
    def log_volume(self, at: Scales) -> Float[Array, ""]:
        """½ Σ ln Λ over all modes: log-determinant of `color`."""

    @abstractmethod
    def features(self, x: Field, at: Scales) -> Float[Array, "..."]:
        """Input of the network: x as numbers of order one at every noise level."""

    def in_units(self, dtype) -> Float[Array, ""]:
        """The unit in this precision."""
        return jax.lax.stop_gradient(self.unit).astype(dtype)

    def filter(self, x: Field, factor: Callable[[Array], Array]) -> Field:
        """Each mode times factor(S)."""
        modes = self.to_modes(x)
        _, S = self.moments(x.dtype)
        return self.from_modes(modes * jnp.broadcast_to(factor(S), modes.shape).astype(modes.dtype))

    def whiten(self, x: Field, at: Scales) -> Field:
        """w = Λ^(-½) (x - α m).  Law: standard normal where the data are this Gaussian."""
        mean, _ = self.moments(x.dtype)
        return self.filter(x - at.alpha * mean, lambda S: 1 / jnp.sqrt(at.alpha**2 * S + at.sigma**2))

    def color(self, w: Field, at: Scales) -> Field:
        """x = α m + Λ^½ w."""
        mean, _ = self.moments(w.dtype)
        return at.alpha * mean + self.filter(w, lambda S: jnp.sqrt(at.alpha**2 * S + at.sigma**2))

    def wiener(self, x: Field, at: Scales) -> Field:
        """E(x_0 given x) = m + (α S/Λ) (x - α m)."""
        mean, _ = self.moments(x.dtype)
        return mean + self.filter(x - at.alpha * mean, lambda S: at.alpha * S / (at.alpha**2 * S + at.sigma**2))

    def scale_residual(self, F: Field, at: Scales) -> Field:
        """(S σ²/Λ)^½ F: white noise of variance 1 becomes the error of the Wiener filter."""
        return self.filter(F, lambda S: at.sigma * jnp.sqrt(S / (at.alpha**2 * S + at.sigma**2)))

    def unscale_residual(self, error: Field, at: Scales) -> Field:
        """(S σ²/Λ)^(-½) error.  Law: undoes `scale_residual`."""
        return self.filter(error, lambda S: jnp.sqrt((at.alpha**2 * S + at.sigma**2) / S) / at.sigma)

    def noise(self, key: Key[Array, ""], dtype=jnp.float32) -> Field:
        """Standard normal in the space of the modes."""
        return self.from_modes(self.to_modes(jax.random.normal(key, self.shape, dtype)))

    def log_prob_of_noise(self, w: Field) -> Float[Array, ""]:
        """-½ Σ w² - ½ n ln 2π."""
        return -0.5 * jnp.sum(w * w) - 0.5 * self.dimension * log(2 * pi)


class IsotropicGaussian(AbstractGaussian):
    """One mean and one variance for all variables, 0 and 1 at first; the network gets w = (x - α m)/√(α² S + σ²).

    With m = 0 the preconditioning of Karras et al. 2022, arXiv:2206.00364.
    """

    mean: Float[Array, ""]
    variance: Float[Array, ""]
    unit: Float[Array, ""]
    shape: tuple[int, ...] = eqx.field(static=True)

    def __init__(self, *, shape: Sequence[int]):
        self.shape, self.unit = tuple(shape), jnp.ones((), jnp.float32)
        self.mean, self.variance = jnp.zeros((), jnp.float32), jnp.ones((), jnp.float32)

    @property
    def dimension(self) -> int:
        return prod(self.shape)

    def moments(self, dtype) -> tuple[Float[Array, ""], Float[Array, "..."]]:
        """m and S, held fixed while the network is trained."""
        mean, variance = jax.lax.stop_gradient((self.mean, self.variance))
        return mean.astype(dtype), variance.astype(dtype)

    def to_modes(self, x: Field) -> Inexact[Array, "*mode"]:
        return x

    def from_modes(self, modes: Inexact[Array, "*mode"]) -> Field:
        return modes

    def log_volume(self, at: Scales) -> Float[Array, ""]:
        """½ n ln Λ."""
        return 0.5 * self.dimension * jnp.log(at.alpha**2 * self.moments(at.alpha.dtype)[1] + at.sigma**2)

    def features(self, x: Field, at: Scales) -> Float[Array, "..."]:
        return self.whiten(x, at)


class CenteredGaussian(AbstractGaussian):
    """Particles x (n, d) with their center of mass at the origin and one variance: (n - 1) d variables.

    The network gets w = x/√(α² S + σ²); S = 1 at first.

    Law: invariant under permutations, rotations and translations.
    """

    variance: Float[Array, ""]
    unit: Float[Array, ""]
    shape: tuple[int, ...] = eqx.field(static=True)

    def __init__(self, *, shape: Sequence[int]):
        self.shape, self.unit, self.variance = tuple(shape), jnp.ones((), jnp.float32), jnp.ones((), jnp.float32)

    @property
    def dimension(self) -> int:
        """(n - 1) d."""
        return (self.shape[0] - 1) * prod(self.shape[1:])

    def moments(self, dtype) -> tuple[Float[Array, ""], Float[Array, "..."]]:
        return jnp.zeros((), dtype), jax.lax.stop_gradient(self.variance).astype(dtype)

    def to_modes(self, x: Field) -> Inexact[Array, "*mode"]:
        """Positions relative to the center of mass."""
        return x - jnp.broadcast_to(x.mean(axis=0, keepdims=True), x.shape)

    def from_modes(self, modes: Inexact[Array, "*mode"]) -> Field:
        return modes

    def log_volume(self, at: Scales) -> Float[Array, ""]:
        """½ (n - 1) d ln Λ."""
        return 0.5 * self.dimension * jnp.log(at.alpha**2 * self.moments(at.alpha.dtype)[1] + at.sigma**2)

    def features(self, x: Field, at: Scales) -> Float[Array, "..."]:
        return self.whiten(x, at)


class SpectralGaussian(AbstractGaussian):
    """A field on a periodic lattice with mean m and power spectrum S(k) = <|x̃(k)|²>, x̃ = N^(-½) Σ_r x_r exp(-i k r).

    Law: commutes with translations; S(k) = S(-k); Σ_k S(k) / N is the variance at a site.  Cost: N ln N.
    """

    mean: Float[Array, ""]
    spectrum: Float[Array, "*site"]
    unit: Float[Array, ""]
    shape: tuple[int, ...] = eqx.field(static=True)

    def __init__(self, *, shape: Sequence[int]):
        self.shape, self.unit = tuple(shape), jnp.ones((), jnp.float32)
        self.mean, self.spectrum = jnp.zeros((), jnp.float32), jnp.ones(self.shape, jnp.float32)

    @property
    def dimension(self) -> int:
        return prod(self.shape)

    def moments(self, dtype) -> tuple[Float[Array, ""], Float[Array, "..."]]:
        """m, and S(k) for the half of the wave vectors that a real field has."""
        mean, spectrum = jax.lax.stop_gradient((self.mean, self.spectrum))
        return mean.astype(dtype), spectrum[..., : self.shape[-1] // 2 + 1].astype(dtype)

    def to_modes(self, x: Field) -> Inexact[Array, "*mode"]:
        return jnp.fft.rfftn(x, norm="ortho")

    def from_modes(self, modes: Inexact[Array, "*mode"]) -> Field:
        return jnp.fft.irfftn(modes, s=self.shape, norm="ortho")

    def log_volume(self, at: Scales) -> Float[Array, ""]:
        """½ Σ_k ln Λ(k)."""
        S = jax.lax.stop_gradient(self.spectrum).astype(at.alpha.dtype)
        return 0.5 * jnp.sum(jnp.log(at.alpha**2 * S + at.sigma**2))

    def features(self, x: Field, at: Scales) -> Float[Array, "..."]:
        """x and its Wiener filter, each with variance 1: two channels."""
        mean, _ = self.moments(x.dtype)
        S = jax.lax.stop_gradient(self.spectrum).astype(x.dtype)
        L = at.alpha**2 * S + at.sigma**2
        raw = (x - at.alpha * mean) / jnp.sqrt(jnp.mean(L))
        return jnp.stack([raw, (self.wiener(x, at) - mean) / jnp.sqrt(jnp.mean(at.alpha**2 * S * S / L))])


def isotropic_gaussian(x: Float[Array | np.ndarray, "n *site"]) -> IsotropicGaussian:
    """Mean and variance of the samples, in units of their standard deviation."""
    unit = x.std()
    found = jnp.float32(unit), jnp.float32(x.mean() / unit)
    return eqx.tree_at(lambda g: (g.unit, g.mean), IsotropicGaussian(shape=x.shape[1:]), found)


def centered_gaussian(x: Float[Array | np.ndarray, "n particles d"]) -> CenteredGaussian:
    """Variance of the samples about their centers of mass, per free variable; its root is the unit."""
    made = CenteredGaussian(shape=x.shape[1:])
    square = ((x - x.mean(axis=1, keepdims=True)) ** 2).sum() / len(x) / made.dimension
    return eqx.tree_at(lambda g: g.unit, made, jnp.float32(square**0.5))


def spectral_gaussian(x: Float[Array | np.ndarray, "n *site"], *, centered: bool = False) -> SpectralGaussian:
    """Mean (zero if `centered`) and power spectrum of the samples, averaged over the symmetries of the lattice.

    Unit: the standard deviation of a site.
    """
    field = np.asarray(x, np.float64)
    unit, mean = field.std(), 0.0 if centered else field.mean()
    power = structure_factor((field - mean) / unit, range(1, field.ndim)).mean(axis=0)
    made = SpectralGaussian(shape=field.shape[1:])
    found = jnp.float32(unit), jnp.float32(mean / unit), jnp.asarray(symmetrized_spectrum(power), jnp.float32)
    return eqx.tree_at(lambda g: (g.unit, g.mean, g.spectrum), made, found)


def symmetrized_spectrum(power: Float[np.ndarray, "*site"]) -> Float[np.ndarray, "*site"]:
    """Average over k_i -> -k_i and over exchanges of axes of equal length."""
    for axis in range(power.ndim):
        power = (power + np.roll(np.flip(power, axis), 1, axis)) / 2
    orders = [p for p in permutations(range(power.ndim)) if tuple(power.shape[i] for i in p) == power.shape]
    return np.mean([power.transpose(p) for p in orders], axis=0)
