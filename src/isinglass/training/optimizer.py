# SPDX-License-Identifier: Apache-2.0
"""Optimizers, theta_{t+1} = theta_t - eta_t u(g_t): which direction u, which schedule eta_t."""

from collections.abc import Callable
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import optax

from isinglass.training.muon import scale_by_muon

__all__ = ["Optimizer"]

NAMES = ("sgd", "momentum", "adam", "adamw", "muon")
SCHEDULES = ("constant", "cosine", "exponential", "one-cycle")


class Optimizer(eqx.Module):
    """theta <- theta - eta(t) u(g), u one of SGD, momentum, Adam, AdamW, Muon (of matrices; Adam of all else).

    `weight_decay` adds (lambda/2) |W|^2 to the loss for "sgd", "momentum" and "adam", so that its minimum is the ridge
    solution; for "adamw" and "muon" it shrinks them apart from the gradient's scaling: W <- W - eta lambda W.  Only
    matrices and kernels (two axes or more) decay, never biases and norms.
    `clip` bounds the gradient's norm, g <- g min(1, clip / |g|), before everything else.
    Ref: Kingma and Ba 2014, arXiv:1412.6980; Loshchilov and Hutter 2017, arXiv:1711.05101; of Muon
    `training.muon`.
    """

    name: Literal["sgd", "momentum", "adam", "adamw", "muon"] = "adam"
    learning_rate: float = 1e-3
    schedule: Literal["constant", "cosine", "exponential", "one-cycle"] = "constant"
    warmup: int = 0  # steps of linear growth from 0 to learning_rate
    decay: float = 0.01  # exponential: final / initial learning rate
    weight_decay: float = 0.0
    clip: float | None = None
    momentum: float = 0.9  # of "momentum"; the first moment of Adam; of "muon", whose matrices want 0.95 and more

    def __check_init__(self):
        if self.name not in NAMES:
            raise ValueError(f"expected an optimizer among {', '.join(NAMES)}; found {self.name!r}; choose one.")
        if self.schedule not in SCHEDULES:
            raise ValueError(f"expected a schedule among {', '.join(SCHEDULES)}; found {self.schedule!r}; choose one.")
        if not self.learning_rate > 0:
            raise ValueError(f"expected learning_rate > 0; found {self.learning_rate}; try 1e-3.")

    @property
    def by_array(self) -> bool:
        """Whether steps depend on which numbers are in one array."""
        return self.name == "muon"

    def rate(self, steps: int) -> optax.Schedule:
        """eta(t) for a budget of `steps`."""
        eta, rest = self.learning_rate, max(1, steps - self.warmup)
        if self.schedule == "one-cycle":
            return optax.cosine_onecycle_schedule(steps, eta, pct_start=max(self.warmup / steps, 0.3))
        if self.schedule == "cosine":
            after = optax.cosine_decay_schedule(eta, rest)
        elif self.schedule == "exponential":
            after = optax.exponential_decay(eta, rest, self.decay)
        else:
            after = optax.constant_schedule(eta)
        if self.warmup == 0:
            return after
        return optax.join_schedules([optax.linear_schedule(0.0, eta, self.warmup), after], [self.warmup])

    def transformation(
        self, steps: int, shrinks: Callable[[optax.Params], optax.Params] | None = None
    ) -> optax.GradientTransformation:
        """The same as an optax transformation, for a budget of `steps`; `shrinks` tells which parameters decay."""
        decay = optax.add_decayed_weights(self.weight_decay, mask=shrinks or is_matrix) if self.weight_decay else None
        direction = {
            "sgd": None,
            "momentum": optax.trace(self.momentum),
            "adam": optax.scale_by_adam(b1=self.momentum),
            "adamw": optax.scale_by_adam(b1=self.momentum),
            "muon": optax.partition({True: scale_by_muon(self.momentum), False: optax.scale_by_adam()}, has_two_sides),
        }[self.name]
        order = [direction, decay] if self.name in ("adamw", "muon") else [decay, direction]
        clip = None if self.clip is None else optax.clip_by_global_norm(self.clip)
        chain = [clip, *order, scale_by_rate(self.rate(steps))]
        return relaxed(optax.chain(*(part for part in chain if part is not None)))


def is_matrix(params: optax.Params) -> optax.Params:
    """True for the arrays with two axes or more: those that weight decay shrinks."""
    return jax.tree.map(lambda leaf: leaf.ndim > 1, params)


def has_two_sides(params: optax.Params) -> optax.Params:
    """True for arrays of matrices with two rows and two columns or more: one row has no directions to tell apart."""
    return jax.tree.map(lambda leaf: leaf.ndim > 1 and min(leaf.shape[-2:]) > 1, params)


def relaxed(transformation: optax.GradientTransformation) -> optax.GradientTransformation:
    """The same, where the caller has made JAX's type promotion strict: optax raises floats to integer powers."""

    def update(updates, state, params=None):
        with jax.numpy_dtype_promotion("standard"):
            return transformation.update(updates, state, params)

    return optax.GradientTransformation(transformation.init, update)


def scale_by_rate(rate: optax.Schedule) -> optax.GradientTransformation:
    """Updates u -> -eta(t) u, in the type of u."""

    def init(params):
        del params
        return optax.ScaleByScheduleState(count=jnp.zeros([], jnp.int32))

    def update(updates, state, params=None):
        del params
        eta = rate(state.count)
        updates = jax.tree.map(lambda u: -jnp.asarray(eta, u.dtype) * u, updates)
        return updates, optax.ScaleByScheduleState(count=state.count + 1)

    return optax.GradientTransformation(init, update)
