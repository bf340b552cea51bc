# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

import builtins
import collections.abc
import isinglass.data.arrays
import isinglass.data.atoms.labelled_atoms
import isinglass.data.configurations
import isinglass.data.hamiltonian
import isinglass.data.saved_state
import isinglass.inference.detection.labelled
import isinglass.inference.inverse.couplings
import isinglass.inference.linear.plane
import isinglass.inference.linear.target_table
import isinglass.inference.posterior.simulations
import isinglass.inference.scaling_laws.runs_table
import isinglass.inference.spectrum.data_matrix
import isinglass.nets.density
import isinglass.result
import isinglass.run.progress
import isinglass.systems.field_samples
import isinglass.systems.lattice.associative_memory
import isinglass.systems.mechanics.trajectories
import isinglass.systems.particle.structure
import isinglass.systems.path
import isinglass.systems.quantum.hamiltonian
import isinglass.systems.quantum.hamiltonian_line
import isinglass.systems.quantum.initial_value_problem
import isinglass.systems.simulator.log_likelihood
import isinglass.systems.simulator.program_simulator
import isinglass.systems.simulator.python_simulator
import isinglass.systems.simulator.rival_models
import isinglass.systems.simulator.simulator
import isinglass.systems.system
import isinglass.systems.two_states
import isinglass.tasks.approximate_evolution
import isinglass.tasks.approximate_family
import isinglass.tasks.approximate_ground_state
import isinglass.tasks.approximate_levels
import isinglass.tasks.approximate_path
import isinglass.tasks.atoms.approximate_minimum
import isinglass.tasks.atoms.approximate_potential
import isinglass.tasks.atoms.sample_dynamics
import isinglass.tasks.detection.infer_detection
import isinglass.tasks.dimension.infer_dimension
import isinglass.tasks.energy.approximate_boltzmann_machine
import isinglass.tasks.energy.infer_couplings
import isinglass.tasks.infer_components
import isinglass.tasks.infer_field
import isinglass.tasks.infer_phases
import isinglass.tasks.infer_transition
import isinglass.tasks.infer_two_phases
import isinglass.tasks.linear.infer_linear
import isinglass.tasks.mechanics.approximate_motion
import isinglass.tasks.memory.infer_memory
import isinglass.tasks.model_choice.infer_model
import isinglass.tasks.own.approximate_density
import isinglass.tasks.own.sample_density
import isinglass.tasks.own.sample_function
import isinglass.tasks.posterior.infer_by_distance
import isinglass.tasks.posterior.infer_likelihood
import isinglass.tasks.posterior.infer_posterior
import isinglass.tasks.renormalization.infer_renormalization
import isinglass.tasks.sample_annealed
import isinglass.tasks.sample_by_model
import isinglass.tasks.sample_fields
import isinglass.tasks.sample_path
import isinglass.tasks.sample_state
import isinglass.tasks.sample_system
import isinglass.tasks.sample_two_states
import isinglass.tasks.scaling_laws.infer_scaling
import isinglass.tasks.separable.infer_separable
import isinglass.tasks.sequence.approximate_sequence
import isinglass.tasks.setting.given_arrays
import isinglass.tasks.spectrum.infer_spectrum
import jax
import typing
from pathlib import Path

__all__ = ['approximate', 'infer', 'sample']

