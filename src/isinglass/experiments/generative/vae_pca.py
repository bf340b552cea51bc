# SPDX-License-Identifier: Apache-2.0
"""Variational autoencoders beside their optimum: principal components where linear, quadrature with one latent."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from isinglass.errors import InputError
from isinglass.exact.field import phi4
from isinglass.exact.generative import probabilistic_pca as pca
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.generative.linear_autoencoders import (
    LinearVAE,
    NormalRows,
    fitted_autoencoder,
    fitted_vae,
    normal_rows,
    reconstruction_error,
)
from isinglass.nets.flow.rescaled import standardized_rows
from isinglass.nets.latent.gaussian_vae import GaussianVAE
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.sampling.objective.variational_bound import VariationalBound
from isinglass.systems.field.phi4 import Phi4
from isinglass.training.fit import fit
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training
from isinglass.verbs import approximate, sample

__all__ = ["VAEPCA"]

TIPPING = "Tipping and Bishop, doi:10.1111/1467-9868.00196"
LUCAS = "Lucas et al., arXiv:1911.02469"
BURDA = "Burda et al., arXiv:1509.00519"
USED = 1e-3  # nat of divergence from which a latent is used
STRONG = (6.0, 3.0, 1.5)  # variances of the strong directions
M2, LAM = -3.0, 1.0  # of the field
BOX, NODES = 4.0, 161  # of the plane


@dataclass(frozen=True)
class VAEPCA(AbstractExperiment):
    """Linear autoencoders, with weights β of the divergence; one latent of the plane; fields and digits."""

    name: ClassVar[str] = "vae-pca"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "autoencoders beside principal components; bounds beside the likelihood"
    rows: ClassVar[tuple[int, ...]] = (83, 119)
    paper: ClassVar[str] = "Kingma and Welling 2013, arXiv:1312.6114; Lucas et al. 2019, arXiv:1911.02469"
    claim: ClassVar[str] = (
        "a linear autoencoder has the error of principal components within 1e-6, a linear variational one the noise, "
        "subspace and likelihood of probabilistic components, and its bound is that likelihood; with weight β the "
        "closed form, with the latents that it prunes; bounds of k samples grow with k and stay below the likelihood"
    )
    guide: ClassVar[str] = "docs/latent_models.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"n": 500, "betas": (1.0, 5.0), "steps": 4000, "plane_steps": 600, "fields": 0, "digits": 0},
        "laptop": {},
        "paper": {"entries": 64, "n": 10_000, "field_steps": 20_000, "fields": 20_000},
    }
    least: ClassVar[dict[str, float]] = {"fields": 0, "digits": 0}

    entries: int = 16
    """Entries D of the normal rows."""
    n: int = 1000
    """Normal rows."""
    latent: int = 3
    """Latent variables of the linear models."""
    betas: tuple[float, ...] = (1.0, 2.5, 5.0)
    """Weights of the divergence."""
    bound_samples: tuple[int, ...] = (1, 4, 16, 64)
    """Samples k in the bounds."""
    steps: int = 6000
    """Steps of the linear models."""
    plane_steps: int = 3000
    """Steps of the model with one latent."""
    fields: int = 3000
    """Configurations of a phi^4 ring of 16 sites; 0: without."""
    field_steps: int = 3000
    """Steps of the model of fields, and of digits."""
    digits: int = 1
    """Handwritten digits too; 0: without."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Train, and hold each beside its optimum.  Errors: InputError for weights β with no optimum."""
        if not self.latent < self.entries or max(self.betas) * self.latent >= self.entries or 1.0 not in self.betas:
            fix = "choose smaller betas with 1 among them, fewer latents or more entries"
            raise InputError(f"β x latent below the {self.entries} entries", f"{max(self.betas) * self.latent:g}", fix)
        keys = jax.random.split(key, 6)
        seed = int(jax.random.randint(keys[0], (), 0, 2**31 - 1))
        rows = normal_rows(seed, self.n, self.entries, STRONG)
        estimates, checks, arrays, models = {}, [], {}, {}
        linear = f"linear/{max(self.betas):g}"
        parts = [("linear models", lambda: self.linear(keys[1], rows)),
                 ("bounds", lambda: self.bounds(keys[2], models[linear], rows.x[:500])),
                 ("one latent", lambda: self.plane(keys[3]))]  # fmt: skip
        if self.fields:
            parts.append(("fields", lambda: self.of_fields(keys[4])))
        if self.digits:
            parts.append(("digits", lambda: self.of_digits(keys[5])))
        for i, (what, part) in enumerate(parts):
            progress(i, len(parts), what)
            told = part()
            estimates |= told.estimates
            checks += told.checks
            arrays |= told.arrays.variables
            models |= told.models
        return Result(self.name, estimates=estimates, checks=checks, settings=asdict(self), models=models,
                      arrays=xr.Dataset(arrays), figures=["latent_spectrum", "bound_samples", "latent_curve"],
                      notes=[f"of {len(rows.x)} rows, beside the eigenvalues of their own covariance"])  # fmt: skip

    def linear(self, key: Any, rows: NormalRows) -> Result:
        """The autoencoder, and the variational one at each β."""
        keys = jax.random.split(key, 1 + len(self.betas))
        d, exact = self.latent, pca.reconstruction_error(rows.eigenvalues, self.latent)
        plain = fitted_autoencoder(keys[0], rows, d, self.steps)
        error, best = reconstruction_error(plain, rows), pca.maximum_likelihood(rows.covariance, d)[0]
        angle = pca.principal_angle(np.asarray(plain.decoder.layers[0].weight), best)
        told = {"reconstruction_error": Estimate(error)}
        checks = [Check.within("error of the linear autoencoder over that of principal components", error / exact, 1.0,
                               1e-6, source="Baldi and Hornik, doi:10.1016/0893-6080(89)90014-2"),
                  Check.at_most("angle of its space to that of principal components, rad", angle, 1e-3)]  # fmt: skip
        kls, expected, models = [], [], dict[str, Any](autoencoder=plain)
        for key_fit, beta in zip(keys[1:], self.betas, strict=True):
            found, want = fitted_vae(key_fit, rows, d, beta, self.steps), pca.linear_optimum(rows.eigenvalues, d, beta)
            told |= {f"objective/{beta:g}": Estimate(found.objective, None, "nat"),
                     f"noise_variance/{beta:g}": Estimate(found.noise)}  # fmt: skip
            checks += at_optimum(found, want, beta) + (at_likelihood(found, rows, d) if beta == 1 else [])
            kls.append(found.divergences)
            expected.append(np.sort(want.divergences))
            models[f"linear/{beta:g}"] = found.model
        arrays = xr.Dataset({"divergence": (("beta", "latent"), np.array(kls)),
                             "exact_divergence": (("beta", "latent"), np.array(expected)),
                             "beta": ("beta", list(self.betas)),
                             "eigenvalue": ("entry", rows.eigenvalues)})  # fmt: skip
        return Result("linear", told, checks, arrays, models)

    def bounds(self, key: Any, model: GaussianVAE, x: np.ndarray) -> Result:
        """Of the linear model of the largest β, with a q(z|x) that is no posterior: it is made twice as wide."""
        return self.beside("linear", key, widened(model), x, exact_linear(model, x))

    def plane(self, key: Any) -> Result:
        """Rows about an arc, one latent: ln p by quadrature."""
        keys = jax.random.split(key, 4)
        x = arc(keys[0], 4000)
        blank = GaussianVAE(key=keys[1], in_shape=(2,), latent=1, hidden=(32, 32))
        settings = Training(Optimizer("adam", 5e-3, "cosine", clip=1.0), steps=self.plane_steps, batch_size=256,
                            block=min(100, self.plane_steps))  # fmt: skip
        model = fit(keys[2], blank, VariationalBound(), (x[:3000],), settings=settings).model
        exact = quadrature(model, x[3000:])
        found = self.beside("plane", keys[3], model, x[3000:], exact)
        line = np.linspace(-BOX, BOX, NODES, dtype=np.float32)
        grid = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)
        log_p = quadrature(model, grid)
        total = float(np.exp(log_p).sum() * (line[1] - line[0]) ** 2)
        found.checks.append(Check.within("the density integrates to one", total, 1.0, 1e-3, source="quadrature"))
        z = np.linspace(-2.5, 2.5, 101, dtype=np.float32)[:, None]
        curve = np.asarray(jax.vmap(model.decode)(jnp.asarray(z)))
        found.arrays = found.arrays.assign(density=(("x", "y"), np.exp(log_p).reshape(NODES, NODES)), x=("x", line),
                                           y=("y", line), curve=(("node", "axis"), curve),
                                           row=(("some", "axis"), x[3000:3300]))  # fmt: skip
        found.models = {"plane": model}
        return found

    def beside(self, name: str, key: Any, model: GaussianVAE, x: np.ndarray, exact: np.ndarray) -> Result:
        """Bounds of k samples of each row, beside ln p: below it, growing with k."""
        keys = jax.random.split(key, len(self.bound_samples))
        found = [bounds_of(model, jnp.asarray(x), k, key) for k, key in zip(self.bound_samples, keys, strict=True)]
        gaps = [np.asarray(b, float) - exact for b in found]
        mean = [Estimate(float(g.mean()), float(g.std(ddof=1) / len(g) ** 0.5), "nat") for g in gaps]
        told = {f"bound_below/{name}/{k}": e for k, e in zip(self.bound_samples, mean, strict=True)}
        told[f"log_likelihood/{name}"] = Estimate(float(exact.mean()), float(exact.std(ddof=1) / len(x) ** 0.5), "nat")
        checks = [
            Check.at_most(
                f"bound of {k} samples, above ln p ({name}), nat",
                e.value,
                0.0,
                tolerance=4 * (e.error or 0),
                error=e.error,
                source=BURDA,
                of=f"bound_below/{name}/{k}",
            )
            for k, e in zip(self.bound_samples, mean, strict=True)
        ]
        for k, less, more in zip(self.bound_samples[1:], gaps, gaps[1:], strict=False):
            grown = more - less
            error = float(grown.std(ddof=1) / len(grown) ** 0.5)
            checks.append(
                Check.at_least(
                    f"bound of {k} samples, above that of fewer ({name}), nat",
                    float(grown.mean()),
                    0.0,
                    tolerance=4 * error,
                    error=error,
                    source=BURDA,
                )
            )
        last = mean[-1]
        checks.append(
            Check.within(
                f"bound of {self.bound_samples[-1]} samples ({name}), off ln p, nat",
                last.value,
                0.0,
                0.1,
                error=last.error,
                of=f"bound_below/{name}/{self.bound_samples[-1]}",
            ).resolved()
        )
        arrays = xr.Dataset(
            {
                f"{name}_bound": ("k", [e.value for e in mean]),
                f"{name}_bound_error": ("k", [e.error for e in mean]),
                "k": ("k", list(self.bound_samples)),
            }
        )
        return Result(name, told, checks, arrays)

    def of_fields(self, key: Any) -> Result:
        """A ring of 16 sites in its ordered phase, whose ln p is known: the bound is below it, and above a Gaussian."""
        keys, ring = jax.random.split(key, 2), Phi4((16,), m2=M2, lam=LAM)
        drawn = sample(keys[0], ring, samples=self.fields, chains=min(500, self.fields), thin=5, progress=False)
        x, chain = drawn.arrays["configurations"].to_numpy(), drawn.arrays["chain"].to_numpy()
        found = approximate(keys[1], x, method="vae", chain=chain, steps=self.field_steps, latent=8, progress=False)
        exact = phi4.chain(16, J=2.0, r=M2 + 2, lam=LAM).moments.log_Z
        held = found.arrays["held_out"].to_numpy()
        log_p = -np.asarray(jax.vmap(ring.energy)(jnp.asarray(held, float))) - exact
        most = Estimate(float(log_p.mean()), float(log_p.std(ddof=1) / len(log_p) ** 0.5), "nat")
        model, gain = found.models["density"], found.estimates["log_likelihood_gain"]
        z = standardized_rows(model.units, held)
        slope = np.asarray(jax.vmap(model.units.log_slope)(z), float)
        gap = np.asarray(bounds_of(model.base, z, max(self.bound_samples), keys[1]), float) - slope - log_p
        below = Estimate(float(gap.mean()), float(gap.std(ddof=1) / len(gap) ** 0.5), "nat")
        told = {"bound_below/fields": below, "log_likelihood/fields_exact": most, "gain/fields": gain}
        checks = [
            Check.at_most("bound of unseen fields, above their exact ln p, nat", below.value, 0.0,
                          tolerance=4 * (below.error or 0), error=below.error, source="transfer operator",
                          of="bound_below/fields"),
            Check.at_least("bound of unseen fields, above a Gaussian fit, nat", gain.value, 0.0, error=gain.error,
                           of="gain/fields").resolved(),
        ]  # fmt: skip
        return Result("fields", told, checks, models={"fields": found.models["density"]})

    def of_digits(self, key: Any) -> Result:
        """8 x 8 pixels of 16 levels, with uniform noise of one level, in random order."""
        from sklearn.datasets import load_digits

        images = load_digits().images
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
        x = (images + rng.random(images.shape))[rng.permutation(len(images))]
        found = approximate(key, x, method="vae", steps=self.field_steps, width=128, progress=False)
        gain = found.estimates["log_likelihood_gain"]
        told = {"log_likelihood/digits": found.estimates["log_likelihood"], "gain/digits": gain,
                "latents_used/digits": found.estimates["latents_used"]}  # fmt: skip
        checks = [Check.at_least("bound of unseen digits, above a Gaussian fit, nat", gain.value, 0.0, error=gain.error,
                                 of="gain/digits").resolved()]  # fmt: skip
        return Result("digits", told, checks, models={"digits": found.models["density"]})


