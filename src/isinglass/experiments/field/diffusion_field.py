# SPDX-License-Identifier: Apache-2.0
"""Diffusion models of fields: phi^4 in two dimensions, a lognormal density in three, and Wiener's posterior."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import numpy as np
import xarray as xr
from jaxtyping import Float

from isinglass.checks.field import one_point_laws_agree, power_agrees
from isinglass.checks.generative import log_z_agrees
from isinglass.exact.field import gaussian_field
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.field.phi4_flow import EXACT, TRANSFER
from isinglass.nets.diffusion.diffusion import ProbabilityFlow
from isinglass.observables.curve import Curve
from isinglass.observables.one_point_law import one_point_law
from isinglass.observables.power_spectrum import in_shells, power_spectrum, wave_number
from isinglass.observables.scalar_field import NAMES, OBSERVABLES
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.sampling.diffusion import field_denoiser
from isinglass.systems.field.phi4 import Phi4
from isinglass.systems.field_samples import FieldSamples, NoisyField
from isinglass.tasks.cases import join
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training
from isinglass.verbs import infer, sample

__all__ = ["DiffusionField"]

LAM, M2 = 8.0, -4.0  # of phi^4; the 4 x 4 lattice is known exactly
Fields = Float[np.ndarray, "n *site"]


class Sampled(NamedTuple):
    """Samples of a field from its own law and from the model."""

    data: Fields
    drawn: Fields
    expected: Curve  # power in shells
    result: Result


class Work(NamedTuple):
    """Progress callback and checkpoint folder of the experiment."""

    progress: ProgressCallable
    folder: Path | None

    def of(self, name: str) -> dict[str, Any]:
        """Keywords of the verbs, for one part of the experiment."""
        return {"progress": self.progress, "checkpoint": self.folder and self.folder / name}


@dataclass(frozen=True)
class DiffusionField(AbstractExperiment):
    """Train on samples, sample by the probability flow, compare two-point function, one-point law and posterior."""

    name: ClassVar[str] = "diffusion-field"
    task: ClassVar[str] = "sample"
    summary: ClassVar[str] = "diffusion models of phi^4, a density, and Wiener's posterior"
    rows: ClassVar[tuple[int, ...]] = (76, 80, 81, 133)
    paper: ClassVar[str] = "Song et al. 2021, arXiv:2011.13456"
    claim: ClassVar[str] = (
        "power spectra within 5 %, one-point laws by Kolmogorov-Smirnov, log Z of 4 x 4 phi^4, Wiener's posterior"
    )
    guide: ClassVar[str] = "docs/course/07_diffusion.py"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {
            "side": 4, "box": 4, "sky": 4, "steps": 200, "samples": 2048, "draws": 512, "exact_draws": 256,
            "posterior_draws": 128, "precision": 0.2, "share": 0.5,
        },
        "laptop": {},
        "paper": {
            "side": 16, "box": 16, "sky": 32, "steps": 20_000, "batch": 256, "channels": 48, "depth": 4,
            "samples": 65_536, "draws": 16_384, "exact_draws": 32_768, "precision": 0.02,
        },
    }  # fmt: skip

    side: int = 8
    """Side of the phi^4 lattice, m² = -4, λ = 8."""
    box: int = 8
    """Side of the three-dimensional box of lognormal density."""
    sky: int = 16
    """Side of the Gaussian field that is observed with noise and a hole."""
    variance: float = 0.5
    """Variance of ln(1 + δ), the logarithm of the density."""
    noise: float = 0.5
    """Standard deviation of the observation; the field's is 1."""
    samples: int = 8192
    """Fields to train on, of each kind."""
    steps: int = 1000
    """Training steps on the 4 x 4 lattice; larger ones take as many, with smaller batches."""
    batch: int = 256
    """Samples in a training step on 16 sites; on larger lattices as many as have the same number of sites, or 16."""
    channels: int = 16
    """Width of the networks."""
    depth: int = 2
    """Residual blocks of the networks."""
    draws: int = 2048
    """Fields sampled from each model."""
    exact_draws: int = 1024
    """Samples with their density on the 4 x 4 lattice."""
    posterior_draws: int = 512
    """Samples of the field given its observation."""
    precision: float = 0.05
    """Allowed deviation of the power in each shell and of the posterior's variance; of its mean three times that."""
    share: float = 0.9
    """Smallest ESS fraction of the weighted samples on the 4 x 4 lattice."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Exact lattice, phi^4, density, posterior."""
        keys = jax.random.split(key, 4)
        work = Work(progress, checkpoint)
        fields = {"phi4": self.phi4(keys[1], work), "lognormal": self.density(keys[2], work)}
        parts = {"4x4": self.against_exact(keys[0], work), **{name: field.result for name, field in fields.items()}}
        prior, posterior, maps = self.posterior(keys[3], work)
        arrays = xr.merge([*(field_arrays(name, field, self.precision) for name, field in fields.items()), maps])
        figures = [f"{kind}/{name}" for name in fields for kind in ("field_samples", "power_spectrum", "one_point_law")]
        return join(
            self.name, parts | {"gaussian": prior, "posterior": posterior}, settings=asdict(self),
            figures=[*figures, "posterior_maps"], arrays=arrays,
        )  # fmt: skip

    def training(self, sites: int) -> Training:
        """Training by Adam after a warm-up, weights averaged; as many sites in a step whatever the lattice."""
        optimizer = Optimizer(learning_rate=3e-3, schedule="cosine", warmup=min(50, self.steps // 4), clip=1.0)
        batch = max(16, self.batch * 16 // sites)
        return Training(optimizer, steps=self.steps, batch_size=batch, ema=0.99, block=max(1, self.steps // 20))

    def learned(self, key, x: Fields, name: str, work: Work, *, odd: bool, draws: int) -> Result:
        """A diffusion model of these fields, and samples of it."""
        return sample(
            key, FieldSamples(x), odd=odd, channels=self.channels, depth=self.depth, samples=draws,
            training=self.training(x[0].size), precision=self.precision, **work.of(name),
        )  # fmt: skip

    def against_exact(self, key, work: Work) -> Result:
        """log Z, <φ²>, <φ⁴> and χ of the 4 x 4 lattice, from samples weighted by their density under the flow."""
        keys, system = jax.random.split(key, 3), Phi4((4, 4), m2=M2, lam=LAM)
        data = hamiltonian(keys[1], system, self.samples, work.of("hmc_4x4"))
        net = field_denoiser(keys[0], np.asarray(data, np.float32), odd=True, channels=self.channels, depth=self.depth)
        found = sample(
            keys[2], system, method=ProbabilityFlow(net, steps=16), objective="denoising", data=data,
            training=self.training(16), correct="weights", draws=self.exact_draws, chunk=64,
            reference=data.reshape(64, -1, 4, 4)[:, -(self.exact_draws // 64) :],
            observables={name: OBSERVABLES[name] for name in NAMES.values()}, **work.of("phi4_4x4"),
        )  # fmt: skip
        exact, said = EXACT[LAM], found.estimates
        worst = max(abs(said[name].value - exact[name]) / (said[name].error or np.nan) for name in exact)
        share = said["ess_fraction"]
        found.checks += [
            log_z_agrees(
                said["log_partition_function"],
                exact["log_partition_function"],
                source=TRANSFER,
                of="log_partition_function",
            ),
            Check.at_most("weighted averages, largest deviation in standard errors", worst, 4.5, source=TRANSFER),
            Check.at_least(
                "ESS fraction of the weighted samples",
                share.value,
                self.share,
                error=share.error,
                of="ess_fraction",
            ),
        ]
        return found

    def phi4(self, key, work: Work) -> Sampled:
        """phi^4 by HMC and by diffusion."""
        keys, system = jax.random.split(key, 4), Phi4((self.side, self.side), m2=M2, lam=LAM)
        x = hamiltonian(keys[0], system, 9 * self.samples, work.of("hmc"))
        data, reference = np.split(x, [self.samples])
        result = self.learned(keys[2], data, "phi4", work, odd=True, draws=self.draws)
        drawn, expected = result.arrays["fields"].to_numpy(), power_spectrum(reference)
        result.checks += [power_agrees(power_spectrum(drawn), expected, self.precision),
                          one_point_laws_agree(drawn[:, 0, 0], reference[:, 0, 0])]  # fmt: skip
        return Sampled(data, drawn, expected, result)

    def density(self, key, work: Work) -> Sampled:
        """The density contrast δ of a lognormal field, whose power and one-point law are known."""
        key_data, key_train, _ = jax.random.split(key, 3)
        shape = (self.box,) * 3
        P = gaussian_field.spectrum(shape, variance=self.variance)
        white = np.asarray(jax.random.normal(key_data, (self.samples, *shape)))
        data = gaussian_field.lognormal(gaussian_field.gaussian_field(white, P), self.variance)
        result = self.learned(key_train, data, "lognormal", work, odd=False, draws=self.draws)
        drawn, power = result.arrays["fields"].to_numpy(), in_shells(gaussian_field.lognormal_spectrum(P), shape)
        expected = Curve(power, np.zeros_like(power))
        law = lambda x: gaussian_field.lognormal_cdf(np.asarray(x, float), self.variance)  # noqa: E731
        result.checks += [power_agrees(power_spectrum(drawn), expected, self.precision),
                          one_point_laws_agree(drawn[:, 0, 0, 0], law)]  # fmt: skip
        result.estimates["share_below_empty"] = Estimate(float((drawn < -1).mean()))
        return Sampled(data, drawn, expected, result)

    def posterior(self, key, work: Work) -> tuple[Result, Result, xr.Dataset]:
        """A Gaussian field with a hole in the middle of its noisy observation: mean and variance at every site."""
        keys, shape = jax.random.split(key, 4), (self.sky, self.sky)
        P = gaussian_field.spectrum(shape, variance=1.0)
        white = np.asarray(jax.random.normal(keys[0], (self.samples + 1, *shape)))
        truth, *_ = fields = gaussian_field.gaussian_field(white, P)
        prior = self.learned(keys[1], fields[1:], "gaussian", work, odd=True, draws=self.posterior_draws)
        mask = np.ones(shape)
        hole = slice(self.sky // 3, 2 * self.sky // 3)
        mask[hole, hole] = 0
        y = mask * (truth + self.noise * np.asarray(jax.random.normal(keys[2], shape)))
        found = infer(
            keys[3], NoisyField(y, mask, self.noise), prior=prior.models["sampler"], samples=self.posterior_draws,
            progress=work.progress,
        )  # fmt: skip
        drawn = found.arrays["fields"].to_numpy()
        exact = gaussian_field.wiener_posterior(P, y, self.noise, mask)
        found.checks += posterior_checks(drawn, exact, self.precision)
        maps = [truth, np.where(mask == 1, y, np.nan), exact.mean, drawn.mean(axis=0), drawn[0]]
        names = ["truth", "observed", "Wiener mean", "diffusion mean", "diffusion sample"]
        return prior, found, xr.Dataset({"maps": (("map", "row", "column"), maps)}, {"map": names})


def hamiltonian(key, system: Phi4, n: int, work: dict[str, Any]) -> Fields:
    """Samples by HMC, 64 chains, 10 trajectories apart."""
    result = sample(
        key, system, method="hmc", samples=n, chains=64, thin=10, warmup=700, start="uniform", effective_samples=None,
        **work,
    )  # fmt: skip
    return result.series("configurations")[0].reshape(-1, *system.shape)[:n]


def posterior_checks(drawn: Fields, exact: gaussian_field.Posterior, precision: float) -> list[Check]:
    """Mean and variance against the Wiener filter, over all sites; four standard errors of the samples are allowed."""
    n = len(drawn)
    deviation = (drawn.mean(axis=0) - exact.mean) / np.sqrt(exact.variance)
    rms = float(np.sqrt(max(0.0, np.mean(deviation**2) - 1 / n)))
    ratio = float((drawn.var(axis=0, ddof=1) / exact.variance).mean())
    source = "Wiener filter"
    return [
        Check.at_most(
            "posterior mean, rms deviation in posterior standard deviations, sampling noise subtracted",
            rms, 3 * precision, source=source,
        ),
        Check.within("posterior variance over the exact one, mean over sites", ratio, 1.0, precision, source=source),
    ]  # fmt: skip


def field_arrays(of: str, field: Sampled, precision: float) -> xr.Dataset:
    """Power, with the precision that is claimed of it, one-point law and fields, for the figures."""
    found = power_spectrum(field.drawn)
    edges = np.linspace(np.quantile(field.data, 0.0005), np.quantile(field.data, 0.9995), 41)
    law, reference = one_point_law(field.drawn, edges), one_point_law(field.data, edges)
    panels = np.stack([flat(field.data[:4]), flat(field.drawn[:4])])
    shell, at = f"shell_{of}", f"bin_{of}"
    return xr.Dataset(
        {
            f"fields_{of}": ((f"source_{of}", f"panel_{of}", f"row_{of}", f"column_{of}"), panels),
            f"power_{of}": (shell, found.value),
            f"power_{of}_error": (shell, found.error),
            f"power_{of}_exact": (shell, field.expected.value, {"precision": precision}),
            f"law_{of}": (at, law.value),
            f"law_{of}_error": (at, law.error),
            f"law_{of}_data": (at, reference.value),
        },
        coords={shell: wave_number(field.data.shape[1:]), at: (edges[1:] + edges[:-1]) / 2},
    )


def flat(x: Fields) -> Float[np.ndarray, "n row column"]:
    """The first plane of three-dimensional fields."""
    return x[..., 0] if x.ndim == 4 else x
