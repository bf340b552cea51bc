# SPDX-License-Identifier: Apache-2.0
"""Two wells, one lost: reverse KL forgives a flow for leaving out half of the target, and its own draws do not tell."""

import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Float
from scipy.integrate import quad

from isinglass.checks.generative import light_weights, log_z_agrees, modes_kept
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.autoregressive.group_average import GroupAverage
from isinglass.nets.density import AbstractDensity
from isinglass.nets.flow.affine_coupling import real_nvp
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.sampling.chain.metropolis import Metropolis
from isinglass.sampling.chain.sampler import Independent
from isinglass.sampling.ensemble.driver import SamplingPlan, draw
from isinglass.sampling.ensemble.start import starts
from isinglass.sampling.objective.both_kl import BothKL
from isinglass.sampling.objective.reverse_kl import ReverseKL
from isinglass.sampling.weight.importance import (
    Weighted,
    average,
    effective_share,
    estimate,
    importance_sample,
    log_partition_function,
    log_target,
)
from isinglass.sampling.weight.thermodynamic_integration import integrate_coupling
from isinglass.stats.pareto import pareto_k
from isinglass.stats.weights import forward_effective_share
from isinglass.systems.field.phi4 import Phi4, phi4_hopping
from isinglass.systems.system import at_temperatures
from isinglass.training.ensemble import fit_ensemble, member
from isinglass.training.fit import fit
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

__all__ = ["Appraisal", "TwoWellsLost", "appraise", "classical_log_z", "left"]

DRAWS = 20_000  # of each density
CHAINS = 256  # of Monte Carlo: one compiled program for all of it
BINS = np.linspace(-2.0, 2.0, 81)  # of the magnetization


class Appraisal(NamedTuple):
    """What a density says of itself, and what draws of the target say of it."""

    weighted: Weighted
    reverse: Estimate  # ESS/n from its own draws
    forward: Estimate  # ESS/n from draws of the target
    log_z: Estimate
    left: Estimate  # P(m < 0)
    kept: Check


