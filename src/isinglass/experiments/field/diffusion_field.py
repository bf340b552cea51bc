# SPDX-License-Identifier: Apache-2.0
"""Diffusion models of fields: phi^4 in two dimensions, a lognormal density in three, and Wiener's posterior."""

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Float

from isinglass.checks.generative import light_weights, log_z_agrees
from isinglass.exact.field import gaussian_field
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.field.phi4_flow import EXACT, TRANSFER
from isinglass.nets.diffusion.denoiser import Denoiser
from isinglass.nets.diffusion.diffusion import ProbabilityFlow
from isinglass.observables.curve import Curve
from isinglass.observables.one_point_law import one_point_law
from isinglass.observables.power_spectrum import in_shells, power_spectrum, wave_number
from isinglass.observables.scalar_field import NAMES, measure
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.sampling.chain.hmc import HMC
from isinglass.sampling.conditioning import Conditioned
from isinglass.sampling.diffusion import field_denoiser
from isinglass.sampling.ensemble.driver import SamplingPlan, draw
from isinglass.sampling.ensemble.start import starts
from isinglass.sampling.objective.denoising import Denoising
from isinglass.sampling.weight.importance import estimate, importance_sample
from isinglass.stats import weights
from isinglass.stats.goodness_of_fit import kolmogorov_smirnov
from isinglass.systems import at_temperatures
from isinglass.systems.field.phi4 import Phi4
from isinglass.training.fit import fit
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

__all__ = ["DiffusionField"]

LAM, M2 = 8.0, -4.0  # of phi^4; the 4 x 4 lattice is known exactly
FALSE_ALARM = 1e-4
Fields = Float[np.ndarray, "n *site"]


class Sampled(NamedTuple):
    """A field, as it is and as the model draws it."""

    name: str
    data: Fields
    drawn: Fields
    expected: Curve  # power in shells
    cumulative: Float[np.ndarray, " draws"]  # the law's distribution function at one site of each draw


