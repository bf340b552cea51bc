# SPDX-License-Identifier: Apache-2.0
"""Alanine dipeptide, ACE-ALA-NME: the smallest molecule with the two backbone torsions φ, ψ of a protein."""

import json
from pathlib import Path
from typing import ClassVar, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from isinglass.symmetry.particle import Displacement, Rotation
from isinglass.symmetry.rotations import dihedral
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.variable import AbstractVariable, Reals
from isinglass.systems.particle.force_field import ForceField
from isinglass.systems.particle.openmm_energy import openmm_energy
from isinglass.systems.system import AbstractSystem, positive

__all__ = ["GAS", "METHYLS", "PDB", "TURNING", "ZMATRIX", "AlanineDipeptide", "rotated_methyls"]

GAS = 8.31446261815324e-3  # the gas constant, kJ/mol/K
PDB = Path(__file__).with_name("alanine_dipeptide.pdb")
BACKBONE = (4, 6, 8, 14, 16)  # C N CA C N: φ is the torsion of the first four, ψ of the last four
ZMATRIX = (  # atom, and its reference atoms for distance, angle and torsion
    (4,), (6, 4), (8, 6, 4), (0, 4, 6, 8), (5, 4, 6, 0), (7, 6, 4, 8), (14, 8, 6, 4), (10, 8, 6, 14), (9, 8, 6, 14),
    (16, 14, 8, 6), (15, 14, 8, 16), (18, 16, 14, 8), (17, 16, 14, 18), (1, 0, 4, 6), (2, 0, 4, 1), (3, 0, 4, 1),
    (11, 10, 8, 6), (12, 10, 8, 11), (13, 10, 8, 11), (19, 18, 16, 14), (20, 18, 16, 19), (21, 18, 16, 19),
)  # fmt: skip
TURNING = (14, 16, 1, 11, 19)  # atoms whose torsions rotate freely: φ, ψ, the three methyl groups
METHYLS = ((1, 2, 3), (11, 12, 13), (19, 20, 21))  # equivalent hydrogens
BASINS = np.radians([[-150, 155], [-80, 75], [-75, -25], [55, 40]])  # C5, C7eq, alpha_R, alpha_L


