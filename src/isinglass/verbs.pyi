# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

import builtins
import isinglass.data.configurations
import isinglass.result
import isinglass.run.progress
import isinglass.systems.quantum.hamiltonian
import isinglass.systems.system
import isinglass.tasks.approximate_ground_state
import isinglass.tasks.approximate_levels
import isinglass.tasks.infer_components
import isinglass.tasks.infer_phases
import isinglass.tasks.infer_transition
import isinglass.tasks.infer_two_phases
import isinglass.tasks.sample_annealed
import isinglass.tasks.sample_by_model
import isinglass.tasks.sample_system
import jax
import typing
from pathlib import Path

__all__ = ['approximate', 'infer', 'sample']

@typing.overload
def approximate(
    key: jax.Array | int,
    problem: isinglass.systems.quantum.hamiltonian.Hamiltonian,
    /,
    ansatz: isinglass.tasks.approximate_ground_state.Ansatz = ...,
    lattice: isinglass.tasks.approximate_ground_state.Lattice = ...,
    numbers: isinglass.tasks.approximate_ground_state.Numbers = ...,
    preset: isinglass.tasks.approximate_ground_state.Preset = ...,
    alpha: float | None = ...,
    steps: int | None = ...,
    samples: int | None = ...,
    tolerance: float | None = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def approximate(
    key: jax.Array | int,
    problem: isinglass.systems.quantum.hamiltonian.Hamiltonian,
    /,
    ansatz: isinglass.tasks.approximate_levels.Ansatz = ...,
    numbers: isinglass.tasks.approximate_levels.Numbers = ...,
    states: int = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: isinglass.data.configurations.Configurations | isinglass.result.Result,
    /,
    method: isinglass.tasks.infer_components.Method = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: isinglass.data.configurations.Configurations | isinglass.result.Result,
    /,
    preset: isinglass.tasks.infer_phases.Preset = ...,
    confusion: isinglass.tasks.infer_phases.Networks = ...,
    draws: int = ...,
    refine: bool = ...,
    method: str = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: builtins.dict,
    /,
    method: isinglass.tasks.infer_transition.Method = ...,
    networks: isinglass.tasks.infer_transition.Networks = ...,
    label: str | None = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: isinglass.data.configurations.Configurations | isinglass.result.Result,
    /,
    method: isinglass.tasks.infer_two_phases.Method = ...,
    boundary: float | None = ...,
    held_out: isinglass.tasks.infer_two_phases.Rows = ...,
    networks: typing.Any = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def sample(
    key: jax.Array | int,
    problem: isinglass.systems.system.AbstractSystem | builtins.list,
    /,
    method: isinglass.tasks.sample_annealed.Method = ...,
    hot: float = ...,
    cold: float = ...,
    sweeps: int = ...,
    runs: int = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def sample(
    key: jax.Array | int,
    problem: isinglass.systems.system.AbstractSystem,
    /,
    temperature: isinglass.tasks.sample_by_model.Temperature = ...,
    method: isinglass.tasks.sample_by_model.Model = ...,
    model: Path | None = ...,
    correct: isinglass.tasks.sample_by_model.Correction = ...,
    preset: isinglass.tasks.sample_by_model.Preset = ...,
    samples: int = ...,
    chains: int = ...,
    thin: int = ...,
    steps: int | None = ...,
    batch: int | None = ...,
    learning_rate: float | None = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def sample(
    key: jax.Array | int,
    problem: isinglass.systems.system.AbstractSystem,
    /,
    temperature: isinglass.tasks.sample_system.Temperature = ...,
    method: isinglass.tasks.sample_system.Method = ...,
    samples: int = ...,
    chains: int = ...,
    thin: int | None = ...,
    warmup: int | None = ...,
    effective_samples: isinglass.tasks.sample_system.EffectiveSamples = ...,
    max_sweeps: int = ...,
    configurations: bool = ...,
    start: isinglass.tasks.sample_system.Start | None = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...
