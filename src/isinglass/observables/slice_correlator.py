# SPDX-License-Identifier: Apache-2.0
"""The correlator of time slices at zero momentum, and the mass that it decays with."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

__all__ = ["pole_mass", "slice_correlator"]


def slice_correlator(x: Float[Array, "*site"], axis: int = 0) -> Float[Array, " half"]:
    """C(t) = (1/N) Σ_t0 Φ(t0) Φ(t0 + t), Φ(t) the sum over the slice t of an axis; t = 0 ... L/2.

    Law: the sum of the two-point function over the other axes; N <φ̄²> if summed over all t.
    Ref: Montvay and Münster 1994, doi:10.1017/CBO9780511470783, ch. 2.
    """
    slices = x.sum(axis=tuple(a for a in range(x.ndim) if a != axis))
    L = x.shape[axis]
    return jnp.stack([jnp.dot(slices, jnp.roll(slices, -t)) for t in range(L // 2 + 1)]) / x.size


def pole_mass(correlator: Float[np.ndarray, "*n half"]) -> Float[np.ndarray, "*n"]:
    """m_p from C(t) ∝ cosh(m_p (t - L/2)): cosh m_p = C(L/2 - 1) / C(L/2), where the lightest state alone is left.

    Unit: 1/lattice spacing.  L even.  Law: free field, cosh m_p = 1 + m²/2.
    """
    return np.asarray(np.arccosh(np.maximum(correlator[..., -2] / correlator[..., -1], 1.0)))
