# SPDX-License-Identifier: Apache-2.0
"""Phonons: force constants of a supercell by exact differentiation, and frequencies at any wave vector.

D(q) = Σ_R Φ(0 i, R j) e^(i q · r) / √(m_i m_j) over the nearest images r of each pair, ω² its eigenvalues.
Exact at wave vectors that fit into the supercell, and at all where twice the range of forces does.
Law: Σ_(R j) Φ(0 i, R j) = 0, so that three frequencies vanish at q = 0.
Ref: Born and Huang 1954; images: Parlinski et al. 1997, doi:10.1103/PhysRevLett.78.4063.
"""

import itertools
import math
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from isinglass.approximation.harmonic.crystal import still_crystal
from isinglass.exact.particle.metal_units import TERAHERTZ
from isinglass.systems.particle.interatomic import AbstractInteratomic, species_of
from isinglass.systems.particle.structure import AtomicStructure

__all__ = ["Phonons", "force_constants", "heights", "repeated", "repeats_for"]

SAME = 1e-5  # Å: distances of images that are as near as the nearest


def repeats_for(atoms: AtomicStructure, reach: float, most: int) -> tuple[int, int, int]:
    """How often the cell must be repeated to be wider than 2 reach; fewer where that has more than `most` atoms."""
    height = heights(atoms)
    wanted = np.where(atoms.pbc, np.maximum(np.ceil(2 * reach / height), 1), 1).astype(int)
    while math.prod(wanted.tolist()) * len(atoms.numbers) > most and wanted.max() > 1:
        wanted[np.argmax(np.where(wanted > 1, wanted * height, 0))] -= 1
    a, b, c = wanted.tolist()
    return a, b, c


def heights(atoms: AtomicStructure) -> Float[np.ndarray, " 3"]:
    """Of the cell above its other two vectors; infinite along open directions."""
    found = np.full(3, np.inf)
    vectors = atoms.cell[atoms.pbc]
    if len(vectors):
        found[atoms.pbc] = 1 / np.linalg.norm(np.linalg.pinv(vectors), axis=0)
    return found


def repeated(atoms: AtomicStructure, repeats: tuple[int, int, int]) -> AtomicStructure:
    """The cell and its images, the cell itself first."""
    shifts = np.array(list(itertools.product(*(range(k) for k in repeats)))) @ atoms.cell
    count = len(shifts)
    return AtomicStructure(
        (shifts[:, None] + atoms.positions[None]).reshape(-1, 3), np.tile(atoms.numbers, count),
        atoms.cell * np.array(repeats)[:, None], atoms.pbc, np.tile(atoms.masses, count),
    )  # fmt: skip


@dataclass(frozen=True)
class Phonons:
    """Force constants between a cell and its supercell.  Unit: eV/Å²."""

    atoms: AtomicStructure
    repeats: tuple[int, int, int]
    constants: Float[np.ndarray, "n 3 N 3"]  # N = n times the repeats

    @property
    def hessian(self) -> Float[np.ndarray, "n 3 n 3"]:
        """∂²E/∂u∂u of the cell alone, all images moving with their atom: Σ_R Φ(0 i, R j)."""
        n = len(self.atoms.numbers)
        return self.constants.reshape(n, 3, -1, n, 3).sum(axis=2)

    @property
    def sum_rule(self) -> float:
        """Largest |Σ_j Φ_ij| over the largest Φ: 0 of an energy that translations leave as it is."""
        largest = float(np.abs(self.constants).max())  # 0 of atoms out of each other's reach
        return float(np.abs(self.constants.sum(axis=2)).max()) / (largest or 1.0)

    @property
    def symmetry(self) -> float:
        """Largest |D(0) - D(0)ᵀ| over the largest D: 0 of forces that have an energy."""
        D = self.dynamical(np.zeros((1, 3)))[0]
        return float(np.abs(D - D.conj().T).max() / np.abs(D).max())

    def dynamical(self, q: Float[np.ndarray, "k 3"]) -> Complex[np.ndarray, "k m m"]:
        """D(q), q in fractions of the reciprocal vectors of the cell, of phases e^(2πi q · shift)."""
        n, m = len(self.atoms.numbers), np.repeat(self.atoms.masses, 3)
        D = np.zeros((len(q), 3 * n, 3 * n), complex)
        for i, j, fractions in self.images():
            phase = np.exp(2j * np.pi * q @ fractions.T).mean(axis=1)
            at = (slice(None), slice(3 * i, 3 * i + 3), slice(3 * (j % n), 3 * (j % n) + 3))
            D[at] += phase[:, None, None] * self.constants[i, :, j]
        return D / np.sqrt(m[:, None] * m)

    def images(self):
        """Of each pair the shifts, in cells, that make it nearest."""
        n, pbc = len(self.atoms.numbers), self.atoms.pbc
        wide = repeated(self.atoms, self.repeats)
        around = [range(-1, 2) if p else range(1) for p in pbc]
        super_shifts = np.array(list(itertools.product(*around)))
        own = np.array(list(itertools.product(*(range(k) for k in self.repeats))))
        for i in range(n):
            r = wide.positions[:, None] + (super_shifts @ wide.cell)[None] - wide.positions[i]
            distance = np.linalg.norm(r, axis=-1)
            for j in range(len(wide.numbers)):
                if np.any(self.constants[i, :, j]):
                    nearest = super_shifts[distance[j] < distance[j].min() + SAME]
                    yield i, j, own[j // n] + nearest * np.array(self.repeats)

    def frequencies(self, q: Float[np.ndarray, "k 3"]) -> Float[np.ndarray, "k modes"]:
        """THz, ascending; an imaginary frequency is given as minus its modulus."""
        D = self.dynamical(np.asarray(q, float))
        square = np.linalg.eigvalsh((D + D.conj().swapaxes(1, 2)) / 2)
        return np.sign(square) * np.sqrt(np.abs(square)) / (2 * np.pi) / TERAHERTZ

    def grid(self) -> Float[np.ndarray, "k 3"]:
        """Wave vectors that fit into the supercell, where frequencies are exact."""
        return np.array(list(itertools.product(*(np.arange(k) / k for k in self.repeats))))


def force_constants(
    potential: AbstractInteratomic, atoms: AtomicStructure, repeats: tuple[int, int, int], chunk: int = 32
) -> Phonons:
    """Φ = ∂²E/∂u∂u by differentiation.  Cost: 3n derivatives of the forces of the supercell."""
    wide = repeated(atoms, repeats)
    crystal = still_crystal(potential, wide, species_of(wide.numbers, potential.numbers))
    columns = crystal.hessian_columns(jnp.arange(len(atoms.numbers)), chunk)
    return Phonons(atoms, repeats, np.asarray(columns, float))
