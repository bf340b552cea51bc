# SPDX-License-Identifier: Apache-2.0
"""A path of systems along one coupling λ, for free-energy differences between its ends."""

from collections.abc import Callable

import equinox as eqx
from jaxtyping import Array, Float

from isinglass.systems.system import AbstractSystem

__all__ = ["CouplingPath"]


class CouplingPath(eqx.Module):
    """λ -> system, from λ = a to λ = b.  Law: ln Z(b) - ln Z(a) = ∫_a^b <∂ ln w/∂λ>_λ dλ."""

    at: Callable[[Float[Array, ""]], AbstractSystem] = eqx.field(static=True)
    ends: tuple[float, float] = eqx.field(static=True)
