# SPDX-License-Identifier: Apache-2.0
"""The minimum of the enthalpy near a start, by L-BFGS in compiled blocks.

A step s is taken if H falls by 1e-4 |g·s|, or, where round-off hides that, if the slope along it has not turned by
more than 0.8 of itself (Hager and Zhang 2005, doi:10.1137/030601880); else it is halved, at last downhill.
"""

from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from isinglass.approximation.harmonic.deformation import Deformable
from isinglass.errors import InputError
from isinglass.exact.particle.metal_units import GIGAPASCAL
from isinglass.run.loop import Log, Loop, Steps
from isinglass.systems.particle.neighborhood import (
    Neighborhood,
    NeighborhoodRoom,
    find_neighborhood,
    is_complete,
    plan_room,
)  # fmt: skip

__all__ = ["Relaxation", "RelaxedState", "after_try", "direction", "residuals", "relax"]

SKIN = 0.5  # Å
STIFF = 70.0  # eV/Å²: the first guess of the curvature, stiffer than most bonds
LONGEST = 0.2  # Å that an atom may move in a step
SHORTEST = 2.0**-12  # share of a step, below which the memory is dropped
BLOCK = 25
TRIES = 8


class Relaxation(eqx.Module):
    """When to stop, and how much to remember."""

    force: float = 1e-5  # largest |F_i|, eV/Å
    stress: float = 1e-3  # largest |σ + P|, GPa, where the cell is free
    memory: int = eqx.field(static=True, default=20)  # pairs of L-BFGS


class RelaxedState(NamedTuple):
    """State: the point, its slope, the step at hand, the memory."""

    z: Float[Array, " N"]
    value: Float[Array, ""]  # enthalpy, eV
    slope: Float[Array, " N"]
    share: Float[Array, ""]  # of the step that is tried next
    steps: Float[Array, "m N"]  # s, the latest last
    changes: Float[Array, "m N"]  # y
    evaluations: Int[Array, ""]
    stuck: Bool[Array, ""]  # not even a short step downhill is taken
    overflow: Bool[Array, ""]


def residuals(of: Deformable, z: Float[Array, " N"], slope: Float[Array, " N"]) -> Float[Array, " 2"]:
    """The largest force in eV/Å, and the largest stress beside the pressure in GPa."""
    n = of.x.size
    F = jnp.eye(3, dtype=z.dtype) + of.strain(z)
    force = jnp.linalg.solve(F, slope[:n].reshape(-1, 3).T).T  # dE/dx = dE/du F⁻ᵀ, F symmetric
    volume = jnp.abs(jnp.linalg.det(of.at(z).cell))
    shear = jnp.array([1, 1, 1, 0.5, 0.5, 0.5], z.dtype) if of.shape == "full" else jnp.array([1 / 3], z.dtype)
    stress = jnp.max(jnp.abs(slope[n:] * shear)) * of.scale / volume / GIGAPASCAL if of.shape != "none" else 0.0
    return jnp.stack([jnp.max(jnp.linalg.norm(force, axis=1)), jnp.asarray(stress, z.dtype)])


def relax(
    of: Deformable,
    method: Relaxation = Relaxation(),
    *,
    steps: int = 2000,
    checkpoint: Path | None = None,
    progress: Any = None,
) -> tuple[RelaxedState, str]:
    """The state at the end, and "done" or why it is none.  Errors: InputError as `plan_room`."""
    path = None if checkpoint is None else checkpoint / "relaxation.safetensors"
    loop = Loop(path, progress, key=0, parts=of, settings=(method, steps))
    room = plan_room(np.asarray(of.x), np.asarray(of.cell), np.asarray(of.pbc), of.potential.cutoff + SKIN)
    state, room = with_wider_room(lambda room: started(of, method, room), of, room)
    if not np.isfinite(float(state.value)):
        raise InputError("a start of finite energy", f"{float(state.value)}", "look at the distances of the atoms")

    def advance(log: Log) -> Steps:
        state, numbers = log.state
        count = min(BLOCK, steps - log.done)
        new, room = with_wider_room(
            lambda room: block(of, method, state, room, count), of, NeighborhoodRoom.of_numbers(numbers)
        )
        force, stress = (float(r) for r in residuals(of, new.z, new.slope))
        return Steps((new, room.numbers()), None, count, f"relaxing: {force:.3g} eV/Å, {stress:.3g} GPa")

    log, _ = loop(loop.resume(Log((state, room.numbers()), ())), advance, steps, lambda log: ended(of, method, log))
    state = log.state[0]
    if bool(reached(of, method, state)):
        return state, "done"
    why = "no step downhill is found" if bool(state.stuck) else f"{steps} steps were not enough"
    return state, f"not converged: {why}; residuals {residuals(of, state.z, state.slope)} in eV/Å and GPa"


def ended(of: Deformable, method: Relaxation, log: Log) -> bool:
    """Converged, or stuck."""
    return bool(reached(of, method, log.state[0]) | log.state[0].stuck)


def with_wider_room(work: Any, of: Deformable, room: NeighborhoodRoom) -> tuple[RelaxedState, NeighborhoodRoom]:
    """The work, again with more room as long as neighbors are too many."""
    for _ in range(TRIES):
        state = work(room)
        if not bool(state.overflow):
            return state, room
        x, cell = (np.asarray(a) for a in of.at(state.z))
        numbers = plan_room(x, cell, np.asarray(of.pbc), of.potential.cutoff + SKIN, room).numbers()
        numbers[6:] = np.maximum(numbers[6:], np.ceil(1.25 * room.numbers()[6:]))
        room = NeighborhoodRoom.of_numbers(numbers)
    raise InputError("atoms whose neighbors memory can hold", "more at each try", "look at the density of the atoms")


