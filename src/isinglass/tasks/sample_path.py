# SPDX-License-Identifier: Apache-2.0
"""Sample a path of systems for its free energy: ln Z(b) - ln Z(a) by thermodynamic integration over a coupling."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import checks, sampling
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.sample_system import Method, Start
from isinglass.tasks.setting.method import methods
from isinglass.tasks.task import AbstractTask, Verb, setting

if TYPE_CHECKING:
    from isinglass.sampling.ensemble.diagnosis import Diagnosis
    from isinglass.sampling.weight.thermodynamic_integration import Integral
    from isinglass.systems.path import CouplingPath

__all__ = ["SamplePath"]


@dataclass(frozen=True)
class SamplePath(AbstractTask):
    """Markov chains at the nodes of Gauss and Legendre; ∂ ln w/∂λ by automatic differentiation.

    Law: ln Z is convex in a coupling that ln w is linear in, so that <∂ ln w/∂λ> never falls.
    """

    verb: ClassVar[Verb] = "sample"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.systems.path:CouplingPath",)
    what: ClassVar[str] = "a path of systems"
    least: ClassVar[dict[str, float]] = {"warmup": 0}

    method: Method = setting("auto", choices=methods)
    """How to sample at each node; auto: the method that fits the system.  In Python also a sampler of your own."""
    nodes: int = 8
    """Couplings at which chains are run."""
    samples: int = 4096
    """Configurations at each node."""
    chains: int = 64
    """Independent chains at each node."""
    thin: int = 4
    """Sweeps from one measurement to the next."""
    warmup: int = 600
    """Sweeps before the first one."""
    start: Start = setting("random", choices=lambda: ["uniform", "random"], also=())
    """Where chains start."""

    def run(
        self, key: Any, problem: "CouplingPath", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """Integrate; `checkpoint` is not used."""
        import jax.numpy as jnp

        begun = time.perf_counter()
        progress(0, 1, f"chains at {self.nodes} couplings from {problem.ends[0]:g} to {problem.ends[1]:g}")
        ensemble = sampling.choose(self.method, problem.at(jnp.asarray(problem.ends[0])))
        if isinstance(ensemble, sampling.PackedMetropolis):  # it is made for one set of couplings
            ensemble = sampling.Independent(sampling.Metropolis())
        plan = sampling.SamplingPlan(samples=self.samples, chains=self.chains, thin=self.thin, warmup=self.warmup)
        found, diagnosis = sampling.integrate_coupling(
            key, ensemble, problem.at, problem.ends, nodes=self.nodes, plan=plan, start=self.start
        )
        return Result(
            "sample",
            estimates={
                "log_partition_function_ratio": found.value,
                "statistical_error": Estimate(found.statistical),
                "quadrature_error": Estimate(found.quadrature),
            },
            checks=verdicts(found, diagnosis, problem),
            arrays=integrand(found),
            settings={"ends": problem.ends, "nodes": self.nodes, "samples": self.samples, "chains": self.chains},
            seconds=time.perf_counter() - begun,
        )


def verdicts(found: "Integral", of: "Diagnosis", path: "CouplingPath") -> list[Check]:
    """Finite numbers, chains that agree on the integrand at every node, and convexity where it must hold."""
    said = [checks.finite_draws(of.names, of.finite)]
    if said[0].verdict == "pass":
        said += checks.convergence_checks(of.names, of.each_r_hat, of.r_hat_bound, of.enough, of.rare,
                                          of.effective_samples, None)  # fmt: skip
        said += [checks.convex_log_z(found.integrand)] if is_linear(path) else []
    return said


def is_linear(path: "CouplingPath") -> bool:
    """∂² ln w/∂λ² = 0, at a configuration in the middle of the path."""
    import jax
    import jax.numpy as jnp

    middle = jnp.asarray(sum(path.ends) / 2)
    x = sampling.wide(path.at(middle).random_configuration(jax.random.key(0)))
    slope = lambda coupling: jax.grad(lambda c: path.at(c).log_weight(x))(coupling)  # noqa: E731
    scale = abs(float(slope(middle))) + 1.0
    return abs(float(jax.grad(slope)(middle))) < 1e-8 * scale


def integrand(found: Any) -> Any:
    """<∂ ln w/∂λ> at the nodes, with the scatter over chains."""
    import xarray as xr

    error = found.integrand.std(axis=1, ddof=1) / np.sqrt(found.integrand.shape[1])
    slope = found.integrand.mean(axis=1)
    arrays = {"slope": ("coupling", slope), "slope_error": ("coupling", error)}
    return xr.Dataset(arrays, coords={"coupling": found.nodes})
