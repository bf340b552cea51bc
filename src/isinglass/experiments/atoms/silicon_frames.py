# SPDX-License-Identifier: Apache-2.0
"""Silicon from crystal to liquid as ASE's Atoms: rattled and strained diamond, vacancies, frames of molten cells."""

from typing import Any

import numpy as np
from jaxtyping import Float

from isinglass.systems.particle.structure import AtomicStructure

__all__ = ["diamond", "liquid_cell", "liquid_frames", "solid_frames", "vacancy"]

SOLIDS = ("crystal", "strained", "vacancy")
LIQUID_DENSITY = 0.0526  # atoms/Å³, 2.45 g/cm³, of the molten model near zero pressure


def diamond(repeats: tuple[int, int, int] = (1, 1, 1), a: float = 5.431) -> Any:
    """Cubic cells of eight atoms."""
    from ase.build import bulk

    return bulk("Si", "diamond", a=a, cubic=True).repeat(repeats)


def vacancy(repeats: tuple[int, int, int] = (2, 2, 2), a: float = 5.431) -> Any:
    """One atom less."""
    cell = diamond(repeats, a)
    del cell[0]
    return cell


def liquid_cell() -> Any:
    """64 atoms at the density of the liquid, still in order."""
    cell = diamond((2, 2, 2))
    cell.set_cell(cell.cell.array * (len(cell) / LIQUID_DENSITY / cell.get_volume()) ** (1 / 3), scale_atoms=True)
    return cell


def solid_frames(rng: np.random.Generator, n: int) -> list[Any]:
    """Crystals, strained crystals (by up to 8 % in length, 4 % in shear) and vacancies in turn, all rattled.

    `info["config_type"]` is the phase.
    """
    frames = []
    for k in range(n):
        phase = SOLIDS[k % 3]
        cell = vacancy((2, 2, 1)) if phase == "vacancy" else diamond()
        if phase == "strained":
            shape = np.eye(3) * (1 + rng.uniform(-0.04, 0.04)) + rng.uniform(-0.04, 0.04, (3, 3))
            cell.set_cell(cell.cell.array @ shape, scale_atoms=True)
        cell.positions += rng.uniform(0.01, 0.2) * rng.normal(size=cell.positions.shape) / np.sqrt(3)
        cell.info["config_type"] = phase
        frames.append(cell)
    return frames


def liquid_frames(atoms: AtomicStructure, x: Float[np.ndarray, "time n 3"], n: int) -> list[Any]:
    """n frames of a trajectory after its first fifth, evenly spaced."""
    from ase import Atoms

    frames = []
    for k in np.linspace(len(x) // 5, len(x) - 1, n).astype(int):
        frames.append(Atoms(numbers=atoms.numbers, positions=x[k], cell=atoms.cell, pbc=True))
        frames[-1].info["config_type"] = "liquid"
    return frames
