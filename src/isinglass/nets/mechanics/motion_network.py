# SPDX-License-Identifier: Apache-2.0
"""Equations of motion by a network: of a Hamiltonian, of a Lagrangian, or of no structure at all."""

from collections.abc import Sequence
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.layer.mlp import MLP
from isinglass.nets.mechanics.phase_space import AbstractMotion, PhaseSpace
from isinglass.symmetry.symplectic import hamiltonian_field

__all__ = ["HamiltonianNetwork", "LagrangianNetwork", "PlainMotion", "motion_network"]


class HamiltonianNetwork(AbstractMotion):
    """dq/dt = ∂H/∂p, dp/dt = -∂H/∂q, H = ε (p²/2w² + net(z)): smooth for a smooth activation.

    Law: H is conserved, and the flow is symplectic, whatever the weights.  Cost: a gradient of the network.
    Ref: Greydanus, Dzamba and Yosinski 2019, arXiv:1906.01563.
    """

    net: MLP
    space: PhaseSpace
    hidden: tuple[int, ...] = eqx.field(static=True)
    activation: str = eqx.field(static=True)
    dtype: str = eqx.field(static=True)

    def __init__(
        self, *, key: Key[Array, ""], space: PhaseSpace, hidden: Sequence[int] = (64, 64), activation: str = "tanh",
        dtype: str = "float64",
    ):  # fmt: skip
        self.space, self.hidden, self.activation, self.dtype = space, tuple(hidden), activation, dtype
        self.net = MLP(key=key, in_shape=space.invariants, out=1, hidden=hidden, activation=activation, dtype=dtype)

    def energy(self, y: Float[Array, " phase"]) -> Float[Array, ""]:
        p = y[self.space.degrees :] / jnp.asarray(self.space.width[self.space.degrees :], y.dtype)
        return self.space.energy * ((p * p).sum() / 2 + self.net(self.space.of_energy(y))[0])

    def __call__(self, y: Float[Array, " phase"], *, key: Key[Array, ""] | None = None) -> Float[Array, " phase"]:
        return hamiltonian_field(self.energy, y)


class LagrangianNetwork(AbstractMotion):
    """d²q/dt² = (∂²L/∂v²)⁻¹ (∂L/∂q - ∂²L/∂v∂q v), y = (q, v), L = ε (v²/2w² + net(z)): no momenta are needed.

    Law: v · ∂L/∂v - L is conserved, whatever the weights.  Cost: a Hessian of the network, d³ to solve.
    Ref: Cranmer et al. 2020, arXiv:2003.04630.
    """

    net: MLP
    space: PhaseSpace
    hidden: tuple[int, ...] = eqx.field(static=True)
    activation: str = eqx.field(static=True)
    dtype: str = eqx.field(static=True)

    def __init__(
        self, *, key: Key[Array, ""], space: PhaseSpace, hidden: Sequence[int] = (64, 64), activation: str = "softplus",
        dtype: str = "float64",
    ):  # fmt: skip
        self.space, self.hidden, self.activation, self.dtype = space, tuple(hidden), activation, dtype
        net = MLP(key=key, in_shape=space.invariants, out=1, hidden=hidden, activation=activation, dtype=dtype)
        self.net = eqx.tree_at(lambda m: m.layers[-1].weight, net, replace_fn=lambda w: 0.1 * w)

    def lagrangian(self, y: Float[Array, " phase"]) -> Float[Array, ""]:
        """L(q, v)."""
        v = y[self.space.degrees :] / jnp.asarray(self.space.width[self.space.degrees :], y.dtype)
        return self.space.energy * ((v * v).sum() / 2 + self.net(self.space.of_energy(y))[0])

    def energy(self, y: Float[Array, " phase"]) -> Float[Array, ""]:
        v = y[self.space.degrees :]
        return v @ jax.grad(self.lagrangian)(y)[self.space.degrees :] - self.lagrangian(y)

    def __call__(self, y: Float[Array, " phase"], *, key: Key[Array, ""] | None = None) -> Float[Array, " phase"]:
        d = self.space.degrees
        v, of_L, second = y[d:], jax.grad(self.lagrangian)(y), jax.hessian(self.lagrangian)(y)
        return jnp.concatenate([v, jnp.linalg.solve(second[d:, d:], of_L[:d] - second[d:, :d] @ v)])


class PlainMotion(AbstractMotion):
    """dy/dt = width/time net(z): conserves nothing.  The baseline."""

    net: MLP
    space: PhaseSpace
    hidden: tuple[int, ...] = eqx.field(static=True)
    activation: str = eqx.field(static=True)
    dtype: str = eqx.field(static=True)

    def __init__(
        self, *, key: Key[Array, ""], space: PhaseSpace, hidden: Sequence[int] = (64, 64), activation: str = "tanh",
        dtype: str = "float64",
    ):  # fmt: skip
        self.space, self.hidden, self.activation, self.dtype = space, tuple(hidden), activation, dtype
        out = 2 * space.degrees
        self.net = MLP(key=key, in_shape=space.features, out=out, hidden=hidden, activation=activation, dtype=dtype)

    def energy(self, y: Float[Array, " phase"]) -> None:
        return None

    def __call__(self, y: Float[Array, " phase"], *, key: Key[Array, ""] | None = None) -> Float[Array, " phase"]:
        return jnp.asarray(self.space.width, y.dtype) / self.space.time * self.net(self.space.encode(y))


MotionWord = Literal["hamiltonian", "lagrangian", "plain"]
BY_NAME = {"hamiltonian": HamiltonianNetwork, "lagrangian": LagrangianNetwork, "plain": PlainMotion}


def motion_network(
    key: Key[Array, ""], name: MotionWord, space: PhaseSpace, hidden: Sequence[int] = (64, 64)
) -> HamiltonianNetwork | LagrangianNetwork | PlainMotion:
    """The untrained network of this name."""
    return BY_NAME[name](key=key, space=space, hidden=hidden)
