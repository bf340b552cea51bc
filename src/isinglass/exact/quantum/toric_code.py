# SPDX-License-Identifier: Apache-2.0
"""The toric code, H = -Σ_v Π X - Σ_p Π Z on the bonds of an Lx x Ly torus.  Kitaev 2003, arXiv:quant-ph/9707021."""

__all__ = ["DEGENERACY", "gap", "ground_energy"]

DEGENERACY = 4  # of the ground state on a torus


def ground_energy(Lx: int, Ly: int) -> float:
    """E_0 = -2 Lx Ly: every star and every plaquette is +1."""
    return -2.0 * Lx * Ly


def gap() -> float:
    """Gap 4: anyons come in pairs, and each costs 2."""
    return 4.0
