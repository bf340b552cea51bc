# SPDX-License-Identifier: Apache-2.0
"""Templates at a few frequencies as polynomials of the masses, which are compiled and computed at once.

h̃ = A(M, q) exp i[ψ(M, q) + φ - 2π (f - f_0) t]/D, A and ψ interpolated at Chebyshev's nodes.  Refs: Field et al. 2014,
arXiv:1308.3565; phases relative to those of one template are smooth: Zackay et al. 2018, arXiv:1806.08792.
"""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

__all__ = ["DEGREE", "TemplateFit", "fit_nodes", "template_fit"]

DEGREE = 15


class TemplateFit(eqx.Module):
    """Real parts of h̃ at some frequencies, then imaginary ones.  Law: exact at the nodes."""

    frequency: Float[Array, " l"]
    reference: float = eqx.field(static=True)  # f_0, where φ is the phase whatever the time
    middle: Float[Array, "2"]  # of chirp mass and mass ratio
    half: Float[Array, "2"]  # of their ranges
    coefficients: Float[Array, "n2 two_l"]  # of A, then of ψ, one for each pair of powers

    def __call__(self, theta: Float[Array, "5"]) -> Float[Array, " two_l"]:
        u = (theta[:2] - self.middle) / self.half
        powers = jnp.cumprod(jnp.stack([jnp.ones(2), *[u] * DEGREE]), axis=0)
        amplitude, angle = jnp.split(jnp.outer(powers[:, 0], powers[:, 1]).ravel() @ self.coefficients, 2)
        angle = angle + theta[4] - 2 * jnp.pi * (self.frequency - self.reference) * theta[3]
        return jnp.concatenate([amplitude * jnp.cos(angle), amplitude * jnp.sin(angle)]) / theta[2]


def fit_nodes(low: Float[np.ndarray, "2"], high: Float[np.ndarray, "2"]) -> Float[np.ndarray, "n 5"]:
    """Parameters of the templates to interpolate between, D = 1, t = φ = 0; the last in the middle of the ranges."""
    u = np.append(chebyshev(), 0.0)
    inner = np.stack(np.meshgrid(u[:-1], u[:-1], indexing="ij"), axis=-1).reshape(-1, 2)
    masses = (low + high) / 2 + (high - low) / 2 * np.concatenate([inner, np.zeros((1, 2))])
    return np.concatenate([masses, np.ones((len(masses), 1)), np.zeros((len(masses), 2))], axis=1)


def template_fit(
    h: Complex[np.ndarray, "n k"], f: Float[np.ndarray, " k"], at: np.ndarray, low: Float[np.ndarray, "2"],
    high: Float[np.ndarray, "2"], reference: float,
) -> TemplateFit:  # fmt: skip
    """The polynomials through h̃ at `fit_nodes`, kept at some of the frequencies f.

    The phase that a template has more than the middle one is followed along f, from `reference`, where it is 0.
    """
    more = np.unwrap(np.angle(h * h[-1:].conj()), axis=1)
    begin = more[:, [int(np.argmin(np.abs(f - reference)))]]
    angle = more - 2 * np.pi * np.round(begin / (2 * np.pi)) + np.angle(h[-1])
    n = DEGREE + 1
    values = np.stack([np.abs(h), angle])[:, :-1, at].reshape(2, n, n, -1)
    solve = np.linalg.inv(np.vander(chebyshev(), increasing=True))
    coefficients = np.einsum("ai,bj,kijl->abkl", solve, solve, values).reshape(n * n, -1)
    kept = (f[at], (low + high) / 2, (high - low) / 2, coefficients)
    frequency, middle, half, c = map(jnp.asarray, kept)
    return TemplateFit(frequency, reference, middle, half, c)


def chebyshev() -> Float[np.ndarray, " n"]:
    """Nodes on [-1, 1]."""
    return np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