@typing.overload
def approximate(
    key: jax.Array | int,
    problem: isinglass.data.arrays.ArrayLike | builtins.list,
    method: str = ...,
    hidden_units: int = ...,
    hidden: typing.Literal['same', 'binary', 'spin', 'gaussian'] = ...,
    negative: typing.Literal['persistent', 'contrastive', 'tempering'] = ...,
    sweeps: int = ...,
    epochs: int | None = ...,
    rate: float = ...,
    batch: int | None = ...,
    weight_decay: float = ...,
    symmetric: bool = ...,
    held_out: float = ...,
    partition: typing.Literal['auto', 'exact', 'annealed'] = ...,
    annealing_steps: int = ...,
    samples: int = ...,
    chain: isinglass.tasks.energy.approximate_boltzmann_machine.RowChains = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def approximate(
    key: jax.Array | int,
    problem: isinglass.data.arrays.ArrayLike | builtins.list,
    method: str = ...,
    steps: int = ...,
    learning_rate: float = ...,
    batch: int = ...,
    layers: int = ...,
    width: int = ...,
    latent: int | None = ...,
    beta: float = ...,
    bound_samples: int = ...,
    critic: typing.Literal['non-saturating', 'wasserstein'] = ...,
    step_size: float = ...,
    held_out: float = ...,
    samples: int = ...,
    chain: isinglass.tasks.own.approximate_density.RowChains = ...,
    names: isinglass.tasks.own.approximate_density.EntryNames = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def approximate(
    key: jax.Array | int,
    problem: isinglass.systems.quantum.initial_value_problem.InitialValueProblem,
    observables: isinglass.tasks.approximate_evolution.Observables = ...,
    samples: int = ...,
    symmetry: isinglass.tasks.approximate_evolution.Permutations = ...,
    solver: typing.Literal['heun', 'rk4'] = ...,
    cutoff: float = ...,
    signal_to_noise: float = ...,
    chunk: int | None = ...,
    exact: isinglass.tasks.approximate_evolution.Values = ...,
    exact_source: str = ...,
    accuracy: float = ...,
    drift: float = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def approximate(
    key: jax.Array | int,
    problem: isinglass.systems.quantum.hamiltonian_line.HamiltonianLine,
    ansatz: isinglass.tasks.approximate_family.Ansatz = ...,
    one_network: bool = ...,
    alpha: float | None = ...,
    lattice: isinglass.tasks.approximate_family.Lattice = ...,
    degree: int = ...,
    steps: int = ...,
    samples: int = ...,
    rate: float = ...,
    asked: isinglass.tasks.approximate_family.Couplings = ...,
    measured: int = ...,
    exact: isinglass.tasks.approximate_family.Energies = ...,
    exact_source: str = ...,
    accuracy: float = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def approximate(
    key: jax.Array | int,
    problem: isinglass.systems.quantum.hamiltonian.Hamiltonian | isinglass.data.hamiltonian.QuantumProblem,
    ansatz: isinglass.tasks.approximate_ground_state.Ansatz = ...,
    lattice: isinglass.tasks.approximate_ground_state.Lattice = ...,
    numbers: isinglass.tasks.approximate_ground_state.Numbers = ...,
    preset: isinglass.tasks.approximate_ground_state.Preset = ...,
    alpha: float | None = ...,
    steps: int | None = ...,
    samples: int | None = ...,
    tolerance: float | None = ...,
    rate: float | None = ...,
    shift: float | None = ...,
    optimizer: isinglass.tasks.approximate_ground_state.Optimizer = ...,
    sampler: isinglass.tasks.approximate_ground_state.Sampler = ...,
    chains: int | None = ...,
    sweep: int | None = ...,
    observables: isinglass.tasks.approximate_ground_state.Observables = ...,
    every: int = ...,
    callback: isinglass.tasks.approximate_ground_state.Callback = ...,
    chunk: int | None = ...,
    exact: float | None = ...,
    exact_source: str = ...,
    accuracy: float | None = ...,
    signs: isinglass.tasks.approximate_ground_state.Signs = ...,
    measured_by: isinglass.tasks.approximate_ground_state.Measuring = ...,
    lanczos_step: bool = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def approximate(
    key: jax.Array | int,
    problem: isinglass.systems.quantum.hamiltonian.Hamiltonian | isinglass.data.hamiltonian.QuantumProblem,
    ansatz: isinglass.tasks.approximate_levels.Ansatz = ...,
    lattice: isinglass.tasks.approximate_levels.Lattice = ...,
    numbers: isinglass.tasks.approximate_levels.Numbers = ...,
    states: int = ...,
    observables: isinglass.tasks.approximate_levels.Observables = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def approximate(
    key: jax.Array | int,
    problem: isinglass.systems.particle.structure.AtomsInPotential,
    cell: typing.Literal['auto', 'none', 'isotropic', 'full'] = ...,
    pressure: float = ...,
    force: float = ...,
    stress: float = ...,
    steps: int = ...,
    properties: typing.Literal['all', 'elastic', 'phonons', 'none'] = ...,
    reach: float = ...,
    supercell: int = ...,
    hops: int = ...,
    walkers: int = ...,
    hop_length: float = ...,
    hop_temperature: float | None = ...,
    output: Path | None = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def approximate(
    key: jax.Array | int,
    problem: isinglass.systems.mechanics.trajectories.Trajectories,
    method: str = ...,
    steps: int = ...,
    learning_rate: float = ...,
    batch: int = ...,
    layers: int = ...,
    width: int = ...,
    substeps: int = ...,
    held_out: float = ...,
    duration: float | None = ...,
    accuracy: float = ...,
    truth: isinglass.tasks.mechanics.approximate_motion.Energy = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def approximate(
    key: jax.Array | int,
    problem: isinglass.systems.quantum.hamiltonian_line.HamiltonianLine,
    ansatz: isinglass.tasks.approximate_path.Ansatz = ...,
    one_network: bool = ...,
    alpha: float | None = ...,
    lattice: isinglass.tasks.approximate_path.Lattice = ...,
    steps: int = ...,
    first_steps: int = ...,
    samples: int = ...,
    rate: float = ...,
    blocks: tuple[int, ...] | None = ...,
    draws: int = ...,
    exact: isinglass.tasks.approximate_path.Energies = ...,
    exact_source: str = ...,
    accuracy: float = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def approximate(
    key: jax.Array | int,
    problem: isinglass.data.atoms.labelled_atoms.LabelledAtoms,
    model: typing.Literal['mace', 'nequip', 'moments', 'schnet', 'behler-parrinello'] = ...,
    cutoff: float = ...,
    channels: int | None = ...,
    waves: int | None = ...,
    epochs: int = ...,
    members: int = ...,
    repulsion: bool = ...,
    batch: int = ...,
    optimizer: typing.Literal['muon', 'adam'] = ...,
    learning_rate: float | None = ...,
    energy_weight: float = ...,
    forces_weight: float = ...,
    stress_weight: float = ...,
    weight_growth: float = ...,
    halvings: int = ...,
    valid: typing.Any = ...,
    test: typing.Any = ...,
    isolated: typing.Any = ...,
    wanted: float | None = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def approximate(
    key: jax.Array | int,
    problem: isinglass.data.arrays.ArrayLike | builtins.list,
    method: str = ...,
    context: int = ...,
    width: int = ...,
    layers: int = ...,
    steps: int = ...,
    batch: int = ...,
    rate: float = ...,
    held_out: float = ...,
    entropy: float | None = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: collections.abc.Callable | isinglass.systems.simulator.simulator.AbstractSimulator | isinglass.inference.posterior.simulations.Simulations | isinglass.systems.simulator.python_simulator.PythonSimulator | isinglass.systems.simulator.program_simulator.ProgramSimulator,
    observation: typing.Any = ...,
    prior: typing.Any = ...,
    method: str = ...,
    simulations: int = ...,
    accept: float = ...,
    adjust: bool = ...,
    populations: int = ...,
    store: typing.Any = ...,
    executor: typing.Any = ...,
    time_limit: float | None = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: isinglass.data.configurations.Configurations | isinglass.result.Result | isinglass.data.arrays.ArrayLike | typing.Sequence[typing.Any] | typing.Mapping[typing.Any, typing.Any],
    method: isinglass.tasks.infer_components.Method = ...,
    *,
    temperature: isinglass.tasks.setting.given_arrays.Numbers | None = ...,
    beta: isinglass.tasks.setting.given_arrays.Numbers | None = ...,
    chain: isinglass.tasks.setting.given_arrays.Numbers | None = ...,
    energy: isinglass.tasks.setting.given_arrays.Numbers | None = ...,
    parameter: str | None = ...,
    configurations: str | None = ...,
    kind: str | None = ...,
    shape: str | typing.Sequence[int] = ...,
    axes: str | typing.Sequence[str] = ...,
    period: float | None = ...,
    boundary: str | float | None = ...,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: isinglass.inference.inverse.couplings.SpinSamples,
    method: str = ...,
    ridge: float = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: isinglass.inference.detection.labelled.Labelled,
    network: typing.Literal['auto', 'mlp', 'series'] = ...,
    false_alarm: float = ...,
    steps: int = ...,
    learning_rate: float = ...,
    weight_decay: float = ...,
    batch: int = ...,
    hidden: tuple[int, ...] = ...,
    filters: tuple[int, ...] = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: isinglass.inference.spectrum.data_matrix.DataMatrix,
    method: str = ...,
    standardize: bool = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: isinglass.systems.field_samples.NoisyField,
    prior: isinglass.tasks.infer_field.Prior = ...,
    samples: int = ...,
    solver_steps: int = ...,
    chunk: int = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: isinglass.systems.simulator.log_likelihood.LogLikelihood | isinglass.systems.simulator.simulator.AbstractSimulator,
    prior: typing.Any = ...,
    observation: typing.Any = ...,
    method: str = ...,
    samples: int = ...,
    chains: int = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: isinglass.inference.linear.target_table.TargetTable,
    model: typing.Literal['auto', 'least_squares', 'ridge', 'logistic', 'softmax'] = ...,
    penalty: float | None = ...,
    penalty_by: typing.Literal['evidence', 'cross_validation'] = ...,
    held_out: float = ...,
    intercept: bool = ...,
    standardize: bool = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: isinglass.systems.lattice.associative_memory.AbstractAssociativeMemory,
    observation: typing.Any = ...,
    runs: int = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: isinglass.systems.simulator.rival_models.RivalModels,
    prior: typing.Any = ...,
    observation: typing.Any = ...,
    method: typing.Literal['auto', 'evidence', 'classifier'] = ...,
    samples: int = ...,
    simulations: int = ...,
    networks: int = ...,
    executor: typing.Any = ...,
    time_limit: float | None = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: isinglass.data.configurations.Configurations | isinglass.result.Result | builtins.dict | isinglass.data.arrays.ArrayLike | typing.Sequence[typing.Any] | typing.Mapping[typing.Any, typing.Any],
    preset: isinglass.tasks.infer_phases.Preset = ...,
    confusion: isinglass.tasks.infer_phases.Networks = ...,
    draws: int = ...,
    refine: bool = ...,
    ask: bool = ...,
    method: str = ...,
    *,
    temperature: isinglass.tasks.setting.given_arrays.Numbers | None = ...,
    beta: isinglass.tasks.setting.given_arrays.Numbers | None = ...,
    chain: isinglass.tasks.setting.given_arrays.Numbers | None = ...,
    energy: isinglass.tasks.setting.given_arrays.Numbers | None = ...,
    parameter: str | None = ...,
    configurations: str | None = ...,
    kind: str | None = ...,
    shape: str | typing.Sequence[int] = ...,
    axes: str | typing.Sequence[str] = ...,
    period: float | None = ...,
    boundary: str | float | None = ...,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: collections.abc.Callable | isinglass.systems.simulator.simulator.AbstractSimulator | isinglass.inference.posterior.simulations.Simulations | isinglass.systems.simulator.python_simulator.PythonSimulator | isinglass.systems.simulator.program_simulator.ProgramSimulator,
    observation: typing.Any = ...,
    prior: typing.Any = ...,
    method: str = ...,
    sampler: typing.Literal['smc', 'hmc', 'nuts'] = ...,
    simulations: int = ...,
    rounds: int = ...,
    store: typing.Any = ...,
    executor: typing.Any = ...,
    time_limit: float | None = ...,
    steps: int = ...,
    learning_rate: float = ...,
    weight_decay: float = ...,
    batch: int = ...,
    layers: int = ...,
    width: int = ...,
    bins: int = ...,
    samples: int = ...,
    density: str = ...,
    embedding: typing.Any = ...,
    members: int = ...,
    corrected: bool = ...,
    halvings: int = ...,
    any_number: bool = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: builtins.dict | isinglass.data.configurations.Configurations | isinglass.result.Result | isinglass.data.arrays.ArrayLike | typing.Sequence[typing.Any] | typing.Mapping[typing.Any, typing.Any],
    method: str = ...,
    scale: int = ...,
    draws: int = ...,
    *,
    temperature: isinglass.tasks.setting.given_arrays.Numbers | None = ...,
    beta: isinglass.tasks.setting.given_arrays.Numbers | None = ...,
    chain: isinglass.tasks.setting.given_arrays.Numbers | None = ...,
    energy: isinglass.tasks.setting.given_arrays.Numbers | None = ...,
    parameter: str | None = ...,
    configurations: str | None = ...,
    kind: str | None = ...,
    shape: str | typing.Sequence[int] = ...,
    axes: str | typing.Sequence[str] = ...,
    period: float | None = ...,
    boundary: str | float | None = ...,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: isinglass.inference.scaling_laws.runs_table.RunsTable,
    law: typing.Literal['auto', 'both', 'parameters', 'tokens', 'compute'] = ...,
    compute: tuple[float, ...] | None = ...,
    loss_below: float | None = ...,
    replicas: int = ...,
    resample: typing.Literal['auto', 'runs', 'groups'] = ...,
    huber: float = ...,
    flop: float = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: isinglass.inference.linear.plane.LabelledPoints,
    intercept: bool = ...,
    permutations: int = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: isinglass.inference.spectrum.data_matrix.DataMatrix,
    center: bool = ...,
    standardize: bool = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: builtins.dict,
    method: isinglass.tasks.infer_transition.Method = ...,
    networks: isinglass.tasks.infer_transition.Networks = ...,
    label: str | None = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def infer(
    key: jax.Array | int,
    problem: isinglass.data.configurations.Configurations | isinglass.result.Result | isinglass.data.arrays.ArrayLike | typing.Sequence[typing.Any] | typing.Mapping[typing.Any, typing.Any],
    method: isinglass.tasks.infer_two_phases.Method = ...,
    boundary: str | float | None = ...,
    held_out: isinglass.tasks.infer_two_phases.Rows = ...,
    networks: typing.Any = ...,
    *,
    temperature: isinglass.tasks.setting.given_arrays.Numbers | None = ...,
    beta: isinglass.tasks.setting.given_arrays.Numbers | None = ...,
    chain: isinglass.tasks.setting.given_arrays.Numbers | None = ...,
    energy: isinglass.tasks.setting.given_arrays.Numbers | None = ...,
    parameter: str | None = ...,
    configurations: str | None = ...,
    kind: str | None = ...,
    shape: str | typing.Sequence[int] = ...,
    axes: str | typing.Sequence[str] = ...,
    period: float | None = ...,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def sample(
    key: jax.Array | int,
    problem: isinglass.systems.system.AbstractSystem | builtins.list,
    method: isinglass.tasks.sample_annealed.Method = ...,
    hot: float | None = ...,
    cold: float | None = ...,
    sweeps: int = ...,
    runs: int = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def sample(
    key: jax.Array | int,
    problem: isinglass.systems.system.AbstractSystem,
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
    objective: isinglass.tasks.sample_by_model.Objective = ...,
    training: isinglass.tasks.sample_by_model.Schedule = ...,
    data: isinglass.tasks.sample_by_model.Samples = ...,
    draws: int | None = ...,
    warmup: int = ...,
    chunk: int | None = ...,
    observables: isinglass.tasks.sample_by_model.Observables = ...,
    reference: isinglass.tasks.sample_by_model.Samples = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def sample(
    key: jax.Array | int,
    problem: isinglass.nets.density.AbstractGenerator | isinglass.result.Result,
    samples: int = ...,
    model: str | None = ...,
    chunk: int = ...,
    observables: isinglass.tasks.own.sample_density.Observables = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def sample(
    key: jax.Array | int,
    problem: isinglass.systems.particle.structure.AtomsInPotential,
    temperature: float = ...,
    steps: int = ...,
    time_step: float = ...,
    ensemble: isinglass.tasks.atoms.sample_dynamics.Ensemble = ...,
    pressure: float = ...,
    friction: float = ...,
    cell: typing.Literal['full', 'isotropic'] = ...,
    every: int = ...,
    skin: float | None = ...,
    precision: typing.Literal['double', 'single'] = ...,
    trajectory: Path | None = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def sample(
    key: jax.Array | int,
    problem: isinglass.systems.field_samples.FieldSamples,
    network: isinglass.tasks.sample_fields.Network = ...,
    odd: bool = ...,
    channels: int = ...,
    depth: int = ...,
    preset: isinglass.tasks.sample_fields.Preset = ...,
    training: isinglass.tasks.sample_fields.Schedule = ...,
    samples: int = ...,
    solver_steps: int = ...,
    held_out: float = ...,
    precision: float = ...,
    chunk: int = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def sample(
    key: jax.Array | int,
    problem: collections.abc.Callable,
    start: typing.Any = ...,
    constraints: typing.Any = ...,
    temperature: isinglass.tasks.own.sample_function.Temperature = ...,
    modes: typing.Any = ...,
    method: isinglass.tasks.own.sample_function.Chains = ...,
    samples: int = ...,
    chains: int = ...,
    thin: int | None = ...,
    warmup: int | None = ...,
    effective_samples: isinglass.tasks.own.sample_function.EffectiveSamples = ...,
    max_sweeps: int = ...,
    observables: isinglass.tasks.own.sample_function.Observables = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def sample(
    key: jax.Array | int,
    problem: isinglass.systems.path.CouplingPath,
    method: isinglass.tasks.sample_path.Method = ...,
    nodes: int = ...,
    samples: int = ...,
    chains: int = ...,
    thin: int = ...,
    warmup: int = ...,
    start: isinglass.tasks.sample_path.Start = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def sample(
    key: jax.Array | int,
    problem: isinglass.data.saved_state.SavedState,
    observables: isinglass.tasks.sample_state.Observables = ...,
    samples: int | None = ...,
    chains: int | None = ...,
    sampler: isinglass.tasks.sample_state.Sampler = ...,
    sweep: int | None = ...,
    chunk: int | None = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def sample(
    key: jax.Array | int,
    problem: isinglass.systems.system.AbstractSystem,
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
    observables: isinglass.tasks.sample_system.Observables = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...

@typing.overload
def sample(
    key: jax.Array | int,
    problem: isinglass.systems.two_states.TwoStates,
    network: isinglass.tasks.sample_two_states.Network = ...,
    objective: isinglass.tasks.sample_two_states.Objective = ...,
    preset: isinglass.tasks.sample_two_states.Preset = ...,
    training: isinglass.tasks.sample_two_states.Schedule = ...,
    energy_training: isinglass.tasks.sample_two_states.Schedule = ...,
    sampler: isinglass.tasks.sample_two_states.Method = ...,
    samples: int = ...,
    chains: int = ...,
    thin: int = ...,
    warmup: int = ...,
    images: isinglass.tasks.sample_two_states.Images = ...,
    draws: int = ...,
    reference: isinglass.tasks.sample_two_states.Samples = ...,
    *,
    progress: isinglass.run.progress.ProgressCallable | typing.Literal[False] | None = ...,
    checkpoint: Path | str | None = ...,
) -> isinglass.result.Result: ...
