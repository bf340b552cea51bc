# SPDX-License-Identifier: Apache-2.0
"""Restricted Boltzmann machines trained on Ising configurations: do their samples have the exact thermodynamics?"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from isinglass.exact.lattice import kaufman, moments
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.sampling.objective import contrastive_divergence as cd
from isinglass.sampling.weight.annealed_partition import AnnealedPartition, annealed_partition
from isinglass.systems.lattice.boltzmann_machine import RestrictedBoltzmannMachine, ising_machine
from isinglass.systems.lattice.ising import Ising
from isinglass.verbs import sample

__all__ = ["RBMIsing"]

KAUFMAN = "Kaufman's solution of the L x L torus, doi:10.1103/PhysRev.76.1232"
MOMENTS = "law of M by the transfer matrix"
DATA, CHAINS = 64, 512  # chains of the data, of the machine
SHARES = 8
HELD = 0.2  # of the chains of the data


class Learned(NamedTuple):
    """A machine at one temperature, and what it gives."""

    machine: RestrictedBoltzmannMachine
    energy: Estimate  # per site
    specific_heat: Estimate
    magnetization: Estimate  # |m|
    log_z: AnnealedPartition
    divergence: Estimate  # <ln p - ln q> over rows held out, p the exact law
    gap: float


@dataclass(frozen=True)
class RBMIsing(AbstractExperiment):
    """At each temperature a machine of spins is trained on configurations, and sampled by tempered block Gibbs."""

    name: ClassVar[str] = "rbm-ising"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "restricted Boltzmann machines of Ising configurations: energy, heat and order"
    rows: ClassVar[tuple[int, ...]] = (89,)
    paper: ClassVar[str] = "Torlai and Melko 2016, arXiv:1606.02718"
    claim: ClassVar[str] = (
        "samples of each machine have the exact energy within 1 %, |m| within 0.02 and the specific heat within a "
        "tenth; rows held out are at most 0.2 nats less likely than by the exact law, and not more; ln Z by annealing "
        "is within 0.1 of Kaufman's, of a machine that is the Ising model"
    )
    guide: ClassVar[str] = "docs/boltzmann_machines.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"side": 4, "temperatures": (2.269185314213022, 3.0), "samples": 12_800, "copies": 2,
                  "hidden_units": 40, "epochs": 80, "annealing_steps": 300},
        "laptop": {},
        "paper": {"samples": 100_000, "copies": 4, "hidden_units": 128, "epochs": 200,
                  "temperatures": (1.8, 2.0, 2.2, 2.269185314213022, 2.4, 2.6, 3.0, 3.5)},
    }  # fmt: skip

    side: int = 8
    """Side of the lattice."""
    temperatures: tuple[float, ...] = (2.0, 2.269185314213022, 2.5, 3.0)
    """Temperatures, a machine for each."""
    samples: int = 20_000
    """Configurations at each temperature."""
    copies: int = 8
    """Translated and reflected copies of each that are trained on."""
    hidden_units: int = 64
    """Hidden spins."""
    epochs: int = 40
    """Passes over the copies."""
    sweeps: int = 3
    """Sweeps of the persistent chains in a step of training."""
    annealing_steps: int = 1000
    """Steps of the annealing for ln Z."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Sample, train and compare, one temperature after another."""
        key_data, key_bonds, *keys = jax.random.split(key, 2 + len(self.temperatures))
        n = -(-self.samples // DATA) * DATA
        folder = checkpoint and checkpoint / "data"
        data = sample(key_data, Ising((self.side, self.side)), self.temperatures, samples=n, chains=DATA,
                      progress=False, checkpoint=folder)  # fmt: skip
        x = data.series("configurations")  # [temperature, chain, draw, L, L]
        found = {}
        for i, (T, key) in enumerate(zip(self.temperatures, keys, strict=True)):
            progress(i, len(keys) + 1, f"T = {T:g}")
            found[T] = self.learned(key, T, x[i], checkpoint and checkpoint / f"machine_{i}.safetensors")
        progress(len(keys), len(keys) + 1, "ln Z of bonds as hidden spins")
        exact = self.bond_machine(key_bonds)
        return self.told(found, exact, x)

    def learned(self, key: Any, T: float, x: np.ndarray, checkpoint: Path | None) -> Learned:
        """A machine of the configurations x [chain, draw, L, L]."""
        key_copies, key_machine, key_train, key_sample, key_z = jax.random.split(key, 5)
        cut = round(HELD * len(x))
        held = x[:cut].reshape(-1, self.side**2).astype(float)
        rows = copied(key_copies, x[cut:].reshape(-1, self.side, self.side), self.copies)
        machine = cd.untrained(key_machine, 0.0 * rows, self.hidden_units, "spin", "spin", (self.side,) * 2)
        batch = min(200, len(rows) // 20)
        how = cd.ContrastiveDivergence("persistent", self.sweeps, batch, 0.05, self.epochs, symmetric=True)
        trained = cd.train(key_train, machine, rows, how, held=held, checkpoint=checkpoint)
        machine = trained.machine
        single = jax.tree.map(lambda a: jnp.asarray(a, jnp.float32), machine)
        v = np.asarray(cd.sampled(key_sample, single, chains=CHAINS, shares=SHARES, warmup=400, samples=40, thin=10))
        e, c, m = thermodynamics(v.swapaxes(0, 1).reshape(CHAINS, -1, self.side, self.side).astype(float), T)
        log_z = annealed_partition(key_z, machine, v[-1], steps=self.annealing_steps)
        log_p = -site_energy(held.reshape(-1, self.side, self.side)) * self.side**2 / T - self.exact_log_z(T)
        log_q = -np.asarray(jax.vmap(machine.free_energy)(jnp.asarray(held))) - log_z.both.value
        less = (log_p - log_q).reshape(cut, -1).mean(axis=1)
        error = np.hypot(less.std(ddof=1) / len(less) ** 0.5, log_z.both.error or 0.0)
        gap = float(trained.history["gap"][-1])
        return Learned(machine, e, c, m, log_z, Estimate(float(less.mean()), float(error), "nat"), gap)

    def exact_log_z(self, T: float) -> float:
        """ln Z of the torus."""
        return float(kaufman.log_partition_function(T, self.side)) * self.side**2

    def bond_machine(self, key: Any) -> tuple[AnnealedPartition, float]:
        """ln Z by annealing, and exactly, of the Ising model at T_c as a machine with a spin on each bond."""
        T, L = 2.269185314213022, self.side
        site = np.arange(L * L).reshape(L, L)
        first = np.tile(site.reshape(-1), 2)
        second = np.concatenate([np.roll(site, -1, axis=axis).reshape(-1) for axis in (0, 1)])
        machine, more = ising_machine(first, second, 1 / T, L * L)
        key_v, key_z = jax.random.split(key)
        single = jax.tree.map(lambda a: jnp.asarray(a, jnp.float32), machine)
        v = cd.sampled(key_v, single, chains=CHAINS, shares=2 * SHARES, warmup=2000, samples=1, thin=1)[0]
        return annealed_partition(key_z, machine, v, steps=2 * self.annealing_steps), self.exact_log_z(T) + more

    def told(self, found: dict[float, Learned], bonds: tuple[AnnealedPartition, float], x: np.ndarray) -> Result:
        """Estimates, checks, arrays."""
        told, checks = {}, []
        for T, one in found.items():
            name = f"{T:.4g}"
            exact = moments.magnetization_moments(T, self.side).abs_m
            u, heat = (float(f(T, self.side)) for f in (kaufman.energy, kaufman.specific_heat))
            told |= {f"energy/{name}": one.energy, f"specific_heat/{name}": one.specific_heat,
                     f"magnetization/{name}": one.magnetization, f"divergence/{name}": one.divergence,
                     f"log_partition_function/{name}": one.log_z.both}  # fmt: skip
            for of, value, tolerance, source in (
                ("energy", u, 0.01 * abs(u), KAUFMAN), ("specific_heat", heat, 0.1 * heat, KAUFMAN),
                ("magnetization", exact, 0.02, MOMENTS)):  # fmt: skip
                e = told[f"{of}/{name}"]
                law = f"{of.replace('_', ' ')} at T = {name}"
                checks.append(Check.within(law, e.value, value, tolerance, error=e.error, source=source,
                                           of=f"{of}/{name}").resolved())  # fmt: skip
            d = one.divergence
            law = f"likelihood of held-out rows at T = {name}, below that by the exact law"
            checks += [Check.at_most(f"{law}, at most", d.value, 0.2, error=d.error, source=KAUFMAN,
                                     of=f"divergence/{name}").resolved(),
                       Check.at_least(f"{law}, not above", d.value, 0.0, tolerance=4 * (d.error or 0), error=d.error,
                                      source="Gibbs' inequality", of=f"divergence/{name}")]  # fmt: skip
        annealed, exact = bonds
        told["log_partition_function/bonds"] = annealed.both
        checks += [
            Check.within("ln Z by annealing of the Ising model as a machine", annealed.both.value, exact, 0.1,
                         error=annealed.both.error, source=KAUFMAN, of="log_partition_function/bonds").resolved(),
            Check.at_most("<ln w> forward, below ln Z", annealed.below.value, exact,
                          tolerance=4 * (annealed.below.error or 0), error=annealed.below.error, source=KAUFMAN),
            Check.at_least("<ln w> in reverse, above ln Z", annealed.above.value, exact,
                           tolerance=4 * (annealed.above.error or 0), error=annealed.above.error, source=KAUFMAN),
        ]  # fmt: skip
        return Result(self.name, estimates=told, checks=checks, settings=asdict(self), arrays=self.arrays(found, x),
                      models={f"machine_{T:.4g}": one.machine for T, one in found.items()},
                      figures=["machine_thermodynamics"])  # fmt: skip

    def arrays(self, found: dict[float, Learned], x: np.ndarray) -> xr.Dataset:
        """Curves of the machines, of the data, and exact ones."""
        T = np.array(list(found))
        grid = np.linspace(min(T) - 0.15, max(T) + 0.15, 80)
        data = [thermodynamics(one.astype(float), t) for one, t in zip(x, T, strict=True)]
        arrays: dict[str, Any] = {}
        for i, name in enumerate(("energy", "specific_heat", "magnetization")):
            mine = [getattr(one, name) for one in found.values()]
            arrays[name] = ("temperature", [e.value for e in mine])
            arrays[f"{name}_error"] = ("temperature", [e.error for e in mine])
            arrays[f"{name}_data"] = ("temperature", [row[i].value for row in data])
        arrays["exact_energy"] = ("curve", [float(kaufman.energy(t, self.side)) for t in grid])
        arrays["exact_specific_heat"] = ("curve", [float(kaufman.specific_heat(t, self.side)) for t in grid])
        arrays["exact_magnetization"] = ("curve", [moments.magnetization_moments(t, self.side).abs_m for t in grid])
        return xr.Dataset(arrays, coords={"temperature": T, "curve": grid})


def site_energy(s: np.ndarray) -> np.ndarray:
    """-(1/N) Σ_<ij> s_i s_j on the torus, of the last two axes."""
    return -(s * (np.roll(s, 1, axis=-1) + np.roll(s, 1, axis=-2))).mean(axis=(-2, -1))


def thermodynamics(s: np.ndarray, T: float) -> tuple[Estimate, Estimate, Estimate]:
    """Energy per site, specific heat N var(e)/T², |m| of s [chain, draw, L, L]; errors over chains."""
    e, m, N = site_energy(s), np.abs(s.mean(axis=(-2, -1))), s.shape[-1] * s.shape[-2]
    heat = N * (e - e.mean()) ** 2 / T**2
    of = lambda a: Estimate(float(a.mean()), float(a.mean(axis=1).std(ddof=1) / len(a) ** 0.5))  # noqa: E731
    return of(e), of(heat), of(m)


def copied(key: Any, s: np.ndarray, copies: int) -> np.ndarray:
    """Rows [copies n, L²]: translated at random, with both signs.  Law: E is that of the original."""
    L, rng = s.shape[-1], np.random.default_rng(np.asarray(jax.random.key_data(key)))
    s = np.tile(s, (copies, 1, 1))
    i, j = rng.integers(0, L, (2, len(s), 1, 1))
    r = np.arange(L)
    moved = s[np.arange(len(s))[:, None, None], (r[:, None] + i) % L, (r[None] + j) % L]
    return (moved * rng.choice([-1, 1], (len(s), 1, 1))).reshape(len(s), -1).astype(float)
