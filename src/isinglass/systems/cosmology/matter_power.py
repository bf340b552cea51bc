# SPDX-License-Identifier: Apache-2.0
"""The linear power spectrum of matter, P(k, z) ∝ k^n_s T(k)² D(z)², with the transfer function of jax-cosmo.

jax-cosmo's own σ_8 integrates from ln k = -4, 0.36 % short in σ_8²; here the integral begins at k = 1e-4.
Ref: Eisenstein and Hu 1998, astro-ph/9709112; jax-cosmo: Campagne et al. 2023, arXiv:2302.05163.
"""

import warnings
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.errors import InputError
from isinglass.exact.cosmology.background import Cosmology
from isinglass.exact.cosmology.growth import growth_factor

__all__ = ["matter_power"]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(256)
LOW, HIGH = np.log(1e-4), np.log(8.0)  # ends in ln k of the integral for σ_8: it is right to 1e-6
RADIUS = 8.0  # Mpc/h


def matter_power(
    k: Float[Array, "*mode"], cosmology: Cosmology, sigma_8: Float[Array, ""] | float, *, z: float = 0.0,
    Omega_b: float = 0.05, n_s: float = 0.96,
) -> Float[Array, "*mode"]:  # fmt: skip
    """P(k, z), k > 0.  Unit: k in h/Mpc, P in (Mpc/h)³.

    Law: σ_8² = (1/2π²) ∫ dk k² P(k, 0) W(8 k)², W(x) = 3 (sin x - x cos x)/x³.  T_CMB = 2.726 K.
    Errors: InputError without jax-cosmo.
    """
    of_k = lambda k: k**n_s * transfer(k, cosmology, Omega_b) ** 2  # noqa: E731
    log_k = jnp.asarray((LOW + HIGH) / 2 + (HIGH - LOW) / 2 * NODES, k.dtype)
    nodes = jnp.exp(log_k)
    x = RADIUS * nodes
    top_hat = 3 * (jnp.sin(x) - x * jnp.cos(x)) / x**3
    weights = jnp.asarray((HIGH - LOW) / 2 * WEIGHTS / (2 * np.pi**2), k.dtype)
    norm = sigma_8**2 / (weights @ (nodes**3 * of_k(nodes) * top_hat**2))
    if z != 0:
        then, now = (growth_factor(cosmology, jnp.asarray(at, k.dtype)) for at in (z, 0.0))
        norm = norm * (then / now) ** 2
    return norm * of_k(k)


def transfer(k: Float[Array, "*mode"], cosmology: Cosmology, Omega_b: float) -> Float[Array, "*mode"]:
    """T(k) of Eisenstein and Hu, with baryonic oscillations.  Law: T -> 1 for k -> 0."""
    said = cosmology
    universe: Any = jax_cosmo().Cosmology(
        Omega_c=said.Omega_m - Omega_b, Omega_b=Omega_b, h=said.h, n_s=1.0, sigma8=1.0, Omega_k=said.Omega_k,
        w0=said.w0, wa=said.wa,
    )  # fmt: skip
    return jax_cosmo().transfer.Eisenstein_Hu(universe, k)


def jax_cosmo() -> Any:
    """The package.  Errors: InputError where it is not installed."""
    try:
        with warnings.catch_warnings():  # what Python says of escapes in its docstrings when it compiles them
            warnings.simplefilter("ignore")
            import jax_cosmo as package
    except ImportError:
        raise InputError("jax-cosmo for matter power", "none", "pip install 'isinglass[sky]'") from None
    return package
