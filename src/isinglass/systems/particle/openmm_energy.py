# SPDX-License-Identifier: Apache-2.0
"""Energies, forces and force-field constants from OpenMM (an extra): the reference for `force_field.py`."""

import threading
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.errors import InputError

__all__ = ["FORCE_FIELDS", "constants", "make_openmm", "openmm_energy"]

FORCE_FIELDS = {  # solvent -> force-field files shipped with OpenMM
    "obc": ("amber99sbildn.xml", "amber99_obc.xml"),
    "vacuum": ("amber99sbildn.xml",),
}
LOCK = threading.Lock()  # an OpenMM Context is not thread-safe


def load_openmm() -> Any:
    """The package openmm.  Errors: InputError with the line that installs it."""
    try:
        import openmm
        import openmm.app
    except ImportError:
        raise InputError("OpenMM", "none", "install it: pip install 'isinglass[molecules]'") from None
    return openmm


def make_openmm(pdb: Path, solvent: str) -> tuple[Any, Any]:
    """Topology and OpenMM System without cutoff or constraints, so that all coordinates are Boltzmann distributed."""
    openmm = load_openmm()
    topology = openmm.app.PDBFile(str(pdb)).topology
    force_field = openmm.app.ForceField(*FORCE_FIELDS[solvent])
    return topology, force_field.createSystem(topology, nonbondedMethod=openmm.app.NoCutoff, removeCMMotion=False)


@lru_cache(maxsize=8)
def context(pdb: Path, solvent: str) -> Any:
    """A Context in double precision, used as a pure function of positions; cached, since it takes 50 ms to make."""
    openmm = load_openmm()
    platform = openmm.Platform.getPlatformByName("Reference")
    return openmm.Context(make_openmm(pdb, solvent)[1], openmm.VerletIntegrator(0.001), platform)


def evaluate(pdb: Path, solvent: str, x: Any) -> tuple[np.ndarray, np.ndarray]:
    """E [...] in kJ/mol and F [..., n, 3] in kJ/mol/nm at x [..., n, 3] in nm; +∞ and 0 where atoms coincide."""
    x = np.asarray(x, float)
    E, F = np.empty(x.shape[:-2]), np.empty(x.shape)
    with LOCK:
        reference = context(pdb, solvent)
        for index in np.ndindex(E.shape):
            reference.setPositions(x[index])
            state = reference.getState(getEnergy=True, getForces=True)
            E[index] = state.getPotentialEnergy()._value
            F[index] = state.getForces(asNumpy=True)._value
    finite = np.isfinite(E) & np.isfinite(F).all(axis=(-1, -2))
    return np.where(finite, E, np.inf), np.where(finite[..., None, None], F, 0.0)


def openmm_energy(x: Float[Array, "n 3"], pdb: Path, solvent: str = "obc") -> Float[Array, ""]:
    """E(x) in kJ/mol, x in nm, by a host callback; `grad` gives minus the forces of OpenMM.  Cost: 0.1 ms each."""
    return potential(x, pdb, solvent)


@partial(jax.custom_jvp, nondiff_argnums=(1, 2))
def potential(x, pdb, solvent):
    """E(x) by the host callback, with the derivative `potential_jvp`."""
    return on_host(x, pdb, solvent)[0]


@potential.defjvp
def potential_jvp(pdb, solvent, primals, tangents):
    """dE = -F · dx with the forces F of OpenMM."""
    E, F = on_host(primals[0], pdb, solvent)
    return E, -jnp.sum(F * tangents[0])


def on_host(x, pdb, solvent):
    """E and F by the host callback, in the precision of x."""
    wanted = (jax.ShapeDtypeStruct((), jnp.float64), jax.ShapeDtypeStruct(x.shape, jnp.float64))
    E, F = jax.pure_callback(partial(evaluate, pdb, solvent), wanted, x, vmap_method="broadcast_all")
    return E.astype(x.dtype), F.astype(x.dtype)


def constants(pdb: Path, solvent: str) -> dict[str, Any]:
    """The table that `ForceField` is constructed from, read from an OpenMM System."""
    openmm = load_openmm()
    topology, system = make_openmm(pdb, solvent)
    force = {type(f).__name__: f for f in system.getForces()}
    plain = lambda q: [v.value_in_unit_system(openmm.unit.md_unit_system) if hasattr(v, "unit") else v for v in q]  # noqa: E731
    rows = lambda f, n: [plain(f(k)) for k in range(n)]  # noqa: E731
    bonds, angles, torsions = (force[f"{name}Force"] for name in ("HarmonicBond", "HarmonicAngle", "PeriodicTorsion"))
    bond = rows(bonds.getBondParameters, bonds.getNumBonds())
    bend = rows(angles.getAngleParameters, angles.getNumAngles())
    twist = rows(torsions.getTorsionParameters, torsions.getNumTorsions())
    born = force.get("GBSAOBCForce")
    particles = rows(force["NonbondedForce"].getParticleParameters, system.getNumParticles())
    atoms = (
        [[q, 1.0, 1.0] for q, _, _ in particles] if born is None else rows(born.getParticleParameters, len(particles))
    )
    pairs = pair_table(force["NonbondedForce"], particles, rows)
    return {
        "names": [f"{a.residue.name}-{a.name}" for a in topology.atoms()],
        "mass": [system.getParticleMass(k)._value for k in range(len(particles))],
        "bonds": [row[:2] for row in bond],
        "bond_constants": [row[2:] for row in bond],
        "angles": [row[:3] for row in bend],
        "angle_constants": [row[3:] for row in bend],
        "torsions": [row[:4] for row in twist],
        "torsion_constants": [[float(row[4]), *row[5:]] for row in twist],
        "pairs": [[i, j] for i, j in pairs],
        "pair_constants": list(pairs.values()),
        "atoms": atoms,
        "dielectric": [1.0, 1.0] if born is None else [born.getSoluteDielectric(), born.getSolventDielectric()],
        "surface_energy": 0.0 if born is None else plain([born.getSurfaceAreaEnergy()])[0],
    }  # fmt: skip


def pair_table(nonbonded: Any, particles: list, rows: Any) -> dict[tuple[int, int], list[float]]:
    """q q', σ, ε of every pair: Lorentz-Berthelot rules except for bonded neighbors and scaled 1-4 pairs."""
    i, j = np.triu_indices(len(particles), 1)
    table = {}
    for a, b in zip(i.tolist(), j.tolist(), strict=True):
        (q, s, e), (q2, s2, e2) = particles[a], particles[b]
        table[a, b] = [q * q2, (s + s2) / 2, (e * e2) ** 0.5]
    for a, b, *values in rows(nonbonded.getExceptionParameters, nonbonded.getNumExceptions()):
        table[min(a, b), max(a, b)] = values
    return table
