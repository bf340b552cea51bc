# SPDX-License-Identifier: Apache-2.0
"""Infer, without labels, the few numbers that distinguish configurations of one lattice size."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from isinglass import checks, inference
from isinglass.errors import InputError
from isinglass.result import Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.setting.phases_files import PhasesFiles, configurations_of
from isinglass.tasks.task import AbstractTask, Verb, described, is_instance, setting

if TYPE_CHECKING:
    from isinglass.data.configurations import Configurations
    from isinglass.inference.phases.unsupervised import Unsupervised

    Method = str | Unsupervised
else:
    Method = Any

__all__ = ["InferComponents"]


@dataclass(frozen=True)
class InferComponents(AbstractTask):
    """Principal components, autoencoders, clusters and an embedding, beside the mean of the field.

    Law: none of them uses the parameter or the order parameter.
    Ref: Wang 2016, arXiv:1606.00318; Wetzel 2017, arXiv:1703.02435.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = (
        "isinglass.data.configurations:Configurations", "isinglass.result:Result"
    )  # fmt: skip
    guide: ClassVar[str] = "docs/files.md"
    what: ClassVar[str] = (
        "configurations (a result of sample, an array with temperature=T, or isinglass.data.read(file))"
    )
    command: ClassVar[str] = "phases"
    source: ClassVar[type] = PhasesFiles

    method: Method = setting("components", choices=lambda: ["components"])
    """components; in Python also its settings, isinglass.inference.phases.Unsupervised(...)."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """Where the method is components."""
        method = settings.get("method")
        return method == "components" or is_instance(method, ("isinglass.inference.phases.unsupervised:Unsupervised",))

    def run(
        self, key: Any, problem: "Result | Configurations", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """The unsupervised analysis; it takes seconds, so that `checkpoint` is not used."""
        c = configurations_of(problem)
        knobs = inference.phases.Unsupervised() if isinstance(self.method, str) else self.method
        if not isinstance(knobs, inference.phases.Unsupervised):
            raise InputError("method components, or its settings", described(self.method), "write method='components'")
        progress(0, 1, f"{c.n} configurations: components, autoencoders, clusters, embedding")
        result = inference.phases.unsupervised.unsupervised(key, c, knobs)
        law = "components and latents show a transition: they describe the data only; method blind decides"
        result.checks.append(checks.critical.unproven(law))
        return result
