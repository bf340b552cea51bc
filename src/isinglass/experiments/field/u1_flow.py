# SPDX-License-Identifier: Apache-2.0
"""Topological freezing: at large β, HMC hardly changes the charge of a U(1) field; independent samples of a flow do."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
import xarray as xr
from jaxtyping import Float

from isinglass.checks.gauge import gauge_invariant_density
from isinglass.exact.field import u1
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.flow.gauge_flow import gauge_flow
from isinglass.nets.flow.gauge_sweep import gauge_sweep_flow
from isinglass.observables.charge_time import ChargeTime, charge_time
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems import U1Gauge
from isinglass.tasks.cases import join
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training
from isinglass.verbs import sample

__all__ = ["U1Flow"]

EXACT = "Bessel functions: Wiese 1989, doi:10.1016/0550-3213(89)90051-X"


@dataclass(frozen=True)
class U1Flow(AbstractExperiment):
    """Charges by HMC and by a flow with independence Metropolis, at one β after the other."""

    name: ClassVar[str] = "u1-flow"
    task: ClassVar[str] = "sample"
    summary: ClassVar[str] = "topological freezing of HMC in a gauge theory, and a flow that does not freeze"
    rows: ClassVar[tuple[int, ...]] = (5, 61, 78)
    paper: ClassVar[str] = "Kanwar et al. 2020, arXiv:2003.06413"
    claim: ClassVar[str] = "HMC's charge freezes with growing β, the flow's does not; ln Z, plaquette, χ_Q exact"
    guide: ClassVar[str] = "docs/course/06_flows.py"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"side": 5, "betas": (1.0, 4.0), "steps": 600, "batch": 64, "draws": 8192, "trajectories": 1024,
                  "chains": 16, "warmup": 500, "ratio": 2.0},
        "laptop": {},
        "paper": {"side": 16, "betas": (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0), "steps": 20_000, "batch": 1024,
                  "draws": 200_000, "trajectories": 20_000},
    }  # fmt: skip
    least: ClassVar[dict[str, float]] = {"warmup": 0}

    side: int = 8
    """Side L of the lattice."""
    betas: tuple[float, ...] = (1.0, 2.0, 3.0, 4.0, 5.0)
    """Couplings, ascending: each flow begins with the weights of the one before."""
    architecture: str = "sweep"
    """`sweep`: plaquettes one after the other along a path; `coupling`: layers of plaquette couplings."""
    steps: int = 1500
    """Training steps at each coupling."""
    batch: int = 128
    """Samples per step."""
    learning_rate: float = 1e-2
    """Learning rate at the beginning; it falls as a cosine."""
    draws: int = 40_000
    """Samples of each flow for weights and chains."""
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
        hmc = self.by_hmc(key_hmc, progress, checkpoint and checkpoint / "hmc")
        shape, flows = (self.side, self.side, 2), {}
        model = gauge_sweep_flow(shape) if self.architecture == "sweep" else gauge_flow(key_net, shape)
        for key_beta, beta in zip(keys, self.betas, strict=True):
            folder = checkpoint and checkpoint / f"flow-{beta:g}"
            flows[f"beta_{beta:g}"] = self.by_flow(key_beta, beta, model, progress, folder)
            model = flows[f"beta_{beta:g}"].models["sampler"]
        return self.report(hmc, flows)

    def by_hmc(self, key, progress: ProgressCallable, folder: Path | None) -> Float[np.ndarray, "T R M"]:
        """Charges of every chain at every coupling, from hot starts."""
        system = U1Gauge((self.side, self.side))
        result = sample(
            key, system, 1 / np.array(self.betas), method="hmc", samples=self.trajectories * self.chains,
            chains=self.chains, thin=1, warmup=self.warmup, effective_samples=None, start="random",
            observables={"topological_charge": system.topological_charge}, configurations=False,
            progress=progress, checkpoint=folder,
        )  # fmt: skip
        return result.series("topological_charge")[::-1]  # temperatures ascend, couplings fall

    def by_flow(self, key, beta: float, model: Any, progress: ProgressCallable, folder: Path | None) -> Result:
        """Train on from `model`, weight the samples, and run them as Markov chains.  No Monte Carlo detects lost modes:
        HMC loses them itself.
        """
        system = U1Gauge((self.side, self.side), beta=beta)
        optimizer = Optimizer("adam", self.learning_rate, "cosine", clip=1.0)
        training = Training(optimizer, steps=self.steps, batch_size=self.batch, block=max(1, self.steps // 10))
        return sample(
            key, system, method=model, objective="path_gradient", training=training, draws=self.draws,
            samples=self.draws, chains=self.chains, thin=1, reference=None, observables=observables(system),
            progress=progress, checkpoint=folder,
        )  # fmt: skip

    def report(self, hmc: Float[np.ndarray, "T R M"], flows: dict[str, Result]) -> Result:
        """Times, claims and arrays."""
        charges = [one.series("topological_charge")[0] for one in flows.values()]
        slow, quick = [charge_time(Q) for Q in hmc], [charge_time(Q) for Q in charges]
        drawn = self.arrays(hmc[-1, 0], charges[-1][0], flows, np.array([slow, quick]))
        result = join(self.name, flows, settings=asdict(self), figures=["charge_history"], arrays=drawn)
        for label, s, q in zip(flows, slow, quick, strict=True):
            result.estimates[f"charge_autocorrelation/hmc_{label}"] = Estimate(s.tau, s.error, "trajectories")
            result.estimates[f"charge_autocorrelation/flow_{label}"] = Estimate(q.tau, q.error, "proposals")
        model = list(flows.values())[-1].models["sampler"]
        result.checks += [
            *(check for beta, one in zip(self.betas, flows.values(), strict=True) for check in self.exact(beta, one)),
            at_least("HMC's charge at the largest beta over the flow's (ratio of times)", slow[-1], quick[-1],
                     self.ratio),
            at_least("HMC's charge slows down with beta (ratio of times, largest to smallest)", slow[-1], slow[0],
                     self.ratio),
            gauge_invariant_density(model),
        ]  # fmt: skip
        result.models = {"flow": model}
        seconds = sum(one.estimates["training_seconds"].value for one in flows.values())
        result.notes.append(f"training {seconds:.0f} s for all couplings together")
        return result

    def exact(self, beta: float, found: Result) -> list[Check]:
        """ln Z, plaquette and topological susceptibility by weights, within four errors."""
        V = self.side**2
        exact = {
            "log_partition_function": u1.log_partition_function(beta, V),
            "plaquette/importance": u1.plaquette(beta, V),
            "topological_susceptibility/importance": u1.topological_susceptibility(beta, V),
        }
        checks = []
        for name, value in exact.items():
            got, words = found.estimates[name], name.partition("/")[0].replace("_", " ")
            tolerance, law = 4 * (got.error or 0.0), f"{words} by weights (beta = {beta:g})"
            of = f"{name}/beta_{beta:g}"
            checks.append(Check.within(law, got.value, value, tolerance, error=got.error, source=EXACT, of=of))
        return checks

    def arrays(self, hmc, flow, flows: dict[str, Result], times: Float[np.ndarray, "2 betas 2"]) -> xr.Dataset:
        """What the figure draws: the charge of one chain of each method, and the times."""
        length = min(len(hmc), len(flow))
        said = lambda name: ("beta", [one.estimates[name].value for one in flows.values()])  # noqa: E731
        return xr.Dataset(
            {
                "charge": (("method", "step"), np.stack([hmc[:length], flow[:length]])),
                "charge_time": (("method", "beta"), times[..., 0]),
                "charge_time_error": (("method", "beta"), times[..., 1]),
                **{name: said(name) for name in ("ess_fraction", "acceptance", "training_seconds")},
            },
            coords={"method": ["hmc", "flow"], "beta": list(self.betas)},
        )


def at_least(law: str, slow: ChargeTime, quick: ChargeTime, ratio: float) -> Check:
    """The ratio of two times, with its error, is at least so large."""
    value, error = slow.tau / quick.tau, float(np.hypot(slow.error / slow.tau, quick.error / quick.tau))
    return Check.at_least(law, value, ratio, error=value * error, source=U1Flow.paper).resolved()


def observables(system: U1Gauge) -> dict[str, Any]:
    """Mean plaquette, charge Q, and Q²/V."""
    V = system.shape[0] * system.shape[1]
    return {
        "plaquette": system.order_parameter,
        "topological_charge": system.topological_charge,
        "topological_susceptibility": lambda x: system.topological_charge(x) ** 2 / V,
    }
