# SPDX-License-Identifier: Apache-2.0
"""Trial states of atoms whose energy is known in closed form: the variational principle with pen and paper.

Atomic units.  Ref: Bethe and Salpeter 1957, Quantum Mechanics of One- and Two-Electron Atoms,
doi:10.1007/978-3-662-12869-5.
"""

__all__ = ["grid_points", "helium", "hydrogen"]


def hydrogen(alpha: float) -> tuple[float, float]:
    """<H> and its variance in exp(-α r): E = α²/2 - α, Var H = α² (α - 1)².

    The local energy is -α²/2 + (α - 1)/r.  Law: E >= -1/2, and no variance, at α = 1 alone.
    """
    return alpha**2 / 2 - alpha, alpha**2 * (alpha - 1) ** 2


def helium(zeta: float, charge: float = 2.0) -> float:
    """<H> in exp(-ζ (r_1 + r_2)): E = ζ² - 2 Z ζ + 5 ζ/8.

    Law: least at ζ = Z - 5/16, there -(27/16)² = -2.84765625 for helium; first order of perturbation theory at ζ = Z.
    """
    return zeta**2 - 2 * charge * zeta + 5 * zeta / 8


def grid_points(electrons: int, each: int = 10) -> int:
    """Numbers in a table of ψ(r_1 ... r_N) with so many points along each axis: each^(3N)."""
    return each ** (3 * electrons)
