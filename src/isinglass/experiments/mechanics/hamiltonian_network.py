# SPDX-License-Identifier: Apache-2.0
"""Energy conservation in the architecture: Hamiltonian and plain networks on equal data, followed for 100 periods."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
import xarray as xr

from isinglass.approximation.mechanics.rollout import mean_period, measured_along, rollout
from isinglass.errors import InputError
from isinglass.exact.mechanics import kepler, pendulum
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent, telling
from isinglass.systems.mechanics.gravity import GravitatingBodies, KeplerProblem
from isinglass.systems.mechanics.mechanics import AbstractMechanics, simulated
from isinglass.systems.mechanics.pendulum import Pendulum
from isinglass.systems.mechanics.spring_chain import SpringChain
from isinglass.systems.mechanics.trajectories import Trajectories
from isinglass.tasks.cases import labelled
from isinglass.verbs import approximate

__all__ = ["SYSTEMS", "HamiltonianNetworks", "learned_period"]

SYSTEMS: dict[str, AbstractMechanics] = {
    "pendulum": Pendulum(),
    "springs": SpringChain(2),
    "kepler": KeplerProblem(0.3),
    "two_bodies": GravitatingBodies(2, 0.3),
    "three_bodies": GravitatingBodies(3, 0.01),
}
BODIES = {"two_bodies": 2, "three_bodies": 3}  # whose differences alone the networks see, both kinds
METHODS = ("plain", "hamiltonian")
EXTRA = {"pendulum": ("lagrangian",), "kepler": ("isotropic",)} | dict.fromkeys(BODIES, ("isotropic",))
ECCENTRICITY = 0.2
AMPLITUDES = (0.5, 1.0, 2.0)  # of the pendulum whose periods are held against elliptic integrals
SOURCE = "4 K(sin θ_0/2), Abramowitz and Stegun 17.4"
POINTS = np.unique(np.geomspace(1, 1000, 120).astype(int)) / 10  # periods, of the figure


@dataclass(frozen=True)
class HamiltonianNetworks(AbstractExperiment):
    """The same states and derivatives for a network of no structure and for one that is a Hamiltonian.

    Both are followed by the same symplectic steps from states that neither has seen, and the true energy is measured.
    """

    name: ClassVar[str] = "hamiltonian-network"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "energy conserved over 100 periods by a learned Hamiltonian"
    rows: ClassVar[tuple[int, ...]] = (59,)
    paper: ClassVar[str] = "Greydanus, Dzamba and Yosinski 2019, arXiv:1906.01563"
    claim: ClassVar[str] = (
        "over 100 periods the energy is 100 times better conserved than by the plain network on the same data, for "
        "planets by a Hamiltonian of lengths and angles; periods within 1 %"
    )
    guide: ClassVar[str] = "docs/priors.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"systems": ("pendulum",), "steps": 8000, "compared": ("pendulum",), "more": False},
        "laptop": {},
        "paper": {"motions": 200, "steps": 100_000, "width": 200, "batch": 1024},
    }

    systems: tuple[str, ...] = ("pendulum", "springs", "kepler", "two_bodies", "three_bodies")
    """Among pendulum, springs, kepler, two_bodies, three_bodies."""
    compared: tuple[str, ...] = ("pendulum", "springs", "kepler", "two_bodies")
    """Systems whose energy must be conserved 100 times better; of the others the ratio is reported."""
    motions: int = 40
    """Motions of each system, a quarter of them held out."""
    times: int = 30
    """Times of a motion, equally spaced over one period."""
    steps: int = 20_000
    """Training steps of each network."""
    batch: int = 256
    """States per step."""
    width: int = 64
    """Units of each of two hidden layers."""
    periods: int = 100
    """Periods that the energy is followed for."""
    more: bool = True
    """Also a Lagrangian network of the pendulum, and Hamiltonians of lengths and angles alone for bodies in a plane."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Simulate, learn twice, follow."""
        if wrong := [name for name in (*self.systems, *self.compared) if name not in SYSTEMS]:
            raise InputError(f"systems among {', '.join(SYSTEMS)}", wrong[0], "choose some of them")
        found: dict[str, dict[str, Result]] = {}
        for k, name in enumerate(self.systems):
            methods = (*METHODS, *(EXTRA.get(name, ()) if self.more else ()))
            at = lambda method, name=name: checkpoint and checkpoint / f"{name}_{method}"  # noqa: E731
            found[name] = {
                method: self.learned(jax.random.fold_in(key, k), name, method, at(method),
                                     telling(progress, f"{name}, {method}"))
                for method in methods
            }  # fmt: skip
        estimates, held = self.compare(found)
        for name, told in (("pendulum", self.periods_of), ("kepler", self.orbits_of)):
            if name in found:
                values, more = told(found[name])
                estimates, held = estimates | values, [*held, *more]
        models = {f"{name}_{method}": one.models["motion"] for name, of in found.items() for method, one in of.items()}
        return Result(self.name, estimates=estimates, checks=held, arrays=self.arrays(found), models=models,
                      settings=asdict(self), figures=["energy_drift"])  # fmt: skip

    def learned(self, key: Any, name: str, method: str, checkpoint: Path | None, progress: Any) -> Result:
        """The verb on simulated motions, the same for each method."""
        system = SYSTEMS[name]
        key_data, key_fit = jax.random.split(key)
        times = np.linspace(0.0, system.time_scale, self.times)
        bodies, isotropic = BODIES.get(name, 1), method == "isotropic"
        data = simulated(key_data, system, self.motions, times, bodies=bodies, isotropic=isotropic)
        if method == "lagrangian":
            data = Trajectories(data.t, data.y, data.rate, angles=data.angles, velocities=True)  # p = v: unit masses
        return approximate(
            key_fit, data, method="hamiltonian" if isotropic else method, steps=self.steps, batch=self.batch,
            width=self.width, duration=self.periods * system.time_scale, truth=system.hamiltonian, progress=progress,
            checkpoint=checkpoint,
        )  # fmt: skip

    def compare(self, found: dict[str, dict[str, Result]]) -> tuple[dict[str, Estimate], list[Check]]:
        """√⟨(E(t) - E(0))²⟩ of the true energy over times and motions; their ratio; what the verb found."""
        estimates, held = {}, []
        for name, of in found.items():
            drift = {method: one.estimates["energy_drift"] for method, one in of.items()}
            for method, one in of.items():
                estimates[f"energy_drift/{name}_{method}"] = drift[method]
                estimates[f"motion_error/{name}_{method}"] = one.estimates["motion_error"]
            ratios = {m: bounded(drift["plain"].value) / bounded(drift[m].value) for m in drift}
            estimates |= {f"improvement/{name}_{m}": Estimate(r) for m, r in ratios.items() if m != "plain"}
            if name in self.compared:
                best = "isotropic" if "isotropic" in of else "hamiltonian"
                law = f"energy error of the plain network by that of the {best} one, {self.periods} periods ({name})"
                held.append(Check.at_least(law.replace("_", " "), ratios[best], 100.0, source="the claim",
                                           of=f"improvement/{name}_{best}"))  # fmt: skip
                held += labelled(of[best].checks, f"{name}_{best}", estimates=False)
        return estimates, held

    def periods_of(self, of: dict[str, Result]) -> tuple[dict[str, Estimate], list[Check]]:
        """Periods of the learned pendulum, released at rest, beside the exact ones."""
        estimates, held = {}, []
        for method, one in of.items():
            for amplitude in AMPLITUDES:
                T, exact = learned_period(one.models["motion"], amplitude), pendulum.period(amplitude)
                name = f"period/{method}_{amplitude:g}"
                estimates[name] = Estimate(T)
                if method == "hamiltonian":
                    law = f"period of the learned pendulum released at {amplitude:g}"
                    held.append(Check.within(law, T, exact, 0.01 * exact, source=SOURCE, of=name))
        return estimates, held

    def orbits_of(self, of: dict[str, Result]) -> tuple[dict[str, Estimate], list[Check]]:
        """How far the learned planet is ahead of Kepler's after ten periods, and what became of its invariants."""
        estimates, held = {}, []
        t = np.linspace(0.0, 10 * kepler.period(1.0), 801)
        exact = kepler.motion(t, 1.0, ECCENTRICITY)
        for method, one in of.items():
            y = rollout(one.models["motion"], exact[:1], float(t[1]), len(t), 4)[0]
            ahead = np.angle((y[-1, 0] + 1j * y[-1, 1]) / (exact[-1, 0] + 1j * exact[-1, 1]))
            L = kepler.invariants(y).angular_momentum
            estimates[f"phase_error/kepler_{method}"] = Estimate(float(abs(ahead)), unit="rad")
            estimates[f"angular_momentum_drift/kepler_{method}"] = Estimate(float(np.abs(L - L[0]).max()))
            if method == "isotropic":
                of_L = f"angular_momentum_drift/kepler_{method}"
                held += [
                    Check.at_most("phase error of the learned planet after ten periods, radian", float(abs(ahead)), 0.0,
                                  tolerance=0.1, source="Kepler's equation", of=f"phase_error/kepler_{method}"),
                    Check.at_most("angular momentum of the learned planet is conserved", estimates[of_L].value, 0.0,
                                  tolerance=1e-4, source="Noether", of=of_L),
                ]  # fmt: skip
        return estimates, held

    def arrays(self, found: dict[str, dict[str, Result]]) -> xr.Dataset:
        """√⟨(E(t) - E(0))²⟩ at times in periods, in units of the energy of the data; NaN where there is no network."""
        methods = list(dict.fromkeys(method for of in found.values() for method in of))
        grid = POINTS[POINTS <= self.periods]
        error = np.full((len(found), len(methods), len(grid)), np.nan)
        for i, (name, of) in enumerate(found.items()):
            for method, one in of.items():
                t = one.arrays["t"].to_numpy() / SYSTEMS[name].time_scale
                E, scale = one.arrays["energy"].to_numpy(), one.models["motion"].space.energy
                with np.errstate(over="ignore", invalid="ignore"):
                    rms = np.sqrt(((E - E[:, :1]) ** 2).mean(axis=0)) / scale
                error[i, methods.index(method)] = rms[np.searchsorted(t, grid).clip(max=len(t) - 1)]
        return xr.Dataset({"energy_error": (("system", "method", "period"), error)},
                          coords={"system": list(found), "method": methods, "period": grid})  # fmt: skip


def bounded(drift: float) -> float:
    """A motion that left all bounds counts as off by 1e3."""
    return min(drift, 1e3) if np.isfinite(drift) else 1e3


def learned_period(model: Any, amplitude: float) -> float:
    """The mean period over three swings of a pendulum that is released at rest."""
    t = np.linspace(0.0, 4 * pendulum.period(amplitude), 401)
    y = rollout(model, np.array([[amplitude, 0.0]]), float(t[1]), len(t), 4)
    rate = measured_along(model, y)[0, :, 0]
    return mean_period(t, y[0, :, 0], rate)
