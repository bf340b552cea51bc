# SPDX-License-Identifier: Apache-2.0
"""Infer the parameters of a simulator from an observation, and show on simulations that the posterior is calibrated."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from isinglass import systems, training
from isinglass.errors import InputError
from isinglass.inference import posterior
from isinglass.result import Check, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.posterior.budget_curve import budget_curve
from isinglass.tasks.posterior.estimator import ESTIMATORS, AbstractEstimator, AtObservation, methods
from isinglass.tasks.posterior.evidence import PairSides, PosteriorEvidence, split
from isinglass.tasks.posterior.given_prior import called_with
from isinglass.tasks.posterior.importance_correction import corrected
from isinglass.tasks.posterior.posterior_file import PosteriorFile
from isinglass.tasks.posterior.rounds import FittedPosterior, Rounds
from isinglass.tasks.posterior.source import SIMULATORS, PairSource, checked_observation, data_arrays, lost_pairs
from isinglass.tasks.sample_by_model import rows_of
from isinglass.tasks.task import AbstractTask, Verb, setting

if TYPE_CHECKING:
    from isinglass.inference.posterior.simulations import Simulations
    from isinglass.systems.simulator.prior import Prior
    from isinglass.training.fit import Trained

__all__ = ["InferPosterior"]

TESTED = 100  # of them, where each needs Monte Carlo
BLOCK = 100
TOLD = 10_000  # trained pairs, of which a width is known to 1 %
CLOSED = "linear regression with normal residuals: no network was trained"
PATIENCE = 8  # blocks without a better validation, while training gets better


@dataclass(frozen=True)
class InferPosterior(AbstractTask):
    """The posterior p(θ given x) of a simulator, by a spline flow trained on pairs of parameters and data.

    Where nothing in the pairs speaks against linear regression with normal residuals, that is the posterior.

        infer(0, simulate, prior={"m": dist.Uniform(0, 1)}, observation=x)    x = simulate(key, theta), of JAX
        infer(0, PythonSimulator(simulate), ...)                              x = simulate(rng, theta), of NumPy
        infer(0, ProgramSimulator(["./sim", "{theta}", "{seed}"]), ...)       x: the numbers that it prints

    Law: for pairs that were not trained on, the true parameters have uniform ranks among posterior samples, and regions
    of the posterior cover them as often as they claim; the observation is within the range of the simulations.
    Ref: Papamakarios and Murray 2016, arXiv:1605.06376; Durkan et al. 2019, arXiv:1906.04032.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = SIMULATORS
    guide: ClassVar[str] = "docs/posteriors.md"
    what: ClassVar[str] = "a simulator with prior and observation"
    command: ClassVar[str] = "posterior"
    source: ClassVar[type] = PosteriorFile
    least: ClassVar[dict[str, float]] = {"weight_decay": 0.0, "halvings": 0}

    observation: Any = setting(None)
    """x, of the shape that the simulator returns."""
    prior: Any = setting(None)
    """Name -> distribution of NumPyro; or one distribution; or an object with sample(key) and log_prob(theta)."""
    method: str = setting("npe", choices=methods)
    """npe: q(theta given x) itself; nle: q(x given theta), nre: p(x given theta)/p(x), with Monte Carlo on top;
    rejection, smc_abc: without a network, and with settings of their own (--method rejection --help)."""
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
    steps: int = 6000
    """Steps of training, at most."""
    learning_rate: float = 1e-2
    """Initial learning rate; it falls to zero as a cosine."""
    weight_decay: float = 1e-4
    """Ridge penalty λ of d λ/2 |W|², for d variables of the density: against a posterior that is too narrow where
    simulations are few.  Not of densities by flow_matching and diffusion, whose losses are noisy enough."""
    batch: int = 128
    """Pairs per step."""
    layers: int = 2
    """Hidden layers of the network."""
    width: int = 128
    """Units of a hidden layer."""
    bins: int = 10
    """Bins of each spline."""
    samples: int = 10_000
    """Posterior samples to keep."""
    density: str = setting("auto", choices=lambda: ["auto", *posterior.DENSITIES])
    """Of npe: splines, one variable after the other, or coupled halves; a mixture of normal laws; flows by matching a
    velocity, or by denoising; linear regression with normal residuals, without a network.  auto: this last one where
    nothing in the pairs speaks against it, else the first."""
    embedding: Any = setting("none", choices=lambda: list(posterior.EMBEDDINGS), also=None)
    """A network that says x in few numbers, trained with the flow: series, image, lattice (a torus), set (rows in any
    order, those with NaN left out); in Python also a module of one x of your own."""
    members: int = 1
    """Networks of npe, trained one by one; the posterior is their mixture, and they have to agree."""
    corrected: bool = setting(default=False)
    """Weigh the samples of npe by the simulator's own log_likelihood, and draw from them by their weights."""
    halvings: int = 2
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
        source = self.pair_source(problem)
        pairs, prior, lost, notes = source.simulated(key_pairs, checkpoint, progress)
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key_split)))
        pairs = posterior.fewer_rows(rng, pairs) if self.embedding == "set" and self.any_number else pairs
        observed = self.observed(pairs)
        table = source.of_table(key_prior, pairs, prior)
        fit = self.fitted((key_net, key_fit), rng, pairs, prior, checkpoint, progress)
        rounds, first = Rounds(self, source, prior, observed, rng), pairs.theta
        for number in range(2, self.rounds + 1):
            fit = rounds.another(jax.random.fold_in(key, number), number, fit, checkpoint, progress)
        progress(0, 1, "sampling, and testing the calibration")
        of, model, pairs, status = self.estimator, fit.model, fit.pairs, str(fit.trained.status)
        theta, more, of_chains = self.sampled(key_draw, problem, model, prior, observed, progress)
        sides = fit.sides if self.method == "npe" else fit.sides._replace(held=fit.sides.held[:TESTED])
        tested = of.each(key_test, model, prior, pairs.x[sides.held])
        z = posterior.standardized_data(model.data, pairs.x)
        told = of.told(model, pairs, fit.sides, fit.rows)
        found = PosteriorEvidence(rng, model.data, pairs, sides, tested, z, of.fit(*told), of.gain)
        near, rows_near = found.near(theta)
        curve = budget_curve(self, (key_net, key_fit), fit, told[0], prior, checkpoint, progress)
        key_data = jax.random.fold_in(key, 0)
        replicated = source.predicted(key_data, prior, observed, theta, model.data, progress)
        kept = curve.arrays() | data_arrays(observed, replicated.x)
        more = replicated.estimates | more | curve.estimates() | rounds.estimates(theta)
        return Result(
            "posterior",
            estimates=found.estimates(theta, first) | more,
            checks=[
                *found.checks(observed, theta),
                *near,
                *replicated.checks,
                *of_chains,
                *of.doubts(pairs),
                *([] if of.trains(model) else of.untrained(fit)),
                *table,
                *lost_pairs(lost + rounds.lost, len(pairs.x)),
                *diverged(status),
                *curve.checks(),
                *rounds.checks(theta),
            ],
            arrays=found.arrays(theta).assign(near=("near_pair", rows_near), **kept),
            models={of.name: model},
            settings=self.described() | {"pairs": len(pairs.x), "parameters": list(prior.names)},
            seconds=time.perf_counter() - begun,
            status=status if status.startswith("diverged") else "done",
            figures=["corner", "calibration", *(["training_history"] if of.trains(model) else []), *curve.figures()],
            metrics=rows_of(fit.trained.history),
            notes=[*notes, *([] if of.trains(model) else [CLOSED]), *replicated.notes, *found.notes, *rounds.notes],
        )

    def observed(self, pairs: "Simulations") -> np.ndarray:
        """The observation.  Errors: InputError for another shape, or fewer rows than the network was made for."""
        rows = self.embedding == "set"
        x = checked_observation(self.observation, pairs.x.shape[1:], rows=rows)
        if rows and np.isnan(x).any() and not np.isnan(pairs.x).any():
            found = f"{int(np.isfinite(x).all(axis=-1).sum())} of {len(x)}"
            raise InputError("as many rows as were simulated", found, "set any_number to train for fewer")
        return x

    def sampled(
        self, key: Any, problem: Any, model: Any, prior: "Prior", x: np.ndarray, progress: ProgressCallable
    ) -> AtObservation:
        """Samples of the posterior of x, corrected by a known likelihood where that is asked for."""
        import jax

        at = self.estimator.at(key, self, model, prior, x, progress)
        if not self.corrected:
            return at
        return corrected(jax.random.fold_in(key, 1), model, prior, called_with(prior, problem, x), x, at)

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
        """The same for given sides; several of them, if so, are one."""
        import jax

        of, models, runs = self.estimator, [], []
        rows: Any = None
        for number in range(self.members):
            key_net, key_fit = keys if not number else (jax.random.fold_in(k, number) for k in keys)
            folder = checkpoint and checkpoint / f"member_{number}" if number else checkpoint
            model, rows = of.begun(key_net, self, pairs, prior, np.unique(sides.trained))
            rows = tuple(map(np.asarray, rows))
            if not of.trains(model):
                return FittedPosterior(model, pairs, sides, rows, training.fit.untrained(model.flow))
            runs.append(self.trained(key_fit, of.network(model), rows, sides, folder, progress))
            own, other = (tuple(a[side] for a in rows) for side in (sides.trained[:TOLD], sides.validated))
            models.append(of.finished(model, runs[-1].model, own, other))
        model = models[0] if len(models) == 1 else posterior.ensemble_of(models)
        worst = next((run for run in runs if str(run.status).startswith("diverged")), runs[0])
        return FittedPosterior(model, pairs, sides, rows, worst)

    def pair_source(self, problem: Any) -> PairSource:
        """Where the pairs come from."""
        rows = self.embedding == "set"
        return PairSource(problem, self.prior, self.observation, self.simulations, self.rounds, self.store,
                          self.executor, self.time_limit, rows)  # fmt: skip

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
        if self.density not in ("auto", "autoregressive") and self.method != "npe":
            raise InputError(f"no density for {self.method}", self.density, "leave it out, or use npe")
        if self.members > 1 and self.density == "normal":
            raise InputError("networks, to compare several", "density normal", "leave members out")
        if self.members > 1 and self.method != "npe":
            raise InputError(f"one network for {self.method}", f"{self.members} members", "use npe")
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

    def trained(
        self, key: Any, network: Any, rows: tuple[Any, Any], sides: PairSides, checkpoint: Path | None,
        progress: ProgressCallable,
    ) -> "Trained":  # fmt: skip
        """The flow, trained on one side; the best of the blocks by the validation side."""
        decay = 0.0 if self.density in ("flow_matching", "diffusion") else self.weight_decay * rows[0].shape[1]
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


AXES = {"series": (1, 2), "image": (2, 3), "lattice": (1, 2, 3), "set": (1, 2)}


def checked_embedding(given: Any, shape: tuple[int, ...]) -> None:
    """Errors: InputError for data of a shape that the network does not take."""
    axes = AXES.get(given, ()) if isinstance(given, str) else ()
    if axes and len(shape) not in axes:
        expected = f"data of {' or '.join(map(str, axes))} axes for the embedding {given}"
        raise InputError(expected, f"shape {list(shape)}", "choose another")


def diverged(status: str) -> list[Check]:
    """Training that was stopped by a number that is not finite."""
    if not status.startswith("diverged"):
        return []
    return [Check(f"training stays finite: it {status}; lower the rate", None, None, None, "fail")]
