# SPDX-License-Identifier: Apache-2.0
"""The energy of a molecule in an Amber force field with implicit solvent: bonded terms, charges, Born radii."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.symmetry.rotations import angle, dihedral
from isinglass.systems.particle.particles import pair_table, separations, squared_distances

__all__ = ["ForceField"]

COULOMB = 138.93545764438198  # e²/(4π ε_0) in kJ nm / mol
PROBE = 0.14  # radius of a water molecule, nm
OFFSET = 0.009  # nm; inner radius of an atom = radius - OFFSET


class ForceField(eqx.Module):
    """E = Σ k/2 (r-r_0)² + Σ k/2 (θ-θ_0)² + Σ k (1 + cos(nφ-φ_0)) + Σ 4ε [(σ/r)¹² - (σ/r)⁶] + Σ q q'/r + E_solvent.

    `pairs` holds every pair of atoms, with its charges and Lennard-Jones constants after exclusions.
    Solvent: generalized Born with the second set of Onufriev, Bashford and Case 2004, doi:10.1002/prot.20033, and a
    surface term.  Unit: nm, kJ/mol, radian, elementary charge.  Law: E is unchanged by rotations, translations and
    reflections.  Cost: n² terms, as dense products of O(n³).
    """

    bonds: Float[np.ndarray, "n bonds"]  # tables of x_i - x_j, `particles.py`
    bond_constants: Float[np.ndarray, "2 bonds"]  # r_0, k
    angles: Float[np.ndarray, "2 n angles"]  # both bonds, pointing away from the vertex
    angle_constants: Float[np.ndarray, "2 angles"]  # θ_0, k
    torsions: Float[np.ndarray, "3 n torsions"]  # the three consecutive bonds
    torsion_constants: Float[np.ndarray, "3 torsions"]  # n, φ_0, k
    pairs: Float[np.ndarray, "n pairs"]
    pair_constants: Float[np.ndarray, "3 pairs"]  # q q', σ, ε
    ends: Float[np.ndarray, "2 n pairs"]  # 1 where an atom is the first (the second) of a pair
    atoms: Float[np.ndarray, "3 n"]  # q, radius, scale
    dielectric: Float[np.ndarray, " 2"]  # constants of the molecule and of the solvent
    surface_energy: Float[np.ndarray, ""]  # kJ/mol/nm²; no solvent: 0, and both dielectric constants 1

    def __init__(self, table: dict[str, Any]):
        """`table`: the lists of `systems/particle/openmm_energy.py::constants`, rows of atoms and of constants."""
        rows = {name: np.array(value) for name, value in table.items()}
        n = len(rows["atoms"])
        arm = lambda name, i, j: pair_table(rows[name][:, i], rows[name][:, j], n)  # noqa: E731
        self.bonds, self.pairs = arm("bonds", 0, 1), arm("pairs", 0, 1)
        self.angles = np.stack([arm("angles", 0, 1), arm("angles", 2, 1)])
        self.torsions = np.stack([arm("torsions", k + 1, k) for k in range(3)])
        self.ends = np.stack([np.eye(n)[:, rows["pairs"][:, k]] for k in range(2)])
        self.bond_constants, self.angle_constants = rows["bond_constants"].T, rows["angle_constants"].T
        self.torsion_constants, self.pair_constants = rows["torsion_constants"].T, rows["pair_constants"].T
        self.atoms, self.dielectric = rows["atoms"].T, rows["dielectric"]
        self.surface_energy = rows["surface_energy"]

    def energy(self, x: Float[Array, "n 3"]) -> Float[Array, ""]:
        """E(x) in kJ/mol, x (n, 3) in nm: bonded, nonbonded and solvent terms."""
        square = squared_distances(x, self.pairs)
        return self.bonded(x) + self.nonbonded(square) + self.solvent(square)

    def bonded(self, x: Float[Array, "n 3"]) -> Float[Array, ""]:
        """Σ k/2 (r - r_0)² + Σ k/2 (θ - θ_0)² + Σ k (1 + cos(n φ - φ_0))."""
        r_0, k_bond = jnp.asarray(self.bond_constants, x.dtype)
        theta_0, k_angle = jnp.asarray(self.angle_constants, x.dtype)
        n, phi_0, k_torsion = jnp.asarray(self.torsion_constants, x.dtype)
        stretch = jnp.sqrt(squared_distances(x, self.bonds)) - r_0
        bend = angle(*(separations(x, arm) for arm in self.angles)) - theta_0
        twist = 1 + jnp.cos(n * dihedral(*(separations(x, bond) for bond in self.torsions)) - phi_0)
        return jnp.sum(k_bond * stretch**2) / 2 + jnp.sum(k_angle * bend**2) / 2 + jnp.sum(k_torsion * twist)

    def nonbonded(self, square: Float[Array, " pairs"]) -> Float[Array, ""]:
        """Σ 4ε [(σ/r)¹² - (σ/r)⁶] + Σ q q'/(4π ε_0 r) over pairs, from r²."""
        qq, sigma, epsilon = jnp.asarray(self.pair_constants, square.dtype)
        s6 = (sigma**2 / square) ** 3
        return jnp.sum(4 * epsilon * s6 * (s6 - 1) + COULOMB * qq / jnp.sqrt(square))

    def solvent(self, square: Float[Array, " pairs"]) -> Float[Array, ""]:
        """-½ (1/ε_in - 1/ε_out) Σ_ij q_i q_j / f_ij + 4π γ Σ_i (ρ_i + probe)² (ρ_i/R_i)⁶."""
        q, radius, _ = jnp.asarray(self.atoms, square.dtype)
        inside, outside = jnp.asarray(self.dielectric, square.dtype)
        first, second = self.ends
        R = self.born_radii(square)
        RR = product(R, first) * product(R, second)
        f = jnp.sqrt(square + RR * jnp.exp(-square / (4 * RR)))
        pairs = jnp.sum(product(q, first) * product(q, second) / f)
        polar = -COULOMB * (1 / inside - 1 / outside) * (pairs + jnp.sum(q * q / R) / 2)
        gamma = jnp.asarray(self.surface_energy, square.dtype)
        return polar + 4 * np.pi * gamma * jnp.sum((radius + PROBE) ** 2 * (radius / R) ** 6)

    def born_radii(self, square: Float[Array, " pairs"]) -> Float[Array, " n"]:
        """1/R = 1/ρ' - tanh(Ψ - 0.8 Ψ² + 4.85 Ψ³)/ρ, Ψ = ρ'/2 Σ_j H(r_ij): large for a buried atom."""
        _, radius, scale = jnp.asarray(self.atoms, square.dtype)
        inner, r = radius - OFFSET, jnp.sqrt(square)
        one, two = self.ends
        buried = [
            product(descreening(r, product(inner, here), product(scale * inner, there)), here.T)
            for here, there in ((one, two), (two, one))
        ]
        psi = inner / 2 * (buried[0] + buried[1])
        return 1 / (1 / inner - jnp.tanh(psi * (1 + psi * (-0.8 + 4.85 * psi))) / radius)


def descreening(r: Float[Array, " m"], near: Float[Array, " m"], size: Float[Array, " m"]) -> Float[Array, " m"]:
    """H, the Coulomb integral over a ball of radius `size` at distance r, outside a ball of radius `near`."""
    low, high = jnp.maximum(near, jnp.abs(r - size)), r + size
    H = 1 / low - 1 / high + (r - size**2 / r) * (1 / high**2 - 1 / low**2) / 4 + jnp.log(low / high) / (2 * r)
    H = H + jnp.where(near < size - r, 2 * (1 / near - 1 / low), 0.0)  # swallowed whole
    return jnp.where(near < high, H, 0.0)


def product(values: Float[Array, " n"], table: Float[Any, "n m"]) -> Float[Array, " m"]:
    """values @ table at the highest matrix-product precision."""
    return jnp.matmul(values, jnp.asarray(table, values.dtype), precision=jax.lax.Precision.HIGHEST)
