# SPDX-License-Identifier: Apache-2.0
"""Identities that hold for samples of exp(-βE)/Z alone: means that are known whatever the system, so that chains with
another law are found wrong.

Integration by parts: <(x - c)·∇E> = N T on the real line for any c that is independent of x (the virial theorem), and
<∇²E> = β <|∇E|²> on circles (the configurational temperature).  Of a variable with finitely many values: a heat-bath
move leaves the mean energy as it is (Callen's identity).
Refs: Rugh 1997, doi:10.1103/PhysRevLett.78.772; Callen 1963, doi:10.1016/0031-9163(63)90344-5.
"""

from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from isinglass.symmetry.particle import Displacement
from isinglass.symmetry.variable import Angles, Reals
from isinglass.systems.system import AbstractLatticeSystem, AbstractSystem

__all__ = ["Identity", "identity_of", "identity_values"]

SITES = 64  # of a lattice, at each measurement


class Identity(NamedTuple):
    """A law of the Boltzmann distribution, and the mean that it demands."""

    kind: Literal["virial", "configurational temperature", "heat bath"]
    law: str
    expected: float


def identity_of(system: AbstractSystem, chains: int) -> Identity | None:
    """The identity of a system by its variables; None where there is none, or for a single chain."""
    if isinstance(system.variable, Reals) and chains > 1:
        return Identity("virial", "virial theorem, <x·∇E> = N T: the ratio is 1", 1.0)
    if isinstance(system.variable, Angles):
        return Identity("configurational temperature", "<β|∇E|² - ∇²E>/N = 0 (configurational temperature)", 0.0)
    if isinstance(system, AbstractLatticeSystem) and system.variable.values is not None:
        return Identity("heat bath", "a heat-bath move of one site leaves the mean energy: its change is 0", 0.0)
    return None


def identity_values(
    key, identity: Identity, system: AbstractSystem, x: Shaped[Array, "T R *site"], beta: Float[Array, " T"]
) -> Float[Array, "T R"]:
    """The values whose mean the identity demands; `system` at beta = 1."""
    over_chains = lambda f: jax.vmap(jax.vmap(f, in_axes=(0, 0, None)))  # noqa: E731
    if identity.kind == "heat bath":
        N = int(np.prod(system.shape))
        sites = jax.random.randint(key, (min(N, SITES),), 0, N, dtype=jnp.int32)
        return over_chains(lambda x, _, beta: heat_bath_change(system, x, sites, beta))(x, x, beta)
    if identity.kind == "virial":
        other = jnp.roll(x, 1, axis=1)  # of an independent chain: a center that x does not know
        n = int(np.prod(system.shape)) - (system.shape[-1] if system.has(Displacement) else 0)
        return over_chains(lambda x, c, beta: beta * jnp.sum((x - c) * jax.grad(system.energy)(x)) / n)(x, other, beta)
    z = jax.random.rademacher(key, x.shape, x.dtype)
    return over_chains(lambda x, z, beta: excess_force(system, x, z, beta))(x, z, beta)


def heat_bath_change(system, x: Shaped[Array, "*site"], sites, beta: Float[Array, ""]) -> Float[Array, ""]:
    """Σ_v p(v | rest) ΔE_v of one site, mean over `sites`, p(v | rest) = exp(-β ΔE_v) / Σ_w exp(-β ΔE_w)."""
    values = jnp.asarray(system.variable.values, x.dtype)
    dE = jax.vmap(lambda v: system.energy_changes(x, jnp.full(sites.shape, v), sites))(values)
    return jnp.mean(jnp.sum(jax.nn.softmax(-beta * dE, axis=0) * dE, axis=0))


def excess_force(system, x: Float[Array, "*site"], z, beta: Float[Array, ""]) -> Float[Array, ""]:
    """(β|∇E|² - zᵀ ∇∇E z)/N with a random z = ±1: the mean of the second term is the Laplacian."""
    force, curved = jax.jvp(jax.grad(system.energy), (x,), (z,))
    return (beta * jnp.sum(force * force) - jnp.sum(z * curved)) / x.size
