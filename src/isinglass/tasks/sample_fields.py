# SPDX-License-Identifier: Apache-2.0
"""Sample fields of which nothing but samples is known: a diffusion model, compared with held-out samples."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import checks, nets, observables, sampling
from isinglass.errors import InputError
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.sample_by_model import Schedule, rows_of
from isinglass.tasks.setting.method import TRAINING
from isinglass.tasks.task import AbstractTask, Preset, Verb, setting

if TYPE_CHECKING:
    from isinglass.nets.diffusion.denoiser import AbstractDenoiser
    from isinglass.systems.field_samples import FieldSamples

    Network = AbstractDenoiser | None
else:
    Network = Any

__all__ = ["SampleFields"]


@dataclass(frozen=True)
class SampleFields(AbstractTask):
    """Learn a denoiser; sample by the probability flow.

    Law: power in every shell and the law of one site are those of the samples that are held out.
    """

    verb: ClassVar[Verb] = "sample"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.systems.field_samples:FieldSamples",)
    guide: ClassVar[str] = "docs/course/07_diffusion.py"
    what: ClassVar[str] = "samples of fields"

    network: Network = setting(None)
    """A denoiser, untrained; by default one that is exact where the field is Gaussian."""
    odd: bool = False
    """Is the law unchanged by x -> -x?"""
    channels: int = 16
    """Width of the default network."""
    depth: int = 2
    """Residual blocks of the default network."""
    preset: Preset = "laptop"
    """How long it is trained: smoke, laptop or paper."""
    training: Schedule = setting(None, also=TRAINING)
    """Optimizer, schedule and length of the training, in place of the preset's."""
    samples: int = 1024
    """Fields to sample."""
    solver_steps: int = 8
    """Steps of the probability flow."""
    held_out: float = 0.125
    """Share of the samples that is not trained on."""
    precision: float = 0.05
    """Allowed deviation of the power in a shell, relative, beyond its error."""
    chunk: int = 64
    """Samples in memory at once."""

    def run(
        self, key: Any, problem: "FieldSamples", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        import jax

        begun = time.perf_counter()
        if not 0 < self.held_out < 1:
            raise InputError("held_out between 0 and 1", f"{self.held_out:g}", "try held_out=0.125")
        key_net, key_fit, key_draw = jax.random.split(key, 3)
        x = np.asarray(problem.x, np.float32)
        train, held = np.split(x, [len(x) - max(1, int(self.held_out * len(x)))])
        net = self.network or sampling.field_denoiser(
            key_net, train, odd=self.odd, channels=self.channels, depth=self.depth
        )
        made = sampling.learned.learn(
            key_fit, None, net, self.schedule(), objective="denoising", data=train, checkpoint=checkpoint,
            progress=progress,
        )  # fmt: skip
        denoiser: Any = made.model
        flow = nets.ProbabilityFlow(denoiser, steps=self.solver_steps)
        progress(0, 1, f"sampling {self.samples} fields")
        fields = sampling.sampled_fields(key_draw, flow, self.samples, self.chunk)
        return Result(
            "sample",
            estimates={"training_seconds": Estimate(made.seconds, unit="s")},
            checks=self.judged(fields, held),
            arrays=table(fields),
            models={"sampler": flow},
            settings={"fields": len(x), "shape": x.shape[1:], "samples": self.samples, "odd": self.odd},
            seconds=time.perf_counter() - begun,
            status=made.status if made.diverged else "done",
            metrics=rows_of(made.history),
        )

    def judged(self, fields: Any, held: Any) -> list[Check]:
        """Power and one-point law against samples held out."""
        site = (slice(None), *(0,) * (fields.ndim - 1))
        spectrum = observables.power_spectrum.power_spectrum
        found = [checks.power_agrees(spectrum(fields), spectrum(held), self.precision),
                 checks.one_point_laws_agree(fields[site], held[site])]  # fmt: skip
        return [replace(one, law=f"{one.law}, against samples held out") for one in found]

    def schedule(self) -> Any:
        """The schedule that is given, or that of the preset."""
        return self.training or sampling.learned.RECIPES[self.preset].training()


def table(fields: Any) -> Any:
    """The fields, a row for each."""
    import xarray as xr

    return xr.Dataset({"fields": (("sample", *(f"axis_{i}" for i in range(fields.ndim - 1))), fields)})
