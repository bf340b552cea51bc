# SPDX-License-Identifier: Apache-2.0
"""A perceptron takes a domain that has moved for a new one, a convolutional network does not: Ising configurations."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Int

from isinglass.checks.classifier import at_most_bayes, hit_rate
from isinglass.checks.symmetry import equivariance
from isinglass.data.files import from_dataset
from isinglass.errors import InputError
from isinglass.exact.lattice import bayes, onsager
from isinglass.exact.lattice.critical import relaxation_time
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.layer.mlp import MLP
from isinglass.nets.prior.table import net_for
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent, telling
from isinglass.symmetry.lattice import Translation, unit_steps
from isinglass.systems import Ising
from isinglass.training.ensemble import fit_ensemble, member, outputs
from isinglass.training.loss import CrossEntropy
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training
from isinglass.verbs import sample

__all__ = ["TranslationSymmetry", "striped"]

TC = onsager.critical_temperature()
T = np.arange(10, 36) / 10
NETWORKS = ("perceptron", "cnn")
SHIFTED = Translation(unit_steps(2))
NOISE = 0.1  # share of the spins of a striped configuration that are reversed
LOOKED = 64


class LabelledSpins(NamedTuple):
    """Configurations with labels, and what they are groups of."""

    x: Float[np.ndarray, "n L L"]
    y: Int[np.ndarray, " n"]
    group: Int[np.ndarray, " n"]
    parameter: Float[np.ndarray, " n"]


@dataclass(frozen=True)
class TranslationSymmetry(AbstractExperiment):
    """Order or disorder, T = 1.0(0.1)3.5, from few configurations; and stripes of spins up, upright or lying, seen in
    one place in training and in all places after it.  The CNN's output cannot depend on the place.
    """

    name: ClassVar[str] = "translation-symmetry"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "perceptron against CNN on shifted Ising configurations"
    rows: ClassVar[tuple[int, ...]] = (55, 56)
    paper: ClassVar[str] = "Cohen and Welling 2016, arXiv:1602.07576"
    claim: ClassVar[str] = (
        "no label of the CNN changes with a shift, many of the perceptron's do; with few examples the CNN is better"
    )
    guide: ClassVar[str] = "docs/priors.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"side": 8, "sizes": (50, 400), "samples": 64, "steps": 400},
        "laptop": {},
        "paper": {
            "side": 32,
            "sizes": (100, 1000, 10_000, 50_000),
            "samples": 2048,
            "trainings": 8,
            "steps": 20_000,
            "width": 32,
        },
    }

    side: int = 16
    """Side L of the lattice."""
    sizes: tuple[int, ...] = (50, 150, 500, 1500, 5000)
    """Numbers of training configurations, ascending."""
    samples: int = 256
    """Configurations at each temperature, for training and as many for the test."""
    trainings: int = 2
    """Trainings for each number, with other configurations and weights."""
    steps: int = 1000
    """Training steps."""
    width: int = 16
    """Channels of the CNN; the perceptron has a hidden layer of 100."""
    batch: int = 50
    """Configurations per step."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Phases, then domains."""
        keys = jax.random.split(key, 5)
        train, test = (
            self.phases(k, part, progress, checkpoint) for k, part in zip(keys, ("train", "test"), strict=False)
        )
        if max(self.sizes) > len(train.x):
            raise InputError(f"sizes up to {len(train.x)}", f"{max(self.sizes)}", "take more samples")
        ceiling = bayes.bayes_accuracy(bayes.energy_law(self.side, T), T < TC)
        hits, models = {}, {}
        for i, network in enumerate(NETWORKS):
            progress(1 + i, 4, f"training the {network} on {', '.join(map(str, self.sizes))} configurations")
            models[network] = self.trained(keys[2], network, train, self.sizes)
            hits[network] = self.hits(models[network], test)
        estimates, held = self.judged(hits, models, test, ceiling)
        progress(3, 4, "domains in other places")
        moved = {network: self.moved(keys[3], network) for network in NETWORKS}
        held += self.judged_moved(moved)
        estimates |= {f"moved_accuracy/{network}": Estimate(float(y.min())) for network, y in moved.items()}
        best = {network: member(of, -1) for network, of in models.items()}
        return Result(self.name, estimates=estimates, checks=held, arrays=self.arrays(hits, test, moved, ceiling),
                      models=best, settings=asdict(self), figures=["shifted_accuracy"])  # fmt: skip

    def phases(self, key: Any, part: str, progress: Any, checkpoint: Path | None) -> LabelledSpins:
        """Equilibrium configurations; label 1 above T_c."""
        thin = max(2, round(relaxation_time(self.side) / 2))
        found = sample(
            key, Ising((self.side, self.side)), T, method="metropolis", samples=self.samples,
            chains=min(64, self.samples), thin=thin, warmup=80 * thin, effective_samples=None,
            progress=telling(progress, f"sampling, {part}"), checkpoint=checkpoint and checkpoint / part,
        )  # fmt: skip
        c = from_dataset(found.arrays)
        return LabelledSpins(c.x.astype(np.float32), (c.parameter > TC).astype(np.int32), c.group, c.parameter)

    def untrained(self, key: Any, network: str) -> Any:
        """A perceptron, or the network of the table of priors."""
        shape = (self.side, self.side)
        if network == "cnn":
            return net_for(key, SHIFTED, shape, out=2, width=self.width)
        return MLP(key=key, in_shape=shape, out=2, hidden=(100,), activation="silu")

    def trained(self, key: Any, network: str, data: LabelledSpins, sizes: tuple[int, ...]) -> Any:
        """All trainings at once [size x training]; those of fewer rows repeat them."""
        key_rows, key_fit = jax.random.split(key)
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key_rows)))
        most, members = max(sizes), [size for size in sizes for _ in range(self.trainings)]
        rows = np.stack([rng.permutation(len(data.x))[:size][np.arange(most) % size] for size in members])
        settings = Training(Optimizer("adamw", 2e-3, "cosine", weight_decay=1e-2), steps=self.steps,
                            batch_size=min(self.batch, min(sizes)), block=min(200, self.steps))  # fmt: skip
        made = lambda key: self.untrained(key, network)  # noqa: E731
        trained = fit_ensemble(jax.random.split(key_fit, len(members)), made, CrossEntropy(), (data.x, data.y),
                               settings=settings, rows=jnp.asarray(rows, jnp.int32))  # fmt: skip
        return trained.model

    def hits(self, models: Any, test: LabelledSpins) -> Bool[np.ndarray, "size trainings n"]:
        """Which labels are right."""
        logits = of_all(models, test.x)
        return (logits.argmax(axis=-1) == test.y).reshape(-1, self.trainings, len(test.y))

    def judged(
        self, hits: dict[str, Any], models: dict[str, Any], test: LabelledSpins, ceiling: float
    ) -> tuple[dict[str, Estimate], list[Check]]:
        """Accuracies beside the ceiling; labels that a shift changes."""
        estimates, held = {"accuracy/bayes_ceiling": Estimate(ceiling)}, []
        few = {}
        for network in NETWORKS:
            for size, of in zip(self.sizes, hits[network], strict=True):
                estimates[f"accuracy/{network}_{size}"] = hit_rate(of, test.group, test.parameter)
            few[network] = estimates[f"accuracy/{network}_{self.sizes[0]}"]
            name = f"accuracy/{network}_{self.sizes[-1]}"
            held.append(at_most_bayes(hits[network][-1, 0], test.group, test.parameter, ceiling))
            share, check = self.shifted(models[network], test)
            estimates[f"labels_changed/{network}"] = Estimate(share)
            of = f"labels_changed/{network}"
            if network == "cnn":
                held += [Check.at_most("share of the CNN's labels that a shift changes", share, 0.0, of=of), check]
                gap = ceiling - estimates[name].value
                held.append(Check.at_most("the CNN misses Bayes' ceiling, largest training set, by", gap, 0.03,
                                          error=estimates[name].error))  # fmt: skip
            else:
                held.append(Check.at_least("share of the perceptron's labels that a shift changes", share, 1e-3, of=of))
        gain = few["cnn"].value - few["perceptron"].value
        error = float(np.hypot(few["cnn"].error or 0.0, few["perceptron"].error or 0.0))
        law = f"accuracy gained by the CNN with {self.sizes[0]} examples"
        held.append(Check.at_least(law, gain, 0.0, error=error).resolved())
        return estimates, held

    def shifted(self, models: Any, test: LabelledSpins) -> tuple[float, Check]:
        """The share of labels of the last network that differ after a shift, and the violation of its logits."""
        last = member(models, -1)
        rng = np.random.default_rng(0)
        places = rng.integers(1, self.side, (len(test.x), 2))
        moved = np.stack([np.roll(x, tuple(s), (0, 1)) for x, s in zip(test.x, places, strict=True)])
        label = lambda x: of_all(models, x)[-1].argmax(axis=-1)  # noqa: E731
        check = equivariance(last, SHIFTED, test.x[:: max(1, len(test.x) // LOOKED)], name="translations")
        return float(np.mean(label(test.x) != label(moved))), check

    def moved(self, key: Any, network: str) -> Float[np.ndarray, " shift"]:
        """Accuracy on stripes that are moved, of a network trained on them in one place."""
        key_train, key_test, key_fit = jax.random.split(key, 3)
        train = striped(key_train, 1000, self.side, 0)
        models = self.trained(key_fit, network, train, (1000,))
        test = [striped(jax.random.fold_in(key_test, s), 400, self.side, s) for s in range(self.side)]
        return np.array([self.hits(models, one).mean() for one in test])

    def judged_moved(self, moved: dict[str, Float[np.ndarray, " shift"]]) -> list[Check]:
        """At the worst place, and at the place of training."""
        worst = {network: float(y.min()) for network, y in moved.items()}
        return [
            Check.at_least("accuracy of both networks where the domains were in training",
                           min(float(y[0]) for y in moved.values()), 0.9),
            Check.at_least("accuracy of the CNN at the worst shift of the domain", worst["cnn"], 0.9,
                           of="moved_accuracy/cnn"),
            Check.at_most("accuracy of the perceptron at the worst shift of the domain", worst["perceptron"], 0.6,
                          of="moved_accuracy/perceptron"),
        ]  # fmt: skip

    def arrays(self, hits: Any, test: LabelledSpins, moved: Any, ceiling: float) -> xr.Dataset:
        """Accuracies by size and by shift."""
        rates = [[hit_rate(of, test.group, test.parameter) for of in hits[network]] for network in NETWORKS]
        pick = lambda name: [[getattr(rate, name) for rate in row] for row in rates]  # noqa: E731
        return xr.Dataset(
            {"accuracy": (("network", "size"), pick("value")), "accuracy_error": (("network", "size"), pick("error")),
             "moved_accuracy": (("network", "shift"), np.stack([moved[network] for network in NETWORKS]))},
            coords={"network": list(NETWORKS), "size": list(self.sizes), "shift": np.arange(self.side)},
            attrs={"bayes_ceiling": ceiling},
        )  # fmt: skip


def of_all(models: Any, x: Any) -> np.ndarray:
    """Logits of every member, row and class."""
    return np.asarray(outputs(models, jnp.asarray(x, jnp.float32), ensemble=True))


def striped(key: Any, n: int, side: int, shift: int) -> LabelledSpins:
    """Half of the spins up in a stripe, lying (label 0) or upright (label 1), `shift` from the corner, with noise."""
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    y = rng.integers(0, 2, n).astype(np.int32)
    row = np.where((np.arange(side) - shift) % side < side // 2, 1.0, -1.0)
    lying = np.broadcast_to(row[:, None], (side, side))
    x = np.where(y[:, None, None] == 0, lying[None], lying.T[None])
    x = np.where(rng.random(x.shape) < NOISE, -x, x).astype(np.float32)
    return LabelledSpins(x, y, np.arange(n), np.zeros(n))