@dataclass(frozen=True)
class TwoWellsLost(AbstractExperiment):
    """A φ⁴ field of 4 x 4 sites deep in its ordered phase has two wells, m > 0 and m < 0, of equal weight.

    Several flows are trained from the energy alone, and the one with the best ESS is chosen, as one would: it is the
    one that has left out a well.  A few Monte Carlo draws tell; mirroring the density, or training with them, mends.
    """

    name: ClassVar[str] = "two-wells-lost"
    task: ClassVar[str] = "sample"
    summary: ClassVar[str] = "a flow that lost a mode: seen by the forward ESS, and mended"
    rows: ClassVar[tuple[int, ...]] = (78, 79, 85)
    paper: ClassVar[str] = "Nicoli et al. 2023, arXiv:2302.14082"
    claim: ClassVar[str] = (
        "the flow with the best ESS has lost a well and ln 2 of ln Z; the forward ESS tells; mirrored it is exact"
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"steps": 500, "mending_steps": 200, "members": 2},
        "laptop": {},
        "paper": {"steps": 20_000, "mending_steps": 20_000, "couplings": 16, "hidden": (128, 128), "batch": 1024},
    }

    kappa: float = 0.5
    """Hopping parameter κ."""
    lam: float = 0.5
    """Quartic coupling λ."""
    members: int = 4
    """Flows trained from the energy alone, of which the best is taken."""
    couplings: int = 8
    """Affine couplings of a flow."""
    hidden: tuple[int, ...] = (48,)
    """Hidden layers of each coupling's network."""
    steps: int = 1500
    """Training steps."""
    mending_steps: int = 1500
    """Training steps with draws of the target."""
    batch: int = 256
    """Draws in a step."""
    target_draws: int = 512
    """Monte Carlo draws of the target, from 256 chains."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Train, appraise, mend, appraise again."""
        keys = jax.random.split(key, 6)
        system = phi4_hopping((4, 4), kappa=self.kappa, lam=self.lam)
        progress(0, 5, "Monte Carlo draws of both wells, and ln Z by integration over the coupling")
        target = self.monte_carlo(keys[0], system)
        reference = classical_log_z(keys[1], system)
        progress(1, 5, f"{self.members} flows from the energy alone")
        begun = time.perf_counter()
        lost, weighted = self.best_of_energy(keys[2], system, checkpoint)
        seconds = time.perf_counter() - begun
        progress(3, 5, "mending with draws of the target")
        mended = self.with_draws(keys[3], lost, system, target, checkpoint)
        found = {"reverse_kl": appraise(keys[4], lost, system, target, weighted)}
        mends = {"mirrored": GroupAverage(lost), "with_draws": mended}  # pyright: ignore[reportCallIssue]
        for i, (name, model) in enumerate(mends.items()):
            found[name] = appraise(jax.random.fold_in(keys[5], i), model, system, target)
        return Result(
            self.name,
            estimates=estimates(found, reference) | {"training_seconds": Estimate(seconds, unit="s")},
            checks=claims(found, reference),
            arrays=arrays(found, target),
            models={"lost": lost, "mended": mended},
            settings=asdict(self),
            figures=["lost_mode"],
        )

    def monte_carlo(self, key, system: Phi4) -> Float[np.ndarray, "R D Lx Ly"]:
        """Local Metropolis from uniform starts of either sign: each chain stays in the well that it falls into."""
        plan = SamplingPlan(samples=self.target_draws, chains=CHAINS, thin=10, warmup=600)
        x = starts(key, system, 1, CHAINS, "uniform")
        return draw(key, Independent(Metropolis()), at_temperatures(system, np.ones(1)), x, plan).x[0]

    def best_of_energy(self, key, system: Phi4, folder: Path | None) -> tuple[AbstractDensity, Weighted]:
        """The flow with the largest reverse ESS."""
        trained = fit_ensemble(
            jax.random.split(key, self.members),
            lambda key: real_nvp(key, system.shape, couplings=self.couplings, hidden=self.hidden, z2=False),
            ReverseKL(system, batch=self.batch, path=True),
            None,
            settings=self.training(self.steps),
            checkpoint=None if folder is None else folder / "reverse_kl.safetensors",
        )
        flows = [member(trained.model, i) for i in range(self.members)]
        draws = [importance_sample(jax.random.fold_in(key, i), flow, system, DRAWS) for i, flow in enumerate(flows)]
        best = max(range(self.members), key=lambda i: effective_share(draws[i]).value)
        return flows[best], draws[best]

    def with_draws(self, key, lost: AbstractDensity, system: Phi4, target, folder: Path | None) -> AbstractDensity:
        """The same flow, trained on with half of the loss the likelihood of the target's draws."""
        loss = BothKL(ReverseKL(system, batch=self.batch))
        x = target.reshape(-1, *system.shape).astype(np.float32)
        path = None if folder is None else folder / "with_draws.safetensors"
        return fit(key, lost, loss, (x,), settings=self.training(self.mending_steps), checkpoint=path).model

    def training(self, steps: int) -> Training:
        """One schedule for all."""
        optimizer = Optimizer(learning_rate=3e-3, schedule="cosine", clip=10.0)
        return Training(optimizer=optimizer, steps=steps, batch_size=self.batch)


def left(x: Float[Array, "Lx Ly"]) -> Float[Array, ""]:
    """1 in the well m < 0."""
    return jnp.where(jnp.mean(x) < 0, 1.0, 0.0)


def appraise(key, model: AbstractDensity, system: Phi4, target, weighted: Weighted | None = None) -> Appraisal:
    """Own draws, and ln w at the draws of the target, chain by chain."""
    weighted = weighted or importance_sample(key, model, system, DRAWS)
    of_target = np.asarray(log_weights(model, system, jnp.asarray(target)))
    return Appraisal(
        weighted,
        effective_share(weighted),
        estimate(forward_effective_share, of_target),
        log_partition_function(weighted),
        average(left, weighted),
        modes_kept(weighted.log_weight, of_target),
    )


@eqx.filter_jit
def log_weights(model: AbstractDensity, system: Phi4, x: Float[Array, "R D Lx Ly"]) -> Float[Array, "R D"]:
    """ln w = -beta E - ln q."""
    one = lambda x: log_target(system, x) - model.log_prob(x.astype(jnp.float32)).astype(float)  # noqa: E731
    return jax.vmap(jax.vmap(one))(x)


