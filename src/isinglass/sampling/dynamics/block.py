# SPDX-License-Identifier: Apache-2.0
"""A compiled block of many steps: neighbors found again when an atom has moved too far, a stop before what is unsound.

Cost: linear in atoms; a step is one force evaluation, and 2 n distances to where the neighbors were found.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from isinglass.sampling.dynamics.motion import (
    AbstractDynamics,
    AtomicMotion,
    PotentialField,
    PotentialValue,
    StepInfo,
    kinetic_energy,
)  # fmt: skip
from isinglass.systems.particle.interatomic import (
    AbstractInteratomic,
    AbstractUncertainPotential,
    NeighborTable,
    vector_forces,
)  # fmt: skip
from isinglass.systems.particle.neighborhood import Neighborhood, NeighborhoodRoom, find_neighborhood, is_complete

__all__ = ["FINE", "OVERFLOW", "REASONS", "DynamicsRun", "FixedParts", "FrameRows", "ThermoRows", "UncertaintyRows",
           "advance", "begin"]  # fmt: skip

FINE, NOT_FINITE, TOO_FAST, OVERFLOW, TOO_FAR = range(5)
FARTHEST = 0.5  # Å in a step
REASONS = {
    NOT_FINITE: "energy or forces became NaN or infinite",
    TOO_FAST: f"an atom would have moved by more than {FARTHEST} Å in a step",
    TOO_FAR: "atoms or cell would have moved farther in a step than half of the skin",
}


class FixedParts(eqx.Module):
    """What does not change in a run."""

    potential: AbstractInteratomic
    dynamics: AbstractDynamics
    species: Int[Array, " n"]
    masses: Float[Array, " n"]
    pbc: Bool[Array, " 3"]
    skin: float  # Å
    every: int = eqx.field(static=True)  # steps from row to row
    rows: int = eqx.field(static=True)  # from frame to frame

    def field(self, near: Neighborhood) -> PotentialField:
        """The potential as a function of positions and cell, with the neighbors of a table."""

        def value(x: Float[Array, "n 3"], cell: Float[Array, "3 3"]) -> PotentialValue:
            table = near.table
            r = apart(table, lambda: table.vectors(x, cell, self.potential.cutoff))
            energies, f = apart(table, lambda: self.pulled(r, table))
            flat = lambda a: a.reshape(-1, 3)  # noqa: E731
            pull = jnp.sum(f, axis=1) - table.returned(f)
            return PotentialValue(jnp.sum(energies), pull, jnp.matmul(flat(f).T, flat(r), precision="highest"))

        return value

    def pulled(
        self, r: Float[Array, "n K 3"], table: NeighborTable
    ) -> tuple[Float[Array, " n"], Float[Array, "n K 3"]]:
        """E_i and ∂E/∂r_ij."""
        if isinstance(self.potential, AbstractUncertainPotential):
            return self.potential.vector_forces(r, table, self.species)
        return vector_forces(self.potential.atom_energies, r, table, self.species)

    def neighbors(self, motion: AtomicMotion, room: NeighborhoodRoom) -> Neighborhood:
        """Found anew."""
        radius = self.potential.cutoff + self.skin
        return find_neighborhood(motion.x, motion.cell, self.pbc, radius, room)

    def complete(self, near: Neighborhood, motion: AtomicMotion) -> Bool[Array, ""]:
        """Whether no pair is missing in the next step."""
        spare = self.dynamics.spare_strain(motion)
        return is_complete(near, motion.x, motion.cell, self.pbc, self.potential.cutoff, self.skin, spare)


def apart(table: NeighborTable, work: Callable[[], Any]) -> Any:
    """The outcome of the work as a branch of its own, which compilers do not merge into each of its uses.

    Merged, the gathers of positions and of forces repeat all that they depend on: three times as slow on a CPU.
    """
    shapes = jax.eval_shape(work)
    nothing = lambda: jax.tree.map(lambda a: jnp.zeros(a.shape, a.dtype), shapes)  # noqa: E731
    return jax.lax.cond(table.overflow, nothing, work)


class DynamicsRun(NamedTuple):
    """The state of a run between two blocks."""

    motion: AtomicMotion
    info: StepInfo  # of the last step
    step: Int[Array, ""]
    reason: Int[Array, ""]  # FINE, or why it ended before a step
    trials: Float[Array, " 2"]  # of the cell, and how many were accepted


class UncertaintyRows(NamedTuple):
    """Standard errors of a potential that knows them, of the atoms of each row.  Unit: eV, Å."""

    mean: Float[Any, "*rows"]  # √<σ²> over atoms, of a component of the force
    largest: Float[Any, "*rows"]
    atom: Int[Any, "*rows"]  # that has it
    energy: Float[Any, "*rows"]  # an atom


class ThermoRows(NamedTuple):
    """A row for every `every` steps.  Unit: eV, Å, amu."""

    potential: Float[Any, "*rows"]
    kinetic: Float[Any, "*rows"]  # as the law of the temperature has it
    conserved: Float[Any, "*rows"]  # energy + kinetic energy - heat
    strain: Float[Any, "*rows 3 3"]  # dE/dε - Σ m v ⊗ v: the volume times the stress, of forces and of motion
    cell: Float[Any, "*rows 3 3"]
    momentum: Float[Any, "*rows"]  # |Σ m v| / Σ m |v|
    shortest: Float[Any, "*rows"]  # distance
    uncertainty: UncertaintyRows | None = None


class FrameRows(NamedTuple):
    """A frame for every `every · rows` steps."""

    x: Float[Any, "*frames n 3"]
    v: Float[Any, "*frames n 3"]


@eqx.filter_jit
def begin(fixed: FixedParts, motion: AtomicMotion, room: NeighborhoodRoom) -> DynamicsRun:
    """The forces at the start; `reason` says OVERFLOW where the room is too small."""
    near = fixed.neighbors(motion, room)
    found = fixed.field(near)(motion.x, motion.cell)
    motion = motion._replace(energy=found.energy, forces=found.forces, strain=found.strain)
    motion = fixed.dynamics.begun(motion, fixed.masses)
    none = jnp.zeros((), motion.x.dtype)
    info = StepInfo(kinetic_energy(motion.v, fixed.masses), none, none)
    finite = jnp.isfinite(found.energy) & jnp.isfinite(found.forces).all()
    reason = jnp.where(near.table.overflow, OVERFLOW, jnp.where(finite, FINE, NOT_FINITE))
    return DynamicsRun(motion, info, jnp.asarray(0), reason, jnp.zeros(2, motion.x.dtype))


@eqx.filter_jit
def advance(
    key, fixed: FixedParts, run: DynamicsRun, room: NeighborhoodRoom, frames: int
) -> tuple[DynamicsRun, ThermoRows, FrameRows]:
    """`frames` frames of `rows` rows of `every` steps; after a stop the rows repeat the last good state."""

    def row(tried, _):
        tried = to_next_row(key, fixed, tried, room)
        return tried, thermo(fixed, tried.run, tried.near)

    def frame(tried, _):
        tried, rows = jax.lax.scan(row, tried, None, fixed.rows)
        return tried, (rows, FrameRows(tried.run.motion.x, tried.run.motion.v))

    fresh = Tried(run, fixed.neighbors(run.motion, room), jnp.asarray(True))  # noqa: FBT003
    last, (rows, kept) = jax.lax.scan(frame, fresh, None, frames)
    return last.run, jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]), rows), kept


class Tried(NamedTuple):
    """A run and the neighbors it was last moved with."""

    run: DynamicsRun
    near: Neighborhood
    complete: Bool[Array, ""]  # False: the next step needs others


def to_next_row(key, fixed: FixedParts, tried: Tried, room: NeighborhoodRoom) -> Tried:
    """`every` steps: with one table of neighbors as long as it is complete, then with the next."""
    goal = tried.run.step + fixed.every

    def unfinished(tried):
        return (tried.run.step < goal) & (tried.run.reason == FINE)

    def with_one_table(tried):
        run, near, complete = tried
        near = jax.lax.cond(complete, lambda: near, partial(fixed.neighbors, run.motion, room))
        run = run._replace(reason=jnp.where(near.table.overflow, OVERFLOW, run.reason))
        step = lambda moving: one_step(key, fixed, near, moving[0])  # noqa: E731
        going = lambda moving: unfinished(Tried(moving[0], near, moving[1])) & moving[1]  # noqa: E731
        moved, held = jax.lax.while_loop(going, step, (run, jnp.asarray(True)))  # noqa: FBT003
        lost = ~complete & ~held & (moved.step == run.step) & (moved.reason == FINE)
        return Tried(moved._replace(reason=jnp.where(lost, TOO_FAR, moved.reason)), near, held)

    return jax.lax.while_loop(unfinished, with_one_table, tried)


def one_step(key, fixed: FixedParts, near: Neighborhood, run: DynamicsRun) -> tuple[DynamicsRun, Bool[Array, ""]]:
    """A step, taken back where its outcome is unsound or a neighbor may have been missing; whether none was."""
    key = jax.random.fold_in(key, run.step)
    motion, info = fixed.dynamics.step(key, run.motion, fixed.masses, fixed.field(near))
    info = StepInfo(*(jnp.asarray(a, motion.x.dtype) for a in info))
    fastest = jnp.max(jnp.sum(motion.v * motion.v, axis=1))
    finite = jnp.isfinite(motion.energy) & jnp.isfinite(fastest) & jnp.isfinite(jnp.sum(motion.x))
    fast = fastest * fixed.dynamics.dt**2 > FARTHEST**2
    reason = jnp.where(~finite, NOT_FINITE, jnp.where(fast, TOO_FAST, FINE))
    held = fixed.complete(near, motion)
    new = DynamicsRun(motion, info, run.step + 1, reason, run.trials + jnp.stack([info.tried, info.accepted]))
    good = held & (reason == FINE)
    return jax.tree.map(partial(jnp.where, good), new, run._replace(reason=reason)), held


def thermo(fixed: FixedParts, run: DynamicsRun, near: Neighborhood) -> ThermoRows:
    """A row of the state."""
    motion, m = run.motion, fixed.masses[:, None]
    K = kinetic_energy(motion.v, fixed.masses)
    strain = (motion.strain + motion.strain.T) / 2 - (m * motion.v).T @ motion.v
    momentum = jnp.linalg.norm(jnp.sum(m * motion.v, axis=0))
    speeds = jnp.sum(m[:, 0] * jnp.linalg.norm(motion.v, axis=1))
    r = near.table.vectors(motion.x, motion.cell, fixed.potential.cutoff)
    square = jnp.where(near.table.real, jnp.sum(r * r, axis=-1), jnp.inf)
    tiny = float(jnp.finfo(speeds.dtype).tiny)
    return ThermoRows(
        motion.energy, run.info.kinetic, motion.energy + K - motion.heat, strain, motion.cell,
        momentum / jnp.maximum(speeds, tiny), jnp.sqrt(jnp.min(square)), uncertainty(fixed, r, near.table),
    )  # fmt: skip


def uncertainty(fixed: FixedParts, r: Float[Array, "n K 3"], table: NeighborTable) -> UncertaintyRows | None:
    """Of a potential that knows it, at the cost of one evaluation for each row, not for each step."""
    potential = fixed.potential
    if not isinstance(potential, AbstractUncertainPotential):
        return None
    sigma, energy = apart(table, lambda: potential.with_uncertainty(r, table, fixed.species)[1])
    return UncertaintyRows(jnp.sqrt(jnp.mean(sigma * sigma)), jnp.max(sigma), jnp.argmax(sigma), energy)
