# SPDX-License-Identifier: Apache-2.0
"""The temperature of one Ising configuration, and the coupling of a φ⁴ field, against all that can be known of them."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from numpyro import distributions as dist

from isinglass.checks.learning.information import information_kept, no_more_than_all, width_kept
from isinglass.exact.lattice import onsager
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.lattice.coupling_case import AbstractCouplingCase, FieldCoupling, IsingTemperature
from isinglass.inference.posterior.simulations import Simulations
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent, telling
from isinglass.tasks.cases import labelled
from isinglass.verbs import infer

__all__ = ["IsingThermometer"]

TC = onsager.critical_temperature()
GRID = 401
BIAS = 0.03  # of the derivative over that step, the largest of T = 2 and T_c at L = 16 and 32
BLOCKS = 16  # of configurations, for the error of a ratio
STEP = 0.5  # between the test temperatures, in Fisher widths
COUPLING = 1.0


class ThermometerTest(NamedTuple):
    """One θ, many configurations."""

    estimates: dict[str, Estimate]
    checks: list[Check]
    mean: np.ndarray  # posterior means [n]
    exact: np.ndarray  # exact ones [n]
    width: np.ndarray  # deviations by the exact ones [n]


class ThermometerPairs(NamedTuple):
    """θ and summaries x to learn from, and those of one new configuration."""

    theta: np.ndarray  # [n]
    x: np.ndarray  # [n, k]
    seen: np.ndarray  # [k]
    exact: Check  # of the mean of x


@dataclass(frozen=True)
class IsingThermometer(AbstractExperiment):
    """Pairs (θ, configuration) by `sample`, a posterior by `infer`, tested on new configurations at known θ."""

    name: ClassVar[str] = "ising-thermometer"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "temperature of one configuration against the exact posterior and bound"
    rows: ClassVar[tuple[int, ...]] = (14,)
    paper: ClassVar[str] = "Kaufman 1949, doi:10.1103/PhysRev.76.1232"
    claim: ClassVar[str] = "posterior widths within 10 % of the exact posterior's, never below; 90 % of the information"
    guide: ClassVar[str] = "docs/linear.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"sizes": (16,), "temperatures": (2.0,), "field": 0, "points": 16_000, "steps": 2000, "tests": 400},
        "laptop": {},
        "paper": {"sizes": (16, 32, 64), "points": 40_000, "steps": 8000, "tests": 4096},
    }  # fmt: skip
    least: ClassVar[dict[str, float]] = {"field": 0}

    sizes: tuple[int, ...] = (16, 32)
    """Sides L of the Ising lattices."""
    temperatures: tuple[float, ...] = (2.0, TC)
    """T of the configurations that it is tested on."""
    field: int = 32
    """Sites of the φ⁴ ring; 0: none."""
    points: int = 20_000
    """Temperatures, spread over the prior; one configuration of a chain of its own at each."""
    low: float = 1.5
    """Lower end of the prior of T."""
    high: float = 3.3
    """Upper end of the prior of T."""
    steps: int = 4000
    """Steps of training, at most."""
    tests: int = 2048
    """Configurations at each temperature that is tested."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Each case: pairs, posterior, tests at T = 2 and T_c, or at λ = 1."""
        cases: dict[str, tuple[AbstractCouplingCase, dict[str, float]]] = {}
        for L in self.sizes:
            tested = {f"T_{T:.4g}": T for T in self.temperatures}
            cases[f"square_{L}"] = (IsingTemperature(L, self.low, self.high), tested)
        if self.field:
            cases[f"ring_{self.field}"] = (FieldCoupling(self.field, 0.3, 3.0), {"coupling_1": COUPLING})
        result = Result(self.name, settings=asdict(self), figures=["thermometer"])
        columns: dict[str, Any] = {}
        for k, (label, (case, tested)) in enumerate(cases.items()):
            report = telling(progress, label.replace("_", " "))
            folder = checkpoint and checkpoint / label
            keys = jax.random.split(jax.random.fold_in(key, k), 3)
            near = np.concatenate([self.around(case, one) for one in tested.values()])
            seen, exact_seen = case.draw(keys[0], near, self.tests, report)
            pairs = self.pairs(keys[1], case, seen[-2, 0], report, folder)
            found = self.trained(keys[2], case, pairs, report, folder)
            held = [*labelled([exact_seen], "tests"), pairs.exact, *found.checks]
            result.checks += labelled(held, label, estimates=False)
            for (name, one), x in zip(tested.items(), np.split(seen, len(tested)), strict=True):
                at = self.tested(case, one, f"{label}_{name}", found, x)
                result.estimates |= at.estimates
                result.checks += at.checks
                about = {"parameter": case.parameter, "truth": one}
                kept = {"mean": at.mean, "exact": at.exact, "width": at.width}
                columns |= {f"{what}_{label}_{name}": ("test", a, about) for what, a in kept.items()}
        result.arrays = xr.Dataset(columns)
        return result

    def around(self, case: AbstractCouplingCase, theta: float) -> np.ndarray:
        """Half a Fisher width below θ, θ, and as much above."""
        return theta + STEP * case.information(theta) ** -0.5 * np.array([-1.0, 0.0, 1.0])

    def pairs(
        self, key: Any, case: AbstractCouplingCase, seen: np.ndarray, progress: ProgressCallable, folder: Path | None
    ) -> ThermometerPairs:
        """One θ in each of equal parts of the prior, so that they are spread as it is, and a configuration each."""
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
        theta = case.low + (case.high - case.low) * (np.arange(self.points) + rng.random(self.points)) / self.points
        x, exact = case.draw(key, theta, 1, progress, folder and folder / "pairs")
        return ThermometerPairs(theta, x[:, 0], seen, exact)

    def trained(
        self, key: Any, case: AbstractCouplingCase, pairs: ThermometerPairs, progress: ProgressCallable,
        checkpoint: Path | None,
    ) -> Result:  # fmt: skip
        """The posterior of one new configuration, by pairs that each have a θ of their own."""
        prior = {case.parameter: dist.Uniform(case.low, case.high)}
        return infer(key, Simulations(pairs.theta[:, None], pairs.x, (case.parameter,)), prior=prior,
                     observation=pairs.seen, steps=self.steps, batch=256, width=32, bins=6,
                     learning_rate=3e-3, halvings=0, progress=progress,
                     checkpoint=checkpoint and checkpoint / "posterior")  # fmt: skip

    def tested(
        self, case: AbstractCouplingCase, theta: float, label: str, found: Result, x: np.ndarray
    ) -> ThermometerTest:
        """Widths of posteriors of new configurations at θ by those of exact ones; the information in their means."""
        information = case.information(theta)
        bound = information**-0.5
        flat = x.reshape(-1, x.shape[-1])
        mean, width, exact_mean, exact_width = (
            np.reshape(a, x.shape[:2]) for a in (*moments(found.models["posterior"], case, flat), *case.posterior(flat))
        )
        told = {f"fisher_bound/{label}": Estimate(bound), f"width/{label}": mean_of(width[1]),
                f"width_by_exact/{label}": mean_of(width[1] / exact_width[1]),
                f"width_by_bound/{label}": mean_of(width[1] / bound),
                f"exact_width_by_bound/{label}": mean_of(exact_width[1] / bound)}  # fmt: skip
        kept = {"posterior mean": mean, "exact posterior mean": exact_mean, "sufficient statistic": x[..., 0],
                "other summary": x[..., 1]}  # fmt: skip
        for name, s in kept.items():
            kept_in = information_kept(s[0], s[1], s[2], STEP * bound, information)
            told[f"information/{label}_{name.replace(' ', '_')}"] = kept_in
        name, mine = f"information/{label}_by_exact", f"information/{label}_posterior_mean"
        told[name] = ratio = by_exact(mean, exact_mean)
        off = float(np.sqrt(np.mean(((mean[1] - exact_mean[1]) / exact_width[1]) ** 2)))
        held = [
            width_kept(told[f"width_by_exact/{label}"], f"width_by_exact/{label}", f"posterior width, {label}"),
            no_more_than_all(told[mine], mine, f"the posterior mean, {label}", bias=BIAS),
            Check.at_least(f"information in the posterior mean by that in the exact one, {label}", ratio.value, 0.9,
                           tolerance=4 * (ratio.error or 0.0), error=ratio.error, of=name),
            Check.at_most(f"rms of posterior mean - exact one, by its width, {label}", off, 0.25),
        ]  # fmt: skip
        return ThermometerTest(told, held, mean[1], exact_mean[1], width[1] / exact_width[1])


