# SPDX-License-Identifier: Apache-2.0
"""Several Hamiltonians, each with a neural state that is optimized, measured, and held against what is known of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
import xarray as xr

from isinglass.approximation.variational.born_sampling import AbstractBornSampler
from isinglass.approximation.variational.energy import measure
from isinglass.approximation.variational.variational_monte_carlo import VariationalMonteCarlo, optimize
from isinglass.checks.variational import variance_tells, variational_principle, within_relative
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable

__all__ = ["Case", "solve_all"]


class Case(NamedTuple):
    """One line of the table."""

    label: str
    method: VariationalMonteCarlo
    state: Callable[[Any], AbstractQuantumState]  # of a random key
    steps: int
    exact: float
    source: str  # of `exact`
    tolerance: float | None  # of the relative error; None: no claim
    seen: AbstractBornSampler | None = None  # what measures at the end, where it is another than what was trained with


def solve_all(
    key: Any, name: str, cases: Sequence[Case], settings: dict, progress: ProgressCallable, checkpoint: Path | None
) -> Result:
    """One case after the other: <H>, variance and V-score of each, three checks, the history of all."""
    estimates: dict[str, Estimate] = {}
    checks: list[Check] = []
    history = np.full((len(cases), max(case.steps for case in cases)), np.nan)
    models, notes = {}, []
    for i, (case, key_case) in enumerate(zip(cases, jax.random.split(key, len(cases)), strict=True)):
        key_state, key_train, key_draw = jax.random.split(key_case, 3)
        file = None if checkpoint is None else checkpoint / f"{case.label}.safetensors"
        told = lambda done, total, text, label=case.label: progress(done, total, f"{label}: {text}")  # noqa: E731
        run = optimize(key_train, case.method, case.state(key_state), case.steps, checkpoint=file, progress=told)
        sampler, memory = (case.method.sampler, run.samples) if case.seen is None else (case.seen, None)
        found = measure(key_draw, case.method.hamiltonian, sampler, run.psi, memory, chunk=case.method.chunk)
        estimates |= {f"{quantity}/{case.label}": value for quantity, value in found.estimates().items()}
        held = [variational_principle(found.energy, case.exact, case.source, of=f"ground_state_energy/{case.label}"),
                variance_tells(found.energy, found.variance, case.exact)]  # fmt: skip
        if case.tolerance is not None:
            held.insert(1, within_relative(found.energy, case.exact, case.tolerance, case.source))
        for check in held:
            checks.append(replace(check, law=f"{check.law} ({case.label.replace('_', ' ')})"))
        history[i, : len(run.history["energy"])] = run.history["energy"]
        models[case.label] = run.psi
        notes += [] if run.status == "step limit" else [f"{case.label}: {run.status}"]
    labels = [case.label for case in cases]
    energies = [estimates[f"ground_state_energy/{label}"] for label in labels]
    arrays = xr.Dataset(
        {
            "energy_history": (("case", "step"), history),
            "exact_energy": ("case", np.array([case.exact for case in cases])),
            "energy": ("case", np.array([e.value for e in energies])),
            "energy_error": ("case", np.array([e.error or 0.0 for e in energies])),
            "variance": ("case", np.array([estimates[f"energy_variance/{label}"].value for label in labels])),
        },
        coords={"case": labels, "step": np.arange(1, history.shape[1] + 1)},
    )
    return Result(
        name,
        settings=settings,
        estimates=estimates,
        checks=checks,
        arrays=arrays,
        models=models,
        notes=notes,
        figures=["ground_states"],
    )
