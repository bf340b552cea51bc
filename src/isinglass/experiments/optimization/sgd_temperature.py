# SPDX-License-Identifier: Apache-2.0
"""Optimizers beside closed forms: rates on quadratics, the temperature of SGD, its escape from a well."""

import math
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import optax
import xarray as xr

from isinglass.errors import InputError
from isinglass.exact.optimization import escape, quadratic
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.optimization.descent import descend
from isinglass.experiments.optimization.sgd_ensemble import minibatch_moments, passages, quadratic_variances, shares
from isinglass.experiments.theory_curve import held, over_samples, theory_curve
from isinglass.result import Check, Estimate, Result
from isinglass.run.blas import one_blas_thread
from isinglass.run.progress import ProgressCallable, silent
from isinglass.training.optimizer import Optimizer

__all__ = ["SGDTemperature"]

MANDT, KRAMERS = "Mandt, Hoffman and Blei, arXiv:1704.04289, exact at any rate", "integral equation of the passage time"
LOWEST = -6.0  # where no walker is
BARRIER = 0.25
E_FOLDS, CLOSE = 200, 0.03  # of the distance in a run, and what oscillations and double roots change of its rate
STRETCH = 2.0  # of the flat well
WELLS = (-5.0, 3.0)  # where walkers are at T = 0.15


def two_wells(w):
    """U' of U = (w² - 1)²/4: minima at ±1, a barrier of 1/4."""
    return w**3 - w


def flat_and_sharp(w):
    """U' of the same with the well below 0 stretched by 2, so of a quarter of the curvature and of equal depth."""
    return jnp.where(w > 0, two_wells(w), two_wells(w / STRETCH) / STRETCH)


