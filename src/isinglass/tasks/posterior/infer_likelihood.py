# SPDX-License-Identifier: Apache-2.0
"""Infer parameters from a likelihood that can be written down: exactly, up to the errors of Monte Carlo."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import checks, sampling
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.own.sample_function import SampleFunction
from isinglass.tasks.posterior.given_prior import called_with, checked_likelihood, edge_notes, prior_of
from isinglass.tasks.posterior.moments import means, samples
from isinglass.tasks.task import AbstractTask, Verb, setting

if TYPE_CHECKING:
    pass

__all__ = ["InferLikelihood"]

GROUPS, SWEEPS, LAST = 16, 10, 100  # independent populations; moves at each stage, and after the last
ATTEMPTS, MORE = 3, 4  # with so many times as many walkers, where populations disagree
TRIED = 1000  # draws of the prior at which the likelihood has to be a number


@dataclass(frozen=True)
class InferLikelihood(AbstractTask):
    """The posterior L(θ) p(θ)/Z of a likelihood L that is a function of JAX, and its evidence Z = ∫ L p dθ.

        infer(0, LogLikelihood(log_likelihood), prior={"m": dist.Uniform(0, 1)})
        infer(0, simulator, observation=x, method="hmc")       a simulator with log_likelihood(theta, x)

    Sequential Monte Carlo goes from the prior to the posterior; chains of HMC or NUTS go on from its walkers.
    Law: independent populations agree; <u·∇U> = d for the d free numbers u of θ; chains agree with the populations.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = (
        "isinglass.systems.simulator.log_likelihood:LogLikelihood",
        "isinglass.systems.simulator.simulator:AbstractSimulator",
    )
    guide: ClassVar[str] = "docs/posteriors.md"
    what: ClassVar[str] = "a log likelihood with prior"

    prior: Any = setting(None)
    """Name -> distribution of NumPyro; or one distribution; or an object with sample(key) and log_prob(theta)."""
    observation: Any = setting(None)
    """x, for a simulator with log_likelihood(theta, x)."""
    method: str = setting("smc", choices=lambda: ["smc", "hmc", "nuts"])
    """smc: differential evolution of 16 populations, also of several modes; hmc, nuts: chains that begin there."""
    samples: int = 8192
    """Posterior samples."""
    chains: int = 32
    """Chains of HMC or NUTS."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """With a method that needs the likelihood; by default a simulator is inferred by what it simulates."""
        return settings.get("method", "npe") in ("smc", "hmc", "nuts")

    def run(
        self, key: Any, problem: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """Populations from the prior to the posterior, chains from there, and what both know of each other."""
        import jax

        from isinglass.tasks.posterior import free_posterior as free

        begun = time.perf_counter()
        key_smc, key_chains, key_prior = jax.random.split(key, 3)
        prior = prior_of(self.prior, problem)
        log_likelihood = called_with(prior, problem, self.observation)
        tried, smooth = checked_likelihood(key_prior, prior, log_likelihood, TRIED)
        system = free.free_posterior(prior, log_likelihood)
        u, population = self.populations(key_smc, system, progress)
        found = [*tried, *population_checks(population, u, system, smooth=smooth)]
        every = max(1, u.shape[0] * u.shape[1] // self.samples)
        theta = free.theta_of(prior, u.reshape(-1, u.shape[2])[::every])
        extra: dict[str, Estimate] = {}
        if self.method != "smc":
            chains = self.of_chains(key_chains, system, u, progress, checkpoint)
            m, C = free.widths(u.reshape(-1, u.shape[2]))
            theta = free.theta_of(prior, m + chains.arrays["configurations"].to_numpy() @ C.T)
            found += [*chains.checks, agreement(chains, u)]
            extra = {name: chains.estimates[name] for name in ("effective_sample_size", "r_hat")}
        return Result(
            "posterior",
            estimates=means(theta, prior.names) | evidence(population) | extra,
            checks=found,
            arrays=samples(theta, prior.names),
            settings={"method": self.method, "samples": len(theta), "parameters": list(prior.names)},
            seconds=time.perf_counter() - begun,
            figures=["corner"],
            notes=edge_notes(theta, prior),
        )

    def populations(self, key: Any, system: Any, progress: ProgressCallable) -> tuple[np.ndarray, Any]:
        """Walkers [groups, n, d], and the population that they are; more of them where populations disagree."""
        import jax

        walkers = max(8 * system.shape[0], 64, -(-self.samples // GROUPS))
        walkers += walkers % 2
        for attempt in range(ATTEMPTS):
            progress(attempt, ATTEMPTS, f"sequential Monte Carlo, {GROUPS} populations of {walkers} walkers")
            found = sampling.weight.sequential_monte_carlo.sequential_monte_carlo(
                jax.random.fold_in(key, attempt), sampling.weight.differential_evolution.DifferentialEvolution(),
                system.prior, system, walkers=walkers, groups=GROUPS, sweeps=SWEEPS, last=LAST,
            )  # fmt: skip
            u = np.asarray(found.x).reshape(GROUPS, walkers, -1)
            if not arrived(found, u) or checks.posterior.populations_agree(u).verdict == "pass":
                break
            walkers *= MORE
        return u, found

    def of_chains(
        self, key: Any, system: Any, u: np.ndarray, progress: ProgressCallable, checkpoint: Path | None
    ) -> Result:
        """Chains of w, u = m + C w, from walkers."""
        import jax
        import jax.numpy as jnp

        from isinglass.tasks.posterior import free_posterior as free

        walkers = u.reshape(-1, u.shape[2])
        m, C = (jnp.asarray(a) for a in free.widths(walkers))
        starts = jnp.linalg.solve(C, (jnp.asarray(walkers) - m[None]).T).T
        own = SampleFunction(start=lambda k: jax.random.choice(k, starts), method=self.method, samples=self.samples,
                             chains=self.chains)  # fmt: skip
        return own.run(key, lambda w: system.energy(m + C @ w), progress=progress, checkpoint=checkpoint)


def evidence(population: Any) -> dict[str, Estimate]:
    """ln Z, for the comparison of models."""
    return {"log_evidence": Estimate(float(population.log_z), float(population.log_z_error), "nat")}


def arrived(population: Any, u: np.ndarray) -> bool:
    """Whether every population is at b = 1, with finite walkers."""
    stages = sampling.weight.sequential_monte_carlo.MAX_STAGES
    return int(np.max(population.stages)) < stages and bool(np.isfinite(u).all())


def population_checks(population: Any, u: np.ndarray, system: Any, *, smooth: bool) -> list[Check]:
    """The populations arrived, agree, and obey the virial theorem, which holds where no likelihood is cut off."""
    import jax
    import jax.numpy as jnp

    stages = sampling.weight.sequential_monte_carlo.MAX_STAGES
    if not arrived(population, u):
        law = (
            f"populations arrive at the posterior within {stages} stages; the likelihood may be too sharp for the prior"
        )
        return [Check(law, None, None, None, "fail")]
    agree = checks.posterior.populations_agree(u)
    if not smooth:
        return [agree]
    m = jnp.asarray(u.mean(axis=(0, 1)))
    virial = jax.jit(jax.vmap(lambda u: (u - m) @ jax.grad(system.energy)(u)))
    values = np.asarray(virial(jnp.asarray(u.reshape(-1, u.shape[2])))).reshape(1, *u.shape[:2])
    law = "virial theorem, <(u - m)·∇U> of the free numbers is their number"
    return [agree, checks.sampling.identity_check(values, law, float(u.shape[2]))]


def agreement(chains: Result, u: np.ndarray) -> Check:
    """Means of chains (in w, of mean 0 by the populations) are those of the populations."""
    from isinglass.tasks.posterior import free_posterior as free

    w, number = chains.arrays["configurations"].to_numpy(), chains.arrays["chain"].to_numpy()
    means = np.stack([w[number == c].mean(axis=0) for c in np.unique(number)])
    m, C = free.widths(u.reshape(-1, u.shape[2]))
    groups = np.linalg.solve(C, (u.mean(axis=1) - m).T).T
    return checks.posterior.same_means(means, groups)
