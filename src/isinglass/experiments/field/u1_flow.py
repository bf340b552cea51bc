# SPDX-License-Identifier: Apache-2.0
"""Topological freezing: at large β, HMC hardly changes the charge of a U(1) field; independent draws of a flow do."""

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Float

from isinglass.exact.field import u1
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.flow.gauge_flow import gauge_flow
from isinglass.nets.flow.gauge_sweep import gauge_sweep_flow
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.sampling.chain.hmc import HMC
from isinglass.sampling.ensemble.driver import SamplingPlan, draw
from isinglass.sampling.ensemble.start import starts
from isinglass.sampling.objective.reverse_kl import ReverseKL
from isinglass.sampling.weight.importance import average, effective_share, importance_sample, log_partition_function
from isinglass.sampling.weight.independence import metropolize
from isinglass.symmetry import PhaseGauge
from isinglass.systems import U1Gauge, at_temperatures
from isinglass.training.fit import fit
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

__all__ = ["U1Flow", "charge_time"]

EXACT = "Bessel functions: Wiese 1989, doi:10.1016/0550-3213(89)90051-X"


class Time(NamedTuple):
    """Integrated autocorrelation time of the charge, in steps of one chain."""

    tau: float
    error: float


class FlowAtCoupling(NamedTuple):
    """What a flow gives at one β: numbers by name, its chains of charges, and what it cost."""

    model: Any
    estimates: dict[str, Estimate]
    charges: Float[np.ndarray, "R M"]
    training_seconds: float
    sampling_seconds: float


