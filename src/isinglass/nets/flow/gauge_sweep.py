# SPDX-License-Identifier: Apache-2.0
"""Autoregressive gauge-equivariant flow for U(1) in two dimensions: plaquettes set one after the other along a path.

φ_k -> φ'_k = g_k(φ_k; R_k) for the k-th plaquette, where R_k is the loop around all plaquettes still to come, in the
new field; the link between the plaquettes k and k+1 is rotated by Σ_(m<=k) (φ'_m - φ_m), which achieves it.  With g_k
exact for every R_k the flow is exact, since the plaquettes of two dimensions are independent but for their sum
(`exact/u1.py`).
Gauge-equivariant moves of links by plaquettes: Kanwar et al. 2020, arXiv:2003.06413.
"""

from collections.abc import Sequence
from functools import lru_cache

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from isinglass.nets.flow.circular_coupling import UniformAngles, circular_knots, halved, wrapped
from isinglass.nets.flow.flow import AbstractBijection, Flow, Mapped
from isinglass.nets.layer.rational_quadratic import Knots, spline, spline_inverse

__all__ = ["GaugeSweep", "gauge_sweep_flow", "snake"]

SMALLEST = 1e-4  # share of the circle that every bin keeps: plaquettes far from 0 are rare at large β


@lru_cache(maxsize=16)
def snake(
    shape: tuple[int, int],
) -> tuple[Int[np.ndarray, " V"], Int[np.ndarray, " V_minus_1"], Float[np.ndarray, " V_minus_1"]]:
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

    g_k is a monotone spline of the circle: the same for all plaquettes but the last ones, at most `aware`, which alone
    need to know R_k (the others depend on it only as (I_1/I_0)^(V-k)).  There its center is the equal share R_k/(V-k+1)
    of what remains, and knots and a rotation are linear in cos nR_k, sin nR_k, n <= `harmonics`.  First the identity.
    Shape: θ (Lx, Ly, 2), radian.  Law: f(θ^α) = f(θ)^α for every gauge transformation α.
    Cost: `aware` steps one after the other forwards, all at once backwards.
    """

    common: Float[Array, " outputs"]  # of all g_k
    weight: Float[Array, "aware features outputs"]  # what the last ones add
    shape: tuple[int, ...] = eqx.field(static=True)
    aware: int = eqx.field(static=True)
    bins: int = eqx.field(static=True)
    harmonics: int = eqx.field(static=True)

    def __init__(self, *, shape: Sequence[int], aware: int = 20, bins: int = 8, harmonics: int = 3):
        self.shape, self.bins, self.harmonics = tuple(shape), bins, harmonics
        if len(self.shape) != 3 or self.shape[2] != 2 or min(self.shape) < 2:
            raise ValueError(f"expected links of shape (Lx, Ly, 2); found {self.shape}; use for example (8, 8, 2).")
        self.aware = min(aware, self.shape[0] * self.shape[1] - 1)
        self.common = jnp.zeros(3 * bins + 1, jnp.float32)
        self.weight = jnp.zeros((self.aware, 1 + 2 * harmonics, 3 * bins + 1), jnp.float32)

    def forward(self, z: Float[Array, "*site"]) -> Mapped:
        """The first plaquettes at once, the last one after the other."""
        path, _, _ = snake(self.shape[:2])
        phi = flux(z).ravel()[path[:-1]]
        free, bound = phi[: -self.aware], phi[-self.aware :]
        rotation, k = self.parameters(self.common)
        image, log_slope = spline(wrapped(free), broadcast(k, free.size), jnp.pi)
        first = image + rotation

        def step(R, at):
            phi, weight, rest = at
            center, k = self.settings(weight, R, rest)
            image, log_slope = spline(wrapped(phi - center[0]), k, jnp.pi)
            image = wrapped(image + center[1])
            return wrapped(R - image), (image, log_slope)

        start = wrapped(-jnp.sum(wrapped(first)))
        _, (last, log_slopes) = jax.lax.scan(step, start, (bound, self.weight, self.remaining(z.dtype)))
        return rotated(z, jnp.concatenate([first, last]) - phi), jnp.sum(log_slope) + jnp.sum(log_slopes)

    def inverse(self, x: Float[Array, "*site"]) -> Mapped:
        """All at once: the plaquettes of x give every R_k."""
        path, _, _ = snake(self.shape[:2])
        image = wrapped(flux(x).ravel()[path[:-1]])
        R = wrapped(image - jnp.cumsum(image))[-self.aware :]
        rotation, k = self.parameters(self.common)
        free = image[: -self.aware]
        first, log_slope = spline_inverse(wrapped(free - rotation), broadcast(k, free.size), jnp.pi)
        center, k = jax.vmap(self.settings)(self.weight, R, self.remaining(x.dtype))
        last, log_slopes = spline_inverse(wrapped(image[-self.aware :] - center[:, 1]), k, jnp.pi)
        phi = jnp.concatenate([first, last + center[:, 0]])
        return rotated(x, phi - image), jnp.sum(log_slope) + jnp.sum(log_slopes)

    def remaining(self, dtype) -> Float[Array, " aware"]:
        """V - k + 1: how many plaquettes are still free, this one included."""
        return jnp.arange(self.aware + 1, 1, -1, dtype=dtype)

    def settings(
        self, weight: Float[Array, "features outputs"], R: Float[Array, ""], rest: Float[Array, ""]
    ) -> tuple[Float[Array, " 2"], Knots]:
        """The center of g_k before and after, which differ by the rotation, and its knots."""
        nR = jnp.arange(1, self.harmonics + 1, dtype=R.dtype) * R
        features = jnp.concatenate([jnp.ones(1, R.dtype), jnp.cos(nR), jnp.sin(nR)]) * (2 / rest)
        rotation, k = self.parameters(self.common + features @ weight)
        share = 2 * halved(R) / rest
        return jnp.stack([share, share + rotation]), k

    def parameters(self, outputs: Float[Array, " outputs"]) -> tuple[Float[Array, ""], Knots]:
        """The rotation and the knots of one g_k."""
        rotation, *spans = jnp.split(outputs, [1, 1 + self.bins, 1 + 2 * self.bins])
        w, h, d = spans
        return rotation[0], circular_knots(w, h, d, SMALLEST)


def broadcast(k: Knots, n: int) -> Knots:
    """The same knots n times."""
    return Knots(*(jnp.broadcast_to(part, (n, part.size)) for part in k))


def flux(x: Float[Array, "Lx Ly 2"]) -> Float[Array, "Lx Ly"]:
    """θ_p = θ_1(n) + θ_2(n+1) - θ_1(n+2) - θ_2(n)."""
    one, two = x[..., 0], x[..., 1]
    return one + jnp.roll(two, -1, axis=0) - jnp.roll(one, -1, axis=1) - two


def rotated(x: Float[Array, "*site"], change: Float[Array, " steps"]) -> Float[Array, "*site"]:
    """The plaquettes of the path changed by `change`: each link is rotated by the sum of all changes up to its step."""
    _, links, signs = snake(x.shape[:2])
    number = np.full(x.size, len(change))
    number[links] = np.arange(len(change))  # which step rotates a link; the last, empty one is that of the others
    by = jnp.cumsum(wrapped(change)) * jnp.asarray(signs, change.dtype)
    return wrapped(x + jnp.append(by, jnp.zeros((), by.dtype))[number].reshape(x.shape))


def gauge_sweep_flow(shape: Sequence[int], *, aware: int = 20, bins: int = 8, harmonics: int = 3) -> Flow:
    """Uniform links (the Haar measure), then one sweep.  `shape`: that of the links, (Lx, Ly, 2)."""
    return Flow(UniformAngles(tuple(shape)), GaugeSweep(shape=shape, aware=aware, bins=bins, harmonics=harmonics))
