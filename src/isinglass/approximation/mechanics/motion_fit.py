# SPDX-License-Identifier: Apache-2.0
"""An equation of motion from trajectories: by their derivatives, or by steps from each time to the next."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.nets.layer.runge_kutta import integrate
from isinglass.nets.mechanics.motion_network import MotionWord, motion_network
from isinglass.nets.mechanics.phase_space import PhaseSpace, phase_space
from isinglass.systems.mechanics.trajectories import Trajectories
from isinglass.training.fit import Trained, fit
from isinglass.training.setting import Training

__all__ = ["MotionError", "StepError", "fit_motion", "motion_rows", "slopes", "wrapped"]


class MotionError(eqx.Module):
    """⟨|f(y) - dy/dt|²⟩ in the units of phase space."""

    space: PhaseSpace

    def __call__(self, key: Key[Array, ""], model: Any, batch: tuple) -> Float[Array, ""]:
        """`batch`: states and derivatives [batch, 2d]."""
        del key
        y, rate = batch
        unit = jnp.asarray(self.space.width, y.dtype) / self.space.time
        return jnp.mean(((jax.vmap(model)(y) - rate) / unit[None]) ** 2)


class StepError(eqx.Module):
    """⟨|Φ_h(y_k) - y_(k+1)|²⟩/h² in the units of phase space, Φ_h a few steps of Runge and Kutta of order 4."""

    space: PhaseSpace
    substeps: int = eqx.field(static=True)

    def __call__(self, key: Key[Array, ""], model: Any, batch: tuple) -> Float[Array, ""]:
        """`batch`: states, those after them [batch, 2d], and the times between [batch]."""
        del key
        y, after, h = batch
        grid = lambda h: h * jnp.linspace(0.0, 1.0, self.substeps + 1, dtype=h.dtype)  # noqa: E731
        found = jax.vmap(lambda y, h: integrate(lambda y, s: model(y), y, grid(h)))(y, h)
        unit = jnp.asarray(self.space.width, y.dtype) / self.space.time
        return jnp.mean((wrapped(found - after, self.space.angles) / h[:, None] / unit[None]) ** 2)


def wrapped(difference: Any, angles: tuple[int, ...]) -> Any:
    """The same, those of angles in [-π, π)."""
    if not angles:
        return difference
    turns = np.zeros(difference.shape[-1])
    turns[list(angles)] = 2 * np.pi
    np_like = np if isinstance(difference, np.ndarray) else jnp
    row = np_like.asarray(turns, difference.dtype).reshape((1,) * (difference.ndim - 1) + (-1,))
    return difference - row * np_like.floor((difference + np.pi) / (2 * np.pi))


def slopes(data: Trajectories) -> Float[np.ndarray, "n times phase"]:
    """dy/dt where it is known, else by differences of second order; for units, not for training."""
    if data.rate is not None:
        return data.rate
    y = data.y.copy()
    y[..., list(data.angles)] = np.unwrap(y[..., list(data.angles)], axis=1)
    return np.gradient(y, data.t, axis=1)


def motion_rows(data: Trajectories) -> tuple[np.ndarray, ...]:
    """The rows that are trained on: (y, dy/dt), or (y_k, y_(k+1), h)."""
    flat = lambda a: a.reshape(-1, a.shape[-1])  # noqa: E731
    if data.rate is not None:
        return flat(data.y), flat(data.rate)
    h = np.broadcast_to(np.diff(data.t), (len(data.y), len(data.t) - 1))
    return flat(data.y[:, :-1]), flat(data.y[:, 1:]), h.reshape(-1)


class FittedMotion(NamedTuple):
    """A trained equation of motion."""

    model: Any
    trained: Trained


def fit_motion(
    key: Key[Array, ""],
    data: Trajectories,
    validation: Trajectories,
    name: MotionWord,
    *,
    settings: Training,
    hidden: tuple[int, ...] = (64, 64),
    substeps: int = 2,
    checkpoint: Path | None = None,
    progress: Callable | None = None,
) -> FittedMotion:
    """The network of this name, trained on all rows of `data`, the best of its blocks by those of `validation`."""
    key_net, key_fit = jax.random.split(key)
    flat = lambda a: a.reshape(-1, a.shape[-1])  # noqa: E731
    space = phase_space(flat(data.y), flat(slopes(data)), data.angles, velocities=data.velocities,
                        bodies=data.bodies, isotropic=data.isotropic)  # fmt: skip
    model = motion_network(key_net, name, space, hidden)
    loss = StepError(space, substeps) if data.rate is None else MotionError(space)
    trained = fit(key_fit, model, loss, motion_rows(data), settings=settings, validation=motion_rows(validation),
                  checkpoint=checkpoint, progress=progress)  # fmt: skip
    return FittedMotion(trained.model, trained)