def classical_log_z(key, system: Phi4) -> Estimate:
    """ln Z by integration over κ from independent sites, whose ln Z is one integral; a local chain suffices, for the
    bond energy does not know in which well it is.
    """
    r, lam = float(system.r), float(system.lam)
    site = quad(lambda x: np.exp(-r * x**2 - lam * x**4), -np.inf, np.inf, epsabs=1e-13)[0]
    path = lambda J: eqx.tree_at(lambda s: s.J, system, J)  # noqa: E731
    plan = SamplingPlan(samples=64 * CHAINS, chains=CHAINS, thin=4, warmup=400)
    ends, ensemble = (0.0, float(system.J)), Independent(Metropolis())
    change = integrate_coupling(key, ensemble, path, ends, nodes=16, plan=plan, start="uniform").value
    return Estimate(system.n_sites * np.log(site) + change.value, change.error)


def estimates(found: dict[str, Appraisal], reference: Estimate) -> dict[str, Estimate]:
    """Beside each other, under the names of all samplers."""
    table = {"log_partition_function/thermodynamic_integration": reference}
    for name, one in found.items():
        table[f"effective_share/{name}"] = one.reverse
        table[f"forward_effective_share/{name}"] = one.forward
        table[f"log_partition_function/{name}"] = one.log_z
        table[f"weight_of_left_well/{name}"] = one.left
        table[f"pareto_k/{name}"] = Estimate(float(jax.jit(pareto_k)(jnp.asarray(one.weighted.log_weight))))
    return table


def claims(found: dict[str, Appraisal], reference: Estimate) -> list[Check]:
    """The trap is sprung, seen and mended."""
    lost, mirrored, mended = found["reverse_kl"], found["mirrored"], found["with_draws"]
    gone = min(lost.left.value, 1 - lost.left.value)
    seen = {"pass": 0.0, "unknown": 0.5, "fail": 1.0}[lost.kept.verdict]
    whole = log_z_agrees(
        mirrored.log_z, reference, source="thermodynamic integration", of="log_partition_function/mirrored"
    )
    half = Estimate(reference.value - np.log(2), reference.error)
    source = "thermodynamic integration, less ln 2"
    shift = log_z_agrees(lost.log_z, half, source=source, of="log_partition_function/reverse_kl")
    return [
        Check.at_least("lost flow: share effective by its own draws looks good", lost.reverse.value, 0.5,
                       of="effective_share/reverse_kl"),
        Check.at_most("lost flow: weight of the well that it has lost, exactly 1/2", gone, 0.05),
        Check.within("lost flow: the forward ESS speaks up (1: it does)", seen, 1.0, 0.0, source=lost.kept.source),
        replace(shift, law="lost flow: ln Z is wrong by ln 2, and its error does not tell"),
        replace(mirrored.kept, law="mirrored flow: " + mirrored.kept.law),
        replace(whole, law="mirrored flow: ln Z is that of integration over the coupling"),
        replace(light_weights(mirrored.weighted.log_weight), law="mirrored flow: Pareto-k of the weights",
                of="pareto_k/mirrored"),
        Check.within("flow trained with draws: weight of the left well", mended.left.value, 0.5, 0.1,
                     source="symmetry", of="weight_of_left_well/with_draws"),
    ]  # fmt: skip


def arrays(found: dict[str, Appraisal], target: Float[np.ndarray, "R D Lx Ly"]) -> xr.Dataset:
    """What the figure draws: densities of m, and the two effective shares."""
    center = (BINS[1:] + BINS[:-1]) / 2
    law = lambda x: np.histogram(x.mean(axis=(-2, -1)).ravel(), BINS, density=True)[0]  # noqa: E731
    ends = [[one.reverse, one.forward] for one in found.values()]
    return xr.Dataset(
        {
            "magnetization_density": (("method", "magnetization"), [law(one.weighted.x) for one in found.values()]),
            "magnetization_density_target": ("magnetization", (law(target) + law(-target)) / 2),
            "effective_share": (("method", "direction"), [[e.value for e in pair] for pair in ends]),
            "effective_share_error": (("method", "direction"), [[e.error for e in pair] for pair in ends]),
        },
        coords={"method": list(found), "magnetization": center, "direction": ["reverse", "forward"]},
    )
