# SPDX-License-Identifier: Apache-2.0
"""Approximate the density of samples x [n, ...]: a flow or a diffusion model, held against rows it has not seen."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import numpy as np

from isinglass import checks, nets, sampling, training
from isinglass.errors import InputError
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.own.density_rows import UNDECIDED, DensityFile, checked_rows, split_rows
from isinglass.tasks.own.latent_models import DRAWN_AT_ONCE, LATENT_METHODS, drawn_rows, fit_latent, told_of
from isinglass.tasks.sample_by_model import rows_of
from isinglass.tasks.task import ARRAY, AbstractTask, Verb, setting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from isinglass.data.arrays import ArrayLike
    from isinglass.nets.flow.rescaled import Rescaled
    from isinglass.training.fit import Trained

    RowChains = ArrayLike | Sequence[int] | None
    EntryNames = Sequence[str] | None
else:
    RowChains = EntryNames = Any

__all__ = ["ApproximateDensity"]

BINS = 16
BLOCK = 50
DRAWN = 4000  # samples of the model that are held against rows


class Sides(NamedTuple):
    """Rows [n, *site] of each side of the split."""

    trained: np.ndarray
    validated: np.ndarray
    held: np.ndarray


@dataclass(frozen=True)
class ApproximateDensity(AbstractTask):
    """A density q(x) from rows x [n, *site], by maximum likelihood (flow), denoising (diffusion), a bound of the
    likelihood (vae), against a critic (gan), or as exp(-E)/Z with Langevin chains (energy).

        result = approximate(0, x)
        more = sample(1, result, samples=1000)
        log_q = jax.vmap(result.models["density"].log_prob)(x)

    Entries are scaled to order one.  Law: q is compared with held-out rows: their likelihood with that of a Gaussian
    fit; their marginal and joint distributions.  Pass: no test of these rows finds a difference.
    """

    verb: ClassVar[Verb] = "approximate"
    problem: ClassVar[tuple[str, ...]] = (ARRAY, "builtins:list")
    guide: ClassVar[str] = "docs/own_problems.md"
    what: ClassVar[str] = "samples x [n, ...] whose density is wanted"
    command: ClassVar[str] = "density"
    source: ClassVar[type] = DensityFile

    method: str = setting("flow", choices=lambda: ["flow", "diffusion", *LATENT_METHODS])
    """flow: autoregressive splines; diffusion: a denoiser and its probability flow; vae: latent variables; gan: a
    generator against a critic, without a density; energy: a network E(x), sampled by Langevin chains."""
    steps: int = 2000
    """Steps of training, at most."""
    learning_rate: float = 3e-3
    """Initial learning rate; it falls to zero as a cosine."""
    batch: int = 256
    """Rows per step."""
    layers: int = 2
    """Hidden layers of the network."""
    width: int = 64
    """Units of a hidden layer."""
    latent: int | None = None
    """Latent variables: of vae by default half of the entries and 16 at most, of gan as many as entries, 8 to 64."""
    beta: float = 1.0
    """Weight of the divergence of the latents of vae; at 1 its loss is a bound of the likelihood."""
    bound_samples: int = 64
    """Samples k in the bound of the likelihood by vae."""
    critic: Literal["non-saturating", "wasserstein"] = "non-saturating"
    """What gan is trained by."""
    step_size: float = 0.01
    """Langevin step of the training of energy, in units of the widths of the entries."""
    held_out: float = 0.25
    """Share of the rows that is not trained on."""
    samples: int = 1000
    """Samples of the density to keep."""
    chain: RowChains = setting(None)
    """The Markov chain of each row, a number: no chain is on both sides of the split."""
    names: EntryNames = setting(None)
    """A name for each entry of a row x [n, d], for figures and tables."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """Where the method is one of its own, or none is named."""
        return settings.get("method", "flow") in ("flow", "diffusion", *LATENT_METHODS)

    def run(
        self, key: Any, problem: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """Split the rows, train, sample, and compare."""
        import jax

        begun = time.perf_counter()
        x = checked_rows(problem)
        if not self.held_out < 0.9:
            raise InputError("held_out between 0 and 0.9", f"{self.held_out:g}", "try held_out=0.25")
        if self.names is not None and (x.ndim != 2 or len(self.names) != x.shape[1]):
            found = f"{len(self.names)} names for rows of shape {list(x.shape[1:])}"
            raise InputError("a name for each entry of x [n, d]", found, "give as many as there are entries")
        key_split, key_net, key_fit, key_draw = jax.random.split(key, 4)
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key_split)))
        split, repeated = split_rows(rng, x, self.chain, self.held_out)
        sides = Sides(*(x[rows] for rows in split))
        chain = None if self.chain is None else np.asarray(self.chain)[split[2]]
        draws = max(self.samples, min(DRAWN, 4 * len(sides.held)))
        units = nets.flow.rescaled.rescaled(nets.density.StandardNormal((x[0].size,)), sides.trained)
        if checkpoint is not None:
            checkpoint.mkdir(parents=True, exist_ok=True)
        notes, mixed = [], True
        if self.method in LATENT_METHODS:
            made = fit_latent(key_fit, self, units, sides, checkpoint, progress)
            progress(0, 1, "drawing samples, and comparing them")
            told = told_of(key_draw, self, made, units, sides, draws)
            model, status, metrics, drawn, notes = made.model, made.status, made.metrics, told.drawn, told.notes
            log_z = told.estimates.get("log_partition_function")
            likelihoods = told.estimates | self.gained(told.log_likelihood, sides, chain, log_z)
            extra, mixed = told.checks, told.mixed
        else:
            model = self.untrained(key_net, sides.trained)
            trained = self.trained(key_fit, model, sides, checkpoint, progress)
            model, status, metrics = with_base(model, trained.model), str(trained.status), rows_of(trained.history)
            progress(0, 1, "drawing samples, and comparing them")
            drawn, extra = drawn_rows(key_draw, model, draws), []
            likelihoods = self.likelihoods(model, sides, chain)
        found = judged(rng, units, drawn, sides, x, repeated, likelihoods.get("log_likelihood_gain"), extra,
                       known=self.chain is not None, mixed=mixed, latent=self.method in LATENT_METHODS,
                       bound=self.method == "vae")  # fmt: skip
        if status.startswith("diverged"):
            found.append(Check(f"training stays finite: it {status}; lower the rate", None, None, None, "fail"))
        return Result(
            "density",
            estimates=likelihoods,
            checks=found,
            arrays=table(drawn[: self.samples], sides.held[:DRAWN], self.names),
            models={"density": model},
            settings={"rows": len(x), "shape": list(x.shape[1:]), **self.described()},
            seconds=time.perf_counter() - begun,
            status=status if status.startswith("diverged") else "done",
            figures=["marginals", "training_history"],
            metrics=metrics,
            notes=notes,
        )

    def described(self) -> dict[str, Any]:
        """The settings as plain numbers and words."""
        return vars(self) | {"chain": None if self.chain is None else "given"}

    def latents(self, entries: int) -> int:
        """Latent variables of vae or gan."""
        if self.latent is not None:
            return self.latent
        return max(8, min(entries, 64)) if self.method == "gan" else max(1, min(entries // 2, 16))

    def untrained(self, key: Any, x: np.ndarray) -> "Rescaled":
        """An untrained density in the units of the rows."""
        n = int(np.prod(x.shape[1:]))
        blank = nets.AutoregressiveSplines(key=key, shape=(n,), hidden=(self.width,) * self.layers, bins=BINS)
        model = nets.flow.rescaled.rescaled(blank, x)
        z = nets.flow.rescaled.standardized_rows(model, x)
        if self.method == "flow":
            return with_base(model, blank.of_data(z))
        denoiser = sampling.vector_denoiser(key, np.asarray(z), width=self.width, depth=self.layers)
        return with_base(model, nets.ProbabilityFlow(denoiser, steps=16))

    def trained(
        self, key: Any, model: "Rescaled", sides: Sides, checkpoint: Path | None, progress: ProgressCallable
    ) -> "Trained":
        """The base density, trained on standardized rows; the best of the blocks by rows of a validation side."""
        loss = sampling.NegativeLogLikelihood() if self.method == "flow" else sampling.Denoising()
        optimizer = training.Optimizer("adam", self.learning_rate, "cosine", clip=1.0)
        batch = min(self.batch, len(sides.trained))
        settings = training.Training(optimizer, steps=self.steps, batch_size=batch, block=min(BLOCK, self.steps),
                                     ema=None if self.method == "flow" else 0.99)  # fmt: skip
        z, v = (nets.flow.rescaled.standardized_rows(model, side) for side in (sides.trained, sides.validated))
        tell = lambda r: progress(r.step, self.steps, f"training the {self.method}: loss {float(np.mean(r.loss)):.5g}")  # noqa: E731
        return training.fit.fit(key, model.base, loss, (z,), settings=settings, validation=(v,),
                            checkpoint=checkpoint and checkpoint / "density.safetensors", progress=tell)  # fmt: skip

    def likelihoods(self, model: "Rescaled", sides: Sides, chain: np.ndarray | None) -> dict[str, Estimate]:
        """Mean ln q of held-out rows, of training rows, of a Gaussian fit, and what is gained over that."""
        of = lambda rows: log_prob_of(model, rows)  # noqa: E731
        some = sides.trained[: len(sides.held)]
        found = self.gained(of(sides.held), sides, chain)
        return found | {"log_likelihood/training": mean_over(of(some), None)}

    def gained(
        self, ours: np.ndarray | None, sides: Sides, chain: np.ndarray | None, log_z: Estimate | None = None
    ) -> dict[str, Estimate]:
        """Mean ln q of held-out rows, of a Gaussian fit, and what is gained over that; the error of ln Z counts."""
        if ours is None:
            return {}
        fitted = gaussian_log_prob(np.concatenate([sides.trained, sides.validated]), sides.held)
        more = 0.0 if log_z is None else log_z.error or 0.0
        wide = lambda e: Estimate(e.value, None if e.error is None else float(np.hypot(e.error, more)), "nat")  # noqa: E731
        return {
            "log_likelihood": wide(mean_over(ours, chain)),
            "log_likelihood/gaussian": mean_over(fitted, chain),
            "log_likelihood_gain": wide(mean_over(ours - fitted, chain)),
        }


def judged(
    rng: np.random.Generator, units: "Rescaled", drawn: np.ndarray, sides: Sides, x: np.ndarray, repeated: float,
    gain: Estimate | None, extra: list[Check], *, known: bool, mixed: bool = True, latent: bool = False,
    bound: bool = False,
) -> list[Check]:  # fmt: skip
    """Samples against held-out rows; `extra` are checks of the method.  `latent`: of models that may lose a mode.

    A bound of the likelihood below that of a Gaussian decides nothing, and chains that did not mix no test of samples.
    """
    n = int(np.prod(x.shape[1:]))
    lost = int((~np.isfinite(drawn)).reshape(len(drawn), -1).any(axis=1).sum())
    finite = Check.at_most("samples of the density are finite", float(lost), 0.0)
    enough = checks.density.rows_suffice(len(sides.held), len(sides.trained), n)
    if lost:
        return [finite, enough]
    z = lambda rows: np.asarray(nets.flow.rescaled.standardized_rows(units, rows), float)  # noqa: E731
    ours, held, trained = z(drawn), z(sides.held), z(sides.trained)
    found = [checks.density.laws_agree(ours, held, rng, joint=False)]
    if n > 1:
        found.append(checks.density.laws_agree(ours, held, rng, joint=True))
        found.append(checks.density.neighbors_mixed(ours, held, rng))
    found.append(checks.density.no_copies(ours, held, trained))
    if latent:
        found += [checks.boltzmann_machine.moments_agree(ours[:, None], held, len(trained), 0),
                  checks.density.held_out_covered(ours, held, rng)]  # fmt: skip
    independent = checks.density.rows_independent(z(x), repeated, known=known)
    if independent.verdict != "pass" or enough.verdict != "pass" or not mixed:
        found = [c.doubted(UNDECIDED) for c in found]
    if gain is not None:
        above = checks.density.better_than_gaussian(gain, n)
        found.append(above.doubted("undecided with a bound") if bound else above)
    return [finite, enough, independent, *found, *extra]


def with_base(model: "Rescaled", base: Any) -> "Rescaled":
    """The same units for another density."""
    return nets.Rescaled(base, model.center, model.width, model.heavy)


def log_prob_of(model: Any, x: np.ndarray) -> np.ndarray:
    """ln q of every row, a chunk at a time."""
    import equinox as eqx
    import jax
    import jax.numpy as jnp

    each = eqx.filter_jit(lambda model, x: jax.lax.map(model.log_prob, x, batch_size=min(DRAWN_AT_ONCE, len(x))))
    return np.asarray(each(model, jnp.asarray(x, float)), float)


def gaussian_log_prob(fitted: np.ndarray, x: np.ndarray) -> np.ndarray:
    """ln N(x; m, C) with mean and covariance of the fitted rows, shrunk by 1e-6 towards their variances."""
    from scipy.stats import multivariate_normal

    flat, rows = (a.reshape(len(a), -1) for a in (fitted, x))
    m, s = flat.mean(axis=0), flat.std(axis=0)
    C = np.cov((flat - m) / s, rowvar=False).reshape(len(m), len(m))
    found = multivariate_normal.logpdf((rows - m) / s, cov=C + 1e-6 * np.eye(len(m)), allow_singular=True)
    return np.atleast_1d(found) - np.log(s).sum()


def mean_over(values: np.ndarray, chain: np.ndarray | None) -> Estimate:
    """The mean of rows, its error that of independent rows, or of chains."""
    if chain is not None:
        values = np.array([values[chain == c].mean() for c in np.unique(chain)])
    error = float(values.std(ddof=1) / len(values) ** 0.5) if len(values) > 1 else None
    return Estimate(float(values.mean()), error, "nat")


def table(x: np.ndarray, held: np.ndarray, names: EntryNames) -> Any:
    """Samples of the density, and rows that it was not trained on."""
    import xarray as xr

    axes = lambda name: (name, *(f"axis_{i}" for i in range(x.ndim - 1)))  # noqa: E731
    rows = {"configurations": (axes("sample"), x, {"kind": "real"}), "held_out": (axes("row"), held)}
    return xr.Dataset(rows, coords={} if names is None else {"axis_0": list(names)})
