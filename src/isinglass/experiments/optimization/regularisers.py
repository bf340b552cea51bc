# SPDX-License-Identifier: Apache-2.0
"""What keeps weights small: dropout, weight decay and early stopping as ridge, and batch normalization, exactly."""

from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from scipy.optimize import lsq_linear

from isinglass.errors import InputError
from isinglass.exact.regression import linear_regression
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.optimization.descent import descend
from isinglass.experiments.theory_curve import held, over_samples, theory_curve
from isinglass.nets.layer.batch_norm import BatchNorm
from isinglass.result import Check, Estimate, Result
from isinglass.run.blas import one_blas_thread
from isinglass.run.progress import ProgressCallable, silent
from isinglass.training.optimizer import Optimizer

__all__ = ["Regularisers"]

ROUND_OFF = 1e-9
LEAST = 1.6862  # by which the risk of gradient flow may be above that of ridge, arXiv:1810.10082
DROPOUT, DECAY = "JMLR 15, 1929, sec. 9.1", "arXiv:1711.05101"


class KnownRows(NamedTuple):
    """y = X w + noise."""

    X: np.ndarray
    y: np.ndarray
    w: np.ndarray


@dataclass(frozen=True)
class Regularisers(AbstractExperiment):
    """Least squares, (1/n) |y - X w|², with each of them, by the optimizers of the library; a normalized layer."""

    name: ClassVar[str] = "regularisers"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "dropout, weight decay, early stopping and batch normalization, exactly"
    rows: ClassVar[tuple[int, ...]] = (113, 114, 115, 116)
    paper: ClassVar[str] = "arXiv:1711.05101; arXiv:1502.03167; Ali, Kolter and Tibshirani 2019, arXiv:1810.10082"
    claim: ClassVar[str] = (
        "dropout is ridge with the penalty [p/(1-p)] diag(X^T X), over all masks to round-off and as trained within "
        "three standard errors; weight decay is ridge; AdamW is least squares in a box, not ridge; stopped descent "
        "shrinks by 1 - (1 - ηs)^t, and errs as theory says; a normalized layer does not see the size of its weights"
    )
    guide: ClassVar[str] = "docs/optimization.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"chains": 32, "dropout_steps": 2000, "samples": 200},
        "laptop": {},
        "paper": {"chains": 512, "dropout_steps": 20_000, "samples": 10_000},
    }

    n_rows: int = 60
    """Rows n."""
    columns: int = 6
    """Columns p, of variances from 4 to 0.2; 2^p masks are enumerated."""
    noise: float = 1.0
    """Variance σ² of the noise; |w| = 1."""
    dropout: float = 0.3
    """Share of the inputs that are dropped."""
    weight_decay: float = 0.4
    """λ of (λ/2) |w|² beside ½ (1/n) |y - X w|²; of AdamW the box |w_i| <= 1/λ, with λ ten times as large."""
    chains: int = 64
    """Trainings with dropout."""
    dropout_steps: int = 5000
    """Steps of each, of which the second half is averaged over."""
    steps: int = 16_000
    """Steps of the other trainings."""
    samples: int = 1000
    """Data sets for the error of stopped descent."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """One after another.

        Errors: InputError for more columns than rows or than masks can be enumerated of, and a rate that drops all.
        """
        self.check_request()
        keys = jax.random.split(key, 4)
        rows = self.drawn(keys[0])
        parts = (("dropout", partial(self.dropped, keys[1], rows)), ("weight decay", partial(self.decayed, rows)),
                 ("early stopping", partial(self.stopped, keys[2], rows)),
                 ("batch normalization", partial(self.normalized, keys[3])))  # fmt: skip
        told: dict[str, Estimate] = {}
        checks: list[Check] = []
        arrays: dict[str, xr.DataArray] = {}
        with one_blas_thread():
            for k, (name, part) in enumerate(parts):
                progress(k, len(parts), name)
                more, claims, drawn = part()
                told, checks, arrays = told | more, checks + claims, arrays | drawn
        return Result(self.name, estimates=told, checks=checks, arrays=xr.Dataset(arrays), settings=asdict(self),
                      figures=["theory_curve/stopped"])  # fmt: skip

    def check_request(self) -> None:
        """What the closed forms need."""
        if not 2 <= self.columns <= 14 or self.columns >= self.n_rows:  # noqa: PLR2004
            raise InputError("from 2 to 14 columns, fewer than rows", str(self.columns), "all masks are enumerated")
        if self.dropout >= 1:
            raise InputError("a dropout below 1", f"{self.dropout:g}", "leave it out for 0.3")
        if min(self.chains, self.samples) < 2:  # noqa: PLR2004
            raise InputError("two chains and samples or more", "1", "errors are those over them")

    def drawn(self, key: Any) -> KnownRows:
        """Inputs of variances from 4 to 0.2."""
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
        X = rng.normal(size=(self.n_rows, self.columns)) * np.geomspace(4.0, 0.2, self.columns) ** 0.5
        w = np.full(self.columns, self.columns**-0.5)
        return KnownRows(X, X @ w + self.noise**0.5 * rng.normal(size=self.n_rows), w)

    def dropped(self, key: Any, rows: KnownRows):
        """The mean loss over all masks; weights trained with masks, averaged, beside ridge."""
        X, y, w = rows
        kept, n = 1 - self.dropout, self.n_rows
        masks = np.array(list(product((0.0, 1.0), repeat=self.columns)))
        chance = np.prod(np.where(masks, kept, self.dropout), axis=1)
        each = np.mean((y[:, None] - X @ (masks * w / kept).T) ** 2, axis=0)
        penalty = linear_regression.dropout_penalty(X, self.dropout)
        exact = float(np.mean((y - X @ w) ** 2) + penalty @ w**2)
        checks = [Check.within("loss over all masks less that with the penalty of ridge", float(chance @ each), exact,
                               ROUND_OFF, source=DROPOUT)]  # fmt: skip
        ridge = np.linalg.solve(X.T @ X / n + np.diag(penalty), X.T @ y / n)
        found = np.asarray(self.trained_with_masks(jax.random.split(key, self.chains), X, y))
        told = {}
        for j in range(self.columns):
            told[of := f"weight/dropout_{j + 1}"] = over_samples(found[:, j])
            checks.append(held(f"weight {j + 1} trained with dropout, mean", of, told[of], float(ridge[j]), DROPOUT))
        plain = np.linalg.lstsq(X, y, rcond=None)[0]
        apart = np.abs(found.mean(axis=0) - plain) / (found.std(axis=0, ddof=1) / self.chains**0.5)
        checks.append(Check.at_least("largest distance of these from least squares, in standard errors",
                                     float(apart.max()), 10.0))  # fmt: skip
        return told, checks, {}

    def trained_with_masks(self, keys, X, y):
        """Mean weights of each chain: of a gradient that is linear in w, with masks of its own at each step.

        E w is then where the mean gradient is 0, at any rate.
        """
        rate = 0.2 / float(np.linalg.eigvalsh(X.T @ X / len(X)).max())
        optimizer = Optimizer("sgd", rate).transformation(self.dropout_steps)
        kept = 1 - self.dropout

        def gradient(w, key):
            masked = jnp.where(jax.random.bernoulli(key, kept, X.shape), X / kept, 0.0)
            return masked.T @ (masked @ w - y) / len(y)

        @jax.jit
        def all_chains(keys):
            def one(key):
                along = descend(optimizer, gradient, jnp.zeros(X.shape[1]), self.dropout_steps,
                                jax.random.split(key, self.dropout_steps))[1]  # fmt: skip
                return along[self.dropout_steps // 2 :].mean(axis=0)

            return jax.vmap(one)(keys)

        return all_chains(keys)

    def decayed(self, rows: KnownRows):
        """SGD and Adam with weight decay, which is ridge, and AdamW, which is least squares in a box."""
        X, y, _ = rows
        n, p = X.shape
        S, b = X.T @ X / n, X.T @ y / n
        strong = 10 * self.weight_decay / np.abs(np.linalg.solve(S, b)).max()

        def trained(name: str, decay: float) -> np.ndarray:
            optimizer = Optimizer(name, 0.05, "cosine", weight_decay=decay).transformation(self.steps)  # pyright: ignore
            gradient = lambda w, _: w @ S - b[None]  # noqa: E731
            return np.asarray(jax.jit(lambda w: descend(optimizer, gradient, w, self.steps)[0])(jnp.zeros((1, p))))[0]

        ridge = np.linalg.solve(S + self.weight_decay * np.eye(p), b)
        checks, told = [], {}
        for name in ("sgd", "momentum", "adam"):
            off = float(np.abs(trained(name, self.weight_decay) - ridge).max())
            checks.append(Check.at_most(f"{name} with weight decay: largest distance from ridge", off, 1e-4))
        with_box = trained("adamw", strong)
        L = np.linalg.cholesky(S).T
        box = lsq_linear(L, np.linalg.solve(L.T, b), (-1 / strong, 1 / strong), tol=1e-12).x
        other = np.linalg.solve(S + strong * np.eye(p), b)
        told["weight_decay/adamw"] = Estimate(strong)
        checks += [
            Check.at_most("AdamW: largest distance from least squares with |w_i| <= 1/λ",
                           float(np.abs(with_box - box).max()),
                          1e-2 / strong, source="arXiv:2404.04454"),
            Check.at_least("AdamW: largest distance from ridge", float(np.abs(with_box - other).max()), 0.1 / strong,
                           source=DECAY),
        ]  # fmt: skip
        return told, checks, {}

    def stopped(self, key: Any, rows: KnownRows):
        """The path of descent beside the closed form; excess errors over many data sets, by 1/(η t), beside ridge."""
        X, y, w = rows
        n, p = X.shape
        S, b = X.T @ X / n, X.T @ y / n
        eigenvalue, vector = np.linalg.eigh(S)
        rate = 0.5 / float(eigenvalue.max())
        optimizer = Optimizer("sgd", rate).transformation(200)
        along = np.asarray(jax.jit(lambda w: descend(optimizer, lambda w, _: S @ w - b, w, 200)[1])(jnp.zeros(p)))
        full = vector.T @ np.linalg.solve(S, b)
        exact = np.array([vector @ (linear_regression.early_stopping_shrinkage(eigenvalue, rate, t) * full)
                          for t in range(1, 201)])  # fmt: skip
        checks = [Check.at_most("descent: largest distance from 1 - (1 - ηs)^t of least squares, 200 steps",
                                float(np.abs(along - exact).max()), ROUND_OFF)]  # fmt: skip
        t = np.unique(np.geomspace(1, 600, 12).round()).astype(int)
        risk = self.stopped_risks(key, X, w, rate, t)
        curve = lambda t: stopped_risk(eigenvalue, vector.T @ w, rate, int(t), self.noise / n)  # noqa: E731
        ridge = lambda t: sum(linear_regression.ridge_bias_variance(X, w, 1 / (rate * t), self.noise))  # noqa: E731
        told = {f"risk/stopped_{k}": over_samples(column) for k, column in zip(t, risk.T, strict=True)}
        for k in t[[0, len(t) // 3, 2 * len(t) // 3, -1]]:
            of = f"risk/stopped_{k}"
            checks.append(held(f"excess error after {k} steps", of, told[of], curve(k),
                               "bias and variance of the shrinkage, exact"))  # fmt: skip
        # over directions of w, as in the paper
        mean_of = lambda f: np.array([np.mean([f(k, e) for e in np.eye(p)]) for k in t])  # noqa: E731
        flow = mean_of(lambda k, e: stopped_risk(eigenvalue, e, rate, int(k), self.noise / n))
        ridges = mean_of(
            lambda k, e: sum(linear_regression.ridge_bias_variance(X, vector @ e, 1 / (rate * k), self.noise))
        )
        checks.append(Check.at_most("risk of stopped descent by that of ridge with λ = 1/(ηt), largest",
                                    float((flow / ridges).max()), LEAST, source="arXiv:1810.10082"))  # fmt: skip
        dense = np.unique(np.geomspace(1, 600, 80).round()).astype(int)
        found = [list(told.values()), [Estimate(np.nan)] * len(t)]
        words = f"Excess error of gradient descent after t steps, and of ridge with λ = 1/(ηt), n = {n}, p = {p}."
        drawn = theory_curve("stopped", ("stopped descent", "ridge"), t, found, dense,
                             [[curve(k) for k in dense], [ridge(k) for k in dense]], caption=words,
                             xlabel="steps t", ylabel="excess error")  # fmt: skip
        return told, checks, drawn

    def stopped_risks(self, key: Any, X: np.ndarray, w: np.ndarray, rate: float, t: np.ndarray) -> np.ndarray:
        """|w_t - w|² of data sets with the same inputs, by descent itself."""
        S = X.T @ X / len(X)
        optimizer = Optimizer("sgd", rate).transformation(int(t[-1]))

        @jax.jit
        def all_samples(keys):
            def one(key):
                y = X @ w + self.noise**0.5 * jax.random.normal(key, (len(X),))
                b = X.T @ y / len(X)
                along = descend(optimizer, lambda v, _: S @ v - b, jnp.zeros(len(w)), int(t[-1]))[1]
                return jnp.sum((along[t - 1] - w[None]) ** 2, axis=1)

            return jax.lax.map(one, keys, batch_size=50)

        return np.asarray(all_samples(jax.random.split(key, self.samples)))

    def normalized(self, key: Any):
        """A layer W x, normalized over its batch, in 64 bits: W and 7 W, the gradient of a loss, steps of SGD."""
        key_x, key_W, key_y, key_v = jax.random.split(key, 4)
        x, W = jax.random.normal(key_x, (64, 5)), jax.random.normal(key_W, (3, 5))
        y, v = jax.random.normal(key_y, (64,)), jax.random.normal(key_v, (3,))
        layer = BatchNorm(3, epsilon=0.0, dtype=jnp.dtype("float64"))
        outputs = lambda W: jax.vmap(lambda x: layer(W @ x)[0], axis_name="batch")(x)  # noqa: E731
        gradient = jax.jit(jax.grad(lambda W: jnp.mean((jnp.tanh(outputs(W)) @ v - y) ** 2)))
        out, g = outputs(W), gradient(W)
        rate, steps = 0.1, 100
        along = np.asarray(descend(Optimizer("sgd", rate).transformation(steps), lambda W, _: gradient(W), W, steps)[1])
        path = np.concatenate([np.asarray(W)[None], along])
        moved = np.sum(np.diff(path, axis=0) ** 2, axis=(1, 2))
        size = np.sum(path**2, axis=(1, 2))
        off = {
            "outputs of W and of 7 W": jnp.abs(out - outputs(7 * W)).max(),
            "mean of outputs": jnp.abs(out.mean(axis=0)).max(),
            "variance of outputs less 1": jnp.abs(out.var(axis=0) - 1).max(),
            "cosine of each row of W and its gradient": jnp.abs(jnp.sum(g * W, axis=1) / jnp.linalg.norm(g) /
                                                                jnp.linalg.norm(W, axis=1)).max(),
            "gradient at W less 7 times that at 7 W": jnp.abs(g - 7 * gradient(7 * W)).max(),
            "growth of |W|² in a step of SGD less η² |g|²": np.abs(np.diff(size) - moved).max(),
        }  # fmt: skip
        checks = [Check.at_most(f"batch normalization: {law}, largest", float(a), ROUND_OFF, source="arXiv:1502.03167")
                  for law, a in off.items()]  # fmt: skip
        checks.append(
            Check.at_least("batch normalization: growth of |W|² over 100 steps", float(size[-1] / size[0] - 1), 1e-4)
        )
        return {"weight_growth/batch_norm": Estimate(float(size[-1] / size[0] - 1))}, checks, {}


def stopped_risk(eigenvalue: np.ndarray, component: np.ndarray, rate: float, t: int, noise: float) -> float:
    """Σ_i (1 - η s_i)^2t w_i² + (σ²/n) Σ_i [1 - (1 - η s_i)^t]²/s_i of gradient descent from 0; noise = σ²/n."""
    learned = linear_regression.early_stopping_shrinkage(eigenvalue, rate, t)
    return float(np.sum(((1 - learned) * component) ** 2) + noise * np.sum(learned**2 / eigenvalue))