def at_optimum(found: LinearVAE, want: pca.LinearOptimum, beta: float) -> list[Check]:
    """Objective, noise and latents of a linear model beside the closed form."""
    at, off = f"at β = {beta:g}", float(np.abs(found.divergences.sum() - want.divergences.sum()))
    used, source = int((found.divergences > USED).sum()), TIPPING if beta == 1 else LUCAS
    return [
        Check.within(f"objective {at}, nat", found.objective, want.objective, 1e-4, of=f"objective/{beta:g}",
                     source=source),
        Check.within(f"noise σ² {at} over its optimum", found.noise / want.noise, 1.0, 1e-3, source=source),
        Check.within(f"latents in use {at}", used, want.active, 0.0, source=source),
        Check.at_most(f"divergence of the latents {at}, off its optimum, nat", off, 0.01, source=source),
    ]  # fmt: skip


def at_likelihood(found: LinearVAE, rows: NormalRows, d: int) -> list[Check]:
    """At β = 1: the likelihood of probabilistic components, its bound, its space."""
    best, noise = pca.maximum_likelihood(rows.covariance, d)
    most = pca.log_likelihood(rows.covariance, best, noise)
    gap, angle = found.objective - found.log_likelihood, pca.principal_angle(found.weights, best)
    return [
        Check.within("log likelihood of the linear model, at β = 1, nat", found.log_likelihood, most, 1e-4,
                     source=TIPPING),
        Check.within("its bound, off that log likelihood, nat", gap, 0.0, 1e-4, source=TIPPING),
        Check.at_most("angle of its space to that of principal components, rad", angle, 0.01, source=TIPPING),
    ]  # fmt: skip


