# SPDX-License-Identifier: Apache-2.0
"""Steps of an optimizer on a loss, all in one program."""

from collections.abc import Callable
from typing import Any

import jax
import optax
from jaxtyping import Array, Float

__all__ = ["descend"]


def descend(
    transformation: optax.GradientTransformation,
    gradient: Callable[[Any, Any], Any],
    w: Any,
    steps: int,
    keys: Any = None,
) -> tuple[Any, Float[Array, "steps ..."]]:
    """The last w and w after each step of w ← w + update(g); g = gradient(w, key), with one of the keys each step."""

    def step(state, key):
        w, inner = state
        updates, inner = transformation.update(gradient(w, key), inner, w)
        w = optax.apply_updates(w, updates)
        return (w, inner), w

    (w, _), along = jax.lax.scan(step, (w, transformation.init(w)), keys, length=steps)
    return w, along
