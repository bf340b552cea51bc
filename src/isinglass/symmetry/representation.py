# SPDX-License-Identifier: Apache-2.0
"""How one group acts on several things: on what a function is given, and on what it returns.

An action is an `AbstractSymmetry`; the same key stands for the same g in all actions of one group, so that
f(g x) = g f(x) can be tried with any two of them.
"""

from dataclasses import dataclass

import jax
from jaxtyping import Array, Shaped

from isinglass.errors import InputError
from isinglass.symmetry.symmetry import AbstractSymmetry

__all__ = ["GroupProduct", "On", "Trivial", "action"]

On = str | AbstractSymmetry | tuple[str | AbstractSymmetry, ...]  # an action: a word, itself, or one for each group


@dataclass(frozen=True)
class Trivial(AbstractSymmetry):
    """y -> y, the trivial action: what is invariant."""

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """y itself."""
        return x


@dataclass(frozen=True)
class GroupProduct(AbstractSymmetry):
    """g_1 g_2 ... x, a random element of each part."""

    parts: tuple[AbstractSymmetry, ...]

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """The last part acts first."""
        for part, k in list(zip(self.parts, jax.random.split(key, len(self.parts)), strict=True))[::-1]:
            x = part.act(k, x)
        return x


def action(group: AbstractSymmetry, on: On) -> AbstractSymmetry:
    """How a group acts on what `on` says: "scalar", "same" (as on configurations), or a word that the group knows.

    Of a product one for each part: forces of atoms are ("vector", "same") under E(3) and exchanges.  Of one word alone,
    the parts that do not know it leave y as it is.
    Errors: InputError for a word that the group does not know.
    """
    if isinstance(on, AbstractSymmetry):
        return on
    if isinstance(on, tuple):
        parts = group.parts if isinstance(group, GroupProduct) else (group,)
        if len(parts) != len(on):
            raise InputError(f"an action for each of {len(parts)} groups", str(len(on)), "give one word for each")
        return GroupProduct(tuple(action(part, one) for part, one in zip(parts, on, strict=True)))
    known = words(group)
    if on not in known:
        raise InputError(
            f"an action among {', '.join(known)} of {type(group).__name__}", repr(on), "choose one of them"
        )
    return known[on]


def words(group: AbstractSymmetry) -> dict[str, AbstractSymmetry]:
    """The actions that a group knows by name."""
    plain: dict[str, AbstractSymmetry] = {"scalar": Trivial(), "same": group}
    if not isinstance(group, GroupProduct):
        return plain | (group.actions() if hasattr(group, "actions") else {})  # pyright: ignore
    each = [words(part) for part in group.parts]
    names = dict.fromkeys(word for one in each for word in one if word not in plain)
    for word in names:
        plain[word] = GroupProduct(tuple(one.get(word, Trivial()) for one in each))
    return plain
