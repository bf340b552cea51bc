# SPDX-License-Identifier: Apache-2.0
"""Infer the parameters of a simulator from an observation, and show on simulations that the posterior is calibrated."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from isinglass import checks, data, systems, training
from isinglass.errors import InputError
from isinglass.inference import posterior
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.own.density_rows import split_rows
from isinglass.tasks.posterior.budget_curve import budget_curve
from isinglass.tasks.posterior.estimator import ESTIMATORS, AbstractEstimator
from isinglass.tasks.posterior.evidence import PairSides, PosteriorEvidence
from isinglass.tasks.posterior.given_prior import called_with, prior_of
from isinglass.tasks.posterior.importance_correction import corrected
from isinglass.tasks.posterior.posterior_file import PosteriorFile
from isinglass.tasks.posterior.rounds import FittedPosterior, Rounds
from isinglass.tasks.sample_by_model import rows_of
from isinglass.tasks.task import FUNCTION, AbstractTask, Verb, setting

if TYPE_CHECKING:
    from isinglass.inference.posterior.simulations import Simulations
    from isinglass.systems.simulator.prior import Prior
    from isinglass.training.fit import Trained

__all__ = ["InferPosterior"]

PAIRS = 1000  # held-out pairs at most
TESTED = 100  # of them, where each needs Monte Carlo
PRIOR_DRAWS = 20_000
KEPT = 500  # data simulated from the posterior, in the arrays
NO_PRIOR = "no prior was given: it is the law of the simulated parameters, and knows no bounds"
NO_SIMULATOR = "pairs without their simulator: whether the posterior predicts data like the observation is not checked"
NOT_LOCAL = "calibration near the observation is not checked: {} held-out pairs, 300 have a fifth that is near"
RESOLUTION = "ranks of {} held-out pairs: a width that is off by a factor of {:.2f} is seen in half of all tries"
NO_SEED = "the program is told no {seed}: its noise is its own, and another run has other simulations"
BLOCK = 100
PATIENCE = 10  # blocks without a better validation


@dataclass(frozen=True)
class InferPosterior(AbstractTask):
    """The posterior p(θ given x) of a simulator, by a spline flow trained on pairs of parameters and data.

        infer(0, simulate, prior={"m": dist.Uniform(0, 1)}, observation=x)    x = simulate(key, theta), of JAX
        infer(0, PythonSimulator(simulate), ...)                              x = simulate(rng, theta), of NumPy
        infer(0, ProgramSimulator(["./sim", "{theta}", "{seed}"]), ...)       x: the numbers that it prints

    Law: for pairs that were not trained on, the true parameters have uniform ranks among posterior samples, and regions
    of the posterior cover them as often as they claim; the observation is within the range of the simulations.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = (
        FUNCTION, "isinglass.systems.simulator.simulator:AbstractSimulator",
        "isinglass.inference.posterior.simulations:Simulations",
        "isinglass.systems.simulator.python_simulator:PythonSimulator",
        "isinglass.systems.simulator.program_simulator:ProgramSimulator",
    )  # fmt: skip
    what: ClassVar[str] = "a simulator with prior and observation"
    command: ClassVar[str] = "posterior"
    source: ClassVar[type] = PosteriorFile
    least: ClassVar[dict[str, float]] = {"weight_decay": 0.0, "halvings": 0}

    observation: Any = setting(None)
    """x, of the shape that the simulator returns."""
    prior: Any = setting(None)
    """Name -> distribution of NumPyro; or one distribution; or an object with sample(key) and log_prob(theta)."""
    method: str = setting("npe", choices=lambda: list(ESTIMATORS))
    """npe: q(theta given x) itself; nle: q(x given theta), nre: p(x given theta)/p(x), with Monte Carlo on top."""
    sampler: Literal["smc", "hmc", "nuts"] = "smc"
    """Monte Carlo of nle and nre: populations; or chains that begin there."""
    simulations: int = setting(10_000)
    """Pairs to simulate, in all rounds together."""
    rounds: int = 1
    """Rounds for this one observation: each simulates where the posterior of the round before lies."""
    store: Any = setting(None, identity=False)
    """A folder that keeps the simulations: a stopped run goes on from it, a larger one adds to it."""
    executor: Any = setting(None, identity=False)
    """Where Python functions and programs run: an Executor, or a number of processes; by default one on each core."""
    time_limit: float | None = setting(None)
    """Seconds for one simulation of theirs; what takes longer is ended and counted.  By default there is no limit."""
    steps: int = 4000
    """Steps of training, at most."""
    learning_rate: float = 1e-2
    """Initial learning rate; it falls to zero as a cosine."""
    weight_decay: float = 1e-3
    """Ridge penalty λ of λ/2 |W|²: against a posterior that is too narrow where simulations are few.  Not of densities
    by flow_matching and diffusion, whose losses are noisy enough."""
    batch: int = 128
    """Pairs per step."""
    layers: int = 2
    """Hidden layers of the network."""
    width: int = 128
    """Units of a hidden layer."""
    bins: int = 16
    """Bins of each spline."""
    samples: int = 10_000
    """Posterior samples to keep."""
    density: str = setting("autoregressive", choices=lambda: list(posterior.DENSITIES))
    """Of npe: splines, one variable after the other, or coupled halves; a mixture of normal laws; flows by matching a
    velocity, or by denoising."""
    embedding: Any = setting("none", choices=lambda: list(posterior.EMBEDDINGS), also=None)
    """A network that says x in few numbers, trained with the flow: series, image, lattice (a torus), set (rows in any
    order, those with NaN left out); in Python also a module of one x of your own."""
    corrected: bool = False
    """Weigh the samples of npe by the simulator's own log_likelihood, and draw from them by their weights."""
    halvings: int = setting(2)
    """Trainings with a half, a quarter ... of the simulations, which tell what more of them would bring; 0: none."""
    any_number: bool = False
    """Of a set: train with any number of rows up to that of the simulations, so that fewer may be observed."""

    def run(
        self, key: Any, problem: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """Simulate, train, sample, and test on pairs that were held out."""
        import jax

        begun = time.perf_counter()
        key_pairs, key_split, key_net, key_fit, key_draw, key_test, key_prior = jax.random.split(key, 7)
        self.check_settings(problem)
        pairs, prior, lost, notes = self.simulated(key_pairs, problem, checkpoint, progress)
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key_split)))
        rows = self.embedding == "set"
        pairs = posterior.fewer_rows(rng, pairs) if rows and self.any_number else pairs
        observed = checked_observation(self.observation, pairs.x.shape[1:], rows=rows)
        if rows and np.isnan(observed).any() and not np.isnan(pairs.x).any():
            found = f"{int(np.isfinite(observed).all(axis=-1).sum())} of {len(observed)}"
            raise InputError("as many rows as were simulated", found, "set any_number to train for fewer")
        table = self.of_table(key_prior, problem, pairs, prior)
        fit = self.fitted((key_net, key_fit), rng, pairs, prior, checkpoint, progress)
        rounds, first = Rounds(self, problem, prior, observed, rng), pairs.theta
        for number in range(2, self.rounds + 1):
            fit = rounds.another(jax.random.fold_in(key, number), number, fit, checkpoint, progress)
        progress(0, 1, "sampling, and testing the calibration")
        of, model, pairs, status = self.estimator, fit.model, fit.pairs, str(fit.trained.status)
        at = of.at(key_draw, self, model, prior, observed, progress)
        if self.corrected:
            likelihood = called_with(prior, problem, observed)
            at = corrected(jax.random.fold_in(key_draw, 1), model, prior, likelihood, observed, at)
        theta, more, of_chains = at
        sides = fit.sides if self.method == "npe" else fit.sides._replace(held=fit.sides.held[:TESTED])
        tested = of.each(key_test, model, prior, pairs.x[sides.held])
        z = posterior.standardized_data(model.data, pairs.x)
        found = PosteriorEvidence(
            rng, model, pairs, sides, tested, z, of.fit(model, pairs, fit.sides, fit.rows), of.gain
        )
        near, rows_near = found.near(theta)
        curve = budget_curve(self, (key_net, key_fit), fit, prior, checkpoint, progress)
        key_data = jax.random.fold_in(key, 0)
        replicated, of_data, typical, said = self.predicted(key_data, problem, prior, observed, theta, found, progress)
        n = len(sides.held)
        notes += [*said, RESOLUTION.format(n, checks.posterior.width_resolution(n, theta.shape[1]))]
        notes += [] if found.told_locally else [NOT_LOCAL.format(n)]
        return Result(
            "posterior",
            estimates=found.estimates(theta, first) | of_data | more | curve.estimates() | rounds.estimates(theta),
            checks=[
                *found.checks(observed, theta),
                *near,
                *typical,
                *of_chains,
                *table,
                *lost_pairs(lost + rounds.lost, len(pairs.x)),
                *diverged(status),
                *curve.checks(),
                *rounds.checks(theta),
            ],
            arrays=found.arrays(theta).assign(
                near=("near_pair", rows_near), **curve.arrays(), **data_arrays(observed, replicated)
            ),
            models={of.name: model},
            settings=self.described() | {"pairs": len(pairs.x), "parameters": list(prior.names)},
            seconds=time.perf_counter() - begun,
            status=status if status.startswith("diverged") else "done",
            figures=["corner", "calibration", "training_history", *curve.figures()],
            metrics=rows_of(fit.trained.history),
            notes=notes + rounds.notes,
        )

    def fitted(
        self, keys: tuple[Any, Any], rng: np.random.Generator, pairs: "Simulations", prior: "Prior",
        checkpoint: Path | None, progress: ProgressCallable,
    ) -> FittedPosterior:  # fmt: skip
        """A flow of these pairs, trained on one side of them, and calibrated on another."""
        checked_embedding(self.embedding, pairs.x.shape[1:])
        return self.fitted_on(keys, split(rng, pairs.theta), pairs, prior, checkpoint, progress)

    def fitted_on(
        self, keys: tuple[Any, Any], sides: PairSides, pairs: "Simulations", prior: "Prior", checkpoint: Path | None,
        progress: ProgressCallable,
    ) -> FittedPosterior:  # fmt: skip
        """The same for given sides."""
        of = self.estimator
        model, rows = of.begun(keys[0], self, pairs, prior, sides.trained)
        trained = self.trained(keys[1], of.network(model), rows, sides, checkpoint, progress)
        model = of.finished(model, trained.model, tuple(a[sides.validated] for a in rows))
        return FittedPosterior(model, pairs, sides, (np.asarray(rows[0]), np.asarray(rows[1])), trained)

    def predicted(
        self, key: Any, problem: Any, prior: "Prior", observed: np.ndarray, theta: np.ndarray,
        found: PosteriorEvidence, progress: ProgressCallable,
    ) -> tuple[np.ndarray | None, dict[str, Estimate], list[Check], list[str]]:  # fmt: skip
        """Data simulated at samples θ of the posterior; estimates, checks and notes of them."""
        if isinstance(problem, posterior.Simulations):
            return None, {}, [], [NO_SIMULATOR]
        if not np.isfinite(theta).all(axis=1).any():
            return None, {}, [], ["no sample of the posterior is finite: none was simulated at"]
        progress(0, 1, "simulating at the posterior")
        simulate, farming = getattr(problem, "simulate", problem), self.farming(problem, None)
        try:
            x, asked = posterior.replications(key, simulate, theta, prior.names, self.simulations, farming, progress)
        except InputError as error:
            law = f"simulations work at samples of the posterior: {error}"
            return None, {}, [Check(law, 0.0, 1.0, 0.0, "unknown", relation=">=")], []
        x = x.reshape(len(x), *observed.shape)
        lost = asked - int(np.isfinite(x.reshape(len(x), -1)).all(axis=1).sum())
        notes = [f"{lost} of {asked} simulations at samples of the posterior do not work"] if lost else []
        return x[:KEPT], *found.like_observed(observed, x), notes

    @property
    def estimator(self) -> AbstractEstimator:
        """How the posterior is learned."""
        return ESTIMATORS[self.method]

    def described(self) -> dict[str, Any]:
        """The settings as plain numbers and words."""
        left_out = ("observation", "prior", "executor", "store", *(("time_limit",) if self.time_limit is None else ()))
        return {name: value for name, value in vars(self).items() if name not in left_out}

    def check_settings(self, problem: Any) -> None:
        """Errors: InputError for settings that do not go together, or with this problem."""
        if self.rounds > 1 and isinstance(problem, posterior.Simulations):
            raise InputError("a simulator, for several rounds", "simulated pairs", "leave rounds out")
        if self.density != "autoregressive" and self.method != "npe":
            raise InputError(f"no density for {self.method}", self.density, "leave it out, or use npe")
        if self.rounds > 1 and self.method != "npe":
            raise InputError(f"one round for {self.method}", f"{self.rounds}", "use npe, or simulate more")
        if self.corrected and self.method != "npe":
            raise InputError("npe, to be corrected", self.method, "leave corrected out")
        if self.corrected and not isinstance(problem, systems.simulator.AbstractSimulator):
            raise InputError("a simulator with log_likelihood(theta, x), to be corrected", type(problem).__name__,
                             "leave corrected out")  # fmt: skip
        if self.rounds > 1 and self.any_number:
            raise InputError("one round for any number of rows", f"{self.rounds} rounds, for one observation",
                             "leave rounds or any_number out")  # fmt: skip

    def farming(self, problem: Any, checkpoint: Path | None, number: int = 1) -> "posterior.Farming":
        """Where a round is simulated, and kept."""
        store, rows = self.store, self.embedding == "set"
        if store is None and checkpoint is not None and posterior.is_external(getattr(problem, "simulate", problem)):
            store = checkpoint / "simulations"
        if store is not None and number > 1:
            store = Path(store).with_name(f"{Path(store).name}_round_{number}")
        accept = lambda shape: checked_observation(self.observation, shape, rows=rows)  # noqa: E731
        return posterior.Farming(self.executor, self.time_limit, store, accept)

    def simulated(
        self, key: Any, problem: Any, checkpoint: Path | None, progress: ProgressCallable
    ) -> "tuple[Simulations, Prior, int, list[str]]":
        """The pairs, the prior, how many pairs were lost, and notes."""
        rows = self.embedding == "set"
        if isinstance(problem, posterior.Simulations):
            pairs, lost = posterior.finite_pairs(problem, rows=rows)
            if self.prior is not None:
                prior = checked_range(systems.simulator.make_prior(in_order(self.prior, problem.names)), pairs)
                return replace(pairs, names=prior.names), prior, lost, posterior.lost_notes(pairs)
            prior = systems.simulator.prior.unbounded(pairs.names, pairs.theta)
            return pairs, prior, lost, [NO_PRIOR, *posterior.lost_notes(pairs)]
        prior = prior_of(self.prior, problem)
        simulate: Any = getattr(problem, "simulate", problem)
        made = posterior.run_simulations(key, simulate, prior, self.simulations // self.rounds, progress,
                                         self.farming(problem, checkpoint))  # fmt: skip
        pairs, lost = posterior.finite_pairs(made, rows=rows)
        notes = [] if getattr(problem, "seeded", True) else [NO_SEED]
        if pairs.imported:
            checked_range(prior, pairs)
        return pairs, prior, lost, notes + posterior.lost_notes(pairs)

    def of_table(self, key: Any, problem: Any, pairs: "Simulations", prior: "Prior") -> list[Check]:
        """Whether parameters that were simulated elsewhere are draws of the prior that was given."""
        import jax

        given = isinstance(problem, posterior.Simulations)
        if (given and self.prior is None) or not (given or pairs.imported):
            return []
        theta = np.asarray(jax.jit(jax.vmap(prior.sample))(jax.random.split(key, PRIOR_DRAWS)))
        own = pairs.every_theta if given else pairs.theta[: pairs.imported]
        return [checks.posterior.drawn_from_prior(own, theta, prior.names)]

    def trained(
        self, key: Any, network: Any, rows: tuple[Any, Any], sides: PairSides, checkpoint: Path | None,
        progress: ProgressCallable,
    ) -> "Trained":  # fmt: skip
        """The flow, trained on one side; the best of the blocks by the validation side."""
        decay = 0.0 if self.density in ("flow_matching", "diffusion") else self.weight_decay
        optimizer = training.Optimizer("adam", self.learning_rate, "cosine", clip=5.0, weight_decay=decay)
        settings = training.Training(optimizer, steps=self.steps, batch_size=min(self.batch, len(sides.trained)),
                                     block=min(BLOCK, self.steps), ema=0.99, patience=PATIENCE)  # fmt: skip
        if checkpoint is not None:
            checkpoint.mkdir(parents=True, exist_ok=True)
        tell = lambda r: progress(r.step, self.steps, f"training the posterior: loss {float(np.mean(r.loss)):.5g}")  # noqa: E731
        of = lambda side: tuple(a[side] for a in rows)  # noqa: E731
        return training.fit.fit(key, network, self.estimator.loss(self), of(sides.trained), settings=settings,
                                validation=of(sides.validated), progress=tell,
                                checkpoint=checkpoint and checkpoint / "posterior.safetensors")  # fmt: skip


