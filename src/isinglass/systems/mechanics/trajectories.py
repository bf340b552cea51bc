# SPDX-License-Identifier: Apache-2.0
"""Trajectories in phase space: what was seen of a motion, whose equations are wanted."""

import equinox as eqx
import numpy as np
from jaxtyping import Float

from isinglass.errors import InputError

__all__ = ["Trajectories"]

FEWEST = 3  # times of a trajectory


class Trajectories(eqx.Module):
    """y(t_k) = (q, p) of n motions of one system at the same times; where known, the derivatives dy/dt as well.

    Shape: t [times], y and rate [n, times, 2d].  In place of p there may be velocities, `velocities=True`: then a
    Lagrangian network knows what to do with them, while a Hamiltonian one is right only if p = v, equal masses of 1.
    `angles`: the coordinates q_i that are angles, in radian, wrapped around or not.  `bodies`: of how many bodies q are
    the places, one after the other, where only their differences matter.  `isotropic`: no direction is special.
    Errors: InputError for shapes that do not fit, times that do not ascend, numbers that are not finite.
    """

    t: Float[np.ndarray, " times"]
    y: Float[np.ndarray, "n times phase"]
    rate: Float[np.ndarray, "n times phase"] | None
    angles: tuple[int, ...] = eqx.field(static=True)
    velocities: bool = eqx.field(static=True)
    bodies: int = eqx.field(static=True)
    isotropic: bool = eqx.field(static=True)

    def __init__(
        self, t, y, rate=None, *, angles: tuple[int, ...] = (), velocities: bool = False, bodies: int = 1,
        isotropic: bool = False,
    ):  # fmt: skip
        self.t, self.y = np.asarray(t, float), np.asarray(y, float)
        self.y = self.y[None] if self.y.ndim == 2 else self.y
        self.rate = None if rate is None else np.asarray(rate, float).reshape(self.y.shape)
        self.angles, self.velocities, self.bodies, self.isotropic = tuple(angles), velocities, bodies, isotropic
        shape = f"t {list(self.t.shape)}, y {list(self.y.shape)}"
        if self.y.ndim != 3 or self.y.shape[1:2] != self.t.shape or self.y.shape[2] % 2 or not self.y.size:
            raise InputError("t [times] and y [n, times, 2d] = (q, p)", shape, "give q and p at every time")
        if len(self.t) < FEWEST or (np.diff(self.t) <= 0).any() or not np.isfinite(self.t).all():
            raise InputError(f"{FEWEST} times or more that ascend", shape, "sort them, and leave out repeats")
        for name, a in (("y", self.y), ("rate", self.rate)):
            if a is not None and not np.isfinite(a).all():
                raise InputError(f"finite numbers in {name}", f"{(~np.isfinite(a)).sum()} that are not", "cut them out")
        if self.angles and not set(self.angles) <= set(range(self.degrees)):
            raise InputError(f"angles among 0 ... {self.degrees - 1}", str(self.angles), "count coordinates from 0")
        if self.bodies < 1 or self.degrees % self.bodies or ((self.bodies > 1 or isotropic) and self.angles):
            found = f"{self.bodies} bodies for {self.degrees} coordinates, {len(self.angles)} of them angles"
            raise InputError("the places of bodies in as many dimensions each, no angles", found, "leave bodies out")

    @property
    def degrees(self) -> int:
        """Degrees of freedom d."""
        return self.y.shape[2] // 2

    def rows(self, which: np.ndarray | slice) -> "Trajectories":
        """Those motions alone."""
        rate = None if self.rate is None else self.rate[which]
        return self.like(self.t, self.y[which], rate)

    def like(self, t, y, rate=None) -> "Trajectories":
        """Other motions of the same coordinates."""
        return Trajectories(t, y, rate, angles=self.angles, velocities=self.velocities, bodies=self.bodies,
                            isotropic=self.isotropic)  # fmt: skip

    def in_pieces(self, pieces: int) -> "Trajectories":
        """Each motion cut into pieces of equal duration, as motions of their own; only for equally spaced times."""
        length = len(self.t) // pieces
        cut = lambda a: None if a is None else a[:, : pieces * length].reshape(-1, length, a.shape[2])  # noqa: E731
        t = self.t[:length] - self.t[0]
        return self.like(t, cut(self.y), cut(self.rate))
