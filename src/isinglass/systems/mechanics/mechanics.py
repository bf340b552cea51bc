# SPDX-License-Identifier: Apache-2.0
"""What a mechanical problem is: a Hamiltonian of phase space y = (q, p), and states to start from."""

from abc import abstractmethod
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.symmetry.symplectic import gauss_step, hamiltonian_field, orbit
from isinglass.systems.mechanics.trajectories import Trajectories

__all__ = ["AbstractMechanics", "simulated"]

STAGES = 4  # of the Gauss steps of what is simulated: order 8


class AbstractMechanics(eqx.Module):
    """dq/dt = ∂H/∂p, dp/dt = -∂H/∂q.  Law: H is conserved."""

    angles: ClassVar[tuple[int, ...]] = ()  # the coordinates that are angles

    @property
    @abstractmethod
    def degrees(self) -> int:
        """Degrees of freedom d: y has 2d numbers, q then p."""

    @property
    @abstractmethod
    def time_scale(self) -> float:
        """A typical period."""

    @abstractmethod
    def hamiltonian(self, y: Float[Array, " phase"]) -> Float[Array, ""]:
        """H(q, p)."""

    @abstractmethod
    def random_state(self, key: Key[Array, ""]) -> Float[Array, " phase"]:
        """A state to start from, of the kind that is meant by the problem."""

    def vector_field(self, t: Float[Array, ""] | float, y: Float[Array, " phase"]) -> Float[Array, " phase"]:
        """dy/dt = (∂H/∂p, -∂H/∂q); t does not matter."""
        del t
        return hamiltonian_field(self.hamiltonian, y)


def simulated(
    key: Key[Array, ""], system: AbstractMechanics, n: int, times: Float[np.ndarray, " times"], substeps: int = 10, *,
    bodies: int = 1, isotropic: bool = False,
) -> Trajectories:  # fmt: skip
    """n motions from random states at equally spaced times, by Gauss steps of order 8, with their derivatives."""
    every = float(times[1] - times[0])
    f = lambda y: system.vector_field(0.0, y)  # noqa: E731
    step = lambda y: gauss_step(f, y, every / substeps, STAGES)  # noqa: E731

    @eqx.filter_jit
    def motions(keys):
        starts = jax.vmap(system.random_state)(keys)
        y = jax.vmap(lambda y: orbit(step, y, len(times), substeps))(starts.astype(jnp.float64))
        return y, jax.vmap(jax.vmap(f))(y)

    y, rate = (np.asarray(a) for a in motions(jax.random.split(key, n)))
    return Trajectories(np.asarray(times, float), y, rate, angles=system.angles, bodies=bodies, isotropic=isotropic)
