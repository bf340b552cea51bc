# SPDX-License-Identifier: Apache-2.0
"""Infer the parameters of a simulator from an observation, and show on simulations that the posterior is calibrated."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import checks, data, systems, training
from isinglass.errors import InputError
from isinglass.inference import posterior
from isinglass.result import Check, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.own.density_rows import split_rows
from isinglass.tasks.posterior.evidence import PairSides, PosteriorEvidence
from isinglass.tasks.posterior.given_prior import prior_of
from isinglass.tasks.posterior.posterior_file import PosteriorFile
from isinglass.tasks.sample_by_model import rows_of
from isinglass.tasks.task import FUNCTION, AbstractTask, Verb, setting

if TYPE_CHECKING:
    from isinglass.inference.posterior.neural_posterior import NeuralPosterior
    from isinglass.inference.posterior.simulations import Simulations
    from isinglass.systems.simulator.prior import Prior
    from isinglass.training.fit import Trained

__all__ = ["InferPosterior"]

DRAWS = 100  # posterior samples of each held-out pair
PAIRS = 1000  # held-out pairs at most
PRIOR_DRAWS = 20_000
NO_PRIOR = "no prior was given: it is the law of the simulated parameters, and knows no bounds"
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
    least: ClassVar[dict[str, float]] = {"weight_decay": 0.0}

    observation: Any = setting(None)
    """x, of the shape that the simulator returns."""
    prior: Any = setting(None)
    """Name -> distribution of NumPyro; or one distribution; or an object with sample(key) and log_prob(theta)."""
    simulations: int = setting(10_000)
    """Pairs to simulate."""
    store: Any = setting(None, identity=False)
    """A folder that keeps the simulations: a stopped run goes on from it, a larger one adds to it."""
    executor: Any = setting(None, identity=False)
    """Where Python functions and programs run: an Executor, or a number of processes; by default one on each core."""
    time_limit: float | None = setting(None)
    """Seconds for one simulation of theirs; what takes longer is ended and counted.  By default there is no limit."""
    steps: int = 8000
    """Steps of training, at most."""
    learning_rate: float = 3e-3
    """Initial learning rate; it falls to zero as a cosine."""
    weight_decay: float = 1e-3
    """Ridge penalty λ of λ/2 |W|²: against a posterior that is too narrow where simulations are few."""
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
    embedding: Any = setting("none", choices=lambda: list(posterior.EMBEDDINGS), also=None)
    """A network that says x in few numbers, trained with the flow: series, image, lattice (a torus), set (rows in any
    order, those with NaN left out); in Python also a module of one x of your own."""
    any_number: bool = False
    """Of a set: train with any number of rows up to that of the simulations, so that fewer may be observed."""

    def run(
        self, key: Any, problem: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """Simulate, train, sample, and test on pairs that were held out."""
        import jax

        begun = time.perf_counter()
        key_pairs, key_split, key_net, key_fit, key_draw, key_test, key_prior = jax.random.split(key, 7)
        pairs, prior, lost, notes = self.simulated(key_pairs, problem, checkpoint, progress)
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key_split)))
        rows = self.embedding == "set"
        pairs = posterior.fewer_rows(rng, pairs) if rows and self.any_number else pairs
        observed = checked_observation(self.observation, pairs.x.shape[1:], rows=rows)
        if rows and np.isnan(observed).any() and not np.isnan(pairs.x).any():
            found = f"{int(np.isfinite(observed).all(axis=-1).sum())} of {len(observed)}"
            raise InputError("as many rows as were simulated", found, "set any_number to train for fewer")
        sides = split(rng, pairs.theta)
        model, (u, z) = posterior.untrained_posterior(
            key_net,
            prior.range,
            pairs.theta,
            pairs.x,
            hidden=(self.width,) * self.layers,
            bins=self.bins,
            embedding=checked_embedding(self.embedding, pairs.x.shape[1:]),
        )
        trained = self.trained(key_fit, model, (u, z), sides, checkpoint, progress)
        valid = (u[sides.validated], z[sides.validated])
        model = with_flow(model, posterior.best_flow(model.flow, trained.model, *valid))
        progress(0, 1, "sampling, and testing the calibration")
        theta = drawn(key_draw, model, np.asarray(observed)[None], self.samples)[0]
        tested = drawn(key_test, model, pairs.x[sides.held], DRAWS)
        found = PosteriorEvidence(rng, model, pairs, sides, tested, np.asarray(u), np.asarray(z))
        status = str(trained.status)
        return Result(
            "posterior",
            estimates=found.estimates(theta),
            checks=[
                *found.checks(observed, theta),
                *self.of_table(key_prior, problem, pairs, prior),
                *lost_pairs(lost, len(pairs.x)),
                *diverged(status),
            ],
            arrays=found.arrays(theta),
            models={"posterior": model},
            settings=self.described() | {"pairs": len(pairs.x), "parameters": list(prior.names)},
            seconds=time.perf_counter() - begun,
            status=status if status.startswith("diverged") else "done",
            figures=["corner", "calibration", "training_history"],
            metrics=rows_of(trained.history),
            notes=notes,
        )

    def described(self) -> dict[str, Any]:
        """The settings as plain numbers and words."""
        left_out = ("observation", "prior", "executor", "store", *(("time_limit",) if self.time_limit is None else ()))
        return {name: value for name, value in vars(self).items() if name not in left_out}

    def simulated(
        self, key: Any, problem: Any, checkpoint: Path | None, progress: ProgressCallable
    ) -> "tuple[Simulations, Prior, int, list[str]]":
        """The pairs, the prior, how many pairs were lost, and notes."""
        if isinstance(problem, posterior.Simulations):
            pairs, lost = posterior.finite_pairs(problem, rows=self.embedding == "set")
            if self.prior is not None:
                prior = checked_range(systems.simulator.make_prior(in_order(self.prior, problem.names)), pairs)
                return replace(pairs, names=prior.names), prior, lost, posterior.lost_notes(pairs)
            prior = systems.simulator.prior.unbounded(pairs.names, pairs.theta)
            return pairs, prior, lost, [NO_PRIOR, *posterior.lost_notes(pairs)]
        prior = prior_of(self.prior, problem)
        simulate: Any = getattr(problem, "simulate", problem)
        store = self.store
        if store is None and checkpoint is not None and posterior.is_external(simulate):
            store = checkpoint / "simulations"
        rows = self.embedding == "set"
        accept = lambda shape: checked_observation(self.observation, shape, rows=rows)  # noqa: E731
        farming = posterior.Farming(self.executor, self.time_limit, store, accept)
        made = posterior.run_simulations(key, simulate, prior, self.simulations, progress, farming)
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
        self, key: Any, model: "NeuralPosterior", rows: tuple[Any, Any], sides: PairSides, checkpoint: Path | None,
        progress: ProgressCallable,
    ) -> "Trained":  # fmt: skip
        """The flow, trained on one side; the best of the blocks by the validation side."""
        optimizer = training.Optimizer("adam", self.learning_rate, "cosine", clip=5.0,
                                       weight_decay=self.weight_decay)  # fmt: skip
        settings = training.Training(optimizer, steps=self.steps, batch_size=min(self.batch, len(sides.trained)),
                                     block=min(BLOCK, self.steps), ema=0.99, patience=PATIENCE)  # fmt: skip
        if checkpoint is not None:
            checkpoint.mkdir(parents=True, exist_ok=True)
        tell = lambda r: progress(r.step, self.steps, f"training the posterior: loss {float(np.mean(r.loss)):.5g}")  # noqa: E731
        of = lambda side: tuple(a[side] for a in rows)  # noqa: E731
        return training.fit.fit(key, model.flow, posterior.NegativeLogPosterior(), of(sides.trained), settings=settings,
                                validation=of(sides.validated), progress=tell,
                                checkpoint=checkpoint and checkpoint / "posterior.safetensors")  # fmt: skip


def split(rng: np.random.Generator, theta: np.ndarray) -> PairSides:
    """A tenth, at most 1000 pairs, held out; a tenth of the rest for validation.  No θ is on two sides."""
    n = len(theta)
    share = min(max(0.1, 100 / n), 1 / 3, PAIRS / n)
    same = np.unique(theta, axis=0, return_inverse=True)[1].reshape(-1)
    return PairSides(*split_rows(rng, theta, same, share)[0])


AXES = {"series": (1, 2), "image": (2, 3), "lattice": (1, 2, 3), "set": (1, 2)}


def checked_embedding(given: Any, shape: tuple[int, ...]) -> Any:
    """Errors: InputError for data of a shape that the network does not take."""
    axes = AXES.get(given, ()) if isinstance(given, str) else ()
    if axes and len(shape) not in axes:
        expected = f"data of {' or '.join(map(str, axes))} axes for the embedding {given}"
        raise InputError(expected, f"shape {list(shape)}", "choose another")
    return given


def with_flow(model: "NeuralPosterior", flow: Any) -> "NeuralPosterior":
    """The same units and prior with another flow."""
    return posterior.NeuralPosterior(flow, model.range, model.parameters, model.data)


def drawn(key: Any, model: Any, x: np.ndarray, n: int) -> np.ndarray:
    """n posterior samples for each row of x."""
    import equinox as eqx
    import jax
    import jax.numpy as jnp

    one = lambda model, x, key: jax.vmap(model.given(x).draw)(jax.random.split(key, n))  # noqa: E731
    each = eqx.filter_jit(
        lambda model, x, keys: jax.lax.map(lambda row: one(model, *row), (x, keys), batch_size=max(1, 8192 // n))
    )
    return np.asarray(each(model, jnp.asarray(x), jax.random.split(key, len(x))))


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
