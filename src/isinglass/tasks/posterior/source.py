# SPDX-License-Identifier: Apache-2.0
"""Pairs of parameters and data, by a simulator or given, and data simulated at a posterior: for every way to one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from isinglass import checks, data, systems
from isinglass.errors import InputError
from isinglass.inference import posterior
from isinglass.result import Check, Estimate
from isinglass.run.progress import ProgressCallable
from isinglass.tasks.posterior.evidence import like_observed
from isinglass.tasks.posterior.given_prior import prior_of
from isinglass.tasks.task import FUNCTION

if TYPE_CHECKING:
    from isinglass.inference.posterior.simulations import Simulations
    from isinglass.systems.simulator.prior import Prior

__all__ = ["SIMULATORS", "PairSource", "ReplicatedData", "checked_observation", "data_arrays", "lost_pairs"]

SIMULATORS = (
    FUNCTION, "isinglass.systems.simulator.simulator:AbstractSimulator",
    "isinglass.inference.posterior.simulations:Simulations",
    "isinglass.systems.simulator.python_simulator:PythonSimulator",
    "isinglass.systems.simulator.program_simulator:ProgramSimulator",
)  # fmt: skip
PRIOR_DRAWS = 20_000
KEPT = 500  # data simulated from the posterior, in the arrays
NO_PRIOR = "no prior was given: it is the law of the simulated parameters, and knows no bounds"
NO_SIMULATOR = "pairs without their simulator: whether the posterior predicts data like the observation is not checked"
NO_SEED = "the program is told no {seed}: its noise is its own, and another run has other simulations"


class ReplicatedData(NamedTuple):
    """Data simulated at samples of a posterior, and what they tell of it."""

    x: np.ndarray | None
    estimates: dict[str, Estimate]
    checks: list[Check]
    notes: list[str]


@dataclass(frozen=True)
class PairSource:
    """A simulator with its prior, or pairs that were simulated, for one observation."""

    problem: Any
    prior: Any  # as it was given
    observation: Any
    simulations: int  # in all rounds together
    rounds: int = 1
    store: Any = None
    executor: Any = None
    time_limit: float | None = None
    rows: bool = False  # rows of x may be absent: it is a set

    @property
    def simulate(self) -> Any:
        """The function of JAX, or what Python runs."""
        return getattr(self.problem, "simulate", self.problem)

    def farming(self, checkpoint: Path | None, number: int = 1) -> "posterior.Farming":
        """Where a round is simulated, and kept."""
        store = self.store
        if store is None and checkpoint is not None and posterior.is_external(self.simulate):
            store = checkpoint / "simulations"
        if store is not None and number > 1:
            store = Path(store).with_name(f"{Path(store).name}_round_{number}")
        accept = lambda shape: checked_observation(self.observation, shape, rows=self.rows)  # noqa: E731
        return posterior.Farming(self.executor, self.time_limit, store, accept)

    def simulated(
        self, key: Any, checkpoint: Path | None, progress: ProgressCallable, n: int | None = None
    ) -> "tuple[Simulations, Prior, int, list[str]]":
        """n pairs, by default those of one round; the prior, how many pairs were lost, and notes."""
        if isinstance(self.problem, posterior.Simulations):
            pairs, lost = posterior.finite_pairs(self.problem, rows=self.rows)
            if self.prior is not None:
                prior = checked_range(systems.simulator.make_prior(in_order(self.prior, self.problem.names)), pairs)
                return replace(pairs, names=prior.names), prior, lost, posterior.lost_notes(pairs)
            prior = systems.simulator.prior.unbounded(pairs.names, pairs.theta)
            return pairs, prior, lost, [NO_PRIOR, *posterior.lost_notes(pairs)]
        prior = prior_of(self.prior, self.problem)
        made = posterior.run_simulations(key, self.simulate, prior, n or self.simulations // self.rounds, progress,
                                         self.farming(checkpoint))  # fmt: skip
        pairs, lost = posterior.finite_pairs(made, rows=self.rows)
        notes = [] if getattr(self.problem, "seeded", True) else [NO_SEED]
        if pairs.imported:
            checked_range(prior, pairs)
        return pairs, prior, lost, notes + posterior.lost_notes(pairs)

    def of_table(self, key: Any, pairs: "Simulations", prior: "Prior") -> list[Check]:
        """Whether parameters that were simulated elsewhere are draws of the prior that was given."""
        import jax

        given = isinstance(self.problem, posterior.Simulations)
        if (given and self.prior is None) or not (given or pairs.imported):
            return []
        theta = np.asarray(jax.jit(jax.vmap(prior.sample))(jax.random.split(key, PRIOR_DRAWS)))
        own = pairs.every_theta if given else pairs.theta[: pairs.imported]
        return [checks.posterior.drawn_from_prior(own, theta, prior.names)]

    def predicted(
        self, key: Any, prior: "Prior", observed: np.ndarray, theta: np.ndarray, units: Any, progress: ProgressCallable
    ) -> ReplicatedData:
        """Data simulated at samples θ of the posterior, and whether the observation is like them, in their units."""
        if isinstance(self.problem, posterior.Simulations):
            return ReplicatedData(None, {}, [], [NO_SIMULATOR])
        if not np.isfinite(theta).all(axis=1).any():
            return ReplicatedData(None, {}, [], ["no sample of the posterior is finite: none was simulated at"])
        progress(0, 1, "simulating at the posterior")
        farming = self.farming(None)
        try:
            x, asked = posterior.replications(key, self.simulate, theta, prior.names, self.simulations, farming,
                                              progress)  # fmt: skip
        except InputError as error:
            law = f"simulations work at samples of the posterior: {error}"
            return ReplicatedData(None, {}, [Check(law, 0.0, 1.0, 0.0, "unknown", relation=">=")], [])
        x = x.reshape(len(x), *observed.shape)
        lost = asked - int(np.isfinite(x.reshape(len(x), -1)).all(axis=1).sum())
        notes = [f"{lost} of {asked} simulations at samples of the posterior do not work"] if lost else []
        return ReplicatedData(x[:KEPT], *like_observed(units, observed, x), notes)


def data_arrays(observed: np.ndarray, replicated: np.ndarray | None) -> dict[str, Any]:
    """The observation, and data that were simulated from the posterior."""
    axes = tuple(f"axis_{i}" for i in range(observed.ndim))
    kept: dict[str, Any] = {"observation": (axes, observed)}
    return kept if replicated is None else kept | {"replicated": (("replication", *axes), replicated)}


def checked_observation(given: Any, shape: tuple[int, ...], *, rows: bool = False) -> np.ndarray:
    """The observation as an array of the simulator's shape; with `rows` of a set, filled up with NaN.

    Errors: InputError for another shape, or NaN.
    """
    if given is None:
        raise InputError("an observation", "none", "give observation=x, of the shape that the simulator returns")
    x = np.asarray(data.as_array(given, "observation"), float)
    if x.size == int(np.prod(shape)) and (x.ndim == 0 or x.shape[0] == 1):
        x = x.reshape(shape)  # a number, or a table of one row
    if rows and x.ndim == len(shape) and len(x) < shape[0] and x.shape[1:] == shape[1:]:
        x = np.concatenate([x, np.full((shape[0] - len(x), *shape[1:]), np.nan)])
    if x.shape != shape:
        raise InputError(f"an observation of shape {list(shape)}, as simulated", f"{list(x.shape)}", "reshape it")
    there = np.isfinite(x.reshape(len(x), -1)).all(axis=1) if rows else np.isfinite(x)
    if not (there.any() if rows else there.all()):
        raise InputError("an observation of finite numbers", "NaN or infinity", "leave out what was not observed")
    return x


def in_order(prior: Any, names: tuple[str, ...]) -> Any:
    """A prior by name in the order of the parameters, where these have names.  Errors: InputError for other names."""
    if not names or not isinstance(prior, Mapping):
        return prior
    if set(prior) != set(names):
        raise InputError(f"a prior of {', '.join(names)}", ", ".join(map(str, prior)), "name each parameter once")
    return {name: prior[name] for name in names}


def checked_range(prior: "Prior", pairs: "Simulations") -> "Prior":
    """Errors: InputError for simulations of parameters that the prior excludes."""
    import jax

    if len(prior.names) != pairs.theta.shape[1]:
        found = f"{pairs.theta.shape[1]} in the simulations"
        raise InputError(f"{len(prior.names)} parameters, as in the prior", found, "give a prior for each parameter")
    outside = int((~np.asarray(jax.vmap(prior.inside)(jax.numpy.asarray(pairs.theta)))).sum())
    if outside:
        found = f"{outside} of {len(pairs.theta)} outside of it"
        raise InputError("simulations within the range of the prior", found, "widen the prior, or leave these out")
    return prior


def lost_pairs(lost: int, kept: int) -> list[Check]:
    """Simulations that failed or are not finite: the posterior is that of those that work."""
    if not lost:
        return []
    law = f"all simulations work, fraction ({lost} of {lost + kept} are left out: the posterior is conditioned on"
    law += " a simulation that works)"
    return [Check(law, kept / (lost + kept), 1.0, 0.0, "unknown", relation=">=")]