class AlanineDipeptide(AbstractSystem):
    """E(x) of 22 atoms by Amber ff99SB-ILDN, implicit water (OBC) or vacuum, no constraints; E/k_B in kelvin.

    `engine`: "native", JAX code, compiled and batched, or "openmm", the same energy by a host callback to OpenMM (an
    extra).  Shape: x (22, 3), nm, in the order of alanine_dipeptide.pdb.  Unit: nm, K; temperature in kelvin; divide
    an energy in kJ/mol by 8.3145e-3.  Law: E is unchanged by rotations and translations (and by reflection, which
    maps L to D alanine: a sampler that reflects leaves the L enantiomer).
    Ref: Lindorff-Larsen et al. 2010, doi:10.1002/prot.22711; Onufriev et al. 2004, doi:10.1002/prot.20033.
    """

    force_field: ForceField
    start: Float[np.ndarray, "22 3"]
    beta: Float[Array, ""]
    solvent: str = eqx.field(static=True)
    engine: str = eqx.field(static=True)
    variable: ClassVar[AbstractVariable] = Reals()
    symmetries: tuple[AbstractSymmetry, ...] = eqx.field(static=True)

    def __init__(
        self,
        *,
        temperature=300.0,
        solvent: Literal["obc", "vacuum"] = "obc",
        engine: Literal["native", "openmm"] = "native",
    ):
        """`temperature` in kelvin; `solvent` "obc" or "vacuum"; `engine` "native" or "openmm"."""
        table = json.loads(PDB.with_suffix(".json").read_text(encoding="utf-8"))
        self.force_field = ForceField(table[solvent])
        self.start = np.array(table["start"])
        self.beta = jnp.asarray(1.0 / positive("temperature", temperature))
        self.solvent, self.engine = solvent, engine
        self.symmetries = (Displacement(), Rotation())

    @property
    def shape(self) -> tuple[int, ...]:
        return (22, 3)

    def energy(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """E(x)/k_B in kelvin, x (22, 3) in nm."""
        native = self.engine == "native"
        return (self.force_field.energy(x) if native else openmm_energy(x, PDB, self.solvent)) / GAS

    def ramachandran(self, x: Shaped[Array, "*site"]) -> Float[Array, " 2"]:
        """The backbone torsions (φ, ψ) in (-π, π], IUPAC sign.  C7eq is near (-1.4, 1.3); alpha_L has φ > 0."""
        bonds = jnp.diff(x[np.array(BACKBONE)], axis=0).T
        return dihedral(bonds[:, :2], bonds[:, 1:3], bonds[:, 2:])

    def with_angles(self, x: Shaped[Array, "*site"], phi, psi) -> Float[Array, "*site"]:
        """The molecule with its torsions rotated to φ and ψ, bonds and angles unchanged."""
        now = self.ramachandran(x)
        x = x.at[9:].set(rotated(x[9:], x[6], x[8], phi - now[0]))  # all atoms beyond the bond N-CA
        return x.at[15:].set(rotated(x[15:], x[8], x[14], psi - now[1]))  # all atoms beyond CA-C

    def with_random_torsion(self, key, x: Shaped[Array, "*site"]) -> Float[Array, "*site"]:
        """φ or ψ, with equal probability, replaced by a uniform angle: a symmetric, volume-preserving proposal."""
        key_which, key_angle = jax.random.split(key)
        phi, psi = self.ramachandran(x)
        new = jax.random.uniform(key_angle, (), x.dtype, -jnp.pi, jnp.pi)
        first = jax.random.bernoulli(key_which)
        return self.with_angles(x, jnp.where(first, new, phi), jnp.where(first, psi, new))

    def random_configuration(self, key) -> Float[Array, "*site"]:
        """One of four basins with Gaussian noise of 0.002 nm: a starting configuration, not a sample at beta = 0."""
        key_basin, key_noise = jax.random.split(key)
        angles = jnp.asarray(BASINS)[jax.random.randint(key_basin, (), 0, len(BASINS))]
        x = self.with_angles(jnp.asarray(self.start), *angles)
        return x - jnp.mean(x, axis=0, keepdims=True) + 0.002 * jax.random.normal(key_noise, self.shape)

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """The torsion φ, the slowest coordinate."""
        return self.ramachandran(x)[0]

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"] | None:
        """None: no exact value is known."""
        return None


def rotated(x: Float[Array, "m 3"], a: Float[Array, " 3"], b: Float[Array, " 3"], by) -> Float[Array, "m 3"]:
    """x rotated by the angle `by` about the axis from a to b (Rodrigues' formula)."""
    axis = ((b - a) / jnp.sqrt(jnp.sum((b - a) ** 2)))[None]
    r = x - b[None]
    along = jnp.sum(r * axis, axis=1, keepdims=True) * axis
    return b[None] + along + jnp.cos(by) * (r - along) + jnp.sin(by) * jnp.cross(axis, r)


def rotated_methyls(
    rng: np.random.Generator, x: Float[np.ndarray, "n 22 3"], times: int = 4
) -> Float[np.ndarray, "m 22 3"]:
    """`times` copies of each x with the hydrogens of each methyl group permuted cyclically at random: equal energy."""
    x = np.concatenate([x] * times)
    for atoms in METHYLS:
        order = (np.arange(3) + rng.integers(0, 3, (len(x), 1))) % 3
        x[:, atoms] = np.take_along_axis(x[:, atoms], order[:, :, None], axis=1)
    return x


def examples() -> dict[str, AlanineDipeptide]:
    """Instances by name, on which the tests check every law."""
    return {
        "alanine_dipeptide": AlanineDipeptide(),
        "alanine_vacuum": AlanineDipeptide(solvent="vacuum", temperature=500.0),
    }
