# SPDX-License-Identifier: Apache-2.0
"""Laws that samplers count on, tried at random on systems and samplers that are not of this package (ours have tests).

A system that breaks one gives wrong numbers from chains that look well.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from isinglass.errors import InputError
from isinglass.run.class_name import is_foreign
from isinglass.symmetry.variable import AbstractVariable
from isinglass.systems.system import AbstractLatticeSystem, at_unit_beta

__all__ = ["require_sound_step", "require_sound_system"]

TRIES = 8  # random configurations
TOLERANCE = 1e-5  # of the largest change of energy, so that energies in single precision pass


def require_sound_system(system: Any) -> None:
    """Its variable is known, configurations have its shape, the energy is a number, changes and symmetries are true.

    Errors: InputError that says which of them does not hold.
    """
    if not is_foreign(system):
        return
    name = type(system).__name__
    if not isinstance(system.variable, AbstractVariable):
        raise InputError("a variable such as Spins() or Levels((0, 1, 2))", repr(system.variable), f"change {name}")
    system = at_unit_beta(system)
    x = eqx.filter_eval_shape(lambda s: s.random_configuration(jax.random.key(0)), system)
    if x.shape != tuple(system.shape):
        raise InputError(f"random_configuration of shape {system.shape}", f"{x.shape}", f"change {name}")
    E = eqx.filter_eval_shape(lambda s, x: s.energy(x), system, x)
    if E.shape != () or not jnp.issubdtype(E.dtype, jnp.floating):
        raise InputError("an energy that is one real number", f"{E.dtype}{list(E.shape)}", f"change {name}")
    for symmetry, holds in zip(system.symmetries, symmetries_hold(system), strict=True):
        if not holds:
            raise InputError("symmetries that leave the energy as it is", f"{symmetry} of {name}", "leave it out")
    if isinstance(system, AbstractLatticeSystem) and not changes_hold(system):
        raise InputError(
            "energy changes that are differences of the energy, and colors of sites that do not interact",
            f"others in {name}",
            "see that pair_energy(a, b) = pair_energy(b, a), energy_changes and colors",
        )


@eqx.filter_jit
def symmetries_hold(system: Any) -> list[Bool[Array, ""]]:
    """E(g x) = E(x) for random g of each declared symmetry."""

    def change(symmetry: Any, key: Any) -> Float[Array, " 2"]:
        x = system.random_configuration(key)
        E, other = system.energy(x), system.energy(symmetry.act(jax.random.fold_in(key, 1), x))
        return jnp.stack([jnp.abs(other - E), jnp.abs(E)])

    keys = jax.random.split(jax.random.key(2), TRIES)
    found = [jnp.max(jax.vmap(lambda key, g=g: change(g, key))(keys), axis=0) for g in system.symmetries]
    return [~(d > TOLERANCE * jnp.maximum(E, 1.0)) for d, E in found]  # an energy that is no number is seen elsewhere


def changes_hold(system: AbstractLatticeSystem) -> bool:
    """ΔE_i = E(x with y_i) - E(x) of single sites, and Σ_i ΔE_i of those of one color, for random x and y."""
    claimed, true, E = (np.asarray(a) for a in tried_changes(system))
    finite = np.isfinite(claimed) & np.isfinite(true)
    largest = np.abs(true[finite]).max(initial=0.0)
    allowed = TOLERANCE * largest + 100 * np.finfo(E.dtype).eps * np.abs(E[np.isfinite(E)]).max(initial=1.0)
    return bool((np.abs(claimed - true)[finite] <= allowed).all())


@eqx.filter_jit
def tried_changes(system: AbstractLatticeSystem) -> tuple[Float[Array, "k n"], Float[Array, "k n"], Float[Array, " k"]]:
    """Claimed and true changes of energy of at most 64 sites and 16 colors, and the energies; K tries."""
    N = int(np.prod(system.shape))
    sites = jax.random.permutation(jax.random.key(4), N)[:64]
    colors = jnp.asarray(system.colors)[:16]

    def one(key: Any) -> tuple[Float[Array, " n"], Float[Array, " n"], Float[Array, ""]]:
        x = system.random_configuration(key)
        flat, E = x.reshape(-1), system.energy(x)
        y = system.propose(jax.random.fold_in(key, 1), flat)
        energy = lambda at: system.energy(flat.at[at].set(y.at[at].get(mode="clip"), mode="drop").reshape(x.shape))  # noqa: E731
        inside = lambda at: jnp.minimum(at, N - 1)  # noqa: E731
        color = lambda at: jnp.where(at < N, system.energy_changes(x, y[inside(at)], inside(at)), 0.0).sum()  # noqa: E731
        claimed = jnp.append(system.energy_changes(x, y[sites], sites), jax.lax.map(color, colors))
        return claimed, jnp.append(jax.lax.map(energy, sites), jax.lax.map(energy, colors)) - E, E

    return jax.lax.map(one, jax.random.split(jax.random.key(3), TRIES))


def require_sound_step(sampler: Any, system: Any) -> None:
    """Errors: InputError where `step` does not return a configuration like the one it was given, and diagnostics."""
    if not is_foreign(sampler):
        return
    system = at_unit_beta(system)
    x = eqx.filter_eval_shape(lambda s: s.random_configuration(jax.random.key(0)), system)
    try:
        found = eqx.filter_eval_shape(lambda m, s, x: m.step(jax.random.key(0), x, s), sampler, system, x)
    except Exception as error:  # whatever a user's sampler may raise
        first = str(error).splitlines()[0] if str(error) else ""
        raise InputError("a sampler whose step runs", f"{type(error).__name__}: {first}", "fix its step") from error
    expected = f"step to return a configuration {x.dtype}{list(x.shape)} and diagnostics"
    if not (isinstance(found, tuple) and len(found) == 2):
        raise InputError(expected, "no pair", f"change {type(sampler).__name__}")
    y = found[0]
    if (y.shape, y.dtype) != (x.shape, x.dtype):
        raise InputError(expected, f"{y.dtype}{list(y.shape)}", f"change {type(sampler).__name__}")
