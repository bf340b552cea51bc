# SPDX-License-Identifier: Apache-2.0
"""A Hamiltonian's ground state or lowest levels as a result: estimates, checks, history."""

import os
import time
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import xarray as xr
from jaxtyping import Array, Key

from isinglass.approximation.exact.lanczos import Spectrum, basis_size, lowest
from isinglass.approximation.variational import ground_state
from isinglass.approximation.variational.ansatz import neural_state
from isinglass.approximation.variational.energy import measure
from isinglass.approximation.variational.lanczos_step import lanczos_step
from isinglass.approximation.variational.variational_monte_carlo import optimize
from isinglass.checks.variational import variance_tells, variational_principle
from isinglass.errors import InputError
from isinglass.result import Check, Estimate, Result
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import HilbertSpace
from isinglass.systems.quantum.quantum_numbers import QuantumNumbers

__all__ = ["exact_levels", "neural_ground_state"]

MOST_LEVELS = 64


def neural_ground_state(
    key: Key[Array, ""],
    hamiltonian: Hamiltonian,
    ansatz: str,
    preset: str,
    given: dict[str, float | None],
    lattice: tuple[int, ...] | None,
    numbers: QuantumNumbers | None = None,
    *,
    checkpoint: Path | None = None,
    progress=None,
) -> Result:
    """By a neural state; what is `given` (steps, samples, alpha, tolerance) takes the place of the preset's.

    With `numbers` the lowest state that has them.

    Errors: InputError for an unknown ansatz or preset, or a space that the ansatz does not fit.
    """
    if preset not in ground_state.RECIPES:
        raise InputError(f"a preset among {', '.join(ground_state.RECIPES)}", repr(preset), "choose one of them")
    begun = time.perf_counter()
    recipe = ground_state.RECIPES[preset]._replace(**{name: v for name, v in given.items() if v is not None})
    key_net, key_train, key_draw, key_exact = jax.random.split(key, 4)
    turned, positive, turned_numbers = ground_state.prepared(hamiltonian, numbers)
    psi = neural_state(key_net, turned, ansatz, recipe.alpha, positive=positive, lattice=lattice)
    if turned_numbers is not None:
        psi = ground_state.projected(key_net, psi, turned.space, turned_numbers)
    vmc = ground_state.method_for(turned, psi, recipe.samples, recipe.steps)
    file = None if checkpoint is None else checkpoint / "ground_state.safetensors"
    run = optimize(key_train, vmc, psi, recipe.steps, tolerance=recipe.tolerance, checkpoint=file, progress=progress)
    found = measure(key_draw, turned, vmc.sampler, run.psi, run.samples)
    step = lanczos_step(jax.random.fold_in(key_draw, 1), turned, vmc.sampler, psi=run.psi, memory=run.samples,
                        center=found.energy.value)  # fmt: skip
    exact = ground_state.exact_energy(key_exact, hamiltonian, numbers)
    known = {} if exact is None else {"ground_state_energy/exact": Estimate(exact)}
    finite = not run.status.startswith("diverged")
    checks = [] if finite else [Check("optimization stays finite", None, None, None, "fail")]
    if exact is not None:
        checks += [variational_principle(found.energy, exact, "Lanczos"),
                   variance_tells(found.energy, found.variance, exact)]  # fmt: skip
        if step is not None:
            better = variational_principle(step.energy, exact, "Lanczos")
            checks.append(replace(better, law=f"{better.law}, one Lanczos step later"))
    return Result(
        "ground-state",
        estimates=found.estimates() | ({} if step is None else step.estimates()) | known,
        checks=checks,
        arrays=ground_state.history(run.history, exact),
        models={"state": run.psi},
        settings={"hamiltonian": str(hamiltonian.operator), "ansatz": ansatz, "preset": preset, **recipe._asdict()},
        seconds=time.perf_counter() - begun,
        status="done" if finite else run.status,
        notes=[] if run.status == "step limit" else [run.status],
        figures=["variational_energy"],
    )


def exact_levels(
    key: Key[Array, ""], hamiltonian: Hamiltonian, states: int = 1, progress=None, numbers: QuantumNumbers | None = None
) -> Result:
    """The lowest levels by Lanczos, in the space or sector of the Hamiltonian, in the block of quantum numbers.

    Errors: InputError for no or too many levels, or a space that does not fit into memory, with what it would need.
    """
    begun = time.perf_counter()
    fits(hamiltonian.space, states, 1 if numbers is None else len(numbers.whole()[0]))
    most = min(hamiltonian.space.size, MOST_LEVELS)
    if not 1 <= states <= most:
        raise InputError(f"1 to {most} levels of {hamiltonian.space.size} states", str(states), "change --states")
    options = {} if progress is None else {"progress": progress}
    spectrum = lowest(key, ground_state.product(hamiltonian, numbers), states, **options)
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


def fits(space: HilbertSpace, states: int, elements: int) -> None:
    """Refuse what does not fit: the codes of all states, and the vectors of Lanczos in the block."""
    need = space.size * (24 + 16 * basis_size(states) / elements) / 2**30
    have = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    if need > have:
        raise InputError(
            f"a space that fits into {have:.3g} GiB for exact diagonalization",
            f"{space.size:,} states, {need:.3g} GiB",
            "use fewer sites, a sector, quantum numbers, or a neural state",
        )  # fmt: skip


def levels(found: Spectrum) -> tuple[dict[str, Estimate], xr.Dataset]:
    """The lowest energy and the gap above it, each with the bound |Hψ - Eψ| as its error; all levels as an array."""
    E, residual = found.energies, found.residuals
    estimates = {"ground_state_energy": Estimate(float(E[0]), float(residual[0]))}
    if len(E) > 1:
        estimates["energy_gap"] = Estimate(float(E[1] - E[0]), float(residual[:2].sum()))
    arrays = {"energy": ("level", E), "residual": ("level", residual)}
    return estimates, xr.Dataset(arrays, coords={"level": np.arange(len(E))})
