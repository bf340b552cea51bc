# SPDX-License-Identifier: Apache-2.0
"""Expansion and distances of a universe of matter, curvature and dark energy; differentiable in every parameter.

E² = (H/H_0)² = Ω_r (1+z)⁴ + Ω_m (1+z)³ + Ω_k (1+z)² + Ω_Λ (1+z)^(3(1 + w_0 + w_a)) exp(-3 w_a z/(1+z)),
Ω_Λ = 1 - Ω_m - Ω_k - Ω_r.  Distances in Mpc/h, so that they know no h; divided by h they are in Mpc.
Ref: Hogg 1999, astro-ph/9905116; Chevallier and Polarski 2001, gr-qc/0009008; Linder 2003, astro-ph/0208512.
"""

from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float, Real

from isinglass.errors import InputError

__all__ = [
    "HUBBLE_DISTANCE",
    "Cosmology",
    "Redshifts",
    "angular_diameter_distance",
    "comoving_distance",
    "curved",
    "cosmic_time",
    "distance_modulus",
    "expansion",
    "hubble_distance",
    "luminosity_distance",
    "redshifts",
    "transverse_distance",
]

HUBBLE_DISTANCE = 2997.92458  # c/H_0 in Mpc/h
NODES, WEIGHTS = ((a + b) / 2 for a, b in zip(np.polynomial.legendre.leggauss(48), (1.0, 0.0), strict=True))
Redshift = Float[Array, "*n"]
Given = Real[Array, "*n"] | Real[np.ndarray, "*n"] | float | int | Sequence[float]  # a redshift, or several


class Cosmology(eqx.Module):
    """Ω_m, Ω_k, w = w_0 + w_a z/(1+z), h = H_0/(100 km/s/Mpc), which only moduli need, and Ω_r of radiation.

    Errors: InputError for Ω_m or h that are not above 0, w_0 + w_a not below 0, or what is no number.
    """

    Omega_m: Float[Array, ""] | float = 0.3
    Omega_k: Float[Array, ""] | float = 0.0
    w0: Float[Array, ""] | float = -1.0
    wa: Float[Array, ""] | float = 0.0
    h: Float[Array, ""] | float = 0.7
    Omega_r: Float[Array, ""] | float = 0.0

    def __check_init__(self):
        """What is traced is not known: there impossible parameters make distances that are no numbers."""
        known = {name: value for name, value in vars(self).items() if not isinstance(value, Tracer)}
        for name, value in known.items():
            if not np.isfinite(np.asarray(value, float)).all():
                raise InputError(f"a finite {name}", f"{value}", "give a number")
            if name in ("Omega_m", "h") and not (np.asarray(value) > 0).all():
                raise InputError(f"{name} above 0", f"{value}", "give the share of matter at z = 0, and h near 0.7")
        if {"w0", "wa"} <= set(known) and not (np.asarray(self.w0) + np.asarray(self.wa) < 0).all():
            found = f"{self.w0} + {self.wa}"
            raise InputError("w0 + wa below 0, matter alone in early times", found, "choose another equation of state")

    @property
    def Omega_de(self) -> Float[Array, ""] | float:
        """Share of dark energy at z = 0."""
        return 1 - self.Omega_m - self.Omega_k - self.Omega_r


def real(z: Given) -> Redshift:
    """In JAX, as real numbers: whole ones would be rounded."""
    kept = z.dtype if jnp.issubdtype(getattr(z, "dtype", int), jnp.floating) else float  # pyright: ignore
    return jnp.asarray(z, kept)


def expansion(cosmology: Cosmology, z: Given) -> Redshift:
    """E(z) = H(z)/H_0.  Law: E(0) = 1.  NaN where E² is not positive: such a universe has never been that small."""
    z = real(z)
    a = 1 / (1 + z)
    dark = a ** (-3 * (1 + cosmology.w0 + cosmology.wa)) * jnp.exp(-3 * cosmology.wa * (1 - a))
    square = (cosmology.Omega_r / a + cosmology.Omega_m) / a**3 + cosmology.Omega_k / a**2 + cosmology.Omega_de * dark
    return jnp.sqrt(jnp.where(square > 0, square, jnp.nan))


def comoving_distance(cosmology: Cosmology, z: Given) -> Redshift:
    """D_C = c/H_0 ∫_0^z dz'/E(z'), along the line of sight.  Unit: Mpc/h.  Error: 1e-10 up to z = 1100.

    By Gauss and Legendre in ln(1+z), 48 nodes.  NaN for z < -1, or beyond a bounce.
    """
    z = real(z)
    x = jnp.log1p(z)[..., None] * jnp.broadcast_to(jnp.asarray(NODES, z.dtype), (*z.shape, len(NODES)))
    integrand = jnp.exp(x) / expansion(cosmology, jnp.expm1(x))
    return HUBBLE_DISTANCE * jnp.log1p(z) * (integrand @ jnp.asarray(WEIGHTS, z.dtype))