def neighbors(of: Deformable, z: Float[Array, " N"], room: NeighborhoodRoom) -> Neighborhood:
    """Found anew at a point."""
    x, cell = of.at(z)
    return find_neighborhood(x, cell, of.pbc, of.potential.cutoff + SKIN, room)


@eqx.filter_jit
def started(of: Deformable, method: Relaxation, room: NeighborhoodRoom) -> RelaxedState:
    """The state at the reference."""
    z = of.zero()
    near = neighbors(of, z, room)
    value, slope = jax.value_and_grad(of.enthalpy)(z, near)
    none = jnp.zeros((method.memory, len(z)), z.dtype)
    return RelaxedState(z, value, slope, jnp.ones((), z.dtype), none, none, jnp.asarray(1), jnp.asarray(False),  # noqa: FBT003
                        near.table.overflow)  # fmt: skip


@eqx.filter_jit
def block(of: Deformable, method: Relaxation, state: RelaxedState, room: NeighborhoodRoom, count: int) -> RelaxedState:
    """At most `count` evaluations."""
    last = state.evaluations + count

    def going(carry):
        state = carry[0]
        return (state.evaluations < last) & ~reached(of, method, state) & ~state.stuck & ~state.overflow

    return jax.lax.while_loop(going, partial(one_try, of, room), (state, neighbors(of, state.z, room)))[0]


def reached(of: Deformable, method: Relaxation, state: RelaxedState) -> Bool[Array, ""]:
    """Whether force and stress are as small as wanted."""
    force, stress = residuals(of, state.z, state.slope)
    return (force < method.force) & (stress < method.stress)


def one_try(
    of: Deformable, room: NeighborhoodRoom, carry: tuple[RelaxedState, Neighborhood]
) -> tuple[RelaxedState, Neighborhood]:
    """Try a step: take it and remember it, or halve it."""
    state, near = carry
    s = state.share * limited(of, direction(state))
    z = state.z + s
    x, cell = of.at(z)
    complete = is_complete(near, x, cell, of.pbc, of.potential.cutoff, SKIN)
    near = jax.lax.cond(complete, lambda: near, lambda: neighbors(of, z, room))
    value, slope = jax.value_and_grad(of.enthalpy)(z, near)
    new = after_try(state, s, value, slope)
    overflow = near.table.overflow
    new = jax.tree.map(partial(jnp.where, overflow), state, new)
    return new._replace(evaluations=state.evaluations + 1, overflow=overflow), near


def after_try(
    state: RelaxedState, s: Float[Array, " N"], value: Float[Array, ""], slope: Float[Array, " N"]
) -> RelaxedState:
    """The step s, at whose end E and its slope are these, is taken and remembered, or halved."""
    before, after = jnp.vdot(state.slope, s), jnp.vdot(slope, s)
    noise = 1e3 * float(jnp.finfo(state.z.dtype).eps) * jnp.abs(state.value)
    falls = value <= state.value + 1e-4 * before
    flat = (value <= state.value + noise) & (jnp.abs(after) <= 0.8 * jnp.abs(before))
    taken = (falls | flat) & jnp.isfinite(value) & jnp.isfinite(jnp.sum(slope))
    y = slope - state.slope
    curved = jnp.vdot(s, y) > 1e-10 * jnp.vdot(y, y)
    push = lambda rows, row: jnp.where(curved, jnp.concatenate([rows[1:], row[None]]), rows)  # noqa: E731
    done = state._replace(z=state.z + s, value=value, slope=slope, share=jnp.ones_like(value),
                          steps=push(state.steps, s), changes=push(state.changes, y))  # fmt: skip
    new = jax.tree.map(partial(jnp.where, taken), done, shorter(state))
    return new._replace(evaluations=state.evaluations + 1)


def shorter(state: RelaxedState) -> RelaxedState:
    """Half of the step; at the shortest the memory is dropped, and without memory there is no way down."""
    share = state.share / 2
    spent = share < SHORTEST
    forget = lambda rows: jnp.where(spent, jnp.zeros_like(rows), rows)  # noqa: E731
    return state._replace(
        share=jnp.where(spent, 1.0, share), steps=forget(state.steps), changes=forget(state.changes),
        stuck=spent & ~jnp.any(state.steps),
    )  # fmt: skip


def direction(state: RelaxedState) -> Float[Array, " N"]:
    """-H g by the two loops of L-BFGS; pairs of zeros count as none.  Nocedal 1980, doi:10.2307/2006193."""
    product = jnp.sum(state.steps * state.changes, axis=1)
    known = product > 0
    rho = jnp.where(known, 1 / jnp.where(known, product, 1.0), 0.0)

    def back(q, pair):
        s, y, r = pair
        a = r * jnp.vdot(s, q)
        return q - a * y, a

    q, a = jax.lax.scan(back, state.slope, (state.steps, state.changes, rho), reverse=True)
    square = jnp.vdot(state.changes[-1], state.changes[-1])
    scale = jnp.where(known[-1], product[-1] / jnp.where(known[-1], square, 1.0), 1 / STIFF)

    def forth(q, pair):
        s, y, r, a = pair
        return q + (a - r * jnp.vdot(y, q)) * s, None

    return -jax.lax.scan(forth, scale * q, (state.steps, state.changes, rho, a))[0]


def limited(of: Deformable, step: Float[Array, " N"]) -> Float[Array, " N"]:
    """No atom moves by more than LONGEST, no length changes by more than a tenth of that per Å."""
    atoms = jnp.max(jnp.linalg.norm(step[: of.x.size].reshape(-1, 3), axis=1))
    longest = jnp.maximum(atoms, 10 * jnp.max(jnp.abs(of.strain(step))))
    return step * jnp.minimum(1.0, LONGEST / jnp.maximum(longest, 1e-30))
