# SPDX-License-Identifier: Apache-2.0
"""Augmentation: every sample is transformed by a random element of a group at every step, and its label with it.

L = ⟨l(f(g x), g y)⟩ over g: the fallback where no network holds a symmetry.  Law: the minimum is that of the
symmetrized data; f itself respects the symmetry only as far as it has learned it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
from jaxtyping import Array, Key

from isinglass.symmetry.representation import GroupProduct, On, action
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.training.loss import MeanSquare

__all__ = ["Augmented", "augmented"]


class Augmented(eqx.Module):
    """The loss of (g x, g y), a g for each sample; batches are (x, y) or (x, y, weight)."""

    loss: Callable
    on_x: AbstractSymmetry = eqx.field(static=True)
    on_y: AbstractSymmetry = eqx.field(static=True)

    def __call__(self, key: Key[Array, ""], model: Any, batch: tuple) -> Any:
        """Of a batch."""
        x, y, *more = batch
        key_group, key_loss = jax.random.split(key)
        keys = jax.random.split(key_group, x.shape[0])
        moved = jax.vmap(self.on_x.act)(keys, x), jax.vmap(self.on_y.act)(keys, y)
        return self.loss(key_loss, model, (*moved, *more))


def augmented(
    group: AbstractSymmetry | Sequence[AbstractSymmetry], loss: Callable | None = None, *,
    output: On = "scalar",
) -> Augmented:  # fmt: skip
    """A loss for `fit` under which every sample comes in all its images; by default of the mean square."""
    whole = GroupProduct(tuple(group)) if isinstance(group, Sequence) else group
    return Augmented(MeanSquare() if loss is None else loss, action(whole, "same"), action(whole, output))
