# SPDX-License-Identifier: Apache-2.0
"""What a symmetry is worth: error against training examples for a plain, an augmented and an equivariant network."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Float, Key

from isinglass.checks.symmetry import equivariance
from isinglass.errors import InputError
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.prior.prior_case import CASES, PriorCase
from isinglass.nets.layer.mlp import MLP
from isinglass.nets.prior.table import net_for
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.training.augmentation import augmented
from isinglass.training.ensemble import fit_ensemble, member
from isinglass.training.loss import MeanSquare
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

__all__ = ["AnglesMLP", "Priors"]

NETWORKS = ("plain", "augmented", "equivariant")
TESTS = 1000
VALIDATED = 200
LOOKED = 12  # configurations that the violation is measured at


class AnglesMLP(eqx.Module):
    """net(cos θ, sin θ): the plain network of angles."""

    net: MLP

    def __call__(self, x: Float[Array, "..."], *, key: Key[Array, ""] | None = None) -> Float[Array, " out"]:
        return self.net(jnp.stack([jnp.cos(x), jnp.sin(x)]), key=key)


class LearningCurve(NamedTuple):
    """One network, trained several times on each number of examples."""

    error: Float[np.ndarray, "size trainings"]  # relative
    model: Any  # the first of the largest size
    check: Check  # of its symmetry


@dataclass(frozen=True)
class Priors(AbstractExperiment):
    """For each prior a target that has it: a perceptron, the same trained on random images of its examples, and the
    network of the table; the violation of each is measured on new examples.
    """

    name: ClassVar[str] = "priors"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "plain, augmented and equivariant networks: examples needed, symmetry broken"
    rows: ClassVar[tuple[int, ...]] = (55, 57, 58, 60, 62)
    paper: ClassVar[str] = "Bronstein, Bruna, Cohen and Veličković 2021, arXiv:2104.13478"
    claim: ClassVar[str] = (
        "the equivariant network breaks no symmetry, the others do; its error is the lowest, with fewer examples"
    )
    guide: ClassVar[str] = "docs/priors.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"priors": ("rotation",), "sizes": (50, 400), "steps": 600},
        "laptop": {},
        "paper": {"sizes": (100, 316, 1000, 3162, 10_000, 31_623), "trainings": 8, "steps": 50_000, "width": 128},
    }

    priors: tuple[str, ...] = tuple(CASES)
    """Among translation, permutation, rotation, point_group, gauge, antisymmetry."""
    sizes: tuple[int, ...] = (50, 150, 500, 1500)
    """Numbers of training examples, ascending."""
    trainings: int = 2
    """Trainings for each of them, with other examples and weights."""
    steps: int = 1500
    """Training steps."""
    width: int = 32
    """Width of the equivariant network; the hidden layers of the perceptron are twice as wide."""
    batch: int = 50
    """Examples per step."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """One prior after the other."""
        if wrong := [name for name in self.priors if name not in CASES]:
            raise InputError(f"priors among {', '.join(CASES)}", wrong[0], "choose some of them")
        if list(self.sizes) != sorted(set(self.sizes)):
            raise InputError("sizes that ascend", str(self.sizes), "sort them")
        found: dict[str, dict[str, LearningCurve]] = {}
        total = len(self.priors) * len(NETWORKS)
        for i, name in enumerate(self.priors):
            data = Examples.drawn(jax.random.fold_in(key, i), CASES[name], max(self.sizes) * self.trainings)
            found[name] = {}
            for k, network in enumerate(NETWORKS):
                progress(len(NETWORKS) * i + k, total, f"{name.replace('_', ' ')}: {network}")
                file = checkpoint and checkpoint / f"{name}_{network}.safetensors"
                found[name][network] = self.curve(jax.random.fold_in(key, 100 + i), CASES[name], data, network, file)
        models = {f"{name}_{network}": one.model for name, of in found.items() for network, one in of.items()}
        return Result(self.name, estimates=self.estimates(found), checks=self.judged(found), arrays=self.arrays(found),
                      models=models, settings=asdict(self), figures=["learning_curves"],
                      notes=self.notes(found))  # fmt: skip

    def curve(self, key: Any, case: PriorCase, data: "Examples", network: str, file: Path | None) -> LearningCurve:
        """All trainings of one network at once, those of fewer examples with repeated rows."""
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        members = [(size, t) for size in self.sizes for t in range(self.trainings)]
        most = max(self.sizes)
        rows = np.stack([t * most + np.arange(most) % size for size, t in members])
        loss: Callable = augmented(case.group, output=case.output) if network == "augmented" else MeanSquare()
        settings = Training(Optimizer("adam", 3e-3, "cosine", clip=1.0), steps=self.steps, batch_size=self.batch,
                            block=min(250, self.steps))  # fmt: skip
        made = lambda key: self.untrained(key, case, equivariant=network == "equivariant")  # noqa: E731
        trained = fit_ensemble(
            jax.random.split(key, len(members)), made, loss, (data.x, data.y), settings=settings,
            validation=(data.x_valid, data.y_valid), rows=jnp.asarray(rows, jnp.int32), checkpoint=file,
        )  # fmt: skip
        each = eqx.filter_jit(eqx.filter_vmap(lambda net, x: jax.vmap(net)(x), in_axes=(eqx.if_array(0), None)))
        off = np.asarray(each(trained.model, data.x_test)) - np.asarray(data.y_test)[None]
        error = np.sqrt((off**2).mean(axis=(1, 2)) / np.asarray(data.y_test).var())
        best = member(trained.model, len(members) - 1)
        check = equivariance(best, case.group, data.x_test[:LOOKED], output=case.output)
        return LearningCurve(error.reshape(len(self.sizes), self.trainings), best, check)

    def untrained(self, key: Any, case: PriorCase, *, equivariant: bool) -> Any:
        """The network of the table, or a perceptron."""
        if equivariant:
            return net_for(key, case.group, case.shape, output=case.output, width=self.width)
        shape = (2, *case.shape) if case.angles else case.shape
        net = MLP(key=key, in_shape=shape, out=1, hidden=(2 * self.width,) * 2, activation="silu")
        return AnglesMLP(net) if case.angles else net

    def estimates(self, found: dict[str, dict[str, LearningCurve]]) -> dict[str, Estimate]:
        """Errors at the largest size, violations, and how many times the examples the best other network needs."""
        out = {}
        for name, of in found.items():
            for network, curve in of.items():
                out[f"error/{name}_{network}"] = mean_of(curve.error[-1])
                out[f"violation/{name}_{network}"] = Estimate(curve.check.measured or 0.0)
            out[f"fewer_examples/{name}"] = Estimate(self.fewer(of))
        return out

    def judged(self, found: dict[str, dict[str, LearningCurve]]) -> list[Check]:
        """The equivariant network holds the law; a perceptron breaks it; fewer errors at every size."""
        held = []
        for name, of in found.items():
            words, curve = name.replace("_", " "), of["equivariant"]
            check = curve.check
            held.append(Check(f"the equivariant network holds the symmetry ({words})", check.measured, check.expected,
                              check.tolerance, check.verdict, source=check.source, of=f"violation/{name}_equivariant",
                              relation="<="))  # fmt: skip
            for other in ("plain", "augmented"):
                measured = of[other].check.measured or 0.0
                held.append(Check.at_least(f"the {other} network breaks it ({words})", measured, 1e-3,
                                           of=f"violation/{name}_{other}"))  # fmt: skip
            ratio = curve.error[-1].mean() / min(of[other].error[-1].mean() for other in ("plain", "augmented"))
            law = f"its error by the better of the others, {self.sizes[-1]} examples ({words})"
            held.append(Check.at_most(law, float(ratio), 1.0))
            law = f"times fewer examples for the error that the better of the others has with most ({words})"
            held.append(Check.at_least(law, self.fewer(of), 1.0, of=f"fewer_examples/{name}"))
        return held

    def notes(self, found: dict[str, dict[str, LearningCurve]]) -> list[str]:
        """Where the smallest number of examples was more than enough."""
        most = self.sizes[-1] / self.sizes[0]
        bound = [name.replace("_", " ") for name, of in found.items() if self.fewer(of) > 0.999 * most]
        text = f"{most:g} times fewer examples is a bound from below, by the smallest number: {', '.join(bound)}"
        return [text] if bound else []

    def fewer(self, of: dict[str, LearningCurve]) -> float:
        """N by N', where the equivariant network with N' examples is as good as the better other with the largest N.

        By straight lines in logarithms; where the smallest number is more than enough, by that: a bound from below.
        """
        wanted = min(of[other].error[-1].mean() for other in ("plain", "augmented"))
        errors = np.minimum.accumulate(of["equivariant"].error.mean(axis=1))
        return float(self.sizes[-1] / np.exp(np.interp(-np.log(wanted), -np.log(errors), np.log(self.sizes))))

    def arrays(self, found: dict[str, dict[str, LearningCurve]]) -> xr.Dataset:
        """Means over trainings with their errors, and violations."""
        error = np.array([[one.error for one in of.values()] for of in found.values()])
        spread = error.std(axis=3, ddof=1) / self.trainings**0.5 if self.trainings > 1 else np.zeros(error.shape[:3])
        violation = [[one.check.measured or 0.0 for one in of.values()] for of in found.values()]
        return xr.Dataset(
            {"error": (("prior", "network", "size"), error.mean(axis=3)),
             "error_spread": (("prior", "network", "size"), spread),
             "violation": (("prior", "network"), np.array(violation))},
            coords={"prior": list(found), "network": list(NETWORKS), "size": list(self.sizes)},
        )  # fmt: skip


class Examples(NamedTuple):
    """x and the target [n, 1], scaled to unit variance, of training, validation and test."""

    x: Float[Array, "n *site"]
    y: Float[Array, "n 1"]
    x_valid: Float[Array, "v *site"]
    y_valid: Float[Array, "v 1"]
    x_test: Float[Array, "t *site"]
    y_test: Float[Array, "t 1"]

    @staticmethod
    def drawn(key: Any, case: PriorCase, n: int) -> "Examples":
        """Independent examples; an invariant target is centered, one with a sign is not."""
        x = jax.vmap(case.draw)(jax.random.split(key, n + VALIDATED + TESTS))
        y = jax.vmap(case.target)(x)
        y = (y - (y.mean() if case.output == "scalar" else 0.0)) / y.std()
        parts = [slice(0, n), slice(n, n + VALIDATED), slice(n + VALIDATED, None)]
        return Examples(*(a for part in parts for a in (x[part], y[part, None].astype(jnp.float32))))


def mean_of(values: Float[np.ndarray, " n"]) -> Estimate:
    """Mean over trainings, with its standard error."""
    error = float(values.std(ddof=1) / len(values) ** 0.5) if len(values) > 1 else None
    return Estimate(float(values.mean()), error)
