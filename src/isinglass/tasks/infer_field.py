# SPDX-License-Identifier: Apache-2.0
"""Infer a field from a noisy observation with holes: samples of the posterior, the prior a diffusion model."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import checks, nets, sampling
from isinglass.errors import InputError
from isinglass.result import Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.task import AbstractTask, Verb, described, setting

if TYPE_CHECKING:
    from isinglass.nets.diffusion.denoiser import AbstractDenoiser
    from isinglass.nets.diffusion.diffusion import ProbabilityFlow
    from isinglass.systems.field_samples import NoisyField

    Prior = ProbabilityFlow | AbstractDenoiser | None
else:
    Prior = Any

__all__ = ["InferField"]


@dataclass(frozen=True)
class InferField(AbstractTask):
    """Samples of p(x | y) by the probability flow of a denoiser conditioned on the observation.

    Exact where the prior is Gaussian; else an approximation that is good at low noise.
    Law: residuals at the observed sites have the variance of the noise.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.systems.field_samples:NoisyField",)
    guide: ClassVar[str] = "docs/course/07_diffusion.py"
    what: ClassVar[str] = "a field observed with noise"

    prior: Prior = setting(None)
    """The diffusion model of such fields: the model of `sample(key, FieldSamples(x))`."""
    samples: int = 512
    """Samples of the posterior."""
    solver_steps: int = 20
    """Steps of the probability flow."""
    chunk: int = 64
    """Samples in memory at once."""

    def run(
        self, key: Any, problem: "NoisyField", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """Sample the posterior; its mean and standard deviation at every site.  `checkpoint` is not used."""
        begun = time.perf_counter()
        mask = np.asarray(problem.mask, float)
        observed = np.where(mask == 1, np.asarray(problem.y, float), 0.0)
        flow = nets.ProbabilityFlow(self.conditioned(observed, mask, problem.noise), steps=self.solver_steps)
        progress(0, 1, f"sampling {self.samples} fields of the posterior")
        fields = sampling.sampled_fields(key, flow, self.samples, self.chunk)
        check = checks.residuals_are_noise(fields, observed, mask, problem.noise)
        return Result(
            "infer",
            estimates={
                "residual_variance": Estimate(check.measured or np.nan),
                "posterior_deviation": Estimate(float(np.sqrt(fields.var(axis=0, ddof=1).mean()))),
            },
            checks=[replace(check, of="residual_variance")],
            arrays=maps(fields),
            settings={"noise": problem.noise, "samples": self.samples, "solver_steps": self.solver_steps},
            seconds=time.perf_counter() - begun,
        )

    def conditioned(self, observed: np.ndarray, mask: np.ndarray, noise: float) -> Any:
        """The denoiser conditioned on the observation.

        Errors: InputError for a prior that is none.
        """
        import jax.numpy as jnp

        prior = self.prior.denoiser if isinstance(self.prior, nets.ProbabilityFlow) else self.prior
        if not isinstance(prior, nets.AbstractDenoiser):
            raise InputError("a prior that is a diffusion model", described(self.prior), "train one by sample")
        y, where, level = (jnp.asarray(a, jnp.float32) for a in (observed, mask, noise))  # arrays: compiled once
        return sampling.Conditioned(denoiser=prior, y=y, mask=where, noise=level)  # pyright: ignore[reportCallIssue]


def maps(fields: np.ndarray) -> Any:
    """Every sample, mean and standard deviation at each site."""
    import xarray as xr

    site = tuple(f"axis_{i}" for i in range(fields.ndim - 1))
    return xr.Dataset(
        {
            "fields": (("sample", *site), fields),
            "posterior_mean": (site, fields.mean(axis=0)),
            "posterior_deviation": (site, fields.std(axis=0, ddof=1)),
        }
    )
