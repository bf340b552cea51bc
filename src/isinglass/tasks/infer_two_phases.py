# SPDX-License-Identifier: Apache-2.0
"""Infer to which of two phases a configuration belongs, and the output of the trained networks at other parameters."""

import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import checks, inference
from isinglass.errors import InputError
from isinglass.result import Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.setting.phases_files import configurations_of
from isinglass.tasks.task import AbstractTask, Verb, described, is_instance, setting

if TYPE_CHECKING:
    from isinglass.data.configurations import Configurations
    from isinglass.inference.phases.two_phases import TwoPhases

    Method = str | TwoPhases
    Rows = np.ndarray | None
else:
    Method = Rows = Any

__all__ = ["InferTwoPhases", "of_labels"]

KNOBS = ("isinglass.inference.phases.two_phases:TwoPhases",)


@dataclass(frozen=True)
class InferTwoPhases(AbstractTask):
    """Networks are trained on a part of the chains to classify the two phases, and tested on the others.

    Law: no row of a training chain is tested; no accuracy is above that of the exact law of the two phases.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = (
        "isinglass.data.configurations:Configurations", "isinglass.result:Result"
    )  # fmt: skip
    guide: ClassVar[str] = "docs/files.md"
    what: ClassVar[str] = "configurations of two phases (a result of sample, or isinglass.data.read(file))"
    least: ClassVar[dict[str, float]] = {"boundary": float("-inf")}

    method: Method = setting("two_phases", choices=lambda: ["two_phases"])
    """two_phases; in Python also its settings, isinglass.inference.phases.TwoPhases(...)."""
    boundary: float | None = None
    """Rows below this value of the parameter are one phase, the others the other; by default two values are there."""
    held_out: Rows = setting(None)
    """Rows that no network is trained on, [n] of True and False; by default a share of the chains."""
    networks: Any = setting(None)
    """Trained networks, from `models` of another result: they are evaluated at every value of the parameter."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """Where the method is two_phases."""
        method = settings.get("method")
        return method == "two_phases" or is_instance(method, KNOBS)

    def run(
        self, key: Any, problem: "Result | Configurations", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """Train, unless networks are given, and evaluate; it takes seconds, so that `checkpoint` is not used."""
        begun = time.perf_counter()
        c = configurations_of(problem)
        knobs = inference.phases.TwoPhases() if isinstance(self.method, str) else self.method
        if not isinstance(knobs, inference.phases.TwoPhases):
            raise InputError("method two_phases, or its settings", described(self.method), "write method='two_phases'")
        progress(0, 1, f"{c.n} configurations: {knobs.network}")
        result = self.classified(key, c, knobs) if self.networks is None else self.asked(c, knobs)
        result.seconds = time.perf_counter() - begun
        return result

    def classified(self, key: Any, c: "Configurations", knobs: "TwoPhases") -> Result:
        """Train on the rows that are not held out, count the hits on the others.

        The law of a periodic system is translation invariant, so translated copies of the training rows are as good
        as new ones; a convolution has them built in, a perceptron must be trained on them.
        """
        import jax
        import xarray as xr

        phases, name = inference.phases, knobs.network
        key_rows, key_train = jax.random.split(key)
        ordered, test, key_copies = self.ordered(c), self.held_out, key_rows
        if test is None:
            test, key_copies = phases.split_rows(key_rows, c, knobs.held_out), jax.random.fold_in(key_rows, 1)
        elif not (isinstance(test, np.ndarray) and test.dtype == bool and test.shape == (c.n,) and not test.all()):
            raise InputError("held_out as an array of True and False for each row", described(test), "show some rows")
        x, y = c.x[~test], ordered[~test]
        if knobs.translations > 1:
            x = phases.two_phases.translated(key_copies, x, knobs.translations)
            y = np.tile(y, len(x) // len(y))
        networks = phases.train_classifiers(key_train, x, y, knobs)
        hits = (phases.logits(networks, c.x[test], chunk=256) > 0) == ordered[test]
        return Result(
            "two_phases",
            estimates={
                f"accuracy/{name}": checks.classifier.hit_rate(hits, c.group[test], ordered[test].astype(float))
            },
            arrays=xr.Dataset({f"hit_{name}": (("network", "held_out"), hits)}, {"held_out": np.flatnonzero(test)}),
            models={name: networks},
            settings=asdict(knobs),
        )

    def ordered(self, c: "Configurations") -> np.ndarray:
        """True for the rows of the lower phase.  Errors: InputError where it is not clear which these are."""
        points, boundary = c.points, self.boundary
        if boundary is None and len(points) != 2:
            fix = f"give boundary, a {c.parameter_name} between the two phases"
            raise InputError(f"two values of {c.parameter_name}", str(len(points)), fix)
        low = c.parameter == points[0] if boundary is None else c.parameter < boundary
        if low.all() or not low.any():
            found = f"{points[0]:g} to {points[-1]:g}"
            raise InputError(f"{c.parameter_name} on both sides of boundary = {boundary}", found, "move the boundary")
        return low

    def asked(self, c: "Configurations", knobs: "TwoPhases") -> Result:
        """Mean P(ordered) of trained networks at every value of the parameter, with errors over chains."""
        import xarray as xr
        from scipy.special import expit

        if not isinstance(self.networks, inference.phases.classifier.Classifier):
            expected = "networks, the models of another result of this task"
            raise InputError(expected, type(self.networks).__name__, "give result.models['mlp'], for example")
        name, chain = knobs.network, np.arange(c.n) if c.chain is None else c.group
        said = expit(inference.phases.logits(self.networks, c.x, chunk=256)).mean(axis=0)
        rows = [c.parameter == point for point in c.points]
        found = np.array([checks.energy.grouped_mean(said[r], chain[r]) for r in rows]).T[:, None]
        axes, attributes = ("size", c.parameter_name), {"long_name": "P(ordered)"}
        variables = {f"output_{name}": (axes, found[0], attributes), f"output_{name}_error": (axes, found[1])}
        return Result(
            "two_phases",
            arrays=xr.Dataset(variables, {"size": [c.shape[0]], c.parameter_name: c.points}),
            models={name: self.networks},
            settings=asdict(knobs),
            figures=[f"network_output/{name}"],
        )


def of_labels(key: Any, c: "Configurations", *, progress: ProgressCallable = silent) -> Result:
    """Networks trained on one half of configurations that bear the names of two phases, tested on the other half.

    Where a file has labels and no parameter, no transition can be located; what can be known is how well the two
    phases are told apart.  Checks: not worse than a threshold on one two-point function, chosen on the same half; and
    rows of one chain are not on both sides of the split, which is unknown without an array `chain`.
    """
    features = inference.phases.features
    if len(c.points) != 2:
        raise InputError("two labels of phases, or a parameter", f"{len(c.points)} labels in {c.source}",
                         "keep the rows of two, or name the parameter: parameter='NAME'")  # fmt: skip
    flat = len(c.lattice) < 2
    knobs = inference.phases.TwoPhases(network="mlp", hidden=100) if flat else inference.phases.TwoPhases(kernel=3)
    field = features.encode(c)
    shown = replace(c, x=field if field.shape[-1] > 1 else field[..., 0], channels=field.shape[-1] > 1)
    result = InferTwoPhases(method=knobs).run(key, shown, progress=progress)
    test = np.zeros(c.n, bool)
    test[result.arrays["held_out"].to_numpy()] = True
    ordered, hits = c.parameter == c.points[0], result.arrays[f"hit_{knobs.network}"].to_numpy()
    one = inference.phases.threshold.threshold_hits(features.correlations(c), ordered, test)
    result.checks.append(checks.classifier.not_worse(hits, one, of=f"accuracy/{knobs.network}"))
    if c.chain is None:
        law = "no chain has rows on both sides of the split, which makes accuracies too high: add an array `chain`"
        result.checks.append(checks.critical.unproven(law))
    result.notes = [f"Read {c.source}", "Labels of phases and no parameter: a transition cannot be located, and the "
                    "accuracy says only how well the two are told apart."]  # fmt: skip
    return result
