# SPDX-License-Identifier: Apache-2.0
"""Restricted Boltzmann machines of handwritten digits: which chains train best, with exact and annealed ln Z."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from sklearn.datasets import load_digits

from isinglass.experiments.experiment import AbstractExperiment
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.sampling.objective.contrastive_divergence import sampled
from isinglass.sampling.weight.annealed_partition import annealed_partition
from isinglass.verbs import approximate

__all__ = ["RBMDigits"]

NEGATIVES = ("persistent", "contrastive", "tempering")
WALKERS = 500


@dataclass(frozen=True)
class RBMDigits(AbstractExperiment):
    """Images of 8 x 8 pixels, black or white: machines by three kinds of chains, and a larger one."""

    name: ClassVar[str] = "rbm-digits"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "restricted Boltzmann machines of 8 x 8 digits: unseen images, ln Z both ways"
    rows: ClassVar[tuple[int, ...]] = (89,)
    paper: ClassVar[str] = "Tieleman 2008, doi:10.1145/1390156.1390290; Salakhutdinov and Murray 2008"
    claim: ClassVar[str] = (
        "unseen images are at least 5 nats likelier than by independent pixels; persistent chains give no lower "
        "likelihood than contrastive divergence, more hidden units a higher one; ln Z by annealing within 0.1 of the "
        "exact one, between its two bounds"
    )
    guide: ClassVar[str] = "docs/boltzmann_machines.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"larger": 40, "epochs": 150, "batch": 20, "annealing_steps": 200, "negatives": NEGATIVES[:2]},
        "laptop": {},
        "paper": {"hidden_units": 20, "larger": 500, "epochs": 5000, "annealing_steps": 10_000},
    }  # fmt: skip

    hidden_units: int = 16
    """Hidden units of the machines with exact ln Z, at most 20."""
    larger: int = 64
    """Of the larger machine."""
    epochs: int = 1000
    """Passes over the images."""
    batch: int = 100
    """Images of a step."""
    negatives: tuple[str, ...] = NEGATIVES
    """Chains of the training: persistent, contrastive, tempering."""
    annealing_steps: int = 1000
    """Steps of the annealing for ln Z."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Train each on the same images, and compare on the same others."""
        key, key_z = jax.random.split(key)
        x = images()
        made = {name: {"negative": name, "hidden_units": self.hidden_units} for name in self.negatives}
        made["larger"] = {"negative": "persistent", "hidden_units": self.larger}
        results = {}
        for i, (name, settings) in enumerate(made.items()):
            progress(i, len(made) + 1, name)
            results[name] = approximate(
                key, x, method="rbm", epochs=self.epochs, batch=self.batch, annealing_steps=self.annealing_steps,
                progress=False, checkpoint=checkpoint and checkpoint / name, **settings,
            )  # fmt: skip
        progress(len(made), len(made) + 1, "annealing")
        return self.told(results, {name: self.annealed(key_z, results[name].models["machine"])
                                   for name in self.negatives})  # fmt: skip

    def annealed(self, key: Any, machine: Any) -> Any:
        """ln Z of a machine whose exact one is known."""
        single = jax.tree.map(lambda a: jnp.asarray(a, jnp.float32), machine)
        v = sampled(key, single, chains=WALKERS, shares=10, warmup=500, samples=1, thin=1)[0]
        return annealed_partition(key, machine, v, steps=self.annealing_steps)

    def told(self, results: dict[str, Result], annealed: dict[str, Any]) -> Result:
        """Estimates, checks, arrays."""
        held = results["larger"].arrays["held_out"].to_numpy().reshape(-1, 64).astype(float)
        rows = {name: log_likelihoods(result, held) for name, result in results.items()}
        told = {f"log_likelihood/{name}": result.estimates["log_likelihood"] for name, result in results.items()}
        told["log_likelihood/independent"] = results["larger"].estimates["log_likelihood/independent"]
        checks = []
        for name in self.negatives:
            gain = results[name].estimates["log_likelihood_gain"]
            checks.append(Check.at_least(f"gain over independent pixels, {name}", gain.value, 5.0,
                                         error=gain.error).resolved())  # fmt: skip
            exact, found = results[name].estimates["log_partition_function"].value, annealed[name]
            told[f"log_partition_function/{name}"] = found.both
            checks += [
                Check.within(f"ln Z by annealing, {name}", found.both.value, exact, 0.1, error=found.both.error,
                             source="enumeration", of=f"log_partition_function/{name}").resolved(),
                Check.at_most(f"<ln w> forward, below ln Z, {name}", found.below.value, exact,
                              tolerance=4 * (found.below.error or 0), error=found.below.error, source="enumeration"),
                Check.at_least(f"<ln w> in reverse, above ln Z, {name}", found.above.value, exact,
                               tolerance=4 * (found.above.error or 0), error=found.above.error, source="enumeration"),
            ]  # fmt: skip
        for better, worse in (("persistent", "contrastive"), ("larger", "persistent")):
            if better in rows and worse in rows:
                less = rows[better] - rows[worse]
                e = Estimate(float(less.mean()), float(less.std(ddof=1) / len(less) ** 0.5), "nat")
                told[f"log_likelihood_difference/{better}"] = e
                law = f"likelihood of unseen images, {better} above {worse}"
                checks.append(Check.at_least(law, e.value, 0.0, error=e.error,
                                             of=f"log_likelihood_difference/{better}").resolved())  # fmt: skip
        mixed = [check for result in results.values() for check in result.checks if "chains from" in check.law]
        checks.append(Check.at_most("machines whose chains did not mix", sum(c.verdict != "pass" for c in mixed), 0.0))
        return Result(self.name, estimates=told, checks=checks, settings=asdict(self), arrays=arrays(results["larger"]),
                      models={name: result.models["machine"] for name, result in results.items()},
                      figures=["machine_weights", "moments"])  # fmt: skip


def images() -> np.ndarray:
    """1797 digits [n, 8, 8], black where a pixel has more than half of its 16 levels."""
    return (load_digits().images > 8).astype(int)  # noqa: PLR2004


def log_likelihoods(result: Result, held: np.ndarray) -> np.ndarray:
    """ln p of each row."""
    log_z = result.estimates["log_partition_function"].value
    return -np.asarray(jax.vmap(result.models["machine"].free_energy)(jnp.asarray(held))) - log_z


def arrays(result: Result) -> xr.Dataset:
    """Those of one machine."""
    return result.arrays.drop_attrs(deep=False)