def by_exact(mean: np.ndarray, exact: np.ndarray) -> Estimate:
    """Information in one summary [3, n] by that in another, of the same configurations; error by leaving out blocks."""
    of = lambda s: information_kept(s[0], s[1], s[2], 1.0, 1.0).value  # noqa: E731
    without = lambda s, k: np.delete(s, slice(k, None, BLOCKS), axis=1)  # noqa: E731
    parts = np.array([of(without(mean, k)) / of(without(exact, k)) for k in range(BLOCKS)])
    return Estimate(of(mean) / of(exact), float(((BLOCKS - 1) * np.mean((parts - parts.mean()) ** 2)) ** 0.5))


def moments(model: Any, case: AbstractCouplingCase, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of q(θ given x) of each row, by the trapezoidal rule."""
    grid = jnp.linspace(case.low, case.high, GRID)[1:-1]

    def one(model, row):
        log_p = jax.vmap(lambda theta: model.given(row).log_prob(theta[None]))(grid)
        p = jax.nn.softmax(log_p)
        mean = p @ grid
        return mean, jnp.sqrt(p @ (grid - mean) ** 2)

    rows, back = np.unique(x, axis=0, return_inverse=True)
    each = eqx.filter_jit(lambda model, rows: jax.lax.map(lambda row: one(model, row), rows, batch_size=64))
    mean, width = each(model, jnp.asarray(rows))
    return np.asarray(mean)[back.reshape(-1)], np.asarray(width)[back.reshape(-1)]


def mean_of(values: np.ndarray) -> Estimate:
    """Mean over independent configurations, with its standard error."""
    return Estimate(float(values.mean()), float(values.std(ddof=1) / len(values) ** 0.5))
