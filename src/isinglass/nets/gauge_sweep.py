# SPDX-License-Identifier: Apache-2.0
"""Autoregressive gauge-equivariant flow for U(1) in two dimensions: plaquettes set one after the other along a path.

φ_k -> φ'_k = g_k(φ_k; R_k) for the k-th plaquette, where R_k is the loop around all plaquettes that are still to come, in
the new field; the link between the plaquettes k and k+1 turns by Σ_(m<=k) (φ'_m - φ_m), which does just that.  With g_k exact for every R_k the
flow is exact, since the plaquettes of two dimensions are independent but for their sum (`exact/u1.py`).
Gauge-equivariant moves of links by plaquettes: Kanwar et al. 2020, arXiv:2003.06413.
"""

from collections.abc import Sequence
from functools import lru_cache

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key

from isinglass.nets.circular_coupling import UniformAngles, circular_knots, halved, wrapped
from isinglass.nets.flow import AbstractBijection, Flow, Mapped
from isinglass.nets.rational_quadratic import Knots, spline, spline_inverse

__all__ = ["GaugeSweep", "gauge_sweep_flow", "snake"]


@lru_cache(maxsize=16)
def snake(shape: tuple[int, int]) -> tuple[Int[np.ndarray, " V"], Int[np.ndarray, " V_minus_1"], Float[np.ndarray, " V_minus_1"]]:
    """A path through all plaquettes, row by row and back: their flat numbers, the link between each and the next (flat
    number in θ), and the sign with which that link enters the first of the two.
    """  # fmt: skip
    Lx, Ly = shape
    path = [(i, j if i % 2 == 0 else Ly - 1 - j) for i in range(Lx) for j in range(Ly)]
    links, signs = [], []
    for (i, j), (i_next, j_next) in zip(path[:-1], path[1:], strict=True):
        down = i_next != i
        at = (i_next, j, 1) if down else (i, max(j, j_next), 0)
        links.append(np.ravel_multi_index(at, (Lx, Ly, 2)))
        signs.append(1.0 if down or j_next < j else -1.0)
    return np.array([i * Ly + j for i, j in path]), np.array(links), np.array(signs, np.float32)


class GaugeSweep(AbstractBijection):
    """θ_l(k) -> θ_l(k) ± Σ_(m<=k) (φ'_m - φ_m), k = 1 ... V-1, ln|det| = Σ_k ln g_k'.

    g_k: a monotone spline of the circle around the center R_k/(V-k+1), its equal share of what remains, and a turn, both
    linear in cos nR_k, sin nR_k, n <= `harmonics`; the identity at first.
    Shape: θ (Lx, Ly, 2), radian.  Law: f(θ^α) = f(θ)^α for every gauge transformation α.
    Cost: V steps one after the other forwards (scan), all at once backwards.
    """

    common: Float[Array, " outputs"]  # of all g_k
    weight: Float[Array, "steps features outputs"]  # their own
    shape: tuple[int, ...] = eqx.field(static=True)
    bins: int = eqx.field(static=True)
    harmonics: int = eqx.field(static=True)

    def __init__(self, *, shape: Sequence[int], bins: int = 8, harmonics: int = 3):
        self.shape, self.bins, self.harmonics = tuple(shape), bins, harmonics
        if len(self.shape) != 3 or self.shape[2] != 2 or min(self.shape) < 2:
            raise ValueError(f"expected links of shape (Lx, Ly, 2); found {self.shape}; use for example (8, 8, 2).")
        steps = self.shape[0] * self.shape[1] - 1
        self.common = jnp.zeros(3 * bins + 1, jnp.float32)
        self.weight = jnp.zeros((steps, 1 + 2 * harmonics, 3 * bins + 1), jnp.float32)

    def forward(self, z: Float[Array, "*site"]) -> Mapped:
        """Plaquette after plaquette."""
        path, _, _ = snake(self.shape[:2])
        first = flux(z).ravel()[path[:-1]]

        def step(R, at):  # R: the loop around what remains
            phi, weight, rest = at
            center, turn, k = self.settings(weight, R, rest)
            image, log_slope = spline(wrapped(phi - center), k, jnp.pi)
            image = wrapped(image + center + turn)
            return wrapped(R - image), (image - phi, log_slope)

        start = jnp.zeros((), z.dtype)
        _, (change, log_slope) = jax.lax.scan(step, start, (first, self.weight, self.remaining(z.dtype)))
        return turned(z, change), jnp.sum(log_slope)

    def inverse(self, x: Float[Array, "*site"]) -> Mapped:
        """All at once: the plaquettes of x tell every R_k."""
        path, _, _ = snake(self.shape[:2])
        image = wrapped(flux(x).ravel()[path[:-1]])
        R = wrapped(image - jnp.cumsum(image))
        center, turn, k = jax.vmap(self.settings)(self.weight, R, self.remaining(x.dtype))
        offset, log_slope = spline_inverse(wrapped(image - center - turn), k, jnp.pi)
        return turned(x, offset + center - image), jnp.sum(log_slope)

    def remaining(self, dtype) -> Float[Array, " steps"]:
        """V - k + 1: how many plaquettes are still free, this one included."""
        return jnp.arange(len(self.weight) + 1, 1, -1, dtype=dtype)

    def settings(
        self, weight: Float[Array, "features outputs"], R: Float[Array, ""], rest: Float[Array, ""]
    ) -> tuple[Float[Array, ""], Float[Array, ""], Knots]:
        """Center, turn and knots of g_k."""
        nR = jnp.arange(1, self.harmonics + 1, dtype=R.dtype) * R
        features = jnp.concatenate([jnp.ones(1, R.dtype), jnp.cos(nR), jnp.sin(nR)]) * (2 / rest)
        turn, *spans = jnp.split(self.common + features @ weight, [1, 1 + self.bins, 1 + 2 * self.bins])
        return 2 * halved(R) / rest, turn[0], circular_knots(*spans)


def flux(x: Float[Array, "Lx Ly 2"]) -> Float[Array, "Lx Ly"]:
    """θ_p = θ_1(n) + θ_2(n+1) - θ_1(n+2) - θ_2(n)."""
    one, two = x[..., 0], x[..., 1]
    return one + jnp.roll(two, -1, axis=0) - jnp.roll(one, -1, axis=1) - two


def turned(x: Float[Array, "*site"], change: Float[Array, " steps"]) -> Float[Array, "*site"]:
    """The plaquettes of the path changed by `change`: each link turns by the sum of all changes up to its step."""
    _, links, signs = snake(x.shape[:2])
    number = np.full(x.size, len(change))
    number[links] = np.arange(len(change))  # which step turns a link; the last, empty one turns the others
    by = jnp.cumsum(change) * jnp.asarray(signs, change.dtype)
    return wrapped(x + jnp.append(by, jnp.zeros((), by.dtype))[number].reshape(x.shape))


def gauge_sweep_flow(shape: Sequence[int], *, bins: int = 8, harmonics: int = 3) -> Flow:
    """Uniform links (the Haar measure), then one sweep.  `shape`: that of the links, (Lx, Ly, 2)."""
    return Flow(UniformAngles(tuple(shape)), GaugeSweep(shape=shape, bins=bins, harmonics=harmonics))
