# SPDX-License-Identifier: Apache-2.0
"""Quantum numbers of a state on a lattice: its momentum, its parity under the flip of all spins."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Complex

from isinglass.symmetry.permutation_group import PermutationGroup, direct_product, flip
from isinglass.systems.graph import Graph
from isinglass.systems.quantum.hilbert_space import HilbertSpace
from isinglass.systems.quantum.lattice_symmetry import momentum, space_group, translations, with_spin

__all__ = ["QuantumNumbers", "quantum_numbers", "rotated_numbers"]


class QuantumNumbers(NamedTuple):
    """U_g ψ = χ(g) ψ for permutations of sites, and ψ(-x) = p ψ(x) where p is not 0."""

    group: PermutationGroup  # without flips
    character: Complex[np.ndarray, " G"]
    spin_flip: int  # p

    def whole(self) -> tuple[PermutationGroup, Complex[np.ndarray, " H"]]:
        """The group extended by the spin flip, and its character."""
        if not self.spin_flip:
            return self.group, self.character
        both = direct_product(self.group, flip(self.group.sites.shape[1]))
        return both, np.kron(self.character, [1, self.spin_flip])


def quantum_numbers(
    graph: Graph, space: HilbertSpace, *, wave: tuple[int, ...] | None = None, spin_flip: int = 0,
    rotations: bool = False,
) -> QuantumNumbers:  # fmt: skip
    """Momentum k = 2π wave / shape; `rotations`: states invariant under rotations and reflections, at k = 0.

    Errors: ValueError for rotations at k ≠ 0, a spin_flip other than 1 or -1, or one of particles.
    """
    if rotations and wave is not None and any(wave):
        raise ValueError(f"Expected momentum 0 with rotations, found {wave}; leave one of them out.")
    if spin_flip not in (-1, 0, 1) or (spin_flip and space.kind != "spin"):
        raise ValueError(f"Expected spin_flip 1 or -1, of spins, found {spin_flip} of {space.kind}s; leave it out.")
    if rotations or wave is None:
        group = space_group(graph) if rotations else PermutationGroup(np.arange(graph.n_sites)[None], np.zeros(1, bool))
        character = np.ones(len(group), complex)
    else:
        group, character = translations(graph), momentum(graph, wave)
    spinful = space.kind == "fermion" and space.n_sites == 2 * graph.n_sites
    return QuantumNumbers(with_spin(group) if spinful else group, character, spin_flip)


def rotated_numbers(
    numbers: QuantumNumbers, sites: Bool[np.ndarray, " N"], space: HilbertSpace
) -> QuantumNumbers | None:
    """The quantum numbers of (-1)^{Σ_{i in A} n_i} ψ, A = `sites`; None where it has none.

    Under g, (-1)^{Σ_A n} changes by the sites that enter or leave A: by a number if these make up conserved sums.
    """
    signs = []
    for move in numbers.group.sites:
        changed = sites[np.argsort(move)] ^ sites
        sign = 1
        for conserved, total in space.conserved:
            if changed[list(conserved)].all():
                sign *= (-1) ** total
                changed = changed & ~np.isin(np.arange(len(sites)), list(conserved))
        if changed.any():
            return None
        signs.append(sign)
    return QuantumNumbers(
        numbers.group, numbers.character * np.array(signs), numbers.spin_flip * (-1) ** int(sites.sum())
    )