@dataclass(frozen=True)
class SGDTemperature(AbstractExperiment):
    """L = ½ Σ λ_i w_i² and least squares, by the library's SGD, momentum and Adam; U = (w² - 1)²/4 with noise."""

    name: ClassVar[str] = "sgd-temperature"
    task: ClassVar[str] = "sample"
    summary: ClassVar[str] = "rates of optimizers, the temperature of SGD, and its escape from a well"
    rows: ClassVar[tuple[int, ...]] = (105, 106, 107, 109)
    paper: ClassVar[str] = "Mandt, Hoffman and Blei 2017, arXiv:1704.04289; Kingma and Ba 2014, arXiv:1412.6980"
    claim: ClassVar[str] = (
        "descent converges below η = 2/λ_max and not above, at (κ - 1)/(κ + 1), heavy ball at (√κ - 1)/(√κ + 1); Adam "
        "has the bits of optax and first steps η sign g; variances of SGD, by added noise and by minibatches, and mean "
        "times over a barrier within three standard errors of the exact ones, the times exponential in 1/η"
    )
    guide: ClassVar[str] = "docs/optimization.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"chains": 32, "steps": 4000, "walkers": 500, "rates": (0.15, 0.3), "minibatches": (1, 8)},
        "laptop": {},
        "paper": {"chains": 512, "steps": 100_000, "walkers": 20_000},
    }

    eigenvalues: tuple[float, ...] = (0.25, 1.0, 4.0)
    """λ_i."""
    noise: float = 1.0
    """Variance σ² of the noise of the gradient."""
    stationary: tuple[tuple[float, float], ...] = ((0.02, 0.0), (0.2, 0.0), (0.45, 0.0), (0.1, 0.5))
    """η and β of stationary laws."""
    chains: int = 64
    """Chains of each, with errors over them."""
    steps: int = 20_000
    """Steps of each chain, of which the second half counts."""
    minibatches: tuple[int, ...] = (1, 4, 16)
    """Rows of each gradient of least squares on 24 rows of 3 columns."""
    rates: tuple[float, ...] = (0.08, 0.12, 0.2, 0.4)
    """η for passages over the barrier."""
    passage_noise: float = 2.0
    """Variance σ² of the gradient there."""
    walkers: int = 2000
    """Walkers from one minimum to the other."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Rates, Adam, stationary laws, minibatches, passages.

        Errors: InputError for rates that diverge, one eigenvalue alone, and barriers that take too long.
        """
        self.check_request()
        keys = jax.random.split(key, 5)
        told: dict[str, Estimate] = {}
        checks: list[Check] = [*self.convergence(), *self.adam(keys[0])]
        arrays: dict[str, xr.DataArray] = {}
        parts = (self.temperature, self.minibatch_noise, self.escapes, self.flatness)
        with one_blas_thread():
            for k, part in enumerate(parts):
                progress(k, len(parts), part.__name__.replace("_", " "))
                more, claims, drawn = part(keys[1 + k])
                told, checks, arrays = told | more, checks + claims, arrays | drawn
        return Result(self.name, estimates=told, checks=checks, arrays=xr.Dataset(arrays), settings=asdict(self),
                      figures=["theory_curve/temperature", "theory_curve/escape"])  # fmt: skip

    def check_request(self) -> None:
        """What exact laws need."""
        if not 1 < max(self.eigenvalues) / min(self.eigenvalues) <= 1e4:  # noqa: PLR2004
            raise InputError("two eigenvalues or more, of a ratio up to 1e4",
                             ", ".join(f"{e:g}" for e in self.eigenvalues), "give others")  # fmt: skip
        for rate, momentum in self.stationary:
            most = quadratic.largest_rate(max(self.eigenvalues), momentum)
            if not (0 < rate < most and 0 <= momentum < 1):
                raise InputError(f"η below 2 (1 + β)/λ_max = {most:g} and 0 <= β < 1",
                                 f"η = {rate:g}, β = {momentum:g}",
                                 "take a smaller one: it diverges")  # fmt: skip
        if len(set(self.rates)) < 2 or max(self.rates) > 0.5:  # noqa: PLR2004
            raise InputError(
                "two rates or more, at most 0.5",
                ", ".join(f"{r:g}" for r in self.rates),
                "larger steps pass over both wells",
            )
        if (longest := 2 * BARRIER / self.passage_noise / min(self.rates)) > 9:  # noqa: PLR2004
            raise InputError("2 ΔU/(η σ²) at most 9, ΔU = ¼", f"{longest:.3g}", "take larger rates: τ ~ exp of it")
        if min(self.chains, self.walkers) < 2:  # noqa: PLR2004
            raise InputError("two chains and walkers or more", "1", "errors are those over them")

    def convergence(self) -> list[Check]:
        """The largest stable rate, and the contractions of descent and of heavy ball, by the optimizers."""
        e = np.array(self.eigenvalues)
        low, top = float(e.min()), float(e.max())

        def contraction(rate: float, momentum: float, steps: int) -> float:
            """Of the distance from the minimum by a step, from the last two thirds of the steps."""
            name = "momentum" if momentum else "sgd"
            optimizer = Optimizer(name, rate, momentum=momentum).transformation(steps)
            along = np.asarray(descend(optimizer, lambda w, _: e * w, jnp.ones(len(e)), steps)[1])
            size = np.linalg.norm(along, axis=1)
            return float((size[-1] / size[steps // 3]) ** (1 / (steps - 1 - steps // 3)))

        most, best, ball = (
            quadratic.largest_rate(top),
            quadratic.best_descent(low, top),
            quadratic.best_heavy_ball(low, top),
        )
        checks = [
            Check.at_most("contraction by SGD at 0.99 of η = 2/λ_max", contraction(0.99 * most, 0.0, 600), 1.0),
            Check.at_least("contraction by SGD at 1.01 of η = 2/λ_max", contraction(1.01 * most, 0.0, 600), 1.0),
        ]
        for law, of, source in (
            ("SGD at η = 2/(λ_min + λ_max)", best, "(κ - 1)/(κ + 1)"),
            ("heavy ball at its best η and β", ball, "(√κ - 1)/(√κ + 1)"),
            *((f"η = 0.6/λ_max, β = {b:g}", quadratic.Descent(0.3 * most, b, quadratic.contraction(e, 0.3 * most, b)),
               "largest root of z² - (1 + β - ηλ) z + β") for b in (0.0, 0.9)),
        ):  # fmt: skip
            found = contraction(of.rate, of.momentum, math.ceil(E_FOLDS / -math.log(of.contraction)))
            checks.append(Check.within(f"e-folds of a step, {law}", -math.log(found), -math.log(of.contraction),
                                       -CLOSE * math.log(of.contraction), source=source))  # fmt: skip
        return checks

    def adam(self, key: Any) -> list[Check]:
        """The first step, and 100 steps beside optax's, on a loss that is no quadratic."""
        key_w, key_a = jax.random.split(key)
        A, w = jax.random.normal(key_a, (20, 8)), jax.random.normal(key_w, (8,))
        gradient = jax.grad(lambda w: jnp.mean(jnp.logaddexp(0.0, A @ w)) + 0.05 * jnp.sum(jnp.cos(w)))
        steps, rate = 100, 0.01

        def path(transformation):
            with jax.numpy_dtype_promotion("standard"):  # optax raises floats to integer powers
                return np.asarray(jax.jit(lambda w: descend(transformation, lambda w, _: gradient(w), w, steps)[1])(w))

        ours, theirs = path(Optimizer("adam", rate).transformation(steps)), path(optax.adam(rate))
        g = np.asarray(gradient(w))
        first = np.abs(ours[0] - np.asarray(w) + rate * np.sign(g) / (1 + 1e-8 / np.abs(g))).max()
        m, v, x, apart = np.zeros(8), np.zeros(8), np.asarray(w), 0.0
        for t in range(1, steps + 1):  # as in the paper, algorithm 1
            g = np.asarray(gradient(jnp.asarray(x)))
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            x = x - rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
            apart = max(apart, float(np.abs(x - ours[t - 1]).max()))
        return [
            Check.at_most("Adam: largest distance of the first step from -η sign(g)/(1 + ε/|g|), by η",
                          first / rate, 1e-9,
                          source="arXiv:1412.6980"),
            Check.at_most("Adam: bits that differ from optax.adam in 100 steps", float((ours != theirs).sum()), 0.0),
            Check.at_most("Adam: largest distance from algorithm 1 in 100 steps", apart, 1e-10,
                          source="arXiv:1412.6980"),
        ]  # fmt: skip

    def temperature(self, key: Any):
        """Variances of SGD with noise that does not depend on w; the temperature λ <w²> by η."""
        e = np.array(self.eigenvalues)
        told: dict[str, Estimate] = {}
        checks, found = [], {}
        for k, (rate, momentum) in enumerate(self.stationary):
            name = "momentum" if momentum else "sgd"
            keys = jax.random.split(jax.random.fold_in(key, k), self.chains)
            optimizer = Optimizer(name, rate, momentum=momentum)
            each = np.asarray(quadratic_variances(keys, e, self.noise, optimizer, self.steps))
            for i, of in enumerate(e):
                at = f"variance/lambda_{of:g}_rate_{rate:g}_momentum_{momentum:g}"
                told[at] = over_samples(each[:, i])
                exact = quadratic.stationary_variance(of, rate, self.noise, momentum)
                checks.append(held(f"<w²> at λ = {of:g}, η = {rate:g}, β = {momentum:g}", at, told[at], exact, MANDT))
            found[rate, momentum] = [over_samples(of * each[:, i]) for i, of in enumerate(e)]
        plain = sorted(rate for rate, momentum in self.stationary if not momentum)
        dense = np.geomspace(min(plain, default=0.01) / 2, 0.99 * quadratic.largest_rate(e.max()), 80)
        exact = [[of * quadratic.stationary_variance(of, r, self.noise) for r in dense] for of in e]
        words = (
            "Temperature of SGD without momentum on a quadratic, λ <w²>: the same in all directions for small steps."
        )
        return (
            told,
            checks,
            theory_curve(
                "temperature",
                [f"λ = {of:g}" for of in e],
                plain,
                [[found[r, 0.0][i] for r in plain] for i in range(len(e))],
                dense,
                exact,
                caption=words,
                xlabel="learning rate η",
                ylabel="temperature λ <w²>",
            ),
        )

    def minibatch_noise(self, key: Any):
        """Covariance of least squares by minibatches, whose noise depends on w, in its eigenbasis and off it."""
        key_rows, key_chains = jax.random.split(key)
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key_rows)))
        X = rng.normal(size=(24, 3)) * np.array([1.5, 1.0, 0.5])
        y = X.sum(axis=1) + rng.normal(size=24)
        rate = 0.05
        told: dict[str, Estimate] = {}
        checks = []
        for batch in self.minibatches:
            keys = jax.random.split(jax.random.fold_in(key_chains, batch), self.chains)
            each = np.asarray(minibatch_moments(keys, X, y, Optimizer("sgd", rate), batch, self.steps))
            exact = quadratic.minibatch_covariance(X, y, rate, batch)
            for i, j in ((i, j) for i, j in product(range(3), repeat=2) if i <= j):
                at = f"covariance/batch_{batch}_{i + 1}_{j + 1}"
                told[at] = over_samples(each[:, i, j])
                checks.append(held(f"covariance {i + 1}, {j + 1} of SGD, batches of {batch}", at, told[at],
                                   float(exact[i, j]), "all batches, exact"))  # fmt: skip
        return told, checks, {}

    def escapes(self, key: Any):
        """Mean steps from one minimum to the other, their slope in 1/η, and Kramers' exponent of the exact ones."""
        noise, rates = self.passage_noise, sorted(self.rates)
        exact_time = lambda rate: escape.passage_time(two_wells, rate, noise, -1.0, 1.0, LOWEST)  # noqa: E731
        told: dict[str, Estimate] = {}
        checks, found = [], []
        for k, rate in enumerate(rates):
            exact = exact_time(rate)
            steps = np.asarray(passages(jax.random.fold_in(key, k), two_wells, rate, noise, -1.0, 1.0, self.walkers,
                                        int(100 * exact)))  # fmt: skip
            told[f"passage_time/rate_{rate:g}"] = time = over_samples(steps)
            found.append(time)
            checks.append(held(f"steps over the barrier at η = {rate:g}", f"passage_time/rate_{rate:g}", time, exact,
                               KRAMERS))  # fmt: skip
        slow, fast = found[0], found[-1]
        gap = 1 / rates[0] - 1 / rates[-1]
        log_ratio = lambda a, b: np.log(rates[0] * a / (rates[-1] * b)) / gap  # noqa: E731
        error = float(np.hypot((slow.error or 0) / slow.value, (fast.error or 0) / fast.value) / gap)
        told["escape_exponent"] = Estimate(float(log_ratio(slow.value, fast.value)), error)
        checks.append(held("slope of ln(η τ) against 1/η", "escape_exponent", told["escape_exponent"],
                           float(log_ratio(exact_time(rates[0]), exact_time(rates[-1]))), KRAMERS))  # fmt: skip
        predicted = escape.kramers_exponent(BARRIER, noise)
        small = [predicted / 10, predicted / 8]  # η for which ΔU/T is 8 and 10
        limit = np.log(small[0] * exact_time(small[0]) / (small[1] * exact_time(small[1]))) / (
            1 / small[0] - 1 / small[1]
        )
        checks.append(Check.within("slope of the exact one for small η, by 2 ΔU/σ²", float(limit) / predicted, 1.0,
                                   0.05,
                                   source="Kramers, doi:10.1016/S0031-8914(40)90098-2"))  # fmt: skip
        dense = np.linspace(1 / max(rates) / 1.2, 1.05 / min(rates), 40)
        words = f"Steps of noisy descent from one minimum of (w² - 1)²/4 to the other, σ² = {noise:g}."
        return told, checks, theory_curve("escape", ("walkers",), [1 / r for r in rates], [found], dense,
                                          [[exact_time(1 / x) for x in dense]], caption=words, xlabel="1/η",
                                          ylabel="mean steps τ", xscale="linear")  # fmt: skip

    def flatness(self, key: Any):
        """Two wells of equal depth, one of them flat: its share of all steps, s/(1 + s) by Boltzmann's law."""
        told: dict[str, Estimate] = {}
        checks = []
        for k, rate in enumerate((0.05, 0.2)):
            keys = jax.random.split(jax.random.fold_in(key, k), self.chains)
            share = np.asarray(shares(keys, flat_and_sharp, rate, 0.3 / rate, self.steps))
            told[f"share/rate_{rate:g}"] = over_samples(share)
            x, p = escape.stationary_density(flat_and_sharp, rate, 0.3 / rate, *WELLS, 1000)
            checks.append(
                held(
                    f"share of steps in the flat well, η = {rate:g}, T = 0.15",
                    f"share/rate_{rate:g}",
                    told[f"share/rate_{rate:g}"],
                    float(p[x < 0].sum()),
                    "stationary law of the chain",
                )
            )
        x, p = escape.stationary_density(flat_and_sharp, 0.01, 30.0, *WELLS, 1000)
        checks.append(Check.within("share of the flat well for small η, exact", float(p[x < 0].sum()),
                                   STRETCH / (1 + STRETCH), 0.01, source="Boltzmann's law, s/(1 + s)"))  # fmt: skip
        return told, checks, {}
