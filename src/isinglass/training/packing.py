# SPDX-License-Identifier: Apache-2.0
"""All numbers of a network in few vectors: an optimizer then has few arrays to go over, and few kernels to compile."""

import math
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import optax

__all__ = ["Packed", "Packing", "packing_of", "shrinks"]

MATRICES = " matrices"  # ends the name of a vector that weight decay shrinks: arrays of two axes or more


class Packed(NamedTuple):
    """Inexact arrays one after the other, those of one type and kind in one vector; and the other arrays."""

    vectors: dict[str, Any]
    rest: list[Any]


class Packing(eqx.Module):
    """How arrays of these shapes are packed.  Law: unpack(pack(tree)) = tree, every bit."""

    structure: Any = eqx.field(static=True)
    shapes: tuple[tuple[int, ...], ...] = eqx.field(static=True)
    names: tuple[str, ...] = eqx.field(static=True)  # of the vector that an array is in; "": in the rest

    def pack(self, tree: Any) -> Packed:
        """The arrays of a tree, packed."""
        leaves = list(zip(self.names, jax.tree.leaves(tree), strict=True))
        of = lambda name: [leaf.ravel() for other, leaf in leaves if other == name]  # noqa: E731
        vectors = {name: jnp.concatenate(of(name)) for name in sorted(set(self.names) - {""})}
        return Packed(vectors, [leaf for name, leaf in leaves if not name])

    def unpack(self, packed: Packed) -> Any:
        """The tree; of vectors with leading axes arrays with these axes."""
        leaves, begun, rest = [], dict.fromkeys(packed.vectors, 0), iter(packed.rest)
        for shape, name in zip(self.shapes, self.names, strict=True):
            if not name:
                leaves.append(next(rest))
                continue
            first, begun[name] = begun[name], begun[name] + math.prod(shape)
            part = packed.vectors[name][..., first : begun[name]]
            leaves.append(part.reshape((*part.shape[:-1], *shape)))
        return jax.tree.unflatten(self.structure, leaves)

    def packed(self, transformation: optax.GradientTransformation) -> optax.GradientTransformation:
        """Of packed gradients, for an optimizer that must see the arrays."""

        def update(updates, state, params=None):
            params = None if params is None else self.unpack(params)
            updates, state = transformation.update(self.unpack(updates), state, params)
            return self.pack(updates), state

        return optax.GradientTransformation(lambda params: transformation.init(self.unpack(params)), update)


def packing_of(tree: Any) -> Packing:
    """For a tree of arrays like these, or of their shapes."""
    leaves, structure = jax.tree.flatten(tree)
    kind = lambda a: f"{a.dtype}{MATRICES if a.ndim > 1 else ''}" if jnp.issubdtype(a.dtype, jnp.inexact) else ""  # noqa: E731
    return Packing(structure, tuple(tuple(a.shape) for a in leaves), tuple(map(kind, leaves)))


def shrinks(packed: Packed) -> Packed:
    """True for what weight decay shrinks."""
    return Packed(
        {name: name.endswith(MATRICES) for name in packed.vectors}, jax.tree.map(lambda _: False, packed.rest)
    )