def split(rng: np.random.Generator, theta: np.ndarray) -> PairSides:
    """A tenth, at most 1000 pairs, held out; a tenth of the rest for validation.  No θ is on two sides."""
    n = len(theta)
    share = min(max(0.1, 100 / n), 1 / 3, PAIRS / n)
    same = np.unique(theta, axis=0, return_inverse=True)[1].reshape(-1)
    return PairSides(*split_rows(rng, theta, same, share)[0])


def data_arrays(observed: np.ndarray, replicated: np.ndarray | None) -> dict[str, Any]:
    """The observation, and data that were simulated from the posterior."""
    axes = tuple(f"axis_{i}" for i in range(observed.ndim))
    kept: dict[str, Any] = {"observation": (axes, observed)}
    return kept if replicated is None else kept | {"replicated": (("replication", *axes), replicated)}


AXES = {"series": (1, 2), "image": (2, 3), "lattice": (1, 2, 3), "set": (1, 2)}


def checked_embedding(given: Any, shape: tuple[int, ...]) -> None:
    """Errors: InputError for data of a shape that the network does not take."""
    axes = AXES.get(given, ()) if isinstance(given, str) else ()
    if axes and len(shape) not in axes:
        expected = f"data of {' or '.join(map(str, axes))} axes for the embedding {given}"
        raise InputError(expected, f"shape {list(shape)}", "choose another")


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


def diverged(status: str) -> list[Check]:
    """Training that was stopped by a number that is not finite."""
    if not status.startswith("diverged"):
        return []
    return [Check(f"training stays finite: it {status}; lower the rate", None, None, None, "fail")]
