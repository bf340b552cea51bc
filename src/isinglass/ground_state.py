# SPDX-License-Identifier: Apache-2.0
"""A Hamiltonian's ground state or lowest levels as a result: estimates, checks, history."""

import time
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import xarray as xr
from jaxtyping import Array, Key

from isinglass.approximation import ground_state
from isinglass.approximation.ansatz import neural_state
from isinglass.approximation.energy import measure
from isinglass.approximation.exact_diagonalization import MatrixFree
from isinglass.approximation.lanczos import Spectrum, lowest
from isinglass.approximation.lanczos_step import lanczos_step
from isinglass.approximation.variational_monte_carlo import optimize
from isinglass.checks.variational import variance_tells, variational_principle
from isinglass.errors import InputError
from isinglass.result import Check, Estimate, Result
from isinglass.systems.hamiltonian import Hamiltonian

__all__ = ["exact_levels", "neural_ground_state"]

MOST_LEVELS = 64


def neural_ground_state(
    key: Key[Array, ""],
    hamiltonian: Hamiltonian,
    ansatz: str,
    preset: str,
    given: dict[str, float | None],
    lattice: tuple[int, ...] | None,
    *,
    checkpoint: Path | None = None,
    progress=None,
) -> Result:
    """By a neural state; what is `given` (steps, samples, alpha) takes the place of the preset's.

    Errors: InputError for an unknown ansatz or preset, or a space that the ansatz does not fit.
    """
    if preset not in ground_state.RECIPES:
        raise InputError(f"a preset among {', '.join(ground_state.RECIPES)}", repr(preset), "choose one of them")
    begun = time.perf_counter()
    recipe = ground_state.RECIPES[preset]._replace(**{name: v for name, v in given.items() if v is not None})
    key_net, key_train, key_draw, key_exact = jax.random.split(key, 4)
    turned, positive = ground_state.without_signs(hamiltonian)
    psi = neural_state(key_net, turned, ansatz, recipe.alpha, positive=positive, lattice=lattice)
    vmc = ground_state.method_for(turned, psi, recipe.samples)
    file = None if checkpoint is None else checkpoint / "ground_state.safetensors"
    run = optimize(key_train, vmc, psi, recipe.steps, checkpoint=file, progress=progress)
    found = measure(key_draw, turned, vmc.sampler, run.psi, run.samples)
    step = lanczos_step(jax.random.fold_in(key_draw, 1), turned, vmc.sampler, psi=run.psi, memory=run.samples,
                        center=found.energy.value)  # fmt: skip
    exact = ground_state.exact_energy(key_exact, hamiltonian)
    known = {} if exact is None else {"ground_state_energy/exact": Estimate(exact)}
    finite = not run.status.startswith("diverged")
    checks = [] if finite else [Check("optimization stays finite", None, None, None, "fail")]
    if exact is not None:
        better = variational_principle(step.energy, exact, "Lanczos")
        checks += [variational_principle(found.energy, exact, "Lanczos"),
                   replace(better, law=f"{better.law}, one Lanczos step later"),
                   variance_tells(found.energy, found.variance, exact)]  # fmt: skip
    return Result(
        "ground-state",
        estimates=found.estimates() | step.estimates() | known,
        checks=checks,
        arrays=ground_state.history(run.history, exact),
        models={"state": run.psi},
        settings={"hamiltonian": str(hamiltonian.operator), "ansatz": ansatz, "preset": preset, **recipe._asdict()},
        seconds=time.perf_counter() - begun,
        status="done" if finite else run.status,
        notes=[] if run.status == "step limit" else [run.status],
        figures=["variational_energy"],
    )


def exact_levels(key: Key[Array, ""], hamiltonian: Hamiltonian, states: int = 1, progress=None) -> Result:
    """The lowest levels by Lanczos, in the space or sector of the Hamiltonian.

    Errors: InputError for no or too many levels; ValueError for a space that does not fit into memory.
    """
    begun = time.perf_counter()
    most = min(hamiltonian.space.size, MOST_LEVELS)
    if not 1 <= states <= most:
        raise InputError(f"1 to {most} levels of {hamiltonian.space.size} states", str(states), "change --states")
    options = {} if progress is None else {"progress": progress}
    spectrum = lowest(key, MatrixFree(hamiltonian), states, **options)
    estimates, arrays = levels(spectrum)
    size = float((spectrum.residuals / np.maximum(np.abs(spectrum.energies), 1)).max())
    return Result(
        "ground-state",
        estimates=estimates,
        checks=[Check.at_most("residual |Hψ - Eψ| / |E| of the levels", size, 0.0, tolerance=1e-8)],
        arrays=arrays,
        settings={"hamiltonian": str(hamiltonian.operator), "ansatz": "exact", "states": states},
        seconds=time.perf_counter() - begun,
        status=spectrum.status,
    )


def levels(found: Spectrum) -> tuple[dict[str, Estimate], xr.Dataset]:
    """The lowest energy and the gap above it, each with the bound |Hψ - Eψ| as its error; all levels as an array."""
    E, residual = found.energies, found.residuals
    estimates = {"ground_state_energy": Estimate(float(E[0]), float(residual[0]))}
    if len(E) > 1:
        estimates["energy_gap"] = Estimate(float(E[1] - E[0]), float(residual[:2].sum()))
    arrays = {"energy": ("level", E), "residual": ("level", residual)}
    return estimates, xr.Dataset(arrays, coords={"level": np.arange(len(E))})
