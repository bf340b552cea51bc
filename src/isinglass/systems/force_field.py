# SPDX-License-Identifier: Apache-2.0
"""The energy of one molecule by an Amber force field in implicit solvent: springs, torsions, charges, Born radii."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Num

__all__ = ["ForceField", "angle", "dihedral"]

COULOMB = 138.93545764438198  # e²/(4π ε_0) in kJ nm / mol
PROBE = 0.14  # radius of a water molecule, nm
OFFSET = 0.009  # nm; inner radius of an atom = radius - OFFSET


class ForceField(eqx.Module):
    """E = Σ k/2 (r-r_0)² + Σ k/2 (θ-θ_0)² + Σ k (1 + cos(nφ-φ_0)) + Σ 4ε [(σ/r)¹² - (σ/r)⁶] + Σ q q'/r + E_solvent.

    Every pair of atoms is in `pairs`, with the charges and Lennard-Jones constants it has after exclusions.  Solvent:
    generalized Born with radii of Onufriev, Bashford and Case 2004, doi:10.1002/prot.20033 (the second set), and a
    surface term.  Unit: nm, kJ/mol, radian, elementary charge.  Law: E is unchanged by rotations, translations and
    reflections.  Cost: n².
    """

    bonds: Int[np.ndarray, "bonds 2"]
    bond_constants: Float[np.ndarray, "bonds 2"]  # r_0, k
    angles: Int[np.ndarray, "angles 3"]
    angle_constants: Float[np.ndarray, "angles 2"]  # θ_0, k
    torsions: Int[np.ndarray, "torsions 4"]
    torsion_constants: Float[np.ndarray, "torsions 3"]  # n, φ_0, k
    pairs: Int[np.ndarray, "pairs 2"]
    pair_constants: Float[np.ndarray, "pairs 3"]  # q q', σ, ε
    atoms: Float[np.ndarray, "n 3"]  # q, radius, scale
    dielectric: Float[np.ndarray, " 2"]  # of the molecule, of the solvent
    surface_energy: Float[np.ndarray, ""]  # kJ/mol/nm²; 0: no solvent at all where the two dielectric constants agree

    def energy(self, x: Float[Array, "n 3"]) -> Float[Array, ""]:
        """The sum of all terms."""
        return self.bonded(x) + self.nonbonded(x) + self.solvent(x)

    def bonded(self, x: Float[Array, "n 3"]) -> Float[Array, ""]:
        """Bonds, angles, torsions."""
        r_0, k_bond = columns(self.bond_constants, x)
        theta_0, k_angle = columns(self.angle_constants, x)
        n, phi_0, k_torsion = columns(self.torsion_constants, x)
        apart = x[self.bonds[:, 0]] - x[self.bonds[:, 1]]
        stretch = jnp.sqrt(jnp.sum(apart**2, axis=1)) - r_0
        bend = angle(x, self.angles) - theta_0
        twist = 1 + jnp.cos(n * dihedral(x, self.torsions) - phi_0)
        return jnp.sum(k_bond * stretch**2) / 2 + jnp.sum(k_angle * bend**2) / 2 + jnp.sum(k_torsion * twist)

    def nonbonded(self, x: Float[Array, "n 3"]) -> Float[Array, ""]:
        """Lennard-Jones and Coulomb."""
        qq, sigma, epsilon = columns(self.pair_constants, x)
        square = jnp.sum((x[self.pairs[:, 0]] - x[self.pairs[:, 1]]) ** 2, axis=1)
        s6 = (sigma**2 / square) ** 3
        return jnp.sum(4 * epsilon * s6 * (s6 - 1) + COULOMB * qq / jnp.sqrt(square))

    def solvent(self, x: Float[Array, "n 3"]) -> Float[Array, ""]:
        """-½ (1/ε_in - 1/ε_out) Σ_ij q_i q_j / f_ij + 4π γ Σ_i (ρ_i + probe)² (ρ_i/R_i)⁶."""
        q, radius, _ = columns(self.atoms, x)
        inside, outside = jnp.asarray(self.dielectric, x.dtype)
        i, j = self.pairs.T
        square = jnp.sum((x[i] - x[j]) ** 2, axis=1)
        R = self.born_radii(square, x)
        RR = R[i] * R[j]
        f = jnp.sqrt(square + RR * jnp.exp(-square / (4 * RR)))
        polar = -COULOMB * (1 / inside - 1 / outside) * (jnp.sum(q[i] * q[j] / f) + jnp.sum(q * q / R) / 2)
        gamma = jnp.asarray(self.surface_energy, x.dtype)
        return polar + 4 * np.pi * gamma * jnp.sum((radius + PROBE) ** 2 * (radius / R) ** 6)

    def born_radii(self, square: Float[Array, " pairs"], x: Float[Array, "n 3"]) -> Float[Array, " n"]:
        """1/R = 1/ρ' - tanh(Ψ - 0.8 Ψ² + 4.85 Ψ³)/ρ, Ψ = ρ'/2 Σ_j H(r_ij): how deep an atom is buried."""
        _, radius, scale = columns(self.atoms, x)
        inner = radius - OFFSET
        i, j = np.concatenate([self.pairs, self.pairs[:, ::-1]]).T  # each pair in both directions
        r = jnp.sqrt(jnp.concatenate([square, square]))
        near, size = inner[i], (scale * inner)[j]
        low, high = jnp.maximum(near, jnp.abs(r - size)), r + size
        H = 1 / low - 1 / high + (r - size**2 / r) * (1 / high**2 - 1 / low**2) / 4 + jnp.log(low / high) / (2 * r)
        H = H + jnp.where(near < size - r, 2 * (1 / near - 1 / low), 0.0)
        psi = inner / 2 * jnp.zeros_like(inner).at[i].add(jnp.where(near < high, H, 0.0))
        return 1 / (1 / inner - jnp.tanh(psi * (1 + psi * (-0.8 + 4.85 * psi))) / radius)


def columns(table: Float[np.ndarray, "rows c"], x: Array) -> Float[Array, "c rows"]:
    """The columns of a table, in the precision of x."""
    return jnp.asarray(table.T, x.dtype)


def angle(x: Float[Array, "n 3"], triples: Int[np.ndarray, "m 3"]) -> Float[Array, " m"]:
    """The angle at the middle atom, 0 to π."""
    a, b = x[triples[:, 0]] - x[triples[:, 1]], x[triples[:, 2]] - x[triples[:, 1]]
    normal = jnp.sum(jnp.cross(a, b) ** 2, axis=1)
    return jnp.arctan2(jnp.sqrt(normal + jnp.finfo(x.dtype).tiny), jnp.sum(a * b, axis=1))


def dihedral(x: Float[Array, "n 3"], quadruples: Num[np.ndarray, "m 4"]) -> Float[Array, " m"]:
    """φ in (-π, π]: the turn from the first bond to the last, clockwise positive when seen along the middle one.

    Law: 0 for cis, π for trans, odd under reflection (IUPAC).
    """
    a, b, c, d = (x[quadruples[:, k]] for k in range(4))
    first, axis, last = b - a, c - b, d - c
    m, n = jnp.cross(first, axis), jnp.cross(axis, last)
    along = jnp.sqrt(jnp.sum(axis**2, axis=1))
    return jnp.arctan2(along * jnp.sum(first * n, axis=1), jnp.sum(m * n, axis=1))