def transverse_distance(cosmology: Cosmology, z: Given) -> Redshift:
    """D_M = c/H_0 sinh(√Ω_k D_C H_0/c)/√Ω_k, sin for Ω_k < 0, D_C for Ω_k = 0.  Unit: Mpc/h."""
    return curved(cosmology, comoving_distance(cosmology, z))


def curved(cosmology: Cosmology, D_C: Redshift) -> Redshift:
    """D_M of D_C."""
    return D_C * sinhc(cosmology.Omega_k * (D_C / HUBBLE_DISTANCE) ** 2)


class Redshifts(eqx.Module):
    """Redshifts that stay while θ changes, as those of a survey: E is needed at 32 nodes for all of them."""

    nodes: Float[Array, " node"]  # z of Gauss and Legendre in ln(1+z)
    weights: Float[Array, "m node"]  # D_C = c/H_0 weights @ 1/E(nodes)

    def comoving_distance(self, cosmology: Cosmology) -> Float[Array, " m"]:
        """D_C at each.  Unit: Mpc/h.  Error: 1e-9 up to z = 20."""
        return HUBBLE_DISTANCE * (self.weights @ (1 / expansion(cosmology, self.nodes)))


def redshifts(z: Float[np.ndarray, " m"], n: int = 32) -> Redshifts:
    """∫_0^x f(y) dy of the polynomial through f at n nodes in (0, ln(1 + max z)), by Legendre polynomials P_k.

    f = Σ_k c_k P_k, c_k = (k + ½) Σ_j w_j P_k(t_j) f_j; ∫_-1^t P_k = (P_(k+1)(t) - P_(k-1)(t))/(2k + 1).
    """
    end = float(np.log1p(z).max())
    at, w = np.polynomial.legendre.leggauss(n)
    t, nodes = 2 * np.log1p(z) / end - 1, end * (at + 1) / 2
    P, k = np.polynomial.legendre.legvander(t, n), np.arange(1, n)
    integral = np.concatenate([(t + 1)[:, None], (P[:, 2:] - P[:, :-2]) / (2 * k + 1)], axis=1)
    fit = (np.arange(n) + 0.5)[:, None] * np.polynomial.legendre.legvander(at, n - 1).T * w
    return Redshifts(jnp.asarray(np.expm1(nodes)), jnp.asarray(end / 2 * integral @ fit * np.exp(nodes)))


def sinhc(y: Redshift) -> Redshift:
    """sinh(√y)/√y = sin(√-y)/√-y, smooth in y = 0."""
    small = jnp.abs(y) < 1e-3
    root = jnp.sqrt(jnp.where(small, 1.0, jnp.abs(y)))
    series = 1 + y / 6 * (1 + y / 20 * (1 + y / 42))
    return jnp.where(small, series, jnp.where(y > 0, jnp.sinh(root), jnp.sin(root)) / root)


def angular_diameter_distance(cosmology: Cosmology, z: Given) -> Redshift:
    """D_A = D_M/(1+z).  Unit: Mpc/h."""
    return transverse_distance(cosmology, z) / (1 + real(z))


def luminosity_distance(cosmology: Cosmology, z: Given) -> Redshift:
    """D_L = (1+z) D_M.  Unit: Mpc/h.  Law: D_L = (1+z)² D_A."""
    return transverse_distance(cosmology, z) * (1 + real(z))


def distance_modulus(cosmology: Cosmology, z: Given) -> Redshift:
    """μ = 5 lg(D_L/10 pc), with D_L in Mpc, not in Mpc/h.  Unit: mag.  -∞ at z = 0."""
    return 5 * jnp.log10(luminosity_distance(cosmology, z) / cosmology.h) + 25


def hubble_distance(cosmology: Cosmology, z: Given) -> Redshift:
    """D_H = c/H(z).  Unit: Mpc/h.  Law: D_H = dD_C/dz."""
    return HUBBLE_DISTANCE / expansion(cosmology, z)


def cosmic_time(cosmology: Cosmology, z: Given) -> Redshift:
    """H_0 t = ∫ da/(a E), from 0 to a = 1/(1+z).  Unit: 1/H_0 = 9.777922217 Gyr/h.

    With a = s², where the integrand is smooth.
    """
    z = real(z)
    end = 1 / jnp.sqrt(1 + z)
    s = end[..., None] * jnp.broadcast_to(jnp.asarray(NODES, z.dtype), (*z.shape, len(NODES)))
    return end * ((2 / (s * expansion(cosmology, 1 / s**2 - 1))) @ jnp.asarray(WEIGHTS, z.dtype))