@dataclass(frozen=True)
class DiffusionField(AbstractExperiment):
    """Train on samples, draw by the probability flow, compare two-point function, one-point law and posterior."""

    name: ClassVar[str] = "diffusion-field"
    task: ClassVar[str] = "sample"
    summary: ClassVar[str] = "diffusion models of phi^4, a density, and Wiener's posterior"
    rows: ClassVar[tuple[int, ...]] = (76, 80, 81, 133)
    paper: ClassVar[str] = "Song et al. 2021, arXiv:2011.13456"
    claim: ClassVar[str] = (
        "power spectra within 5 %, one-point laws by Kolmogorov-Smirnov, log Z of 4 x 4 phi^4, Wiener's posterior"
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {
            "side": 4, "box": 4, "sky": 4, "steps": 300, "samples": 2048, "draws": 512, "exact_draws": 256,
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
    """Of ln(1 + δ), the logarithm of the density."""
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
    """Fields drawn from each model."""
    exact_draws: int = 1024
    """Draws with their density on the 4 x 4 lattice."""
    posterior_draws: int = 512
    """Draws of the field given its observation."""
    precision: float = 0.05
    """Of the power in each shell and of the posterior's variance; three times that, in its own units, of its mean."""
    share: float = 0.9
    """Effective share of the weighted draws on the 4 x 4 lattice, at least."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Exact lattice, phi^4, density, posterior."""
        keys = jax.random.split(key, 4)
        train = partial(self.train, progress=progress, checkpoint=checkpoint)
        result = Result(self.name, settings=asdict(self))
        self.against_exact(keys[0], train, result)
        for field in (self.phi4(keys[1], train, result), self.density(keys[2], train, result)):
            result.checks += field_checks(field, self.precision)
            result.arrays = result.arrays.merge(field_arrays(field))
            result.figures += [f"{kind}/{field.name}" for kind in ("field_samples", "power_spectrum", "one_point_law")]
        self.posterior(keys[3], train, result)
        result.figures += ["posterior_maps"]
        return result

    def train(self, key, x: Fields, name: str, *, odd: bool, progress: ProgressCallable, checkpoint: Path | None):
        """A denoiser for these fields."""
        key_net, key_fit = jax.random.split(key)
        x = np.asarray(x, np.float32)
        begin = field_denoiser(key_net, x, odd=odd, channels=self.channels, depth=self.depth)
        settings = Training(
            Optimizer(learning_rate=3e-3, schedule="cosine", warmup=min(50, self.steps // 4), clip=1.0),
            steps=self.steps, batch_size=max(16, self.batch * 16 // x[0].size), ema=0.99,
            block=max(1, self.steps // 20),
        )  # fmt: skip
        return fit(
            key_fit, begin, Denoising(), (x,), settings=settings,
            checkpoint=None if checkpoint is None else checkpoint / f"{name}.safetensors",
            progress=lambda record: progress(record.step, self.steps, f"training, {name}"),
        )  # fmt: skip

    def against_exact(self, key, train, result: Result) -> None:
        """log Z, <φ²>, <φ⁴> and χ of the 4 x 4 lattice, from draws weighed by their density under the flow."""
        keys, system = jax.random.split(key, 3), Phi4((4, 4), m2=M2, lam=LAM)
        trained = train(keys[0], hamiltonian(keys[1], system, self.samples), "4 x 4", odd=True)
        flow = ProbabilityFlow(trained.model, steps=16)
        weighted = importance_sample(keys[2], flow, system, self.exact_draws, chunk=64, keep=measure)
        found = {"log_partition_function": estimate(weights.log_mean_weight, weighted.log_weight)}
        for name, long_name in NAMES.items():
            found[long_name] = estimate(weights.self_normalized_mean, weighted.x[name], weighted.log_weight)
        share = estimate(weights.effective_share, weighted.log_weight)
        result.estimates |= {f"{name}/4x4": value for name, value in found.items()} | {"effective_share/4x4": share}
        result.models["phi4_4x4"] = flow
        exact = EXACT[LAM]
        worst = max(abs(found[name].value - exact[name]) / (found[name].error or np.nan) for name in exact)
        result.checks += [
            log_z_agrees(found["log_partition_function"], exact["log_partition_function"], source=TRANSFER,
                         of="log_partition_function/4x4"),
            Check.at_most(
                "4 x 4, weighted averages, largest deviation in standard errors", worst, 4.5, source=TRANSFER
            ),
            Check.at_least("effective share of the weighted draws, 4 x 4", share.value, self.share, error=share.error,
                           of="effective_share/4x4"),
            light_weights(weighted.log_weight),
        ]  # fmt: skip

    def phi4(self, key, train, result: Result) -> Sampled:
        """phi^4 by HMC and by diffusion."""
        keys, system = jax.random.split(key, 4), Phi4((self.side, self.side), m2=M2, lam=LAM)
        data, reference = np.split(hamiltonian(keys[0], system, 9 * self.samples), [self.samples])
        trained = train(keys[2], data, "phi4", odd=True)
        drawn = self.draw(keys[3], trained.model, result, "phi4")
        ordered = np.sort(reference[:, 0, 0])
        cumulative = np.searchsorted(ordered, drawn[:, 0, 0]) / len(ordered)
        return Sampled("phi4", data, drawn, power_spectrum(reference), cumulative)

    def density(self, key, train, result: Result) -> Sampled:
        """The density contrast δ of a lognormal field, whose laws are known."""
        key_data, key_train, key_draw = jax.random.split(key, 3)
        shape = (self.box,) * 3
        P = gaussian_field.spectrum(shape, variance=self.variance)
        white = np.asarray(jax.random.normal(key_data, (self.samples, *shape)))
        data = gaussian_field.lognormal(gaussian_field.gaussian_field(white, P), self.variance)
        trained = train(key_train, data, "lognormal", odd=False)
        drawn = self.draw(key_draw, trained.model, result, "lognormal")
        expected = in_shells(gaussian_field.lognormal_spectrum(P), shape)
        cumulative = gaussian_field.lognormal_cdf(drawn[:, 0, 0, 0].astype(float), self.variance)
        result.estimates["share_below_empty/lognormal"] = Estimate(float((drawn < -1).mean()))
        return Sampled("lognormal", data, drawn, Curve(expected, np.zeros_like(expected)), cumulative)

    def draw(self, key, denoiser: Denoiser, result: Result, name: str) -> Fields:
        """Fields by the probability flow."""
        flow = ProbabilityFlow(denoiser, steps=8)
        result.models[name] = flow
        return sample_in_chunks(key, flow, self.draws)

    def posterior(self, key, train, result: Result) -> None:
        """A Gaussian field with a hole in the middle of its noisy observation: mean and variance at every site."""
        keys, shape = jax.random.split(key, 4), (self.sky, self.sky)
        P = gaussian_field.spectrum(shape, variance=1.0)
        white = np.asarray(jax.random.normal(keys[0], (self.samples + 1, *shape)))
        truth, *_ = fields = gaussian_field.gaussian_field(white, P)
        model = train(keys[1], fields[1:], "gaussian", odd=True).model
        mask = np.ones(shape)
        hole = slice(self.sky // 3, 2 * self.sky // 3)
        mask[hole, hole] = 0
        y = mask * (truth + self.noise * np.asarray(jax.random.normal(keys[2], shape)))
        seen, where = jnp.asarray(y, jnp.float32), jnp.asarray(mask, jnp.float32)
        given = Conditioned(denoiser=model, y=seen, mask=where, noise=self.noise)  # pyright: ignore
        drawn = sample_in_chunks(keys[3], ProbabilityFlow(given, steps=20), self.posterior_draws)
        exact = gaussian_field.wiener_posterior(P, y, self.noise, mask)
        result.checks += posterior_checks(drawn, exact, self.precision)
        maps = [truth, np.where(mask == 1, y, np.nan), exact.mean, drawn.mean(axis=0), drawn[0]]
        names = ["truth", "observed", "Wiener mean", "diffusion mean", "diffusion draw"]
        result.arrays = result.arrays.merge(xr.Dataset({"maps": (("map", "row", "column"), maps)}, {"map": names}))


def hamiltonian(key, system: Phi4, n: int) -> Fields:
    """Samples by HMC, 64 chains, 10 trajectories apart."""
    plan = SamplingPlan(samples=n, chains=64, thin=10, warmup=700)
    x = starts(jax.random.fold_in(key, 0), system, 1, 64, "uniform")
    draws = draw(jax.random.fold_in(key, 1), HMC(), at_temperatures(system, np.ones(1)), x, plan)
    return np.asarray(draws.x[0]).reshape(-1, *system.shape)[:n]


@eqx.filter_jit
def sample_jit(keys, flow: ProbabilityFlow, chunk: int):
    """Draws of the flow, `chunk` at once."""
    return jax.lax.map(flow.draw, keys, batch_size=chunk)


def sample_in_chunks(key, flow: ProbabilityFlow, n: int, chunk: int = 64) -> Fields:
    """N draws; memory for `chunk`."""
    return np.asarray(sample_jit(jax.random.split(key, n), flow, min(chunk, n)))


def field_checks(field: Sampled, precision: float) -> list[Check]:
    """Power in every shell within the precision and three of its errors; one site of each draw against the law.

    False alarm of the second 1e-4; resolution 2.2 / √draws in the distribution function.
    """
    found, (expected, doubt) = power_spectrum(field.drawn), field.expected
    off = np.abs(found.value / expected - 1) - 3 * np.hypot(found.error, doubt) / expected
    p_value = float(kolmogorov_smirnov(jnp.asarray(field.cumulative, float)).p_value)
    return [
        Check.at_most(f"{field.name}: P(k) off by more than its error allows", float(off.max()), precision),
        Check.at_least(f"{field.name}: one-point law, p-value of Kolmogorov-Smirnov", p_value, FALSE_ALARM),
    ]


def posterior_checks(drawn: Fields, exact: gaussian_field.Posterior, precision: float) -> list[Check]:
    """Mean and variance against the Wiener filter, over all sites; four errors of the drawing are allowed."""
    n = len(drawn)
    deviation = (drawn.mean(axis=0) - exact.mean) / np.sqrt(exact.variance)
    rms = float(np.sqrt(max(0.0, np.mean(deviation**2) - 1 / n)))
    ratio = float((drawn.var(axis=0, ddof=1) / exact.variance).mean())
    source = "Wiener filter"
    return [
        Check.at_most(
            "posterior mean, rms deviation in posterior standard deviations, noise of the drawing taken off",
            rms, 3 * precision, source=source,
        ),
        Check.within("posterior variance over the exact one, mean over sites", ratio, 1.0, precision, source=source),
    ]  # fmt: skip


def field_arrays(field: Sampled) -> xr.Dataset:
    """What the figures draw."""
    of, found = field.name, power_spectrum(field.drawn)
    edges = np.linspace(np.quantile(field.data, 0.0005), np.quantile(field.data, 0.9995), 41)
    law, reference = one_point_law(field.drawn, edges), one_point_law(field.data, edges)
    panels = np.stack([flat(field.data[:4]), flat(field.drawn[:4])])
    shell, at = f"shell_{of}", f"bin_{of}"
    return xr.Dataset(
        {
            f"fields_{of}": ((f"source_{of}", f"panel_{of}", f"row_{of}", f"column_{of}"), panels),
            f"power_{of}": (shell, found.value),
            f"power_{of}_error": (shell, found.error),
            f"power_{of}_exact": (shell, field.expected.value),
            f"law_{of}": (at, law.value),
            f"law_{of}_error": (at, law.error),
            f"law_{of}_data": (at, reference.value),
        },
        coords={shell: wave_number(field.data.shape[1:]), at: (edges[1:] + edges[:-1]) / 2},
    )


def flat(x: Fields) -> Float[np.ndarray, "n row column"]:
    """The first plane of three-dimensional fields."""
    return x[..., 0] if x.ndim == 4 else x
