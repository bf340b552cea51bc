# SPDX-License-Identifier: Apache-2.0
"""Exact Hessians of a trained potential beside those of quantum chemistry, which it has not seen as such.

hessian*.npz: positions [m, n, 3], energy [m], forces [m, n, 3], hessian [m, 3n, 3n], atomic_numbers [n]; Å, eV.  The
potential learns energies and forces at the m configurations and at some 0.03 Å from each, where they are those of the
second order: E - F u + u H u/2, F - H u.  It has the Hessian by differentiation; the error is relative, by Frobenius'
norm.
"""

from pathlib import Path
from typing import Any

import numpy as np

from validation.case import Case, Measured, files

__all__ = ["cases"]

NEAR = 48  # frames at random around each configuration: 3n of n atoms, times 48, are twice the numbers of the Hessian
MOVED = 0.03  # Å
BOUND = 0.05
EPOCHS = {"smoke": 2, "laptop": 130, "paper": 500}


def cases(roots: list[Path]) -> list[Case]:
    """One for each file."""
    source = "the Hessians of the file; to reach: 5 % of their norm"
    return [
        Case("hessian", path, 0.0, source, measured, tolerance=BOUND) for path in files(roots, "potentials/hessian*npz")
    ]


def measured(path: Path, preset: str) -> Measured:
    """The mean relative error over the configurations."""
    from ase.data import atomic_masses

    from isinglass import approximate
    from isinglass.approximation.harmonic import force_constants
    from isinglass.systems.particle import AtomicStructure

    with np.load(path) as file:
        given = {name: np.asarray(file[name]) for name in file.files}
    rng = np.random.default_rng(0)
    train, valid, test = near(rng, given, NEAR, with_itself=True), near(rng, given, 2), near(rng, given, 2)
    found = approximate(0, train, valid=valid, test=test, model="mace", channels=32, epochs=EPOCHS[preset],
                        progress=False)  # fmt: skip
    n, off, size = len(given["atomic_numbers"]), [], []
    for x, hessian in zip(given["positions"], given["hessian"], strict=True):
        masses = atomic_masses[given["atomic_numbers"]]
        still = AtomicStructure(x, given["atomic_numbers"], np.zeros((3, 3)), np.zeros(3, bool), masses)
        ours = force_constants(found.models["potential"], still, (1, 1, 1)).hessian.reshape(3 * n, 3 * n)
        off.append(float(np.linalg.norm(ours - hessian)))
        size.append(float(np.linalg.norm(hessian)))
    error = np.array(off) / np.array(size)
    said = (f"forces {found.estimates['forces_rmse'].value:.1f} meV/Å, {found.seconds:.0f} s; relative errors of the "
            f"Hessians {error.min():.3f} to {error.max():.3f}")  # fmt: skip
    doubts = [check.law for check in found.checks if check.verdict != "pass"]
    return Measured(
        float(error.mean()), float(error.std(ddof=1) / len(error) ** 0.5), str(found.verdict),
        "; ".join([said, *doubts[:1]]),
    )  # fmt: skip


def near(rng: np.random.Generator, given: dict[str, np.ndarray], count: int, *, with_itself: bool = False) -> Any:
    """Frames around each configuration, of which the first may be the configuration itself."""
    from isinglass.data.atoms import LabelledAtoms

    positions, energy, forces = [], [], []
    for x, E, F, H in zip(*(given[k] for k in ("positions", "energy", "forces", "hessian")), strict=True):
        for k in range(count):
            u = np.zeros_like(x) if with_itself and k == 0 else rng.normal(0, MOVED, x.shape)
            Hu = (H @ u.ravel()).reshape(x.shape)
            positions.append(x + u)
            energy.append(E + np.sum(u * (Hu / 2 - F)))
            forces.append(F - Hu)
    m, n = len(positions), len(given["atomic_numbers"])
    return LabelledAtoms(
        np.full(m, n), np.concatenate(positions), np.tile(given["atomic_numbers"], m), np.zeros((m, 3, 3)),
        np.zeros((m, 3), bool), np.array(energy), np.concatenate(forces), np.full((m, 3, 3), np.nan), np.ones(m),
        ("",) * m,
    )  # fmt: skip
