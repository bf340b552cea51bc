# SPDX-License-Identifier: Apache-2.0
"""Flows for the phi^4 field: trained from the action alone, made exact, and held against exact values and HMC."""

import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Float

from isinglass.errors import InputError
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.flow.act_norm import natural_scale
from isinglass.nets.flow.spline_coupling import spline_flow
from isinglass.observables.scalar_field import NAMES, estimates, measure
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.sampling.chain.hmc import HMC
from isinglass.sampling.ensemble.driver import SamplingPlan, draw
from isinglass.sampling.ensemble.start import starts
from isinglass.sampling.objective.reverse_kl import ReverseKL
from isinglass.sampling.weight.importance import Weighted, estimate, importance_sample
from isinglass.sampling.weight.independence import metropolize
from isinglass.sampling.weight.verdict import Cost, chain_verdict, weighted_verdict
from isinglass.stats import weights
from isinglass.systems import at_temperatures
from isinglass.systems.field.phi4 import Phi4
from isinglass.training.fit import Trained, fit
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

__all__ = ["EXACT", "PUBLISHED", "Phi4Flow", "SamplerReading"]

PUBLISHED = {6: 6.975, 8: 6.008, 10: 5.550, 12: 5.276, 14: 5.113}  # L: λ at m² = -4, chosen so that m_p L = 4
EXACT = {  # 4 x 4, m² = -4: row transfer matrix with Gauss quadrature, converged to 2e-7
    8.0: {"log_partition_function": 2.40513896, "phi_squared": 0.14774621, "phi_fourth": 0.0443759,
          "susceptibility": 0.6839676},
    6.975: {"log_partition_function": 3.2183289, "phi_squared": 0.1673918, "phi_fourth": 0.0557090,
            "susceptibility": 0.9349727},
}  # fmt: skip
TRANSFER = "row transfer matrix of the 4 x 4 torus, Gauss quadrature"
CHAINS = 64  # of corrected draws and of HMC: independent groups for the errors
SERIES = ("chi", "m", "phi2")  # what autocorrelation and effective samples are asked of


class SamplerReading(NamedTuple):
    """What one sampler says of one lattice."""

    observables: dict[str, Estimate]
    verdict: dict[str, Estimate]  # acceptance, autocorrelation time, effective samples per second, cost
    slices: Float[np.ndarray, "2 half"]  # C(t) and its error


