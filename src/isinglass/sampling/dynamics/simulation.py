# SPDX-License-Identifier: Apache-2.0
"""The driver of dynamics: blocks, frames as they come, resume, a stop that says why.

Step k uses the key fold_in(key, k); blocks begin with neighbors found anew, and their room is part of the state.
Law: bit-identical for any interruption.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from isinglass.errors import InputError
from isinglass.exact.particle.metal_units import BOLTZMANN
from isinglass.memory import require_memory
from isinglass.run.loop import Log, Loop, Steps
from isinglass.sampling.dynamics.block import (
    FINE,
    OVERFLOW,
    REASONS,
    DynamicsRun,
    FixedParts,
    FrameRows,
    ThermoRows,
    UncertaintyRows,
    advance,
    begin,
)  # fmt: skip
from isinglass.sampling.dynamics.motion import AbstractDynamics, AtomicMotion
from isinglass.systems.particle.interatomic import AbstractInteratomic, AbstractUncertainPotential
from isinglass.systems.particle.neighborhood import NeighborhoodRoom, plan_room
from isinglass.systems.particle.structure import AtomicStructure

__all__ = ["DynamicsPlan", "AtomicTrajectory", "simulate"]

ATOM_STEPS = 2e5  # in a block: about a second of a classical potential
PARAMETERS = 2000  # of a network, with which a step takes about as long as with a classical potential
StoreCallable = Callable[[Any, Any, Any, int], None]  # positions, velocities, cells of new frames, number of the first
TRIES = 8  # of a block with more room


@dataclass(frozen=True)
class DynamicsPlan:
    """How long, and what is kept."""

    steps: int  # a multiple of every · rows
    every: int = 10  # steps from row to row
    rows: int = 1  # from frame to frame
    skin: float = 0.5  # Å

    @property
    def frames(self) -> int:
        """Frames kept, the start not counted."""
        return self.steps // (self.every * self.rows)

    def block(self, n: float) -> int:
        """Frames in a block: a divisor of all, where one is near what takes a second with n atoms."""
        wanted = max(1, min(self.frames, round(ATOM_STEPS / (n * self.every * self.rows))))
        divisors = [k for k in range(1, wanted + 1) if self.frames % k == 0]
        return divisors[-1] if 4 * divisors[-1] > wanted else wanted


class AtomicTrajectory(NamedTuple):
    """Rows and frames up to the last good one.  Unit: eV, Å, amu, steps."""

    rows: ThermoRows  # NumPy
    frames: FrameRows
    frame_cell: Float[np.ndarray, "frames 3 3"]
    start: AtomicMotion  # with energy and forces
    end: AtomicMotion  # the last good state
    steps: int  # that were done
    trials: Float[np.ndarray, " 2"]  # of the cell, accepted
    status: str  # done, or why it stopped
    seconds: float  # a step, the median of the blocks after the first, which compiles; NaN where there was one


def simulate(
    key, dynamics: AbstractDynamics, potential: AbstractInteratomic, atoms: AtomicStructure,
    species: Int[np.ndarray, " n"], velocities: Float[np.ndarray, "n 3"], plan: DynamicsPlan, *,
    dtype: Any = None, store: StoreCallable | None = None,
    checkpoint: Path | None = None, progress: Callable[[int, int, str], None] | None = None,
) -> AtomicTrajectory:  # fmt: skip
    """Move the atoms.  `store(x, v, cells, first)` is given new frames as they come, first those of a resumed run.

    Errors: InputError for a start whose energy is no number; as `Loop` and `plan_room`.
    """
    dtype = jnp.zeros(()).dtype if dtype is None else dtype
    put = lambda a: jnp.asarray(a, dtype)  # noqa: E731
    fixed = FixedParts(potential, dynamics, jnp.asarray(species), put(atoms.masses), jnp.asarray(atoms.pbc),
                  plan.skin, plan.every, plan.rows)  # fmt: skip
    n, zero = len(species), jnp.zeros((), dtype)
    require_memory("frames", 48.0 * n * plan.frames, f"{plan.frames} frames of {n} atoms", "keep fewer")
    start = AtomicMotion(put(atoms.positions), put(velocities), put(atoms.cell), zero, jnp.zeros((n, 3), dtype),
                   jnp.zeros((3, 3), dtype), zero, None)  # fmt: skip
    room = plan_room(np.asarray(start.x), np.asarray(start.cell), atoms.pbc, potential.cutoff + plan.skin)
    run, room = with_room(lambda room: begin(fixed, start, room), room, fixed)
    if int(run.reason) != FINE:
        found = f"E = {float(run.motion.energy)}"
        raise InputError("a start of finite energy and forces", found, "look at the distances between the atoms")
    blocks = DynamicsBlocks(key, fixed, plan, store)
    path = None if checkpoint is None else checkpoint / "dynamics.safetensors"
    loop = Loop(path, progress, key=key, parts=(fixed, start), settings=plan)
    log = loop.resume(Log((run, room.numbers()), empty_rows(run.motion, plan, potential)))
    if store is not None:
        kept = log.done // (plan.every * plan.rows)
        rows, frames = log.rows
        store(frames.x[:kept], frames.v[:kept], rows.cell[plan.rows - 1 :: plan.rows][:kept], 0)
    log, _ = loop(log, blocks.advance, plan.steps, lambda log: int(log.state[0].reason) != FINE)
    return trajectory(log, run.motion, plan, blocks)


class DynamicsBlocks:
    """Runs blocks, each again with more room where neighbors were too many."""

    def __init__(self, key, fixed: FixedParts, plan: DynamicsPlan, store: StoreCallable | None):
        """As in `simulate`."""
        self.key, self.fixed, self.plan, self.store = key, fixed, plan, store
        parameters = sum(np.size(a) for a in jax.tree.leaves(fixed.potential))
        self.size, self.times = plan.block(len(fixed.masses) * (1 + parameters / PARAMETERS)), []

    def advance(self, log: Log) -> Steps:
        """The next block."""
        run, numbers = log.state
        per_frame = self.plan.every * self.plan.rows
        frames = min(self.size, (self.plan.steps - log.done) // per_frame)
        held, begun = [], time.perf_counter()

        def block(room: NeighborhoodRoom) -> DynamicsRun:
            held[:] = advance(self.key, self.fixed, run, room, frames)
            return held[0]

        new, room = with_room(block, NeighborhoodRoom.of_numbers(numbers), self.fixed)
        rows, kept = jax.tree.map(np.asarray, tuple(held[1:]))
        self.times.append((time.perf_counter() - begun) / (frames * per_frame))
        first, good = log.done // per_frame, (int(new.step) - log.done) // per_frame
        if self.store is not None:
            cells = rows.cell[self.plan.rows - 1 :: self.plan.rows]
            self.store(kept.x[:good], kept.v[:good], cells[:good], first)
        T = 2 * rows.kinetic[-1] / (3 * len(self.fixed.masses) * BOLTZMANN)
        message = f"dynamics: {T:.4g} K, {rows.potential[-1]:.8g} eV"
        return Steps((new, room.numbers()), (rows, kept), frames * per_frame, message)


def with_room(
    work: Callable[[NeighborhoodRoom], DynamicsRun], room: NeighborhoodRoom, fixed: FixedParts
) -> tuple[DynamicsRun, NeighborhoodRoom]:
    """The work, done again with more room as long as it ends in an overflow.  Errors: InputError where none helps."""
    for _ in range(TRIES):
        run = work(room)
        if int(run.reason) != OVERFLOW:
            return run, room
        x, cell = (np.asarray(a) for a in (run.motion.x, run.motion.cell))
        wider = plan_room(x, cell, np.asarray(fixed.pbc), fixed.potential.cutoff + fixed.skin, room)
        room = wider if (wider.numbers() != room.numbers()).any() else grown(room)
    raise InputError("atoms whose neighbors memory can hold", "more at each try", "look at the density of the atoms")


def grown(room: NeighborhoodRoom) -> NeighborhoodRoom:
    """A quarter more of everything."""
    numbers = room.numbers()
    numbers[6:] = np.ceil(1.25 * numbers[6:])
    return NeighborhoodRoom.of_numbers(numbers)


def empty_rows(
    motion: AtomicMotion, plan: DynamicsPlan, potential: AbstractInteratomic
) -> tuple[ThermoRows, FrameRows]:
    """NumPy arrays for all rows and frames."""
    kind, n, R, F = motion.x.dtype, len(motion.x), plan.frames * plan.rows, plan.frames
    scalar, tensor = (lambda: np.zeros(R, kind)), (lambda: np.zeros((R, 3, 3), kind))
    known = isinstance(potential, AbstractUncertainPotential)
    doubt = UncertaintyRows(scalar(), scalar(), np.zeros(R, int), scalar()) if known else None
    rows = ThermoRows(scalar(), scalar(), scalar(), tensor(), tensor(), scalar(), scalar(), doubt)
    return rows, FrameRows(np.zeros((F, n, 3), kind), np.zeros((F, n, 3), kind))


def trajectory(log: Log, start: AtomicMotion, plan: DynamicsPlan, blocks: DynamicsBlocks) -> AtomicTrajectory:
    """What was done: rows and frames before a stop alone."""
    run, rows, kept = log.state[0], log.rows[0], log.rows[1]
    steps, reason = int(run.step), int(run.reason)
    R = min(steps // plan.every, len(rows.potential))
    F = steps // (plan.every * plan.rows)
    status = "done" if reason == FINE else f"stopped after step {steps} of {plan.steps}: {REASONS[reason]}"
    later = blocks.times[1:]
    return AtomicTrajectory(
        jax.tree.map(lambda a: a[:R], rows), FrameRows(*(a[:F] for a in kept)),
        rows.cell[plan.rows - 1 :: plan.rows][:F], jax.tree.map(np.asarray, start),
        jax.tree.map(np.asarray, run.motion), steps, np.asarray(run.trials), status,
        float(np.median(later)) if later else math.nan,
    )  # fmt: skip
