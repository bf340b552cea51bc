# SPDX-License-Identifier: Apache-2.0
"""Measured distances: supernovae (Hubble diagrams) and baryon acoustic oscillations, with normal noise.

m = 5 lg D_L + 25 + M, D_L in Mpc/h; D_M/r_d, D_H/r_d, D_V/r_d, D_V = (z D_M² D_H)^⅓.
Ref: Riess et al. 1998, astro-ph/9805201; Eisenstein et al. 2005, astro-ph/0501171.
"""

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpyro import distributions as dist

from isinglass.errors import InputError
from isinglass.exact.cosmology.background import Cosmology, Redshifts, curved, hubble_distance, redshifts
from isinglass.systems.simulator.noisy_model import NoisyModel, noisy_model
from isinglass.systems.simulator.prior import Prior, make_prior

__all__ = ["AcousticScale", "HubbleLaw", "acoustic_scale", "hubble_diagram"]

FARTHEST = 20.0  # no supernova or galaxy survey has a redshift above
UNIVERSE = ("Omega_m", "Omega_k", "w0", "wa")
KINDS = ("DM", "DH", "DV")


class HubbleLaw(eqx.Module):
    """m = 5 lg[(1 + z_hel) D_M(z)] + 25 + M; θ: parameters of the universe, and `offset` M.

    M = M_B - 5 lg h of magnitudes, -5 lg h of distance moduli: supernovae alone do not know h.
    """

    names: tuple[str, ...] = eqx.field(static=True)
    z: Redshifts  # of the cosmic rest frame
    z_heliocentric: Float[Array, " m"]

    def __call__(self, theta: Float[Array, " d"]) -> Float[Array, " m"]:
        """Magnitudes."""
        cosmology = universe(self.names, theta)
        D = curved(cosmology, self.z.comoving_distance(cosmology))
        return 5 * jnp.log10((1 + self.z_heliocentric) * D) + 25 + theta[self.names.index("offset")]


class AcousticScale(eqx.Module):
    """D_M, D_H or D_V over r_d; θ: parameters of the universe, and `h_r_d` in Mpc: distances in Mpc/h know no more."""

    names: tuple[str, ...] = eqx.field(static=True)
    kinds: tuple[str, ...] = eqx.field(static=True)
    z: Float[Array, " m"]
    line: Redshifts

    def __call__(self, theta: Float[Array, " d"]) -> Float[Array, " m"]:
        """Distances in units of r_d."""
        cosmology = universe(self.names, theta)
        D_M, D_H = curved(cosmology, self.line.comoving_distance(cosmology)), hubble_distance(cosmology, self.z)
        each = jnp.stack([D_M, D_H, jnp.cbrt(self.z * D_M**2 * D_H)])
        chosen = each[jnp.asarray([KINDS.index(kind) for kind in self.kinds]), jnp.arange(len(self.kinds))]
        return chosen / theta[self.names.index("h_r_d")]


def universe(names: tuple[str, ...], theta: Float[Array, " d"]) -> Cosmology:
    """Those of θ that are parameters of it."""
    said: dict[str, Any] = {name: theta[i] for i, name in enumerate(names) if name in UNIVERSE}
    return Cosmology(**said)


def hubble_diagram(
    z: Any, covariance: Any, *, z_heliocentric: Any = None, prior: Any = None, offset: tuple[float, float] = (-20, -18)
) -> NoisyModel:
    """Magnitudes of supernovae at redshifts z; `covariance` [m, m] with statistical errors, or these alone [m], in mag.

    By default Ω_m is uniform in (0.05, 0.95), M in `offset`; with `prior` any of Omega_m, Omega_k, w0, wa, and offset.
    Errors: InputError for z that are none (magnitudes in their place), or other names.
    """
    z = checked_redshifts(z)
    heliocentric = z if z_heliocentric is None else checked_redshifts(z_heliocentric)
    if len(heliocentric) != len(z):
        raise InputError(f"{len(z)} heliocentric redshifts", f"{len(heliocentric)}", "give one for each supernova")
    own = checked_names(prior or {"Omega_m": dist.Uniform(0.05, 0.95), "offset": dist.Uniform(*offset)}, "offset")
    return noisy_model(HubbleLaw(own.names, redshifts(z), jnp.asarray(heliocentric)), covariance, own)


def acoustic_scale(z: Any, kinds: Sequence[str], covariance: Any, *, prior: Any = None) -> NoisyModel:
    """Distances over r_d at z, each of a kind DM, DH or DV ("DM_over_rs" too).

    By default Ω_m is uniform in (0.05, 0.95), h r_d in (70, 130) Mpc; with `prior` Omega_k, w0, wa as well.
    Errors: InputError for z that are none, other kinds, or other names.
    """
    z, said = checked_redshifts(z), tuple(str(kind).partition("_")[0].upper() for kind in kinds)
    if unknown := sorted(set(said) - set(KINDS)):
        raise InputError("kinds of distances DM, DH, DV", ", ".join(unknown)[:60], "name the kind of each datum")
    if len(said) != len(z):
        raise InputError(f"{len(z)} kinds of distances", f"{len(said)}", "name the kind of each datum")
    own = checked_names(prior or {"Omega_m": dist.Uniform(0.05, 0.95), "h_r_d": dist.Uniform(70.0, 130.0)}, "h_r_d")
    return noisy_model(AcousticScale(own.names, said, jnp.asarray(z), redshifts(z)), covariance, own)


def checked_redshifts(z: Any) -> Float[np.ndarray, " m"]:
    """Errors: InputError for what cannot be the redshift of a supernova or a survey, in whatever order they are."""
    z = np.asarray(z, float)
    if z.ndim != 1 or not len(z):
        raise InputError("redshifts [m]", f"an array of shape {list(z.shape)}", "give one for each datum")
    if not np.isfinite(z).all() or (z <= 0).any():
        found = f"{z[~(z > 0)][0]:g}" if (~(z > 0)).any() else "infinity"
        raise InputError("redshifts above 0, whose distances have a logarithm", found, "leave out these data")
    if (z > FARTHEST).any():
        raise InputError(f"redshifts up to {FARTHEST:g}", f"{z.max():g}", "are these magnitudes or velocities in km/s?")
    return z


def checked_names(prior: Any, last: str) -> Prior:
    """Errors: InputError for a prior that is not of parameters of the universe, Ω_m among them, and of `last`."""
    own = make_prior(prior)
    if not {"Omega_m", last} <= set(own.names) <= {*UNIVERSE, last}:
        expected = f"a prior of Omega_m and {last}, and of Omega_k, w0, wa if you like"
        raise InputError(expected, ", ".join(own.names), "name the parameters so")
    low = float(own.range.low[own.names.index("Omega_m")])
    if not low >= 0:
        raise InputError("Omega_m above 0 by its prior", f"{low:g}", "give for example dist.Uniform(0.05, 0.95)")
    return own