@dataclass(frozen=True)
class Phi4Flow(AbstractExperiment):
    """Train a flow for each lattice, draw, correct by importance weights and by Metropolis, compare with HMC."""

    name: ClassVar[str] = "phi4-flow"
    task: ClassVar[str] = "sample"
    summary: ClassVar[str] = "flows for the phi^4 field, trained from its action, against HMC"
    rows: ClassVar[tuple[int, ...]] = (5, 61, 78)
    paper: ClassVar[str] = "Albergo, Kanwar and Shanahan 2019, arXiv:1904.12072"
    claim: ClassVar[str] = (
        "4 x 4 exact: log Z to 1e-3, chi, phi^2, phi^4 to 0.5 %; L = 6, 8, 10 agree with HMC at 70 % acceptance"
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {
            "sizes": (6,), "exact": (8.0,), "steps": 150, "batch": 128, "couplings": 2, "bins": 4, "draws": 2**16,
            "hmc_length": 60, "acceptance": 0.5, "precision": 0.02,
        },
        "laptop": {},
        "paper": {
            "sizes": (6, 8, 10, 12, 14), "steps": 8000, "batch": 4096, "couplings": 8, "hidden": (32, 32), "radius": 5,
            "draws": 2**22, "hmc_length": 4000, "acceptance": 0.5,
        },
    }  # fmt: skip

    sizes: tuple[int, ...] = (6, 8, 10)
    """Lattice sizes L, of the published sets at m² = -4."""
    exact: tuple[float, ...] = (8.0, 6.975)
    """Quartic couplings of the 4 x 4 lattices that are known exactly."""
    couplings: int = 4
    """Spline couplings of a flow, an even number."""
    bins: int = 8
    """Bins of a spline."""
    hidden: tuple[int, ...] = (16,)
    """Widths of the local networks."""
    radius: int = 3
    """How far, in steps, a local network sees."""
    steps: int = 500
    """Training steps."""
    batch: int = 256
    """Draws in a training step."""
    learning_rate: float = 5e-3
    """Of Adam at first; it falls to zero along a cosine."""
    draws: int = 2**20
    """Draws of a trained 4 x 4 flow; larger lattices get as many sites."""
    hmc_length: int = 1000
    """Trajectories of each of 64 HMC chains."""
    acceptance: float = 0.7
    """Of flow proposals, at least."""
    precision: float = 0.005
    """Of the 4 x 4 averages, relative; log Z is held to a fifth of it."""

    def __post_init__(self):
        unknown = [L for L in self.sizes if L not in PUBLISHED] + [lam for lam in self.exact if lam not in EXACT]
        if unknown:
            known = f"sizes among {list(PUBLISHED)} and exact among {list(EXACT)}"
            raise InputError(known, str(unknown[0]), "choose published sets and couplings that are known exactly")

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """The exact lattices, then the published sets."""
        result = Result(self.name, settings=asdict(self), figures=["flow_training", "flow_against_hmc", "slices"])
        for lam in self.exact:
            self.against_exact(jax.random.fold_in(key, int(1000 * lam)), lam, result, progress, checkpoint)
        flows, walks, histories = {}, {}, {}
        for L in self.sizes:
            keys, system = jax.random.split(jax.random.fold_in(key, L), 3), Phi4((L, L), m2=-4.0, lam=PUBLISHED[L])
            trained = self.train(keys[0], system, f"L = {L}", progress, checkpoint)
            histories[L] = trained.history
            weighted, cost = self.draw(keys[1], trained, system, f"L = {L}", progress)
            flows[L] = self.corrected(keys[1], weighted, cost)
            walks[L] = self.hamiltonian(keys[2], system, progress, checkpoint)
            result.models[f"flow_{L}"] = trained.model
            self.add(result, L, trained, flows[L], walks[L])
        result.arrays = arrays(flows, walks, histories)
        result.notes.append(
            "Autocorrelation times count proposals of the flow and trajectories of HMC. A flow pays its training once; "
            "the figure shows the cost with and without it."
        )
        return result

    def train(self, key, system: Phi4, label: str, progress: ProgressCallable, checkpoint: Path | None) -> Trained:
        """From the action alone, by the path gradient of the reverse KL divergence."""
        key_flow, key_scale, key_fit = jax.random.split(key, 3)
        scale = natural_scale(system.log_weight, jax.random.normal(key_scale, (256, *system.shape), jnp.float32))
        flow = spline_flow(
            key_flow, system.shape, couplings=self.couplings, bins=self.bins, hidden=self.hidden, radius=self.radius,
            scale=scale,
        )  # fmt: skip
        settings = Training(
            Optimizer("adam", self.learning_rate, schedule="cosine"), steps=self.steps, block=max(1, self.steps // 40)
        )
        return fit(
            key_fit, flow, ReverseKL(system, self.batch, path=True), None, settings=settings,
            checkpoint=None if checkpoint is None else checkpoint / f"flow {label}.safetensors",
            progress=lambda record: progress(record.step, self.steps, f"training, {label}"),
        )  # fmt: skip

    def draw(
        self, key, trained: Trained, system: Phi4, label: str, progress: ProgressCallable
    ) -> tuple[Weighted, Cost]:
        """Weighed draws, and what training and drawing cost; compiled before the clock starts."""
        progress(0, 1, f"drawing from the flow, {label}")
        n = max(CHAINS * 64, self.draws * 16 // system.n_sites)
        sample = partial(importance_sample, key, trained.model, system, chunk=4096, keep=measure)
        sample(4096)
        begun = time.perf_counter()
        weighted = sample(n)
        return weighted, Cost(time.perf_counter() - begun, float(trained.history.seconds[-1]))

    def corrected(self, key, weighted: Weighted, cost: Cost) -> SamplerReading:
        """The draws as proposals of independence Metropolis, in 64 chains without their first tenth."""
        chains = metropolize(key, weighted, CHAINS)
        measured: Any = chains.x  # what `measure` kept of the configurations
        x = {name: series[:, series.shape[1] // 10 :] for name, series in measured.items()}
        accepted = chains.accepted.mean(axis=1)
        share = Estimate(float(accepted.mean()), float(accepted.std(ddof=1) / CHAINS**0.5))
        log_z = estimate(weights.log_mean_weight, weighted.log_weight)
        verdict = chain_verdict({name: x[name] for name in SERIES}, cost, acceptance=share, log_z=log_z)
        weighed = weighted_verdict(weighted, cost)["effective_share"]
        return reading(x, verdict | {"effective_share": weighed})

    def hamiltonian(self, key, system: Phi4, progress: ProgressCallable, checkpoint: Path | None) -> SamplerReading:
        """The same by HMC."""
        L = system.shape[0]
        batch = at_temperatures(system, np.ones(1))
        plan = SamplingPlan(samples=self.hmc_length * CHAINS, chains=CHAINS, thin=1, warmup=700)
        x = starts(jax.random.fold_in(key, 0), system, 1, CHAINS, "uniform")
        told = lambda done, total, message: progress(done, total, f"HMC, L = {L}: {message}")  # noqa: E731
        folder = None if checkpoint is None else checkpoint / f"hmc-{L}"
        draws = draw(jax.random.fold_in(key, 1), HMC(), batch, x, plan, progress=told, checkpoint=folder)
        chains = jax.jit(jax.vmap(lambda x: jax.lax.map(measure, x, batch_size=1024)))(jnp.asarray(draws.x[0], float))
        chains = {name: np.asarray(series) for name, series in chains.items()}
        accepted = Estimate(float(draws.acceptance[0]))
        cost = Cost(draws.seconds)
        return reading(chains, chain_verdict({name: chains[name] for name in SERIES}, cost, acceptance=accepted))

    def against_exact(
        self, key, lam: float, result: Result, progress: ProgressCallable, checkpoint: Path | None
    ) -> None:
        """log Z, chi, <φ²>, <φ⁴> of the 4 x 4 lattice from importance weights and from the corrected chain."""
        keys, label = jax.random.split(key), f"4 x 4, lambda = {lam:g}"
        system = Phi4((4, 4), m2=-4.0, lam=lam)
        trained = self.train(keys[0], system, label, progress, checkpoint)
        weighted, cost = self.draw(keys[1], trained, system, label, progress)
        mean = lambda f: estimate(weights.self_normalized_mean, f, weighted.log_weight)  # noqa: E731
        corrected = self.corrected(keys[1], weighted, cost)
        log_z = corrected.verdict["log_partition_function"]
        found = {
            "importance": {"log_partition_function": log_z}
            | {name: mean(weighted.x[key]) for key, name in NAMES.items()},
            "metropolis": {name: corrected.observables[name] for name in NAMES.values()},
        }
        for method, values in found.items():
            result.estimates |= {f"{name}/{method}_4_{lam:g}": value for name, value in values.items()}
            result.checks += exact_checks(
                values, EXACT[lam], self.precision, f"{label}, {method}", f"{method}_4_{lam:g}"
            )
        result.estimates[f"acceptance/flow_4_{lam:g}"] = corrected.verdict["acceptance"]
        result.estimates[f"effective_share/flow_4_{lam:g}"] = corrected.verdict["effective_share"]

    def add(self, result: Result, L: int, trained: Trained, flow: SamplerReading, walk: SamplerReading) -> None:
        """Estimates and checks of one published set."""
        for method, said in (("flow", flow), ("hmc", walk)):
            result.estimates |= {f"{name}/{method}_{L}": v for name, v in (said.observables | said.verdict).items()}
        if trained.status != "step limit":
            result.status = f"training of L = {L}: {trained.status}"
            result.notes.append(f"Training of L = {L} ended with: {trained.status}. Try a smaller learning rate.")
        accepted = flow.verdict["acceptance"]
        worst = np.max([deviation(flow.observables[name], walk.observables[name]) for name in flow.observables])
        mass = flow.observables["pole_mass"]
        result.checks += [
            Check.at_least(
                f"acceptance of the flow's proposals, L = {L}", accepted.value, self.acceptance, error=accepted.error,
                source="the paper trains to 0.5 and 0.7", of=f"acceptance/flow_{L}",
            ),
            Check.at_most(
                f"flow and HMC agree, largest deviation in standard errors, L = {L}", worst, 4.5,
                source="HMC of the same action",
            ),
            Check.within(
                f"pole mass times L, L = {L}", mass.value * L, 4.0, 0.2 + 4 * L * (mass.error or 0.0),
                error=L * (mass.error or 0.0), source="the paper's choice of couplings",
            ),
        ]  # fmt: skip


def exact_checks(
    found: dict[str, Estimate], exact: dict[str, float], precision: float, label: str, method: str
) -> list[Check]:
    """Within the precision that was promised, and within the error that is stated.

    False alarm of the last one 3e-4 for the four quantities together.  Resolution: that of the errors.
    """
    checks = [
        Check.within(
            f"{name.replace('_', ' ')}, {label}", found[name].value, exact[name],
            precision / 5 if name == "log_partition_function" else precision * exact[name],
            error=found[name].error, source=TRANSFER, of=f"{name}/{method}",
        )
        for name in found
    ]  # fmt: skip
    worst = np.max([deviation(found[name], Estimate(exact[name], 0.0)) for name in found])
    return [*checks, Check.at_most(f"largest deviation in standard errors, {label}", worst, 4.0, source=TRANSFER)]


def deviation(a: Estimate, b: Estimate) -> float:
    """|a - b| in standard errors; not finite where an error is unknown."""
    return abs(a.value - b.value) / float(np.hypot(a.error or np.nan, np.nan if b.error is None else b.error))


def reading(chains: dict[str, np.ndarray], verdict: dict[str, Estimate]) -> SamplerReading:
    """Observables from the means of independent chains."""
    means = {name: series.mean(axis=1) for name, series in chains.items()}
    C = means["slices"]
    return SamplerReading(estimates(means), verdict, np.stack([C.mean(axis=0), C.std(axis=0, ddof=1) / len(C) ** 0.5]))


def arrays(flows: dict[int, SamplerReading], walks: dict[int, SamplerReading], histories: dict[int, Any]) -> xr.Dataset:
    """What the figures draw: [method, size], and training curves [size, block]."""
    methods, half = (flows, walks), max(flows) // 2 + 1
    value = lambda name: [[m[L].verdict[name].value for L in m] for m in methods]  # noqa: E731
    error = lambda name: [[m[L].verdict[name].error or np.nan for L in m] for m in methods]  # noqa: E731
    slices = np.full((2, len(flows), 2, half), np.nan)
    for i, m in enumerate(methods):
        for j, said in enumerate(m.values()):
            slices[i, j, :, : said.slices.shape[1]] = said.slices
    rows = lambda column: (("size", "block"), np.stack([column(h) for h in histories.values()]))  # noqa: E731
    return xr.Dataset(
        {
            "autocorrelation_time": (("method", "size"), value("autocorrelation_time")),
            "autocorrelation_time_error": (("method", "size"), error("autocorrelation_time")),
            "effective_samples_per_second": (("method", "size"), value("effective_samples_per_second")),
            "cost_of_training": (("method", "size"), value("training_seconds"), {"unit": "s"}),
            "slices": (("method", "size", "t"), slices[:, :, 0]),
            "slices_error": (("method", "size", "t"), slices[:, :, 1]),
            "training_seconds": rows(lambda h: h.seconds),
            "training_acceptance": rows(lambda h: h.metrics["acceptance"]),
            "training_ess": rows(lambda h: h.metrics["ess"]),
        },
        coords={"method": ["flow", "hmc"], "size": list(flows)},
    )
