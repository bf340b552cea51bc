# SPDX-License-Identifier: Apache-2.0
"""Reference simulations of a molecule with OpenMM (an extra): replica-exchange Langevin dynamics.

Replicas at T and T' exchange with probability min(1, exp((1/T - 1/T') (E - E'))), E in kelvin.
Refs: Sugita and Okamoto 1999, doi:10.1016/S0009-2614(99)01123-9; Zhang et al. 2019, doi:10.1021/acs.jpca.9b02771.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jaxtyping import Float

from isinglass.systems.particle.alanine_dipeptide import GAS, PDB, AlanineDipeptide
from isinglass.systems.particle.openmm_energy import load_openmm, make_openmm

__all__ = ["MolecularTrajectory", "free_energy_profile", "replica_exchange"]


@dataclass(frozen=True)
class MolecularTrajectory:
    """Frames kept at each temperature, with energies."""

    x: Float[np.ndarray, "T frames 22 3"]  # nm
    energy: Float[np.ndarray, "T frames"]  # E/k_B, kelvin
    kinetic_temperature: Float[np.ndarray, "T frames"]  # kelvin; law: its mean is the temperature
    temperature: Float[np.ndarray, " T"]
    exchange_rate: Float[np.ndarray, " pairs"]  # fraction of exchanges accepted, per pair of neighbors


def replica_exchange(
    key,
    temperature: Float[np.ndarray, " T"],
    *,
    frames: int,
    stride: int = 1000,
    solvent: str = "obc",
    time_step: float = 1.0,
    friction: float = 1.0,
    warmup: int = 10,
    progress: Callable[[int, int, str], None] | None = None,
) -> MolecularTrajectory:
    """`frames` configurations at each temperature (kelvin), `stride` steps of `time_step` fs apart.

    Exchanges are proposed after each `stride`; `friction` in 1/ps.  The first `warmup` frames are not kept.
    Cost: about 0.1 ms a step and temperature.  Law: the Boltzmann distribution at each temperature up to O(time_step²).
    """
    temperature = np.asarray(temperature, float)
    system = AlanineDipeptide(solvent=solvent)  # pyright: ignore[reportArgumentType]
    starts = np.array(jax.vmap(system.random_configuration)(jax.random.split(key, len(temperature))))
    seed = int(jax.random.randint(key, (), 1, 2**30))
    replicas = [
        make_replica(x, T, seed + k, solvent, time_step, friction)
        for k, (x, T) in enumerate(zip(starts, temperature, strict=True))
    ]
    rng, kept = np.random.default_rng(seed), []
    accepted = np.zeros(len(replicas) - 1)
    for frame in range(warmup + frames):
        for replica in replicas:
            replica.getIntegrator().step(stride)
        states = [replica.getState(getPositions=True, getVelocities=True, getEnergy=True) for replica in replicas]
        E = np.array([state.getPotentialEnergy()._value for state in states]) / GAS
        if frame >= warmup:
            kinetic = np.array([state.getKineticEnergy()._value for state in states]) / GAS
            kept.append((np.array([s.getPositions(asNumpy=True)._value for s in states]), E, kinetic / (22 * 1.5)))
        for k in range(frame % 2, len(replicas) - 1, 2):
            if np.log(rng.random()) < (1 / temperature[k] - 1 / temperature[k + 1]) * (E[k] - E[k + 1]):
                exchange(replicas, states, temperature, k)
                accepted[k] += 1
        if progress is not None:
            progress(frame + 1, warmup + frames, "molecular dynamics")
    x, energy, kinetic = (np.stack(column, axis=1) for column in zip(*kept, strict=True))
    tries = np.array([len(range(k % 2, warmup + frames, 2)) for k in range(len(accepted))])
    return MolecularTrajectory(x, energy, kinetic, temperature, accepted / np.maximum(tries, 1))


def make_replica(
    x: Float[np.ndarray, "22 3"], T: float, seed: int, solvent: str, time_step: float, friction: float
) -> Any:
    """An OpenMM Context at a local minimum of the energy near x, with Maxwell velocities at temperature T."""
    openmm = load_openmm()
    integrator = openmm.LangevinMiddleIntegrator(T, friction, time_step / 1000)
    integrator.setRandomNumberSeed(seed)
    context = openmm.Context(make_openmm(PDB, solvent)[1], integrator, openmm.Platform.getPlatformByName("Reference"))
    context.setPositions(x)
    openmm.LocalEnergyMinimizer.minimize(context, 10.0)
    context.setVelocitiesToTemperature(T, seed)
    return context


def exchange(replicas: list, states: list, temperature: Float[np.ndarray, " T"], k: int) -> None:
    """Exchange the positions of replicas k and k + 1, and their velocities scaled to the new temperature."""
    for here, there in ((k, k + 1), (k + 1, k)):
        replicas[here].setPositions(states[there].getPositions(asNumpy=True))
        scale = np.sqrt(temperature[here] / temperature[there])
        replicas[here].setVelocities(states[there].getVelocities(asNumpy=True) * scale)


def free_energy_profile(
    angle: Float[np.ndarray, " n"], bins: int = 36, weight: Float[np.ndarray, " n"] | None = None
) -> tuple[Float[np.ndarray, " bins"], Float[np.ndarray, " bins"]]:
    """Centers of the bins (radian) and F/kT = -ln p(angle), p per radian; +∞ in an empty bin.

    Law: Σ exp(-F) times the width of a bin is 1.
    """
    share, edges = np.histogram(angle, bins=bins, range=(-np.pi, np.pi), weights=weight, density=True)
    with np.errstate(divide="ignore"):
        return (edges[:-1] + edges[1:]) / 2, -np.log(share)