def widened(model: GaussianVAE) -> GaussianVAE:
    """The same with a q(z|x) twice as wide as that it was trained to have."""
    bias = model.encoder.layers[0].bias
    assert bias is not None  # noqa: S101
    return eqx.tree_at(lambda m: m.encoder.layers[0].bias, model, bias.at[model.latent :].add(np.log(2.0)))


def exact_linear(model: GaussianVAE, x: np.ndarray) -> np.ndarray:
    """ln N(x; m, WWᵀ + σ²) of each row."""
    from scipy.stats import multivariate_normal

    layer = model.decoder.layers[0]
    W = np.asarray(layer.weight)
    C = W @ W.T + float(np.exp(2 * model.log_noise)) * np.eye(len(W))
    return multivariate_normal.logpdf(x, np.asarray(layer.bias), C)


@eqx.filter_jit
def bounds_of(model: GaussianVAE, x: Any, k: int, key: Any) -> Any:
    """The bound of k samples of each row."""
    return jax.lax.map(
        lambda a: model.bound(a[0], a[1], k), (jax.random.split(key, len(x)), x), batch_size=min(64, len(x))
    )


def quadrature(model: GaussianVAE, x: np.ndarray) -> np.ndarray:
    """ln p of each row."""
    each = jax.jit(lambda x: jax.lax.map(model.log_prob_by_quadrature, x, batch_size=min(512, len(x))))
    return np.asarray(each(jnp.asarray(x)), float)


def arc(key: Any, n: int) -> np.ndarray:
    """n rows 2 (cos θ, sin θ) + 0.15 ξ, θ = 1.2 times a normal number."""
    angle, noise = jax.random.split(key)
    theta = 1.2 * jax.random.normal(angle, (n,), jnp.float32)
    x = 2 * jnp.stack([jnp.cos(theta), jnp.sin(theta)], axis=1)
    return np.asarray(x + 0.15 * jax.random.normal(noise, x.shape, jnp.float32))
