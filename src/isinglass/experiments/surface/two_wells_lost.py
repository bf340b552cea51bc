# SPDX-License-Identifier: Apache-2.0
"""Two wells, one lost: reverse KL forgives a flow for leaving out half of the target, and its own samples hide it."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Float

from isinglass.checks.generative import log_z_agrees
from isinglass.exact.field.phi4 import single_site
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.autoregressive.group_average import GroupAverage
from isinglass.nets.flow.affine_coupling import real_nvp
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems.field.phi4 import Phi4, phi4_hopping
from isinglass.systems.path import CouplingPath
from isinglass.tasks.cases import join, labelled
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training
from isinglass.verbs import sample

__all__ = ["TwoWellsLost", "claims", "classical_log_z", "left"]

DRAWS = 20_000  # of each density
CHAINS = 256  # of Monte Carlo: one compiled program for all of it
BINS = np.linspace(-2.0, 2.0, 81)  # of the magnetization


@dataclass(frozen=True)
class TwoWellsLost(AbstractExperiment):
    """A φ⁴ field of 4 x 4 sites deep in its ordered phase has two wells, m > 0 and m < 0, of equal weight.

    Several flows are trained from the energy alone, and the one with the best ESS is chosen, as one would: it has
    left out a well.  A few Monte Carlo samples show it; mirroring the density, or training with them, repairs it.
    """

    name: ClassVar[str] = "two-wells-lost"
    task: ClassVar[str] = "sample"
    summary: ClassVar[str] = "a flow that lost a mode: detected by the forward ESS, and repaired"
    rows: ClassVar[tuple[int, ...]] = (78, 79, 85)
    paper: ClassVar[str] = "Nicoli et al. 2023, arXiv:2302.14082"
    claim: ClassVar[str] = (
        "the flow with the best ESS has lost a well and ln 2 of ln Z; the forward ESS tells; mirrored it is exact"
    )
    guide: ClassVar[str] = "docs/course/13_verdicts.py"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"steps": 500, "repair_steps": 300},
        "laptop": {},
        "paper": {"steps": 20_000, "repair_steps": 20_000, "couplings": 16, "hidden": (128, 128), "batch": 1024},
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
    repair_steps: int = 1500
    """Training steps with samples of the target."""
    batch: int = 256
    """Samples per step."""
    target_draws: int = 512
    """Monte Carlo samples of the target, from 256 chains."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Train, diagnose, repair, diagnose again."""
        keys, at = jax.random.split(key, 6), lambda name: checkpoint and checkpoint / name
        system = phi4_hopping((4, 4), kappa=self.kappa, lam=self.lam)
        progress(0, 5, "Monte Carlo samples of both wells, and ln Z by integration over the coupling")
        target = self.monte_carlo(keys[0], system, at("target"))
        reference, judged = classical_log_z(keys[1], system)
        progress(1, 5, f"{self.members} flows from the energy alone")
        members = [
            self.flow(k, system, target, at(f"reverse_kl_{i}"))
            for i, k in enumerate(jax.random.split(keys[2], self.members))
        ]
        best = max(members, key=lambda one: one.estimates["ess_fraction"].value)
        lost = best.models["sampler"]
        progress(3, 5, "training with samples of the target")
        mirrored = GroupAverage(lost)  # pyright: ignore[reportCallIssue]
        found = {
            "reverse_kl": best,
            "mirrored": self.diagnosed(keys[4], system, target, method=mirrored),
            "with_samples": self.diagnosed(keys[3], system, target, method=lost, objective="both_kl", data=target,
                                         training=self.training(self.repair_steps), checkpoint=at("with_samples")),
        }  # fmt: skip
        result = join(self.name, found, settings=asdict(self), figures=["lost_mode"], arrays=arrays(found, target))
        for name, one in found.items():
            result.estimates[f"pareto_k/{name}"] = Estimate(named(one, "Pareto-k").measured or np.nan)
        seconds = sum(one.estimates["training_seconds"].value for one in members)
        result.estimates |= {
            "log_partition_function/thermodynamic_integration": reference,
            "training_seconds": Estimate(seconds, unit="s"),
        }
        result.checks = [*claims(found, reference), *labelled(judged, "integration over the coupling", estimates=False)]
        result.models = {"lost": lost, "repaired": found["with_samples"].models["sampler"]}
        return result

    def monte_carlo(self, key, system: Phi4, folder: Path | None) -> Result:
        """Local Metropolis from uniform starts of either sign: each chain stays in the well that it falls into."""
        return sample(
            key, system, method="metropolis", samples=self.target_draws, chains=CHAINS, thin=10, warmup=600,
            start="uniform", effective_samples=None, checkpoint=folder, progress=False,
        )  # fmt: skip

    def flow(self, key, system: Phi4, target: Result, folder: Path | None) -> Result:
        """One flow, trained from the energy alone."""
        key_net, key_run = jax.random.split(key)
        net = real_nvp(key_net, system.shape, couplings=self.couplings, hidden=self.hidden, z2=False)
        return self.diagnosed(
            key_run, system, target, method=net, objective="path_gradient", training=self.training(self.steps),
            checkpoint=folder,
        )  # fmt: skip

    def diagnosed(self, key, system: Phi4, target: Result, **how: Any) -> Result:
        """A density diagnosed by its own samples and by samples of the target."""
        observables = {"weight_of_left_well": left, "magnetization": jnp.mean}
        return sample(key, system, correct="weights", draws=DRAWS, reference=target, observables=observables, **how)

    def training(self, steps: int) -> Training:
        """The schedule of every training."""
        optimizer = Optimizer(learning_rate=3e-3, schedule="cosine", clip=10.0)
        return Training(optimizer=optimizer, steps=steps, batch_size=self.batch)