@dataclass(frozen=True)
class U1Flow(AbstractExperiment):
    """Charges by HMC and by a flow with independence Metropolis, at one β after the other."""

    name: ClassVar[str] = "u1-flow"
    task: ClassVar[str] = "sample"
    summary: ClassVar[str] = "topological freezing of HMC in a gauge theory, and a flow that does not"
    rows: ClassVar[tuple[int, ...]] = (5, 61, 78)
    paper: ClassVar[str] = "Kanwar et al. 2020, arXiv:2003.06413"
    claim: ClassVar[str] = "HMC's charge freezes with growing β, the flow's does not; ln Z, plaquette, χ_Q exact"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"side": 4, "betas": (1.0, 4.0), "steps": 300, "batch": 64, "draws": 4096, "trajectories": 512,
                  "chains": 16, "warmup": 500, "ratio": 3.0},
        "laptop": {},
        "paper": {"side": 16, "betas": (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0), "steps": 20_000, "batch": 1024,
                  "draws": 200_000, "trajectories": 20_000},
    }  # fmt: skip

    side: int = 8
    """Side L of the lattice."""
    betas: tuple[float, ...] = (1.0, 2.0, 3.0, 4.0, 5.0)
    """Couplings, ascending: each flow begins with the weights of the one before."""
    architecture: str = "sweep"
    """`sweep`: plaquettes one after the other along a path; `coupling`: layers of plaquette couplings."""
    steps: int = 1500
    """Training steps at each coupling."""
    batch: int = 128
    """Draws in a step."""
    learning_rate: float = 1e-2
    """At the beginning; it falls as a cosine."""
    draws: int = 40_000
    """Draws of each flow for weights and chains."""
    trajectories: int = 4000
    """HMC trajectories of each chain."""
    chains: int = 32
    """Independent chains, of HMC and of the flow."""
    warmup: int = 600
    """HMC trajectories before the first measurement; the first 500 adapt the step size."""
    ratio: float = 10.0
    """How much shorter the flow's autocorrelation of the charge must be at the largest coupling."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """HMC at all couplings at once, then the flows one after the other."""
        if self.architecture not in ("sweep", "coupling"):
            raise ValueError(f"expected architecture sweep or coupling; found {self.architecture!r}; choose one.")
        key_hmc, key_net, *keys = jax.random.split(key, 2 + len(self.betas))
        hmc, hmc_seconds = self.hmc(key_hmc, progress, checkpoint)
        shape = (self.side, self.side, 2)
        model = gauge_sweep_flow(shape) if self.architecture == "sweep" else gauge_flow(key_net, shape)
        flows = []
        for i, beta in enumerate(self.betas):
            flows.append(self.flow(keys[i], beta, model, progress, checkpoint))
            model = flows[-1].model
        return self.report(hmc, hmc_seconds, flows)

    def hmc(self, key, progress: ProgressCallable, checkpoint: Path | None) -> tuple[Float[np.ndarray, "T R M"], float]:
        """Charges of every chain at every coupling, from hot starts, and the seconds of one trajectory of a chain."""
        key_start, key_draw = jax.random.split(key)
        system = U1Gauge((self.side, self.side))
        batch = at_temperatures(system, 1 / np.array(self.betas))
        plan = SamplingPlan(samples=self.trajectories * self.chains, chains=self.chains, thin=1, warmup=self.warmup)
        x = starts(key_start, system, len(self.betas), self.chains, "random")
        folder = None if checkpoint is None else checkpoint / "hmc"
        draws = draw(key_draw, HMC(), batch, x, plan, checkpoint=folder, progress=progress)
        charges = jax.jit(jax.vmap(jax.vmap(jax.vmap(system.topological_charge))))(jnp.asarray(draws.x))
        return np.asarray(charges, float), draws.seconds / (len(self.betas) * self.chains * self.trajectories)

    def flow(self, key, beta: float, model: Any, progress: ProgressCallable, checkpoint: Path | None) -> FlowAtCoupling:
        """Train on from `model`, draw, weigh, and run the draws as Markov chains."""
        key_fit, key_draw, key_chain = jax.random.split(key, 3)
        system = U1Gauge((self.side, self.side), beta=beta)
        trained = fit(
            key_fit,
            model,
            ReverseKL(system, self.batch, path=True),
            None,
            settings=Training(
                optimizer=Optimizer("adam", self.learning_rate, "cosine", clip=1.0),
                steps=self.steps,
                block=max(1, self.steps // 10),
            ),
            checkpoint=None if checkpoint is None else checkpoint / f"flow-{beta:g}.safetensors",
            progress=lambda record: progress(
                record.step, self.steps, f"beta = {beta:g}: loss {float(np.mean(record.loss)):.6g}"
            ),
        )
        begun = time.perf_counter()
        keep = Observables(system)
        weighted = importance_sample(key_draw, trained.model, system, self.draws, keep=keep)
        seconds = time.perf_counter() - begun
        chains = metropolize(key_chain, weighted, self.chains)
        found = average(lambda seen: {"plaquette": seen[0], "susceptibility": seen[1] ** 2 / self.side**2}, weighted)
        estimates = {
            "log_partition_function": log_partition_function(weighted),
            "effective_share": effective_share(weighted),
            "acceptance": Estimate(float(chains.accepted.mean())),
            "plaquette": found["plaquette"],
            "topological_susceptibility": found["susceptibility"],
        }
        return FlowAtCoupling(trained.model, estimates, chains.x[..., 1], float(trained.history.seconds[-1]), seconds)

    def report(self, hmc: Float[np.ndarray, "T R M"], hmc_seconds: float, flows: list[FlowAtCoupling]) -> Result:
        """Times, checks and arrays."""
        V = self.side**2
        slow, quick = [charge_time(Q) for Q in hmc], [charge_time(one.charges) for one in flows]
        checks, estimates = [], {}
        for beta, one, s, q in zip(self.betas, flows, slow, quick, strict=True):
            exact = {
                "log_partition_function": u1.log_partition_function(beta, V),
                "plaquette": u1.plaquette(beta, V),
                "topological_susceptibility": u1.topological_susceptibility(beta, V),
            }
            for name, value in exact.items():
                got = one.estimates[name]
                law = f"{name.replace('_', ' ')} by weights (beta = {beta:g})"
                checks.append(
                    Check.within(law, got.value, value, 4 * (got.error or 0.0), error=got.error, source=EXACT,
                                 of=f"{name}/{beta:g}")
                )  # fmt: skip
            estimates |= {f"{name}/{beta:g}": value for name, value in one.estimates.items()}
            estimates[f"charge_autocorrelation/hmc_{beta:g}"] = Estimate(s.tau, s.error, "trajectories")
            estimates[f"charge_autocorrelation/flow_{beta:g}"] = Estimate(q.tau, q.error, "draws")
            estimates[f"training_seconds/{beta:g}"] = Estimate(one.training_seconds, unit="s")
            estimates[f"sampling_seconds/{beta:g}"] = Estimate(one.sampling_seconds / self.draws, unit="s per draw")
        estimates["sampling_seconds/hmc"] = Estimate(hmc_seconds, unit="s per trajectory")
        checks += [
            Check.at_least("HMC's charge at the largest beta over the flow's (ratio of times)",
                           slow[-1].tau / quick[-1].tau, self.ratio, source=self.paper),
            Check.at_least("HMC's charge slows down with beta (ratio of times, largest to smallest)",
                           slow[-1].tau / slow[0].tau, self.ratio, source=self.paper),
            Check.at_most("the flow's density is gauge invariant (largest change of ln q)",
                          gauge_violation(flows[-1].model, self.side), 2e-2, source="a law of the architecture"),
        ]  # fmt: skip
        return Result(
            self.name,
            settings=asdict(self),
            estimates=estimates,
            checks=checks,
            models={"flow": flows[-1].model},
            arrays=self.arrays(hmc, flows, slow, quick),
            figures=["charge_history"],
            notes=[f"training {sum(one.training_seconds for one in flows):.0f} s for all couplings together"],
        )

    def arrays(self, hmc, flows: list[FlowAtCoupling], slow: list[Time], quick: list[Time]) -> xr.Dataset:
        """What the figure draws: the charge of one chain of each method, and the times."""
        length = min(hmc.shape[2], flows[-1].charges.shape[1])
        history = np.stack([hmc[-1, 0, :length], flows[-1].charges[0, :length]])
        times = np.array([slow, quick])
        return xr.Dataset(
            {
                "charge": (("method", "step"), history),
                "charge_time": (("method", "beta"), times[..., 0]),
                "charge_time_error": (("method", "beta"), times[..., 1]),
                "effective_share": ("beta", [one.estimates["effective_share"].value for one in flows]),
                "acceptance": ("beta", [one.estimates["acceptance"].value for one in flows]),
                "training_seconds": ("beta", [one.training_seconds for one in flows]),
            },
            coords={"method": ["hmc", "flow"], "beta": list(self.betas)},
        )


class Observables(NamedTuple):
    """What is kept of a draw: mean plaquette and charge."""

    system: U1Gauge

    def __call__(self, x):
        """(plaquette, Q)."""
        x = x.astype(float)
        return jnp.stack([self.system.order_parameter(x), self.system.topological_charge(x)])


def charge_time(Q: Float[np.ndarray, "R M"]) -> Time:
    """τ = ½ + Σ_t ρ(t), ρ(t) = <Q_0 Q_t>/<Q²> over all chains about the exact mean 0, with Sokal's window 5τ.

    Chains that stand still count in full, where a mean of their own would hide them; a window that would be longer than
    a quarter of a chain ends there, and τ is then a lower bound.  Error: Madras and Sokal 1988.
    """
    R, M = Q.shape
    power = np.abs(np.fft.rfft(Q, 2 * M, axis=1)) ** 2
    gamma = np.fft.irfft(power.mean(axis=0))[:M] / np.arange(M, 0, -1)
    rho = gamma / gamma[0] if gamma[0] > 0 else (np.arange(M) == 0).astype(float)
    tau = np.cumsum(rho) - 0.5
    enough = np.arange(M) >= 5 * tau
    window = min(int(np.argmax(enough)) if enough.any() else M, M // 4)
    value = max(float(tau[window]), 0.5)
    return Time(value, value * float(np.sqrt((4 * window + 2) / (R * M))))


def gauge_violation(model: Any, side: int) -> float:
    """Largest |ln q(θ^α) - ln q(θ)| over 64 draws and random α: the round-off of the network's float32."""
    key_draw, key_turn = jax.random.split(jax.random.key(0))

    def change(key, alpha):
        x, _ = model.draw_with_log_prob(key)
        return jnp.abs(model.log_prob(PhaseGauge().transformed(x, alpha)) - model.log_prob(x))

    alpha = jax.random.uniform(key_turn, (64, side, side), jnp.float32, -jnp.pi, jnp.pi)
    return float(jnp.max(jax.jit(jax.vmap(change))(jax.random.split(key_draw, 64), alpha)))
