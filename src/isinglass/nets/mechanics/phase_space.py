# SPDX-License-Identifier: Apache-2.0
"""Networks that are an equation of motion, y -> dy/dt, and the units of phase space that they work in."""

from abc import abstractmethod

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

__all__ = ["AbstractMotion", "PhaseSpace", "phase_space"]

LEAST = 1e-12  # a coordinate that varies by less, relative to the largest, keeps the unit of that one


class PhaseSpace(eqx.Module):
    """Center and width of every number of y = (q, p), a unit of time, and which coordinates are angles.

    `bodies`: n bodies whose common position does not matter, q = (q_1, ..., q_n): a network sees differences alone.
    `isotropic`: the energy is the same for all directions of space, a function of lengths and angles.
    Law: z = (y - center)/width is of order one, and so is dz/d(t/time).
    """

    center: tuple[float, ...] = eqx.field(static=True)
    width: tuple[float, ...] = eqx.field(static=True)
    time: float = eqx.field(static=True)
    angles: tuple[int, ...] = eqx.field(static=True, default=())
    bodies: int = eqx.field(static=True, default=1)
    isotropic: bool = eqx.field(static=True, default=False)

    @property
    def degrees(self) -> int:
        """Degrees of freedom d."""
        return len(self.center) // 2

    @property
    def energy(self) -> float:
        """The unit of H, that of q p by that of t."""
        q, p = np.split(np.asarray(self.width), 2)
        return float(np.mean(q * p) / self.time)

    @property
    def features(self) -> int:
        """Numbers that a network is given."""
        if self.bodies > 1:
            return self.degrees + self.degrees * (self.bodies - 1) // 2
        return 2 * self.degrees + len(self.angles)

    @property
    def invariants(self) -> int:
        """Numbers that an energy is a function of."""
        vectors = self.bodies + (self.bodies * (self.bodies - 1) // 2 if self.bodies > 1 else 1)
        return vectors * (vectors + 1) // 2 if self.isotropic else self.features

    def of_energy(self, y: Float[Array, " phase"]) -> Float[Array, " invariants"]:
        """What an energy is a function of: z, or the products of all vectors among q, or q_i - q_j, and p.

        Law: of products H conserves the angular momentum, of differences the momentum, by Noether.
        """
        if not self.isotropic:
            return self.encode(y)
        q, p = (a.reshape(self.bodies, -1) for a in jnp.split(y, 2))
        i, j = np.triu_indices(self.bodies, 1)
        v = jnp.concatenate([(q[i] - q[j] if self.bodies > 1 else q) / self.width[0], p / self.width[-1]])
        a, b = np.triu_indices(len(v))
        return (v[a] * v[b]).sum(axis=1)

    def encode(self, y: Float[Array, " phase"]) -> Float[Array, " features"]:
        """z; of an angle its cosine and sine; of bodies q_i - q_j.  Law: unchanged where an angle grows by 2π."""
        z = (y - jnp.asarray(self.center, y.dtype)) / jnp.asarray(self.width, y.dtype)
        if self.bodies > 1:
            q, (i, j) = y[: self.degrees].reshape(self.bodies, -1), np.triu_indices(self.bodies, 1)
            return jnp.concatenate([(q[i] - q[j]).reshape(-1) / self.width[0], z[self.degrees :]])
        if not self.angles:
            return z
        at = np.asarray(self.angles)
        others = np.setdiff1d(np.arange(len(self.center)), at)
        return jnp.concatenate([z[others], jnp.cos(y[at]), jnp.sin(y[at])])


class AbstractMotion(eqx.Module):
    """dy/dt = f(y) by a network; `vmap` for many states."""

    space: eqx.AbstractVar[PhaseSpace]

    @abstractmethod
    def __call__(self, y: Float[Array, " phase"], *, key: Key[Array, ""] | None = None) -> Float[Array, " phase"]:
        """dy/dt; `key` is not used."""

    @abstractmethod
    def energy(self, y: Float[Array, " phase"]) -> Float[Array, ""] | None:
        """The energy that the network conserves, up to a constant; None where it conserves none."""


def phase_space(
    y: Float[np.ndarray, "n phase"], rate: Float[np.ndarray, "n phase"], angles: tuple[int, ...] = (), *,
    velocities: bool = False, bodies: int = 1, isotropic: bool = False,
) -> PhaseSpace:  # fmt: skip
    """The units of these states; the q share one width, and so do the p, so that no direction is preferred.

    With velocities in place of p, their width is that of q by the unit of time.
    """
    q, p = np.split(np.asarray(y, float), 2, axis=1)
    of_q, of_p = (float(np.sqrt(a.var(axis=0).mean())) for a in (q, p))
    largest = max(of_q, of_p)
    of_q, of_p = max(of_q, LEAST * largest), max(of_p, LEAST * largest)
    dq, dp = np.split(np.asarray(rate, float), 2, axis=1)
    speed = float(np.sqrt(((dq / of_q) ** 2).mean() / 2 + ((dp / of_p) ** 2).mean() / 2))
    center = np.concatenate([q.mean(axis=0), np.zeros(p.shape[1]) if velocities else p.mean(axis=0)])
    width = [of_q] * q.shape[1] + [of_p] * p.shape[1]
    return PhaseSpace(tuple(center.tolist()), tuple(width), 1 / max(speed, LEAST), tuple(angles), bodies, isotropic)