def named(result: Result, words: str) -> Check:
    """The check whose law has these words."""
    return next(check for check in result.checks if words in check.law)


def left(x: Float[Array, "Lx Ly"]) -> Float[Array, ""]:
    """1 in the well m < 0."""
    return jnp.where(jnp.mean(x) < 0, 1.0, 0.0)


def classical_log_z(key, system: Phi4) -> tuple[Estimate, list[Check]]:
    """ln Z by integration over κ from independent sites, whose ln Z is one integral, and whether its chains agree; a
    local chain suffices, since the bond energy is the same in both wells.
    """
    path = CouplingPath(lambda J: eqx.tree_at(lambda s: s.J, system, J), (0.0, float(system.J)))
    change = sample(
        key, path, method="metropolis", nodes=16, samples=64 * CHAINS, chains=CHAINS, thin=20, warmup=1000,
        start="uniform", progress=False,
    )  # fmt: skip
    ratio = change.estimates["log_partition_function_ratio"]
    sites = float(np.prod(system.shape)) * single_site(float(system.r), float(system.lam)).log_Z
    return Estimate(sites + ratio.value, ratio.error), change.checks


def claims(found: dict[str, Result], reference: Estimate) -> list[Check]:
    """The mode is lost, the loss is detected, and it is repaired."""
    lost, mirrored, repaired = found["reverse_kl"], found["mirrored"], found["with_samples"]
    weight, kept = lost.estimates["weight_of_left_well"].value, named(lost, "no mode is lost")
    detected = {"pass": 0.0, "unknown": 0.5, "fail": 1.0}[kept.verdict]
    log_z, source = "log_partition_function", "thermodynamic integration"
    half = Estimate(reference.value - np.log(2), reference.error)
    whole = log_z_agrees(mirrored.estimates[log_z], reference, source=source, of=f"{log_z}/mirrored")
    shift = log_z_agrees(lost.estimates[log_z], half, source=f"{source}, less ln 2", of=f"{log_z}/reverse_kl")
    share, well = lost.estimates["ess_fraction"].value, repaired.estimates["weight_of_left_well"]
    mode, tail = named(mirrored, "no mode is lost"), named(mirrored, "Pareto-k")
    return [
        Check.at_least("lost flow: ESS fraction from its own samples looks good", share, 0.5,
                       of="ess_fraction/reverse_kl"),
        Check.at_most("lost flow: weight of the well that it has lost, exactly 1/2", min(weight, 1 - weight), 0.05),
        Check.within("lost flow: the forward ESS detects it (1: it does)", detected, 1.0, 0.0, source=kept.source),
        replace(shift, law="lost flow: ln Z is wrong by ln 2, and its error does not show it"),
        replace(mode, law=f"mirrored flow: {mode.law}"),
        replace(whole, law="mirrored flow: ln Z is that of integration over the coupling"),
        replace(tail, law="mirrored flow: Pareto-k of the weights", of="pareto_k/mirrored"),
        Check.within("flow trained with samples of the target: weight of the left well", well.value, 0.5, 0.1,
                     error=well.error, source="symmetry", of="weight_of_left_well/with_samples").resolved(),
    ]  # fmt: skip


def arrays(found: dict[str, Result], target: Result) -> xr.Dataset:
    """What the figure draws: densities of m, and the two ESS fractions."""
    law = lambda m: np.histogram(m, BINS, density=True)[0]  # noqa: E731
    m = target.arrays["configurations"].to_numpy().mean(axis=(-2, -1))
    ends = [[one.estimates[f"{way}ess_fraction"] for way in ("", "forward_")] for one in found.values()]
    drawn = [law(one.arrays["proposed_magnetization"].to_numpy()) for one in found.values()]
    return xr.Dataset(
        {
            "magnetization_density": (("method", "magnetization"), drawn),
            "magnetization_density_target": ("magnetization", (law(m) + law(-m)) / 2),
            "ess_fraction": (("method", "direction"), [[e.value for e in pair] for pair in ends]),
            "ess_fraction_error": (("method", "direction"), [[e.error for e in pair] for pair in ends]),
        },
        coords={
            "method": list(found),
            "magnetization": (BINS[1:] + BINS[:-1]) / 2,
            "direction": ["reverse", "forward"],
        },
    )
