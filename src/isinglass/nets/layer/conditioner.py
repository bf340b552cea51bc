# SPDX-License-Identifier: Apache-2.0
"""Conditioners: what a coupling layer computes from the still half of the lattice for each site of the moved half.

Two kinds of output for each moved site: `even` ones and `odd` ones.  With `z2`, even(-y) = even(y) and
odd(-y) = -odd(y), exactly: the trunk h = tanh(W ...) has no biases and is odd; odd outputs are linear in h, even ones
linear in h².  Without it both are general.  The last layer begins at zero, so that a flow begins at the identity.
With `angle` the variables enter as cos y and sin y, so that the outputs are 2π-periodic.
"""

from abc import abstractmethod
from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.layer.sublattice import halves, neighborhood, neighbors_of

__all__ = ["AbstractConditioner", "DenseConditioner", "LocalConditioner"]

Outputs = tuple[Float[Array, "moved even"], Float[Array, "moved odd"]]


class AbstractConditioner(eqx.Module):
    """(even, odd) outputs for each moved site, from the field on the still sites."""

    @abstractmethod
    def __call__(self, still: Float[Array, " still"]) -> Outputs:
        """Shape: [moved sites, number of outputs] each."""


def features(y: Float[Array, "*n k"], *, angle: bool) -> Float[Array, "*n inputs"]:
    """y, or cos y and sin y side by side."""
    return jnp.concatenate([jnp.cos(y), jnp.sin(y)], axis=-1) if angle else y


def check_symmetry(*, z2: bool, angle: bool) -> None:
    """Errors: ValueError for z2 with angles, as cos y is not odd."""
    if z2 and angle:
        raise ValueError("expected z2 or angle; found both; angles have no built-in reflection, use z2=False.")


class Trunk(eqx.Module):
    """h_(l+1) = tanh(W_l h_l + b_l), acting on the last axis; without biases it is odd."""

    weights: tuple[Float[Array, "in out"], ...]
    biases: tuple[Float[Array, " out"], ...] | None

    def __init__(self, key: Key[Array, ""], widths: Sequence[int], *, odd: bool):
        """Weights of variance 1 / fan-in."""
        keys = jax.random.split(key, len(widths) - 1)
        shapes = zip(widths[:-1], widths[1:], strict=True)
        scaled = lambda k, n, m: jax.random.normal(k, (n, m), jnp.float32) / jnp.sqrt(jnp.float32(n))  # noqa: E731
        self.weights = tuple(scaled(k, n, m) for k, (n, m) in zip(keys, shapes, strict=True))
        self.biases = None if odd else tuple(jnp.zeros(m, jnp.float32) for m in widths[1:])

    def __call__(self, h: Float[Array, "... in"]) -> Float[Array, "... out"]:
        """The last hidden layer."""
        for i, weight in enumerate(self.weights):
            h = h @ weight
            if self.biases is not None:
                h = h + jnp.broadcast_to(self.biases[i], h.shape)
            h = jnp.tanh(h)
        return h


class Head(eqx.Module):
    """W h + b, zero at first; no bias where the result must be odd."""

    weight: Float[Array, "in out"]
    bias: Float[Array, " out"] | None

    def __init__(self, n: int, m: int, *, odd: bool):
        self.weight = jnp.zeros((n, m), jnp.float32)
        self.bias = None if odd else jnp.zeros(m, jnp.float32)

    def __call__(self, h: Float[Array, "... in"]) -> Float[Array, "... out"]:
        """Linear on the last axis."""
        y = h @ self.weight
        return y if self.bias is None else y + jnp.broadcast_to(self.bias, y.shape)


class DenseConditioner(AbstractConditioner):
    """Multilayer perceptrons from all still sites to all moved ones: one for even, one for odd outputs, or `shared`.

    Cost: N/2 x hidden + hidden² + N/2 x hidden x outputs, for each.
    """

    even_trunk: Trunk
    odd_trunk: Trunk | None
    even: Head
    odd: Head
    shape: tuple[int, ...] = eqx.field(static=True)
    parity: int = eqx.field(static=True)
    outputs: tuple[int, int] = eqx.field(static=True)
    hidden: tuple[int, ...] = eqx.field(static=True)
    z2: bool = eqx.field(static=True)
    shared: bool = eqx.field(static=True)
    angle: bool = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        shape: Sequence[int],
        parity: int,
        outputs: tuple[int, int] = (1, 1),
        hidden: Sequence[int] = (128, 128),
        z2: bool = False,
        shared: bool = False,
        angle: bool = False,
    ):
        check_symmetry(z2=z2, angle=angle)
        self.shape, self.parity, self.outputs = tuple(shape), parity, (outputs[0], outputs[1])
        self.hidden, self.z2, self.shared, self.angle = tuple(hidden), z2, shared, angle
        still, moved = map(len, halves(self.shape, parity))
        widths = (2 * still if angle else still, *self.hidden)
        first, second = jax.random.split(key)
        self.even_trunk = Trunk(first, widths, odd=z2)
        self.odd_trunk = None if shared else Trunk(second, widths, odd=z2)
        self.even = Head(self.hidden[-1], moved * outputs[0], odd=False)
        self.odd = Head(self.hidden[-1], moved * outputs[1], odd=z2)

    def __call__(self, still: Float[Array, " still"]) -> Outputs:
        y = features(still, angle=self.angle)
        h = self.even_trunk(y)
        g = h if self.odd_trunk is None else self.odd_trunk(y)
        even, odd = self.even(h * h if self.z2 else h), self.odd(g)
        return even.reshape(-1, self.outputs[0]), odd.reshape(-1, self.outputs[1])


class LocalConditioner(AbstractConditioner):
    """One small network for all moved sites, of the still sites at most `radius` steps away.

    That is a periodic CNN computed only where it is needed: kernel of the odd-parity offsets, then 1x1 layers.
    Law: commutes with every translation by an even number of steps (those that keep the checkerboard).
    The same weights fit every lattice whose sides are longer than 2 radius.  Cost: N/2 (neighbors + outputs) hidden.
    """

    trunk: Trunk
    even: Head
    odd: Head
    shape: tuple[int, ...] = eqx.field(static=True)
    parity: int = eqx.field(static=True)
    outputs: tuple[int, int] = eqx.field(static=True)
    hidden: tuple[int, ...] = eqx.field(static=True)
    radius: int = eqx.field(static=True)
    z2: bool = eqx.field(static=True)
    angle: bool = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        shape: Sequence[int],
        parity: int,
        outputs: tuple[int, int] = (1, 1),
        hidden: Sequence[int] = (16,),
        radius: int = 3,
        z2: bool = False,
        angle: bool = False,
    ):
        check_symmetry(z2=z2, angle=angle)
        self.shape, self.parity, self.outputs = tuple(shape), parity, (outputs[0], outputs[1])
        self.hidden, self.radius, self.z2, self.angle = tuple(hidden), radius, z2, angle
        inputs = len(neighborhood(self.shape, radius))
        self.trunk = Trunk(key, (2 * inputs if angle else inputs, *self.hidden), odd=z2)
        self.even = Head(self.hidden[-1], outputs[0], odd=False)
        self.odd = Head(self.hidden[-1], outputs[1], odd=z2)

    def __call__(self, still: Float[Array, " still"]) -> Outputs:
        h = self.trunk(features(neighbors_of(still, self.shape, self.parity, self.radius), angle=self.angle))
        return self.even(h * h if self.z2 else h), self.odd(h)
